"""Running means over single years of age."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.population import smooth_years
from tallymark.population.smoothing_years import WEIGHTS
from tallymark.statistics import whipple


@pytest.mark.parametrize("method", ["spencer", "spencer-15"])
def test_a_cubic_stays_as_it_is(method: str) -> None:
    ages = np.arange(60.0)
    cubic = 1e5 + 30 * ages - 2 * ages**2 + 0.05 * ages**3
    np.testing.assert_allclose(
        smooth_years(cubic, method=method, tails="missing")[15:40], cubic[15:40], rtol=1e-12
    )


@pytest.mark.parametrize("method", WEIGHTS)
def test_weights_add_to_one_and_read_the_same_both_ways(method: str) -> None:
    weights = WEIGHTS[method]
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_array_equal(weights, weights[::-1])


def test_digits_that_people_prefer_are_evened_out() -> None:
    ages = np.arange(101)
    heaped = (
        1000
        * np.exp(-ages / 60)
        * (1 + 0.6 * (ages % 10 == 0) + 0.3 * (ages % 10 == 5) - 0.1 * (ages % 5 != 0))
    )
    assert whipple(heaped) > 1.25
    assert abs(whipple(smooth_years(heaped, method="tens")) - 1) < 0.02
    for zelnik in ("zelnik", "zelnik-wide"):
        assert abs(whipple(smooth_years(heaped, method=zelnik)) - 1) < 0.02
    assert abs(whipple(smooth_years(heaped)) - 1) < abs(whipple(heaped) - 1) / 5


def test_ends_and_gaps() -> None:
    values = np.arange(40.0)
    found = smooth_years(values, tails="missing")
    assert np.isnan(found[:10]).all()
    assert found[-1] == 39
    values[20] = np.nan
    assert np.isnan(smooth_years(values, method="fives")[18:23]).all()
    with pytest.raises(ValueError, match="needs 21 closed ages"):
        smooth_years(np.ones(10))
    with pytest.raises(ValueError, match="spencer"):
        smooth_years(np.ones(30), method="henderson")
