"""The dated tree as arrays: who stands when, under whom, and the month tables made from it. Pure NumPy."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

EPOCH = dt.date(1970, 1, 1).toordinal()
FIRST_DAY = dt.date.min.toordinal() - EPOCH
LAST_DAY = dt.date.max.toordinal() - EPOCH
"""Stand for “always was” and “still is”: days count from 1970-01-01."""


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def months_of(days: Ints) -> Ints:
    """The integer months (`year * 12 + month - 1`) in which days fall."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12


def last_days_of(months: Ints) -> Ints:
    """The last day of each integer month."""
    following = (months - 1970 * 12 + 1).astype("datetime64[M]")
    return following.astype("datetime64[D]").astype(np.int64) - 1


@dataclass(frozen=True, slots=True)
class Stretches:
    """Units under ancestors (or themselves), from a day to before another, or in months."""

    unit: Ints
    ancestor: Ints
    start: Ints
    end: Ints

    def where(self, mask: Bools) -> Stretches:
        """Those that the mask picks."""
        return Stretches(self.unit[mask], self.ancestor[mask], self.start[mask], self.end[mask])


@dataclass(frozen=True, slots=True)
class Tree:
    """Lives [opened, closed) of all units, and stretches [since, until) of parentage, sorted by child.

    Every parent is at a level above its child's, so that no walk upwards can run in a circle.
    """

    opened: Ints
    closed: Ints
    child: Ints
    parent: Ints
    since: Ints
    until: Ints
    by_parent: Ints
    """The stretches' places in order of parent."""

    @property
    def offsets(self) -> Ints:
        """Where each unit's stretches of parentage begin; one entry more than there are units."""
        return np.searchsorted(self.child, np.arange(len(self.opened) + 1)).astype(np.int64)

    def standing(self, day: int) -> Bools:
        """Which units stand on a day."""
        mask: Bools = (self.opened <= day) & (day < self.closed)
        return mask

    def stands(self, unit: int, day: int) -> bool:
        """Whether one unit stands on a day."""
        return bool(self.opened[unit] <= day < self.closed[unit])


def parent_of(tree: Tree, unit: int, day: int) -> int | None:
    """The unit's declared parent on a day, standing or not."""
    low, high = np.searchsorted(tree.child, [unit, unit + 1])
    for edge in range(int(low), int(high)):
        if tree.since[edge] <= day < tree.until[edge]:
            return int(tree.parent[edge])
    return None


def above(tree: Tree, unit: int, day: int) -> int | None:
    """The nearest unit above that stands on a day."""
    at = parent_of(tree, unit, day)
    while at is not None and not tree.stands(at, day):
        at = parent_of(tree, at, day)
    return at


def below(tree: Tree, unit: int, day: int) -> list[int]:
    """The standing units for which a unit is the nearest one above that stands on a day."""
    found, open_ends = list[int](), [unit]
    while open_ends:
        parent = open_ends.pop()
        low, high = np.searchsorted(tree.parent, [parent, parent + 1], sorter=tree.by_parent)
        edges = tree.by_parent[low:high]
        for child in tree.child[edges[(tree.since[edges] <= day) & (day < tree.until[edges])]].tolist():
            (found if tree.stands(child, day) else open_ends).append(child)
    return sorted(found)


def chains(tree: Tree, since: int = FIRST_DAY, until: int = LAST_DAY) -> Stretches:
    """Every unit with itself and all above it, while both stand, within [since, until)."""
    everyone = np.arange(len(tree.opened), dtype=np.int64)
    step = Stretches(everyone, everyone, np.full(len(everyone), since), np.full(len(everyone), until))
    offsets, found = tree.offsets, []
    while len(step.unit):
        found.append(step)
        counts = offsets[step.ancestor + 1] - offsets[step.ancestor]
        row = np.repeat(np.arange(len(counts)), counts)
        edge = (
            np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + offsets[step.ancestor][row]
        )
        start, end = (
            np.maximum(step.start[row], tree.since[edge]),
            np.minimum(step.end[row], tree.until[edge]),
        )
        step = Stretches(step.unit[row], tree.parent[edge], start, end).where(start < end)
    unit, ancestor, start, end = (
        np.concatenate([getattr(part, name) for part in found]) if found else everyone
        for name in ("unit", "ancestor", "start", "end")
    )
    start = np.maximum(start, np.maximum(tree.opened[unit], tree.opened[ancestor]))
    end = np.minimum(end, np.minimum(tree.closed[unit], tree.closed[ancestor]))
    return Stretches(unit, ancestor, start, end).where(start < end)


def monthly(tree: Tree, days: Stretches, first_month: int, last_month: int) -> Stretches:
    """Day stretches as stretches of months (first and last, both counted), adjoining ones joined, sorted.

    A month belongs to the stretch in force on its last day (the unit's own last day when it ceases).
    """
    first = months_of(days.start)
    ceases = days.end >= tree.closed[days.unit]
    last = np.where(ceases, months_of(days.end - 1), months_of(days.end) - 1)
    first, last = np.maximum(first, first_month), np.minimum(last, last_month)
    rows = Stretches(days.unit, days.ancestor, first, last).where(first <= last)
    order = np.lexsort((rows.start, rows.ancestor, rows.unit))
    rows = Stretches(rows.unit[order], rows.ancestor[order], rows.start[order], rows.end[order])
    return _joined(rows)


def _joined(rows: Stretches) -> Stretches:
    """Sorted month stretches with those that adjoin made one."""
    if not len(rows.unit):
        return rows
    follows = (rows.unit[1:] == rows.unit[:-1]) & (rows.ancestor[1:] == rows.ancestor[:-1])
    follows &= rows.start[1:] == rows.end[:-1] + 1
    heads = np.concatenate([[True], ~follows])
    tails = np.concatenate([~follows, [True]])
    return Stretches(rows.unit[heads], rows.ancestor[heads], rows.start[heads], rows.end[tails])


def due_months(tree: Tree) -> tuple[Ints, Ints]:
    """First and last month each unit owes reports for; first > last when it owes none.

    A unit owes from its first full month (at once when it opens on the 1st) to its last full month; one that
    ceases on a month's last day still owes that month.
    """
    first, last = months_of(tree.opened), months_of(tree.closed)
    first += tree.opened > last_days_of(first - 1) + 1
    last -= tree.closed != last_days_of(last)
    return first, last
