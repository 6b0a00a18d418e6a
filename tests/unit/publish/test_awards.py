"""How points are earned, in words, and sums that come to what was published."""

from __future__ import annotations

import ast
import math
import operator
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tallymark.model.text import Text
from tallymark.programme.resolved import Line
from tallymark.programme.written.contract import WrittenLine
from tallymark.publish.awards import arithmetic, rule
from tallymark.publish.edition import Edition
from tallymark.publish.explaining import points, points_kind, points_text, sum_text
from tallymark.publish.facts import Facts
from tallymark.publish.numbers import Kind
from tallymark.publish.words import Words

AWARDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "all_or_nothing": (
        {"target": 90}, "All 5 points from 90% on, none below it.", "达到90%得满分5分，未达到不得分。"),
    "proportional": (
        {"floor": 60, "target": 95}, "In proportion: no points at 60%, all 5 at 95%, a straight line between.",
        "按比例计分：60%时不得分，95%时得满分5分，其间按直线折算。"),
    "bands": (
        {"bands": [{"bound": 95, "share": 1}, {"bound": 80, "share": 0.4}]},
        "By steps: 5 points from 95%; 2 points from 80%; none beyond the last.", "分档计分：达到95%得5分；达到80%得2分；不入档不得分。"),
    "per_incident": (
        {"each": 0.5, "allowed": 2, "least": 1}, "5 points, less 0.5 for each case beyond 2; never below 1.",
        "满分5分，超过2例后每例扣0.5分，最低1分。"),
    "checklist": (
        {"things": {"computers": 1, "backup": 2}},
        "5 points × weight of what was done ÷ weight of everything: Computers ready (weight 1); backup (weight 2).",
        "5分×已落实事项权重÷全部事项权重：电脑就绪（权重1）；backup（权重2）。"),
    "mark": ({"out_of": 100}, "5 points × the inspector's mark ÷ 100.", "5分×检查评分÷100。"),
    "deadline": (
        {"by": "2025-08-31", "grace_days": 15, "late_share": 0.5},
        "All 5 points when done by 31 August 2025. 50% of them within 15 days after it.",
        "2025年8月31日前完成得满分5分。逾期15天以内得满分的50%。"),
    "improvement": (
        {"over": "last_year", "floor": 0, "target": 4, "keep_at": 95},
        "By change over the same period a year before: no points at 0, all 5 at 4. "
        "All points, too, when the figure itself reaches 95%.",
        "按与上年同期相比的变化计分：变化为0不得分，达到4得满分5分。指标值本身达到95%的，也得满分。"),
}  # fmt: skip


def line(kind: str, direction: str = "higher", **award: Any) -> Line:
    written = WrittenLine(code="L1", title="A line", points=5, award={"kind": kind, **award})  # type: ignore[arg-type]
    indicator: Any = SimpleNamespace(name="share", unit=Text("%", "%"), direction=direction, decimals=1)
    return Line("L1", "S", Text("A line"), Text(), 5.0, indicator, written.award, "no_points", "point", None)


@pytest.mark.parametrize("kind", AWARDS)
def test_rules_in_both_languages(kind: str) -> None:
    award, english, chinese = AWARDS[kind]
    titles = {"computers": Text("Computers ready", "电脑就绪")}
    declared = line(kind, **award)
    assert rule(declared, Words("en"), titles) == english
    assert rule(declared, Words("zh"), titles) == chinese


def test_lower_is_better_turns_the_rule_round() -> None:
    declared = line("all_or_nothing", "lower", target=3)
    assert rule(declared, Words("en"), {}) == "All 5 points at 3% or below, none above it."


def score(points: float, value: float) -> Any:
    return SimpleNamespace(points=points, value=value, low=value - 1, high=value + 1)


