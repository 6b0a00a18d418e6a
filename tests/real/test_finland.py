"""Finland's 19 regions: what would have been said in 2005 of 2025, in 2015 of 2025, and in other years."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tallymark.population import History, backtest, choose_method
from tallymark.population.choosing import CANDIDATES

FINLAND = Path(__file__).parents[3] / "shared" / "data" / "finland"
pytestmark = pytest.mark.skipif(not FINLAND.is_dir(), reason="../shared/data/finland is not here")


def _array(name: str, *keys: str) -> np.ndarray:
    table = pq.read_table(FINLAND / f"{name}.parquet").sort_by([(key, "ascending") for key in keys])
    return table["value"].to_numpy().astype(float).reshape([len(table[key].unique()) for key in keys])


@pytest.fixture(scope="module")
def finland() -> History:
    """Populations at the ends of 1972–2025, rates of 1990–2025."""
    keys = ("region", "year", "sex", "age")
    return History(
        population=_array("pop", *keys),
        mortality=_array("mx", *keys),
        fertility=_array("asfr", "region", "year", "age"),
        migration=_array("net_migration", *keys),
    )


@pytest.mark.parametrize(("horizon", "most"), [(10, 0.015), (20, 0.056)])
def test_to_2025(finland: History, horizon: int, most: float) -> None:
    """Median error of 19 regions, beside those of simple methods; intervals that claim 80 %."""
    got = backtest(finland, horizon)
    medians = got.median_errors()
    assert medians["forecast"] < most
    assert medians["forecast"] < medians["hamilton_perry"]
    assert medians["forecast"] < medians["same"]
    assert 0.6 <= got.covered.mean() <= 0.95


def test_the_two_together_cover_what_they_claim(finland: History) -> None:
    covered = np.concatenate([backtest(finland, horizon).covered.ravel() for horizon in (10, 20)])
    assert 0.72 <= covered.mean() <= 0.88


def test_other_origins_ten_years_on(finland: History) -> None:
    """Every third year from 1997: the same claim, over 133 region-years."""
    got = backtest(finland, 10, origins=range(10, 29, 3), futures=200)
    assert 0.7 <= got.covered.mean() <= 0.9
    medians = got.median_errors()
    assert medians["forecast"] < 0.023
    assert medians["forecast"] < medians["hamilton_perry"] < medians["same"]


@pytest.mark.parametrize(("horizon", "most"), [(10, 0.015), (20, 0.056)])
def test_methods_chosen_by_what_was_known_then(finland: History, horizon: int, most: float) -> None:
    """Out of sample: in 2015 (2005) the method is chosen by how it did until 2015 (2005), then checked in 2025."""
    got = backtest(finland, horizon, candidates=CANDIDATES)
    medians = got.median_errors()
    assert medians["forecast"] < most
    assert medians["forecast"] < medians["hamilton_perry"]
    assert 0.7 <= got.covered.mean() <= 0.95


def test_a_choice_looks_at_nothing_that_came_later(finland: History) -> None:
    known = finland.until(20)
    small = CANDIDATES[::6]
    changed = finland.population.copy()
    changed[:, -20:] *= 2
    other = History(changed, finland.mortality, finland.fertility, finland.migration).until(20)
    assert choose_method(known, 10, candidates=small) == choose_method(other, 10, candidates=small)
    with pytest.raises(ValueError, match="leave no year"):
        choose_method(finland.until(34), 10)


def test_what_cannot_be_checked_is_said(finland: History) -> None:
    with pytest.raises(ValueError, match="origins run from 10 to 34"):
        backtest(finland, 10, origins=[5])
