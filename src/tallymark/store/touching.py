"""What a dataset's months rest on: for each month the deliveries that may hold rows of it, and the rows that were taken
back since. The same names mean the same rows, whatever files they lie in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tallymark.programme.resolved import Dataset
from tallymark.store.delta import storage_errors
from tallymark.store.partials import digest
from tallymark.store.relation import Portion
from tallymark.store.store import Store, portion

COLUMNS = ("_month", "_batch", "_row")
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """A row group of a file: how many rows, and from which to which months, deliveries and numbers they are."""

    rows: int
    months: Range
    batches: Range
    numbers: Range


@dataclass(frozen=True, slots=True)
class Content:
    """The months of a dataset at a version."""

    names: Mapping[int, str]
    """Month → a hash of all that its rows are; other months have none."""
    rows: Mapping[int, int]
    """Month → how many rows it has at most."""

    def name(self, month: int) -> str:
        """What a month's rows are; the same for all months without."""
        return self.names.get(month, "")

    def most(self, months: Iterable[int]) -> int:
        """How many rows months have together, at most."""
        return sum(self.rows.get(month, 0) for month in months)


def content_of(store: Store, dataset: Dataset, version: int | None) -> Content | None:
    """The months of a dataset; None where files do not say what they hold, or hold rows of later deliveries, too."""
    found = portion(store, dataset, version)
    if found.rest is not None:
        return None
    groups = [group for path in (*found.clean, *found.touched) for group in _groups(path)]
    if any(group is None for group in groups):
        return None
    return _content([group for group in groups if group is not None], found, _deliveries(store, version))


def within(found: Portion, months: Iterable[int]) -> Portion:
    """The same rows without files that say they hold none of these months, so that nobody opens them to see it."""
    wanted = set(months)

    def kept(paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(path for path in paths if any(_reaches(group, wanted) for group in _groups(path)))

    return replace(found, clean=kept(found.clean), touched=kept(found.touched))


def _reaches(group: Group | None, months: set[int]) -> bool:
    return group is None or not months.isdisjoint(range(group.months[0], group.months[1] + 1))


def _deliveries(store: Store, version: int | None) -> dict[int, str]:
    """Number of each delivery → a hash of its receipt, which has the hash of what was delivered."""
    rows = store.receipts(version).to_pylist()
    return {row["_batch"]: digest(*(str(row[name]) for name in sorted(row))) for row in rows}


def _content(groups: list[Group], found: Portion, deliveries: Mapping[int, str]) -> Content:
    batches: dict[int, set[int]] = {}
    gone: dict[int, set[Range]] = {}
    rows: dict[int, int] = {}
    for group in groups:
        within = range(group.batches[0], group.batches[1] + 1)
        back = _gone(found, group)
        for month in range(group.months[0], group.months[1] + 1):
            batches.setdefault(month, set()).update(within)
            gone.setdefault(month, set()).update(back)
            rows[month] = rows.get(month, 0) + group.rows
    names = {
        month: digest(month, [deliveries.get(one, "") for one in sorted(batches[month])], sorted(gone[month]))
        for month in sorted(batches)
    }
    return Content(names, rows)


def _gone(found: Portion, group: Group) -> list[Range]:
    """Delivery and number of the rows that were taken back and may be in a group."""
    if found.gone is None or not len(found.gone.batch):
        return []
    batch, row = found.gone.batch, found.gone.row
    inside = (batch >= group.batches[0]) & (batch <= group.batches[1])
    if group.batches[0] == group.batches[1]:
        inside &= (row >= group.numbers[0]) & (row <= group.numbers[1])
    at = np.flatnonzero(inside)
    return list(zip(batch[at].tolist(), row[at].tolist(), strict=True))


@lru_cache(maxsize=4096)
def _groups(path: str) -> tuple[Group | None, ...]:
    """The row groups of a file, which never changes; None for one that does not say what it holds."""
    with storage_errors(path):
        try:
            known = pq.read_metadata(path)
        except pa.ArrowException as error:
            raise OSError(str(error)) from error
    return tuple(_group(known.row_group(at)) for at in range(known.num_row_groups))


def _group(known: pq.RowGroupMetaData) -> Group | None:
    ends: dict[str, Range] = {}
    for at in range(known.num_columns):
        column = known.column(at)
        if column.path_in_schema in COLUMNS:
            said = column.statistics
            if said is None or not said.has_min_max or (said.has_null_count and said.null_count):
                return None
            ends[column.path_in_schema] = (said.min, said.max)
    if len(ends) < len(COLUMNS):
        return None
    return Group(known.num_rows, *(ends[name] for name in COLUMNS))
