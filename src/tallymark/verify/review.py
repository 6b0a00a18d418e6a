"""The WHO data quality review of a year, summed up: each metric over all units of a level, and how many units miss it.

Source: WHO, Data quality review: a toolkit for facility data quality assessment, module 2, Desk review of data quality
(2017). Its thresholds: reports and timeliness 75 %, data 90 %, outliers 2 and 3 standard deviations or a modified z of
3.5, ratios a third away from that of all, dropout 2 % below 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.model.periods import Period
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Programme
from tallymark.programme.written.review import WrittenReview
from tallymark.statistics import modified_z

Floats = NDArray[np.float64]
REPORTS, DATA, MODERATE, EXTREME, MODIFIED, APART, BELOW = 75.0, 90.0, 2.0, 3.0, 3.5, 0.33, 0.02
FEWEST_VALUES, TWO, YEARS_BEFORE = 3, 2, 3


class Measured(Protocol):
    """What is reviewed: tables of measures, indicators and reports."""

    @property
    def measures(self) -> pa.Table: ...
    @property
    def indicators(self) -> pa.Table: ...
    @property
    def reports(self) -> pa.Table: ...


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric over units: its value over all of them, and which units miss it (NaN units are not known)."""

    domain: str
    metric: str
    subject: str
    value: float
    known: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    threshold: float

    def row(self) -> dict[str, Any]:
        """A row of the table `quality`."""
        units, flagged = int(self.known.sum()), int((self.missed & self.known).sum())
        return {
            "domain": self.domain, "metric": self.metric, "subject": self.subject, "threshold": self.threshold,
            "value": None if np.isnan(self.value) else float(self.value),
            "units": units, "flagged": flagged, "share": 100 * flagged / units if units else None,
        }  # fmt: skip


def review_table(programme: Programme, measured: Measured, period: Period) -> pa.Table:
    """TABLES["quality"] of a period; empty where no review is declared."""
    schema = TABLES["quality"].schema
    review = programme.review
    if review is None:
        return schema.empty_table()
    units = programme.units.at_level(review.level, period.end)
    found = [*_reporting(programme, review, measured.reports, period, units)]
    found += _values(programme, review, measured.measures, period, units)
    found += _pairs(review, measured, period, units)
    return pa.Table.from_pylist([metric.row() for metric in found], schema=schema)


def _reporting(
    programme: Programme, review: WrittenReview, reports: pa.Table, period: Period, units: Sequence[str]
) -> Iterator[Metric]:
    names = review.datasets or [name for name, one in programme.datasets.items() if one.kind == "reports"]
    for name in names:
        rows = reports.filter(
            pc.and_(
                pc.equal(reports.column("dataset"), name), pc.equal(reports.column("period"), period.code)
            )
        )
        due = _array(rows, "expected", units)
        for metric, column in (("reporting", "received"), ("timeliness", "on_time")):
            came = _array(rows, column, units)
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.where(due > 0, 100 * came / due, np.nan)
            known = ~np.isnan(share)
            if known.any():
                whole = 100 * came[known].sum() / due[known].sum()
                yield Metric("completeness", metric, name, whole, known, share < REPORTS, REPORTS)


def _values(
    programme: Programme, review: WrittenReview, measures: pa.Table, period: Period, units: Sequence[str]
) -> Iterator[Metric]:
    months = [one.code for one in programme.calendar.within(period, "month")]
    totals = measures.filter(pc.equal(measures.column("breakdown"), ""))
    for name in review.values:
        own = totals.filter(pc.equal(totals.column("measure"), name))
        grid = np.stack([_array(_of(own, month), "value", units) for month in months], axis=1)
        due = np.stack([_array(_of(own, month), "expected", units) for month in months], axis=1) > 0
        yield from _filled(name, grid, due)
        yield from _outliers(name, grid)
        years = [period]
        for _ in range(YEARS_BEFORE):
            years.append(programme.calendar.last_year(years[-1]))
        yearly = np.stack([_array(_of(own, one.code), "value", units) for one in years], axis=1)
        yield _over_time(name, yearly)


def _filled(name: str, grid: Floats, due: NDArray[np.bool_]) -> Iterator[Metric]:
    """Months with a value of those in which one was due."""
    wanted = due.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(wanted > 0, 100 * (~np.isnan(grid) & due).sum(axis=1) / wanted, np.nan)
    known = ~np.isnan(share)
    if known.any():
        whole = 100 * (~np.isnan(grid) & due)[known].sum() / wanted[known].sum()
        yield Metric("completeness", "data", name, whole, known, share < DATA, DATA)


