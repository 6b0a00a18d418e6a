"""Which cells are at risk: small counts, small differences from the whole, and what rests on few people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tallymark.programme.resolved import Programme
from tallymark.publish.release.cells import Cells, Floats, Ints, Mask
from tallymark.publish.release.people import ROWS, Key, impossible, key_of, within

Pairs = npt.NDArray[np.int64]
EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Risk:
    """Cells at risk by themselves, by reason; and pairs (part, whole) of cells of which the part is never the larger."""

    small: Mask
    """1 to one less than the fewest published (0, too, where the rule says so)."""
    difference: Mask
    """All but a few of the whole."""
    within: Pairs

    @property
    def any(self) -> Mask:
        return self.small | self.difference


def at_risk(cells: Cells, programme: Programme, pairs: Pairs | None = None) -> Risk:
    """The cells at risk by the programme's rule; `pairs` of parts and wholes are looked for where not given."""
    rule = programme.disclosure
    few = _few(cells.value, rule.fewest)
    never = np.array([impossible(key) for key in cells.keys], np.bool_)[cells.key]
    small = few | ((cells.value == 0) & rule.zeros & ~never)
    added = np.array([key.quantity.startswith("sum ") for key in cells.keys])
    if len(cells) and added.any():
        small = np.where(added[cells.key], _rests_on_few(cells, few), small)
    pairs = _pairs(cells, programme) if pairs is None else pairs
    part, whole = pairs.T
    left = _few(cells.value[whole] - cells.value[part], rule.fewest) & (cells.value[part] > 0)
    difference = np.zeros(len(cells), np.bool_)
    difference[part[left]] = True
    return Risk(small, difference & ~small, pairs)


def _few(counts: Floats, fewest: int) -> Mask:
    return np.asarray((counts > EXACT) & (counts < fewest - EXACT))


def _rests_on_few(cells: Cells, few: Mask) -> Mask:
    """Sums over rows rest on as many people as there are rows under the same conditions, or under one more."""
    found = np.zeros(len(cells), np.bool_)
    numbers = {key: at for at, key in enumerate(cells.keys)}
    for at, key in enumerate(cells.keys):
        if not key.quantity.startswith("sum "):
            continue
        own = np.flatnonzero(cells.key == at)
        for other in _counted_by(key, numbers):
            place = cells.find(cells.code(np.full(len(own), other), cells.unit[own], cells.period[own]))
            found[own[(place >= 0) & few[place]]] = True
    return found


def _counted_by(key: Key, numbers: dict[Key, int]) -> Iterable[int]:
    column = key.quantity.removeprefix("sum ")
    for more in (frozenset[str](), frozenset({f"NOT {column} IS NULL"})):
        number = numbers.get(Key(key.dataset, ROWS, key.conditions | more))
        if number is not None:
            yield number


def _pairs(cells: Cells, programme: Programme) -> Pairs:
    """Cells of the same unit and period of which one counts a part of the other."""
    numbers = {key: at for at, key in enumerate(cells.keys)}
    wanted = set(within(numbers)) | set(_shares(cells, programme, numbers))
    found = [_met(cells, part, whole) for part, whole in sorted(wanted)]
    return np.concatenate([np.empty((0, 2), np.int64), *found])


def _shares(cells: Cells, programme: Programme, numbers: dict[Key, int]) -> Iterable[tuple[int, int]]:
    """Numerator and denominator of indicators that are shares, in total and by every group."""
    groups = {
        (measure.dataset.name, condition)
        for key, measure in zip(cells.keys, cells.measures, strict=True)
        for condition in key.conditions
    }
    for indicator in programme.indicators.values():
        if indicator.denominator is None:
            continue
        above, below = (
            programme.measures.get(part.text.strip()) for part in (indicator.numerator, indicator.denominator)
        )
        if above is None or below is None or above.dataset.name != below.dataset.name:
            continue
        one, other = key_of(above, "", ""), key_of(below, "", "")
        for more in [frozenset[str](), *(frozenset({c}) for name, c in groups if name == one.dataset)]:
            part = numbers.get(Key(one.dataset, one.quantity, one.conditions | more))
            whole = numbers.get(Key(other.dataset, other.quantity, other.conditions | more))
            if part is not None and whole is not None and part != whole and "sum " not in one.quantity:
                yield part, whole


def _met(cells: Cells, part: int, whole: int) -> Pairs:
    """Pairs of cells of two keys; none when the part is anywhere larger than the whole, as it is then no part."""
    own: Ints = np.flatnonzero(cells.key == part)
    place = cells.find(cells.code(np.full(len(own), whole), cells.unit[own], cells.period[own]))
    own, place = own[place >= 0], place[place >= 0]
    if (cells.value[own] > cells.value[place] + EXACT).any():
        return np.empty((0, 2), np.int64)
    return np.stack([own, place], axis=1)
