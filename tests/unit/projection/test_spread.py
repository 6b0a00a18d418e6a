"""Standard deviations of units put together: what stocks.csv says of parents, beside simulated futures of them."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.population import AgeGroup, RandomPath, forecast, life_table
from tallymark.projection.writing import _spread

UNITS, YEARS, AGES = 24, 15, 101


def _futures(shared: float):  # type: ignore[no-untyped-def]
    random = np.random.default_rng(3)
    people = random.uniform(50, 400, (UNITS, 1, 1)) * np.linspace(1.2, 0.2, AGES)
    survival = np.broadcast_to(life_table(np.geomspace(0.001, 0.4, AGES)).survival(), (YEARS, 2, AGES))
    fertility = np.zeros((YEARS, AGES))
    fertility[:, 20:40] = 0.08
    paths = {
        "fertility": RandomPath(sd=random.uniform(0.02, 0.06, UNITS), shared=shared),
        "mortality": RandomPath(sd=0.03, shared=shared),
        "migration": RandomPath(sd=random.uniform(0.001, 0.004, UNITS), persistence=0.8, shared=shared),
    }
    groups = {"total": AgeGroup(), "under_five": AgeGroup(0, 5), "elders": AgeGroup(65)}
    return forecast(
        np.broadcast_to(people, (UNITS, 2, AGES)),
        survival,
        fertility,
        paths=paths,
        groups=groups,
        futures=4000,
        keep=True,
    )


@pytest.mark.parametrize("shared", [0.0, 0.4, 1.0])
def test_parents_of_any_units_have_the_deviation_that_futures_show(shared: float) -> None:
    found = _futures(shared)
    alone, together, own = _spread(found)
    np.testing.assert_allclose(together**2 + own, alone**2, rtol=1e-12)
    for members in (slice(None), slice(0, 12), slice(5, 9)):
        simulated = found.futures[members].sum(axis=0).std(axis=-1)[1:, :3]
        said = np.sqrt(together[members].sum(axis=0) ** 2 + own[members].sum(axis=0))[1:, :3]
        added = alone[members].sum(axis=0)[1:, :3]
        # all together it is exact (chance may make futures that share nothing cancel a little, which is not believed);
        # of some of them it rests on any two units being correlated alike
        exact = 1e-9 if shared else 0.02
        np.testing.assert_allclose(said, simulated, rtol=exact if members == slice(None) else 0.12)
        assert (said <= added * (1 + 1e-12)).all()
    if shared == 0:  # added up, deviations of all 24 would be said more than four times too wide
        assert (added / simulated).min() > 1.75
        assert (alone.sum(axis=0)[1:, :3] / found.total_deviation[1:, :3]).min() > 4


def test_one_unit_shares_nothing_and_on_the_first_day_nothing_is_unsure() -> None:
    found = _futures(0.4)
    alone, together, own = _spread(found)
    for part in (alone, together, own):
        np.testing.assert_allclose(part[:, 0, :3], 0, atol=1e-9)
