"""How fields agree in pairs that are compared, and in pairs drawn by chance: counted patterns, all training needs.

A field's *category* says at once at which level it agrees (−1 where a record says nothing) and which of its blocking
keys agree, so that a pattern decides whether any rule brings the pair together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tallymark.engine.duckdb import connect
from tallymark.verify.linkage.blocking import Key, Rule
from tallymark.verify.linkage.comparisons import Comparison

TRAINING = 60_000
"""Records of a list on whose pairs a model is trained."""
CHANCE = 400_000
"""Pairs drawn by chance, to see how often fields agree in pairs that are no match."""
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Category:
    """One way in which a field can come out: its level (best = highest, −1 nothing said) and which keys agree."""

    level: int
    keys: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Counted patterns. pattern[p, f]: the place in `categories[f]` of field f's category; blocked and chance: counts."""

    categories: tuple[tuple[Category, ...], ...]
    pattern: Ints
    blocked: Ints
    chance: tuple[Ints, ...]
    """Field → how many chance pairs came out in each of its categories."""
    keys: tuple[tuple[Key, ...], ...]
    """Field → its blocking keys that any rule uses, in the order of `Category.keys`."""
    possible: float
    """Pairs of records of different lists that there are."""
    left: Ints
    right: Ints
    """Each compared pair's records, numbered through all lists."""
    of: Ints
    """Each compared pair's pattern."""
    share: float
    """Share of each list's records that was looked at."""


def count_patterns(
    comparisons: Sequence[Comparison],
    rules: Sequence[Rule],
    tables: Mapping[str, pa.Table],
    *,
    seed: int,
) -> Patterns:
    """The patterns of all pairs that the rules make among (a sample of) the lists, and of pairs drawn by chance."""
    connection = connect()
    sizes, share = _load(connection, tables, seed)
    keys = tuple(
        tuple(dict.fromkeys(k for rule in rules for k in rule.keys if k.field == one.field.name))
        for one in comparisons
    )
    columns = [_category(one, of, at) for at, (one, of) in enumerate(zip(comparisons, keys, strict=True))]
    names = ", ".join(f"f{at}" for at in range(len(columns)))
    _block(connection, rules, across=len(sizes) > 1)
    connection.execute(f"CREATE TABLE compared AS {_categories(columns, 'blocked')}")
    counted = connection.sql(
        f"SELECT {names}, COUNT(*) AS n FROM compared GROUP BY ALL ORDER BY ALL"
    ).to_arrow_table()
    connection.register("counted", counted.append_column("pattern", pa.array(np.arange(len(counted)))))
    same = " AND ".join(f"c.f{at} = k.f{at}" for at in range(len(columns)))
    pairs = connection.sql(
        f"SELECT c.left, c.right, k.pattern FROM compared AS c JOIN counted AS k ON {same} ORDER BY ALL"
    ).to_arrow_table()
    possible = _chance(connection, sizes, seed)
    connection.execute(f"CREATE TABLE by_chance AS {_categories(columns, 'chance')}")
    by_field = [
        dict(connection.execute(f"SELECT f{at}, COUNT(*) FROM by_chance GROUP BY ALL").fetchall())
        for at in range(len(columns))
    ]
    categories, pattern, chance = _coded(keys, counted, by_field)
    return Patterns(
        categories,
        pattern,
        counted.column("n").to_numpy().astype(np.int64),
        chance,
        keys,
        possible,
        left=pairs.column("left").to_numpy(),
        right=pairs.column("right").to_numpy(),
        of=pairs.column("pattern").to_numpy(),
        share=share,
    )


def _load(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], seed: int
) -> tuple[list[int], float]:
    """Makes `every`: the records of all lists, numbered, sampled where lists are long: the same share of each."""
    share = min(1.0, TRAINING / max(1, *(len(table) for table in tables.values())))
    draw = np.random.default_rng([seed, 1])
    parts = []
    for name in sorted(tables):
        rows = np.sort(draw.permutation(len(tables[name]))[: round(share * len(tables[name]))])
        parts.append(tables[name].take(pa.array(rows)))
    whole = pa.concat_tables(parts)
    connection.register("arriving", whole.append_column("number", pa.array(np.arange(len(whole)))))
    connection.execute("CREATE TABLE every AS SELECT * FROM arriving")
    return [len(part) for part in parts], share


