"""How two records' fields agree: levels from agreement to the letter down to none, in SQL that engines read alike.

Only equality, Levenshtein distance over ASCII, whole-number differences and overlap of lists are used: DuckDB and Spark
give the same for those, and not for Jaro–Winkler, phonetic functions, or any distance over Chinese characters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tallymark.programme.linkages import Field, Kind

OVERLAP = {"duckdb": "list_has_any({0}, {1})", "spark": "arrays_overlap({0}, {1})"}
"""Engine → whether two lists share an element."""
BEGINS = {"duckdb": "starts_with({0}, {1})", "spark": "startswith({0}, {1})"}
"""Engine → whether the first text begins with the second."""
Way = Literal["same", "within", "near", "begins", "sounds", "days", "turned"]


@dataclass(frozen=True, slots=True)
class Test:
    """One way in which two records may agree, in a form that SQL and compiled loops are both written from.

    same: equal columns. within: at most so many letters apart. near: at most so many per cent of the longer text apart.
    begins: one is the other's beginning. sounds: lists of readings share one, where either name has several. days: at
    most so many days apart. turned: the left date is the right one with day and month in each other's place.
    """

    way: Way
    column: str
    most: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it looks at in SQL."""
        suffixes = {"sounds": ("_n", "_r"), "days": ("_d",)}.get(self.way, ("",))
        return tuple(f"{self.column}{suffix}" for suffix in suffixes)

    def sql(self, engine: str) -> str:
        """The test as a condition on Splink's `"x_l"` and `"x_r"`."""
        return SQL[self.way](self, engine)


@dataclass(frozen=True, slots=True)
class Level:
    """One way in which a field agrees: any of its tests; `often` is the column whose commonness counts against it."""

    label: str
    tests: tuple[Test, ...]
    condition: str
    often: str | None = None
    start: float = 0.0
    """Share of true matches that agree like this, as a first guess."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field's levels, best first; the last is `ELSE`. Records that say nothing have none (−1)."""

    field: Field
    key: str
    """The column that is NULL where a record says nothing."""
    levels: tuple[Level, ...]

    @property
    def count(self) -> int:
        return len(self.levels)

    @property
    def silent(self) -> str:
        """Whether either record says nothing, in SQL."""
        left, right = _pair(self.key)
        return f"{left} IS NULL OR {right} IS NULL"


def comparison(field: Field, engine: str) -> Comparison:
    """How a field is compared on an engine."""
    name = field.name
    levels = tuple(
        Level(label, tests, _condition(tests, engine), often, start)
        for label, tests, often, start in LEVELS[field.kind](name)
    )
    return Comparison(field, f"{name}_k" if field.kind in ("name", "text") else name, levels)


def _condition(tests: tuple[Test, ...], engine: str) -> str:
    """Any of the tests; a single one stands alone, as Splink knows agreement to the letter by its form."""
    if len(tests) == 1:
        return tests[0].sql(engine)
    return " OR ".join(f"({each.sql(engine)})" for each in tests) or "ELSE"


def _pair(column: str) -> tuple[str, str]:
    return f'"{column}_l"', f'"{column}_r"'


def _same(test: Test, engine: str) -> str:
    left, right = _pair(test.column)
    return f"{left} = {right}"


def _within(test: Test, engine: str) -> str:
    """Lengths are compared first, as that is cheap."""
    left, right = _pair(test.column)
    return f"abs(length({left}) - length({right})) <= {test.most} AND levenshtein({left}, {right}) <= {test.most}"


def _near(test: Test, engine: str) -> str:
    left, right = _pair(test.column)
    longer = f"{test.most} * GREATEST(length({left}), length({right}))"
    return (
        f"100 * abs(length({left}) - length({right})) <= {longer} "
        f"AND 100 * levenshtein({left}, {right}) <= {longer}"
    )


def _begins(test: Test, engine: str) -> str:
    left, right = _pair(test.column)
    return f"{BEGINS[engine].format(left, right)} OR {BEGINS[engine].format(right, left)}"


def _sounds(test: Test, engine: str) -> str:
    left, right = _pair(f"{test.column}_n")
    return f"({left} > 1 OR {right} > 1) AND {OVERLAP[engine].format(*_pair(f'{test.column}_r'))}"


def _days(test: Test, engine: str) -> str:
    left, right = _pair(f"{test.column}_d")
    return f"abs({left} - {right}) <= {test.most}"


def _turned(test: Test, engine: str) -> str:
    left, right = _pair(test.column)
    return f"{left} = concat(substr({right}, 1, 4), substr({right}, 7, 2), substr({right}, 5, 2))"


SQL: dict[Way, Callable[[Test, str], str]] = {
    "same": _same, "within": _within, "near": _near, "begins": _begins, "sounds": _sounds,
    "days": _days, "turned": _turned,
}  # fmt: skip

Levels = tuple[tuple[str, tuple[Test, ...], str | None, float], ...]
"""Label, tests, column whose commonness counts, first guess; best first."""


def _name(name: str) -> Levels:
    key = f"{name}_k"
    return (
        ("the same to the letter", (Test("same", name),), name, 0.75),
        ("the same sound", (Test("same", key), Test("sounds", name)), None, 0.1),
        ("one letter apart, or turned round", (Test("same", f"{name}_s"), Test("within", key, 1)), None, 0.06),
        ("alike", (Test("begins", key), Test("near", key, 34)), None, 0.04),
        ("different", (), None, 0.05),
    )  # fmt: skip


def _date(name: str) -> Levels:
    return (
        ("the same day", (Test("same", name),), name, 0.85),
        ("a digit or a day apart", (Test("days", name, 1), Test("within", name, 1), Test("turned", name)), None, 0.08),
        ("a month apart", (Test("days", name, 31), Test("within", name, 2)), None, 0.04),
        ("another day", (), None, 0.03),
    )  # fmt: skip


def _identity(name: str) -> Levels:
    return (
        ("the same number", (Test("same", name),), None, 0.9),
        ("two digits apart", (Test("within", name, 2),), None, 0.07),
        ("another number", (), None, 0.03),
    )


def _digits(name: str) -> Levels:
    return (
        ("the same number", (Test("same", name),), name, 0.85),
        ("a digit apart", (Test("within", name, 1),), None, 0.08),
        ("another number", (), None, 0.07),
    )


def _text(name: str) -> Levels:
    key = f"{name}_k"
    return (
        ("the same to the letter", (Test("same", name),), name, 0.7),
        ("a letter apart", (Test("same", key), Test("within", key, 1)), None, 0.12),
        ("alike", (Test("near", key, 30),), None, 0.08),
        ("different", (), None, 0.1),
    )


def _category(name: str) -> Levels:
    return (("the same", (Test("same", name),), name, 0.93), ("another", (), None, 0.07))


LEVELS: dict[Kind, Callable[[str], Levels]] = {
    "name": _name,
    "date": _date,
    "identity": _identity,
    "digits": _digits,
    "text": _text,
    "category": _category,
}
