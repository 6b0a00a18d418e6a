"""Digit preference: laws, undefined figures, and a naive twin of Myers' index."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.statistics import (
    bachi,
    coale_li,
    jdanov,
    kannisto,
    myers,
    noumbissi,
    sawtooth,
    spoorenberg,
    un_age_sex_accuracy,
    whipple,
)  # fmt: skip

AGES = np.arange(101)
INDICES = (
    whipple,
    myers,
    bachi,
    noumbissi,
    spoorenberg,
    coale_li,
    kannisto,
    sawtooth,
    lambda p: jdanov(p, heaps=[95]),
)


@pytest.fixture
def towns() -> np.ndarray:
    return np.random.default_rng(1).poisson(1000 * np.exp(-AGES / 40), (3, 2, 101)).astype(float)


@pytest.mark.parametrize("index", INDICES)
def test_units_are_worked_on_together_and_scale_does_not_matter(index, towns: np.ndarray) -> None:
    together = index(towns)
    assert together.shape == (3, 2)
    assert together[2, 1] == index(towns[2, 1]) == pytest.approx(index(1000 * towns[2, 1]))


@pytest.mark.parametrize("index", INDICES)
def test_what_is_missing_or_empty_is_not_a_number(index, towns: np.ndarray) -> None:
    assert np.isnan(index(np.where(AGES == 60, np.nan, towns[0, 0]))) or index in (
        kannisto,
        INDICES[-1],
        noumbissi,
    )
    assert np.isnan(index(np.zeros(101)))
    assert np.isnan(index(np.full(101, -1.0)))
    assert np.isnan(index(np.ones(5)))
    assert np.isnan(index(np.ones((2, 0)))).all()


def test_everybody_at_round_ages() -> None:
    heaped = np.where(AGES % 5 == 0, 5.0, 0.0)
    assert whipple(heaped) == 5
    tens = np.where(AGES % 10 == 0, 10.0, 0.0)
    assert whipple(tens, digits=[0]) == 10
    assert myers(tens) == bachi(tens) == pytest.approx(90)
    assert spoorenberg(heaped) == pytest.approx(16)


def test_exact_data_show_no_preference() -> None:
    even = np.full(101, 10.0)
    assert whipple(even) == noumbissi(even) == pytest.approx(1)
    assert np.abs([myers(even), bachi(even), spoorenberg(even)]) == pytest.approx(0, abs=1e-12)


def test_myers_by_hand(towns: np.ndarray) -> None:
    """Ten spans of seventy years, each starting a year later; all their people by last digit."""
    blended = np.zeros(10)
    for start in range(10, 20):
        for age in range(start, start + 70):
            blended[age % 10] += towns[0, 0, age]
    assert myers(towns[0, 0]) == pytest.approx(50 * np.abs(blended / blended.sum() - 0.1).sum())


def test_ages_are_checked() -> None:
    with pytest.raises(ValueError, match="101 figures on the last axis, but 100 ages"):
        whipple(np.ones(101), np.arange(100))
    with pytest.raises(ValueError, match="ages ascend"):
        whipple(np.ones(3), [3, 2, 1])
    with pytest.raises(ValueError, match="digits are"):
        whipple(np.ones(101), digits=[0, 3])
    with pytest.raises(ValueError, match="method 'blended' is not known; use one of original, pasex"):
        myers(np.ones(101), method="blended")


def test_a_few_people_in_thousands_say_nothing() -> None:
    """A peer gives −406 when figures are in millions; so do we, told as what it is: counts have to be persons."""
    groups = np.exp(-np.arange(17) / 4) * 50
    assert un_age_sex_accuracy(groups, groups) < 0 < un_age_sex_accuracy(groups, groups, adjust=False)
    assert np.isnan(un_age_sex_accuracy(np.zeros(17), groups))
