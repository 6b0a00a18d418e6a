"""Charts are well-formed, honest about gaps, and hold what they were given."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tallymark.publish.charts.caterpillar import Bar, caterpillar
from tallymark.publish.charts.drawing import padded, polyline, shortened, text_width, ticks
from tallymark.publish.charts.spread import Limits, Spot, dots, funnel
from tallymark.publish.charts.trend import LARGE, Moment, trend
from tallymark.publish.geography import simplified
from tallymark.publish.numbers import Kind

EVIL = '<script>alert("x")</script> & co'
NAN = math.nan


def parsed(markup: str) -> ET.Element:
    return ET.fromstring(markup)


def moment(value: float, kind: Kind = Kind.VALUE, complete: float = 1.0) -> Moment:
    return Moment("Mar 2025", kind, value, value - 1, value + 1, complete)


def test_trend_breaks_at_missing_periods() -> None:
    moments = [moment(80), moment(81), moment(NAN, Kind.MISSING, 0.0), moment(82), moment(83)]
    chart = parsed(trend(moments, name="c", title="T", description="D"))
    assert len(chart.findall("path[@class='line']")) == 2
    assert len(chart.findall("rect[@class='hole']")) == 1


def test_trend_draws_nothing_where_nothing_was_due_and_marks_the_suppressed() -> None:
    moments = [moment(80), moment(NAN, Kind.NOT_EXPECTED, NAN), moment(NAN, Kind.SUPPRESSED, 1.0), moment(81)]
    chart = parsed(trend(moments, name="c", title="T", description="D"))
    assert not chart.findall("rect[@class='hole']")
    assert [t.text for t in chart.iter("text")].count("✱") == 1


def test_incomplete_periods_are_told_from_complete_ones() -> None:
    moments = [moment(80, complete=1.0), moment(81, complete=0.4), moment(82, complete=0.95)]
    chart = parsed(trend(moments, name="c", title="T", description="D"))
    assert chart.find("path[@class='complete']").get("d").count("M") == 2  # type: ignore[union-attr]
    assert chart.find("path[@class='incomplete']").get("d").count("M") == 1  # type: ignore[union-attr]


def test_every_chart_is_named_described_and_escaped() -> None:
    spots = [Spot(EVIL, v, 100.0, href='u.html?"', named=True) for v in (1.0, 2.0, 3.0)]
    limits = [Limits([10, 100], [0.5, 1.0], [4.0, 3.0], EVIL)]
    bars = [Bar(EVIL, 2.0, 1.0, 3.0, EVIL, 'u.html?"')]
    words = {"name": "c", "title": EVIL, "description": EVIL}
    for role, chart in (  # what links stand in is no image: the links would not be heard
        ("img", trend([moment(1), moment(2)], **words, frame=LARGE, target=2.0, target_label=EVIL)),
        ("group", caterpillar(bars, **words, axis=EVIL, reference=2.0, reference_label=EVIL)),
        ("group", dots(spots, **words, axis=EVIL, decimals=1, target=2.0, target_label=EVIL)),
        ("group", funnel(spots, limits, 2.0, **words, axis=EVIL, size_axis=EVIL, decimals=1)),
    ):
        assert "<script" not in chart
        root = parsed(chart)
        assert root.get("role") == role
        assert root.find("title").text == EVIL  # type: ignore[union-attr]
        assert root.get("aria-labelledby") == "c-t c-d"


@pytest.mark.parametrize("values", [[], [5.0], [NAN, NAN], [0.0, 0.0], [-3.0, 4.0], [1e9, 1e9]])
def test_charts_survive_odd_data(values: list[float]) -> None:
    moments = [moment(v, Kind.MISSING if math.isnan(v) else Kind.VALUE) for v in values]
    spots = [Spot("A", v, 3.0) for v in values]
    bars = [Bar("A", v, v - 1, v + 1) for v in values]
    assert "nan" not in trend(moments, name="c", title="T", description="D").lower()
    assert "nan" not in dots(spots, name="c", title="T", description="D", axis="", decimals=1)
    assert "nan" not in caterpillar(bars, name="c", title="T", description="D", axis="")
    assert "nan" not in funnel(
        spots, [], 1.0, name="c", title="T", description="D", axis="", size_axis="", decimals=1
    )


@given(
    st.lists(
        st.tuples(st.floats(0, 800, allow_nan=False), st.floats(-50, 800, allow_nan=False)),
        min_size=1,
        max_size=60,
    )
)
def test_polyline_keeps_points_to_a_tenth_of_a_pixel(points: list[tuple[float, float]]) -> None:
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", polyline(points))]
    at = np.cumsum(np.array(numbers).reshape(-1, 2), axis=0)
    assert np.abs(at - np.array(points)).max() <= 0.0501


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 9))
def test_ticks_are_few_round_and_inside(low: float, width: float, most: int) -> None:
    marks = ticks(low, low + width, most)
    slack = width * 1e-6 + 1e-9
    assert len(marks) <= most
    assert all(low - slack <= mark <= low + width + slack for mark in marks)


@given(st.lists(st.floats(-1e6, 1e6), max_size=20))
def test_padded_holds_every_value(values: list[float]) -> None:
    low, high = padded(values)
    assert low < high
    assert all(low <= value <= high for value in values)


def test_shortened_fits() -> None:
    label = shortened("松风店镇家庭健康服务中心", 60, 12)
    assert label.endswith("…")
    assert text_width(label, 12) <= 60


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(2, 60), st.just(2)), elements=st.floats(0, 500, width=32))
)
def test_simplified_line_stays_within_its_tolerance(points: np.ndarray) -> None:
    kept = simplified(points, 5.0)
    assert (kept[0] == points[0]).all()
    assert (kept[-1] == points[-1]).all()
    assert all(_away(point, kept) <= 5.0 + 1e-3 for point in points)


def _away(point: np.ndarray, line: np.ndarray) -> float:
    """Distance of a point from a broken line, the slow way."""
    best = math.inf
    for a, b in pairwise(line):
        along = b - a
        length = float(along @ along)
        t = 0.0 if length == 0 else float(np.clip((point - a) @ along / length, 0, 1))
        best = min(best, float(np.hypot(*(point - (a + t * along)))))
    return best
