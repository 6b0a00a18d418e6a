"""Funnel limits and who is outside them, against PHEindicatormethods' sheets."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.columns import numbers, oracle, rows

from tallymark.statistics import funnel_limits, funnel_position

PHE, here = oracle("phe")
pytestmark = here
PLACES = {
    "High (0.001)": 2,
    "High (0.025)": 1,
    "Not significant": 0,
    "Low (0.025)": -1,
    "Low (0.001)": -2,
}
SIDES = (
    (0, "lower", "2s", 0.95),
    (1, "upper", "2s", 0.95),
    (0, "lower", "3s", 0.998),
    (1, "upper", "3s", 0.998),
)


@pytest.mark.parametrize(
    ("file", "most"),
    [("funnel_prop_outputs.csv", np.inf), ("funnel_prop_outputs_with_axis_variation.csv", 31_000)],
)
def test_limits_of_proportions(file: str, most: float) -> None:
    table, given = rows(PHE / file), rows(PHE / "funnel_prop_inputs.csv")
    x, n = numbers(given, "numerator"), numbers(given, "denominator")
    target = x[n < most].sum() / n[n < most].sum()
    size = numbers(table, "Population")
    for side, column, level in ((0, "Lower2s0025limit", 0.95), (1, "Upper2s0025limit", 0.95),
                                (0, "Lower3s0001limit", 0.998), (1, "Upper3s0001limit", 0.998)):  # fmt: skip
        got = 100 * funnel_limits(size, target, level=level)[side]
        np.testing.assert_allclose(got, numbers(table, column), rtol=2e-7, atol=5e-7)


@pytest.mark.parametrize(
    ("file", "kind", "exposure", "limit", "factor", "target"),
    [
        ("funnel_ratio_outputs.csv", "ratio", "{}_{}_exp_events", "{}_{}_isr", 100, None),
        ("funnel_rate_outputs.csv", "rate", "{}_{}_population_1_year", "{}_{}_limit", 1e5, "baseline"),
        ("funnel_rate_outputs_2.csv", "rate", "{}_{}_population_1_year", "{}_{}_limit", 1e5, "baseline"),
        ("funnel_rate_outputs_3.csv", "rate", "{}_{}_population_1_year", "{}_{}_limit", 1e5, "baseline"),
    ],
)
def test_limits_of_ratios_and_rates(
    file: str, kind: str, exposure: str, limit: str, factor: float, target: str | None
) -> None:
    """The sheets' limits come by bisection to 1e-7; rates are of three years of data, exposures of one."""
    table = rows(PHE / file)
    centre = numbers(table, target) / factor if target else 1.0
    for side, name, sigma, level in SIDES:
        size = numbers(table, exposure.format(name, sigma)) * (3 if target else 1)
        got = funnel_limits(size, centre, kind=kind, level=level)[side] * factor
        np.testing.assert_allclose(got, numbers(table, limit.format(name, sigma)), rtol=1e-4)


def test_who_is_outside_proportions_and_ratios() -> None:
    table = rows(PHE / "funnel_prop_inputs.csv")
    x, n = numbers(table, "numerator"), numbers(table, "denominator")
    got = funnel_position(x, n, x.sum() / n.sum())
    np.testing.assert_array_equal(got, [PLACES[row["significance"]] for row in table])
    table = rows(PHE / "funnel_ratio_inputs.csv")
    got = funnel_position(numbers(table, "obs"), numbers(table, "expected"), 1, kind="ratio")
    np.testing.assert_array_equal(got, [PLACES[row["significance"]] for row in table])


@pytest.mark.parametrize("per", ["100000", "100"])
@pytest.mark.parametrize("zero", ["with_0", "without_0"])
@pytest.mark.parametrize("rate", ["dsr", "crude"])
def test_who_is_outside_rates(rate: str, zero: str, per: str) -> None:
    """A standardised rate stands for events in the population that would give it: events ÷ rate."""
    table = rows(PHE / "funnel_rate_dsr_inputs.csv")
    if zero == "without_0" or rate == "dsr":
        table = [row for row in table if row["count"] != "0"]  # no events: no standardised rate in the sheet
    events = numbers(table, "count")
    size = events / numbers(table, "rate_dsr") * 1e5 if rate == "dsr" else numbers(table, "pop")
    got = funnel_position(events, size, events.sum() / size.sum(), kind="rate")
    np.testing.assert_array_equal(got, [PLACES[row[f"{rate}_per_{per}_{zero}"]] for row in table])


def test_limits_of_rates_may_exceed_a_hundred_which_the_peer_cuts_off() -> None:
    """Proportions end at 1; a rate per 100 does not. The peer cuts every upper limit of a proportion at 100 whatever
    its multiplier is, so that a proportion times 1,000 has limits below its own values."""
    low, high = funnel_limits([5, 50], 0.9)
    assert high[0] == 1
    assert high[1] * 1000 == pytest.approx(983.154, abs=1e-3)
    assert low[1] * 1000 == pytest.approx(816.846, abs=1e-3)
    rate = funnel_limits(2, 1.5, kind="rate")
    assert rate[1] * 100 > 300
