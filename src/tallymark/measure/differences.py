"""Differences of a run's own figures: from a year before, and of groups from the one they are set against.

Each with difference and ratio, their 95 % intervals (from the figures' own, see `statistics.comparisons`), and p. Of
one indicator, kind and level all units and groups are tests made at once, so p is adjusted: of those told apart at
most 5 % are expected to be false (Benjamini and Hochberg 1995). Without both intervals there is no row's difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.compile import UNKNOWN
from tallymark.model.periods import Period
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Indicator, Programme
from tallymark.statistics.arguments import Floats
from tallymark.statistics.comparisons import (
    difference_interval,
    difference_probability,
    false_discovery,
    ratio_interval,
)

FALSE_SHARE = 0.05
"""Share of the differences told that may be false."""
FIGURE = ("value", "low", "high")
KEYS = ("unit", "level", "period", "frequency", "indicator", "breakdown", "category")


def differences_table(programme: Programme, indicators: pa.Table, period: Period) -> pa.Table:
    """TABLES["differences"] for one period, in the order of its keys."""
    schema = TABLES["differences"].schema
    before = programme.calendar.last_year(period)
    now, then = (_of(indicators, "period", one.code) for one in (period, before))
    parts = [schema.empty_table()]
    for name in sorted(programme.indicators):
        indicator = programme.indicators[name]
        if indicator.interval != "none":
            pairs = _pairs(indicator, _of(now, "indicator", name), _of(then, "indicator", name), before)
            parts += [_compared(first, second, against) for first, second, against in pairs]
    order = [(key, "ascending") for key in TABLES["differences"].keys]
    return pa.concat_tables(parts).sort_by(order).combine_chunks()


def _pairs(
    indicator: Indicator, now: pa.Table, then: pa.Table, before: Period
) -> Iterator[tuple[pa.Table, pa.Table, str]]:
    """Rows, the rows they are compared with one by one, and what that is."""
    if "last_year" in indicator.compare:
        yield (*_matched(_of(now, "breakdown", ""), _of(then, "breakdown", "")), before.code)
    for gap in indicator.gaps:
        split = _of(now, "breakdown", gap.breakdown)
        others = split.filter(
            pc.invert(pc.is_in(split.column("category"), pa.array([gap.reference, UNKNOWN])))
        )
        yield (*_matched(others, _of(split, "category", gap.reference)), gap.reference)


def _of(table: pa.Table, column: str, value: str) -> pa.Table:
    return table.filter(pc.equal(pc.fill_null(table.column(column), ""), value))


def _matched(rows: pa.Table, others: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Rows whose unit has a row among the others, and that one."""
    at = pc.index_in(rows.column("unit"), value_set=others.column("unit").combine_chunks())
    known = pc.is_valid(at)
    return rows.filter(known), others.take(at.filter(known))


def _compared(rows: pa.Table, others: pa.Table, against: str) -> pa.Table:
    first, second = (tuple(_floats(table, name) for name in FIGURE) for table in (rows, others))
    apart, low, high = difference_interval(first, second)  # type: ignore[arg-type]
    ratio, ratio_low, ratio_high = ratio_interval(first, second)  # type: ignore[arg-type]
    p = np.asarray(difference_probability(apart, low, high))
    q = np.full(len(p), np.nan)
    levels = rows.column("level").to_pylist()
    for level in sorted(set(levels)):
        mine = np.array([one == level for one in levels])
        q[mine] = false_discovery(p[mine])
    numbers = {
        "value": first[0], "other": second[0], "difference": apart, "low": low, "high": high, "ratio": ratio,
        "ratio_low": ratio_low, "ratio_high": ratio_high, "p": p, "q": q,
    }  # fmt: skip
    columns: dict[str, pa.Array | pa.ChunkedArray] = {name: rows.column(name) for name in KEYS}
    columns["against"] = pa.array([against] * rows.num_rows, pa.string())
    columns |= {name: _nullable(values) for name, values in numbers.items()}
    columns["told"] = pa.array(_told(apart, q), pa.string())
    schema = TABLES["differences"].schema
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _told(apart: Floats, q: Floats) -> Sequence[str | None]:
    sure = np.where(q <= FALSE_SHARE, np.where(apart > 0, 1, 2), 0)
    words = np.array(["similar", "higher", "lower"], dtype=object)[sure]
    return [None if unknown else str(word) for word, unknown in zip(words, np.isnan(q), strict=True)]


def _nullable(values: Floats) -> pa.Array:
    """Numbers; NULL where there is none, and where it is without bound."""
    finite = np.where(np.isfinite(values), values, np.nan)
    return pa.array(finite, pa.float64(), from_pandas=True)


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table.column(name).to_numpy(), dtype=np.float64)
