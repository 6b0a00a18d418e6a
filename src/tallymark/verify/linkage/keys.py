"""A list as keys: for every field the ASCII columns that are compared and blocked on, NULL where nothing is said."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.errors import AssessmentError
from tallymark.findings import known_words
from tallymark.programme.linkages import Field, Kind, Linkage, RecordList
from tallymark.verify.linkage.chinese import QUICK, chinese_keys
from tallymark.verify.linkage.identity import identity_key
from tallymark.verify.linkage.letters import all_different
from tallymark.verify.linkage.names import folded, name_keys

Columns = dict[str, pa.Array]
EPOCH = dt.date(1970, 1, 1)
IDENTITY_END, DIGITS_END = 6, 5
"""Last places of a number on which records are brought together."""
NUMBERS = re.compile(r"\d+")
NOTHING = {"", "none", "null", "nan", "na", "n a", "unknown", "不详", "无", "未知"}
"""What registers write where they know nothing."""


def key_table(linkage: Linkage, one: RecordList, rows: pa.Table) -> pa.Table:
    """Keys of one list, as `key_tables`."""
    return key_tables(linkage, (one,), {one.name: rows})[one.name]


def key_tables(
    linkage: Linkage, lists: Sequence[RecordList], rows: Mapping[str, pa.Table]
) -> dict[str, pa.Table]:
    """Keys of lists: unique_id (text), source_dataset, and for each field its columns, different texts being held once.

    What several lists write alike is read once. Errors: AssessmentError for a column that is not there, for records
    without or with the same identifier.
    """
    fields = sorted(linkage.fields, key=lambda field: field.kind != "name")  # what takes longest begins first
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        known = pool.map(lambda one: _identifiers(one, rows[one.name]), lists)
        texts = [[_texts(field, one, rows[one.name]) for one in lists] for field in fields]
        made = dict(zip((field.name for field in fields), pool.map(_spread, fields, texts), strict=True))
        columns: dict[str, Columns] = {
            one.name: {
                "unique_id": identifiers,
                "source_dataset": pa.repeat(pa.scalar(one.name), len(rows[one.name])),
            }
            for one, identifiers in zip(lists, known, strict=True)
        }
    for field in linkage.fields:
        spread = made[field.name]
        for suffix, array in spread.items():
            start = 0
            for one in lists:
                many = len(rows[one.name])
                columns[one.name][f"{field.name}{suffix}"] = array.slice(start, many)
                start += many
    return {name: pa.table(of) for name, of in columns.items()}


def _identifiers(one: RecordList, rows: pa.Table) -> pa.Array:
    records = _column(rows, one.record, one.name).cast(pa.string())
    if not records.null_count and all_different(records):
        return records
    if records.null_count or pc.count_distinct(records).as_py() != len(records):
        raise AssessmentError(
            "list '{name}': column '{column}' does not identify its records: {blank} are blank, {double} are not "
            "the only one; name a column in which every record has a number of its own",
            name=one.name,
            column=one.record,
            blank=records.null_count,
            double=len(records) - records.null_count - pc.count_distinct(records).as_py(),
        )
    return records


def _texts(field: Field, one: RecordList, rows: pa.Table) -> pa.Array:
    if field.name not in one.columns:
        return pa.nulls(len(rows), pa.string())
    return as_text(_column(rows, one.columns[field.name], one.name))


def as_text(column: pa.Array) -> pa.Array:
    """A column's cells as text: dates as YYYY-MM-DD, whole numbers without a decimal point."""
    if pa.types.is_floating(column.type):
        whole = pc.all(pc.equal(column, pc.floor(column))).as_py() is not False
        column = column.cast(pa.int64()) if whole else column
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.date32(), safe=False)
    return column.cast(pa.string())


