"""Who was heard on what: for every finding about a unit's figures, the last day to answer and whether it was heard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.periods import Period, PeriodError
from tallymark.programme.resolved import Dataset, Programme
from tallymark.store import Store

ABOUT_UNITS = ("check.", "verify.")
"""Beginnings of the codes of findings about a unit's figures."""
SAID = "code, period, answer, ruling"
HEARD = """
    SELECT place, CAST(answer_by AS VARCHAR) AS answer_by,
           CASE WHEN ruled THEN 'explained' WHEN answered THEN 'answered'
                WHEN today > answer_by THEN 'silent' ELSE 'waits' END AS heard
    FROM (
        SELECT f.place, COALESCE(MAX(b.day), MAX(f.ends)) + CAST($days AS INTEGER) AS answer_by,
               BOOL_OR(COALESCE(s.answer, '') <> '') AS answered,
               BOOL_OR(COALESCE(s.ruling, '') = 'explained') AS ruled,
               (SELECT MAX(day) FROM heard_batches) AS today
        FROM heard_findings AS f
        LEFT JOIN heard_arrivals AS a ON a.dataset = f.dataset AND a.unit = f.unit AND a.month BETWEEN f.first AND f.last
        LEFT JOIN heard_batches AS b ON b.batch = a.batch
        LEFT JOIN heard_answers AS s ON s.unit = f.unit AND s.code = f.code AND COALESCE(s.period, '') = f.period
        GROUP BY f.place
    ) ORDER BY place"""
"""A finding becomes known with the last of its figures; where none came at all, with the end of its period."""


def with_hearing(
    programme: Programme,
    store: Store,
    findings: pa.Table,
    *,
    period: Period,
    at: int,
    connection: duckdb.DuckDBPyConnection,
) -> pa.Table:
    """The findings with `answer_by` and `heard` where they are about a unit's figures.

    heard: `answered`, `silent` (the days are over), `explained` (the office agreed), or `waits`. Today is the day of
    the last delivery up to `at`, so that a run made again says the same.
    """
    asked = _asked(programme, findings, period)
    if not asked.num_rows:
        return findings
    tables = {
        "heard_findings": asked,
        "heard_batches": _days(store, at),
        "heard_arrivals": _arrivals(programme, store, asked, period, at, connection),
        "heard_answers": _answers(programme, store, at, connection),
    }
    for name, table in tables.items():
        connection.register(name, table)
    try:
        found = connection.sql(HEARD, params={"days": programme.hearing.answer_days}).to_arrow_table()
    finally:
        for name in tables:
            connection.unregister(name)
    places = pc.index_in(pa.array(range(findings.num_rows), pa.int64()), found.column("place"))
    for name in ("answer_by", "heard"):
        column = found.column(name).combine_chunks().take(places)
        findings = findings.set_column(
            findings.schema.get_field_index(name), findings.schema.field(name), column.cast(pa.string())
        )
    return findings


def _asked(programme: Programme, findings: pa.Table, period: Period) -> pa.Table:
    """The findings in question, a row for each dataset they are about, with first and last month."""
    code = findings.column("code")
    about = pc.or_(*(pc.starts_with(code, beginning) for beginning in ABOUT_UNITS))
    about = pc.fill_null(pc.and_(about, pc.is_valid(findings.column("unit"))), False)
    chosen = findings.select(["code", "dataset", "unit", "period"]).append_column(
        "place", pa.array(range(findings.num_rows), pa.int64())
    )
    chosen = chosen.filter(about)
    spans = _spans(programme, pc.unique(chosen.column("period")).to_pylist(), period)
    datasets = _datasets(
        programme, chosen.select(["code", "dataset"]).group_by(["code", "dataset"]).aggregate([])
    )
    whole = chosen.join(spans, "period", use_threads=False) if chosen.num_rows else chosen
    columns = ["place", "code", "unit", "period", "first", "last", "ends", "dataset"]
    if not chosen.num_rows:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    keyed = whole.set_column(
        whole.schema.get_field_index("dataset"), "dataset", pc.fill_null(whole.column("dataset"), "")
    )
    found = keyed.rename_columns(["said" if name == "dataset" else name for name in keyed.column_names])
    joined = found.join(datasets, ["code", "said"], use_threads=False)
    filled = pc.fill_null(joined.column("period"), "")
    return joined.set_column(joined.schema.get_field_index("period"), "period", filled).select(columns)


