"""Runs the tests that programme authors write, through the same receive and measure as any run."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tallymark.engine.duckdb import Engine, connect
from tallymark.findings import Finding
from tallymark.measure import measure
from tallymark.programme import examples
from tallymark.programme.resolved import Example, Programme
from tallymark.sources.receive import receive
from tallymark.store import open_store
from tallymark.vault import passing_vault

RECEIVED_AT = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
"""When the rows of an example came in: after everything, so that none is from the future."""


def run_examples(programme: Programme) -> list[Finding]:
    """What the programme's own tests find: each expected figure that did not come out."""
    return examples.run_examples(programme, figures_of)


def figures_of(programme: Programme, example: Example) -> examples.Figures:
    """The figures made of an example's rows alone."""
    plain = replace(programme, sources={})  # rows carry the dataset's own column names
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "store")
        vault = passing_vault(Path(folder) / "vault")
        for dataset, rows in example.given.items():
            path = Path(folder) / f"{dataset}.csv"
            write_rows(path, rows)
            receive(plain, store, dataset, path, received_at=RECEIVED_AT, vault=vault)
        periods = [programme.calendar.parse(code) for code in examples.periods_of(programme, example)]
        measured = measure(programme, store, periods=periods, version=store.version, engine=Engine(connect()))
    found: dict[examples.Key, float | None] = {}
    for kind, table in (("measure", measured.measures), ("indicator", measured.indicators)):
        keys = (kind, "unit", "period", "breakdown", "category")
        for row in table.select([*keys, "value"]).to_pylist():
            found[kind, row[kind], row["unit"], row["period"], row["breakdown"], row["category"]] = row[
                "value"
            ]
    return found


def write_rows(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Rows as CSV: every key that occurs is a column, what a row lacks is empty."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({key: row.get(key) for key in columns} for row in rows)
