"""Readers by format, and what a name and a path mean: a declared source, or a dataset with a source derived for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tallymark.errors import ReceiveError
from tallymark.findings import did_you_mean
from tallymark.programme.resolved import Programme
from tallymark.programme.written.data import WrittenTable
from tallymark.sources.csv_file import open_csv
from tallymark.sources.dhis2_file import open_dhis2
from tallymark.sources.excel_file import open_excel
from tallymark.sources.grid import OpenedFile
from tallymark.sources.parquet_file import open_parquet

READERS: Mapping[str, Callable[[Path], OpenedFile]] = {
    "csv": open_csv,
    "excel": open_excel,
    "parquet": open_parquet,
    "dhis2": open_dhis2,
}
"""Opens a file of each format."""

DATASET = "dataset:"

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".txt"),
    "excel": (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"),
    "parquet": (".parquet", ".pq"),
    "dhis2": (".json", ".json.gz"),
}


@dataclass(frozen=True, slots=True)
class Mapped:
    """How the file in hand is read: its format and its tables."""

    format: str
    tables: tuple[WrittenTable, ...]
    match: tuple[str, ...] | None
    """How units are matched where the tables do not say (derived sources)."""


def mapped(programme: Programme, name: str, path: Path) -> Mapped:
    """The declared source of that name, or one derived for the dataset of that name: format by suffix, own column names.

    Where a source and a dataset have the same name the source is meant; `dataset:NAME` means the dataset.
    Errors: ReceiveError for an unknown name, with did-you-mean, and for an unknown suffix.
    """
    asked, name = name, name.removeprefix(DATASET)
    if asked in programme.sources:
        source = programme.sources[asked]
        return Mapped(source.format, _completed(source.format, source.tables), None)
    if name in programme.datasets:
        found = format_of(path)
        table = WrittenTable(dataset=name)
        return Mapped(found, _completed(found, (table,)), ("code", "name"))
    known = [*programme.sources, *programme.datasets]
    near = did_you_mean(name, known)
    template = "no source or dataset is called “{name}”. There are {known}."
    if near:
        template = "no source or dataset is called “{name}”. Did you mean {near}? There are {known}."
    raise ReceiveError(template, name=name, near=", ".join(near), known=", ".join(known) or "—")


def _completed(form: str, tables: tuple[WrittenTable, ...]) -> tuple[WrittenTable, ...]:
    """DHIS2 data values always have the same columns."""
    if form != "dhis2":
        return tables
    own = {"unit": "orgUnit", "period": "period", "item": "dataElement", "value": "value", "layout": "long"}
    return tuple(
        table.model_copy(update={name: getattr(table, name) or text for name, text in own.items()})
        for table in tables
    )


def format_of(path: Path) -> str:
    """What a file is, by its ending.

    Errors: ReceiveError for an unknown ending.
    """
    name = path.name.lower()
    for form, suffixes in SUFFIXES.items():
        if name.endswith(suffixes):
            return form
    known = ", ".join(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
    raise ReceiveError(
        "{file}: the name does not say what the file is. Known endings are {known}.",
        file=path.name,
        known=known,
    )
