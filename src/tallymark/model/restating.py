"""Figures carried to the units of another day: along splits and merges, forward and back, by weights."""

from __future__ import annotations

import datetime as dt
import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tallymark.errors import AssessmentError
from tallymark.model.changes import Change
from tallymark.model.unit_tree import EPOCH, Tree, above, day_number, last_days_of, months_of

Parts = tuple[tuple[int, float], ...]
"""Units and the part of the figures that each takes; the parts add to 1."""


@dataclass(slots=True)
class Flows:
    """For each unit that changes touched: the days, and where its figures go (out) or came from (back).

    Parts are None where the declared changes do not say.
    """

    out: dict[int, list[tuple[int, Parts]]] = field(default_factory=lambda: defaultdict(list))
    back: dict[int, list[tuple[int, Parts | None]]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Journey:
    """Along what, and to which day, figures are carried."""

    flows: Flows
    tree: Tree
    codes: Sequence[str]
    day: int


@dataclass(frozen=True, slots=True)
class Carried:
    """Rows of figures carried: unit, successor, first and last month, weight."""

    unit: list[int] = field(default_factory=list)
    successor: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)


def flows_of(changes: Sequence[Change], index: Mapping[str, int], tree: Tree) -> Flows:
    """Where figures go and come from at each change, in order of date.

    Back: a unit with one predecessor gives it everything, so that the parts of a split add up to the whole
    again. One with several gives each its declared `of_weights`, and is not determined without them.
    """
    flows = Flows()
    sources: dict[tuple[int, int], list[tuple[Change, int, float | None]]] = defaultdict(list)
    for change in changes:
        day, shared = day_number(change.date), len(change.to) == 1
        parts = tuple((index[share.unit], share.weight) for share in change.to if share.weight)
        for place, code in enumerate(change.of if change.kind != "move" else ()):
            flows.out[index[code]].append((day, parts))
            weight = change.of_weights[place] if change.of_weights and shared else None
            for share in change.to:
                sources[day, index[share.unit]].append((change, index[code], weight))
    for (day, heir), came in sorted(sources.items(), key=lambda item: item[0]):
        goes_on = tree.opened[heir] < day and all(unit != heir for _, unit, _ in came)
        flows.back[heir].append((day, _backward(came, goes_on=goes_on)))
    return flows


def _backward(came: Sequence[tuple[Change, int, float | None]], *, goes_on: bool) -> Parts | None:
    """Predecessors and their parts; None when they cannot be told apart."""
    if len(came) == 1 and not goes_on:
        return ((came[0][1], 1.0),)
    one_change = all(change is came[0][0] for change, _, _ in came)
    if goes_on or not one_change or any(weight is None for _, _, weight in came):
        return None
    return tuple((unit, weight) for _, unit, weight in came if weight)


def carried(to: Journey, first_month: int, last_month: int) -> Carried:
    """Rows for the units that changes touched or that do not stand on the day; all others keep their figures.

    Errors: AssessmentError names a merge that would have to be undone without declared weights.
    """
    found = Carried()
    touched = to.flows.out.keys() | to.flows.back.keys()
    for unit in sorted(touched | set(np.flatnonzero(~to.tree.standing(to.day)).tolist())):
        rows = [
            (first, last, _placed(to, unit, first, last))
            for first, last in _stretches(to, unit, first_month, last_month)
        ]
        for first, last, parts in _joined(rows):
            for successor, weight in parts:
                found.unit.append(unit)
                found.successor.append(successor)
                found.first.append(first)
                found.last.append(last)
                found.weight.append(weight)
    return found


def _joined(rows: Sequence[tuple[int, int, Parts]]) -> Iterator[tuple[int, int, Parts]]:
    """Rows in order, with neighbours that go to the same units made one."""
    held: tuple[int, int, Parts] | None = None
    for first, last, parts in rows:
        if held and held[2] == parts:
            held = (held[0], last, parts)
            continue
        if held:
            yield held
        held = (first, last, parts)
    if held:
        yield held


