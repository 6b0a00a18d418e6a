"""Which records are compared at all: by as many rules as the pairs allow, as matches that no rule catches are lost.

A rule is a set of keys that must all agree. Single keys are tried, and pairs of keys of different fields; how many
pairs each would make is counted on samples of the lists. The rarest come first, until the allowance is used up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tallymark.programme.linkages import Field, Linkage
from tallymark.verify.linkage.blocks import in_blocks, pairs_in
from tallymark.verify.linkage.coded import Coded
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


def choose_rules(linkage: Linkage, records: Coded, *, seed: int) -> tuple[Rule, ...]:
    """The rules of a linkage for these records: rarest first, within `pairs_per_record`."""
    sample, factor = _sample(records, seed)
    allowance = linkage.pairs_per_record * len(records.codes)
    chosen: list[Rule] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def usable_of(tried: Iterable[tuple[Key, ...]]) -> list[Rule]:
            made = pool.map(lambda keys: Rule(keys, _pairs(sample, keys) * factor), tried)
            return [rule for rule in made if rule.pairs > 0]

        usable = usable_of((key,) for key in keys_of(linkage.fields))
        usable += usable_of(_two_fields(usable))
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


def _pairs(records: Coded, keys: Sequence[Key]) -> float:
    """Pairs of records of different lists (or of the only one) that agree on all keys."""
    within = len(records.names) == 1
    one = records.column(keys[0].column)
    other = records.column(keys[1].column) if len(keys) > 1 else one[:0]
    return float(pairs_in(*in_blocks(one, other, records.lists, within), records.lists, within))


def _sample(records: Coded, seed: int) -> tuple[Coded, float]:
    """Samples of all lists together, and by how much pairs of the whole lists outnumber theirs."""
    sizes = records.sizes
    share = min(1.0, SAMPLE / max(1, int(sizes.max(initial=0))))
    draw = np.random.default_rng(seed)
    first = np.cumsum(sizes) - sizes
    taken = [
        begin + np.sort(draw.permutation(int(size))[: round(share * int(size))])
        for begin, size in zip(first, sizes, strict=True)
    ]
    return records.rows(np.concatenate(taken)), 1 / share**2
