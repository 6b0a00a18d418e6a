"""Columns of a Parquet row group as the places of their values in dictionaries, read from pages without decoding them.

A stored column is a dictionary and, for every row, the place of its value there, a few bits wide. Whoever asks what each
*different* value means needs no more; decoded by Arrow it takes up to eight bytes a row, which then are looked up one by
one (docs/decisions/0048). A column whose pages are anything else (too many values for a dictionary, other encodings,
damage) is left out, for Arrow to read and to say what is wrong with it. Importing this starts Numba, which takes a while.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tallymark.engine import unpacking as un

Array = npt.NDArray[Any]

PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY = 0, 2, 3, 8
"""Numbers of the encodings."""
DATA, DICTIONARY = 0, 2
"""Numbers of the kinds of pages."""
CODECS = {"ZSTD": "zstd", "SNAPPY": "snappy"}
"""What pages are unpacked by; UNCOMPRESSED ones are read as they are."""
PHYSICAL: dict[str, Callable[[pa.DataType], bool]] = {
    "BYTE_ARRAY": pa.types.is_string,
    "BOOLEAN": pa.types.is_boolean,
    "INT64": pa.types.is_int64,
    "INT32": lambda kind: pa.types.is_int32(kind) or pa.types.is_date32(kind),
    "DOUBLE": pa.types.is_float64,
}
"""How a column is stored → whether values of a type are stored so, bit for bit."""
PLACES = {PLAIN_DICTIONARY: un.TOLD, RLE_DICTIONARY: un.TOLD}
BOOLEANS = {PLAIN: un.BITS, RLE: un.RUNS}
"""Encoding → how numbers stand."""
MOST_PAGES, MOST_BYTES = 1 << 12, 1 << 28
"""A column of more or larger pages is left to Arrow."""


class _UnlikeError(Exception):
    """Pages are not what is read here."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column: row → the place of its value among the values; one place more for NULL."""

    places: Array
    values: pa.Array | None
    """None for a column of FALSE and TRUE."""
    gaps: bool


@dataclass(slots=True)
class Room:
    """Memory that is used over and over: what is given from it holds until the next row group is read into it."""

    _kept: dict[tuple[str, str], Array] = field(default_factory=dict)

    def of(self, name: str, size: int, kind: Any = np.uint8) -> Array:
        """Room for so many numbers of a kind, under a name."""
        key = name, np.dtype(kind).str
        if key not in self._kept or len(self._kept[key]) < size:
            self._kept[key] = np.empty(size, kind)
        return self._kept[key][:size]


@dataclass(frozen=True, slots=True)
class Opened:
    """An open file: as Arrow sees it, its descriptor, and the types of its columns."""

    file: pq.ParquetFile
    descriptor: int
    kinds: dict[str, pa.DataType]

    @classmethod
    def of(cls, file: pq.ParquetFile, descriptor: int) -> Opened:
        """The types are those of values where Arrow reads dictionaries."""
        kinds = {one.name: one.type for one in file.schema_arrow}
        kinds = {
            name: kind.value_type if pa.types.is_dictionary(kind) else kind for name, kind in kinds.items()
        }
        return cls(file, descriptor, kinds)


