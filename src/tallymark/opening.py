"""Rows of people read in the clear: for a declared purpose, by a named person, for a reason — and written down first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.programme.resolved import Dataset, Programme
from tallymark.room import spill_folder
from tallymark.store import Store
from tallymark.store.schemas import COLUMN_TYPES, SUPERSEDED
from tallymark.store.sql import literal, quoted
from tallymark.store.store import every_row
from tallymark.vault import Vault
from tallymark.vault.digests import Digests

STAMPS = ("_unit", "_batch", "_row", "_source_row")
PLACE = "_place"
LEAST_WORDS = 3
"""Signs that a reason has at least."""
Values = Mapping[str, object]
Sheaf = Mapping[str, Values]
"""Where a row stood in its file → what the vault has of it."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who opens the vault, what for, why, and when."""

    purpose: str
    who: str
    reason: str
    at: dt.datetime


def open_rows(
    programme: Programme, store: Store, vault: Vault, name: str, *, access: Access, key: Mapping[str, str] | None = None
) -> pa.Table:  # fmt: skip
    """Rows in force of a dataset, its personal columns in the clear. key: columns of the dataset's key → values.

    Values that were destroyed, or received before the vault, are NULL. The log has the access before any is read.
    Errors: TallymarkError for a purpose that is not the dataset's, for a reason or person left out (the refusal is
    logged, too), and for columns that rows cannot be found by.
    """
    dataset = held_dataset(programme, name)
    _permit(dataset, vault, access)
    with duckdb.connect(config={"temp_directory": str(spill_folder())}) as connection:
        rows = connection.sql(_query(dataset, store, vault.digests, key or {})).to_arrow_table()
        log(vault, access, "opened", dataset.name, columns=[*dataset.vaulted], rows=_said_rows(rows, key))
        rows = _in_the_clear(connection, dataset, store, vault, rows, access.purpose)
    return rows.rename_columns([dataset.unit if name == "_unit" else name for name in rows.column_names])


def log(vault: Vault, access: Access, action: str, dataset: str, **said: object) -> None:
    """An entry of the vault's log."""
    entry = {
        "at": access.at.isoformat(), "action": action, "dataset": dataset, "purpose": access.purpose,
        "who": access.who, "reason": access.reason,
    }  # fmt: skip
    vault.log.add(entry | said)


def held_dataset(programme: Programme, name: str) -> Dataset:
    """A dataset of which the vault holds something.

    Errors: TallymarkError for another name.
    """
    held = {one: dataset for one, dataset in programme.datasets.items() if dataset.vaulted}
    if name not in held:
        raise TallymarkError(
            "the vault holds nothing of '{name}'; {known}", name=name, known=known_words(name, held)
        )
    return held[name]


def _permit(dataset: Dataset, vault: Vault, access: Access) -> None:
    must_say(access)
    if access.purpose not in dataset.opened_for:
        log(vault, access, "refused", dataset.name)
        raise TallymarkError(
            "the vault does not open '{dataset}' for '{purpose}': the programme declares {purposes} under `opened_for`. "
            "The attempt was written down.",
            dataset=dataset.name, purpose=access.purpose, purposes=", ".join(dataset.opened_for) or "—",
        )  # fmt: skip


def must_say(access: Access) -> None:
    """TallymarkError where it is not said who opens the vault and why."""
    if not access.who.strip() or len(access.reason.strip()) < LEAST_WORDS:
        raise TallymarkError("say who opens the vault and why: both are written down")


def _query(dataset: Dataset, store: Store, digests: Digests, key: Mapping[str, str]) -> str:
    """SQL of the rows in force, or of those with this key."""
    columns = [quoted(name) for name in dataset.columns if name != dataset.unit]
    return (
        f"SELECT {', '.join([*STAMPS, *columns])} FROM {store.relation(dataset)} "
        f"WHERE {terms(dataset, digests, key)} ORDER BY _batch, _row"
    )


