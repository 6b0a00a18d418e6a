"""DHIS2 data values (the `dataValueSets` JSON, plain or gzipped) as a long table."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tallymark.errors import ReceiveError
from tallymark.sources.grid import Chunk, Column, Heading, OpenedFile, Sheet

FIELDS = (
    "dataElement",
    "period",
    "orgUnit",
    "categoryOptionCombo",
    "attributeOptionCombo",
    "value",
    "deleted",
)
SHARED = ("dataSet", "period", "orgUnit", "attributeOptionCombo")
"""Fields that a set may give once for all its values."""
AT_ONCE = 1 << 17
GZIP = b"\x1f\x8b"
MOST_BYTES = 4 << 30


def open_dhis2(path: Path) -> OpenedFile:
    """A set of data values opened for reading; a row of its sheet is a value, counted from 1.

    Errors: ReceiveError when it is no JSON, or has no `dataValues`.
    """
    headings = tuple(Heading(name, (name,)) for name in FIELDS)
    return OpenedFile(lambda wanted: Sheet("", headings, _chunks(path, _values(path)), 1, lettered=False))


def _values(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
        with gzip.open(path) if packed else path.open("rb") as file:
            text = file.read(MOST_BYTES)
        whole = json.loads(text)
    except (OSError, EOFError, zlib.error) as error:
        raise ReceiveError(
            "{file}: damaged; it cannot be unpacked ({reason}).", file=path.name, reason=error
        ) from error
    except (ValueError, RecursionError) as error:
        raise ReceiveError(
            "{file}: not DHIS2 data values: no JSON ({reason}).", file=path.name, reason=error
        ) from error
    values = whole.get("dataValues") if isinstance(whole, dict) else whole
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise ReceiveError("{file}: not DHIS2 data values: there is no list `dataValues`.", file=path.name)
    if isinstance(whole, dict):
        shared = {name: whole[name] for name in SHARED if name in whole}
        values = [{**shared, **value} for value in values] if shared else values
    return values


def _chunks(path: Path, values: list[dict[str, Any]]) -> Iterator[Chunk]:
    for start in range(0, len(values), AT_ONCE):
        part = values[start : start + AT_ONCE]
        columns = tuple(Column(_texts([value.get(name) for value in part])) for name in FIELDS)
        yield Chunk(np.arange(start + 1, start + 1 + len(part), dtype=np.int64), columns)


def _texts(cells: list[Any]) -> pa.Array:
    """Cells as text; JSON numbers and booleans are written as DHIS2 writes them."""
    try:
        return pa.array(cells, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
        return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str | None:
    if isinstance(cell, str):
        # JSON can spell halves of characters (\\ud800) that no text has.
        return cell.encode("utf-8", "replace").decode()
    return None if cell is None else json.dumps(cell)
