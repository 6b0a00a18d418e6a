"""Standardised rates of a programme against the kernel, whatever the data."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.statistics import directly_standardised_rate
from tests.drawing import drawn
from tests.unit.measure import small
from tests.unit.measure.standardised import AGES, declared, figures, people, reported, standard

UNITS = ("A", "B", "C")
TREE = small.units(small.tree(*UNITS))
cells = st.one_of(st.none(), st.integers(0, 30))
folk = st.one_of(st.none(), st.just(0), st.integers(31, 5000))
three = st.tuples


@settings(max_examples=drawn(60), deadline=None)
@given(
    st.lists(three(cells, cells, cells), min_size=3, max_size=3),
    st.lists(three(folk, folk, folk), min_size=3, max_size=3),
    st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any),
    st.sampled_from(["dobson", "fay-feuer"]),
    st.sampled_from(["partial", "refuse"]),
)
def test_the_kernels_figures_or_none(
    deaths: list[tuple[int | None, ...]],
    residents: list[tuple[int | None, ...]],
    weights: list[int],
    method: str,
    missing: str,
) -> None:
    counting = {age: float(weight) for age, weight in zip(AGES, weights, strict=True) if weight}
    of = declared(TREE, standard(counting, interval=method), missing=missing)
    rows = {
        "monthly": reported(dict(zip(UNITS, deaths, strict=True))),
        "people": people(dict(zip(UNITS, residents, strict=True))),
    }
    got = figures(small.run(of, rows, ("2025-01",)))
    at = [AGES.index(age) for age in counting]
    for unit, x, n in zip(UNITS, deaths, residents, strict=True):
        row = got.get((unit, "2025-01", ""))
        if row is None:
            assert all(one is None for one in x) or all(one is None for one in n)
            continue
        events = [math.nan if x[one] is None else x[one] for one in at]
        exposed = [math.nan if n[one] is None else n[one] for one in at]
        want = 1000 * np.array(
            directly_standardised_rate(
                events, exposed, list(counting.values()), method=method, counts="exact"
            )
        )
        if row["value"] is None:
            assert np.isnan(want).all() or missing == "refuse" or row["denominator"] == 0
        else:
            np.testing.assert_allclose([row[name] for name in ("value", "low", "high")], want, rtol=1e-12)


@settings(max_examples=drawn(30), deadline=None)
@given(st.lists(three(*[st.integers(0, 30)] * 3), min_size=3, max_size=3), st.integers(0, 2))
def test_a_missing_report_never_narrows(deaths: list[tuple[int, ...]], gone: int) -> None:
    """What is left out of the land's rate may have been nothing, or as in the others: both are in the interval."""
    of = declared(TREE, standard(dict.fromkeys(AGES, 1.0)))
    residents = people(dict.fromkeys(UNITS, (1000, 800, 300)))
    some = {unit: x for at, (unit, x) in enumerate(zip(UNITS, deaths, strict=True)) if at != gone}
    got = figures(small.run(of, {"monthly": reported(some), "people": residents}, ("2025-01",)))
    row = got["L", "2025-01", ""]
    assert row["basis"] == "partial"
    sums = np.sum([*some.values()], axis=0)
    for exposed in ((3000, 2400, 900), (2000, 1600, 600)):
        _, low, high = directly_standardised_rate(sums, exposed, (1, 1, 1), counts="exact")
        assert row["low"] <= 1000 * low * (1 + 1e-12)
        assert row["high"] >= 1000 * high * (1 - 1e-12)
