"""People taken out of the vault for good: everything received before a day, or every form of some rows."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.opening import PLACE, Access, held_dataset, log, must_say, terms
from tallymark.programme.resolved import Programme
from tallymark.store import Store
from tallymark.store.store import every_row
from tallymark.vault import Vault
from tallymark.vault.sheaf import label_of
from tallymark.vault.vault import REFUSED


def destroy_before(programme: Programme, vault: Vault, name: str, *, day: dt.datetime, access: Access) -> int:
    """Destroys what was received of a dataset before a day, refused rows with it; how many sheaves."""
    must_say(access)
    held_dataset(programme, name)
    found = [
        path
        for dataset in (name, f"{REFUSED}.{name}")
        for path in vault.sheaves(dataset=dataset)
        if dt.datetime.fromisoformat(label_of(path)[0].at) < day
    ]
    log(vault, access, "destroyed", name, before=day.isoformat(), sheaves=[path.name for path in found])
    for path in found:
        path.unlink()
    return len(found)


def destroy_rows(
    programme: Programme, store: Store, vault: Vault, name: str, *, key: Mapping[str, str], access: Access
) -> int:
    """Destroys every form of the rows with a key; how many forms. Refused rows have no key: destroy them by day."""
    must_say(access)
    dataset = held_dataset(programme, name)
    query = (
        f"SELECT _batch, _row, _source_row FROM {every_row(store, name)} "
        f"WHERE {terms(dataset, vault.digests, key)} ORDER BY ALL"
    )
    rows = duckdb.sql(query).fetchall()
    log(vault, access, "destroyed", name, rows=[f"{batch}:{row}" for batch, row, _ in rows])
    places: dict[int, list[str]] = {}
    for batch, _, place in rows:
        places.setdefault(batch, []).append(place)
    many = 0
    with tempfile.TemporaryDirectory(prefix="tallymark-") as folder:
        for batch, gone in places.items():
            for path in vault.sheaves(batch, name):
                many += vault.thin(path, _without(gone), Path(folder))
    return many


def _without(places: list[str]) -> Callable[[pa.Table], pa.Table]:
    gone = pa.array(places)

    def keep(table: pa.Table) -> pa.Table:
        return table.filter(pc.invert(pc.is_in(table.column(PLACE), gone)))

    return keep
