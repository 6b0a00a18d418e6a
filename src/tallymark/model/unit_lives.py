"""Rows and changes together → when each unit lives, with the changes that do not fit those lives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from tallymark.findings import Finding, Severity
from tallymark.model.changes import Change, ceasing
from tallymark.model.unit_rows import UnitRows, where_written, wrong

Misfit = tuple[str, str]
"""The unit and the reason why a change does not fit."""


def settle(rows: UnitRows, changes: Sequence[Change]) -> tuple[list[Change], list[Finding]]:
    """The changes that fit the units' lives, and findings about the others; completes the rows' lives.

    A unit that a split or merge ends closes on its date. A successor that has no opening date opens on it,
    unless an earlier change names it or it is among those that change. A closing date written as the day
    before (the last day) is read as the same.
    """
    problems = _open_successors(rows, changes)
    ends: dict[str, dt.date] = {}
    for change in changes:
        for code in ceasing(change):
            ends.setdefault(code, change.date)
    kept = list[Change]()
    for change in changes:
        misfit = (_move_misfit if change.kind == "move" else _flow_misfit)(rows, ends, change)
        if misfit:
            problems.append(_report(rows, ends, change, misfit))
        else:
            kept.append(change)
    for change in kept:
        for code in ceasing(change):
            rows.closed[rows.index[code]] = change.date
    return kept, problems


def _open_successors(rows: UnitRows, changes: Sequence[Change]) -> list[Finding]:
    first: dict[str, dt.date] = {}
    existed: set[tuple[str, dt.date]] = set()
    born: dict[str, Change] = {}
    for change in changes:
        parent = (change.parent,) if change.parent else ()
        heirs = tuple(share.unit for share in change.to)
        for code in (*change.of, *heirs, *parent):
            first.setdefault(code, change.date)
        existed.update((code, change.date) for code in change.of)
        for code in heirs:
            born.setdefault(code, change)
    problems = list[Finding]()
    for code, change in born.items():
        at = rows.index[code]
        new = first[code] == change.date and (code, change.date) not in existed
        if new and rows.opened[at] is None and (rows.closed[at] or dt.date.max) > change.date:
            rows.opened[at] = change.date
            if change.kind == "merge":
                problems.append(_note_opened(rows, change, code))
    return problems


def _note_opened(rows: UnitRows, change: Change, code: str) -> Finding:
    return wrong(
        "opened_by_merge",
        where_written(rows.rows[rows.index[code]], code),
        "“{unit}” has no opening date and is taken to open on {date}, when {of} merge into it",
        "if it stood before, write its `opened`, or name it among those that merge",
        severity=Severity.NOTE,
        values={"unit": code, "date": change.date, "of": ", ".join(change.of)},
    )


def _life(rows: UnitRows, ends: Mapping[str, dt.date], code: str) -> tuple[dt.date, dt.date]:
    """First day, and first day no longer, of a unit with the closing that changes bring."""
    at = rows.index[code]
    closed = rows.closed[at] or dt.date.max
    return rows.opened[at] or dt.date.min, min(closed, ends.get(code, closed))


def _stands(rows: UnitRows, ends: Mapping[str, dt.date], code: str, date: dt.date) -> bool:
    opened, closed = _life(rows, ends, code)
    return opened <= date < closed


def _flow_misfit(rows: UnitRows, ends: Mapping[str, dt.date], change: Change) -> Misfit | None:
    eve, ending = change.date - dt.timedelta(days=1), set(ceasing(change))
    for code in change.of:
        if not _stands(rows, ends, code, eve) and not (code in ending and _written_last_day(rows, code, eve)):
            return code, "did not stand on the day before"
        written = rows.closed[rows.index[code]]
        if code in ending and (ends[code] != change.date or written not in (None, eve, change.date)):
            return code, "ceases on another date"
    for code in (*(share.unit for share in change.to), *(code for code in change.of if code not in ending)):
        if not _stands(rows, ends, code, change.date):
            return code, "does not stand on that day"
    return None


def _written_last_day(rows: UnitRows, code: str, eve: dt.date) -> bool:
    """Whether a closing date is the last day rather than the day after."""
    at = rows.index[code]
    opened = rows.opened[at]
    return rows.closed[at] == eve and (opened is None or opened <= eve)


def _move_misfit(rows: UnitRows, ends: Mapping[str, dt.date], change: Change) -> Misfit | None:
    parent = change.parent or ""
    for code in (*change.of, parent):
        if not _stands(rows, ends, code, change.date):
            return code, "does not stand on that day"
    for code in change.of:
        if rows.levels[rows.index[parent]] >= rows.levels[rows.index[code]]:
            return code, "would stand under a unit that is not at a level above"
    return None


_TEMPLATES = {
    "did not stand on the day before": (
        "the {kind} of {date} does not fit: “{unit}” did not stand on the day before ({opened} – {closed})"
    ),
    "ceases on another date": "the {kind} of {date} does not fit: “{unit}” ceases on another date ({closed})",
    "does not stand on that day": (
        "the {kind} of {date} does not fit: “{unit}” does not stand on that day ({opened} – {closed})"
    ),
    "would stand under a unit that is not at a level above": (
        "the {kind} of {date} would put “{unit}” under “{parent}”, which is not at a level above"
    ),
}


def _report(rows: UnitRows, ends: Mapping[str, dt.date], change: Change, misfit: Misfit) -> Finding:
    unit, why = misfit
    opened, closed = _life(rows, ends, unit)
    level = why.startswith("would")
    return wrong(
        "level_order" if level else "change_outside_life",
        where_written(change.source, unit),
        _TEMPLATES[why],
        "" if level else "correct the date, `opened` or `closed`; a ceased unit's code is not used again",
        values={
            "kind": change.kind, "date": change.date, "unit": unit, "parent": change.parent or "",
            "opened": "" if opened == dt.date.min else opened,
            "closed": "" if closed == dt.date.max else closed,
        },
    )  # fmt: skip
