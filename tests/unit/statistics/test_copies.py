"""Copied figures: planted copies found, honest tables quiet, a naive twin."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from tallymark.statistics import copied_rows, longest_runs


@pytest.fixture
def table() -> np.ndarray:
    return (
        np.random.default_rng(0)
        .poisson(np.exp(np.random.default_rng(1).uniform(0, 5, (60, 1))), (60, 12))
        .astype(float)
    )


def test_planted_copies(table: np.ndarray) -> None:
    table[7] = table[31] = np.random.default_rng(2).poisson(40, 12)
    table[12] = table[50] = np.random.default_rng(3).poisson(25, 12)
    table[12, 3] += 5
    found = copied_rows(table)
    assert {(7, 31), (12, 50)} == set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert (found.first[0], found.equal[0], found.compared[0]) == (7, 12, 12)
    assert (np.diff(found.by_chance) >= 0).all()


def test_near_copies_need_a_tolerance(table: np.ndarray) -> None:
    table[20] = np.random.default_rng(4).poisson(200, 12)
    table[21] = table[20] + np.random.default_rng(5).integers(-1, 2, 12)
    assert not len(copied_rows(table).first)
    assert copied_rows(table, tolerance=1).first.tolist() == [20]


def test_a_naive_twin(table: np.ndarray) -> None:
    table[3, 4] = table[9, :6] = np.nan
    table[9, 6:] = table[3, 6:]
    found = copied_rows(table, share=0.5, most_by_chance=1e9, tolerance=1)
    expected = {}
    for one, other in combinations(range(60), 2):
        both = np.isfinite(table[one]) & np.isfinite(table[other])
        agree = np.abs(table[one] - table[other])[both] <= 1
        if both.sum() >= 2 and agree.sum() >= 0.5 * both.sum():
            means = ((table[one] + table[other]) / 2)[both][agree]
            chance = np.prod([stats.skellam.pmf([-1, 0, 1], m, m).sum() if m > 0 else 1.0 for m in means])
            ways = stats.binom.pmf(agree.sum(), both.sum(), 0.5) * 2.0 ** both.sum()
            expected[one, other] = (agree.sum(), both.sum(), min(chance * ways, 1) * 60 * 59 / 2)
    pairs = zip(found.first.tolist(), found.second.tolist(), strict=True)
    got = {pair: (found.equal[at], found.compared[at], found.by_chance[at]) for at, pair in enumerate(pairs)}
    assert got.keys() == expected.keys()
    for pair, told in expected.items():
        assert got[pair] == pytest.approx(told, rel=1e-9)


def test_zeros_agree_for_nothing_and_honest_tables_are_quiet() -> None:
    assert not len(copied_rows(np.zeros((50, 12))).first)
    rng = np.random.default_rng(6)
    assert sum(len(copied_rows(rng.poisson(3, (80, 12))).first) for _ in range(20)) <= 1


@pytest.mark.parametrize(
    "values", [np.zeros((0, 12)), np.zeros((5, 0)), np.ones((1, 12)), np.full((3, 4), np.nan)]
)
def test_nothing_to_compare(values: np.ndarray) -> None:
    assert not len(copied_rows(values).first)


def test_rows_are_asked_for() -> None:
    with pytest.raises(ValueError, match="rows of figures"):
        copied_rows([1, 2, 3])


def test_runs() -> None:
    found = longest_runs([[5, 7, 7, 7, 2], [0, 0, 0, 0, 0], [1, np.nan, 1, 1, np.nan]])
    assert found.length.tolist() == [3, 5, 2]
    assert found.start.tolist() == [1, 0, 2]
    assert found.p[0] == pytest.approx(3 * stats.skellam.pmf(0, 7, 7) ** 2)
    assert found.p[1] == 1
    assert np.isnan(longest_runs([[np.nan, 3.0]]).p).all()
    assert longest_runs(np.zeros((2, 0))).length.tolist() == [0, 0]
    honest = longest_runs(np.random.default_rng(7).poisson(20, (20_000, 24)))
    assert (honest.p < 0.01).mean() < 0.01
    assert longest_runs([300] * 12).p < 1e-15