def terms(dataset: Dataset, digests: Digests, key: Mapping[str, str]) -> str:
    """SQL of the condition that a row has this key, given in the clear.

    Errors: TallymarkError for columns that rows cannot be found by.
    """
    found = []
    for name, value in key.items():
        if name not in dataset.key:
            raise TallymarkError(
                "rows of '{dataset}' are found by {key}, not by '{name}'",
                dataset=dataset.name, key=", ".join(dataset.key) or "—", name=name,
            )  # fmt: skip
        if name in dataset.vaulted:
            (value,) = digests.whole(dataset.name, name, pa.array([value])).to_pylist()
        column = "_unit" if name == dataset.unit else quoted(name)
        found.append(f"{column}::VARCHAR = {literal(value)}")
    return " AND ".join(found) or "true"


def _said_rows(rows: pa.Table, key: Mapping[str, str] | None) -> object:
    """Which rows were opened, as the log has them: each by batch and number where a key was asked for, else how many."""
    if key is None:
        return len(rows)
    return [f"{row['_batch']}:{row['_row']}" for row in rows.select(["_batch", "_row"]).to_pylist()]


def _in_the_clear(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, store: Store, vault: Vault, rows: pa.Table, purpose: str
) -> pa.Table:  # fmt: skip
    held = _Held(vault, dataset, purpose)
    found = [held.of(batch, place) for batch, place in _places(rows)]
    earlier = _Earlier(connection, store, dataset)
    wanted = list(zip(rows.column("_batch").to_pylist(), rows.column("_row").to_pylist(), strict=True))
    for name in dataset.vaulted:
        digests = rows.column(name).to_pylist()
        values = []
        for at, digest in enumerate(digests):
            value = found[at].get(name)
            if value is None and digest is not None:  # a blank that kept what was known before
                value = next(
                    (old for one in earlier.than(*wanted[at]) if (old := held.of(*one).get(name)) is not None), None
                )  # fmt: skip
            values.append(value if digest is not None else None)
        kind = COLUMN_TYPES[dataset.columns[name].type]
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(values, kind))
    return rows


def _places(rows: pa.Table) -> Iterable[tuple[int, str]]:
    return zip(rows.column("_batch").to_pylist(), rows.column("_source_row").to_pylist(), strict=True)


class _Held:
    """What the vault holds of a dataset, a batch at a time."""

    def __init__(self, vault: Vault, dataset: Dataset, purpose: str) -> None:
        self._vault, self._dataset, self._purpose = vault, dataset, purpose
        self._sheaves: dict[int, Sheaf] = {}

    def of(self, batch: int, place: str) -> Values:
        """What the vault has of a row; nothing when it was destroyed."""
        if batch not in self._sheaves:
            self._sheaves[batch] = self._read(batch)
        return self._sheaves[batch].get(place, {})

    def _read(self, batch: int) -> Sheaf:
        found: dict[str, Values] = {}
        for table in self._vault.read(batch, self._dataset.name, self._purpose):
            for row in table.to_pylist():
                found[row[PLACE]] = row
        return found


class _Earlier:
    """The rows that a row replaced, newest first, by batch and place in the file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, store: Store, dataset: Dataset) -> None:
        changed = store.system(SUPERSEDED)
        changed = changed.filter(pc.equal(changed.column("dataset"), dataset.name))
        said = [changed.column(name).to_pylist() for name in ("_batch", "new_row", "old_batch", "old_row")]
        self._before = {(b, n): (ob, orow) for b, n, ob, orow in zip(*said, strict=True)}
        self._connection, self._every = connection, every_row(store, dataset.name)

    def than(self, batch: int, row: int) -> Sequence[tuple[int, str]]:
        """Batch and place of each earlier form of a row."""
        found: list[tuple[int, str]] = []
        at = self._before.get((batch, row))
        while at is not None:
            query = f"SELECT _source_row FROM {self._every} WHERE _batch = {at[0]} AND _row = {at[1]}"
            found += [(at[0], place) for (place,) in self._connection.execute(query).fetchall()]
            at = self._before.get(at)
        return found
