"""Forecasts: without noise they are the projection; with it, they are many projections with other rates."""

from __future__ import annotations

import numpy as np
import pytest

from tallymark.population import AgeGroup, RandomPath, forecast, life_table, project

YEARS, AGES = 12, 101
GROUPS = {
    "total": AgeGroup(),
    "school": AgeGroup(6, 15),
    "women": AgeGroup(15, 50, sex=1),
    "old": AgeGroup(65),
}


def inputs() -> dict[str, np.ndarray]:
    ages = np.arange(AGES)
    mx = np.minimum(3e-5 * np.exp(0.095 * ages) + 0.004 * (ages == 0), 0.8)
    table = life_table(np.tile(mx, (YEARS, 2, 1)), sex=("male", "female"))
    fertility = np.tile(0.09 * np.exp(-(((ages - 29) / 6) ** 2)) * ((ages >= 15) & (ages < 50)), (YEARS, 1))
    return {"population": table.Lx[0] * 1000, "survival": table.survival(), "fertility": fertility}


def test_without_noise_it_is_the_projection() -> None:
    given = inputs()
    moved = np.full((YEARS, 2, AGES), 0.3)
    got = forecast(
        given["population"][None],
        given["survival"],
        given["fertility"],
        1.07,
        migration=moved,
        paths={},
        groups=GROUPS,
        futures=70,
    )
    plain = project(**given, sex_ratio_at_birth=1.07, migration=moved)
    expected = {
        "total": plain.populations.sum((1, 2)),
        "school": plain.populations[..., 6:15].sum((1, 2)),
        "women": plain.populations[:, 1, 15:50].sum(1),
        "old": plain.populations[..., 65:].sum((1, 2)),
        "births": np.append(np.nan, plain.births.sum(1)),
        "deaths": np.append(np.nan, plain.deaths.sum((1, 2))),
    }
    assert got.groups == tuple(expected)
    for at, values in enumerate(expected.values()):
        np.testing.assert_allclose(got.mean[0, :, at], values, rtol=1e-12)
        np.testing.assert_allclose(got.quantiles[0, :, at, 0], values, rtol=1e-12)
        np.testing.assert_allclose(got.total[:, at, -1], values, rtol=1e-12)


def test_a_future_is_a_projection_with_its_own_rates() -> None:
    """A slope of known spread makes each future's rates knowable from its births and deaths' ratios at year 1."""
    given = inputs()
    paths = {"fertility": RandomPath(slope_sd=0.05)}
    got = forecast(
        given["population"][None], given["survival"], given["fertility"], paths=paths, futures=9, keep=True
    )
    plain = project(**given)
    births = got.groups.index("births")
    for future in range(9):
        slope = np.log(got.futures[0, 1, births, future] / plain.births[0].sum())
        factor = np.exp(slope * np.arange(1, YEARS + 1))[:, None]
        own = project(given["population"], given["survival"], given["fertility"] * factor)
        np.testing.assert_allclose(got.futures[0, :, 0, future], own.populations.sum((1, 2)), rtol=1e-6)


def test_hazards_are_scaled() -> None:
    given = inputs()
    got = forecast(
        given["population"][None],
        given["survival"],
        given["fertility"],
        paths={"mortality": RandomPath(slope_sd=0.02)},
        futures=9,
        keep=True,
    )
    deaths = got.futures[0, 1, -1]
    for future in range(9):
        low, high = -0.2, 0.2
        for _ in range(60):  # the slope that gives the first year's deaths
            middle = (low + high) / 2
            own = project(given["population"], given["survival"] ** np.exp(middle), given["fertility"])
            low, high = (middle, high) if own.deaths[0].sum() < deaths[future] else (low, middle)
        paces = np.exp(middle * np.arange(1, YEARS + 1))[:, None, None]
        own = project(given["population"], given["survival"] ** paces, given["fertility"])
        np.testing.assert_allclose(got.futures[0, :, 0, future], own.populations.sum((1, 2)), rtol=1e-5)


def test_the_seed_decides_and_threads_do_not() -> None:
    given = inputs()
    people = given["population"] * np.array([1.0, 2.0, 0.5])[:, None, None]
    paths = {kind: RandomPath(sd=0.02, persistence=0.9, shared=0.5) for kind in ("fertility", "mortality")}
    call = {"survival": given["survival"], "fertility": given["fertility"], "paths": paths, "futures": 50}
    one, two = forecast(people, threads=1, **call), forecast(people, threads=3, **call)
    np.testing.assert_array_equal(one.quantiles, two.quantiles)
    np.testing.assert_array_equal(one.total, two.total)
    assert (one.total != forecast(people, seed=1, **call).total).any()


@pytest.mark.parametrize(("shared", "ratio"), [(0.0, 1 / np.sqrt(4)), (1.0, 1.0)])
def test_shared_noise_does_not_cancel_in_the_total(shared: float, ratio: float) -> None:
    given = inputs()
    people = np.stack([given["population"]] * 4)
    got = forecast(
        people,
        given["survival"],
        given["fertility"],
        paths={"migration": RandomPath(sd=0.01, shared=shared)},
        futures=800,
        keep=True,
    )
    own = got.futures[0, -1, 0].std() / got.futures[0, -1, 0].mean()
    together = got.futures[:, -1, 0].sum(0)
    assert abs(together.std() / together.mean() / own - ratio) < 0.08
    # a random walk of net migration, added up over twelve years
    walked = np.cumsum(np.cumsum(np.random.default_rng(0).normal(0, 0.01, (12, 9999)), 0), 0)[-1]
    assert abs(own / walked.std() - 1) < 0.15


def test_nobody_is_less_than_nobody() -> None:
    given = inputs()
    got = forecast(
        given["population"][None],
        given["survival"],
        given["fertility"],
        paths={"migration": RandomPath(sd=0.5)},
        groups={"each": AgeGroup(20, 21)},
        futures=64,
        keep=True,
    )
    assert got.futures[0, :, 0].min() == 0


def test_missing_is_missing() -> None:
    given = inputs()
    people = np.stack([given["population"], given["population"]])
    people[1, 0, 30] = np.nan
    got = forecast(people, given["survival"], given["fertility"], paths={}, groups=GROUPS, futures=2)
    assert np.isnan(got.quantiles[1, :, 0]).all()
    assert not np.isnan(got.quantiles[1, :5, got.groups.index("women")]).any()
    assert not np.isnan(got.quantiles[0, 1:]).any()
    assert np.isnan(got.total[:, 0]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"population": np.ones((2, AGES))}, r"needs the axes \(unit, sex, age\)"),
        ({"paths": {"births": RandomPath()}}, "not of births"),
        ({"paths": {"fertility": RandomPath(sd=-1)}}, "deviation of fertility is negative"),
        ({"paths": {"fertility": RandomPath(sd=1, shared=2)}}, "between 0 and 1"),
        ({"paths": {"fertility": RandomPath(sd=[1, 2])}}, "`sd` of a path has shape"),
        ({"groups": {"none": AgeGroup(40, 30)}}, "has nobody in it"),
        ({"futures": 1}, "two futures or more"),
    ],
)
def test_what_does_not_fit_is_said(change: dict, words: str) -> None:
    given = inputs()
    call = {**given, "population": given["population"][None], "paths": {}, **change}
    with pytest.raises(ValueError, match=words):
        forecast(**call)
