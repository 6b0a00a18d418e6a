"""Intervals over a population that is itself an estimate: a projection, with a standard deviation of its own."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from tests.unit.measure import small
from tests.unit.measure.small import day

from tallymark.measure.uncertainty import limits
from tallymark.model.expressions import parse_expression

RATE = SimpleNamespace(interval="poisson", denominator="people", missing="partial", unsure=True)
SHARE = SimpleNamespace(interval="wilson", denominator="people", missing="partial", unsure=True)


def figures(num: np.ndarray, den: np.ndarray, sd: float) -> dict[str, np.ndarray]:
    num, den = np.broadcast_arrays(np.asarray(num, float), np.asarray(den, float))
    same = {"num": num, "den": den, "scaled_num": num, "scaled_den": den, "value": 1000 * num / den}
    return same | {name: np.full(num.shape, value) for name, value in (("scale", 1000.0), ("worst", 1.0), ("den_sd", sd))}  # fmt: skip


def test_it_covers_what_it_claims() -> None:
    """3,000 places with 10,000 people, of whom the projection knows but that they are 10,000 give or take 800."""
    rng = np.random.default_rng(7)
    people = rng.normal(10_000, 800, 3000)
    seen = rng.poisson(0.012 * 10_000, 3000)
    for sd, least, most in ((800.0, 0.94, 0.97), (0.0, 0.6, 0.9)):
        low, high = limits(RATE, figures(seen, people, sd))  # type: ignore[arg-type]
        assert least < ((low <= 12) & (high >= 12)).mean() < most


def test_certainty_changes_nothing_and_doubt_only_widens() -> None:
    seen, people = np.array([0.0, 5, 90]), np.array([100.0, 100, 100])
    for indicator in (RATE, SHARE):
        plain = SimpleNamespace(**{**vars(indicator), "unsure": False})
        expected = limits(plain, figures(seen, people, 0.0))  # type: ignore[arg-type]
        np.testing.assert_allclose(limits(indicator, figures(seen, people, 0.0)), expected)  # type: ignore[arg-type]
        low, high = limits(indicator, figures(seen, people, 10.0))  # type: ignore[arg-type]
        assert (low <= expected[0]).all()
        assert (high >= expected[1]).all()
        assert low[0] == 0
    assert high[2] <= 1000


def test_an_unknown_deviation_gives_no_interval() -> None:
    low, high = limits(RATE, figures(np.array([5.0]), np.array([100.0]), np.nan))  # type: ignore[arg-type]
    assert np.isnan(low[0])
    assert np.isnan(high[0])


def test_from_the_store_to_the_interval() -> None:
    """Two towns' stocks carry people and their deviation; the district's deviations add up."""
    people = small.dataset("people", "stocks", items=("all", "all_sd"))
    visits = small.dataset("monthly", "reports", frequency="month", items=("seen",))
    measures = [
        small.counted("people", people, item="all"),
        small.counted("people_sd", people, item="all_sd"),
        small.counted("seen", visits, item="seen"),
    ]
    names = ("people", "people_sd", "seen")
    sure = small.indicator("sure", "seen", "people", names=names, factor=1000.0, interval="poisson")
    unsure = small.indicator("unsure", "seen", "people", names=names, factor=1000.0, interval="poisson")
    object.__setattr__(unsure, "denominator_sd", parse_expression("people_sd", names))
    of = small.programme(small.units(small.tree("H0")), [people, visits], measures, [sure, unsure])
    stock = [
        {"unit": "H0", "date": day("2024-12-31"), "item": item, "value": value}
        for item, value in (("all", 5000.0), ("all_sd", 400.0))
    ]
    report = [{"unit": "H0", "period": "2025-01", "item": "seen", "value": 400.0}]
    rows = small.run(of, {"people": stock, "monthly": report}, ("2025-01",)).indicators.to_pylist()
    found = {row["indicator"]: row for row in rows if row["unit"] == "H0"}
    assert found["sure"]["value"] == found["unsure"]["value"] == pytest.approx(80.0)
    half = np.log(found["unsure"]["high"] / 80)
    plain = np.log(found["sure"]["high"] / 80)
    assert half == pytest.approx(np.sqrt(plain**2 + (1.959964 * 0.08) ** 2), rel=1e-4)


def test_what_units_share_is_added_up_and_what_they_do_not_in_squares() -> None:
    """Three towns of a district: deviations 30, 40, 50 they share, variances 900, 1,600, 2,500 of their own."""
    items = ("all", "shared", "own")
    people = small.dataset("people", "stocks", items=items)
    visits = small.dataset("monthly", "reports", frequency="month", items=("seen",))
    measures = [
        *(small.counted(item, people, item=item) for item in items),
        small.counted("seen", visits, item="seen"),
    ]
    names = (*items, "seen")
    sure, unsure = (
        small.indicator(name, "seen", "all", names=names, factor=1000.0, interval="poisson")
        for name in ("sure", "unsure")
    )
    object.__setattr__(unsure, "denominator_sd", parse_expression("shared", names))
    object.__setattr__(unsure, "denominator_variance", parse_expression("own", names))
    towns = ("H0", "H1", "H2")
    of = small.programme(small.units(small.tree(*towns)), [people, visits], measures, [sure, unsure])
    stock = [
        {"unit": town, "date": day("2024-12-31"), "item": item, "value": value}
        for town, shared in zip(towns, (30.0, 40.0, 50.0), strict=True)
        for item, value in (("all", 1000.0), ("shared", shared), ("own", shared**2))
    ]
    report = [{"unit": town, "period": "2025-01", "item": "seen", "value": 400.0} for town in towns]
    rows = small.run(of, {"people": stock, "monthly": report}, ("2025-01",)).indicators.to_pylist()
    for unit, sd, whole in (("H1", np.sqrt(2) * 40, 1000), ("L", np.sqrt(120**2 + 5000), 3000)):
        found = {row["indicator"]: row for row in rows if row["unit"] == unit}
        half, plain = (np.log(found[name]["high"] / found[name]["value"]) for name in ("unsure", "sure"))
        assert half == pytest.approx(np.sqrt(plain**2 + (1.959964 * sd / whole) ** 2), rel=1e-4)
