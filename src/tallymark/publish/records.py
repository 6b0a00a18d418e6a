"""Rows of the run's tables as small records: NULL text is "", NULL numbers are NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.text import Text


class Place(NamedTuple):
    code: str
    name: Text
    level: str
    parent: str | None


class Figure(NamedTuple):
    """A row of `indicators`, NULL numbers as NaN."""

    unit: str
    period: str
    indicator: str
    breakdown: str
    category: str
    numerator: float
    denominator: float
    value: float
    low: float
    high: float
    expected: float
    received: float
    usable: float
    basis: str
    previous: float
    last_year: float
    three_year_mean: float
    shrunk: float = math.nan
    shrunk_low: float = math.nan
    shrunk_high: float = math.nan
    small: str = ""
    against_95: str = ""
    against_998: str = ""
    years: float = math.nan


class Difference(NamedTuple):
    """A row of `differences`: a change from a year before, or a gap between groups."""

    unit: str
    indicator: str
    breakdown: str
    category: str
    against: str
    difference: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    q: float
    told: str


class Counted(NamedTuple):
    """A row of `measures` for the run's own period."""

    unit: str
    measure: str
    value: float
    expected: float
    received: float
    usable: float
    basis: str


class Score(NamedTuple):
    unit: str
    contract: str
    section: str
    line: str
    kind: str
    indicator: str
    value: float
    low: float
    high: float
    basis: str
    available: float
    points: float
    points_low: float
    points_high: float
    status: str


class Total(NamedTuple):
    unit: str
    contract: str
    base: float
    bonus: float
    deductions: float
    total: float
    total_before_gates: float
    low: float
    high: float
    se: float
    gates: str
    grade: str
    commended: bool | None
    watch: str


class Rank(NamedTuple):
    unit: str
    contract: str
    peer_group: str
    total: float
    rank: float
    rank_low: float
    rank_high: float
    of: float
    expected_rank: float = math.nan
    top_probability: float = math.nan
    bottom_probability: float = math.nan
    tier: float = math.nan


class Moved(NamedTuple):
    """A row of `sensitivity`: a unit under other weights."""

    unit: str
    contract: str
    peer_group: str
    spread: float
    total: float
    total_low: float
    total_high: float
    rank: float
    rank_low: float
    rank_high: float
    rank_best: float
    rank_worst: float
    same_rank: float


class Composed(NamedTuple):
    """A row of `composites`: several figures of a unit as one, and under other weights."""

    unit: str
    composite: str
    value: float
    basis: str
    rank: float
    of: float
    value_low: float
    value_high: float
    rank_low: float
    rank_high: float
    rank_best: float
    rank_worst: float
    same_rank: float


class Gap(NamedTuple):
    unit: str
    contract: str
    line: str
    lost: float
    order: float
    value: float
    needed: float
    events_needed: float
    reason: str


class Found(NamedTuple):
    code: str
    severity: str
    dataset: str
    item: str
    unit: str
    period: str
    file: str
    sheet: str
    cell: str
    row: float
    batch: float
    message: str
    message_zh: str
    hint: str
    hint_zh: str
    evidence: str
    answer_by: str = ""
    heard: str = ""
    waived: str = ""


class Due(NamedTuple):
    """A row of `reports` for the run's own period."""

    dataset: str
    unit: str
    expected: float
    received: float
    on_time: float
    late: float


class Batch(NamedTuple):
    batch: float
    source: str
    file: str
    hash: str
    received_at: str
    taken: float
    corrected: float
    refused: float


class Delivered(NamedTuple):
    """A row of `lineage`: what of a unit's data in force came in which batch."""

    dataset: str
    unit: str
    batch: float
    rows: float
    corrected: float


R = TypeVar("R", bound=tuple[Any, ...])


def records(table: pa.Table, kind: type[R]) -> list[R]:
    """Rows of a table as records of `kind`, by its field names: NULL text is "", NULL numbers are NaN."""
    columns = [_listed(table.column(name)) for name in kind._fields]  # type: ignore[attr-defined]
    return list(map(kind._make, zip(*columns, strict=True)))  # type: ignore[attr-defined]


def _listed(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
        listed: list[Any] = pc.fill_null(column, "").to_pylist()
    elif pa.types.is_boolean(column.type):
        listed = column.to_pylist()
    else:
        listed = np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64).tolist()
    return listed


def by(items: Sequence[R], key: str) -> dict[str, list[R]]:
    """Records grouped by one of their fields, in their order."""
    grouped: dict[str, list[R]] = {}
    for item in items:
        grouped.setdefault(getattr(item, key), []).append(item)
    return grouped


def only(table: pa.Table, **wanted: str | Sequence[str]) -> pa.Table:
    """Rows where each named column has the wanted value (or one of the wanted values)."""
    mask = None
    for column, value in wanted.items():
        one = (
            pc.equal(table.column(column), value)
            if isinstance(value, str)
            else pc.is_in(table.column(column), pa.array(value, table.schema.field(column).type))
        )
        mask = one if mask is None else pc.and_(mask, one)
    return table if mask is None else table.filter(mask)
