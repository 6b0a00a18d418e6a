"""The WHO data quality review of a year, summed up: each metric over all units of a level, and how many units miss it.

Source: WHO, Data quality review: a toolkit for facility data quality assessment, modules 1 and 2 (2017), as WHO's own
software works it out: the WHO Data Quality Tool for DHIS2 (© WHO 2017, github.com/dhis2/who-data-quality-app, c3fac52),
whose usual thresholds are `THRESHOLDS`. Oracle: tests/oracle/test_who_dqr.py.
"""

from __future__ import annotations

import json
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
from tallymark.statistics.outliers import MEAN_DEVIATION_TO_SD

Floats = NDArray[np.float64]
THRESHOLDS: Mapping[str, float] = {
    "reporting": 90.0, "timeliness": 75.0, "data": 90.0, "outliers_extreme": 3.0, "outliers_moderate": 2.0,
    "outliers_modified_z": 3.5, "over_time": 33.0, "related": 33.0, "equal": 10.0, "dropout": 0.0, "external": 33.0,
}  # fmt: skip
"""Per cent, standard deviations, or a modified z."""
FEWEST_VALUES, TWO, YEARS_BEFORE = 2, 2, 3
ROUNDING = 1e-9
"""What a floating-point ratio may be beyond a threshold without being beyond it."""


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

    def row(self, thresholds: Mapping[str, float], names: Sequence[str]) -> dict[str, Any]:
        """A row of the table `quality`; names: the units' codes in the order of `missed`."""
        beyond = self.missed & self.known
        units, flagged = int(self.known.sum()), int(beyond.sum())
        return {
            "domain": self.domain, "metric": self.metric, "subject": self.subject,
            "threshold": thresholds[self.metric],
            "value": None if np.isnan(self.value) else float(self.value),
            "units": units, "flagged": flagged, "share": 100 * flagged / units if units else None,
            "missed": json.dumps([names[at] for at in np.flatnonzero(beyond).tolist()], ensure_ascii=False),
        }  # fmt: skip


def review_table(programme: Programme, measured: Measured, period: Period) -> pa.Table:
    """TABLES["quality"] of a period; empty where no review is declared."""
    schema = TABLES["quality"].schema
    review = programme.review
    if review is None:
        return schema.empty_table()
    units = programme.units.at_level(review.level, period.end)
    said: Mapping[str, float] = {str(name): limit for name, limit in review.thresholds.items()}
    limits = {**THRESHOLDS, **said}
    asked = _Asked(programme, review, period, units, limits)
    found = [*_reporting(asked, measured.reports), *_values(asked, measured.measures)]
    found += _pairs(asked, measured)
    return pa.Table.from_pylist([metric.row(limits, units) for metric in found], schema=schema)


@dataclass(frozen=True, slots=True)
class _Asked:
    programme: Programme
    review: WrittenReview
    period: Period
    units: Sequence[str]
    limits: Mapping[str, float]


