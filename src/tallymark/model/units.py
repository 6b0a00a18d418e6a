"""Units: a dated tree that opens, closes, splits, merges and moves, and the tables that roll figures up it.

A unit stands from `opened` to the day before `closed`. A row's `parent` is the one before its first move.
Figures of a month belong to the ancestors in force on its last day (on the unit's own last day in the month
it ceases). A unit owes reports from its first full month, at once when it opens on the 1st. An ancestor
counts only while it stands; until then, and afterwards, figures count in the units above it.
"""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tallymark.findings import Finding
from tallymark.model.changes import Change, Share, read_changes
from tallymark.model.restating import Flows, Journey, carried, flows_of
from tallymark.model.text import Text
from tallymark.model.unit_lives import settle
from tallymark.model.unit_parents import absent_parents, tree_of
from tallymark.model.unit_rows import attributes_of, read_rows
from tallymark.model.unit_tree import (
    FIRST_DAY,
    LAST_DAY,
    Ints,
    Tree,
    above,
    below,
    chains,
    day_number,
    due_months,
    monthly,
    months_of,
)  # fmt: skip

__all__ = ["Change", "Share", "Units", "build_units"]

FIRST_MONTH, LAST_MONTH = (int(month) for month in months_of(np.array([FIRST_DAY, LAST_DAY])))
"""Stand for “always” in tables of months, so that `BETWEEN first_month AND last_month` needs no NULL."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """All units of a programme, in the order declared; made by `build_units`."""

    codes: tuple[str, ...]
    index: Mapping[str, int]
    names: tuple[Text, ...]
    levels: tuple[str, ...]
    """Each unit's level."""
    level_order: tuple[str, ...]
    """Every declared level, highest first."""
    opened: tuple[dt.date | None, ...]
    """First day; None when it always was."""
    closed: tuple[dt.date | None, ...]
    """First day it no longer stands; None when it stands on."""
    attributes: Mapping[str, tuple[str | None, ...]]
    changes: tuple[Change, ...]
    tree: Tree
    flows: Flows

    def __len__(self) -> int:
        return len(self.codes)

    def stands_on(self, unit: str, day: dt.date) -> bool:
        """Whether a unit stands on a day."""
        return self.tree.stands(self.index[unit], day_number(day))

    def parent_on(self, unit: str, day: dt.date) -> str | None:
        """The nearest unit above that stands on a day; None at the top, or when the unit does not stand."""
        at, number = self.index[unit], day_number(day)
        if not self.tree.stands(at, number):
            return None
        parent = above(self.tree, at, number)
        return None if parent is None else self.codes[parent]

    def children_on(self, unit: str, day: dt.date) -> tuple[str, ...]:
        """The units whose `parent_on` is this one on a day, in the order declared."""
        number = day_number(day)
        if not self.tree.stands(self.index[unit], number):
            return ()
        return tuple(self.codes[at] for at in below(self.tree, self.index[unit], number))

    def at_level(self, level: str, day: dt.date) -> tuple[str, ...]:
        """The units of a level that stand on a day, in the order declared."""
        standing = self.tree.standing(day_number(day))
        return tuple(self.codes[at] for at in np.flatnonzero(standing).tolist() if self.levels[at] == level)

    def ancestry(self, first_month: int = FIRST_MONTH, last_month: int = LAST_MONTH) -> pa.Table:
        """Table(unit, ancestor, level, first_month, last_month): who counts in whom, itself included, when.

        One row a unit, ancestor and unbroken stretch of months; `level` is the ancestor's. In a month in
        which a unit stands on any day it has at most one ancestor of a level; outside its life it has none.
        """
        rows = monthly(self.tree, chains(self.tree), first_month, last_month)
        return self._table(rows.unit, ("ancestor", rows.ancestor), rows.ancestor, rows.start, rows.end)

    def ancestry_on(self, day: dt.date) -> pa.Table:
        """Table(unit, ancestor, level): who counts in whom on a day; for figures restated to it."""
        number = day_number(day)
        rows = chains(self.tree, number, number + 1)
        table = self._table(rows.unit, ("ancestor", rows.ancestor), rows.ancestor, rows.start, rows.end)
        return table.select(["unit", "ancestor", "level"])

    def open_months(self, first_month: int = FIRST_MONTH, last_month: int = LAST_MONTH) -> pa.Table:
        """Table(unit, level, first_month, last_month): the months for which each unit owes reports.

        From the first full month (at once when it opens on the 1st) to the last full month; one that ceases
        on the last day of a month still owes that month. Units that owe none are left out.
        """
        first, last = due_months(self.tree)
        first, last = np.maximum(first, first_month), np.minimum(last, last_month)
        owes = np.flatnonzero(first <= last)
        return self._table(owes, None, owes, first[owes], last[owes])

    def restated(
        self, day: dt.date, *, first_month: int = FIRST_MONTH, last_month: int = LAST_MONTH
    ) -> pa.Table:
        """Table(unit, successor, first_month, last_month, weight): figures carried to the units of `day`.

        In every month in which a unit stands its weights add to 1. Forward, along declared weights. Back, the
        parts of a split add up to the whole; a merge is undone by its `of_weights`. A unit that ceased or
        began without a declared change hands its figures to the unit it stood under (a top unit keeps them).
        Moves carry nothing: roll the successors up by `ancestry_on(day)`.
        Errors: AssessmentError when a merge would have to be undone in these months and has no `of_weights`.
        """
        number = day_number(day)
        moved = carried(Journey(self.flows, self.tree, self.codes, number), first_month, last_month)
        touched = np.zeros(len(self), dtype=np.bool_)
        touched[[*self.flows.out, *self.flows.back]] = True
        same = np.flatnonzero(self.tree.standing(number) & ~touched)
        first = np.maximum(months_of(self.tree.opened[same]), first_month)
        last = np.minimum(months_of(self.tree.closed[same] - 1), last_month)
        keep = first <= last
        same, first, last = same[keep], first[keep], last[keep]
        unit, successor, start, end = (
            np.concatenate([kept, np.array(carry, dtype=np.int64)])
            for kept, carry in (
                (same, moved.unit), (same, moved.successor), (first, moved.first), (last, moved.last),
            )
        )  # fmt: skip
        table = self._table(unit, ("successor", successor), None, start, end)
        return table.append_column("weight", pa.array(np.concatenate([np.ones(len(same)), moved.weight])))

    def _table(
        self, unit: Ints, other: tuple[str, Ints] | None, level: Ints | None, first: Ints, last: Ints
    ) -> pa.Table:
        codes = pa.array(self.codes, pa.string())
        columns = {"unit": codes.take(pa.array(unit))}
        if other:
            columns[other[0]] = codes.take(pa.array(other[1]))
        if level is not None:
            columns["level"] = pa.array(self.levels, pa.string()).take(pa.array(level))
        columns["first_month"] = pa.array(first.astype(np.int32))
        columns["last_month"] = pa.array(last.astype(np.int32))
        return pa.table(columns)


