"""What a run keeps of its inputs: units, batches, findings, and which batches each unit's data came in."""

from __future__ import annotations

import json
from collections.abc import Iterable

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.findings import Finding
from tallymark.model.periods import Period
from tallymark.model.tables import OF_RUNS, TABLES
from tallymark.programme.resolved import Dataset, Programme
from tallymark.store import Store
from tallymark.store.schemas import SUPERSEDED

OF_RECEIPT = ("taken", "corrected", "refused")


def batches_table(store: Store, at: int) -> pa.Table:
    """Every batch up to `at`, with the counts of its receipt over all datasets."""
    rows = [
        {
            "batch": row["_batch"],
            "source": row["source"],
            "file": row["file"],
            "hash": row["hash"],
            "received_at": row["at"].isoformat(timespec="seconds"),
        }
        | receipt_counts(row["receipt"])
        for row in store.receipts(at).to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["batches"].schema).sort_by("batch")


def receipt_counts(receipt: str) -> dict[str, int]:
    """Rows taken, corrected and refused in a receipt (JSON), over all its datasets."""
    counts = json.loads(receipt).get("datasets", {})
    parts = list(counts.values()) if isinstance(counts, dict) else list(counts)
    return {name: sum(int(part.get(name, 0)) for part in parts) for name in OF_RECEIPT}


def findings_table(store: Store, checked: pa.Table, at: int) -> pa.Table:
    """Findings of receipt and of checks, worst first, in a fixed order."""
    parts = [_as_found(part) for part in (store.findings(at), checked)]
    whole = pa.concat_tables(parts)
    order = pc.index_in(whole.column("severity"), pa.array(["error", "warning", "note"]))
    keys = ["dataset", "code", "unit", "period", "item", "file", "sheet", "cell", "row", "message"]
    return (
        whole.append_column("_order", order)
        .sort_by([("_order", "ascending"), *((key, "ascending") for key in keys)])
        .drop_columns("_order")
    )


def _as_found(part: pa.Table) -> pa.Table:
    """The columns of findings; what only runs know is NULL for those of receipt."""
    schema = TABLES["findings"].schema
    for name in OF_RUNS:
        if name not in part.column_names:
            part = part.append_column(name, pa.nulls(part.num_rows, pa.string()))
    return part.select(schema.names).cast(schema)


def found_rows(findings: Iterable[Finding], *, batch: int | None = None) -> pa.Table:
    """Findings as rows of the findings table, in both languages."""
    rows = [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "message": finding.message("en"),
            "message_zh": finding.message("zh"),
            "hint": finding.hint("en"),
            "hint_zh": finding.hint("zh"),
            "evidence": json.dumps(dict(finding.evidence), ensure_ascii=False, sort_keys=True, default=str),
            "batch": batch,
        }
        | {
            name: getattr(finding.where, name)
            for name in ("dataset", "item", "unit", "period", "file", "sheet", "cell", "row")
        }
        for finding in findings
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["findings"].schema)


def units_table(programme: Programme, period: Period) -> pa.Table:
    """Every declared unit, with its parent on the period's last day (or on the last day that it stood)."""
    units = programme.units
    attributes = [
        json.dumps(
            {name: values[place] for name, values in units.attributes.items() if values[place] is not None},
            ensure_ascii=False,
            sort_keys=True,
        )
        for place in range(len(units.codes))
    ]
    parents = [units.parent_on(unit, period.end) for unit in units.codes]
    columns = {
        "unit": list(units.codes),
        "name_en": [name["en"] for name in units.names],
        "name_zh": [name["zh"] for name in units.names],
        "level": list(units.levels),
        "parent": parents,
        "opened": list(units.opened),
        "closed": list(units.closed),
        "attributes": attributes,
    }
    return pa.table(columns, schema=TABLES["units"].schema).sort_by("unit")


def lineage_table(
    programme: Programme, store: Store, period: Period, at: int, *, connection: duckdb.DuckDBPyConnection
) -> pa.Table:
    """For every unit and dataset: rows in force in the period by batch, and how many of them correct an earlier row."""
    months = programme.calendar.months(period)
    connection.register("lineage_tree", programme.units.ancestry(months[0], months[-1]))
    connection.register("lineage_new", _correcting(store, at))
    stored = [name for name in programme.datasets if store.open_columns(name).names]
    parts = [
        _dataset_lineage(store, programme.datasets[name], (months[0], months[-1]), at, connection)
        for name in stored
    ]
    connection.unregister("lineage_tree")
    connection.unregister("lineage_new")
    schema = TABLES["lineage"].schema
    whole = pa.concat_tables([part.cast(schema) for part in parts]) if parts else schema.empty_table()
    return whole.sort_by([(key, "ascending") for key in TABLES["lineage"].keys])


def _correcting(store: Store, at: int) -> pa.Table:
    return store.system(SUPERSEDED, at).select(["dataset", "_batch", "new_row"])


def _dataset_lineage(
    store: Store, dataset: Dataset, months: tuple[int, int], at: int, connection: duckdb.DuckDBPyConnection
) -> pa.Table:
    unit = "_unit" if dataset.kind == "events" else "unit"
    # Corrections are few: counted apart and joined, so that the scan itself stays a plain group-by.
    query = f"""
        WITH relation AS (FROM {store.relation(dataset, at)}),
        rows AS (
            SELECT {unit} AS unit, _month, _batch, COUNT(*) AS rows FROM relation
            WHERE _month BETWEEN {months[0]} AND {months[1]} GROUP BY ALL
        ),
        corrected AS (
            SELECT {unit} AS unit, r._month, r._batch, COUNT(*) AS corrected
            FROM relation AS r SEMI JOIN (FROM lineage_new WHERE dataset = $dataset) AS n
            ON n._batch = r._batch AND n.new_row = r._row
            WHERE r._month BETWEEN {months[0]} AND {months[1]} GROUP BY ALL
        )
        SELECT $dataset AS dataset, t.ancestor AS unit, rows._batch AS batch,
               SUM(rows.rows)::BIGINT AS rows, COALESCE(SUM(corrected.corrected), 0)::BIGINT AS corrected
        FROM rows LEFT JOIN corrected USING (unit, _month, _batch)
        JOIN lineage_tree AS t ON t.unit = rows.unit AND rows._month BETWEEN t.first_month AND t.last_month
        GROUP BY ALL
    """
    return connection.sql(query, params={"dataset": dataset.name}).to_arrow_table()
