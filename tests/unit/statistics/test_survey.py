"""Estimates from samples: by hand, laws, and designs that are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.statistics import (
    jackknife_weights,
    lonely_strata,
    replicate_se,
    survey_design_effect,
    survey_mean,
    survey_proportion,
    survey_quantile,
    survey_ratio,
    survey_total,
)


def test_a_simple_sample_by_hand() -> None:
    """Mean of 1, 2, 3, 6 is 3, s² = 14/3, standard error √(14/12); of 8 people half are drawn: × √½."""
    mean, se = survey_mean([1, 2, 3, 6], [2, 2, 2, 2])
    assert (mean, se) == pytest.approx((3.0, np.sqrt(14 / 12)))
    assert survey_mean([1, 2, 3, 6], [2, 2, 2, 2], population_clusters=8)[1] == pytest.approx(
        np.sqrt(14 / 24)
    )
    assert survey_total([1, 2, 3, 6], [2, 2, 2, 2])[0] == 24


def test_who_is_outside_the_domain_stays_in_the_design() -> None:
    """Clusters without anybody of the domain count: leaving rows out would make the error too small."""
    y, weights = np.array([1.0, 0, 1, 1, 0, 1]), np.ones(6)
    clusters, domain = np.array([1, 1, 2, 2, 3, 3]), np.array([1, 0, 1, 0, 0, 0], bool)
    inside = survey_total(y, weights, clusters=clusters, domain=domain)
    left_out = survey_total(y[domain], weights[domain], clusters=clusters[domain])
    assert inside[0] == left_out[0] == 2
    assert inside[1] == pytest.approx(1.0)
    assert left_out[1] == 0


def test_missing_is_nan_and_outside_the_domain_it_does_not_matter() -> None:
    y = np.array([1.0, np.nan, 3.0])
    assert np.isnan(survey_mean(y, [1, 1, 1])).all()
    assert np.isnan(survey_total(y, [1, 1, 1])).all()
    assert np.isnan(survey_ratio(y, [1, 1, 1], [1, 1, 1])).all()
    assert survey_mean(y, [1, 1, 1], domain=~np.isnan(y))[0] == 2
    assert np.isnan(survey_mean([1, 2], [1, np.nan])).all()
    assert np.isnan(survey_mean([1, 2], [0, 0])).all()
    assert np.isnan(survey_mean([1, 2, 3], [1, 1, 1], domain=[False] * 3)).all()


def test_one_respondent_and_lonely_strata_have_an_estimate_and_no_error() -> None:
    mean, se = survey_mean([4.0], [1.0])
    assert mean == 4
    assert np.isnan(se)
    y, strata = [1.0, 3.0, 5.0, 9.0, 2.0], ["a", "a", "b", "c", "c"]
    mean, se = survey_mean(y, np.ones(5), strata=strata)
    assert mean == 4
    assert np.isnan(se)
    assert lonely_strata(strata).tolist() == ["b"]
    assert lonely_strata(["a", "a", "b", "b"], [1, 1, 2, 3]).tolist() == ["a"]
    found = {
        word: survey_mean(y, np.ones(5), strata=strata, lonely=word)[1]
        for word in ("certain", "average", "centre")
    }
    assert 0 < found["certain"] < found["average"]
    assert found["certain"] < found["centre"]
    with pytest.raises(ValueError, match="use one of undefined, certain, average, centre"):
        survey_mean(y, np.ones(5), strata=strata, lonely="ignore")


def test_a_stratum_drawn_whole_is_not_lonely() -> None:
    y, strata = [1.0, 3.0, 5.0], ["a", "a", "b"]
    assert np.isfinite(survey_mean(y, np.ones(3), strata=strata, population_clusters=[10, 10, 1])[1])


def test_variables_at_once_are_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    y, weights = rng.normal(size=(3, 40)), rng.uniform(1, 5, 40)
    how = {"strata": np.repeat([1, 2], 20), "clusters": np.repeat(np.arange(10), 4)}
    together = np.array(survey_mean(y, weights, **how))
    assert together.shape == (2, 3)
    np.testing.assert_allclose(together.T, [survey_mean(each, weights, **how) for each in y], rtol=1e-12)


def test_clusters_with_the_same_name_in_two_strata_are_two() -> None:
    y, weights = np.arange(8.0), np.ones(8)
    same = survey_mean(y, weights, strata=[1, 1, 1, 1, 2, 2, 2, 2], clusters=[1, 1, 2, 2, 1, 1, 2, 2])
    other = survey_mean(y, weights, strata=[1, 1, 1, 1, 2, 2, 2, 2], clusters=[1, 1, 2, 2, 3, 3, 4, 4])
    assert same == other


@pytest.mark.parametrize("method", ["logit", "korn-graubard"])
def test_proportions_at_the_ends(method: str) -> None:
    p, low, high = survey_proportion(np.zeros(50), np.ones(50), method=method)
    assert p == 0
    if method == "logit":
        assert np.isnan([low, high]).all()
    else:
        assert low == 0
        assert 0.05 < high < 0.08
        assert survey_proportion(np.ones(50), np.ones(50), method=method)[1:] == pytest.approx((1 - high, 1))
    with pytest.raises(ValueError, match="0 or 1"):
        survey_proportion([0, 2], [1, 1], method=method)


def test_korn_graubard_of_a_simple_sample_is_about_clopper_pearson() -> None:
    y = np.repeat([1, 0], [30, 70])
    p, low, high = survey_proportion(y, np.ones(100), method="korn-graubard")
    assert (p, low, high) == pytest.approx((0.3, 0.2124, 0.3998), abs=2e-3)


def test_design_effect_of_a_simple_sample_is_one_and_of_clusters_more() -> None:
    y = np.repeat([0.0, 1.0, 4.0, 6.0], 5)
    weights = np.full(20, 10.0)
    assert survey_design_effect(y, weights, population_clusters=200) == pytest.approx(1.0)
    assert survey_design_effect(y, weights, clusters=np.repeat(np.arange(4), 5)) > 4
    assert np.isnan(survey_design_effect(np.ones(4), np.ones(4)))


def test_jackknife_of_a_mean_is_its_linear_error() -> None:
    rng = np.random.default_rng(2)
    y, strata = rng.normal(size=30), np.repeat([1, 2, 3], 10)
    replicates, factors = jackknife_weights(np.ones(30), strata=strata)
    means = replicates @ y / replicates.sum(axis=1)
    assert replicate_se(means, factors) == pytest.approx(survey_mean(y, np.ones(30), strata=strata)[1])
    assert np.isnan(replicate_se(jackknife_weights([1.0, 1.0, 1.0], strata=[1, 1, 2])[0].sum(axis=1), 1.0))


def test_median_by_hand() -> None:
    assert survey_quantile([5, 1, 3, 2, 4], np.ones(5), 0.5)[0] == 3
    assert survey_quantile([1, 2, 3, 4], np.ones(4), 0.5)[0] == 2
    assert survey_quantile([1, 2, 3], [1, 1, 8], 0.5)[0] == 3
    assert np.isnan(survey_quantile([1, np.nan, 3], np.ones(3), 0.5)).all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        survey_quantile([1, 2], [1, 1], 50)


def test_wrong_designs_are_refused() -> None:
    with pytest.raises(ValueError, match="strata has one value a respondent, 2"):
        survey_mean([1, 2], [1, 1], strata=[1, 2, 3])
    with pytest.raises(ValueError, match="fewer than the clusters drawn"):
        survey_mean([1, 2], [1, 1], population_clusters=1)
    with pytest.raises(ValueError, match="at least one"):
        survey_mean([], [])
