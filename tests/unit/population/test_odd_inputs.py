"""What callers may hand to `life_table` and `project`: lists, gaps and nonsense, answered in a sentence and without warnings."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tallymark.population import life_table, project

RATES = [0.01, 0.002, 0.003, 0.1]
PEOPLE, KEPT, BORN = np.full((2, 5), 100.0), np.full((3, 2, 5), 0.9), np.full((3, 5), 0.1)


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: life_table([]), "two age groups"),
        (lambda: life_table(0.1), "two age groups"),
        (lambda: life_table(["a", "b"]), "an array of numbers is needed"),
        (lambda: life_table([[0.1, 0.2], [0.1]]), "an array of numbers is needed"),
        (lambda: life_table(np.array([0.1 + 1j, 0.2])), "complex"),
        (lambda: life_table([0.1, np.inf, 0.2]), "cannot be infinite"),
        (lambda: life_table(RATES, ages=["0", "1-4", "5-9", "10+"]), "an array of numbers is needed"),
        (lambda: life_table(RATES, ages=[0, 1, np.nan, 5]), "must rise"),
        (lambda: life_table(RATES, sex=None), "male, female, total"),
        (lambda: life_table(RATES, sex=1), "male, female, total"),
        (lambda: life_table([RATES] * 3, sex=("male", "female")), "2 sexes"),
        (lambda: life_table(RATES, a0=None), "a0 is years lived"),
        (lambda: life_table(RATES, a0=2), "a0 is years lived"),
        (lambda: life_table(RATES, ax=[0.1, 0.5]), "ax has shape"),
        (lambda: life_table(RATES, ax=[0.1, 50, 0.5, 10]), "its width"),
        (lambda: life_table(RATES, ax=[0.1, -1, 0.5, 10]), "its width"),
        (lambda: life_table(RATES, radix=0), "radix"),
        (lambda: life_table(RATES, radix=np.nan), "radix"),
        (lambda: project(PEOPLE, KEPT[:0], BORN[:0]), "no years"),
        (lambda: project(PEOPLE, KEPT, BORN, step=0), "step is years"),
        (lambda: project(PEOPLE, KEPT, BORN, step=np.nan), "step is years"),
        (lambda: project(np.ones((4, 2, 5)), np.full((3, 3, 2, 5), 0.9), BORN), "population .4,., survival .3,."),
        (lambda: project(PEOPLE, KEPT * np.inf, BORN), "between 0 and 1"),
        (lambda: project("everybody", KEPT, BORN), "an array of numbers is needed"),
        (lambda: project(PEOPLE, KEPT, BORN, [1.05, 1.06]), "sex_ratio_at_birth has shape"),
        (lambda: project(PEOPLE, KEPT, BORN, 1.05, np.zeros((3, 5))), "migration needs the axes"),
    ],
)  # fmt: skip
def test_nonsense_is_a_sentence(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_lists_masked_and_missing_values_are_arrays() -> None:
    np.testing.assert_array_equal(life_table(RATES).ex, life_table(np.array(RATES)).ex)
    masked = life_table(np.ma.masked_array(RATES, [0, 0, 1, 0]))
    assert np.isnan(masked.ex[0])
    np.testing.assert_array_equal(masked.qx, life_table([0.01, 0.002, None, 0.1]).qx)
    lists = project(PEOPLE.tolist(), KEPT.tolist(), BORN.tolist()).populations
    np.testing.assert_array_equal(lists, project(PEOPLE, KEPT, BORN).populations)
    turned = [np.asfortranarray(one) for one in (PEOPLE, KEPT, BORN)]
    np.testing.assert_array_equal(project(*turned).populations, lists)


@pytest.mark.parametrize("rates", [[np.nan] * 4, [0.1, np.nan, 0.1, 0.2], [0.0] * 4, [0.1, 0.2, 0.3, 0.0]])
def test_nobody_there_and_nobody_dying_make_no_noise(rates: list[float]) -> None:
    table = life_table(rates)
    assert table.ex.shape == (4,)
    assert not (table.ex == 0).any()
    assert np.isnan(table.ex[0]) == np.isnan(rates).any()


@pytest.mark.parametrize("closing", ["kannisto", "gompertz", "makeham"])
def test_rates_that_fall_with_age_cannot_be_closed_by_a_law(closing: str) -> None:
    falling = np.geomspace(0.5, 0.001, 101)
    found = life_table(np.stack([falling, falling[::-1]]), closing=closing)
    assert np.isnan(found.ex[0]).all()
    assert np.isfinite(found.ex[1]).all()


def test_rates_of_nobody_cannot_be_closed_and_none_is_left_out() -> None:
    assert np.isnan(life_table(np.zeros(101), closing="kannisto").ex).all()
    assert life_table(np.zeros((0, 5))).ex.shape == (0, 5)
    assert project(np.ones((0, 2, 5)), KEPT, BORN).populations.shape == (0, 4, 2, 5)


def test_survival_of_one_may_be_over_it_by_a_rounding() -> None:
    project(PEOPLE, np.full((3, 2, 5), 1 + 2e-16), BORN)
    project(PEOPLE, np.full((3, 2, 5), np.nextafter(1, 2)), BORN)
