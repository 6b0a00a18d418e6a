"""Life expectancy and its limits against the figures typed in PHEindicatormethods' tests."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.columns import groups, numbers, oracle, rows

from tallymark.statistics import life_expectancy

PHE, here = oracle("phe")
pytestmark = here


def test_a_large_area() -> None:
    given, want = rows(PHE / "LE__case1_input.csv"), rows(PHE / "LE__case1_expected_95.csv")
    got = life_expectancy(numbers(given, "deaths"), numbers(given, "pops"))
    for side, name in zip(got, ("value", "lowercl", "uppercl"), strict=True):
        np.testing.assert_allclose(side, numbers(want, name), rtol=1e-6)


def test_wide_limits_are_told_with_their_value_which_the_peer_blanks() -> None:
    """The area whose limits are more than 20 years apart. The other has more deaths than people at some age: nothing."""
    areas = groups(rows(PHE / "LE__widecis_input.csv"), "area").values()
    deaths = np.array([numbers(area, "deaths") for area in areas])
    people = np.array([numbers(area, "pops") for area in areas])
    value, low, high = life_expectancy(deaths, people)
    want = [row for row in rows(PHE / "LE__widecis_expected_95.csv") if row["lower95_0cl"]]
    known = ~np.isnan(value).any(axis=1)
    assert list(known) == [False, True]
    np.testing.assert_allclose(low[1], numbers(want, "lower95_0cl"), rtol=1e-6)
    np.testing.assert_allclose(high[1], numbers(want, "upper95_0cl"), rtol=1e-6)
    typed = numbers(want, "value")
    told = ~np.isnan(typed)
    np.testing.assert_allclose(value[1][told], typed[told], rtol=1e-6)
    assert (high[1] - low[1] > 20)[~told].all()


@pytest.mark.parametrize("what", ["neg_deaths", "zero_pop", "deaths_greater_pops"])
def test_wrong_input_has_no_life_expectancy(what: str) -> None:
    given = rows(PHE / f"LE__{what}_input.csv")
    assert np.isnan(life_expectancy(numbers(given, "deaths"), numbers(given, "pop"))).all()


def test_a_missing_age_is_refused() -> None:
    given = rows(PHE / "LE__missing_age_input.csv")
    with pytest.raises(ValueError, match="last axis is age"):
        life_expectancy(numbers(given, "deaths"), numbers(given, "pop"))
