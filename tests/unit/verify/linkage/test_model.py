"""Matches that no rule catches: against sums written out, and against patterns drawn from a known mixture."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tallymark.programme.linkages import Field
from tallymark.verify.linkage.blocking import Key, Rule
from tallymark.verify.linkage.comparisons import comparison
from tallymark.verify.linkage.lost import lost_combinations
from tallymark.verify.linkage.model import fit
from tallymark.verify.linkage.patterns import Category, Patterns

FIELDS = tuple(Field(name, "category") for name in "abcd")
KEYS = tuple(Key(name, name) for name in "abcd")
RULES = (Rule((KEYS[0], KEYS[1]), 1.0), Rule((KEYS[2],), 1.0))
CATEGORIES = tuple((Category(0, (False,)), Category(1, (True,))) for _ in FIELDS)


def patterns(blocked: np.ndarray, every: np.ndarray, chance: float) -> Patterns:
    drawn = tuple(np.array([round(1e6 * (1 - chance)), round(1e6 * chance)]) for _ in FIELDS)
    none = np.zeros(0, np.int64)
    return Patterns(
        CATEGORIES, every, blocked, drawn, tuple((key,) for key in KEYS), 1e9, none, none, none, 1.0
    )


def caught(pattern: tuple[int, ...]) -> bool:
    return bool((pattern[0] and pattern[1]) or pattern[2])


ALL = [each for each in product((0, 1), repeat=4) if caught(each)]


def test_what_is_lost_is_the_sum_over_what_no_rule_catches() -> None:
    agree = [np.array([1 - p, p]) for p in (0.9, 0.8, 0.7, 0.6)]
    lost = lost_combinations(patterns(np.ones(len(ALL), np.int64), np.array(ALL), 0.1), RULES)
    chance = lambda each: np.prod([agree[at][bit] for at, bit in enumerate(each)])  # noqa: E731
    missed = [each for each in product((0, 1), repeat=4) if not caught(each)]
    assert lost.probability(agree) == pytest.approx(sum(map(chance, missed)), rel=1e-12)
    for at in range(4):
        ones = sum(chance(each) for each in missed if each[at])
        assert lost.spread(lost.others(agree)[at], at, agree[at])[1] == pytest.approx(
            ones / sum(map(chance, missed)), rel=1e-12
        )


@pytest.mark.parametrize("agree", [(0.95, 0.9, 0.85, 0.9), (0.7, 0.8, 0.6, 0.75)])
def test_matches_lost_to_blocking_are_recovered(agree: tuple[float, ...]) -> None:
    """Expected counts of a mixture with rare chance agreement: all matches are found again, lost ones included."""
    chance, matches, others = 0.02, 40_000.0, 2e8
    weight = lambda each, p: np.prod([p[at] if bit else 1 - p[at] for at, bit in enumerate(each)])  # noqa: E731
    blocked = (
        np.array([matches * weight(e, agree) + others * weight(e, [chance] * 4) for e in ALL])
        .round()
        .astype(np.int64)
    )
    model = fit(
        patterns(blocked, np.array(ALL), chance),
        RULES,
        [comparison(f, "duckdb") for f in FIELDS],
        classes=1,
        unique=False,
    )
    assert model.matches == pytest.approx(matches, rel=0.02)
    assert model.share_caught == pytest.approx(1 - (1 - agree[2]) * (1 - agree[0] * agree[1]), rel=0.02)