def _spans(programme: Programme, codes: Iterable[str | None], whole: Period) -> pa.Table:
    """First and last month and last day of every period; the run's own where a finding is of none."""
    rows = []
    for code in codes:
        try:
            one = programme.calendar.parse(code) if code else whole
            months = programme.calendar.months(one)
        except PeriodError:
            one, months = whole, programme.calendar.months(whole)
        rows.append({"period": code, "first": months[0], "last": months[-1], "ends": one.end})
    kinds = [("period", pa.string()), ("first", pa.int64()), ("last", pa.int64()), ("ends", pa.date32())]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))


def _datasets(programme: Programme, kinds: pa.Table) -> pa.Table:
    """Code and dataset of findings → the datasets whose figures they are about."""
    rows = [
        {"code": row["code"], "said": row["dataset"] or "", "dataset": name}
        for row in kinds.to_pylist()
        for name in ([row["dataset"]] if row["dataset"] else sorted(_read(programme, row["code"])))
    ]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([(name, pa.string()) for name in ("code", "said", "dataset")])
    )


def _read(programme: Programme, code: str) -> Iterator[str]:
    check = programme.checks.get(code.removeprefix("check."))
    if check is None:
        yield from programme.datasets
        return
    names = set(check.reads)
    for name in set(names) & programme.indicators.keys():
        names |= programme.indicators[name].names
    found = {programme.measures[name].dataset.name for name in names if name in programme.measures}
    found |= {name.partition(".")[0] for name in names} & programme.datasets.keys()
    yield from found or set(programme.datasets)


def _days(store: Store, at: int) -> pa.Table:
    receipts = store.receipts(at).select(["_batch", "at"]).to_pylist()
    days = {"batch": [row["_batch"] for row in receipts], "day": [row["at"].date() for row in receipts]}
    return pa.table({"batch": pa.array(days["batch"], pa.int64()), "day": pa.array(days["day"], pa.date32())})


def _arrivals(
    programme: Programme,
    store: Store,
    asked: pa.Table,
    period: Period,
    at: int,
    connection: duckdb.DuckDBPyConnection,
) -> pa.Table:
    """Dataset, unit, month → the last batch with rows of the unit or of those below it."""
    first = min([pc.min(asked.column("first")).as_py(), programme.calendar.months(period)[0]])
    last = max([pc.max(asked.column("last")).as_py(), programme.calendar.months(period)[-1]])
    connection.register("heard_tree", programme.units.ancestry(first, last))
    connection.register("heard_units", asked.select(["unit"]).group_by("unit").aggregate([]))
    names = [
        name
        for name in pc.unique(asked.column("dataset")).to_pylist()
        if name in programme.datasets and store.open_columns(name).names
    ]
    parts = [
        connection.sql(_arrived(store, programme.datasets[name], (first, last), at)).to_arrow_table()
        for name in sorted(names)
    ]
    connection.unregister("heard_tree")
    connection.unregister("heard_units")
    kinds = [("dataset", pa.string()), ("unit", pa.string()), ("month", pa.int64()), ("batch", pa.int64())]
    schema = pa.schema(kinds)
    return pa.concat_tables([schema.empty_table(), *(part.cast(schema) for part in parts)])


def _arrived(store: Store, dataset: Dataset, months: tuple[int, int], at: int) -> str:
    unit = "_unit" if dataset.kind == "events" else "unit"
    return f"""
        WITH own AS (
            SELECT {unit} AS unit, _month AS month, MAX(_batch) AS batch FROM {store.relation(dataset, at)}
            WHERE _month BETWEEN {months[0]} AND {months[1]} GROUP BY ALL
        )
        SELECT '{dataset.name}' AS dataset, t.ancestor AS unit, CAST(own.month AS BIGINT) AS month,
               CAST(MAX(own.batch) AS BIGINT) AS batch
        FROM own JOIN heard_tree AS t ON t.unit = own.unit AND own.month BETWEEN t.first_month AND t.last_month
        WHERE t.ancestor IN (SELECT unit FROM heard_units) GROUP BY ALL"""


def _answers(programme: Programme, store: Store, at: int, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """What units said to findings, and what was ruled."""
    said = programme.hearing.answers
    if said is None or not store.open_columns(said.name).names:
        return pa.table({name: pa.array([], pa.string()) for name in ("unit", *SAID.split(", "))})
    query = f"SELECT _unit AS unit, {SAID} FROM {store.relation(said, at)}"
    return connection.sql(query).to_arrow_table()
