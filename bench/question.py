"""The question of the measuring benchmark, without any tool: events of 41,000 villages on five levels, forty counts."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

LEVELS = ("nation", "region", "district", "town", "village")
COUNTS = (1, 13, 180, 3_127, 41_000)
"""Units of each level: 44,321 together."""

MONTHS = 24
FIRST_YEAR = 2024
Test = tuple[str, str, object]
"""Column, operator and value; a condition is several that must all hold."""

AGES = ((0, 15), (15, 20), (20, 25), (25, 30), (30, 35), (35, 50), (50, 100), (18, 50))
CONDITIONS: tuple[tuple[Test, ...], ...] = (
    *((("age", ">=", low), ("age", "<", high)) for low, high in AGES),
    *((("place", "=", word),) for word in ("hospital", "centre", "post", "home")),
    *((("outcome", "=", word),) for word in ("well", "referred", "lost", "died")),
    *((("visits", ">=", number),) for number in (1, 4, 8)),
    *((("weight", "<", number),) for number in (1500, 2500, 4000)),
    *((("waited", "<=", number),) for number in (1, 7, 14, 30)),
    *((("place", "=", p), ("outcome", "=", o)) for p in ("hospital", "centre") for o in ("well", "died")),
    *((("age", "<", number), ("weight", "<", 2500)) for number in (20, 35)),
    *((("visits", ">=", number), ("screened", "=", True)) for number in (4, 8)),
    (("screened", "=", True), ("waited", "<=", 14)),
    (("outcome", "=", "referred"), ("waited", "<=", 7)),
    (("place", "<>", "home"), ("visits", ">=", 4)),
    (("screened", "=", False), ("age", ">=", 35)),
    (("weight", ">=", 2500), ("weight", "<", 4000)),
    (("waited", ">", 30), ("outcome", "<>", "well")),
)
assert len(CONDITIONS) == 40
COLUMNS = ("_unit", "_month", "sex", "age", "place", "outcome", "visits", "weight", "waited", "screened")


def literal(value: object) -> str:
    """A value as SQL."""
    return f"'{value}'" if isinstance(value, str) else str(value).upper()


def sql(condition: tuple[Test, ...]) -> str:
    """A condition as SQL."""
    return " AND ".join(f"{column} {op} {literal(value)}" for column, op, value in condition)


@dataclass(frozen=True, slots=True)
class Tree:
    """Parents by number: unit i of a level stands under `parents[level][i]` of the level above."""

    codes: tuple[tuple[str, ...], ...]
    parents: tuple[np.ndarray, ...]


def tree(counts: tuple[int, ...] = COUNTS) -> Tree:
    """The units of all levels, so many of each, dealt evenly to those above."""
    codes = tuple(
        tuple(f"{level[0].upper()}{at:05d}" for at in range(count))
        for level, count in zip(LEVELS, counts, strict=True)
    )
    parents = [np.zeros(1, np.int64)]
    parents += [np.arange(count) * above // count for above, count in itertools.pairwise(counts)]
    return Tree(codes, tuple(parents))