@pytest.mark.parametrize(
    ("kind", "award", "value", "points", "written"),
    [
        ("proportional", {"floor": 60, "target": 95}, 81, 3.0, "5 × (81 − 60) ÷ (95 − 60) = 3"),
        ("proportional", {"floor": 0, "target": 50}, 10, 1.0, "5 × 10 ÷ 50 = 1"),
        ("proportional", {"floor": 60, "target": 95}, 20, 0.0, "5 × (20 − 60) ÷ (95 − 60) = −5.71 → 0"),
        ("mark", {"out_of": 100}, 80, 4.0, "5 × 80 ÷ 100 = 4"),
        ("per_incident", {"each": 0.5, "allowed": 2, "least": 0}, 4, 4.0, "5 − 0.5 × 2 = 4"),
        ("per_incident", {"each": 0.5, "allowed": 0, "least": 1}, 20, 1.0, "5 − 0.5 × 20 = −5 → 1"),
        ("all_or_nothing", {"target": 90}, 95, 5.0, ""),
    ],
)
def test_sums(kind: str, award: dict[str, Any], value: float, points: float, written: str) -> None:
    assert arithmetic(line(kind, **award), score(points, value)) == written


def test_no_sum_is_shown_that_does_not_come_to_the_points() -> None:
    assert arithmetic(line("proportional", floor=60, target=95), score(4.9, 81)) == ""


def test_the_end_of_the_interval_that_earns_is_the_one_in_the_sum() -> None:
    doubt = replace(line("proportional", floor=60, target=95), uncertain="benefit_of_doubt")
    sure = replace(line("proportional", floor=60, target=95), uncertain="confirmed")
    assert arithmetic(doubt, score(5 * 22 / 35, 81)).startswith("5 × (82 − 60)")
    assert arithmetic(sure, score(5 * 20 / 35, 81)).startswith("5 × (80 − 60)")


OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def value_of(text: str) -> float:
    """What an arithmetic on a page comes to, reckoned by another hand."""
    plain = text.replace("×", "*").replace("÷", "/").replace("−", "-").replace(",", "")

    def walk(node: ast.AST) -> float:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](walk(node.left), walk(node.right))  # type: ignore[no-any-return]
        if isinstance(node, ast.UnaryOp):
            return -walk(node.operand)
        assert isinstance(node, ast.Constant)
        return float(node.value)  # type: ignore[arg-type]

    return walk(ast.parse(plain, mode="eval").body)


def test_every_sum_of_points_in_a_run_comes_out(facts: Facts, english: Edition) -> None:
    shown = 0
    for unit, scores in facts.scores.items():
        for scored_line in facts.lines:
            earned = points(english, scored_line, scores.get(scored_line.key))
            if earned.arithmetic:
                left, right = re.split(" = ", earned.arithmetic)
                assert math.isclose(value_of(left), value_of(right.split(" → ")[0]), abs_tol=0.02), (
                    unit,
                    earned,
                )
                assert right.split(" → ")[-1] == earned.points
                shown += 1
    assert shown > 20


def test_every_sum_of_a_figure_comes_out(facts: Facts, english: Edition) -> None:
    shown = 0
    for figures in facts.figures.values():
        for name, figure in figures.items():
            indicator = facts.programme.indicators[name]
            if text := sum_text(english, indicator, figure):
                left, right = text.split(" = ")
                assert math.isclose(value_of(left), value_of(right), abs_tol=10.0**-indicator.decimals), text
                shown += 1
    assert shown > 100


@pytest.mark.parametrize(
    ("status", "basis", "earned", "kind", "text"),
    [
        ("scored", "reported", 3.996, Kind.VALUE, "3.99"),
        ("scored", "reported", 0.0, Kind.ZERO, "0"),
        ("missing", "missing", 0.0, Kind.MISSING, "—"),
        ("set_aside", "missing", math.nan, Kind.MISSING, "—"),
        ("refused", "missing", math.nan, Kind.MISSING, "—"),
        ("not_applicable", "reported", math.nan, Kind.NOT_EXPECTED, "·"),
        ("scored", "suppressed", math.nan, Kind.SUPPRESSED, "✱"),
    ],
)
def test_points_in_a_cell(status: str, basis: str, earned: float, kind: Kind, text: str) -> None:
    given: Any = SimpleNamespace(status=status, basis=basis, points=earned, available=4.0)
    assert points_kind(given) is kind
    assert points_text(given) == text
