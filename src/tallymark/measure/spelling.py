"""Columns spelled by their values: for every row a small whole number, and what each value counts as, looked up once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]

SPAN = 1 << 16
"""Whole numbers and days within so wide a range are spelled by themselves."""

MANY, MOST = 1 << 15, 1 << 20
"""So many values at once are asked anew; so many are remembered."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A column of a batch: row → `at`; `at − low` is the place of its value among the values."""

    at: npt.NDArray[Any]
    low: int
    values: pa.Array | None
    """The different values, NULL last where there are any; None when they are the numbers from `low` on."""
    span: int
    """How many values there are, NULL not among them."""
    gaps: bool
    """Whether some are NULL."""


def spelled(column: pa.Array | pa.ChunkedArray, ends: tuple[int, int] | None = None) -> Spelled:
    """A column as numbers, without looking at a text twice where the file has a dictionary.

    ends: least and greatest of its whole numbers or days, where they are known.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = array.type
    if pa.types.is_boolean(kind):
        return _numbers(array.cast(pa.uint8()), 0, 1)
    if pa.types.is_integer(kind) or pa.types.is_date32(kind):
        whole = array if pa.types.is_integer(kind) else array.cast(pa.int32())
        low, high = ends or _ends(whole)
        if high - low < SPAN:
            return _numbers(whole, low, high)
    if not pa.types.is_dictionary(kind):
        array = pc.dictionary_encode(array)
    values, gaps = array.dictionary, bool(array.null_count)
    indices = array.indices.fill_null(len(values)) if gaps else array.indices
    return by_places(indices.to_numpy(), values, gaps=gaps)


def by_places(places: npt.NDArray[Any], values: pa.Array | None, *, gaps: bool) -> Spelled:
    """A column as places among values, NULL's after the last; values None: FALSE and TRUE."""
    if values is None:
        return Spelled(places, 0, None, 2, gaps)
    many = len(values)
    return Spelled(
        places, 0, pa.concat_arrays([values, pa.nulls(1, values.type)]) if gaps else values, many, gaps
    )


def the_same(number: int) -> Spelled:
    """A column that holds one whole number or day in every row."""
    return Spelled(np.zeros(0, np.uint8), number, None, 1, gaps=False)


def _ends(array: pa.Array) -> tuple[int, int]:
    """Least and greatest of whole numbers; as far apart as can be when there are none."""
    if not array.null_count and len(array):
        numbers = array.to_numpy()
        return int(numbers.min()), int(numbers.max())
    both = pc.min_max(array)
    return (0, SPAN) if both["min"].as_py() is None else (both["min"].as_py(), both["max"].as_py())


def _numbers(array: pa.Array, low: int, high: int) -> Spelled:
    gaps = bool(array.null_count)
    if gaps:
        wide = array.cast(pa.int64()) if high + 1 > np.iinfo(array.type.to_pandas_dtype()).max else array
        array = wide.fill_null(pa.scalar(high + 1, wide.type))
    return Spelled(array.to_numpy(), low, None, high - low + 1, gaps)


def values_of(spelled: Spelled, kind: pa.DataType) -> pa.Array:
    """The different values of a spelled column, NULL last where there are any."""
    if spelled.values is not None:
        return spelled.values.cast(kind)
    values = _whole(spelled.low, spelled.low + spelled.span - 1, kind)
    return pa.concat_arrays([values, pa.nulls(1, kind)]) if spelled.gaps else values


def _whole(low: int, high: int, kind: pa.DataType) -> pa.Array:
    """The whole numbers, days or truths from `low` to `high`."""
    numbers = pa.array(np.arange(low, high + 1))
    return (numbers.cast(pa.int32()) if pa.types.is_date32(kind) else numbers).cast(kind)


class Lookup:
    """What each value of a column counts as, asked once a value while they are not too many.

    remember: not when asking is as quick as looking up.
    """

    def __init__(self, kind: pa.DataType, ask: Callable[[pa.Array], Ints], *, remember: bool = True) -> None:
        self._kind = kind
        self._ask = ask
        self._most = MANY if remember else 0
        self._known: dict[Any, int] = {}
        self._low = 0
        self._range: Ints = np.zeros(0, np.int64)

    def of(self, spelled: Spelled) -> Ints:
        """What the values of a spelled column count as, in their order."""
        if spelled.values is None:
            found = self._within(spelled.low, spelled.low + spelled.span - 1)
        elif (ranged := self._numbered(spelled.values[: spelled.span])) is not None:
            found = ranged
        else:
            return self._among(spelled.values.cast(self._kind))
        return np.append(found, self._among(pa.nulls(1, self._kind))) if spelled.gaps else found

    def _numbered(self, values: pa.Array) -> Ints | None:
        """What whole numbers or days count as; None for other values and those that are far apart."""
        whole = values.cast(pa.int32()) if pa.types.is_date32(values.type) else values
        if not pa.types.is_integer(whole.type) or not len(whole):
            return None
        numbers = whole.to_numpy()
        low, high = int(numbers.min()), int(numbers.max())
        return self._within(low, high)[numbers - low] if high - low < SPAN else None

    def _among(self, values: pa.Array) -> Ints:
        if len(values) > self._most:
            return self._ask(values)
        listed = values.to_pylist()
        found = list(map(self._known.get, listed))
        if None in found:
            new = list(
                dict.fromkeys(value for value, known in zip(listed, found, strict=True) if known is None)
            )
            if len(self._known) > MOST:
                self._known, new = {}, list(dict.fromkeys(listed))
            self._known |= zip(new, self._ask(pa.array(new, self._kind)).tolist(), strict=True)
            found = list(map(self._known.get, listed))
        return np.array(found, np.int64)

    def _within(self, low: int, high: int) -> Ints:
        end = self._low + len(self._range)
        if low < self._low or high >= end:
            widest = min(low, self._low), max(high, end - 1)
            if not len(self._range) or widest[1] - widest[0] >= SPAN:
                widest = low, high
            self._low, self._range = widest[0], self._ask(_whole(*widest, self._kind))
        return self._range[low - self._low : high - self._low + 1]
