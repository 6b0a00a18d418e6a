"""What a run keeps of its inputs: units, batches, findings, and which batches each unit's data came in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine
from tallymark.engine.sql import one_of, quoted, select, text
from tallymark.findings import Finding
from tallymark.measure.seen import Known, asking, by_month
from tallymark.model.periods import Period
from tallymark.model.tables import OF_RUNS, TABLES
from tallymark.programme.resolved import Dataset, Programme
from tallymark.store import Store, stored
from tallymark.store.partials import Partials
from tallymark.store.schemas import SUPERSEDED
from tallymark.store.touching import content_of

MANY = 1_000_000
"""Rows from which it is quicker to keep what was counted by month."""

BY_MONTH = pa.schema(
    [("_month", pa.int32()), ("unit", pa.string()), ("_batch", pa.int64()), ("rows", pa.int64())]
)

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
    programme: Programme, store: Store, period: Period, at: int, *, engine: Engine,
    partials: Partials | None = None,
) -> pa.Table:  # fmt: skip
    """For every unit and dataset: rows in force in the period by batch, and how many of them correct an earlier row.

    partials: of the store, where what was counted before may be used.
    """
    months = programme.calendar.months(period)
    engine.lend("lineage_tree", programme.units.ancestry(months[0], months[-1]))
    engine.lend("lineage_new", _correcting(store, at))
    there = [programme.datasets[name] for name in programme.datasets if store.open_columns(name).names]
    parts = [_dataset_lineage(engine, store, one, months, at, partials) for one in there]
    engine.drop(["lineage_tree", "lineage_new"])
    schema = TABLES["lineage"].schema
    whole = (
        pa.concat_tables([part.select(schema.names).cast(schema) for part in parts])
        if parts
        else schema.empty_table()
    )
    return whole.sort_by([(key, "ascending") for key in TABLES["lineage"].keys])


def _correcting(store: Store, at: int) -> pa.Table:
    return store.system(SUPERSEDED, at).select(["dataset", "_batch", "new_row"])


def _dataset_lineage(
    engine: Engine, store: Store, dataset: Dataset, months: Sequence[int], at: int, partials: Partials | None
) -> pa.Table:
    unit = quoted("_unit" if dataset.kind == "events" else "unit")
    engine.relation("lineage_of", stored(store, dataset, at))
    keys = ["r._month", f"r.{unit}", "r._batch"]
    columns = ["r._month", f"r.{unit} AS unit", "r._batch", "COUNT(*) AS rows"]
    counted = select(*columns).from_("lineage_of AS r").group_by(*keys)
    # Corrections are few: counted apart and joined, so that the scan itself stays a plain group-by.
    new = f"(SELECT * FROM lineage_new WHERE dataset = {text(dataset.name)}) AS n"
    corrected = counted.join(new, on="n._batch = r._batch AND n.new_row = r._row", kind="SEMI")
    known = None if partials is None else _known(store, dataset, at, partials)
    for name, query in (("lineage_rows", counted), ("lineage_corrected", corrected)):
        if known is None:
            engine.step(name, query.where(one_of("r._month", months)))
        else:
            kind = (name, dataset.name)
            engine.load(
                name, by_month(asking(engine, query), BY_MONTH, kind=kind, months=months, known=known)
            )
    query = (
        select(f"{text(dataset.name)} AS dataset", "t.ancestor AS unit", "v._batch AS batch")
        .select(
            "CAST(SUM(v.rows) AS BIGINT) AS rows", "CAST(COALESCE(SUM(c.rows), 0) AS BIGINT) AS corrected"
        )
        .from_("lineage_rows AS v")
        .join(
            "lineage_corrected AS c",
            on="c.unit = v.unit AND c._month = v._month AND c._batch = v._batch",
            kind="LEFT",
        )
        .join("lineage_tree AS t", on="t.unit = v.unit AND v._month BETWEEN t.first_month AND t.last_month")
        .group_by("t.ancestor", "v._batch")
    )
    found = engine.rows(query)
    engine.drop(["lineage_rows", "lineage_corrected", "lineage_of"])
    return found


def _known(store: Store, dataset: Dataset, at: int, partials: Partials) -> Known | None:
    """The months of a dataset of many rows; few are counted as quickly as read."""
    content = content_of(store, dataset, at)
    return Known(partials, content) if content is not None and content.most(content.names) >= MANY else None
