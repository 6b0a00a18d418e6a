"""What the run's own tables say about a figure: value, measures, children, shorter periods, batches, findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from tallymark.errors import AssessmentError
from tallymark.explaining.explanation import Row
from tallymark.model.expressions import Expression
from tallymark.model.periods import Period
from tallymark.programme.resolved import Indicator, Measure, Programme
from tallymark.store.delta import unreadable
from tallymark.store.runs import Run
from tallymark.texts import Message

MOST_ROWS = 20
SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.float64(): "DOUBLE",
    pa.int64(): "BIGINT",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
}
"""Type of a column of a result table → its type in SQL."""
FIGURE = (
    "numerator", "denominator", "value", "low", "high", "expected", "received", "usable", "basis",
    "previous", "last_year", "three_year_mean", "shrunk", "shrunk_low", "shrunk_high", "small",
    "benchmark", "against_95", "against_998", "years",
)  # fmt: skip


LEVELS = {
    "sum": "sum of levels of {item}",
    "last": "last level of {item}",
    "first": "first level of {item}",
    "average": "average level of {item}",
    "mid_period": "mean of the levels of {item} at start and end",
}
"""How a stock's level becomes a figure, by `over_time`."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which figure is asked about, and where its answer lies. `below`: the unit and every unit under it."""

    connection: duckdb.DuckDBPyConnection
    run: Run
    programme: Programme
    indicator: Indicator
    unit: str
    period: Period
    below: tuple[str, ...]

    @property
    def names(self) -> dict[str, str]:
        """The figure's key, as query parameters."""
        return {"unit": self.unit, "period": self.period.code, "indicator": self.indicator.name}

    @property
    def datasets(self) -> tuple[str, ...]:
        """Datasets that the figure is counted from."""
        measures = self.programme.measures
        return tuple(
            sorted(
                {
                    measures[name].dataset.name if name in measures else name.partition(".")[0]
                    for name in self.indicator.names
                }
            )
        )

    def measures_of(self, dataset: str) -> list[Measure]:
        """The figure's measures over one dataset."""
        found = [self.programme.measures.get(name) for name in sorted(self.indicator.names)]
        return [measure for measure in found if measure and measure.dataset.name == dataset]

    def query(self, sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Rows of a query; `{table}` in braces stands for a table of the run."""
        try:
            table = self.connection.sql(sql, params=dict(values)).to_arrow_table()
        except duckdb.Error as error:
            if not unreadable(error):
                raise
            raise self._unreadable(error) from error
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def _unreadable(self, error: duckdb.Error) -> AssessmentError:
        """What is said when a query cannot be answered: which of the run's files is gone or damaged, if it is one."""
        if self.run.altered():
            return AssessmentError(
                "run {run} was altered ({files}); run `tallymark assess` again",
                run=self.run.id,
                files=", ".join(self.run.altered()),
            )
        return AssessmentError(
            "the data behind the figure cannot be read: {why}", why=str(error).splitlines()[0]
        )

    def table(self, name: str, run: Run | None = None, *, periods: Collection[str] | None = None) -> str:
        """A run's table as a table expression; what the version that made the run did not know yet is NULL.

        periods: those that are asked for, where the table has a file for each.
        """
        chosen = run or self.run
        lacking = [
            f"CAST(NULL AS {SQL_TYPES[kind]}) AS {column}" for column, kind in chosen.lacking(name).items()
        ]
        if name not in chosen.manifest["tables"]:
            return f"(SELECT {', '.join(lacking)} WHERE FALSE)"
        paths = chosen.files(name, periods) or chosen.files(name)[:1]
        listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
        if not lacking:
            return f"read_parquet([{listed}])"
        return f"(SELECT *, {', '.join(lacking)} FROM read_parquet([{listed}]))"


def figure(ask: Question) -> Row:
    """The figure itself; AssessmentError naming the periods there are when the run has none."""
    rows = ask.query(
        f"SELECT {', '.join(FIGURE)} FROM {ask.table('indicators', periods=[ask.period.code])} "
        "WHERE unit = $unit AND period = $period AND indicator = $indicator AND breakdown = ''",
        ask.names,
    )
    if not rows:
        sql = f"SELECT DISTINCT period FROM {ask.table('indicators')} WHERE unit = $unit ORDER BY period"
        known = ", ".join(row["period"] for row in ask.query(sql, {"unit": ask.unit}))
        raise AssessmentError(
            "run {run} has no {indicator} of {unit} for {period}; its periods of this unit are: {known}",
            run=ask.run.id,
            indicator=ask.indicator.name,
            unit=ask.unit,
            period=ask.period.code,
            known=known or "–",
        )
    return rows[0]


def differences(ask: Question) -> Sequence[Row]:
    """The figure's change from a year before, and its gaps between groups, where there are intervals to go by."""
    return ask.query(
        "SELECT period, breakdown, category, against, value, other, difference, low, high, ratio, ratio_low, ratio_high, "
        f"q, told FROM {ask.table('differences')} WHERE unit = $unit AND period = $period AND indicator = $indicator "
        "AND low IS NOT NULL ORDER BY breakdown, category",
        ask.names,
    )


def measures(ask: Question) -> Sequence[Row]:
    """The measures the figure is made from, with what each counts."""
    rows = ask.query(
        "SELECT measure, value, expected, received, usable, basis "
        f"FROM {ask.table('measures', periods=[ask.period.code])} "
        "WHERE unit = $unit AND period = $period AND breakdown = '' AND list_contains($measures, measure) "
        "ORDER BY measure",
        {"unit": ask.unit, "period": ask.period.code, "measures": sorted(ask.indicator.names)},
    )
    known = ask.programme.measures
    return [row | _what_it_counts(known[row["measure"]]) for row in rows if row["measure"] in known]


def _what_it_counts(measure: Measure) -> dict[str, Any]:
    counted = {
        "count": Message("rows"),
        "distinct": Message("distinct {column}", column=_text(measure.of)),
        "sum": Message("sum of {column}", column=measure.item or _text(measure.of)),
    }
    level = Message(LEVELS[measure.over_time], item=measure.item or "")
    return {
        "title": measure.title,
        "dataset": measure.dataset.name,
        "counts": counted.get(measure.aggregate, level),
        "where": _text(measure.where),
    }


def _text(expression: Expression | None) -> str:
    return expression.text if expression else ""


def children(ask: Question) -> Sequence[Row]:
    """The same figure of the units directly below."""
    below = ask.programme.units.children_on(ask.unit, ask.period.end)
    rows = ask.query(
        "SELECT unit, numerator, denominator, value, basis "
        f"FROM {ask.table('indicators', periods=[ask.period.code])} WHERE period = $period "
        "AND indicator = $indicator AND breakdown = '' AND list_contains($children, unit) ORDER BY unit",
        {"period": ask.period.code, "indicator": ask.indicator.name, "children": list(below)},
    )
    units = ask.programme.units
    return [row | {"name": units.names[units.index[row["unit"]]]} for row in rows]


def within(ask: Question) -> Sequence[Row]:
    """The same figure of the months inside the period."""
    calendar = ask.programme.calendar
    shorter = (
        [inner.code for inner in calendar.within(ask.period, "month")]
        if "month" in calendar.frequencies and ask.period.frequency != "month"
        else []
    )
    return ask.query(
        f"SELECT period, numerator, denominator, value, basis FROM {ask.table('indicators', periods=shorter)} "
        "WHERE unit = $unit "
        "AND indicator = $indicator AND breakdown = '' AND list_contains($periods, period) ORDER BY period",
        {"unit": ask.unit, "indicator": ask.indicator.name, "periods": shorter},
    )


def batches(ask: Question) -> Sequence[Row]:
    """Deliveries that the unit's rows of the run's period came in."""
    return ask.query(
        "SELECT l.dataset, l.batch, b.file, b.hash, b.received_at, l.rows, l.corrected "
        f"FROM {ask.table('lineage')} AS l LEFT JOIN {ask.table('batches')} AS b USING (batch) "
        "WHERE l.unit = $unit AND list_contains($datasets, l.dataset) ORDER BY l.dataset, l.batch",
        {"unit": ask.unit, "datasets": list(ask.datasets)},
    )


def findings(ask: Question) -> Sequence[Row]:
    """Findings about what the figure is made from, in the unit and below it; the first ones."""
    calendar = ask.programme.calendar
    items = {measure.item for name in ask.datasets for measure in ask.measures_of(name) if measure.item}
    touched = ask.indicator.names | {ask.indicator.name}
    checks = [f"check.{check.name}" for check in ask.programme.checks.values() if check.reads & touched]
    inside = [
        inner.code
        for frequency in calendar.frequencies
        if frequency not in ("day", "week")
        for inner in calendar.within(ask.period, frequency)
    ]
    return ask.query(
        "SELECT code, severity, unit, period, item, sheet, cell, message, message_zh "
        f"FROM {ask.table('findings')} WHERE list_contains($below, unit) "
        "AND (period IS NULL OR list_contains($periods, period)) "
        "AND (list_contains($checks, code) OR list_contains($items, item)) "
        f"ORDER BY severity, code, unit, period, item LIMIT {MOST_ROWS}",
        {
            "below": list(ask.below),
            "periods": [ask.period.code, *inside],
            "checks": checks,
            "items": sorted(items),
        },
    )