def build_units(
    rows: Iterable[Mapping[str, Any]], changes: Iterable[object], levels: Sequence[str]
) -> tuple[Units, list[Finding]]:
    """The units declared by rows and changes, and everything wrong with them; `levels` highest first.

    A row has unit, level, parent, opened, closed, and name, name_en or name_zh; all else is an attribute,
    except keys that start with `_` (`_file` and `_line` say where it was written). A change is a mapping or
    object with date, kind, of, to (unit, weight), parent, reason, of_weights. What cannot stand is reported
    and left out, so that the units returned are always sound: no circles, every parent at a level above.
    """
    with _uncollected():
        columns, problems = read_rows(rows, levels)
        read, misread = read_changes(changes, columns.index)
        kept, misfits = settle(columns, read)
        tree, idle = tree_of(columns, kept)
        problems += [*misread, *misfits, *idle, *absent_parents(columns, tree, kept)]
        units = Units(
            codes=tuple(columns.codes),
            index=columns.index,
            names=tuple(columns.names),
            levels=tuple(levels[depth] for depth in columns.levels),
            level_order=tuple(levels),
            opened=tuple(columns.opened),
            closed=tuple(columns.closed),
            attributes=attributes_of(columns.rows),
            changes=tuple(kept),
            tree=tree,
            flows=flows_of(kept, columns.index, tree),
        )
        return units, problems


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leaves out searches for cycles: what is built from a nation's units stays, and looking through all of it again and
    again took nearly half of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
