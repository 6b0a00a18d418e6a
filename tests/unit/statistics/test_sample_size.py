"""Sample sizes: textbook figures, limits, and what a flat factor would do."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.statistics import (
    design_effect,
    sample_size_difference,
    sample_size_mean,
    sample_size_proportion,
)


def test_textbook_figures() -> None:
    assert sample_size_proportion(0.5, 0.05) == 385
    assert sample_size_proportion(0.5, 0.1, level=0.95) == 97
    assert sample_size_proportion(0.5, 0.05, population=1000) == 278
    assert sample_size_proportion(0.5, 0.05, population=50) == 45
    assert sample_size_proportion([0.5, 0.1], 0.1, design_effect=2, response=0.8).tolist() == [241, 87]
    assert sample_size_mean(15, 2) == 217
    assert sample_size_difference(0.6, 0.7) == 356
    assert sample_size_difference(0.7, 0.6) == 356


def test_no_more_than_there_are() -> None:
    assert sample_size_proportion(0.5, 0.001, population=[30, 1]).tolist() == [30, 1]
    assert sample_size_proportion(0.0, 0.05, population=10) == 1


@pytest.mark.parametrize(("p", "d"), [(-0.1, 0.05), (1.1, 0.05), (0.5, 0), (np.nan, 0.05), (0.5, np.nan)])
def test_undefined(p: float, d: float) -> None:
    assert np.isnan(sample_size_proportion(p, d))
    assert np.isnan(sample_size_proportion(0.5, 0.05, response=0))
    assert np.isnan(sample_size_difference(0.5, 0.5))
    assert np.isnan(sample_size_mean(np.inf, 1))
    with pytest.raises(ValueError, match="between 0 and 1"):
        sample_size_proportion(0.5, 0.05, level=95)


def test_design_effect() -> None:
    assert design_effect(0.1, 20) == pytest.approx(2.9)
    assert design_effect(0.0, 20) == design_effect(0.7, 1) == 1
    assert design_effect(0.1, 20, size_cv=0.5) == pytest.approx(3.4)
    assert np.isnan(design_effect([0.1, -0.1], [0.5, 20])).all()


def test_a_flat_half_as_many_again_is_wrong_both_ways() -> None:
    """× 1.5 whatever the design, as one peer does: too many for a simple sample, and too few for clusters."""
    flat = 1.5 * sample_size_proportion(0.5, 0.05)
    assert flat > 1.4 * sample_size_proportion(0.5, 0.05)
    clustered = sample_size_proportion(0.5, 0.05, design_effect=design_effect(0.1, 20))
    rng = np.random.default_rng(0)

    def covered(people: float) -> float:
        """How often a cluster sample of so many comes within 5 points of the truth."""
        clusters = int(people // 20)
        shares = rng.beta(0.5 * 9, 0.5 * 9, (20_000, clusters))
        return float((np.abs(rng.binomial(20, shares).mean(axis=1) / 20 - 0.5) <= 0.05).mean())

    assert covered(flat) < 0.88
    assert covered(clustered) == pytest.approx(0.95, abs=0.01)
