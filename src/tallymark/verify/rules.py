"""Declared checks against measured figures: a condition that is false is a finding, one that is unknown is not."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

import duckdb
import pyarrow as pa
from sqlglot import exp, parse_one, select

from tallymark.model.tables import TABLES
from tallymark.model.text import Text
from tallymark.programme.comparing import RELATIVES, base_of
from tallymark.programme.resolved import Check, Programme
from tallymark.texts import LANGUAGES, translate
from tallymark.verify.relatives import TREE, compared, is_relative, load, periods_of, unload

FAILED = "{title}: {expect} does not hold ({figures})"
REPORT_COUNTS = ("expected", "received", "on_time")
DIGITS = 4


class Measured(Protocol):
    """What is checked: tables of measures, indicators and reports."""

    @property
    def measures(self) -> pa.Table: ...
    @property
    def indicators(self) -> pa.Table: ...
    @property
    def reports(self) -> pa.Table: ...


def check(
    programme: Programme,
    measured: Measured,
    *,
    connection: duckdb.DuckDBPyConnection,
    periods: Collection[str] | None = None,
) -> pa.Table:
    """A finding for every unit and period in which a declared check fails, as the `findings` table.

    periods: only of these, which are compared with the others that were measured.

    A check is over measures, indicators and `<dataset>.expected`, `.received`, `.on_time`, at its frequency and
    level. Where a figure that it reads is missing the condition is unknown, and unknown is not a failure.
    """
    schema = TABLES["findings"].schema
    if not programme.checks:
        return schema.empty_table()
    tables = {"measures": measured.measures, "indicators": measured.indicators, "reports": measured.reports}
    for name, table in tables.items():
        connection.register(f"checked_{name}", table)
    beside = any(map(is_relative, (n for one in programme.checks.values() for n in one.expect.names)))
    if beside:
        load(programme, periods_of(programme, tables.values()), connection)
    try:
        parts = [_findings(programme, each, connection, periods) for each in programme.checks.values()]
    finally:
        if beside:
            unload(connection)
        for name in tables:
            connection.unregister(f"checked_{name}")
    return pa.concat_tables(parts)


def failing_sql(programme: Programme, declared: Check, periods: Collection[str] | None = None) -> exp.Select:
    """The query for units and periods in which a check fails, with the figures that it reads and shows."""
    names = sorted(declared.expect.names | set(declared.show))
    figures = select("unit", "period", *(_figure(name) for name in names)).from_(
        _long(programme, names, declared).subquery("long")
    )
    columns = {name: f'"{name}"' for name in names}
    condition = parse_one(declared.expect.sql(columns), dialect="duckdb")
    wide = figures.group_by("unit", "period").subquery("wide")
    found = (
        select("unit", "period", *(exp.column(name, quoted=True) for name in names))
        .from_(wide)
        .where(exp.Not(this=exp.paren(condition)))
        .order_by("unit", "period")
    )
    if declared.level is not None and any(map(is_relative, names)):
        among = select("unit").from_(TREE).where(exp.column("level").eq(declared.level.code))
        found = found.where(exp.column("unit").isin(query=among))
    return found if periods is None else found.where(exp.column("period").isin(*sorted(periods)))


def _figure(name: str) -> exp.Expression:
    chosen = exp.Case().when(exp.column("name").eq(name), exp.column("value"))
    return exp.alias_(exp.Max(this=chosen), name, quoted=True)


def _long(programme: Programme, names: Sequence[str], declared: Check) -> exp.Expression:
    """Named figures of the check's frequency and level, one under another."""
    parts = []
    for kind, known in (("measure", programme.measures), ("indicator", programme.indicators)):
        wanted = [name for name in names if name in known]
        if wanted:
            rows = select("unit", "period", exp.alias_(exp.column(kind), "name"), "value").from_(
                f"checked_{kind}s"
            )
            parts.append(
                _of_check(rows.where(exp.column("breakdown").eq("")), declared).where(
                    exp.column(kind).isin(*wanted)
                )
            )
    for name in names:
        dataset, _, count = name.partition(".")
        if count in REPORT_COUNTS:
            rows = select(
                "unit",
                "period",
                exp.alias_(exp.Literal.string(name), "name"),
                exp.alias_(exp.column(count), "value"),
            ).from_("checked_reports")
            parts.append(_of_check(rows.where(exp.column("dataset").eq(dataset)), declared))
    parts += [_beside(programme, name, declared) for name in names if is_relative(name)]
    return exp.union(*parts, distinct=False) if len(parts) > 1 else parts[0]


