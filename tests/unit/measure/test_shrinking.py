"""Values drawn towards like units, and figures that rest on too little, in the table of indicators."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.unit.measure.small import indicator

from tallymark.measure.shrinking import with_judgement
from tallymark.model.periods import Calendar
from tallymark.model.tables import TABLES
from tallymark.programme.written.figures import WrittenTooSmall
from tallymark.statistics import beta_binomial, eb_poisson, normal_normal

SHARE = indicator("share", "a", "b", names="ab", factor=100.0, interval="wilson")
COUNTED = [(3, 10), (9, 10), (80, 100), (None, None), (0, 4)]


def _rows(
    name: str = "share", period: str = "2025", level: str = "town", category: str = ""
) -> list[dict[str, Any]]:
    usual = {field.name: None for field in TABLES["indicators"].schema}
    rows = []
    for at, (x, n) in enumerate(COUNTED):
        value = None if x is None or n is None else 100 * x / n
        rows.append(
            usual
            | {"unit": f"U{at}", "level": level, "period": period, "frequency": "month", "indicator": name}
            | {"breakdown": "sex" if category else "", "category": category, "numerator": x, "denominator": n}
            | {
                "value": value,
                "low": None if value is None else value - 20,
                "high": None if value is None else value + 20,
            }
        )
    return rows


def _judged(rows: list[dict[str, Any]], *indicators: Any) -> pa.Table:
    table = pa.Table.from_pylist(rows, schema=TABLES["indicators"].schema)
    found = with_judgement(table, {one.name: one for one in indicators}, Calendar())
    assert found.schema == table.schema
    return found


def _column(table: pa.Table, name: str) -> np.ndarray:
    return np.array(table.column(name).to_pylist(), float)


def test_what_declares_nothing_stays_as_it_is() -> None:
    rows = _judged(_rows(), SHARE)
    assert rows.column("shrunk").null_count == rows.num_rows == rows.column("small").null_count


@pytest.mark.parametrize("way", ["beta-binomial", "eb-poisson", "normal"])
def test_like_units_are_drawn_together(way: str) -> None:
    """Each level, period and total by itself; categories of a breakdown are left alone; missing stays missing."""
    rows = [*_rows(), *_rows(level="county"), *_rows(period="2024"), *_rows(category="f"), *_rows("other")]
    found = _judged(rows, replace(SHARE, shrink=way), replace(SHARE, name="other"))
    x, n = np.array(COUNTED, float).T
    if way == "normal":
        expected = normal_normal(100 * x / n, np.full(5, 20 / 1.959963984540054))[0]
    else:
        expected = 100 * {"beta-binomial": beta_binomial, "eb-poisson": eb_poisson}[way](x, n)[0]
    np.testing.assert_allclose(_column(found, "shrunk")[:15], np.tile(expected, 3))
    assert np.isnan(_column(found, "shrunk")[15:]).all()
    low, high = _column(found, "shrunk_low")[:3], _column(found, "shrunk_high")[:3]
    assert ((low <= expected[:3]) & (expected[:3] <= high)).all()


def test_rates_are_annualised_as_the_value_is() -> None:
    rate = indicator("share", "a", "b", names="ab", factor=1_000.0, interval="poisson", annualise=True)
    found = _judged(_rows(), replace(rate, shrink="eb-poisson"))
    x, n = np.array(COUNTED, float).T
    np.testing.assert_allclose(_column(found, "shrunk"), 12_000 * eb_poisson(x, n)[0])


def test_too_small() -> None:
    def reasons(**rule: float) -> list[str | None]:
        found = _judged(_rows(), replace(SHARE, too_small=WrittenTooSmall(**rule)))
        return list(found.column("small").to_pylist())

    assert reasons(cases=10) == [None, None, None, None, "few_cases"]
    assert reasons(cases=10, events=2) == [None, "few_events", None, None, "few_cases"]
    assert reasons(width=39) == ["wide_interval"] * 3 + [None, "wide_interval"]
    assert reasons(width=41) == [None] * 5


def test_counts_have_no_cases_without_the_event() -> None:
    count = indicator("share", "a", names="ab", interval="poisson")
    found = _judged(_rows(), replace(count, too_small=WrittenTooSmall(events=5)))
    assert found.column("small").to_pylist() == ["few_events", None, None, None, "few_events"]
