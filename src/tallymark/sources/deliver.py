"""Rows that could be taken, compared with the store and put into stored form: what a batch brings to a dataset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.programme.resolved import Dataset
from tallymark.sources import compare as fates
from tallymark.sources.ahead import ahead
from tallymark.sources.apart import check_stored, taken_only
from tallymark.sources.compare import Shape, compare, rows_of
from tallymark.sources.grid import letters
from tallymark.sources.judges import Judge
from tallymark.sources.problems import Spot
from tallymark.sources.punctual import Arrived, timeliness
from tallymark.sources.reading import Reading, Refused, Tally
from tallymark.sources.receipt import Counts
from tallymark.sources.spool import Spool
from tallymark.sources.verdicts import PROBLEMS, Verdict
from tallymark.store import Rows, Store, dataset_schema
from tallymark.store.batch import SUPERSEDES
from tallymark.store.schemas import STAMPS, TIME
from tallymark.store.sql import literal, quoted

AT_ONCE = 1 << 17
CORRECTED, DELETED = "corrected", "deleted"
TOLD = {
    fates.CONFLICTING: Verdict.CONFLICT,
    fates.TWICE: Verdict.REPEATED,
    fates.BLANKED: Verdict.KEPT_EARLIER,
    fates.OLDER: Verdict.OLDER_FILE,
    fates.WITHDRAWN: Verdict.DELETED,
}
"""Fates of rows that are told."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a batch brings to one dataset; `rows` are read from the connection when the store writes them."""

    counts: Counts
    rows: Rows | None
    withdrawn: pa.Table | None


@dataclass(frozen=True, slots=True)
class Tables:
    """The source's tables by number: their sheets, and when each was received where the source says so."""

    sheets: tuple[str, ...]
    received: tuple[dt.date | None, ...]


def deliver(
    judge: Judge,
    dataset: Dataset,
    spool: Spool,
    *,
    store: Store,
    reading: Reading,
    tables: Tables,
    known_batch: int | None,
) -> Delivery:
    """Compares a dataset's delivered rows with each other and with the store, and files what is found."""
    tally = reading.tally(dataset.name)
    if not spool.rows:
        return Delivery(_counts(tally, {}), None, None)
    connection, name = judge.connection, f"judged_{dataset.name}"
    _register(judge, dataset, reading)
    check_stored(connection, store, dataset)
    judged = quoted(name)
    counts = compare(
        judge,
        judge.delivered(spool),
        into=name,
        shape=_shape(dataset),
        current=_current(judge, dataset, store, spool),
        known_batch=known_batch,
    )
    judge.bring(name)
    if reading.apart is not None and dataset.vaulted:
        keep = taken_only(connection, judged, counts)
        if keep is not None:
            reading.apart.keep[dataset.name] = keep
    _tell(connection, judged, dataset, counts, reading, tables)
    if dataset.kind == "reports" and dataset.due_days is not None:
        _tell_times(connection, judged, dataset, reading, tables)
    taken = counts.get(fates.NEW, 0) + counts.get(fates.CHANGED, 0)
    rows = _stored(connection, judged, dataset, reading, tables) if taken else None
    withdrawn = _withdrawn(connection, judged, dataset) if counts.get(fates.WITHDRAWN) else None
    return Delivery(_counts(tally, counts), rows, withdrawn)


def _counts(tally: Tally, counts: dict[int, int]) -> Counts:
    refused = tally.refused + counts.get(fates.CONFLICTING, 0)
    corrected = counts.get(fates.CHANGED, 0) + counts.get(fates.WITHDRAWN, 0)
    taken = counts.get(fates.NEW, 0)
    return Counts(
        read=tally.read,
        taken=taken,
        corrected=corrected,
        unchanged=tally.read - refused - corrected - taken,
        refused=refused,
        blank=tally.blank,
        missing=tally.missing,
        ignored=tally.ignored,
    )


def _register(judge: Judge, dataset: Dataset, reading: Reading) -> None:
    """Tables of units, periods and items by number, in which delivered rows speak."""
    numbered = {
        "unit_numbers": ("_unit_at", list(reading.programme.units.codes)),
        "span_numbers": ("_span", [period.code for period in reading.spans.periods]),
        "item_numbers": ("_item", list(dataset.items)),
    }
    for name, (column, codes) in numbered.items():
        numbers = pa.array(np.arange(len(codes), dtype=np.int32))
        judge.number(name, pa.table({column: numbers, "code": pa.array(codes, pa.string())}))