def _outliers(name: str, grid: Floats) -> Iterator[Metric]:
    """Standard deviations from the unit's own mean of the year (n − 1); the share of all values is over known ones."""
    count = (~np.isnan(grid)).sum(axis=1)
    known = count >= FEWEST_VALUES
    z = np.full(grid.shape, np.nan)
    for at in np.flatnonzero(known).tolist():
        row = grid[at]
        sd = np.nanstd(row, ddof=1)
        z[at] = np.where(np.isnan(row), np.nan, 0.0) if sd == 0 else (row - np.nanmean(row)) / sd
    size = np.abs(z)
    robust = np.abs(np.stack([_modified(row) for row in grid])) if len(grid) else size
    judged = max(int(np.isfinite(size).sum()), 1)
    for metric, odd, fewest, threshold in (
        ("outliers_extreme", size >= EXTREME, 1, EXTREME),
        ("outliers_moderate", (size >= MODERATE) & (size < EXTREME), TWO, MODERATE),
        ("outliers_modified_z", (robust > MODIFIED) & known[:, None], 1, MODIFIED),
    ):
        yield Metric(
            "internal", metric, name, 100 * odd.sum() / judged, known, odd.sum(axis=1) >= fewest, threshold
        )


def _modified(row: Floats) -> Floats:
    known = ~np.isnan(row)
    found = np.full(row.shape, np.nan)
    if known.sum() >= FEWEST_VALUES:
        found[known] = modified_z(row[known])
    return found


def _over_time(name: str, yearly: Floats) -> Metric:
    """This year ÷ the mean of the three before; a unit misses by being a third away from the ratio of all."""
    complete = ~np.isnan(yearly).any(axis=1)
    before = yearly[:, 1:].mean(axis=1)
    return _against_all("internal", "over_time", name, yearly[:, 0], np.where(complete, before, np.nan))


def _against_all(domain: str, metric: str, subject: str, top: Floats, bottom: Floats) -> Metric:
    known = ~np.isnan(top) & ~np.isnan(bottom) & (bottom > 0)
    whole = top[known].sum() / bottom[known].sum() if known.any() else np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs(top / bottom / whole - 1)
    return Metric(domain, metric, subject, whole, known, apart >= APART - 1e-12, APART)


def _pairs(
    review: WrittenReview, measured: Measured, period: Period, units: Sequence[str]
) -> Iterator[Metric]:
    figures = {"measure": measured.measures, "indicator": measured.indicators}

    def of(name: str) -> Floats:
        for kind, table in figures.items():
            rows = table.filter(
                pc.and_(pc.equal(table.column(kind), name), pc.equal(table.column("breakdown"), ""))
            )
            if rows.num_rows:
                return _array(_of(rows, period.code), "value", units)
        return np.full(len(units), np.nan)

    for pair in review.related:
        subject = f"{pair.first} : {pair.second}"
        yield _against_all("internal", "related", subject, of(pair.first), of(pair.second))
    for pair in review.dropout:
        first, last = of(pair.first), of(pair.second)
        known = ~np.isnan(first) & ~np.isnan(last) & (first > 0)
        whole = 100 * (1 - last[known].sum() / first[known].sum()) if known.any() else np.nan
        subject = f"{pair.first} → {pair.second}"
        yield Metric("internal", "dropout", subject, whole, known, last > (1 + BELOW) * first, -100 * BELOW)
    for pair in review.external:
        routine, other = of(pair.first), of(pair.second)
        known = ~np.isnan(routine) & ~np.isnan(other) & (other > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = routine / other
        whole = float(np.median(ratio[known])) if known.any() else np.nan
        subject = f"{pair.first} : {pair.second}"
        yield Metric("external", "external", subject, whole, known, np.abs(ratio - 1) >= APART - 1e-12, APART)


def _of(rows: pa.Table, period: str) -> pa.Table:
    return rows.filter(pc.equal(rows.column("period"), period))


def _array(rows: pa.Table, column: str, units: Sequence[str]) -> Floats:
    """A column in the order of units; NaN where a unit has no row."""
    values: Mapping[str, float | None] = dict(
        zip(rows.column("unit").to_pylist(), rows.column(column).to_pylist(), strict=True)
    )
    found = [values.get(unit) for unit in units]
    return np.array([np.nan if value is None else value for value in found], np.float64)
