"""The run's tables as files: CSV that spreadsheets open, Parquet that keeps types, a dictionary, hashes."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from tallymark.model.release_tables import WITHHELD
from tallymark.model.table_parts import TableSpec
from tallymark.model.tables import STAMP, TABLES
from tallymark.model.text import Text
from tallymark.publish.facts import Facts

BOM = b"\xef\xbb\xbf"
"""Without it spreadsheets read UTF-8 as something else and break Chinese."""
MOST_ROWS = 1_000_000
"""Rows in one CSV file: what a spreadsheet can open, less the heading."""
MOST_PLAIN = 100_000
"""Rows from which on a CSV file is zipped."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Date of the files inside of zips, so that the same run gives the same bytes."""
STAMP_MEANINGS = {
    "run": Text("run that the row came from", "所属考核批次"),
    "programme_hash": Text("hash of the declared rules", "规则文件哈希"),
    "data_version": Text("version of the data", "数据版本"),
    "code_version": Text("version of the program", "程序版本"),
}


@dataclass(frozen=True, slots=True)
class Download:
    """A file in the data folder; `language` is empty when it serves every edition."""

    name: str
    meaning: Text
    bytes: int
    rows: int | None = None
    language: str = ""


def write_downloads(facts: Facts, folder: Path) -> list[Download]:
    """Every table as CSV and Parquet, and the dictionary; names of a rehearsal's files say so."""
    folder.mkdir(parents=True, exist_ok=True)
    prefix = "rehearsal-" if facts.rehearsal else "internal-" if facts.internal else ""
    found = []
    for spec in specs(facts):
        name, table = spec.name, held(facts, spec.name)
        for part, rows in _parts(table):
            plain = folder / f"{prefix}{name}{part}.csv"
            path = _write_csv(plain, rows, str(facts.manifest["run"]), zipped=table.num_rows > MOST_PLAIN)
            found.append(Download(path.name, spec.meaning, path.stat().st_size, rows.num_rows))
        path = folder / f"{prefix}{name}.parquet"
        pq.write_table(stamped(table, facts.manifest), path, compression="zstd")
        found.append(Download(path.name, spec.meaning, path.stat().st_size, table.num_rows))
    path = folder / "dictionary.csv"
    path.write_bytes(dictionary_bytes(specs(facts)))
    found.append(Download(path.name, Text("What every column means", "数据字典"), path.stat().st_size))
    return found


def _parts(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    if table.num_rows <= MOST_ROWS:
        yield "", table
        return
    for number, start in enumerate(range(0, table.num_rows, MOST_ROWS), start=1):
        yield f"-{number}", table.slice(start, MOST_ROWS)


def _write_csv(path: Path, rows: pa.Table, run: str, *, zipped: bool) -> Path:
    content = csv_bytes(rows, run)
    if not zipped:
        path.write_bytes(content)
        return path
    target = path.with_name(path.name + ".zip")
    entry = zipfile.ZipInfo(path.name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry, content, compresslevel=3)
    return target


def csv_bytes(table: pa.Table, run: str) -> bytes:
    """The rows with the run in a last column. Text that a spreadsheet would take for a formula gets an apostrophe."""
    safe = pa.table([_inert(column) for column in table.columns], names=table.column_names)
    out = io.BytesIO()
    out.write(BOM)
    arrow_csv.write_csv(safe.append_column("run", _constant(run, table.num_rows).cast(pa.string())), out)
    return out.getvalue()


def _inert(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_string(column.type):
        return column
    return pc.replace_substring_regex(column, pattern=r"^([=+@\t\r]|-[^0-9.])", replacement=r"'\1")


def stamped(table: pa.Table, manifest: Mapping[str, Any]) -> pa.Table:
    """The table with run, rules, data and program version on every row."""
    for name in STAMP:
        value = manifest["programme"]["hash"] if name == "programme_hash" else manifest[name]
        table = table.append_column(name, _constant(str(value), table.num_rows))
    return table


def _constant(value: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), [value])


def specs(facts: Facts) -> tuple[TableSpec, ...]:
    """The tables that are given out: those of a run, and of a release also what is withheld."""
    return (*TABLES.values(), *([WITHHELD] if facts.withheld is not None else []))


def held(facts: Facts, name: str) -> pa.Table:
    """One of the tables given out."""
    return facts.withheld if name == WITHHELD.name and facts.withheld is not None else facts.tables[name]


def dictionary_bytes(tables: Sequence[TableSpec] = tuple(TABLES.values())) -> bytes:
    """dictionary.csv: table, column, type, key, meaning in both languages."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["table", "column", "type", "key", "meaning_en", "meaning_zh"])
    for spec in tables:
        for column in spec.columns:
            key = "yes" if column.name in spec.keys else ""
            writer.writerow(
                [spec.name, column.name, str(column.type), key, column.meaning["en"], column.meaning["zh"]]
            )
    for name in STAMP:
        writer.writerow(["*", name, "string", "", STAMP_MEANINGS[name]["en"], STAMP_MEANINGS[name]["zh"]])
    return BOM + out.getvalue().encode("utf-8")


def write_hashes(folder: Path) -> Path:
    """SHA256SUMS of every file in the data folder, as `sha256sum --check` reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
        if path.name != "SHA256SUMS"
    ]
    target = folder / "SHA256SUMS"
    target.write_text("".join(lines), encoding="utf-8")
    return target