def _block(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], *, across: bool) -> None:
    """Makes `blocked`: pairs that a rule makes, of different lists, or of the only one there is."""
    apart = " AND l.source_dataset <> r.source_dataset" if across else ""
    parts = [
        "SELECT l.number AS left, r.number AS right FROM every AS l JOIN every AS r "
        f"ON {rule.sql} AND l.number < r.number{apart}"
        for rule in rules
    ]
    connection.execute(f"CREATE TABLE blocked AS {' UNION '.join(parts)}")


def _chance(connection: duckdb.DuckDBPyConnection, sizes: Sequence[int], seed: int) -> float:
    """Makes the table of pairs drawn by chance; gives how many pairs there are in all."""
    lists = range(len(sizes))
    pairs = list(combinations(lists, 2)) or [(0, 0)]
    weight = np.array([float(sizes[a]) * sizes[b] / (2 if a == b else 1) for a, b in pairs])
    draw = np.random.default_rng([seed, 2])
    many = np.minimum(weight, CHANCE * weight / max(weight.sum(), 1.0)).astype(int)
    first = np.concatenate([[0], np.cumsum(sizes)])
    left = [first[a] + draw.integers(0, max(sizes[a], 1), n) for (a, _), n in zip(pairs, many, strict=True)]
    right = [first[b] + draw.integers(0, max(sizes[b], 1), n) for (_, b), n in zip(pairs, many, strict=True)]
    drawn = pa.table({"left": np.concatenate(left), "right": np.concatenate(right)})
    connection.register("drawn", drawn)
    connection.execute("CREATE TABLE chance AS SELECT * FROM drawn AS d WHERE d.left <> d.right")
    return float(weight.sum())


def _categories(columns: Sequence[str], pairs: str) -> str:
    """Each pair's categories as whole numbers: level + 1, and a bit for each key."""
    return (
        f"SELECT p.left, p.right, {', '.join(columns)} FROM {pairs} AS p "
        "JOIN every AS l ON l.number = p.left JOIN every AS r ON r.number = p.right"
    )


def _category(one: Comparison, keys: Sequence[Key], at: int) -> str:
    cases = " ".join(
        f"WHEN {level.condition} THEN {one.count - number}"
        for number, level in enumerate(one.levels)
        if level.condition != "ELSE"
    )
    level = f"CASE WHEN {one.silent} THEN 0 {cases} ELSE 1 END"
    bits = "".join(
        f' + CASE WHEN l."{key.column}" = r."{key.column}" THEN {16 << bit} ELSE 0 END'
        for bit, key in enumerate(keys)
    )
    return f"{sided(level)}{bits} AS f{at}"


def sided(condition: str) -> str:
    """Splink's `"x_l"` and `"x_r"` as columns of the aliases l and r."""
    out = []
    for part in condition.split('"'):
        out.append(part)
    for at in range(1, len(out), 2):
        name, side = out[at][:-2], out[at][-1]
        out[at] = f'{side}."{name}"'
    return "".join(out)


def _coded(
    keys: tuple[tuple[Key, ...], ...], counted: pa.Table, by_field: Sequence[Mapping[int, int]]
) -> tuple[tuple[tuple[Category, ...], ...], Ints, tuple[Ints, ...]]:
    """Categories of each field, each pattern's place in them, and counts of chance pairs."""
    pattern = np.empty((len(counted), len(by_field)), np.int64, order="F")
    categories, chance = [], []
    for at, drawn in enumerate(by_field):
        codes = counted.column(f"f{at}").to_numpy()
        known = np.unique(np.concatenate([codes, np.array(list(drawn), np.int64)]))
        pattern[:, at] = np.searchsorted(known, codes)
        categories.append(tuple(_category_of(int(code), len(keys[at])) for code in known))
        chance.append(np.array([drawn.get(int(code), 0) for code in known], np.int64))
    return tuple(categories), pattern, tuple(chance)


def _category_of(code: int, bits: int) -> Category:
    return Category(code % 16 - 1, tuple(bool(code >> (4 + bit) & 1) for bit in range(bits)))
