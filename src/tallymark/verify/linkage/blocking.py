"""Which records are compared at all: by as many rules as the pairs allow, as matches that no rule catches are lost.

A rule is a set of keys that must all agree. Single keys are tried, and pairs of keys of different fields; how many
pairs each would make is counted on samples of the lists. The rarest come first, until the allowance is used up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import duckdb
import numpy as np
import pyarrow as pa

from tallymark.engine.duckdb import connect
from tallymark.programme.linkages import Field, Linkage
from tallymark.verify.linkage.keys import BLOCKING

SAMPLE = 40_000
"""Records of a list on which rules are tried."""
MOST_RULES = 24


@dataclass(frozen=True, slots=True)
class Key:
    """A column on which records are brought together, and the field it is made from."""

    field: str
    column: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Keys that must all agree, and how many pairs that makes."""

    keys: tuple[Key, ...]
    pairs: float

    @property
    def sql(self) -> str:
        return " AND ".join(f'l."{key.column}" = r."{key.column}"' for key in self.keys)


def keys_of(fields: Sequence[Field]) -> list[Key]:
    """Every key of every field."""
    return [Key(field.name, f"{field.name}{suffix}") for field in fields for suffix in BLOCKING[field.kind]]


def choose_rules(linkage: Linkage, tables: Mapping[str, pa.Table], *, seed: int) -> tuple[Rule, ...]:
    """The rules of a linkage for these lists of keys: rarest first, within `pairs_per_record`."""
    samples, factor = _samples(tables, seed)
    connection = connect()
    connection.register("rows", samples)
    allowance = linkage.pairs_per_record * sum(len(table) for table in tables.values())
    chosen: list[Rule] = []
    across = len(tables) > 1
    singles = [
        Rule((key,), _pairs(connection, (key,), across=across) * factor) for key in keys_of(linkage.fields)
    ]
    usable = [rule for rule in singles if rule.pairs > 0]
    doubles = [Rule(keys, _pairs(connection, keys, across=across) * factor) for keys in _two_fields(usable)]
    usable += [rule for rule in doubles if rule.pairs > 0]
    for rule in sorted(usable, key=_rarest):
        covered = any(set(other.keys) <= set(rule.keys) for other in chosen)
        if covered or rule.pairs > allowance or len(chosen) >= MOST_RULES:
            continue
        chosen.append(rule)
        allowance -= rule.pairs
    return tuple(chosen)


def _rarest(rule: Rule) -> tuple[int, float, tuple[str, ...]]:
    return len(rule.keys), rule.pairs, tuple(key.column for key in rule.keys)


def _two_fields(singles: Sequence[Rule]) -> list[tuple[Key, ...]]:
    """Keys of two different fields together."""
    both = [(one.keys[0], other.keys[0]) for one, other in combinations(singles, 2)]
    return [keys for keys in both if keys[0].field != keys[1].field]


def _pairs(connection: duckdb.DuckDBPyConnection, keys: Sequence[Key], *, across: bool) -> float:
    """Pairs of records of different lists (or of the only one), in the samples, that agree on all keys."""
    columns = ", ".join(f'"{key.column}"' for key in keys)
    known = " AND ".join(f'"{key.column}" IS NOT NULL' for key in keys)
    inner = (
        f"SELECT SUM(n) AS every, SUM(n * n) AS own FROM (SELECT {columns}, source_dataset, COUNT(*) AS n "
        f"FROM rows WHERE {known} GROUP BY ALL) GROUP BY {columns}"
    )
    apart = "every * every - own" if across else "every * (every - 1)"
    found = connection.execute(f"SELECT SUM(({apart}) / 2) FROM ({inner})").fetchone()
    return float(found[0] or 0.0) if found else 0.0


def _samples(tables: Mapping[str, pa.Table], seed: int) -> tuple[pa.Table, float]:
    """Samples of all lists together, and by how much pairs of the whole lists outnumber theirs."""
    share = min(1.0, SAMPLE / max(1, *(len(table) for table in tables.values())))
    draw = np.random.default_rng(seed)
    taken = []
    for name in sorted(tables):
        rows = np.sort(draw.permutation(len(tables[name]))[: round(share * len(tables[name]))])
        taken.append(tables[name].take(pa.array(rows)))
    return pa.concat_tables(taken), 1 / share**2
