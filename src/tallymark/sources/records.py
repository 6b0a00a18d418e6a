"""A file of records as a table of text, a column a heading: what linking reads, which keeps nothing of it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from tallymark.errors import ReceiveError
from tallymark.sources.grid import Wanted
from tallymark.sources.readers import READERS, format_of


def read_records(path: Path) -> pa.Table:
    """Every row of a CSV, Excel (first sheet) or Parquet file, cells as text, NULL where blank.

    Errors: ReceiveError when the file cannot be read, is DHIS2's, has no rows, or names two columns alike.
    """
    found = format_of(path)
    if found == "dhis2":
        raise ReceiveError("{file}: a list of records is a CSV, Excel or Parquet file.", file=path.name)
    sheet = READERS[found](path).sheet(Wanted())
    names = [heading.label for heading in sheet.headings]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ReceiveError(
            "{file}: several columns are called {names}.", file=path.name, names=", ".join(twice)
        )
    chunks = [[column.text for column in chunk.columns[: len(names)]] for chunk in sheet.chunks]
    if not chunks or not names:
        raise ReceiveError("{file}: there are headings, but no rows.", file=path.name)
    columns = [pa.chunked_array([chunk[at] for chunk in chunks], pa.string()) for at in range(len(names))]
    if sheet.misfits:
        raise ReceiveError(
            "{file}: row {row} does not fit the columns. Mend it, and link again.",
            file=path.name, row=sheet.misfits[0].row,
        )  # fmt: skip
    return pa.Table.from_arrays([column.combine_chunks() for column in columns], names=names)
