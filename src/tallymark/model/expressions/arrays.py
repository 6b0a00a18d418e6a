"""Tree → NumPy: the vectorised twin of the SQL, with NaN (numbers), None (texts), NaT (days) as NULL.

Truth is three-valued: 1.0, 0.0, NaN.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tallymark.model.expressions.tree import Call, Name, Node, Number, Value

Array = NDArray[Any]
NAN = np.float64("nan")
NOTHING: Array = np.asarray(None, dtype=object)


def evaluate(node: Node, values: Mapping[str, Array]) -> Array:
    """The tree's value for every element, as `Expression.evaluate` says."""
    columns = {name: _column(np.asarray(column)) for name, column in values.items()}
    with np.errstate(all="ignore"):
        found = _Evaluator(columns).value(node)
    shape = np.broadcast_shapes(found.shape, *(column.shape for column in columns.values()))
    return found if found.shape == shape else np.broadcast_to(found, shape).copy()


def _column(column: Array) -> Array:
    if column.dtype.kind in "fiub":
        return column.astype(np.float64)
    if column.dtype.kind == "M":
        return column.astype("datetime64[D]")
    texts = column.astype(object)
    unknown = np.asarray(texts != texts, dtype=bool)  # a NaN among texts
    return np.where(unknown, NOTHING, texts) if unknown.any() else texts


class _Evaluator:
    def __init__(self, columns: Mapping[str, Array]) -> None:
        self.columns = columns

    def value(self, node: Node) -> Array:
        if isinstance(node, Name):
            return self.columns[node.name]
        if isinstance(node, Number):
            return np.asarray(node.value)
        if isinstance(node, Value):
            return _constant(node.value)
        if node.op == "case":
            return self.case(node)
        return _OPERATIONS[node.op](*(self.value(arg) for arg in node.args))

    def case(self, node: Call) -> Array:
        *branches, otherwise = (self.value(arg) for arg in node.args)
        found = otherwise
        for when, then in reversed(list(zip(branches[::2], branches[1::2], strict=True))):
            then, found = _alike(then, found)
            found = np.where(_truth(when) == 1.0, then, found)
        return found


def _constant(value: str | dt.date | bool | None) -> Array:
    if value is None:
        return np.asarray(NAN)
    if isinstance(value, bool):
        return np.asarray(float(value))
    if isinstance(value, dt.date):
        return np.asarray(value, dtype="datetime64[D]")
    return np.asarray(value, dtype=object)


def _unknown(array: Array) -> Array:
    if array.dtype.kind == "O":
        return np.asarray(array == None, dtype=bool)  # noqa: E711 - element by element
    return np.isnat(array) if array.dtype.kind == "M" else np.isnan(array)


def _numbers(array: Array) -> Array:
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind == "M":
        return np.full(array.shape, NAN)
    return np.vectorize(_number, otypes=[np.float64])(array) if array.size else array.astype(np.float64)


def _number(text: Any) -> float:
    # Unit attributes are texts in files; a size of "120" is a number where one is asked for.
    try:
        return float(text)
    except (TypeError, ValueError):
        return float("nan")


_truth = _numbers


def _days(array: Array) -> Array:
    if array.dtype.kind == "M":
        return array
    if array.dtype.kind == "f":
        return np.full(array.shape, np.datetime64("NaT", "D"))
    return array.astype("datetime64[D]")


def _alike(left: Array, right: Array) -> tuple[Array, Array]:
    """Both arrays in one type; an all-unknown side (NULL) takes the other's."""
    kinds = {left.dtype.kind, right.dtype.kind}
    if len(kinds) == 1:
        return left, right
    if kinds == {"f", "O"} and not (_only_null(left) or _only_null(right)):
        return _numbers(left), _numbers(right)
    if "M" in kinds:
        return _days(left), _days(right)
    return _texts(left), _texts(right)


def _only_null(array: Array) -> bool:
    return array.ndim == 0 and bool(_unknown(array))


def _texts(array: Array) -> Array:
    return array if array.dtype.kind == "O" else np.full(array.shape, None, dtype=object)


def _compare(test: Callable[[Array, Array], Any]) -> Callable[[Array, Array], Array]:
    def compared(left: Array, right: Array) -> Array:
        left, right = _alike(left, right)
        unknown = _unknown(left) | _unknown(right)
        if left.dtype.kind == "O":
            left, right = np.where(_unknown(left), "", left), np.where(_unknown(right), "", right)
        return np.where(unknown, NAN, np.asarray(test(left, right), dtype=bool).astype(np.float64))

    return compared


