"""Columns of cells made into typed values: every distinct spelling is read once, the rest is Arrow and NumPy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.sources.dates import EXCEL_EPOCH, SERIALS, TIME, parse_day
from tallymark.sources.grid import Column, Floats
from tallymark.sources.numbers import decimal_mark, parse_number
from tallymark.sources.spellings import fold
from tallymark.sources.verdicts import REFUSES, Verdict
from tallymark.sources.words import MISSING, NO, UNCLEAR, YES

Verdicts = npt.NDArray[np.uint8]

PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]+)?$"
UNSURE_WHOLE = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$"
"""In a column of counts `1.234` may be 1234: left to `parse_number`."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A column's values (NULL where there is none) and a verdict for each cell."""

    values: pa.Array
    verdicts: Verdicts

    @property
    def refused(self) -> npt.NDArray[np.bool_]:
        """Where a cell was not empty and yet gave no value."""
        return (self.verdicts >= REFUSES) & (self.verdicts < Verdict.BELOW_MIN)


Distinct = Callable[[pa.Array], tuple[pa.Array, Verdicts]]
"""Reads distinct spellings (trimmed, never empty): values and verdicts, one for each."""


def by_spelling(text: pa.Array, read: Distinct, kind: pa.DataType) -> Cleaned:
    """Reads each distinct text once and gives every cell what its text gave."""
    encoded = text if pa.types.is_dictionary(text.type) else text.dictionary_encode()
    spellings = pc.utf8_trim_whitespace(encoded.dictionary)
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    empty = pc.equal(spellings, "").to_numpy(zero_copy_only=False)
    values, verdicts = read(pc.if_else(pa.array(empty), "0", spellings)) if len(spellings) else (None, None)
    if values is None or verdicts is None:
        return Cleaned(pa.nulls(len(codes), kind), np.full(len(codes), Verdict.BLANK, np.uint8))
    values = pc.if_else(pa.array(empty), pa.scalar(None, kind), values.cast(kind))
    verdicts = np.where(empty, np.uint8(Verdict.BLANK), verdicts)
    taken = values.take(pa.array(np.where(codes < 0, 0, codes)))
    blank = codes < 0
    if blank.any():
        taken = pc.if_else(pa.array(blank), pa.scalar(None, kind), taken)
    return Cleaned(taken, np.where(blank, np.uint8(Verdict.BLANK), verdicts[codes]))


def numbers(column: Column, *, whole: bool, decimal: str, most: float | None = None) -> Cleaned:
    """Numbers of a column; `whole` marks fractions, `most` ≤ 1 makes 85.7 % of a percent sign 0.857."""

    def read(spellings: pa.Array) -> tuple[pa.Array, Verdicts]:
        plain = pc.match_substring_regex(spellings, PLAIN_NUMBER)
        if whole or decimal == ",":
            plain = pc.and_not(plain, pc.match_substring_regex(spellings, UNSURE_WHOLE))
        values = pc.cast(pc.if_else(plain, spellings, None), pa.float64()).to_numpy(zero_copy_only=False)
        values = values.copy()
        verdicts = np.zeros(len(values), np.uint8)
        rest = np.flatnonzero(~plain.to_numpy(zero_copy_only=False))
        parsed = [
            parse_number(text, decimal=decimal, whole=whole) for text in spellings.take(rest).to_pylist()
        ]
        values[rest] = [value for value, _ in parsed]
        verdicts[rest] = [verdict for _, verdict in parsed]
        if most is not None and most <= 1:
            values = np.where(verdicts == Verdict.PERCENT, values / 100, values)
        return pa.array(values, from_pandas=True), verdicts

    cleaned = by_spelling(column.text, read, pa.float64())
    if column.number is not None:
        cleaned = _with_numbers(cleaned, column.number)
    return _fractions(cleaned) if whole else cleaned


def decimal_of(column: Column) -> str | None:
    """The decimal mark that a column's texts prove; None when nothing does."""
    spellings = pc.unique(column.text).drop_null()
    if column.number is not None:
        spellings = pc.unique(column.text.filter(pa.array(np.isnan(column.number)))).drop_null()
    marked = spellings.filter(pc.match_substring_regex(spellings, "[.,．，]"))
    return decimal_mark(marked.to_pylist()) if len(marked) else None


def whole_numbers(column: Column, *, decimal: str) -> Cleaned:
    """Integers of a column; a number that is not whole is refused."""
    cleaned = numbers(column, whole=True, decimal=decimal)
    verdicts = cleaned.verdicts.copy()
    verdicts[verdicts == Verdict.FRACTION] = Verdict.NOT_WHOLE
    large = pc.greater(pc.abs(cleaned.values), 2.0**53).fill_null(False).to_numpy(zero_copy_only=False)
    verdicts[large] = Verdict.NOT_A_NUMBER
    values = pc.if_else(pa.array(verdicts >= REFUSES), pa.scalar(None, pa.float64()), cleaned.values)
    return Cleaned(values.cast(pa.int64()), verdicts)


