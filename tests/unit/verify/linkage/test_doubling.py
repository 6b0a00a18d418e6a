"""Damage done twice, against records drawn and damaged; and pairs that are no match, against a tree they were drawn from."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tallymark.verify.linkage.doubling import doubling
from tallymark.verify.linkage.lost import Lost
from tallymark.verify.linkage.patterns import Category
from tallymark.verify.linkage.unlike import fitted, unlike

CATEGORIES = (
    Category(-1, (False, False)), Category(0, (False, False)), Category(0, (False, True)),
    Category(1, (False, True)), Category(1, (True, False)), Category(2, (True, True)),
)  # fmt: skip
KEEPS = (0.3, 0.5)
"""How often a bad record keeps each key."""
SAID = 0.95


def agreement(keep: tuple[float, float]) -> np.ndarray:
    """Shares of categories when each key agrees so often, the level counting the keys that agree."""
    shares = np.zeros(len(CATEGORIES))
    shares[0] = 1 - SAID
    for keys in product((False, True), repeat=2):
        level = sum(keys) if keys != (False, True) else 1
        at = CATEGORIES.index(Category(level, keys))
        shares[at] += SAID * np.prod([p if key else 1 - p for p, key in zip(keep, keys, strict=True)])
    return shares


def test_two_bad_records_keep_what_both_keep() -> None:
    good, once = agreement((1.0, 1.0)), agreement(KEEPS)
    chance = np.array([1 - SAID, SAID, 0, 0, 0, 0])
    twice = doubling(CATEGORIES).twice(good, once, chance)
    assert twice.sum() == pytest.approx(1)
    assert twice == pytest.approx(agreement((KEEPS[0] ** 2, KEEPS[1] ** 2)), abs=1e-9)


def test_two_wrong_answers_of_two_agree() -> None:
    """Of two sexes, a wrong one on both sides is the same one."""
    of = (Category(0, ()), Category(1, ()))
    twice = doubling(of).twice(np.array([0.0, 1.0]), np.array([0.4, 0.6]), np.array([0.5, 0.5]))
    assert twice[1] == pytest.approx(0.6**2 + 0.4**2)


SHAPE = (3, 4, 2)
EVERY = np.array(list(product(*map(range, SHAPE))))


def drawn(many: int) -> np.ndarray:
    """Counts of patterns whose second field follows the first and whose third follows the second."""
    draw = np.random.default_rng(7)
    first = draw.choice(3, many, p=[0.6, 0.3, 0.1])
    second = np.where(draw.random(many) < 0.7, first, draw.integers(0, 4, many))
    third = (draw.random(many) < np.where(second == 3, 0.9, 0.1)).astype(int)
    code = (first * SHAPE[1] + second) * SHAPE[2] + third
    return np.bincount(code, minlength=len(EVERY)).astype(float)


def test_the_tree_finds_how_fields_hang_together() -> None:
    counts = drawn(200_000)
    tree = fitted(EVERY, counts, list(SHAPE))
    assert {frozenset(edge[:2]) for edge in tree.links} == {frozenset((0, 1)), frozenset((1, 2))}
    assert tree.probability(EVERY) == pytest.approx(counts / counts.sum(), abs=0.004)
    again = tree.drawn(100_000, np.random.default_rng(1))
    shares = np.bincount((again[:, 0] * 4 + again[:, 1]) * 2 + again[:, 2], minlength=len(EVERY)) / len(again)
    assert shares == pytest.approx(tree.probability(EVERY), abs=0.006)


def test_patterns_not_seen_share_what_those_seen_once_have() -> None:
    """Of pairs few enough to leave patterns out, all that rules catch have a probability, and together it is one."""
    counts = drawn(60)
    caught = EVERY[:, 1] > 0
    counts = np.where(caught, counts, 0)
    missed = np.zeros(SHAPE, bool)
    missed[:, 0] = True
    lost = Lost(tuple(np.arange(size) for size in SHAPE), SHAPE, missed)
    shares = unlike(EVERY, counts, lost)
    unseen = caught & (counts == 0)
    assert unseen.any()
    assert (shares[caught] > 0).all()
    assert shares[caught].sum() == pytest.approx(1, abs=0.03)
    assert shares[unseen].sum() == pytest.approx((counts == 1).sum() / counts.sum(), rel=0.4)
