"""Log-linear models of lists: laws, refusals, profile limits."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tallymark.statistics import (
    closed_population,
    lincoln_petersen,
    log_linear_interval,
    log_linear_models,
    log_linear_population,
)  # fmt: skip

THREE = np.array(list(product([0, 1], repeat=3)))[1:]
COUNTS = np.array([30.0, 25, 14, 40, 18, 16, 10])


def test_two_lists_are_lincoln_petersen() -> None:
    total, se = log_linear_population([[1, 1], [1, 0], [0, 1]], [50, 150, 100])
    assert total == pytest.approx(lincoln_petersen(200, 150, 50)[0])
    unseen = 150 * 100 / 50
    assert se == pytest.approx(np.sqrt(unseen + unseen**2 * (1 / 50 + 1 / 150 + 1 / 100)))


def test_one_of_three_lists_dependent_on_two_is_closed_form() -> None:
    """With [12, 13] lists 2 and 3 are independent given list 1: unseen = n010 n001 ÷ n011."""
    found = log_linear_population(THREE, COUNTS, terms=["12", "13"])[0]
    cell = {tuple(row): count for row, count in zip(THREE, COUNTS, strict=True)}
    assert found == pytest.approx(COUNTS.sum() + cell[0, 1, 0] * cell[0, 0, 1] / cell[0, 1, 1])


def test_order_of_rows_lists_and_single_people_do_not_matter() -> None:
    total, se = log_linear_population(THREE, COUNTS, terms=["12"])
    order = np.random.default_rng(0).permutation(7)
    assert log_linear_population(THREE[order], COUNTS[order], terms=[(2, 1)]) == pytest.approx((total, se))
    assert log_linear_population(THREE[:, [2, 1, 0]], COUNTS, terms=["23"]) == pytest.approx((total, se))
    people = np.repeat(THREE, COUNTS.astype(int), axis=0)
    assert log_linear_population(people, np.ones(len(people)), terms=["12"]) == pytest.approx((total, se))


def test_many_tables_at_once() -> None:
    tables = np.stack([COUNTS, 3 * COUNTS, np.where(np.arange(7) == 2, np.nan, COUNTS), np.zeros(7)])
    total, se = log_linear_population(THREE, tables, terms=["12"])
    assert total[0] == pytest.approx(log_linear_population(THREE, COUNTS, terms=["12"])[0])
    assert total[1] == pytest.approx(3 * total[0])
    assert se[1] == pytest.approx(np.sqrt(3) * se[0])
    assert np.isnan([total[2], se[2]]).all()


def test_an_empty_margin_gives_no_warning() -> None:
    """Nobody on list 1 alone or with others but one cell: estimates at infinity stay numbers."""
    total, se = log_linear_population(THREE, np.where(THREE[:, 0] == 1, 0, COUNTS), terms=["23"])
    assert total >= COUNTS[THREE[:, 0] == 0].sum()
    assert not np.isnan(total)
    del se


@pytest.mark.parametrize(
    ("patterns", "counts", "terms", "words"),
    [
        (np.vstack([THREE, [0, 0, 0]]), np.ones(8), [], "on no list"),
        (THREE, COUNTS[:5], [], "7 patterns, but counts of shape"),
        (THREE, COUNTS, ["14"], "names a list that is not there"),
        (THREE, COUNTS, ["123"], "joins all 3 lists"),
        (np.ones((3, 1)), np.ones(3), [], "2 to 8 lists"),
    ],
)
def test_refusals(patterns: np.ndarray, counts: np.ndarray, terms: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        log_linear_population(patterns, counts, terms=terms)


def test_models_to_choose_from() -> None:
    assert [model.terms for model in log_linear_models([[1, 1], [1, 0], [0, 1]], [5, 3, 2])] == [()]
    four = np.array(list(product([0, 1], repeat=4)))[1:]
    models = log_linear_models(four, np.arange(10, 25), criterion="bic")
    assert len(models) == 113, "hierarchical models of four lists without the four-way term"
    assert len({model.terms for model in models}) == 113
    assert [model.bic for model in models] == sorted(model.bic for model in models)
    assert min(model.df for model in models) == 0
    with pytest.raises(ValueError, match="criterion 'best' is not known"):
        log_linear_models(THREE, COUNTS, criterion="best")


def test_profile_limits() -> None:
    low, high = log_linear_interval(THREE, COUNTS)
    total, se = log_linear_population(THREE, COUNTS)
    assert COUNTS.sum() < low < total < high
    assert high - total > total - low, "the unseen are bounded below"
    assert low == pytest.approx(total - 1.96 * se, rel=0.05)
    inner = log_linear_interval(THREE, COUNTS, level=0.5)
    assert low < inner[0] < inner[1] < high
    assert np.isnan(log_linear_interval(THREE, np.zeros(7))).all()
    assert log_linear_interval(THREE, [10, 9, 0, 11, 0, 0, 0])[1] == np.inf, (
        "no one on two lists: no upper limit"
    )


def test_profile_limits_cover() -> None:
    rng = np.random.default_rng(3)
    people, covered = 150, 0
    for _ in range(200):
        on = rng.random((people, 3)) < [0.5, 0.4, 0.3]
        seen = on[on.any(axis=1)]
        low, high = log_linear_interval(seen, np.ones(len(seen)))
        covered += low <= people <= high
    assert covered / 200 == pytest.approx(0.95, abs=0.04)


def test_mbh_error_follows_from_its_total() -> None:
    """Rcapture's formula for the error of Mbh leaves a factor out of one derivative and gives 14.6 for the hares; by
    numeric derivatives of the total, on any table, it is ours."""
    from tallymark.statistics.poisson_fit import poisson_fit
    from tallymark.statistics.recapture import _behaviour, _behaviour_design

    met = np.array(list(product([0, 1], repeat=4)))[1:].astype(float)
    table = np.random.default_rng(0).integers(3, 30, 15).astype(float)
    for model in ("Mb", "Mbh"):
        fit = poisson_fit(_behaviour_design(met, model), table)
        total, se = _behaviour(fit, 4)

        def total_of(coefficients: np.ndarray, fit=fit) -> float:
            return _behaviour(fit._replace(coefficients=coefficients), 4)[0]

        slope = []
        for at in range(len(fit.coefficients)):
            step = np.zeros(len(fit.coefficients))
            step[at] = 1e-6
            slope.append((total_of(fit.coefficients + step) - total_of(fit.coefficients - step)) / 2e-6)
        assert se == pytest.approx(np.sqrt(slope @ fit.covariance @ slope - total), rel=1e-6)
    with pytest.raises(ValueError, match="model 'Mx' is not known"):
        closed_population(met, model="Mx")
