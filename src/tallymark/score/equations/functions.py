"""The functions of equations over whole columns: numbers are float64, truth is 1, 0 or NaN (unknown).

Two ways to divide. `missing`, our own: x ÷ 0 is unknown (NaN), by `/`, `%` or `safe_div`, and unknown stays
unknown through whatever uses it. `engine`, to compare with results-based-financing engines (BLSQ hesabu):
`safe_div(x, 0)` is 0, `/` gives infinities as IEEE 754 has them, which an `if` may still leave aside, and a
`score_table` without a fitting band gives back its first argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DIVISIONS = ("missing", "engine")
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Way:
    """How a system is solved: its division, and where random numbers come from."""

    division: str
    random: np.random.Generator

    @property
    def zero_is_missing(self) -> bool:
        """Whether x ÷ 0 is unknown."""
        return self.division == "missing"


Function = Callable[[Way, tuple[Floats, ...]], Floats]


@dataclass(frozen=True, slots=True)
class Named:
    """A function with how many arguments it takes."""

    run: Function
    least: int
    most: int = MANY


def divide(way: Way, args: tuple[Floats, ...]) -> Floats:
    """x ÷ y."""
    left, right = args
    return left / np.where(right == 0, np.nan, right) if way.zero_is_missing else left / right


def safe_div(way: Way, args: tuple[Floats, ...]) -> Floats:
    """x ÷ y; where y is 0, unknown (`missing`) or 0 (`engine`)."""
    left, right = args
    zero = right == 0
    return np.where(zero, np.nan if way.zero_is_missing else 0.0, left / np.where(zero, 1.0, right))


def remainder(way: Way, args: tuple[Floats, ...]) -> Floats:
    """What is left of x ÷ y, with the sign of x."""
    left, right = args
    return np.fmod(left, np.where(right == 0, np.nan, right))


def choose(way: Way, args: tuple[Floats, ...]) -> Floats:
    """`if(condition, then, else)`; unknown where the condition is."""
    condition, then, otherwise = args
    return np.where(np.isnan(condition), np.nan, np.where(condition != 0, then, otherwise))


def rounded(way: Way, args: tuple[Floats, ...]) -> Floats:
    """Nearest, halves away from zero, at 0 or so many decimals."""
    shift = _shift(args)
    scaled = args[0] * shift
    whole = np.trunc(scaled)
    return np.where(np.abs(scaled - whole) >= 0.5, whole + np.copysign(1.0, scaled), whole) / shift


def truncated(way: Way, args: tuple[Floats, ...]) -> Floats:
    """Toward zero, at 0 or so many decimals."""
    shift = _shift(args)
    return np.trunc(args[0] * shift) / shift


def _shift(args: tuple[Floats, ...]) -> Floats:
    return np.power(10.0, np.trunc(args[1])) if len(args) == 2 else np.ones_like(args[0])


def _to_multiple(step: Callable[[Floats], Floats]) -> Function:
    def run(way: Way, args: tuple[Floats, ...]) -> Floats:
        if len(args) == 1:
            return step(args[0])
        multiple = np.where(args[1] == 0, np.nan, args[1])
        return step(args[0] / multiple) * multiple

    return run


def score_table(way: Way, args: tuple[Floats, ...]) -> Floats:
    """`score_table(x, low, high, points, …, otherwise)`: the points of the first band with low ≤ x < high."""
    target, rules = args[0], args[1:]
    bands, rest = len(rules) // 3, rules[len(rules) // 3 * 3 :]
    found = rest[0] if rest else np.full_like(target, np.nan) if way.zero_is_missing else target
    for band in reversed(range(bands)):
        low, high, points = rules[band * 3 : band * 3 + 3]
        found = np.where((low <= target) & (target < high), points, found)
    return np.where(np.isnan(target), np.nan, found)


def access(way: Way, args: tuple[Floats, ...]) -> Floats:
    """`access(a, b, c, …, index)`: the value at an index from 0; unknown outside."""
    values, index = np.stack(args[:-1]), np.trunc(args[-1])
    inside = (index >= 0) & (index < len(values))
    at = np.where(inside, index, 0).astype(np.int64)
    return np.where(inside, np.take_along_axis(values, at[None, :], axis=0)[0], np.nan)


def between(way: Way, args: tuple[Floats, ...]) -> Floats:
    """A random number between two, from the system's seed."""
    low, high = args
    return low + way.random.random(low.shape) * (high - low)


