"""Routine counts against a survey with its own standard errors (Malawi): what is apart, and what the 10 % rule says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bench.survey_routine import DATA, SURVEYS, Compared, compared, lines
from scipy import optimize, stats

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/malawi is not here")


def test_a_tenth_is_no_rule_where_the_survey_is_unsure() -> None:
    both = compared("DEMO2015DHSA")
    apart = np.abs(both.z) > 1.96
    tenth = np.abs(both.difference) > 0.1 * both.survey
    assert (len(both.districts), int(apart.sum()), int(tenth.sum())) == (32, 9, 27)
    assert not (apart & ~tenth).any()


@pytest.mark.parametrize("survey", SURVEYS)
def test_the_routine_is_lower_and_districts_differ_beyond_chance(survey: str) -> None:
    both = compared(survey)
    mean, se, between = both.pooled()
    assert mean + 3 * se < 0
    assert between > 0.01
    chi = float((((both.difference - mean) / both.error) ** 2).sum())
    assert stats.chi2.sf(chi, len(both.districts) - 1) < 1e-3


def test_the_survey_s_own_error_is_the_larger_part() -> None:
    both = compared("DEMO2016PHIA")
    assert (both.se**2 / both.error**2).min() > 0.9


def test_pooling_by_another_way() -> None:
    """The inverse-variance mean is the weighted least-squares one; the spread solves DerSimonian and Laird's equation."""
    rng = np.random.default_rng(1)
    survey, se = rng.uniform(0.05, 0.2, 25), rng.uniform(0.005, 0.03, 25)
    routine = survey - 0.02 + rng.normal(0, 0.02, 25) + rng.normal(0, se)
    both = Compared(
        tuple("abcdefghijklmnopqrstuvwxy"), routine, np.full(25, 1e12), survey, se, np.full(25, 300.0)
    )
    mean, error, between = both.pooled()
    best = optimize.minimize_scalar(lambda m: float((((routine - survey - m) / se) ** 2).sum()))
    assert mean == pytest.approx(best.x, abs=1e-6)
    assert error == pytest.approx((1 / se**2).sum() ** -0.5, rel=1e-4)
    weight = 1 / se**2
    spread = float((weight * (routine - survey - mean) ** 2).sum())
    expected = between**2 * float(weight.sum() - (weight**2).sum() / weight.sum()) + 24
    assert spread == pytest.approx(expected, rel=1e-3)


def test_the_page_shows_what_is_measured() -> None:
    page = Path(__file__).parents[2] / "docs" / "survey-against-routine.md"
    text = page.read_text(encoding="utf-8")
    assert all(line in text for line in lines())
