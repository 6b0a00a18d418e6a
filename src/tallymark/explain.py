"""Gathers where a figure comes from: the run's tables, the frozen programme, and the store's rows behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tallymark.engine.duckdb import connect
from tallymark.errors import AssessmentError, StoreError
from tallymark.explanation import Explanation, Row
from tallymark.findings import did_you_mean
from tallymark.flow import previous_run
from tallymark.model.expressions import Expression
from tallymark.model.periods import Period
from tallymark.model.text import Text
from tallymark.programme.load import load
from tallymark.programme.resolved import Dataset, Indicator, Line, Measure, Programme
from tallymark.score.explain_points import arithmetic
from tallymark.store import Store, open_store
from tallymark.store.runs import Run
from tallymark.store.schemas import SUPERSEDED

MOST_ROWS = 20
HIDDEN = "•••"
FIGURE = (
    "numerator", "denominator", "value", "low", "high", "expected", "received", "usable", "basis",
    "previous", "last_year", "three_year_mean",
)  # fmt: skip
PLACE = ("_source_row", "_batch", "_row")


def explain(run: Run, *, indicator: str, unit: str, period: str | None = None) -> Explanation:
    """The explanation of one figure of a run; AssessmentError when the run has no such figure."""
    programme = load(run.programme_folder)
    chosen = _indicator(programme, indicator)
    if unit not in programme.units.index:
        raise AssessmentError(_unknown("unit", unit, programme.units.codes))
    span = _period(programme, period or str(run.manifest["period"]))
    connection = connect()
    figure = _figure(connection, run, chosen, unit, span)
    store = _store(run)
    at = int(run.manifest["data_version"])
    below = leaves(programme, unit, span)
    return Explanation(
        run=run.id,
        mode=str(run.manifest["mode"]),
        unit=unit,
        unit_name=programme.units.names[programme.units.index[unit]],
        period=span.code,
        indicator=chosen.name,
        title=chosen.title,
        description=chosen.description,
        in_words=formula_in_words(programme, chosen),
        in_symbols=formula_in_symbols(chosen),
        unit_of_measure=chosen.unit,
        decimals=chosen.decimals,
        figure=figure,
        measures=_measures(connection, run, programme, chosen, unit, span),
        children=_children(connection, run, programme, chosen, unit, span),
        within=_within(connection, run, programme, chosen, unit, span),
        batches=_batches(connection, run, programme, chosen, unit),
        rows=_rows(connection, store, programme, chosen, below, span, at) if store else (),
        corrections=_corrections(connection, store, programme, chosen, below, span, at) if store else (),
        findings=_findings(connection, run, programme, chosen, below, unit, span),
        points=_points(connection, run, programme, chosen, unit, span),
        change=_change(connection, run, chosen, unit, span),
    )


def formula_in_words(programme: Programme, indicator: Indicator) -> Text:
    """factor × numerator ÷ denominator with titles instead of codes."""
    titles = {name: measure.title for name, measure in programme.measures.items()}
    return Text(
        *(_formula(indicator, lambda e, lang=language: e.in_words(titles, lang)) for language in ("en", "zh"))
    )


def formula_in_symbols(indicator: Indicator) -> str:
    """factor × numerator ÷ denominator with the codes of measures."""
    return _formula(indicator, lambda expression: expression.text)


def _formula(indicator: Indicator, shown: Any) -> str:
    factor = f"{indicator.factor:g} × " if indicator.factor != 1 else ""
    yearly = " × periods a year" if indicator.annualise else ""
    if indicator.denominator is None:
        return f"{factor}{shown(indicator.numerator)}{yearly}"
    return f"{factor}({shown(indicator.numerator)}) ÷ ({shown(indicator.denominator)}){yearly}"


def leaves(programme: Programme, unit: str, period: Period) -> tuple[str, ...]:
    """The unit and every unit below it at any time in the period."""
    months = programme.calendar.months(period)
    tree = programme.units.ancestry(months[0], months[-1])
    below = tree.filter(pa.compute.equal(tree.column("ancestor"), unit)).column("unit")
    return tuple(dict.fromkeys(below.to_pylist())) or (unit,)


def _indicator(programme: Programme, name: str) -> Indicator:
    if name not in programme.indicators:
        raise AssessmentError(_unknown("indicator", name, programme.indicators))
    return programme.indicators[name]


def _unknown(kind: str, word: str, known: Any) -> str:
    near = did_you_mean(word, known)
    return f"there is no {kind} '{word}'" + (f"; did you mean {', '.join(near)}?" if near else "")


def _period(programme: Programme, code: str) -> Period:
    try:
        return programme.calendar.parse(code)
    except ValueError as error:
        raise AssessmentError(f"period '{code}': {error}") from None


def _store(run: Run) -> Store | None:
    """The store that the run lies in; None when the run was taken elsewhere (its own tables still explain it)."""
    folder = run.path.resolve().parent.parent
    try:
        return open_store(folder) if (folder / "_batches").is_dir() else None
    except StoreError:
        return None


def _parquet(run: Run, name: str) -> str:
    path = str(run.path / f"{name}.parquet").replace("'", "''")
    return f"read_parquet('{path}')"


def _query(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.execute(sql, dict(values or {})).to_arrow_table().to_pylist()
    return rows


def _figure(
    connection: duckdb.DuckDBPyConnection, run: Run, indicator: Indicator, unit: str, period: Period
) -> Row:
    rows = _query(
        connection,
        f"SELECT {', '.join(FIGURE)} FROM {_parquet(run, 'indicators')} "
        "WHERE unit = $unit AND period = $period AND indicator = $indicator AND breakdown = ''",
        {"unit": unit, "period": period.code, "indicator": indicator.name},
    )
    if not rows:
        known = _query(
            connection,
            f"SELECT DISTINCT period FROM {_parquet(run, 'indicators')} WHERE unit = $unit ORDER BY period",
            {"unit": unit},
        )
        periods = ", ".join(row["period"] for row in known)
        raise AssessmentError(
            f"run {run.id} has no {indicator.name} of {unit} for {period.code}; it has: {periods or 'nothing'}"
        )
    return rows[0]


def _measures(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    programme: Programme,
    indicator: Indicator,
    unit: str,
    period: Period,
) -> Sequence[Row]:
    rows = _query(
        connection,
        f"SELECT measure, value, expected, received, usable, basis FROM {_parquet(run, 'measures')} "
        "WHERE unit = $unit AND period = $period AND breakdown = '' AND list_contains($names, measure) ORDER BY measure",
        {"unit": unit, "period": period.code, "names": sorted(indicator.names)},
    )
    return [row | _what_it_counts(programme.measures[row["measure"]]) for row in rows]


def _what_it_counts(measure: Measure) -> dict[str, Any]:
    counted = {
        "count": "rows",
        "distinct": f"distinct {_text(measure.of)}",
        "sum": f"sum of {measure.item or _text(measure.of)}",
    }
    return {
        "title": measure.title,
        "dataset": measure.dataset.name,
        "counts": counted.get(measure.aggregate, f"{measure.over_time} level of {measure.item}"),
        "where": _text(measure.where),
    }


def _text(expression: Expression | None) -> str:
    return expression.text if expression else ""


def _children(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    programme: Programme,
    indicator: Indicator,
    unit: str,
    period: Period,
) -> Sequence[Row]:
    children = programme.units.children_on(unit, period.end)
    rows = _query(
        connection,
        f"SELECT unit, numerator, denominator, value, basis FROM {_parquet(run, 'indicators')} WHERE period = $period "
        "AND indicator = $indicator AND breakdown = '' AND list_contains($children, unit) ORDER BY unit",
        {"period": period.code, "indicator": indicator.name, "children": list(children)},
    )
    index, names = programme.units.index, programme.units.names
    return [row | {"name": names[index[row["unit"]]]} for row in rows]


def _within(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    programme: Programme,
    indicator: Indicator,
    unit: str,
    period: Period,
) -> Sequence[Row]:
    shorter = [
        inner.code
        for frequency in programme.calendar.frequencies
        if frequency == "month" and frequency != period.frequency
        for inner in programme.calendar.within(period, frequency)
    ]
    return _query(
        connection,
        f"SELECT period, numerator, denominator, value, basis FROM {_parquet(run, 'indicators')} WHERE unit = $unit "
        "AND indicator = $indicator AND breakdown = '' AND list_contains($periods, period) ORDER BY period",
        {"unit": unit, "indicator": indicator.name, "periods": shorter},
    )


def _datasets(programme: Programme, indicator: Indicator) -> tuple[str, ...]:
    names = {
        programme.measures[name].dataset.name if name in programme.measures else name.partition(".")[0]
        for name in indicator.names
    }
    return tuple(sorted(names))


def _batches(
    connection: duckdb.DuckDBPyConnection, run: Run, programme: Programme, indicator: Indicator, unit: str
) -> Sequence[Row]:
    return _query(
        connection,
        f"SELECT l.dataset, l.batch, b.file, b.hash, b.received_at, l.rows, l.corrected "
        f"FROM {_parquet(run, 'lineage')} AS l LEFT JOIN {_parquet(run, 'batches')} AS b USING (batch) "
        "WHERE l.unit = $unit AND list_contains($datasets, l.dataset) ORDER BY l.dataset, l.batch",
        {"unit": unit, "datasets": list(_datasets(programme, indicator))},
    )


def _asked(programme: Programme, indicator: Indicator, dataset: str) -> list[Measure]:
    return [
        programme.measures[name]
        for name in sorted(indicator.names)
        if name in programme.measures and programme.measures[name].dataset.name == dataset
    ]


def _condition(measures: Sequence[Measure]) -> str:
    """SQL that keeps the rows which these measures count; TRUE when one of them counts every row."""
    parts = []
    for measure in measures:
        terms = [f"item = '{measure.item}'"] if measure.item else []
        if measure.where:
            terms.append(
                f"({measure.where.sql({name: chr(34) + name + chr(34) for name in measure.where.names})})"
            )
        parts.append(" AND ".join(terms) or "TRUE")
    return "(" + " OR ".join(f"({part})" for part in parts) + ")" if parts else "TRUE"


def _shown(dataset: Dataset) -> str:
    """Columns of a row that may be seen: personal and sensitive ones are covered."""
    if dataset.kind != "events":
        when = "period" if dataset.kind == "reports" else "date"
        return ", ".join(["unit", when, "item", *(f'"{name}"' for name in dataset.columns), "value", *PLACE])
    columns = [
        f'"{name}"' if column.sensitivity in ("public", "internal") else f"'{HIDDEN}' AS \"{name}\""
        for name, column in dataset.columns.items()
    ]
    return ", ".join([*columns, *PLACE])


def _stored(store: Store, programme: Programme, indicator: Indicator) -> list[Dataset]:
    return [
        programme.datasets[name] for name in _datasets(programme, indicator) if store.open_columns(name).names
    ]


def _rows(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    programme: Programme,
    indicator: Indicator,
    below: Sequence[str],
    period: Period,
    at: int,
) -> Sequence[Row]:
    months = programme.calendar.months(period)
    found: list[Row] = []
    for dataset in _stored(store, programme, indicator):
        unit = "_unit" if dataset.kind == "events" else "unit"
        sql = (
            f"SELECT {_shown(dataset)} FROM {store.relation(dataset, at)} "
            f"WHERE _month BETWEEN {months[0]} AND {months[-1]} AND list_contains($below, {unit}) "
            f"AND {_condition(_asked(programme, indicator, dataset.name))} "
            f"ORDER BY _month, {unit}, _batch, _row LIMIT {MOST_ROWS}"
        )
        found += [{"dataset": dataset.name} | row for row in _query(connection, sql, {"below": list(below)})]
    return found


def _corrections(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    programme: Programme,
    indicator: Indicator,
    below: Sequence[str],
    period: Period,
    at: int,
) -> Sequence[Row]:
    changed = store.system(SUPERSEDED, at)
    if not changed.num_rows:
        return ()
    connection.register("superseded", changed)
    months = programme.calendar.months(period)
    found: list[Row] = []
    for dataset in _stored(store, programme, indicator):
        if dataset.kind == "events":
            where, old, new = "o._unit || ' ' || o._day::VARCHAR", "o._source_row", "n._source_row"
        else:
            when = "o.period" if dataset.kind == "reports" else "o.date::VARCHAR"
            where, old, new = (
                f"o.unit || ' ' || {when} || ' ' || o.item",
                "o.value::VARCHAR",
                "n.value::VARCHAR",
            )
        unit = "o._unit" if dataset.kind == "events" else "o.unit"
        asked = _asked(programme, indicator, dataset.name)
        items = [measure.item for measure in asked if measure.item]
        wanted = f" AND list_contains({items!r}, o.item)" if items and len(items) == len(asked) else ""
        every = store.everything(dataset, at)
        sql = (
            f'SELECT {where} AS "where", {old} AS old, {new} AS new, s._batch AS batch, s.reason '
            f"FROM superseded AS s JOIN {every} AS o ON o._batch = s.old_batch AND o._row = s.old_row "
            f"LEFT JOIN {every} AS n ON n._batch = s._batch AND n._row = s.new_row "
            f"WHERE s.dataset = $dataset AND o._month BETWEEN {months[0]} AND {months[-1]} "
            f"AND list_contains($below, {unit}){wanted} ORDER BY ALL LIMIT {MOST_ROWS}"
        )
        found += _query(connection, sql, {"dataset": dataset.name, "below": list(below)})
    connection.unregister("superseded")
    return found


def _findings(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    programme: Programme,
    indicator: Indicator,
    below: Sequence[str],
    unit: str,
    period: Period,
) -> Sequence[Row]:
    items = {
        measure.item
        for name in _datasets(programme, indicator)
        for measure in _asked(programme, indicator, name)
    }
    checks = [
        f"check.{check.name}"
        for check in programme.checks.values()
        if check.expect.names & (indicator.names | {indicator.name})
    ]
    inside = [
        inner.code
        for frequency in programme.calendar.frequencies
        for inner in programme.calendar.within(period, frequency)
    ]
    return _query(
        connection,
        f"SELECT code, severity, unit, period, item, sheet, cell, message, message_zh FROM {_parquet(run, 'findings')} "
        "WHERE list_contains($below, unit) AND (period IS NULL OR list_contains($periods, period)) "
        "AND (list_contains($checks, code) OR list_contains($items, item)) ORDER BY severity, code, unit, period "
        f"LIMIT {MOST_ROWS}",
        {
            "below": [unit, *below],
            "periods": [period.code, *inside],
            "checks": checks,
            "items": sorted(item for item in items if item),
        },
    )


def _points(
    connection: duckdb.DuckDBPyConnection,
    run: Run,
    programme: Programme,
    indicator: Indicator,
    unit: str,
    period: Period,
) -> Sequence[Row]:
    if period.code != run.manifest["period"]:
        return ()
    rows = _query(
        connection,
        f"SELECT * FROM {_parquet(run, 'scores')} WHERE unit = $unit AND indicator = $indicator ORDER BY contract, line",
        {"unit": unit, "indicator": indicator.name},
    )
    lines = {
        (contract.code, line.code): line
        for contract in programme.contracts.values()
        for line in (*contract.lines, *contract.bonus)
    }
    return [_explained(row, lines.get((row["contract"], row["line"]))) for row in rows]


def _explained(row: Row, line: Line | None) -> Row:
    words = (
        Text(*(arithmetic(line, row, language) for language in ("en", "zh")))
        if line
        else Text(row["kind"], row["kind"])
    )
    return {
        "contract": row["contract"],
        "line": row["line"],
        "title": line.title if line else Text(row["line"]),
        "points": row["points"],
        "available": row["available"],
        "status": row["status"],
        "arithmetic": words,
    }


def _change(
    connection: duckdb.DuckDBPyConnection, run: Run, indicator: Indicator, unit: str, period: Period
) -> Row | None:
    before = previous_run(run)
    if before is None:
        return None
    then, now = (_figure_or_none(connection, each, indicator, unit, period) for each in (before, run))
    causes = [
        cause
        for key, cause in (
            ("data_hash", "other data"),
            ("programme", "another programme"),
            ("code_version", "another version of the code"),
        )
        if before.manifest[key] != run.manifest[key]
    ]
    first, last = int(before.manifest["data_version"]), int(run.manifest["data_version"])
    return {
        "run": before.id,
        "before": then,
        "now": now,
        "batches": list(range(first + 1, last + 1)),
        "causes": causes,
    }


def _figure_or_none(
    connection: duckdb.DuckDBPyConnection, run: Run, indicator: Indicator, unit: str, period: Period
) -> float | None:
    if not Path(run.path / "indicators.parquet").is_file():
        return None
    rows = _query(
        connection,
        f"SELECT value FROM {_parquet(run, 'indicators')} WHERE unit = $unit AND period = $period "
        "AND indicator = $indicator AND breakdown = ''",
        {"unit": unit, "period": period.code, "indicator": indicator.name},
    )
    return rows[0]["value"] if rows else None
