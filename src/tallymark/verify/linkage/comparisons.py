"""How two records' fields agree: levels from agreement to the letter down to none, in SQL that engines read alike.

Only equality, Levenshtein distance over ASCII, whole-number differences and overlap of lists are used: DuckDB and Spark
give the same for those, and not for Jaro–Winkler, phonetic functions, or any distance over Chinese characters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tallymark.programme.linkages import Field, Kind

OVERLAP = {"duckdb": "list_has_any({0}, {1})", "spark": "arrays_overlap({0}, {1})"}
"""Engine → whether two lists share an element."""


@dataclass(frozen=True, slots=True)
class Level:
    """One way in which a field agrees; `often` is the column whose commonness counts against the agreement."""

    label: str
    condition: str
    often: str | None = None
    start: float = 0.0
    """Share of true matches that agree like this, as a first guess."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field's levels, best first; the last is `ELSE`. Records that say nothing have none (−1)."""

    field: Field
    silent: str
    levels: tuple[Level, ...]

    @property
    def count(self) -> int:
        return len(self.levels)


def comparison(field: Field, engine: str) -> Comparison:
    """How a field is compared on an engine."""
    key = {"name": "_k", "text": "_k"}.get(field.kind, "")
    left, right = _pair(f"{field.name}{key}")
    return Comparison(field, f"{left} IS NULL OR {right} IS NULL", LEVELS[field.kind](field.name, engine))


def _pair(column: str) -> tuple[str, str]:
    return f'"{column}_l"', f'"{column}_r"'


def _same(column: str) -> str:
    left, right = _pair(column)
    return f"{left} = {right}"


def _within(column: str, most: int) -> str:
    left, right = _pair(column)
    return f"levenshtein({left}, {right}) <= {most}"


def _near(column: str, share: float) -> str:
    """Distance at most a share of the longer key, lengths compared first as that is cheap."""
    left, right = _pair(column)
    longer = f"GREATEST(length({left}), length({right}))"
    return (
        f"abs(length({left}) - length({right})) <= {share} * {longer} "
        f"AND levenshtein({left}, {right}) <= {share} * {longer}"
    )


def _name(name: str, engine: str) -> tuple[Level, ...]:
    many_left, many_right = _pair(f"{name}_n")
    several = f"({many_left} > 1 OR {many_right} > 1)"
    sounds = OVERLAP[engine].format(*_pair(f"{name}_r"))
    left, right = _pair(f"{name}_k")
    begins = f"(starts_with({left}, {right}) OR starts_with({right}, {left}))"
    if engine == "spark":
        begins = f"(startswith({left}, {right}) OR startswith({right}, {left}))"
    return (
        Level("the same to the letter", _same(name), name, 0.75),
        Level("the same sound", f"{_same(f'{name}_k')} OR ({several} AND {sounds})", None, 0.1),
        Level(
            "one letter apart, or turned round",
            f"{_same(f'{name}_s')} OR {_within(f'{name}_k', 1)}",
            None,
            0.06,
        ),
        Level("alike", f"{begins} OR ({_near(f'{name}_k', 0.34)})", None, 0.04),
        Level("different", "ELSE", None, 0.05),
    )


def _date(name: str, engine: str) -> tuple[Level, ...]:
    left, right = _pair(f"{name}_d")
    written_left, written_right = _pair(name)
    turned = (
        f"{written_left} = concat(substr({written_right}, 1, 4), substr({written_right}, 7, 2), "
        f"substr({written_right}, 5, 2))"
    )
    return (
        Level("the same day", _same(name), name, 0.85),
        Level("a digit or a day apart", f"abs({left} - {right}) <= 1 OR {_within(name, 1)} OR {turned}", None, 0.08),
        Level("a month apart", f"abs({left} - {right}) <= 31 OR {_within(name, 2)}", None, 0.04),
        Level("another day", "ELSE", None, 0.03),
    )  # fmt: skip


def _identity(name: str, engine: str) -> tuple[Level, ...]:
    return (
        Level("the same number", _same(name), None, 0.9),
        Level("two digits apart", _within(name, 2), None, 0.07),
        Level("another number", "ELSE", None, 0.03),
    )


def _digits(name: str, engine: str) -> tuple[Level, ...]:
    return (
        Level("the same number", _same(name), name, 0.85),
        Level("a digit apart", _within(name, 1), None, 0.08),
        Level("another number", "ELSE", None, 0.07),
    )


def _text(name: str, engine: str) -> tuple[Level, ...]:
    return (
        Level("the same to the letter", _same(name), name, 0.7),
        Level("a letter apart", f"{_same(f'{name}_k')} OR {_within(f'{name}_k', 1)}", None, 0.12),
        Level("alike", _near(f"{name}_k", 0.3), None, 0.08),
        Level("different", "ELSE", None, 0.1),
    )


def _category(name: str, engine: str) -> tuple[Level, ...]:
    return (
        Level("the same", _same(name), name, 0.93),
        Level("another", "ELSE", None, 0.07),
    )


LEVELS: dict[Kind, Callable[[str, str], tuple[Level, ...]]] = {
    "name": _name,
    "date": _date,
    "identity": _identity,
    "digits": _digits,
    "text": _text,
    "category": _category,
}
