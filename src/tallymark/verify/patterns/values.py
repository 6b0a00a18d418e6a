"""Single values that do not fit their series: too high, too low, a slipped decimal, a 0 that may stand for nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tallymark.statistics import count_tails
from tallymark.verify.patterns.expected import Expected, Tails
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.mistyped import Figures, mistyped
from tallymark.verify.patterns.odd import POINT, Bearable, Odd, bound
from tallymark.verify.patterns.parts import Fit
from tallymark.verify.patterns.shares import fisher

Floats = NDArray[np.float64]
SLIPS = (10.0, 0.1, 100.0, 0.01, 1000.0)
FITS, BACK = 0.02, 0.3
"""How well a repaired value must fit; better where a 0 would have to be put back, which only every tenth figure has."""
LEAST = 2.0
"""A value nearer than this to what is expected is nobody's business."""
TIMES = 1.4
SCREENED = 5e-3
"""What is less surprising is not looked at."""
ROW_ITEMS = 3


def odd_values(
    grid: Grid,
    expected: Mapping[str, Expected],
    fits: Sequence[Fit] = (),
    *,
    bear: Bearable,
    without: Collection[str] = (),
) -> Iterator[Odd]:
    """Values too high or too low for their unit and time, told as what they look like.

    A part is left to its whole, which says more about it than its own past. A whole counts together with the
    share of its part: a mistyped whole leaves the part behind, a busy or a quiet month does not. Of what is rare those
    are told that are much likelier if they were mistyped.
    """
    names = [name for name in grid.items if name in expected and name not in without]
    tails = {name: expected[name].tails(grid.item(name)) for name in names}
    for high, test in ((False, "low"), (True, "high")):
        found = [
            _in_pairs(_surprising(grid, name, expected[name], tails[name].side(high), high), name, fits, high)
            for name in names
        ]
        if not found:
            return
        cells = [np.argwhere(chance <= SCREENED) for chance in found]
        likelier = [
            mistyped(_figures(grid, name, expected[name], fits, cell), high=high) / _wide(name, tails, fits, high) ** 2
            for name, cell in zip(names, cells, strict=True)
        ]  # fmt: skip
        tests = sum(int(np.isfinite(each).sum()) for each in found)
        ratios = np.concatenate(likelier)
        taken = bear.taken(test, bound(ratios), tests=tests, surest=POINT)
        chances = np.concatenate([each[each <= SCREENED] for each in found])
        where = [
            (unit, slot, name)
            for name, cell in zip(names, cells, strict=True)
            for unit, slot in cell.tolist()
        ]
        for at in np.flatnonzero(taken).tolist():
            unit, slot, name = where[at]
            cell = unit, slot, grid.items.index(name)
            yield _told(grid, expected[name], cell, (float(chances[at]), float(ratios[at])))


def _surprising(grid: Grid, name: str, expected: Expected, chance: Floats, high: bool) -> Floats:
    """Chances of so low or so high values; 1 where it is nobody's business, NaN where none could be."""
    counts = grid.item(name)
    mean, extra = np.maximum(expected.mean, 1e-9), np.maximum(expected.dispersion, 1e-9)
    chance = np.where(grid.told[None, :], chance, np.nan)
    if not high:  # where even a 0 is no surprise nothing is tested
        chance = np.where((1 + extra * mean) ** (-1 / extra) / 2 > SCREENED, np.nan, chance)
    apart = np.abs(counts - mean) >= LEAST
    times = np.maximum((counts + 1) / (mean + 1), (mean + 1) / (counts + 1)) >= TIMES
    return np.where(apart & times | ~np.isfinite(chance), chance, 1.0)


def _in_pairs(chance: Floats, name: str, fits: Sequence[Fit], high: bool) -> Floats:
    """Chances with what the figures that belong to it say."""
    for fit in fits:
        known = np.isfinite(fit.pair.x)
        if fit.pair.share.part == name:
            chance = np.where(known | fit.empty, np.nan, chance)
        elif fit.pair.share.of == name:
            part = np.where(known, fit.tails.side(not high), 1.0)
            both = fisher(np.where(known, chance, 1.0), part)
            return np.where(known & (chance < 1), both, chance)
    return chance