def _stretches(to: Journey, unit: int, first_month: int, last_month: int) -> Iterator[tuple[int, int]]:
    """The unit's months, cut where a change touches it; the month of a change it survives comes after."""
    opened, closed = int(to.tree.opened[unit]), int(to.tree.closed[unit])
    low, high = (int(month) for month in months_of(np.array([opened, closed - 1])))
    turns = [day for day, _ in [*to.flows.out.get(unit, ()), *to.flows.back.get(unit, ())]]
    cuts = {int(month) for month in months_of(np.array(turns, dtype=np.int64))}
    starts = sorted({low, *(month for month in cuts if low < month <= high)})
    for first, following in zip(starts, [*starts[1:], high + 1], strict=True):
        first, last = max(first, first_month), min(following - 1, last_month)
        if first <= last:
            yield first, last


def _placed(to: Journey, unit: int, first_month: int, last_month: int) -> Parts:
    """Where the figures of a stretch of months without changes of the unit go."""
    ends = last_days_of(np.array([first_month, last_month], dtype=np.int64))
    first, last = (int(end) for end in np.minimum(ends, to.tree.closed[unit] - 1))
    if last <= to.day:
        return _forward(to, unit, last)
    if first > to.day:
        return _back(to, unit, first)
    return ((unit, 1.0),)


def _forward(to: Journey, unit: int, since: int) -> Parts:
    """Follows figures of `since` on to the day, earliest first; each step is later, or higher that day.

    A unit that ceased without successor hands its figures to the unit it stood under; at the top it keeps
    them.
    """
    pending, waiting, placed = [(since, unit)], {(since, unit): 1.0}, dict[int, float]()
    while pending:
        at = heapq.heappop(pending)
        weight = waiting.pop(at, None)
        if weight is None:
            continue
        now, unit = at
        events = to.flows.out.get(unit, [])
        step = bisect_right(events, now, key=lambda event: event[0])
        onward: list[tuple[tuple[int, int], float]] = []
        if step < len(events) and events[step][0] <= to.day:
            onward = [((events[step][0], heir), part) for heir, part in events[step][1]]
        elif to.tree.closed[unit] <= to.day:
            eve = int(to.tree.closed[unit]) - 1
            higher = above(to.tree, unit, eve)
            onward = [((eve, higher), 1.0)] if higher is not None else []
        if not onward:
            placed[unit] = placed.get(unit, 0.0) + weight
        for key, part in onward:
            waiting[key] = waiting.get(key, 0.0) + weight * part
            heapq.heappush(pending, key)
    return tuple(sorted(placed.items()))


def _back(to: Journey, unit: int, since: int) -> Parts:
    """Follows figures of `since` back to the day, latest first.

    A unit that began without predecessor hands its figures to the unit it came to stand under.
    """
    pending, waiting, placed = [(-since, unit)], {(-since, unit): 1.0}, dict[int, float]()
    while pending:
        at = heapq.heappop(pending)
        weight = waiting.pop(at, None)
        if weight is None:
            continue
        now, unit = -at[0], at[1]
        events = to.flows.back.get(unit, [])
        step = bisect_right(events, now, key=lambda event: event[0]) - 1
        onward: list[tuple[tuple[int, int], float]] = []
        if step >= 0 and events[step][0] > to.day:
            changed, parts = events[step]
            if parts is None:
                raise _undetermined(to.codes[unit], changed, to.day)
            onward = [((1 - changed, source), part) for source, part in parts]
        elif to.tree.opened[unit] > to.day:
            opened = int(to.tree.opened[unit])
            higher = above(to.tree, unit, opened)
            onward = [((-opened, higher), 1.0)] if higher is not None else []
        if not onward:
            placed[unit] = placed.get(unit, 0.0) + weight
        for key, part in onward:
            waiting[key] = waiting.get(key, 0.0) + weight * part
            heapq.heappush(pending, key)
    return tuple(sorted(placed.items()))


def _undetermined(unit: str, changed: int, day: int) -> AssessmentError:
    date, wanted = (dt.date.fromordinal(number + EPOCH) for number in (changed, day))
    return AssessmentError(
        f"figures of “{unit}” since {date} cannot be carried back to the units of {wanted}: they came "
        f"together on {date} and no shares are declared; give that merge `of_weights`, or restate to that "
        "day or a later one"
    )