def days(column: Column, *, order: str, latest_year: int) -> Cleaned:
    """Days of a column as date32; numbers that the file holds as such are spreadsheet serials."""

    def read(spellings: pa.Array) -> tuple[pa.Array, Verdicts]:
        parsed = [parse_day(text, order=order, latest_year=latest_year) for text in spellings.to_pylist()]
        verdicts = np.fromiter((verdict for _, verdict in parsed), np.uint8, len(parsed))
        return pa.array([day for day, _ in parsed], pa.date32()), verdicts

    text = column.text
    if pc.any(pc.match_substring(text, ":")).as_py():
        text = pc.replace_substring_regex(text, f"(?i){TIME.pattern}", "")
    cleaned = by_spelling(text, read, pa.date32())
    return cleaned if column.number is None else _with_serials(cleaned, column.number)


def booleans(column: Column) -> Cleaned:
    """Yes and no of a column, in English, French, Chinese, or 1 and 0."""

    def read(spellings: pa.Array) -> tuple[pa.Array, Verdicts]:
        words = [fold(text) for text in spellings.to_pylist()]
        values = [True if word in YES else False if word in NO else None for word in words]
        verdicts = [
            Verdict.OK if value is not None else _none_or(word, Verdict.NOT_YES_OR_NO)
            for word, value in zip(words, values, strict=True)
        ]
        return pa.array(values, pa.bool_()), np.array(verdicts, np.uint8)

    return by_spelling(column.text, read, pa.bool_())


def categories(column: Column, allowed: Sequence[str], spellings: Mapping[str, str]) -> Cleaned:
    """Declared values of a column; case, width and accents do not matter, `spellings` adds others."""
    known = {fold(value): value for value in reversed(allowed)} | {
        fold(text): value for text, value in spellings.items()
    }

    def read(texts: pa.Array) -> tuple[pa.Array, Verdicts]:
        words = [fold(text) for text in texts.to_pylist()]
        values = [known.get(word, known.get(word.removesuffix(".0"))) for word in words]
        verdicts = [
            Verdict.OK if value is not None else _none_or(word, Verdict.NOT_A_CATEGORY)
            for word, value in zip(words, values, strict=True)
        ]
        return pa.array(values, pa.string()), np.array(verdicts, np.uint8)

    return by_spelling(column.text, read, pa.string())


def texts(column: Column) -> Cleaned:
    """Texts of a column as they are, outer spaces taken away; blank ones are NULL."""
    text = column.text.dictionary_decode() if pa.types.is_dictionary(column.text.type) else column.text
    trimmed = pc.utf8_trim_whitespace(text)
    blank = pc.equal(trimmed, "").fill_null(True)
    values = pc.if_else(blank, pa.scalar(None, pa.string()), trimmed)
    verdicts = np.where(blank.to_numpy(zero_copy_only=False), np.uint8(Verdict.BLANK), np.uint8(Verdict.OK))
    return Cleaned(values, verdicts)


def _none_or(word: str, otherwise: Verdict) -> Verdict:
    return Verdict.MISSING if word in MISSING or word in UNCLEAR else otherwise


def _with_numbers(cleaned: Cleaned, number: Floats) -> Cleaned:
    """Cells that hold numbers themselves need no reading."""
    given = ~np.isnan(number)
    values = pc.if_else(pa.array(given), pa.array(number), cleaned.values)
    return Cleaned(values, np.where(given, np.uint8(Verdict.OK), cleaned.verdicts))


def _with_serials(cleaned: Cleaned, number: Floats) -> Cleaned:
    """Numbers among dates: spreadsheet serials, or 20250314 which the text has already given."""
    whole = np.where(np.isnan(number), 0, np.floor(number))
    serial = (whole >= SERIALS[0]) & (whole <= SERIALS[1])
    offset = (EXCEL_EPOCH - dt.date(1970, 1, 1)).days
    values = pa.array(np.where(serial, whole + offset, 0).astype(np.int32)).cast(pa.date32())
    return Cleaned(
        pc.if_else(pa.array(serial), values, cleaned.values),
        np.where(serial, np.uint8(Verdict.OK), cleaned.verdicts),
    )


def _fractions(cleaned: Cleaned) -> Cleaned:
    values = cleaned.values.to_numpy(zero_copy_only=False)
    broken = ~np.isnan(values) & (values != np.floor(values))
    return Cleaned(cleaned.values, np.where(broken, np.uint8(Verdict.FRACTION), cleaned.verdicts))
