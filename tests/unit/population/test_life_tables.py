"""Life tables: by hand, laws, corners, and what is said of input that does not fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tallymark.population import decompose, life_expectancy_variance, life_table

ABRIDGED = [0, 1, *range(5, 90, 5)]
RATES = hnp.arrays(np.float64, len(ABRIDGED), elements=st.floats(1e-4, 0.6))


def test_a_constant_rate_gives_its_inverse() -> None:
    table = life_table(np.full(200, 0.1), a0=0.5)
    assert abs(table.e0 - 10) < 0.01


def test_by_hand() -> None:
    table = life_table([0.5, 0.25], ax=[0.5, 4.0], radix=100)
    # q = 0.5 ÷ 1.25; lived 60 + 40 ÷ 2; the rest live 4 years each
    assert table.qx.tolist() == [0.4, 1.0]
    assert table.lx.tolist() == [100, 60]
    assert table.Lx.tolist() == [80, 240]
    assert table.ex.tolist() == [3.2, 4.0]
    assert table.survival().tolist() == [0.8, 240 / 320]


@settings(deadline=None, max_examples=60)
@given(RATES, st.sampled_from(["midpoint", "greville", "mortpak"]), st.sampled_from(["male", "female"]))
def test_laws(mx: np.ndarray, ax: str, sex: str) -> None:
    table = life_table(mx, ages=ABRIDGED, ax=ax, sex=sex)
    assert ((table.qx > 0) & (table.qx <= 1)).all()
    assert (np.diff(table.lx) <= 0).all()
    np.testing.assert_allclose(table.dx.sum(), 1)
    np.testing.assert_allclose(table.Tx[0], table.Lx.sum())
    assert (table.ax > 0).all()
    # Rates half as high again: fewer years, as long as those who die can have lived as long (at most one dies a person).
    calm = mx * min(1.0, 0.99 / (1.5 * float((mx * table.ax)[:-1].max())))
    e0 = [
        life_table(rates, ages=ABRIDGED, ax=np.append(table.ax[:-1], 1 / rates[-1]), sex=sex).e0
        for rates in (calm, 1.5 * calm)
    ]
    assert e0[1] < e0[0]


@settings(deadline=None, max_examples=60)
@given(RATES, RATES, st.sampled_from(["arriaga", "andreev"]))
def test_parts_of_a_difference_add_up(one: np.ndarray, two: np.ndarray, method: str) -> None:
    first, second = (life_table(mx, ages=ABRIDGED, ax="midpoint") for mx in (one, two))
    parts = decompose(first, second, method=method)
    np.testing.assert_allclose(parts.sum(), second.e0 - first.e0, atol=1e-9)
    if method == "andreev":
        np.testing.assert_allclose(parts, -decompose(second, first, method=method), atol=1e-12)


@pytest.mark.parametrize("method", ["arriaga", "andreev"])
def test_one_age_that_differs_has_the_whole_difference(method: str) -> None:
    one = np.geomspace(0.01, 0.4, len(ABRIDGED))
    two = one.copy()
    two[6] *= 3
    first, second = (life_table(mx, ages=ABRIDGED, ax="midpoint") for mx in (one, two))
    parts = decompose(first, second, method=method)
    assert abs(parts[6] - (second.e0 - first.e0)) < 1e-12
    assert np.abs(np.delete(parts, 6)).max() < 1e-12


def test_many_tables_at_once_are_each_alone() -> None:
    rng = np.random.default_rng(2)
    rates = np.sort(rng.uniform(0.001, 0.4, (3, 2, 101)), axis=-1)
    for closing in ("open", "kannisto", "gompertz", "makeham"):
        both = life_table(rates, sex=("male", "female"), closing=closing)
        for at in range(3):
            for number, sex in enumerate(("male", "female")):
                alone = life_table(rates[at, number], sex=sex, closing=closing)
                np.testing.assert_allclose(both.ex[at, number], alone.ex, rtol=1e-9)


def test_a_law_that_made_the_rates_closes_them_as_if_they_went_on() -> None:
    ages = np.arange(131.0)
    inner = np.exp(-10 + 0.1 * ages)
    whole = inner / (1 + inner)
    expected = life_table(whole, a0=0.1)
    got = life_table(whole[:96], a0=0.1, closing="kannisto")
    np.testing.assert_allclose(got.ex, expected.ex[:96], rtol=1e-9)
    assert abs(life_table(whole[:96], a0=0.1).e0 - expected.e0) > 1e-4


def test_missing_stays_missing() -> None:
    rates = np.full(10, 0.1)
    rates[4] = np.nan
    table = life_table(rates)
    assert not np.isnan(table.lx[:5]).any()
    assert np.isnan(table.ex[:5]).all()
    assert np.isnan(table.lx[5:]).all()
    assert not np.isnan(table.qx[5:]).any()
    for closing in ("kannisto", "makeham"):
        assert np.isnan(life_table(rates, closing=closing).e0)


def test_nobody_dies() -> None:
    table = life_table(np.zeros(5))
    assert table.qx.tolist() == [0, 0, 0, 0, 1]
    assert np.isinf(table.e0)


def test_more_deaths_make_it_more_certain() -> None:
    table = life_table(np.geomspace(0.01, 0.4, len(ABRIDGED)), ages=ABRIDGED)
    few, many = (life_expectancy_variance(table, np.full(len(ABRIDGED), n)) for n in (10, 1000))
    np.testing.assert_allclose(few, 100 * many)
    assert np.isnan(life_expectancy_variance(table, np.nan)[0])
    none = life_expectancy_variance(table, np.zeros(len(ABRIDGED)), open_group=True)
    assert (none == 0).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mx": [0.1]}, "at least two age groups"),
        ({"mx": [0.1, -0.2, 0.3]}, "cannot be negative"),
        ({"ages": [0, 1]}, "3 age groups need as many first ages"),
        ({"ages": [0, 5, 5]}, "must rise"),
        ({"sex": "boy"}, "sex 'boy' is not known; use one of male, female, total"),
        ({"sex": ("male", "female")}, "2 sexes need an axis"),
        ({"a0": "west"}, "a0 'west' is not known"),
        ({"closing": "kannisto"}, "a law needs three closed age groups"),
        ({"ax": "half"}, "ax 'half' is not known"),
    ],
)
def test_what_does_not_fit_is_said(change: dict, words: str) -> None:
    given = {"mx": [0.1, 0.2, 0.3], **change}
    with pytest.raises(ValueError, match=words):
        life_table(given.pop("mx"), **given)


def test_survival_of_five_year_groups() -> None:
    table = life_table(np.geomspace(0.05, 0.4, len(ABRIDGED)), ages=ABRIDGED)
    ratios = table.survival(5)
    assert ratios.shape == (len(ABRIDGED) - 1,)
    np.testing.assert_allclose(ratios[0], (table.Lx[0] + table.Lx[1]) / 5)
    np.testing.assert_allclose(ratios[-1], table.Tx[-1] / table.Tx[-2])
    with pytest.raises(ValueError, match="cannot be gathered into groups of 10 years"):
        table.survival(10)