def coded(opened: Opened, group: int, names: Collection[str], room: Room) -> dict[str, Coded]:
    """Those of a row group's columns that are all places in dictionaries."""
    known, found = opened.file.metadata.row_group(group), {}
    for at in range(known.num_columns):
        chunk = known.column(at)
        name = chunk.path_in_schema
        if name in names and name in opened.kinds:
            stored = opened.file.schema.column(at)
            levels = stored.max_definition_level, stored.max_repetition_level
            column = _Column(opened.descriptor, chunk, opened.kinds[name], room, optional=levels == (1, 0))
            if levels in ((0, 0), (1, 0)) and column.may_be:
                try:
                    found[name] = column.coded(known.num_rows)
                except (_UnlikeError, OSError, pa.ArrowException):
                    continue
    return found


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a row group: where it stands and as what it is read."""

    descriptor: int
    chunk: pq.ColumnChunkMetaData
    kind: pa.DataType
    room: Room
    optional: bool
    """Whether there may be NULL."""

    @property
    def may_be(self) -> bool:
        """Whether its type and packing are among those that are read here."""
        packed = self.chunk.compression in (*CODECS, "UNCOMPRESSED")
        return packed and PHYSICAL.get(self.chunk.physical_type, pa.types.is_null)(self.kind)

    def coded(self, rows: int) -> Coded:
        """The places of so many rows; _UnlikeError, or what Arrow raises, where they are not to be had."""
        data = self._stored()
        pages = self.room.of("pages", MOST_PAGES * un.KNOWN, np.int64).reshape(MOST_PAGES, un.KNOWN)
        pages = pages[: max(0, un.headers(data, pages))]
        forms, values = BOOLEANS, None
        if self.chunk.physical_type != "BOOLEAN":
            forms, values = PLACES, self._values(data, pages[:1])
            pages = pages[1:]
        absent = 2 if values is None else len(values)
        name, kind = self.chunk.path_in_schema, np.min_scalar_type(absent)
        places, there = self.room.of(name, rows, kind), self.room.of("there", rows)
        at, gone = 0, 0
        for body, form, many in self._bodies(data, pages, forms):
            end = at + many
            if many < 0 or end > rows:
                raise _UnlikeError
            missing = un.unpack(body, self.optional, form, places[at:end], absent, there[at:end])
            if missing < 0:
                raise _UnlikeError
            at, gone = end, gone + missing
        if at != rows:
            raise _UnlikeError
        return Coded(places, values, gone > 0)

    def _stored(self) -> Array:
        """The bytes of its pages."""
        offset, size = self.chunk.data_page_offset, self.chunk.total_compressed_size
        if self.chunk.dictionary_page_offset is not None:
            offset = min(offset, self.chunk.dictionary_page_offset)
        data = self.room.of("stored", size)
        if os.preadv(self.descriptor, [data.data], offset) != size:
            raise _UnlikeError
        data = data.view()
        data.flags.writeable = False  # as what is unpacked from it is, so that loops are compiled once
        return data

    def _bodies(self, data: Array, pages: Array, forms: dict[int, int]) -> Iterator[tuple[Array, int, int]]:
        """Data pages without their headers, how their numbers stand, and how many."""
        if (pages[:, un.KIND] != DATA).any() or (pages[:, un.LEVELS] != RLE).any():
            raise _UnlikeError
        for page in pages.tolist():
            if page[un.ENCODING] not in forms:
                raise _UnlikeError
            yield self._body(data, page), forms[page[un.ENCODING]], page[un.VALUES]

    def _body(self, data: Array, page: list[int]) -> Array:
        """A page without its header, unpacked."""
        start, size, unpacked = page[un.BODY], page[un.PACKED], page[un.UNPACKED]
        body = data[start : start + size]
        if self.chunk.compression == "UNCOMPRESSED":
            return body
        if unpacked > MOST_BYTES:
            raise _UnlikeError
        codec = _codec(CODECS[self.chunk.compression])
        return np.frombuffer(codec.decompress(pa.py_buffer(body), unpacked), np.uint8)

    def _values(self, data: Array, pages: Array) -> pa.Array:
        """The values of the dictionary page, which is the first."""
        if not len(pages) or pages[0, un.KIND] != DICTIONARY:
            raise _UnlikeError
        if pages[0, un.ENCODING] not in (PLAIN, PLAIN_DICTIONARY):
            raise _UnlikeError
        body, many = self._body(data, pages[0].tolist()), int(pages[0, un.VALUES])
        if pa.types.is_string(self.kind):
            return _texts(body, many, self.kind)
        width = np.dtype(self.kind.to_pandas_dtype()).itemsize if not pa.types.is_date32(self.kind) else 4
        if not 0 <= many * width <= len(body):
            raise _UnlikeError
        return pa.Array.from_buffers(self.kind, many, [None, pa.py_buffer(body[: many * width].tobytes())])


@lru_cache
def _codec(name: str) -> pa.Codec:
    return pa.Codec(name)


def _texts(body: Array, many: int, kind: pa.DataType) -> pa.Array:
    """Texts that stand one after another, each behind its length."""
    if not 0 <= 4 * many <= len(body):
        raise _UnlikeError
    ends = np.empty(many + 1, np.int32)
    size = un.lengths(body, ends)
    if size < 0:
        raise _UnlikeError
    into = np.empty(size, np.uint8)
    un.texts(body, ends, into)
    made = pa.Array.from_buffers(kind, many, [None, pa.py_buffer(ends), pa.py_buffer(into)])
    made.validate(full=True)
    return made
