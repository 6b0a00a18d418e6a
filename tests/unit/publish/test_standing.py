"""What the pages say of noise and weights: who cannot be told apart, tiers, chances, other weights, drawn values."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tallymark.publish.pages.standing import chance


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0, "0%"),
        (0.0001, "0%"),
        (0.003, "<1%"),
        (0.254, "25%"),
        (0.996, ">99%"),
        (1, "100%"),
        (float("nan"), ""),
    ],
)
def test_a_chance_is_never_more_certain_than_it_is(probability: float, said: str) -> None:
    assert chance(probability) == said


@pytest.mark.parametrize(
    ("language", "alike", "tiers", "weights"),
    [
        ("en", r"These \w+ towns cannot be told apart: ", r"The data allow (\d+ tiers|no tiers)",
         r"If every line weighed up to 25% more or less, \d+ of \d+ towns? would keep"),
        ("zh", "以下.*无法分出高下", "数据(允许划分|不足以划分)", "若各条款权重上下变动不超过25%"),
    ],
)  # fmt: skip
def test_ranks_say_what_they_do_not_know(
    site: Path, language: str, alike: str, tiers: str, weights: str
) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (site / language).glob("ranks*.html"))
    for said in (alike, tiers, weights):
        assert re.search(said, text), said
    headings = {
        "en": ("Chance of the best 2", "Tier", "Keeps its rank"),
        "zh": ("居前2名的概率", "梯队", "名次不变"),
    }
    for heading in headings[language]:
        assert heading in text


def test_an_indicator_shows_the_drawn_value_beside_its_own(site: Path) -> None:
    text = (site / "en" / "indicators" / "served_share.html").read_text(encoding="utf-8")
    assert "beta–binomial, maximum likelihood" in text
    assert "Not scored, the line set aside: fewer than 5 cases." in text
    assert "Drawn towards like units" in text
    figures = "".join(path.read_text(encoding="utf-8") for path in (site / "en" / "figures").glob("*.html"))
    assert "Drawn towards like units by how noisy it is" in figures


def test_other_weights_are_among_the_data(site: Path) -> None:
    assert any(path.name.startswith("sensitivity") for path in (site / "data").iterdir())