def total(way: Way, args: tuple[Floats, ...]) -> Floats:
    """Sum, added up in order."""
    return reduce(np.add, args)


def average(way: Way, args: tuple[Floats, ...]) -> Floats:
    """Mean."""
    return total(way, args) / len(args)


def deviation(way: Way, args: tuple[Floats, ...]) -> Floats:
    """Standard deviation of a whole population."""
    return np.asarray(np.std(np.stack(args), axis=0), dtype=np.float64)


def root(way: Way, args: tuple[Floats, ...]) -> Floats:
    """Square root; unknown below 0."""
    return np.sqrt(np.where(args[0] < 0, np.nan, args[0]))


FUNCTIONS: Mapping[str, Named] = {
    "abs": Named(lambda way, args: np.abs(args[0]), 1, 1),
    "access": Named(access, 2),
    "avg": Named(average, 1),
    "ceiling": Named(_to_multiple(np.ceil), 1, 2),
    "floor": Named(_to_multiple(np.floor), 1, 2),
    "if": Named(choose, 3, 3),
    "max": Named(lambda way, args: reduce(np.maximum, args), 1),
    "min": Named(lambda way, args: reduce(np.minimum, args), 1),
    "randbetween": Named(between, 2, 2),
    "round": Named(rounded, 1, 2),
    "safe_div": Named(safe_div, 2, 2),
    "score_table": Named(score_table, 2),
    "sqrt": Named(root, 1, 1),
    "stdevp": Named(deviation, 1),
    "sum": Named(total, 1),
    "trunc": Named(truncated, 1, 2),
}
"""By lower-case name; `array(…)` only groups arguments."""


def _test(compare: Callable[[Floats, Floats], NDArray[np.bool_]]) -> Function:
    def run(way: Way, args: tuple[Floats, ...]) -> Floats:
        unknown = np.isnan(args[0]) | np.isnan(args[1])
        return np.where(unknown, np.nan, compare(args[0], args[1]).astype(np.float64))

    return run


def both(way: Way, args: tuple[Floats, ...]) -> Floats:
    """And, three-valued."""
    left, right = args
    unknown = np.isnan(left) | np.isnan(right)
    return np.where((left == 0) | (right == 0), 0.0, np.where(unknown, np.nan, 1.0))


def negated(way: Way, args: tuple[Floats, ...]) -> Floats:
    """Not, three-valued."""
    return np.where(np.isnan(args[0]), np.nan, (args[0] == 0).astype(np.float64))


def either(way: Way, args: tuple[Floats, ...]) -> Floats:
    """Or, three-valued."""
    return negated(way, (both(way, (negated(way, args[:1]), negated(way, args[1:]))),))


OPERATORS: Mapping[str, Function] = {
    "+": lambda way, args: args[0] + args[1],
    "-": lambda way, args: args[0] - args[1],
    "*": lambda way, args: args[0] * args[1],
    "/": divide,
    "%": remainder,
    "^": lambda way, args: np.power(args[0], args[1]),
    "=": _test(np.equal),
    "!=": _test(np.not_equal),
    "<": _test(np.less),
    "<=": _test(np.less_equal),
    ">": _test(np.greater),
    ">=": _test(np.greater_equal),
    "and": both,
    "or": either,
}
"""Two-sided operators, by the spelling the grammar settles on."""
