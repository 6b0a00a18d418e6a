"""How long periods are made of short ones: each from the longest parts that fill it, so that little is added twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallymark.engine.interface import Engine
from tallymark.measure.leaves import pair_table
from tallymark.measure.plan import Strand


@dataclass(frozen=True, slots=True)
class Step:
    """How periods of one frequency are made: from slots, or from the periods of an earlier step."""

    source: int | None
    pairs: tuple[tuple[int, int], ...]
    """(period, slot or period that is a part of it)."""


def steps_over_time(strand: Strand, frequencies: Sequence[str]) -> tuple[Step, ...]:
    """Steps from short periods to long ones, each from the longest parts that fill its periods without rest.

    frequencies: of all periods, by number.
    """
    single, slots = single_periods(strand), defaultdict[int, set[int]](set)
    for period, slot in strand.spans:
        if period not in single:
            slots[period].add(slot)
    groups = defaultdict[str, list[int]](list)
    for period in slots:
        groups[frequencies[period]].append(period)
    steps: list[Step] = []
    members: list[list[int]] = []
    for group in sorted(groups.values(), key=lambda periods: (len(slots[periods[0]]), periods)):
        made = None
        for at in reversed(range(len(steps))):
            made = _parts(group, members[at], slots)
            if made is not None:
                steps.append(Step(at, made))
                break
        if made is None:
            steps.append(
                Step(None, tuple((period, slot) for period in group for slot in sorted(slots[period])))
            )
        members.append(group)
    return tuple(steps)


def _parts(
    periods: Sequence[int], parts: Sequence[int], slots: Mapping[int, set[int]]
) -> tuple[tuple[int, int], ...] | None:
    """Periods with the parts that fill each exactly; None when some are not filled."""
    found = []
    for period in periods:
        inside = [part for part in parts if slots[part] <= slots[period]]
        if sum(len(slots[part]) for part in inside) != len(slots[period]):
            return None
        found += [(period, part) for part in inside]
    return tuple(found)


def load_steps(engine: Engine, strand: Strand, steps: Sequence[Step]) -> None:
    """Tables of the steps over time: which shorter parts make up which periods."""
    single = tuple(pair for pair in strand.spans if pair[0] in single_periods(strand))
    engine.load(f"{strand.prefix}_single", pair_table(("period", "piece"), single))
    for at, step in enumerate(steps):
        engine.load(f"{strand.prefix}_step{at}", pair_table(("period", "piece"), step.pairs))


def single_periods(strand: Strand) -> set[int]:
    """Periods of one slot: their figures are the slot's."""
    slots = Counter(period for period, _ in strand.spans)
    return {period for period, number in slots.items() if number == 1}
