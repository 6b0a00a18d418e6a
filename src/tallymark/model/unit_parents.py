"""Rows and changes together → who stands under whom when, as arrays, with what is left hanging."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tallymark.findings import Finding, Severity
from tallymark.model.changes import Change, ceasing
from tallymark.model.unit_rows import UnitRows, where_written, wrong
from tallymark.model.unit_tree import FIRST_DAY, LAST_DAY, Bools, Ints, Tree, day_number

MOST_NAMED = 5
"""Units that one message names before it says that there are more."""


@dataclass(slots=True)
class _Standing:
    """Who stands under whom at a moment, as changes are gone through, and every turn so far."""

    now: list[int | None]
    under: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    turns: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    """Unit → day → its parent from that day on."""

    def turn(self, unit: int, parent: int, day: int) -> None:
        """Puts a unit under another from a day on."""
        before = self.now[unit]
        if before is not None:
            self.under[before].discard(unit)
        self.under[parent].add(unit)
        self.now[unit] = self.turns[unit][day] = parent


def tree_of(rows: UnitRows, changes: Sequence[Change]) -> tuple[Tree, list[Finding]]:
    """The dated tree, and findings about moves without effect.

    Units under one that ceases with a single successor follow it. Units that stood before their parent began
    as the successor of a single unit stood under that one. Moves of the same date come after both.
    """
    first, came = _first_parents(rows, changes)
    standing = _Standing(list(first))
    for unit, parent in enumerate(first):
        if parent is not None:
            standing.under[parent].add(unit)
    problems = list[Finding]()
    for date in sorted({change.date for change in changes}):
        today = [change for change in changes if change.date == date]
        _follow(rows, today, standing)
        for unit, parent in came.get(date, ()):
            standing.turn(unit, parent, day_number(date))
        for change in today:
            problems.extend(_move(rows, change, standing) if change.kind == "move" else ())
    return _arrays(rows, first, standing.turns), problems


def _first_parents(
    rows: UnitRows, changes: Sequence[Change]
) -> tuple[list[int | None], Mapping[dt.date, list[tuple[int, int]]]]:
    """Each unit's first parent, and by date the units that came under a parent only when it began."""
    origins = _origins(rows, changes)
    moved: dict[int, dt.date] = {}
    for change in changes:
        if change.kind == "move":
            for code in change.of:
                moved.setdefault(rows.index[code], change.date)
    first, came = list(rows.parents), defaultdict[dt.date, list[tuple[int, int]]](list)
    for unit, parent in enumerate(rows.parents):
        while parent is not None and parent in origins:
            date, origin = origins[parent]
            older = (rows.opened[unit] or dt.date.min) < date <= moved.get(unit, dt.date.max)
            if not older or rows.levels[origin] >= rows.levels[unit]:
                break
            came[date].append((unit, parent))
            first[unit] = parent = origin
    return first, came


def _origins(rows: UnitRows, changes: Sequence[Change]) -> dict[int, tuple[dt.date, int]]:
    """Units that began as the successor of a single unit: the date and that unit."""
    sources: dict[int, list[tuple[dt.date, int]]] = defaultdict(list)
    for change in changes:
        for share in change.to:
            unit = rows.index[share.unit]
            if rows.opened[unit] == change.date:
                sources[unit].extend((change.date, rows.index[code]) for code in change.of)
    return {unit: came[0] for unit, came in sources.items() if len(came) == 1}


def _follow(rows: UnitRows, changes: Iterable[Change], standing: _Standing) -> None:
    """Puts the units under those that cease today with a single successor under that one."""
    turns = []
    for change in changes:
        if len(change.to) == 1:
            heir = rows.index[change.to[0].unit]
            for code in ceasing(change):
                turns += [(unit, heir, day_number(change.date)) for unit in standing.under[rows.index[code]]]
    for unit, heir, day in turns:
        if rows.levels[heir] < rows.levels[unit]:
            standing.turn(unit, heir, day)