def _column(rows: pa.Table, name: str, of: str) -> pa.Array:
    if name not in rows.column_names:
        raise AssessmentError(
            "list '{list}' has no column '{column}'; {known}",
            list=of,
            column=name,
            known=known_words(name, rows.column_names),
        )
    column = rows.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def decoded(table: pa.Table) -> pa.Table:
    """A table of keys for engines: columns that hold different texts once, as what they say."""
    columns = [
        pa.chunked_array([_said(chunk) for chunk in column.chunks], column.type.value_type)
        if pa.types.is_dictionary(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, table.column_names)


def _said(chunk: pa.DictionaryArray) -> pa.Array:
    return chunk.dictionary.take(chunk.indices)


def _spread(field: Field, texts: Sequence[pa.Array]) -> Columns:
    """A field's columns: keys are made once for each different spelling, and of each row it is held which it has."""
    coded = pa.chunked_array(texts, pa.string()).dictionary_encode().combine_chunks()
    made = (
        _quickly(field.kind, coded.dictionary)
        if field.kind in PLAIN
        else _one_by_one(field.kind, coded.dictionary)
    )
    return {suffix: _held(array, coded) for suffix, array in zip(SUFFIXES[field.kind], made, strict=True)}


def _held(made: pa.Array, spelt: pa.DictionaryArray) -> pa.Array:
    """A column from what each spelling comes to and which spelling each row has."""
    if pa.types.is_list(made.type) or made.equals(spelt.dictionary):
        return pa.DictionaryArray.from_arrays(spelt.indices, made)
    if not pa.types.is_string(made.type):
        return made.take(spelt.indices)
    different = made.dictionary_encode()
    return pa.DictionaryArray.from_arrays(different.indices.take(spelt.indices), different.dictionary)


def _one_by_one(kind: Kind, texts: pa.Array) -> list[pa.Array]:
    """The columns of texts, each read by itself."""
    kinds, key = SUFFIXES[kind], KEYS[kind]
    made: list[Keys] = []
    for text in texts.to_pylist():
        found = key(text) if text is not None and folded(text) not in NOTHING else None
        made.append(found or (None,) * len(kinds))
    columns = zip(*made, strict=True) if made else [()] * len(kinds)
    return [pa.array(values, type_) for values, type_ in zip(columns, kinds.values(), strict=True)]


def _quickly(kind: Kind, texts: pa.Array) -> list[pa.Array]:
    """The columns of texts: all plain ones at once, the others one by one."""
    plain, read = PLAIN[kind]
    easy = pc.fill_null(pc.match_substring_regex(texts, plain), False)
    if pc.all(easy).as_py():
        return read(texts)
    quick, slow = read(texts.filter(easy)), _one_by_one(kind, texts.filter(pc.invert(easy)))
    which = easy.to_numpy(zero_copy_only=False)
    place = np.where(which, np.cumsum(which), which.sum() + np.cumsum(~which)) - 1
    return [
        pa.concat_arrays([one.cast(other.type), other]).take(pa.array(place))
        for one, other in zip(quick, slow, strict=True)
    ]


def _numbers(end: int) -> Callable[[pa.Array], list[pa.Array]]:
    """Numbers that are their own key, in capitals, and their last places."""

    def read(texts: pa.Array) -> list[pa.Array]:
        key = pc.utf8_upper(texts)
        return [key, pc.utf8_slice_codeunits(key, -end)]

    return read


def _chinese(texts: pa.Array) -> list[pa.Array]:
    written, key, readings, many, letters = chinese_keys(texts, sorted(NOTHING - {""}))
    ends = [pc.utf8_slice_codeunits(key, *part) for part in ((0, 4), (-4,))]
    return [written, key, readings, many, letters, *ends]


Keys = tuple[object, ...]
"""What a text comes to, in the order of its kind's columns."""


def _name(text: str) -> Keys | None:
    keys = name_keys(text)
    if keys is None:
        return None
    written, key, readings, letters = keys
    return written, key, readings, len(readings), letters, key[:4], key[-4:]


def _date(text: str) -> Keys | None:
    day = read_date(text)
    if day is None:
        return None
    iso = day.strftime("%Y%m%d") if day.year >= 1000 else f"{day.year:04}{day:%m%d}"
    return iso, (day - EPOCH).days, iso[:6], iso[4:]


def _identity(text: str) -> Keys | None:
    key = identity_key(text)
    return (key, key[-IDENTITY_END:]) if key else None


def _digits(text: str) -> Keys | None:
    key = "".join(each for each in folded(text) if each.isascii() and each.isalnum())
    return (key, key[-DIGITS_END:]) if key else None


def _text(text: str) -> Keys | None:
    keys = name_keys(text)
    return (keys.written, keys.key, keys.key[:6], keys.key[-5:]) if keys else None


def _category(text: str) -> Keys | None:
    key = folded(text)
    return (key,) if key else None


def read_date(text: str) -> dt.date | None:
    """A day written year first, in eight digits, or day first where the year comes last; None for anything else."""
    parts = NUMBERS.findall(folded(text.split("T")[0].split(" ")[0] if text[:4].isdigit() else text))
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    if len(parts) < 3:
        return None
    year, month, day = (int(part) for part in (parts[:3] if len(parts[0]) == 4 else parts[2::-1]))
    try:
        return dt.date(year, month, day)
    except ValueError:
        return _turned(year, month, day)


def _turned(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, day, month)
    except ValueError:
        return None


KEYS: dict[Kind, Callable[[str], Keys | None]] = {
    "name": _name,
    "date": _date,
    "identity": _identity,
    "digits": _digits,
    "text": _text,
    "category": _category,
}
PLAIN: dict[Kind, tuple[str, Callable[[pa.Array], list[pa.Array]]]] = {
    "identity": ("^([0-9]{17}[0-9Xx]|[0-9]{16}|[0-9]{1,14})$", _numbers(IDENTITY_END)),
    "digits": ("^[0-9]+$", _numbers(DIGITS_END)),
    "name": (QUICK, _chinese),
}
"""Kind of field → texts that are read all at once, and how."""
SUFFIXES: dict[Kind, dict[str, pa.DataType]] = {
    "name": {
        "": pa.string(), "_k": pa.string(), "_r": pa.list_(pa.string()), "_n": pa.int32(),
        "_s": pa.string(), "_b": pa.string(), "_e": pa.string(),
    },
    "date": {"": pa.string(), "_d": pa.int32(), "_m": pa.string(), "_y": pa.string()},
    "identity": {"": pa.string(), "_e": pa.string()},
    "digits": {"": pa.string(), "_e": pa.string()},
    "text": {"": pa.string(), "_k": pa.string(), "_b": pa.string(), "_e": pa.string()},
    "category": {"": pa.string()},
}  # fmt: skip
"""Kind of field → suffix of each of its columns → type."""

BLOCKING: dict[Kind, Sequence[str]] = {
    "name": ("_k", "_b", "_e"),
    "date": ("", "_m", "_y"),
    "identity": ("", "_e"),
    "digits": ("", "_e"),
    "text": ("_k", "_b", "_e"),
    "category": ("",),
}
"""Kind of field → columns on which records can be brought together."""