def _and(*parts: Array) -> Array:
    def both(left: Array, right: Array) -> Array:
        false = (left == 0.0) | (right == 0.0)
        return np.where(false, 0.0, np.where(np.isnan(left) | np.isnan(right), NAN, 1.0))

    return reduce(both, map(_truth, parts))


def _or(*parts: Array) -> Array:
    return _not(_and(*map(_not, parts)))


def _not(part: Array) -> Array:
    truth = _truth(part)
    return np.where(np.isnan(truth), NAN, (truth == 0.0).astype(np.float64))


def _in(one: Array, *others: Array) -> Array:
    return _or(*(_equal(one, other) for other in others))


def _between(one: Array, low: Array, high: Array) -> Array:
    return _and(_at_least(one, low), _at_least(high, one))


def _divide(left: Array, right: Array) -> Array:
    divisor = _numbers(right)
    return np.divide(_numbers(left), np.where(divisor == 0.0, NAN, divisor))


def _remainder(left: Array, right: Array) -> Array:
    divisor = _numbers(right)
    return np.fmod(_numbers(left), np.where(divisor == 0.0, NAN, divisor))


def _coalesce(*parts: Array) -> Array:
    def first(left: Array, right: Array) -> Array:
        left, right = _alike(left, right)
        return np.where(_unknown(left), right, left)

    return reduce(first, parts)


def _nullif(left: Array, right: Array) -> Array:
    same = _equal(left, right) == 1.0
    if left.dtype.kind == "O":
        return np.where(same, NOTHING, left)
    return np.where(same, np.datetime64("NaT", "D") if left.dtype.kind == "M" else NAN, left)


def _extreme(numbers: Any, more: bool) -> Callable[..., Array]:
    def pick(left: Array, right: Array) -> Array:
        left, right = _alike(left, right)
        if left.dtype.kind == "f":
            return np.asarray(numbers(left, right))
        first = (_at_least(left, right) if more else _at_least(right, left)) == 1.0
        return np.where(_unknown(right) | first, left, right)

    return lambda *parts: reduce(pick, parts)


def _part(unit: str) -> Callable[[Array], Array]:
    def part(array: Array) -> Array:
        days = _days(array)
        years = days.astype("datetime64[Y]").astype(np.int64) + 1970
        months = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
        found = {
            "year": years,
            "month": months,
            "quarter": (months + 2) // 3,
            "day": (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1,
        }[unit]
        return np.where(np.isnat(days), NAN, found.astype(np.float64))

    return part


def _date_diff(earlier: Array, later: Array) -> Array:
    first, last = _days(earlier), _days(later)
    gap = (last - first).astype(np.int64).astype(np.float64)
    return np.where(np.isnat(first) | np.isnat(last), NAN, gap)


def _text_function(function: Callable[..., Any], numeric: bool) -> Callable[..., Array]:
    def one(*texts: Any) -> Any:
        if any(text is None for text in texts):
            return float("nan") if numeric else None
        return function(*texts)

    applied = np.frompyfunc(one, 1, 1), np.frompyfunc(one, 2, 1)

    def call(*parts: Array) -> Array:
        found = np.asarray(applied[len(parts) - 1](*map(_texts, parts)), dtype=object)
        return found.astype(np.float64) if numeric else found

    return call


_equal = _compare(lambda left, right: left == right)
_at_least = _compare(lambda left, right: left >= right)
_OPERATIONS: dict[str, Callable[..., Array]] = {
    "+": lambda *parts: reduce(np.add, map(_numbers, parts)),
    "*": lambda *parts: reduce(np.multiply, map(_numbers, parts)),
    "-": lambda left, right: np.subtract(_numbers(left), _numbers(right)),
    "/": _divide,
    "%": _remainder,
    "neg": lambda part: -_numbers(part),
    "abs": lambda part: np.abs(_numbers(part)),
    "and": _and,
    "or": _or,
    "not": _not,
    "=": _equal,
    "<>": lambda left, right: _not(_equal(left, right)),
    ">=": _at_least,
    "<": lambda left, right: _not(_at_least(left, right)),
    "<=": lambda left, right: _at_least(right, left),
    ">": lambda left, right: _not(_at_least(right, left)),
    "is null": lambda part: _unknown(part).astype(np.float64),
    "in": _in,
    "between": _between,
    "coalesce": _coalesce,
    "nullif": _nullif,
    "greatest": _extreme(np.fmax, more=True),
    "least": _extreme(np.fmin, more=False),
    "year": _part("year"),
    "quarter": _part("quarter"),
    "month": _part("month"),
    "day": _part("day"),
    "date_diff": _date_diff,
    "lower": _text_function(str.lower, numeric=False),
    "upper": _text_function(str.upper, numeric=False),
    "length": _text_function(len, numeric=True),
    "starts_with": _text_function(str.startswith, numeric=True),
}