def _figures(
    grid: Grid, name: str, expected: Expected, fits: Sequence[Fit], cells: NDArray[np.int64]
) -> Figures:
    at = cells[:, 0], cells[:, 1]
    none = np.full(len(cells), np.nan)
    of = next((fit for fit in fits if fit.pair.share.of == name), None)
    part, a, b = (none, none, none) if of is None else (of.pair.x[at], of.a[at], of.b[at])
    mean, dispersion = np.maximum(expected.mean[at], 1e-9), expected.dispersion[at]
    return Figures(grid.item(name)[at], mean, dispersion, part, a, b)


def _wide(name: str, tails: Mapping[str, Tails], fits: Sequence[Fit], high: bool) -> float:
    """How much farther than the model grants the item's figures stray, or the shares of its part."""
    of = next((fit.tails.wide[not high] for fit in fits if fit.pair.share.of == name), 1.0)
    return max(tails[name].wide[high], of, 1.0)


def _told(grid: Grid, expected: Expected, cell: tuple[int, int, int], how: tuple[float, float]) -> Odd:
    (unit, slot, item), (p, ratio) = cell, how
    value, mean = float(grid.values[cell]), float(expected.mean[unit, slot])
    factor = slip_of(value, mean, float(expected.dispersion[unit, slot]))
    kind = "slipped" if factor else "zero" if value == 0 else "high" if value > mean else "low"
    values = {"value": value, "expected": mean, "times": value / mean if mean else np.inf,
              "likelier": float(np.exp(min(ratio, 60.0)))}  # fmt: skip
    if factor:
        values |= {"factor": factor, "repaired": value / factor}
    return Odd(
        kind,
        grid.dataset,
        grid.units[unit],
        grid.slots[slot],
        grid.items[item],
        p,
        (value + 1) / (mean + 1),
        values,
        (grid.slots[slot],),
    )


def slip_of(value: float, mean: float, dispersion: float) -> float | None:
    """By which power of ten a value must be divided to fit what is expected; None when none makes it fit."""
    best, most = None, FITS
    for factor in SLIPS:
        repaired = value / factor
        if (
            value <= 0
            or repaired < 0.5
            or (abs(repaired - round(repaired)) > 1e-9 * max(repaired, 1) and factor > 1)
        ):
            continue
        low, high = count_tails(repaired, mean, dispersion=dispersion)
        fit = float(2 * min(low, high))
        if fit > (most if factor > 1 else max(most, BACK)):
            best, most = factor, fit
    return best


def empty_rows(grid: Grid, expected: Mapping[str, Expected], *, bear: Bearable) -> Iterator[Odd]:
    """Reports in which every figure is 0 although the unit usually has something to report."""
    known = np.isfinite(grid.values)
    all_zero = (known.sum(axis=2) >= ROW_ITEMS) & (np.where(known, grid.values, 0.0) == 0).all(axis=2)
    rows = np.argwhere(all_zero & grid.told[None, :])
    if not len(rows):
        return
    logs, usual = np.zeros(len(rows)), np.zeros(len(rows))
    for name, said in expected.items():
        if said.intermittent:
            continue
        mean, extra = said.mean[rows[:, 0], rows[:, 1]], said.dispersion[rows[:, 0], rows[:, 1]]
        low, _ = count_tails(np.zeros(len(rows)), mean, dispersion=extra)
        here = known[rows[:, 0], rows[:, 1], grid.items.index(name)]
        logs += np.where(
            here & np.isfinite(low), np.log(np.maximum(np.nan_to_num(low, nan=1.0), 1e-300)), 0.0
        )
        usual += np.where(here, np.nan_to_num(mean), 0.0)
    # Items of one report go together: a month without anybody empties all of them.
    chance = np.exp(logs / 2)
    for at in np.flatnonzero(bear.taken("zeros", chance, tests=int(known.any(axis=2).sum()))):
        unit, slot = rows[at]
        values = {"items": int(known[unit, slot].sum()), "expected": float(usual[at])}
        code = grid.slots[slot]
        yield Odd(
            "zeros",
            grid.dataset,
            grid.units[unit],
            code,
            "",
            float(chance[at]),
            float(usual[at]),
            values,
            (code,),
        )