def _move(rows: UnitRows, change: Change, standing: _Standing) -> Iterator[Finding]:
    parent = rows.index[change.parent or ""]
    for code in change.of:
        unit = rows.index[code]
        if standing.now[unit] == parent and day_number(change.date) not in standing.turns[unit]:
            yield wrong(
                "move_changes_nothing",
                where_written(change.source, code),
                "the move of {date} puts “{unit}” under “{parent}”, where it already stands",
                "a unit's `parent` is the one before its first move; write that",
                severity=Severity.WARNING,
                values={"date": change.date, "unit": code, "parent": change.parent},
            )
        standing.turn(unit, parent, day_number(change.date))


def _arrays(rows: UnitRows, first: Sequence[int | None], turns: Mapping[int, Mapping[int, int]]) -> Tree:
    parents = np.array([-1 if parent is None else parent for parent in first], dtype=np.int64)
    steady = np.flatnonzero(parents >= 0)
    steady = steady[~np.isin(steady, np.fromiter(turns, dtype=np.int64, count=len(turns)))]
    stretches = list[tuple[int, int, int, int]]()
    for unit, turned in turns.items():
        steps = [(FIRST_DAY, int(parents[unit])), *sorted(turned.items())]
        ends = [*(day for day, _ in steps[1:]), LAST_DAY]
        stretches += [
            (unit, parent, day, end) for (day, parent), end in zip(steps, ends, strict=True) if parent >= 0
        ]
    changed = np.array(stretches, dtype=np.int64).reshape(-1, 4)
    child = np.concatenate([steady, changed[:, 0]])
    order = np.argsort(child, kind="stable")
    parent = np.concatenate([parents[steady], changed[:, 1]])[order]
    always, still = np.full(len(steady), FIRST_DAY), np.full(len(steady), LAST_DAY)
    return Tree(
        opened=_days(rows.opened, FIRST_DAY),
        closed=_days(rows.closed, LAST_DAY),
        child=child[order],
        parent=parent,
        since=np.concatenate([always, changed[:, 2]])[order],
        until=np.concatenate([still, changed[:, 3]])[order],
        by_parent=np.argsort(parent, kind="stable"),
    )


def _days(dates: Sequence[dt.date | None], absent: int) -> Ints:
    return np.array([absent if day is None else day_number(day) for day in dates], dtype=np.int64)


def absent_parents(rows: UnitRows, tree: Tree, changes: Iterable[Change]) -> list[Finding]:
    """Findings about units that stand on days on which their parent does not, one a parent.

    An error where a declared split left them behind, otherwise a warning.
    """
    start = np.maximum(tree.since, tree.opened[tree.child])
    end = np.minimum(tree.until, tree.closed[tree.child])
    split = {code for change in changes if change.kind == "split" for code in ceasing(change)}
    problems = list[Finding]()
    for parent, codes in _grouped(rows, tree, (start < end) & (start < tree.opened[tree.parent])):
        problems.append(
            wrong(
                "before_parent",
                where_written(rows.rows[parent], rows.codes[parent]),
                "“{unit}” opens on {opened}, but units under it are older ({n}): {units}",
                "until then their figures count only in the units above it; is `opened` right?",
                severity=Severity.WARNING,
                values=_named(rows, parent, codes) | {"opened": rows.opened[parent]},
            )
        )
    for parent, codes in _grouped(rows, tree, (start < end) & (end > tree.closed[tree.parent])):
        problems.append(
            wrong(
                "left_behind",
                where_written(rows.rows[parent], rows.codes[parent]),
                "“{unit}” ceases on {closed}, but units under it go on ({n}): {units}",
                "say where they go with a `move` of that date; now they count only in the units above",
                severity=Severity.ERROR if rows.codes[parent] in split else Severity.WARNING,
                values=_named(rows, parent, codes) | {"closed": rows.closed[parent]},
            )
        )
    return problems


def _grouped(rows: UnitRows, tree: Tree, edges: Bools) -> list[tuple[int, list[str]]]:
    """Parents of the picked stretches with the codes under each, in the order declared."""
    children: dict[int, list[str]] = defaultdict(list)
    for parent, child in zip(tree.parent[edges].tolist(), tree.child[edges].tolist(), strict=True):
        children[parent].append(rows.codes[child])
    return sorted(children.items())


def _named(rows: UnitRows, parent: int, codes: Sequence[str]) -> dict[str, object]:
    more = " …" if len(codes) > MOST_NAMED else ""
    return {"unit": rows.codes[parent], "n": len(codes), "units": ", ".join(codes[:MOST_NAMED]) + more}
