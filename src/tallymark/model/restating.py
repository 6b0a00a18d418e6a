"""Figures carried to the units of another day: along splits and merges, forward and back, by weights."""

from __future__ import annotations

import datetime as dt
import heapq
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tallymark.errors import AssessmentError
from tallymark.model.changes import Change
from tallymark.model.unit_tree import EPOCH, Tree, above, day_number, last_days_of, months_of

Parts = tuple[tuple[int, float], ...]
"""Units and the part of the figures that each takes; the parts add to 1."""

Moment = tuple[int, int]
"""A day (counted backwards on the way back) and a unit."""

Steps = list[tuple[Moment, float]]
"""Where figures go next, with the part of them that goes there."""


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
        if held and _alike(held[2], parts):
            held = (held[0], last, parts)
            continue
        if held:
            yield held
        held = (first, last, parts)
    if held:
        yield held


def _alike(one: Parts, other: Parts) -> bool:
    """Whether two distributions are the same but for rounding, which depends on the order of the units."""
    return len(one) == len(other) and all(
        a[0] == b[0] and math.isclose(a[1], b[1]) for a, b in zip(one, other, strict=True)
    )


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
        return _followed((last, unit), lambda at: _next(to, *at))
    if first > to.day:
        return _followed((-first, unit), lambda at: _previous(to, *at))
    return ((unit, 1.0),)


def _followed(start: Moment, onward: Callable[[Moment], Steps]) -> Parts:
    """Where everything ends up that sets out at a moment, the earliest moment first.

    Each step leads to a later moment, or to a unit higher up at the same one, so that it comes to an end.
    """
    pending, waiting, placed = [start], {start: 1.0}, dict[int, float]()
    while pending:
        at = heapq.heappop(pending)
        weight = waiting.pop(at, None)
        if weight is None:  # came twice, and was followed with the first
            continue
        steps = onward(at)
        if not steps:
            placed[at[1]] = placed.get(at[1], 0.0) + weight
        for then, part in steps:
            waiting[then] = waiting.get(then, 0.0) + weight * part
            heapq.heappush(pending, then)
    return tuple(sorted(placed.items())) if len(placed) > 1 else tuple((unit, 1.0) for unit in placed)


def _next(to: Journey, now: int, unit: int) -> Steps:
    """Where figures go from a moment: along the next change, or up when the unit ceases; nowhere at the day."""
    events = to.flows.out.get(unit, [])
    step = bisect_right(events, now, key=lambda event: event[0])
    if step < len(events) and events[step][0] <= to.day:
        return [((events[step][0], heir), part) for heir, part in events[step][1]]
    closed = int(to.tree.closed[unit])
    higher = above(to.tree, unit, closed - 1) if closed <= to.day else None
    return [] if higher is None else [((closed - 1, higher), 1.0)]


def _previous(to: Journey, before: int, unit: int) -> Steps:
    """Where figures came from, days counted backwards: along the last change, or up where the unit began."""
    events = to.flows.back.get(unit, [])
    step = bisect_right(events, -before, key=lambda event: event[0]) - 1
    if step >= 0 and events[step][0] > to.day:
        changed, parts = events[step]
        if parts is None:
            raise _undetermined(to.codes[unit], changed, to.day)
        return [((1 - changed, source), part) for source, part in parts]
    opened = int(to.tree.opened[unit])
    higher = above(to.tree, unit, opened) if opened > to.day else None
    return [] if higher is None else [((-opened, higher), 1.0)]


def _undetermined(unit: str, changed: int, day: int) -> AssessmentError:
    date, wanted = (dt.date.fromordinal(number + EPOCH) for number in (changed, day))
    return AssessmentError(
        f"figures of “{unit}” since {date} cannot be carried back to the units of {wanted}: they came "
        f"together on {date} and no shares are declared; give that merge `of_weights`, or restate to that "
        "day or a later one"
    )
