"""Headlines claim no more than the data allow."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tallymark.model.text import Text
from tallymark.publish.changes import beyond_all, changes
from tallymark.publish.edition import Edition
from tallymark.publish.facts import Facts
from tallymark.publish.headlines import (
    alike,
    apart_sentence,
    indicator_headline,
    knot,
    may_be_first,
    may_be_last,
    ordinal,
    rank_words,
    ranking_headline,
    sureness,
)
from tallymark.publish.records import Rank
from tallymark.publish.words import Words, plural

UNITS = ("T10", "t10", "T 9", "t.8", "con")


def ranks(*sets: tuple[int, int], group: str = "") -> list[Rank]:
    return [
        Rank(unit, "small-2025", group, 90.0 - i, i + 1.0, low, high, len(sets))
        for i, (unit, (low, high)) in enumerate(zip(UNITS, sets, strict=False))
    ]


def with_ranks(edition: Edition, *groups: list[Rank]) -> Edition:
    everyone = {rank.unit: rank for group in groups for rank in group}
    grouped = {group[0].peer_group: group for group in groups}
    return replace(edition, facts=replace(edition.facts, ranks=everyone, groups=grouped))


@pytest.mark.parametrize(
    ("sets", "english_text", "chinese_text"),
    [
        ([(1, 1), (2, 4), (2, 4), (2, 5), (3, 5)], "Town I & co is clearly first; four towns cannot be told apart", "戺镇明显居首；另有4个乡镇难分先后"),
        ([(1, 1), (2, 2), (3, 3)], "Town I & co is clearly first", "戺镇明显居首"),
        ([(1, 3), (1, 3), (1, 3)], "All three towns may be first: the data cannot tell them apart", "全部3个乡镇都可能居首：现有数据难分先后"),
        ([(1, 2), (1, 2), (3, 3)], "Two towns may be first: the data cannot tell them apart", "2个乡镇都可能居首：现有数据难分先后"),
    ],
)  # fmt: skip
def test_who_is_first(
    english: Edition, chinese: Edition, sets: list[tuple[int, int]], english_text: str, chinese_text: str
) -> None:
    group = ranks(*sets)
    assert ranking_headline(with_ranks(english, group)) == english_text
    assert ranking_headline(with_ranks(chinese, group)) == chinese_text.replace("戺镇", chinese.name("T10"))


def test_one_alone_is_neither_first_nor_last(english: Edition) -> None:
    alone, others = (
        ranks((1, 1), group="seat"),
        [
            rank._replace(unit=unit)
            for rank, unit in zip(ranks((1, 2), (1, 2), group="towns"), UNITS[1:], strict=False)
        ],
    )
    assert may_be_first(alone) == may_be_last(alone) == []
    assert ranking_headline(with_ranks(english, alone, others)) == ranking_headline(
        with_ranks(english, others)
    )
    assert (
        ranking_headline(with_ranks(english, alone)) == "Town I & co has 90 points; nobody is ranked with it"
    )
    assert rank_words(english, alone[0]) == "alone in its group"
    assert apart_sentence(english, alone[0], alone) == "Nobody is ranked with it: it is alone in its group."


def test_first_without_intervals_claims_points_only(english: Edition) -> None:
    bare = [rank._replace(rank_low=math.nan, rank_high=math.nan) for rank in ranks((1, 1), (2, 2))]
    assert ranking_headline(with_ranks(english, bare)) == "Town I & co is first with 90 points"


def without_intervals(edition: Edition) -> Edition:
    """The same edition where every scored figure is declared without an interval."""
    lines = tuple(
        replace(
            line, declared=replace(line.declared, indicator=replace(line.declared.indicator, interval="none"))
        )
        if line.declared.indicator is not None
        else line
        for line in edition.facts.lines
    )
    return replace(edition, facts=replace(edition.facts, lines=lines))


def test_nobody_is_clearly_first_when_most_points_have_no_interval(english: Edition) -> None:
    group = ranks((1, 1), (2, 2), (3, 3))
    assert sureness(english).startswith("Only lines worth 80 of 100 points")
    bare = with_ranks(without_intervals(english), group)
    assert ranking_headline(bare) == "Town I & co is first with 90 points"
    assert sureness(bare).startswith("No line has an interval")
    assert apart_sentence(bare, group[2], group) == ""
    first, second = ranks((1, 1), (2, 2), group="large"), ranks((1, 1), (2, 2), group="small")
    assert ranking_headline(with_ranks(without_intervals(english), first, second)).endswith(
        "have most points in their peer groups"
    )


def test_those_who_share_the_first_rank_are_first_together(english: Edition) -> None:
    group = [rank._replace(rank_low=math.nan, rank_high=math.nan) for rank in ranks((1, 1), (2, 2), (3, 3))]
    group[1] = group[1]._replace(rank=1.0, total=90.0)
    assert (
        ranking_headline(with_ranks(english, group)) == "Town I & co and Town J & co are first with 90 points"
    )


def test_peer_groups(english: Edition) -> None:
    first, second = ranks((1, 1), (2, 2), group="large"), ranks((1, 2), (1, 2), group="small")
    second = [rank._replace(unit=unit) for rank, unit in zip(second, ("T 9", "con"), strict=True)]
    headline = ranking_headline(with_ranks(english, first, second))
    assert (
        headline
        == "Town I & co is clearly first in its peer group; in the others first places cannot be told apart"
    )
    assert ranking_headline(with_ranks(english, second)) != headline


def test_nobody_ranked(english: Edition) -> None:
    assert ranking_headline(with_ranks(english)) == "No unit has a total yet"


def test_alike_is_symmetric_and_leaves_oneself_out() -> None:
    group = ranks((1, 2), (1, 3), (2, 3), (4, 4))
    for one in group:
        assert one not in alike(one, group)
        assert all(one in alike(other, group) for other in alike(one, group))
    assert len(knot(group)) == 3


def test_nobody_is_first_where_all_have_the_same(english: Edition, chinese: Edition) -> None:
    same = [
        rank._replace(rank=1.0, total=0.0, rank_low=math.nan, rank_high=math.nan)
        for rank in ranks((1, 3), (1, 3), (1, 3))
    ]
    assert ranking_headline(with_ranks(english, same)) == "All three towns have 0 points"
    assert ranking_headline(with_ranks(chinese, same)) == "全部3个乡镇均为0分"


def test_apart_sentence(english: Edition) -> None:
    group = ranks((1, 2), (1, 2), (3, 3))
    said = apart_sentence(english, group[0], group)
    assert (
        said == "It cannot be told apart from one town: Town J & co. The data allow every rank from 1 to 2."
    )
    assert apart_sentence(english, group[2], group) == "The data tell it apart from every other."


def test_statistics_are_never_ranked_in_a_headline_nor_called_better(facts: Facts, english: Edition) -> None:
    for name in ("babies_born", "boys_share"):
        headline = indicator_headline(english, facts.programme.indicators[name])
        assert "from" not in headline.removeprefix("Births of all requests")
        assert not any(english.name(unit) in headline for unit in facts.compared)
    assert not {change.indicator.name for change in changes(english)} & {"babies_born", "boys_share"}


def test_a_share_of_more_than_all_is_not_told_as_progress(facts: Facts, english: Edition) -> None:
    top = facts.top or ""
    name = next(change.indicator.name for change in changes(english) if change.indicator.factor == 100)
    figure = facts.figures[top][name]._replace(value=112.3)
    figures = {**facts.figures, top: {**facts.figures[top], name: figure}}
    doubted = replace(english, facts=replace(facts, figures=figures))
    assert name not in {change.indicator.name for change in changes(doubted)}
    assert [indicator.name for indicator in beyond_all(doubted)] == [name]
    assert beyond_all(english) == []


def test_headline_of_a_scored_figure_names_its_ends(facts: Facts, english: Edition) -> None:
    assert " from " in indicator_headline(english, facts.programme.indicators["served_share"])


@pytest.mark.parametrize(
    ("rank", "text"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (11, "11th"),
        (12, "12th"),
        (22, "22nd"),
        (111, "111th"),
        (2.5, "2.5"),
    ],
)
def test_ordinals(rank: float, text: str) -> None:
    assert ordinal(rank, "en") == text


def test_counted_nouns() -> None:
    town = Text("Town", "乡镇")
    assert Words("en").counted(11, town) == "eleven towns"
    assert Words("en").counted(1, town) == "one town"
    assert Words("en").counted(14, town) == "14 towns"
    assert Words("zh").counted(11, town) == "11个乡镇"
    assert [plural(word) for word in ("county", "parish", "bay", "district")] == [
        "counties",
        "parishes",
        "bays",
        "districts",
    ]


def test_lists_of_names() -> None:
    english, chinese = Words("en"), Words("zh")
    assert english.names(["A"]) == "A"
    assert english.names(["A", "B"]) == "A and B"
    assert english.names(["A", "B", "C", "D"]) == "A, B, C and D"
    assert english.names(["A", "B", "C", "D", "E"]) == "A, B, C and 2 others"
    assert chinese.names(["甲", "乙", "丙"]) == "甲、乙和丙"