def _reporting(asked: _Asked, reports: pa.Table) -> Iterator[Metric]:
    units = asked.units
    names = asked.review.datasets or [
        name for name, one in asked.programme.datasets.items() if one.kind == "reports"
    ]
    for name in names:
        rows = reports.filter(
            pc.and_(
                pc.equal(reports.column("dataset"), name),
                pc.equal(reports.column("period"), asked.period.code),
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
                yield Metric("completeness", metric, name, whole, known, share < asked.limits[metric])


def _values(asked: _Asked, measures: pa.Table) -> Iterator[Metric]:
    programme, period, units = asked.programme, asked.period, asked.units
    months = [one.code for one in programme.calendar.within(period, "month")]
    totals = measures.filter(pc.equal(measures.column("breakdown"), ""))
    for name in asked.review.values:
        own = totals.filter(pc.equal(totals.column("measure"), name))
        grid = np.stack([_array(_of(own, month), "value", units) for month in months], axis=1)
        due = np.stack([_array(_of(own, month), "expected", units) for month in months], axis=1) > 0
        yield from _filled(name, grid, due, asked.limits["data"])
        yield from _outliers(name, grid, asked.limits)
        years = [period]
        for _ in range(YEARS_BEFORE):
            years.append(programme.calendar.last_year(years[-1]))
        yearly = np.stack([_array(_of(own, one.code), "value", units) for one in years], axis=1)
        yield _over_time(name, yearly, asked.limits["over_time"])


def _filled(name: str, grid: Floats, due: NDArray[np.bool_], limit: float) -> Iterator[Metric]:
    """Months with a value of those in which one was due."""
    wanted = due.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(wanted > 0, 100 * (~np.isnan(grid) & due).sum(axis=1) / wanted, np.nan)
    known = ~np.isnan(share)
    if known.any():
        whole = 100 * (~np.isnan(grid) & due)[known].sum() / wanted[known].sum()
        yield Metric("completeness", "data", name, whole, known, share < limit)


def _outliers(name: str, grid: Floats, limits: Mapping[str, float]) -> Iterator[Metric]:
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
    extreme = size >= limits["outliers_extreme"]
    for metric, odd, fewest in (
        ("outliers_extreme", extreme, 1),
        ("outliers_moderate", (size >= limits["outliers_moderate"]) & ~extreme, TWO),
        ("outliers_modified_z", (robust > limits["outliers_modified_z"]) & known[:, None], TWO),
    ):
        yield Metric("internal", metric, name, 100 * odd.sum() / judged, known, odd.sum(axis=1) >= fewest)


def _modified(row: Floats) -> Floats:
    """Modified z; where over half of the values are equal, deviations ÷ (1.2533 × their mean size); 0 where all are."""
    known = ~np.isnan(row)
    found = np.full(row.shape, np.nan)
    if known.sum() < FEWEST_VALUES:
        return found
    found[known] = modified_z(row[known])
    if np.isnan(found[known]).all():
        deviation = row[known] - np.median(row[known])
        spread = np.abs(deviation).mean()
        found[known] = deviation / (MEAN_DEVIATION_TO_SD * spread) if spread else 0.0
    return found


def _over_time(name: str, yearly: Floats, limit: float) -> Metric:
    """This year ÷ the mean of the three before; a unit misses by being over a third away from the ratio of all."""
    complete = ~np.isnan(yearly).any(axis=1)
    before = yearly[:, 1:].mean(axis=1)
    missed = _against_all(yearly[:, 0], np.where(complete, before, np.nan), limit)
    return Metric("internal", "over_time", name, *missed)


def _against_all(
    top: Floats, bottom: Floats, limit: float, expected: float | None = None
) -> tuple[float, NDArray[np.bool_], NDArray[np.bool_]]:
    """Ratio of all, units known, units farther away than `limit` % from it, or from what is expected."""
    known = ~np.isnan(top) & ~np.isnan(bottom) & (bottom > 0)
    whole = top[known].sum() / bottom[known].sum() if known.any() else np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.abs(top / bottom / (whole if expected is None else expected) - 1)
    return whole, known, 100 * apart > limit + ROUNDING


def _pairs(asked: _Asked, measured: Measured) -> Iterator[Metric]:
    review, period, units, limits = asked.review, asked.period, asked.units, asked.limits
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
        missed = _against_all(of(pair.first), of(pair.second), limits["related"])
        yield Metric("internal", "related", subject, *missed)
    for pair in review.equal:
        subject = f"{pair.first} : {pair.second}"
        missed = _against_all(of(pair.first), of(pair.second), limits["equal"], 1.0)
        yield Metric("internal", "equal", subject, *missed)
    for pair in review.dropout:
        first, last = of(pair.first), of(pair.second)
        known = ~np.isnan(first) & ~np.isnan(last) & (first > 0)
        whole = 100 * (1 - last[known].sum() / first[known].sum()) if known.any() else np.nan
        subject = f"{pair.first} → {pair.second}"
        lost = 100 * (first - last) < first * limits["dropout"] - ROUNDING
        yield Metric("internal", "dropout", subject, whole, known, lost)
    for pair in review.external:
        routine, other = of(pair.first), of(pair.second)
        known = ~np.isnan(routine) & ~np.isnan(other) & (other > 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = routine / other
        whole = float(np.median(ratio[known])) if known.any() else np.nan
        subject = f"{pair.first} : {pair.second}"
        apart = 100 * np.abs(ratio - 1) > limits["external"] + ROUNDING
        yield Metric("external", "external", subject, whole, known, apart)


def _of(rows: pa.Table, period: str) -> pa.Table:
    return rows.filter(pc.equal(rows.column("period"), period))


def _array(rows: pa.Table, column: str, units: Sequence[str]) -> Floats:
    """A column in the order of units; NaN where a unit has no row."""
    values: Mapping[str, float | None] = dict(
        zip(rows.column("unit").to_pylist(), rows.column(column).to_pylist(), strict=True)
    )
    found = [values.get(unit) for unit in units]
    return np.array([np.nan if value is None else value for value in found], np.float64)