def _shape(dataset: Dataset) -> Shape:
    if dataset.kind == "events":
        columns = [name for name in dataset.columns if name != dataset.unit]
        keys = tuple("_unit_at" if name == dataset.unit else name for name in dataset.key)
        says = tuple(name for name in (*columns, "_unit_at") if name not in keys)
        return Shape(keys, says, fills=True) if keys else Shape((*says,), (), keyless=True)
    time = "_span" if dataset.kind == "reports" else "date"
    return Shape(("_unit_at", time, "_item", *dataset.columns, "_part"), ("value",))


def _current(judge: Judge, dataset: Dataset, store: Store, spool: Spool) -> str | None:
    """SQL of the rows now in force, in the terms of delivered rows; None when nothing is stored."""
    if not store.open_columns(dataset.name).names:
        return None
    relation = judge.held(store, dataset)
    if dataset.kind == "events":
        columns = ", ".join(f"s.{quoted(name)}" for name in dataset.columns if name != dataset.unit)
        return (
            f"(SELECT {columns}, u._unit_at, s._batch, s._row FROM {relation} AS s "
            "JOIN unit_numbers AS u ON u.code = s._unit)"
        )
    months = f"SELECT min(_month), max(_month) FROM {spool.relation(judge.connection)}"
    first, last = judge.connection.execute(months).fetchall()[0]
    time, join = (
        ("p._span", "JOIN span_numbers AS p ON p.code = s.period ")
        if dataset.kind == "reports"
        else ("s.date", "")
    )
    breakdowns = "".join(f"s.{quoted(name)}, " for name in dataset.columns)
    return (
        f"(SELECT u._unit_at, {time}, i._item, {breakdowns}s._part, s.value, s._batch, s._row "
        f"FROM {relation} AS s JOIN unit_numbers AS u ON u.code = s.unit {join}"
        f"JOIN item_numbers AS i ON i.code = s.item WHERE s._month BETWEEN {first} AND {last})"
    )


def _tell(
    connection: duckdb.DuckDBPyConnection,
    judged: str,
    dataset: Dataset,
    counts: dict[int, int],
    reading: Reading,
    tables: Tables,
) -> None:
    """Files findings about rows that were not simply taken; keeps those in conflict as delivered."""
    for fate, verdict in TOLD.items():
        if not counts.get(fate):
            continue
        rows = rows_of(connection, judged, [fate])
        names = _names(rows, dataset, reading)
        numbers, lines = (rows.column(name).to_numpy() for name in ("_table", "_line"))
        for number in np.unique(numbers).tolist():
            its = np.flatnonzero(numbers == number)
            spot = Spot(
                tables.sheets[number], -1, "", dataset.name, secrecy="hidden" if dataset.vaulted else "open"
            )
            reading.problems.add(verdict, spot, rows=lines[its], texts=names.take(pa.array(its)))
        if fate == fates.CONFLICTING:
            _keep(rows, names, dataset, reading, tables)


def _names(rows: pa.Table, dataset: Dataset, reading: Reading) -> pa.Array:
    """Rows named by their keys: unit, period, item; or the key of an event."""
    units = pa.array(reading.programme.units.codes, pa.string()).take(
        rows.column("_unit_at").combine_chunks()
    )
    if dataset.kind == "events":
        named = [rows.column(name).cast(pa.string()) for name in dataset.key if name in rows.column_names]
        named = named or [units]
    else:
        time = (
            reading.spans.codes().take(rows.column("_span").combine_chunks())
            if dataset.kind == "reports"
            else rows.column("date").cast(pa.string())
        )
        items = pa.array(list(dataset.items), pa.string()).take(rows.column("_item").combine_chunks())
        named = [units, time, items, *(rows.column(name).cast(pa.string()) for name in dataset.columns)]
    named = [part.combine_chunks() if isinstance(part, pa.ChunkedArray) else part for part in named]
    return pc.binary_join_element_wise(*named, " ", null_handling="skip")


def _keep(rows: pa.Table, names: pa.Array, dataset: Dataset, reading: Reading, tables: Tables) -> None:
    numbers, lines = (rows.column(name).to_pylist() for name in ("_table", "_line"))
    columns = rows.column("_column").to_pylist() if "_column" in rows.column_names else [-1] * len(lines)
    places = [
        _prefix(tables.sheets[number]) + (letters(column) if column >= 0 else "") + str(line)
        for number, column, line in zip(numbers, columns, lines, strict=True)
    ]
    said = [name for name in (*dataset.columns, "value") if name in rows.column_names]
    texts = [names, *(rows.column(name).cast(pa.string()).combine_chunks() for name in said)]
    raw = pa.StructArray.from_arrays(texts, names=["key", *said])
    code = pa.array([PROBLEMS[Verdict.CONFLICT].code] * len(lines))
    ones = np.ones(len(lines), np.int64)
    reading.refused.append(Refused(dataset.name, pa.array(places, pa.string()), code, raw, ones))


