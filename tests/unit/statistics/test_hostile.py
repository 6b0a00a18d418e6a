"""Arguments that nobody should give: right, missing, or an error that says what is wrong; never a warning."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tallymark import statistics as s

nan, inf = np.nan, np.inf
ODD = (0, 1, 2.5, -1, nan, inf, -inf, 1e15, 1e300, 1e-300, 5e-324, 10**18)


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(over="warn", divide="warn", invalid="warn"):
        warnings.simplefilter("error")
        yield


TWO: dict[str, Callable[[Any, Any], Any]] = {
    "proportion_interval": s.proportion_interval,
    "clopper-pearson": lambda a, b: s.proportion_interval(a, b, method="clopper-pearson"),
    "jeffreys": lambda a, b: s.proportion_interval(a, b, method="jeffreys"),
    "sex_ratio": s.sex_ratio,
    "lincoln_petersen": lambda a, b: s.lincoln_petersen(a, b, 1),
    "chapman": lambda a, b: s.chapman(10, a, b),
    "funnel proportion": s.funnel_limits,
    "funnel ratio": lambda a, b: s.funnel_limits(a, b, kind="ratio"),
    "funnel rate": lambda a, b: s.funnel_limits(a, b, kind="rate", level=0.998),
    "dobson": lambda a, b: s.directly_standardised_rate([a, 1], [b, 10], [1, 1]),
    "fay-feuer": lambda a, b: s.directly_standardised_rate([a, 1], [b, 10], [1, 1], method="fay-feuer"),
    "weights": lambda a, b: s.directly_standardised_rate([1, 1], [10, 10], [a, b]),
    "standardised_ratio": lambda a, b: s.standardised_ratio([a, 1], [b, 10], [1, 1], [10, 10]),
    "slope linear": lambda a, b: s.slope_index([a, 1, 0.5], [b, 1, 1], [10, 10, 10]),
    "slope log": lambda a, b: s.slope_index([a, 1, 0.5], [b, 1, 1], [10, 10, 10], scale="log"),
    "slope logit": lambda a, b: s.slope_index([a, 0.1, 0.5], [b, 1, 1], [10, 10, 10], scale="logit"),
    "eb_poisson": lambda a, b: s.eb_poisson([a, 1, 2], [b, 10, 20]),
    "eb_binomial": lambda a, b: s.eb_binomial([a, 1, 2], [b, 10, 20]),
    "overdispersion": lambda a, b: s.overdispersion([a, 1, 2], [b, 1, 1]),
    "rank_sets": lambda a, b: s.rank_sets([a, 1, 2], [b, 1, 1]),
    "marginal": lambda a, b: s.rank_sets([a, 1, 2], [b, 1, 1], method="marginal"),
    "expected_ranks": lambda a, b: s.expected_ranks([a, 1, 2], [b, 1, 1]),
    "survey_mean": lambda a, b: s.survey_mean([a, 1, 2], [b, 1, 1]),
    "survey_total": lambda a, b: s.survey_total([a, 1, 2], [b, 1, 1]),
    "survey_ratio": lambda a, b: s.survey_ratio([a, 1, 2], [b, 1, 1], [1, 1, 1]),
    "lqas_rule": lambda a, b: s.lqas_rule(19, a, b),
    "lqas lot": lambda a, b: s.lqas_rule(19, 0.8, 0.5, population=[a, b]),
}


@pytest.mark.parametrize("name", TWO)
def test_no_number_makes_a_warning(name: str) -> None:
    for a in ODD:
        for b in ODD:
            try:
                TWO[name](a, b)
            except ValueError as error:
                assert len(str(error)) > 20, (a, b)  # noqa: PT017


def test_what_is_infinite_is_missing_in_a_sample() -> None:
    for made in (s.survey_mean([inf, 1, 2], 1.0), s.survey_total([1, 1, 2], [inf, 1, 1]),
                 s.survey_ratio([1, 2, 3], [inf, 1, 1], 1.0)):  # fmt: skip
        assert np.isnan(made).all()


@pytest.mark.parametrize("missing", [[None, 1, 2], [nan, 1.0, 2.0]])
def test_a_respondent_without_a_stratum_is_refused(missing: list[Any]) -> None:
    """It would otherwise be a stratum of its own, and its variance another one."""
    for how in ("strata", "clusters"):
        with pytest.raises(ValueError, match="no stratum or cluster"):
            s.survey_mean([1, 2, 3], 1.0, **{how: missing})


def test_lengths_that_do_not_fit_are_said() -> None:
    with pytest.raises(ValueError, match="weights are one a respondent, 3, or one for all"):
        s.survey_mean([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="x holds one value a respondent, 3"):
        s.survey_ratio([1, 2, 3], [1, 2], 1.0)


@pytest.mark.parametrize("level", [0, 1, 2, -1, nan, "x", None])
def test_a_level_is_a_number_between(level: Any) -> None:
    for made in (
        lambda: s.proportion_interval(1, 2, level=level),
        lambda: s.rank_sets([1, 2], [1, 1], level=level),
        lambda: s.funnel_limits(10, 0.5, level=level),
    ):
        with pytest.raises(ValueError, match="level is a confidence level between 0 and 1"):
            made()


def test_samples_too_large_to_look_at_every_decision() -> None:
    with pytest.raises(ValueError, match="rules of this kind are for small samples"):
        s.lqas_rule(10**15, 0.8, 0.5)


def test_nothing_gives_nothing() -> None:
    assert np.isnan(s.overdispersion([], [])).all()
    assert s.rank_sets([], [])[0].shape == s.expected_ranks([], []).shape == (0,)
    assert s.proportion_interval([], [])[0].shape == s.poisson_interval([])[0].shape == (0,)


@pytest.mark.parametrize("kind", [np.int8, np.float32, np.int64, np.float64])
def test_other_kinds_of_numbers_give_the_same_and_stay_as_they_were(kind: Any) -> None:
    x, n = np.array([1, 2, 3], kind), np.array([10, 20, 30], kind)
    x.flags.writeable = n.flags.writeable = False
    for made in (
        s.proportion_interval,
        s.sex_ratio,
        s.eb_binomial,
        s.eb_poisson,
        s.rank_sets,
        s.expected_ranks,
    ):
        np.testing.assert_array_equal(made(x, n), made([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]))


def test_what_a_mask_covers_is_missing() -> None:
    x = np.ma.array([1.0, 5.0, 3.0], mask=[False, True, False])
    low, _ = s.proportion_interval(x, [10, 10, 10])
    assert np.isnan(low).tolist() == [False, True, False]
    for kernel in (s.eb_poisson, s.eb_binomial, s.expected_ranks):
        assert np.isnan(kernel(x, [10, 10, 10])).any()
    best, _ = s.rank_sets(np.ma.array([1.0, 9.0, 3.0], mask=[False, True, False]), [0.1, 0.1, 0.1])
    assert best[[0, 2]].tolist() == [2, 1]
    assert np.isnan(best[1])
