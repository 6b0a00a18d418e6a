"""What identifies people, taken out of a delivery at the door: to the vault, with keyed digests in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.errors import StoreError
from tallymark.programme.resolved import Dataset, Programme
from tallymark.sources.compare import CHANGED, NEW
from tallymark.sources.readers import Mapped
from tallymark.store import Store
from tallymark.store.sql import quoted
from tallymark.vault import Vault
from tallymark.vault.digests import WITHIN, Digests
from tallymark.vault.sheaf import Gathering, Label
from tallymark.vault.vault import REFUSED

PLACE = "_place"
"""In a sheaf: where the row stood in the file, as `_source_row` in the store."""
EMPTY = "{}"
"""What the store has of a refused row of people: its place and its code."""
WIDTH = 48
Keep = Callable[[pa.Table], pa.Table]


def has_people(programme: Programme, source: Mapped) -> bool:
    """Whether a source feeds a dataset with columns for the vault."""
    return any(programme.datasets[table.dataset].vaulted for table in source.tables)


@dataclass(slots=True)
class Apart:
    """One delivery's personal fields, gathered as ciphertext in a folder until its batch is made."""

    folder: Path
    vault: Vault
    digests: Digests
    gathered: dict[str, Gathering] = field(default_factory=dict)
    keep: dict[str, Keep] = field(default_factory=dict)
    """Dataset → what narrows its rows to those that the store took."""

    def split(self, table: pa.Table, dataset: Dataset, units: pa.Array, sheet: str) -> pa.Table:
        """Rows with digests for what identifies people; what was there is gathered. units: codes by number."""
        places = table.column("_line").combine_chunks().cast(pa.string())
        clear = {PLACE: pc.binary_join_element_wise(f"{sheet}!" if sheet else "", places, "")}
        clear |= {name: table.column(name) for name in ("_table", "_line", *dataset.vaulted)}
        self._gather(dataset.name, pa.table(clear))
        unit = units.take(table.column("_unit_at").combine_chunks())
        beside = [unit, table.column("_day").combine_chunks().cast(pa.int32())]
        for name in dataset.vaulted:
            at, values = table.column_names.index(name), table.column(name).combine_chunks()
            digest = (
                self.digests.whole(dataset.name, name, values)
                if name in dataset.told_apart
                else self.digests.within(dataset.name, name, values, beside)
            )
            table = table.set_column(at, name, digest)
        return table

    def refuse(self, dataset: str, place: pa.Array, code: pa.Array, raw: pa.Array) -> pa.Array:
        """Gathers refused rows as they were delivered; what the store has of them."""
        self._gather(f"{REFUSED}.{dataset}", pa.table({PLACE: place, "code": code, "raw": raw}))
        return pa.repeat(pa.scalar(EMPTY), len(raw))

    def put(self, programme: Programme, number: int, digest: str, at: str) -> None:
        """Writes everything into the vault for a batch, before the batch is in the store."""
        self.vault.coming(number, digest)
        for name, gathering in self.gathered.items():
            purposes = programme.datasets[name.removeprefix(f"{REFUSED}.")].opened_for
            self.vault.put(gathering, Label(name, number, digest, at, purposes), self.keep.get(name))

    def _gather(self, name: str, table: pa.Table) -> None:
        if name not in self.gathered:
            self.gathered[name] = Gathering(self.folder / f"{name}.gathered")
        self.gathered[name].add(table)


def taken_only(connection: duckdb.DuckDBPyConnection, judged: str, counts: Mapping[int, int]) -> Keep | None:
    """What narrows gathered rows to those that were taken; None when all were."""
    if not any(many for fate, many in counts.items() if fate not in (NEW, CHANGED)):
        return None
    query = f"SELECT _table, _line FROM {judged} WHERE _fate IN ({NEW}, {CHANGED})"
    taken = np.sort(_numbers(connection.sql(query).to_arrow_table()))

    def keep(table: pa.Table) -> pa.Table:
        numbers = _numbers(table)
        at = np.searchsorted(taken, numbers)
        found = np.zeros(len(numbers), bool)
        inside = at < len(taken)
        found[inside] = taken[at[inside]] == numbers[inside]
        return table.filter(pa.array(found))

    return keep


def check_stored(connection: duckdb.DuckDBPyConnection, store: Store, dataset: Dataset) -> None:
    """StoreError where stored rows hold in the clear what belongs in the vault, or digests of another kind."""
    stored = store.open_columns(dataset.name)
    for name in dataset.vaulted:
        if name not in stored.names:
            continue
        query = (
            f"SELECT {quoted(name)} FROM {store.relation(dataset)} WHERE {quoted(name)} IS NOT NULL LIMIT 1"
        )
        for (value,) in connection.execute(query).fetchall():
            digest = isinstance(value, str) and len(value) == (17 if value.startswith(WITHIN) else 16)
            if not digest:
                raise StoreError(
                    "{store}: column {column} of {dataset} was stored in the clear, before it was declared personal or "
                    "by an older version. Receive the files again into a new store, and delete this one.",
                    store=store.root, column=name, dataset=dataset.name,
                )  # fmt: skip
            if value.startswith(WITHIN) == (name in dataset.told_apart):
                raise StoreError(
                    "{store}: column {column} of {dataset} became part of the key, or is counted distinct, since rows "
                    "were received: their digests cannot be compared. Receive the files again into a new store.",
                    store=store.root, column=name, dataset=dataset.name,
                )  # fmt: skip


def _numbers(table: pa.Table) -> np.ndarray:
    line = table.column("_line").to_numpy().astype(np.int64)
    number: np.ndarray = (table.column("_table").to_numpy().astype(np.int64) << WIDTH) | line
    return number
