"""Rows and changes together → when each unit lives and under whom, with what does not fit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from tallymark.findings import Finding, Severity
from tallymark.model.changes import Change
from tallymark.model.unit_rows import UnitRows, where_written, wrong
from tallymark.model.unit_tree import FIRST_DAY, LAST_DAY, Tree, day_number

MOST_NAMED = 5
"""Units that one message names before it says how many more."""


def settle(rows: UnitRows, changes: Sequence[Change]) -> tuple[list[Change], list[Finding]]:
    """The changes that fit the units' lives, and findings about the others; completes the rows' lives.

    A unit that a split or merge ends closes on its date; a successor that no earlier change names and that has no
    opening date opens on it. A closing date written as the day before (the last day) is read as the same.
    """
    _open_successors(rows, changes)
    kept, problems = list[Change](), list[Finding]()
    for change in changes:
        complaint = _move_misfit(rows, change) if change.kind == "move" else _flow_misfit(rows, change)
        if complaint:
            problems.append(_misfit(rows, change, *complaint))
            continue
        kept.append(change)
        for code in ceasing(change):
            rows.closed[rows.index[code]] = change.date
    return kept, problems


def ceasing(change: Change) -> tuple[str, ...]:
    """The units that a change ends."""
    if change.kind == "move":
        return ()
    heirs = {share.unit for share in change.to}
    return tuple(code for code in change.of if code not in heirs)


def _open_successors(rows: UnitRows, changes: Sequence[Change]) -> None:
    first: dict[str, dt.date] = {}
    existed: set[tuple[str, dt.date]] = set()
    born: dict[str, dt.date] = {}
    for change in changes:
        parent = (change.parent,) if change.parent else ()
        heirs = tuple(share.unit for share in change.to)
        for code in (*change.of, *heirs, *parent):
            first.setdefault(code, change.date)
        existed.update((code, change.date) for code in change.of)
        for code in heirs:
            born.setdefault(code, change.date)
    for code, date in born.items():
        at = rows.index[code]
        if rows.opened[at] is None and first[code] == date and (code, date) not in existed:
            rows.opened[at] = date


def _stands(rows: UnitRows, code: str, date: dt.date) -> bool:
    opened, closed = rows.opened[rows.index[code]], rows.closed[rows.index[code]]
    return (opened is None or opened <= date) and (closed is None or date < closed)


def _flow_misfit(rows: UnitRows, change: Change) -> tuple[str, str] | None:
    """The unit and reason why a split or merge does not fit; None when it fits."""
    eve, ends = change.date - dt.timedelta(days=1), set(ceasing(change))
    for code in change.of:
        closed = rows.closed[rows.index[code]]
        if code in ends and closed in (eve, change.date):
            closed = None
        opened = rows.opened[rows.index[code]]
        if opened is not None and opened > eve:
            return code, "opens on {opened}, not before it"
        if closed is not None and (code in ends or closed <= change.date):
            return code, "closes on {closed}"
    for share in change.to:
        if not _stands(rows, share.unit, change.date):
            return share.unit, "does not stand on that day (opened {opened}, closed {closed})"
    return None


def _move_misfit(rows: UnitRows, change: Change) -> tuple[str, str] | None:
    parent = change.parent or ""
    for code in (*change.of, parent):
        if not _stands(rows, code, change.date):
            return code, "does not stand on that day (opened {opened}, closed {closed})"
    for code in change.of:
        if rows.levels[rows.index[parent]] >= rows.levels[rows.index[code]]:
            return code, "cannot stand under {parent}, which is not at a level above"
    return None


def _misfit(rows: UnitRows, change: Change, unit: str, why: str) -> Finding:
    at = rows.index[unit]
    level = why.startswith("cannot")
    return wrong(
        "level_order" if level else "change_outside_life",
        where_written(change.source, unit),
        "the {kind} of {date} does not fit: “{unit}” " + why,
        "" if level else "correct the date, or `opened` and `closed`; a unit's code is not used again after it ceased",
        kind=change.kind, date=change.date, unit=unit, parent=change.parent or "",
        opened=rows.opened[at] or "–", closed=rows.closed[at] or "–",
    )  # fmt: skip


def tree_of(rows: UnitRows, changes: Iterable[Change]) -> tuple[Tree, list[Finding]]:
    """The dated tree, and findings about units whose parent changed without effect or does not stand.

    Units under one that ceases with a single successor follow it; moves of the same date come after that.
    """
    turns, problems = _turns(rows, changes)
    parents = np.array([-1 if parent is None else parent for parent in rows.parents], dtype=np.int64)
    child, parent, since, until = [], [], [], []
    for at, turned in turns.items():
        steps = [(FIRST_DAY, int(parents[at])), *turned.items()]
        for (start, above), (end, _) in zip(steps, [*steps[1:], (LAST_DAY, -1)], strict=True):
            if above >= 0 and start < end:
                child.append(at), parent.append(above), since.append(start), until.append(end)
    steady = np.flatnonzero(parents >= 0)
    if turns:
        steady = steady[~np.isin(steady, np.fromiter(turns, dtype=np.int64))]
    children = np.concatenate([steady, np.array(child, dtype=np.int64)])
    order = np.argsort(children, kind="stable")
    tree = Tree(
        opened=_days(rows.opened, FIRST_DAY),
        closed=_days(rows.closed, LAST_DAY),
        child=children[order],
        parent=np.concatenate([parents[steady], np.array(parent, dtype=np.int64)])[order],
        since=np.concatenate([np.full(len(steady), FIRST_DAY), np.array(since, dtype=np.int64)])[order],
        until=np.concatenate([np.full(len(steady), LAST_DAY), np.array(until, dtype=np.int64)])[order],
    )
    return tree, problems


def _days(dates: Sequence[dt.date | None], absent: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([absent if day is None else day_number(day) for day in dates], dtype=np.int64)


def _turns(rows: UnitRows, changes: Iterable[Change]) -> tuple[dict[int, dict[int, int]], list[Finding]]:
    """Unit → day → its new parent from that day on."""
    now = list(rows.parents)
    under: dict[int, set[int]] = defaultdict(set)
    turns: dict[int, dict[int, int]] = defaultdict(dict)
    problems = list[Finding]()
    for at, above in enumerate(now):
        if above is not None:
            under[above].add(at)

    def turn(at: int, parent: int, day: int) -> None:
        above = now[at]
        if above is not None:
            under[above].discard(at)
        under[parent].add(at)
        now[at] = turns[at][day] = parent

    for change in sorted(changes, key=lambda change: (change.date, change.kind == "move")):
        day = day_number(change.date)
        if change.kind == "move":
            problems.extend(_move(rows, change, now, day, turn))
        elif len(change.to) == 1:
            heir = rows.index[change.to[0].unit]
            for code in ceasing(change):
                for at in sorted(under[rows.index[code]]):
                    if rows.levels[heir] < rows.levels[at]:
                        turn(at, heir, day)
    return turns, problems


def _move(
    rows: UnitRows, change: Change, now: Sequence[int | None], day: int, turn: Callable[[int, int, int], None]
) -> Iterable[Finding]:
    parent = rows.index[change.parent or ""]
    for code in change.of:
        if now[rows.index[code]] == parent:
            yield wrong(
                "move_changes_nothing", where_written(change.source, code),
                "the move of {date} puts “{unit}” under “{parent}”, where it already stands",
                "a row's `parent` is the one before the first move", severity=Severity.WARNING,
                date=change.date, unit=code, parent=change.parent,
            )  # fmt: skip
        turn(rows.index[code], parent, day)


def absent_parents(rows: UnitRows, tree: Tree, split: Iterable[str]) -> list[Finding]:
    """Findings about units that stand on days on which their parent does not, one a parent.

    An error where a declared split (`split`: the units it ends) left them behind, otherwise a warning.
    """
    opened, closed = tree.opened[tree.child], tree.closed[tree.child]
    start, end = np.maximum(tree.since, opened), np.minimum(tree.until, closed)
    early = (start < end) & (start < tree.opened[tree.parent])
    late = (start < end) & (end > tree.closed[tree.parent])
    return [
        *_absent(rows, tree, np.flatnonzero(early), frozenset(), before=True),
        *_absent(rows, tree, np.flatnonzero(late), frozenset(split), before=False),
    ]


def _absent(
    rows: UnitRows,
    tree: Tree,
    edges: np.ndarray[tuple[int], np.dtype[np.int64]],
    split: frozenset[str],
    *,
    before: bool,
) -> Iterable[Finding]:
    children: dict[int, list[str]] = defaultdict(list)
    for parent, child in zip(tree.parent[edges].tolist(), tree.child[edges].tolist(), strict=True):
        children[parent].append(rows.codes[child])
    for parent, codes in sorted(children.items()):
        code = rows.codes[parent]
        named = ", ".join(codes[:MOST_NAMED]) + (" …" if len(codes) > MOST_NAMED else "")
        yield wrong(
            "before_parent" if before else "left_behind",
            where_written(rows.rows[parent], code),
            "{n} units are older than “{unit}”, under which they stand: {units}" if before
            else "{n} units stand on under “{unit}” after it ceased on {closed}: {units}",
            "until it opened their figures count in the units above it; correct `opened` if that is wrong" if before
            else "say where they went with a `move`; until then their figures count in the units above it",
            severity=Severity.ERROR if code in split else Severity.WARNING,
            n=len(codes), unit=code, units=named, closed=rows.closed[parent],
        )  # fmt: skip