def _tell_times(
    connection: duckdb.DuckDBPyConnection, judged: str, dataset: Dataset, reading: Reading, tables: Tables
) -> None:
    """Files which new reports were late or early."""
    query = (
        f"SELECT _span, count(DISTINCT _unit_at), min(_table) FROM {judged} "
        f"WHERE _fate = {fates.NEW} GROUP BY _span ORDER BY _span"
    )
    arrived = [
        Arrived(reading.spans.periods[span], count, tables.received[number] or reading.received)
        for span, count, number in connection.execute(query).fetchall()
    ]
    for finding in timeliness(dataset.name, dataset.due_days or 0, arrived, reading.problems.file):
        reading.problems.note(finding)


def _withdrawn(connection: duckdb.DuckDBPyConnection, judged: str, dataset: Dataset) -> pa.Table:
    query = (
        f"SELECT {literal(dataset.name)} AS dataset, _old_batch AS old_batch, _old_row AS old_row, "
        f"{literal(DELETED)} AS reason FROM {judged} WHERE _fate = {fates.WITHDRAWN}"
    )
    return connection.sql(query).to_arrow_table()


def _prefix(sheet: str) -> str:
    return f"{sheet}!" if sheet else ""


def _stored(
    connection: duckdb.DuckDBPyConnection, judged: str, dataset: Dataset, reading: Reading, tables: Tables
) -> Rows:
    """The new rows in stored form and order: month, then unit, then item."""
    schema = _schema(dataset, tables)
    query = _stored_sql(judged, dataset, tables)
    codes = {
        "_unit_at": pa.array(reading.programme.units.codes, pa.string()),
        "_span": reading.spans.codes(),
        "_item": pa.array(list(dataset.items), pa.string()),
    }

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in connection.sql(query).to_arrow_reader(AT_ONCE):
            yield _in_codes(batch, schema, codes, dataset, tables)

    return Rows(schema, ahead(batches()))


def _schema(dataset: Dataset, tables: Tables) -> pa.Schema:
    stamps = {stamp.name for stamp in STAMPS}
    own = [column for column in dataset_schema(dataset) if column.name not in stamps]
    timed = [pa.field("_at", TIME)] if any(tables.received) else []
    old = [pa.field(SUPERSEDES[0], pa.int64()), pa.field(SUPERSEDES[1], pa.int64())]
    return pa.schema([*own, *timed, *old, pa.field(SUPERSEDES[2], pa.string())])


def _stored_sql(judged: str, dataset: Dataset, tables: Tables) -> str:
    item = "" if dataset.kind == "events" else ", _item"
    received = ""
    if any(tables.received):
        days = ", ".join(
            "NULL" if day is None else f"TIMESTAMPTZ '{day} 00:00:00+00'" for day in tables.received
        )
        received = f"([{days}])[_table + 1] AS _at, "
    return (
        f"SELECT *, {received}CASE WHEN _fate = {fates.CHANGED} THEN {literal(CORRECTED)} END AS _reason "
        f"FROM {judged} WHERE _fate IN ({fates.NEW}, {fates.CHANGED}) ORDER BY _month, _unit_at{item}"
    )


def _places(batch: pa.RecordBatch, tables: Tables) -> pa.Array:
    """Where rows stood: sheet!row, or sheet!cell where a cell is the figure."""
    places = batch.column("_line").cast(pa.string())
    if "_column" in batch.schema.names and pc.max(batch.column("_column")).as_py() >= 0:
        columns = pc.fill_null(batch.column("_column"), -1)
        known = pa.array(["", *(letters(at) for at in range(pc.max(columns).as_py() + 1))])
        places = pc.binary_join_element_wise(known.take(pc.add(columns, 1)), places, "")
    if any(tables.sheets):
        sheets = pa.array([_prefix(sheet) for sheet in tables.sheets]).take(batch.column("_table"))
        places = pc.binary_join_element_wise(sheets, places, "")
    return places


def _in_codes(
    batch: pa.RecordBatch, schema: pa.Schema, codes: dict[str, pa.Array], dataset: Dataset, tables: Tables
) -> pa.RecordBatch:
    """A batch with codes for numbers, in the schema's columns."""
    units = codes["_unit_at"].take(batch.column("_unit_at"))
    made = {"_unit": units, "unit": units}
    if dataset.kind == "events":
        made = {"_unit": units, dataset.unit: units}
    else:
        made["item"] = codes["_item"].take(batch.column("_item"))
        if dataset.kind == "reports":
            made["period"] = codes["_span"].take(batch.column("_span"))
    made["_source_row"] = _places(batch, tables)
    arrays = [
        made[column.name] if column.name in made else batch.column(column.name).cast(column.type)
        for column in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