def _beside(programme: Programme, name: str, declared: Check) -> exp.Select:
    """A figure of another time or unit, under its own name."""
    base = base_of(name)
    kind = "measure" if base in programme.measures else "indicator"
    figure = (
        select("unit", "period", "value")
        .from_(f"checked_{kind}s")
        .where(
            exp.column("frequency").eq(declared.at),
            exp.column("breakdown").eq(""),
            exp.column(kind).eq(base),
        )
    )
    found = compared(name, figure).subquery("beside")
    return select("unit", "period", exp.alias_(exp.Literal.string(name), "name"), "value").from_(found)


def _of_check(rows: exp.Select, declared: Check) -> exp.Select:
    rows = rows.where(exp.column("frequency").eq(declared.at))
    return rows.where(exp.column("level").eq(declared.level.code)) if declared.level else rows


def _findings(
    programme: Programme,
    declared: Check,
    connection: duckdb.DuckDBPyConnection,
    periods: Collection[str] | None,
) -> pa.Table:
    schema = TABLES["findings"].schema
    failing = connection.sql(failing_sql(programme, declared, periods).sql("duckdb")).to_arrow_table()
    if not failing.num_rows:
        return schema.empty_table()
    units, periods = failing.column("unit"), failing.column("period")
    quoted = declared.show or tuple(sorted(declared.expect.names))
    figures = [failing.column(name).to_pylist() for name in quoted]
    evidence = [dict(zip(quoted, values, strict=True)) for values in zip(*figures, strict=True)]
    constant = {
        "code": f"check.{declared.name}",
        "severity": declared.severity,
        "dataset": _dataset(programme, declared),
    }
    columns: dict[str, Any] = {
        name: pa.repeat(pa.scalar(value, pa.string()), len(units)) for name, value in constant.items()
    }
    columns |= {"unit": units, "period": periods}
    for language in LANGUAGES:
        suffix = "" if language == "en" else f"_{language}"
        columns[f"message{suffix}"] = list(_messages(programme, declared, evidence, language))
        columns[f"hint{suffix}"] = [declared.hint[language] or None] * len(units)
    columns["evidence"] = [json.dumps(each, ensure_ascii=False, sort_keys=True) for each in evidence]
    return pa.table(
        [
            pa.chunked_array([columns[field.name]], field.type)
            if isinstance(columns.get(field.name), list)
            else columns.get(field.name, pa.nulls(len(units), field.type))
            for field in schema
        ],
        schema=schema,
    )


def said_of_failure(
    programme: Programme, declared: Check, figures: Mapping[str, float | None], language: str
) -> str:
    """What is said of a check that does not hold for these figures, in `language`."""
    quoted = declared.show or tuple(sorted(declared.expect.names))
    shown = {name: figures.get(name) for name in quoted}
    return next(_messages(programme, declared, [shown], language))


def _dataset(programme: Programme, declared: Check) -> str | None:
    """The dataset a check speaks of, when it is only one."""
    found = {
        programme.measures[name].dataset.name if name in programme.measures else name.partition(".")[0]
        for name in declared.reads
        if name not in programme.indicators
    }
    return found.pop() if len(found) == 1 else None


def _messages(
    programme: Programme, declared: Check, evidence: Sequence[Mapping[str, float | None]], language: str
) -> Iterator[str]:
    titles: dict[str, Text] = {name: each.title for name, each in programme.measures.items()}
    titles |= {name: each.title for name, each in programme.indicators.items()}
    titles |= {name: _said(titles, name) for row in evidence[:1] for name in row if is_relative(name)}
    template = translate(FAILED, language)
    title, expect = declared.title[language], declared.in_words(titles, language)
    names = {
        name: (titles[name][language] or name) if name in titles else name
        for row in evidence[:1]
        for name in row
    }
    for row in evidence:
        figures = ", ".join(f"{names[name]} {_shown(value)}" for name, value in row.items())
        yield template.format(title=title, expect=expect, figures=figures)


def _shown(value: float | None) -> str:
    """A figure in a sentence; a dash when there is none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == round(value) else f"{value:,.{DIGITS}g}"


def _said(titles: Mapping[str, Text], name: str) -> Text:
    """What a figure of another time or unit is called."""
    title = titles.get(base_of(name)) or Text(base_of(name))
    said = RELATIVES[name.partition(".")[0]]
    return Text(*(translate(said, language).format(title=title[language]) for language in ("en", "zh")))
