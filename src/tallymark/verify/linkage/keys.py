"""A list as keys: for every field the ASCII columns that are compared and blocked on, NULL where nothing is said."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.errors import AssessmentError
from tallymark.findings import known_words
from tallymark.programme.linkages import Field, Kind, Linkage, RecordList
from tallymark.verify.linkage.identity import identity_key, identity_kind
from tallymark.verify.linkage.names import folded, name_keys

Columns = dict[str, pa.Array]
EPOCH = dt.date(1970, 1, 1)
NUMBERS = re.compile(r"\d+")
NOTHING = {"", "none", "null", "nan", "na", "n a", "unknown", "不详", "无", "未知"}
"""What registers write where they know nothing."""


def key_table(linkage: Linkage, one: RecordList, rows: pa.Table) -> pa.Table:
    """Keys of a list: unique_id (text), source_dataset, and for each field its columns.

    Errors: AssessmentError for a column that is not there, for records without or with the same identifier.
    """
    records = _column(rows, one.record, one.name).cast(pa.string())
    if records.null_count or pc.count_distinct(records).as_py() != len(records):
        raise AssessmentError(
            "list '{name}': column '{column}' does not identify its records: {blank} are blank, {double} are not "
            "the only one; name a column in which every record has a number of its own",
            name=one.name,
            column=one.record,
            blank=records.null_count,
            double=len(records) - records.null_count - pc.count_distinct(records).as_py(),
        )
    columns: Columns = {"unique_id": records, "source_dataset": pa.repeat(pa.scalar(one.name), len(rows))}
    for field in linkage.fields:
        if field.name in one.columns:
            texts = as_text(_column(rows, one.columns[field.name], one.name))
        else:
            texts = pa.nulls(len(rows), pa.string())
        columns |= {f"{field.name}{suffix}": array for suffix, array in _spread(field, texts).items()}
    return pa.table(columns)


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
    return rows.column(name).combine_chunks()


def _spread(field: Field, texts: pa.Array) -> Columns:
    """A field's columns: keys are made once for each different spelling, then spread over the rows."""
    coded = texts.dictionary_encode()
    said = [
        text if text is not None and folded(text) not in NOTHING else None
        for text in coded.dictionary.to_pylist()
    ]
    made = [KEYS[field.kind](text) if text is not None else None for text in said]
    columns: Columns = {}
    for suffix, kind in SUFFIXES[field.kind].items():
        distinct = pa.array([one[suffix] if one else None for one in made], kind)
        columns[suffix] = distinct.take(coded.indices)
    return columns


def _name(text: str) -> Mapping[str, object] | None:
    keys = name_keys(text)
    if keys is None:
        return None
    return {
        "": keys.written, "_k": keys.key, "_r": list(keys.readings), "_n": len(keys.readings),
        "_s": keys.letters, "_b": keys.key[:4], "_e": keys.key[-4:],
    }  # fmt: skip


def _date(text: str) -> Mapping[str, object] | None:
    day = read_date(text)
    if day is None:
        return None
    iso = day.strftime("%Y%m%d") if day.year >= 1000 else f"{day.year:04}{day:%m%d}"
    return {"": iso, "_d": (day - EPOCH).days, "_m": iso[:6], "_y": iso[4:]}


def _identity(text: str) -> Mapping[str, object] | None:
    key = identity_key(text)
    return {"": key, "_v": identity_kind(key) in ("resident", "permit"), "_e": key[-6:]} if key else None


def _digits(text: str) -> Mapping[str, object] | None:
    key = "".join(each for each in folded(text) if each.isascii() and each.isalnum())
    return {"": key, "_e": key[-5:]} if key else None


def _text(text: str) -> Mapping[str, object] | None:
    keys = name_keys(text)
    return {"": keys.written, "_k": keys.key, "_b": keys.key[:6], "_e": keys.key[-5:]} if keys else None


def _category(text: str) -> Mapping[str, object] | None:
    key = folded(text)
    return {"": key} if key else None


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


KEYS: dict[Kind, Callable[[str], Mapping[str, object] | None]] = {
    "name": _name,
    "date": _date,
    "identity": _identity,
    "digits": _digits,
    "text": _text,
    "category": _category,
}
SUFFIXES: dict[Kind, dict[str, pa.DataType]] = {
    "name": {
        "": pa.string(), "_k": pa.string(), "_r": pa.list_(pa.string()), "_n": pa.int32(),
        "_s": pa.string(), "_b": pa.string(), "_e": pa.string(),
    },
    "date": {"": pa.string(), "_d": pa.int32(), "_m": pa.string(), "_y": pa.string()},
    "identity": {"": pa.string(), "_v": pa.bool_(), "_e": pa.string()},
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
