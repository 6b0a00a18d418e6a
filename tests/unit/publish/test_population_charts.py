"""Pyramids, fans and Lexis surfaces: what is drawn where, and that nothing is drawn where nothing is known."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np

from tallymark.publish.charts.fan import fan
from tallymark.publish.charts.lexis import lexis, shade_limits, shade_of
from tallymark.publish.charts.pyramid import Band, pyramid

LABELS = ["0", "5", "10+"]


def parsed(markup: str) -> ElementTree.Element:
    root = ElementTree.fromstring(markup)
    assert root.find("title") is not None
    assert root.find("desc") is not None
    return root


def kinds(root: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if element.get("class") == kind]


def test_a_pyramid_has_a_bar_a_group_and_sex() -> None:
    now, then = ([30.0, 20, 10], [28.0, 22, 14]), ([25.0, 25, 20], [20.0, 20, 30])
    band = Band(([20.0, 22, 15], [18.0, 18, 25]), ([30.0, 28, 25], [22.0, 22, 35]))
    root = parsed(
        pyramid(
            now,
            then,
            labels=LABELS,
            heads=("men", "women"),
            name="p",
            title="<People>",
            description="d",
            band=band,
        )
    )
    bars = kinds(root, "now-bar")
    assert len(bars) == 6
    assert len(kinds(root, "outline")) == 2
    assert len(kinds(root, "unsure")) == 6
    # men grow to the left of the middle, women to the right; 35 fills the side
    left, right = bars[0], bars[3]
    assert float(left.get("x")) + float(left.get("width")) < 230 < float(right.get("x"))
    assert abs(float(left.get("width")) / float(right.get("width")) - 30 / 28) < 0.01
    assert "&lt;People&gt;" in pyramid(
        now, None, labels=LABELS, heads=("m", "w"), name="p", title="<People>", description="d"
    )


def test_nobody_is_drawn_as_nobody() -> None:
    nobody = ([0.0, 0, 0], [0.0, 0, 0])
    root = parsed(
        pyramid(nobody, None, labels=LABELS, heads=("m", "w"), name="p", title="t", description="d")
    )
    assert {bar.get("width") for bar in kinds(root, "now-bar")} == {"0"}


def test_a_fan_starts_where_something_is_known() -> None:
    """Births of the year have no value at the start: the band and the line begin a year later."""
    middle = [float("nan"), 10.0, 11.0, 12.0]
    low, high = [float("nan"), 9, 9, 9], [float("nan"), 12, 14, 16]
    root = parsed(
        fan(
            middle,
            [(low, high)],
            labels=["1", "2", "3", "4"],
            name="f",
            title="t",
            description="d",
            others={"High": [10.0, 12, 14, 17]},
        )
    )
    start = re.match(r"M([\d.]+)", kinds(root, "line")[0].get("d"))
    other = re.match(r"M([\d.]+)", kinds(root, "other")[0].get("d"))
    assert float(start[1]) > float(other[1])
    assert "nan" not in ElementTree.tostring(root, encoding="unicode").lower()
    assert any(text.text == "High" for text in root.iter("text"))


def test_a_lexis_surface_has_equal_shades_and_holes() -> None:
    values = np.arange(60.0).reshape(10, 6)
    values[2, 3] = np.nan
    root = parsed(
        lexis(
            values.tolist(),
            years=[str(y) for y in range(10)],
            ages=list("abcdef"),
            name="l",
            title="t",
            description="d",
        )
    )
    cells = {path.get("class"): path.get("d").count("M") for path in root.iter("path")}
    assert sum(cells.values()) == 59
    assert max(cells.values()) - min(cells.values()) <= 1
    limits = shade_limits(values.ravel().tolist())
    assert (shade_of(59, limits), shade_of(0, limits)) == (0, 5)
    assert shade_limits([]) == []
