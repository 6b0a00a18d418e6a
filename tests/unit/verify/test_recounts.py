"""Recounts: factors by hand, natures by declared evidence, a verdict for every value."""

from __future__ import annotations

import datetime as dt
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.programme.written.verification import WrittenEvidence
from tallymark.verify.recounts import Factor, Nature, Pair, band_of, factor_of, factors, nature_of, natures
from tallymark.verify.verdicts import REASONS, Answer, Known, Value, Verdict, correcting, decide, decide_all

DAY = dt.date(2025, 11, 1)
EVIDENCE = WrittenEvidence()


def pair(
    unit: str,
    reported: float,
    recounted: float,
    *,
    period: str = "2025-01",
    stratum: str = "",
    weight: float = 1,
) -> Pair:
    return Pair(unit, period, "x", reported, recounted, stratum=stratum, weight=weight)


def test_a_factor_by_hand() -> None:
    """Ratio 270/300 = 0.9; residuals 100 − 90, 90 − 90, 80 − 90; se = √(3/2 × 200) ÷ 300; t(2) = 4.3027."""
    found = factor_of([pair("a", 100, 100), pair("b", 100, 90), pair("c", 100, 80)], item="x", stratum="")
    assert (found.units, found.pairs, found.factor) == (3, 3, pytest.approx(0.9))
    half = 4.302653 * np.sqrt(1.5 * 200) / 300
    assert (found.low, found.high) == (
        pytest.approx(0.9 - half, rel=1e-6),
        pytest.approx(0.9 + half, rel=1e-6),
    )
    assert found.band == "tolerable"


def test_weights_count() -> None:
    found = factor_of([pair("a", 100, 100, weight=9), pair("b", 100, 50)], item="x", stratum="")
    assert found.factor == pytest.approx(0.95)


@pytest.mark.parametrize("pairs", [[], [pair("a", 0, 5)], [pair("a", 0, 0), pair("b", 0, 3)]])
def test_nothing_reported_gives_no_factor(pairs: list[Pair]) -> None:
    found = factor_of(pairs, item="x", stratum="")
    assert isnan(found.factor)
    assert found.band == "unknown"


def test_one_unit_gives_no_interval() -> None:
    found = factor_of([pair("a", 100, 80), pair("a", 50, 50, period="2025-02")], item="x", stratum="")
    assert found.factor == pytest.approx(130 / 150)
    assert isnan(found.low)


@pytest.mark.parametrize(
    ("factor", "band"),
    [(1, "agrees"), (0.95, "agrees"), (0.949, "tolerable"), (0.9, "tolerable"), (1.1, "tolerable"), (0.899, "over_reported"), (1.101, "under_reported"), (0, "over_reported"), (nan, "unknown")],
)  # fmt: skip
def test_bands(factor: float, band: str) -> None:
    assert band_of(factor) == band


def test_factors_of_strata() -> None:
    found = factors([pair("a", 10, 10, stratum="S"), pair("b", 10, 5, stratum="T")])
    assert [(each.stratum, each.factor) for each in found] == [("", 0.75), ("S", 1.0), ("T", 0.5)]


def months(reported: list[float], recounted: list[float]) -> list[Pair]:
    return [
        pair("a", r, c, period=f"2025-{m:02}")
        for m, (r, c) in enumerate(zip(reported, recounted, strict=True), 1)
    ]


@pytest.mark.parametrize(
    ("reported", "recounted", "helps", "kind"),
    [
        ([10, 10, 10], [10, 10, 10], "higher", "none"),
        ([12, 10, 10], [10, 10, 10], "higher", "error"),  # once is an error
        ([12, 12, 12], [10, 10, 10], "higher", "inquiry"),
        ([12, 12, 12], [10, 10, 10], "lower", "error"),  # it does not help the unit
        ([8, 8, 8], [10, 10, 10], "lower", "inquiry"),
        ([12, 8, 12], [10, 10, 10], "higher", "error"),  # both ways
        ([101, 101, 101], [100, 100, 100], "higher", "error"),  # too little
        ([12, 12, 12], [10, 10, 10], None, "error"),  # nobody declared what would help
        ([5, 5, 5], [0, 0, 0], "higher", "inquiry"),
    ],
)
def test_natures(reported: list[float], recounted: list[float], helps: str | None, kind: str) -> None:
    assert nature_of(months(reported, recounted), tolerance=0, helps=helps, evidence=EVIDENCE).kind == kind


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=12),
    st.sampled_from(["higher", "lower", None]),
)
def test_falsification_is_never_concluded(values: list[tuple[int, int]], helps: str | None) -> None:
    found = nature_of(
        months([v[0] for v in values], [v[1] for v in values]), tolerance=0, helps=helps, evidence=EVIDENCE
    )
    assert found.kind in ("none", "error", "inquiry")


def test_the_chance_of_so_many_is_told() -> None:
    found = nature_of(months([12] * 5, [10] * 5), tolerance=0, helps="higher", evidence=EVIDENCE)
    assert found.chance == pytest.approx(1 / 32)
    assert found.size == pytest.approx(0.2)


KEY = ("a", "2025-01", "x")


def known(
    recount: float | None = None,
    answer: Answer | None = None,
    checks: tuple[str, ...] = (),
    factor: Factor | None = None,
    nature: str = "error",
) -> Known:
    pairs = {KEY: (Pair(*KEY, 10, recount), DAY)} if recount is not None else {}
    return Known(
        pairs, {KEY: answer} if answer else {}, {KEY: checks} if checks else {},
        {("x", ""): factor} if factor else {}, {("a", "x"): Nature(nature, 3, 3, 0.2, 1.0, 0.125)},
    )  # fmt: skip


def verdict(value: Value, given: Known, *, days: int = 0) -> Verdict:
    return decide(value, given, tolerance=0.05, answer_days=30, today=DAY + dt.timedelta(days=days))


TEN = Value(*KEY, 10.0)
FACTOR = Factor("x", "", 9, 9, 100, 80, 0.8, 0.7, 0.9, "over_reported")
CASES: list[tuple[str, Value, Known, int, tuple[str, str, str, float | None]]] = [
    ("nothing against", TEN, known(), 0, ("accepted", "reported", "nothing_against", 10)),
    ("missing", Value(*KEY, None), known(), 0, ("missing", "missing", "not_reported", None)),
    (
        "missing though others are estimated",
        Value(*KEY, None),
        known(factor=FACTOR),
        0,
        ("missing", "missing", "not_reported", None),
    ),
    ("recount agrees", TEN, known(10), 0, ("accepted", "reported", "recount_agrees", 10)),
    ("within tolerance", TEN, known(10.4), 0, ("accepted", "reported", "recount_agrees", 10)),
    ("may still answer", TEN, known(7), 30, ("disputed", "reported", "awaiting_answer", 10)),
    ("did not answer", TEN, known(7), 31, ("recounted", "recounted", "recount_differs", 7)),
    (
        "accepted the recount",
        TEN,
        known(7, Answer("accepts")),
        0,
        ("recounted", "recounted", "recount_differs", 7),
    ),
    ("contests", TEN, known(7, Answer("contests")), 99, ("disputed", "reported", "contested", 10)),
    (
        "explains, no ruling yet",
        TEN,
        known(7, Answer("explains")),
        99,
        ("disputed", "reported", "contested", 10),
    ),
    (
        "explained",
        TEN,
        known(7, Answer("explains", "explained")),
        99,
        ("accepted", "reported", "explained", 10),
    ),
    ("ruled", TEN, known(7, Answer("contests", "upheld")), 0, ("recounted", "recounted", "ruled", 7)),
    (
        "corrected in time",
        Value(*KEY, 10.0, corrected_at=DAY, due=DAY),
        known(),
        0,
        ("corrected", "corrected", "corrected_in_time", 10),
    ),
    (
        "corrected late",
        Value(*KEY, 10.0, corrected_at=DAY, due=DAY - dt.timedelta(1)),
        known(),
        0,
        ("corrected", "corrected", "corrected_late", 10),
    ),
    (
        "corrected beats a check",
        Value(*KEY, 10.0, corrected_at=DAY),
        known(checks=("check.c",)),
        0,
        ("corrected", "corrected", "corrected_in_time", 10),
    ),
    (
        "put right while it could answer",
        Value(*KEY, 10.0, corrected_at=DAY, due=DAY - dt.timedelta(60)),
        known(10, Answer("accepts")),
        99,
        ("corrected", "corrected", "corrected_when_heard", 10),
    ),
    (
        "put right after that",
        Value(*KEY, 10.0, corrected_at=DAY + dt.timedelta(31)),
        known(10, Answer("accepts")),
        99,
        ("corrected", "corrected", "corrected_late", 10),
    ),
    (
        "right before the recount came",
        Value(*KEY, 10.0, corrected_at=DAY - dt.timedelta(1)),
        known(10),
        0,
        ("accepted", "reported", "recount_agrees", 10),
    ),
    ("check open", TEN, known(checks=("check.c",)), 0, ("disputed", "reported", "check_open", 10)),
    (
        "check explained",
        TEN,
        known(checks=("check.c",), answer=Answer("explains", "explained")),
        0,
        ("accepted", "reported", "explained", 10),
    ),
    ("estimated", TEN, known(factor=FACTOR), 0, ("estimated", "estimated", "factor", 8)),
    (
        "recounted where nothing was reported",
        Value(*KEY, None),
        known(7),
        0,
        ("recounted", "recounted", "recount_differs", 7),
    ),
]


@pytest.mark.parametrize(
    ("value", "given_", "days", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_verdicts(
    value: Value, given_: Known, days: int, expected: tuple[str, str, str, float | None]
) -> None:
    found = verdict(value, given_, days=days)
    assert (found.verdict, found.basis, found.reason, found.use) == expected
    assert found.reason in REASONS


def test_only_a_ruling_says_falsification() -> None:
    assert verdict(TEN, known(7, nature="inquiry"), days=99).nature == "inquiry"
    assert verdict(TEN, known(7, Answer("contests", "falsification"))).nature == "falsification"
    assert verdict(TEN, known(7, Answer("explains", "explained"), nature="inquiry")).nature == "none"
    assert verdict(TEN, known(nature="inquiry")).nature == "none", (
        "a value that was not recounted carries nothing"
    )


def test_an_estimate_carries_its_interval() -> None:
    found = verdict(TEN, known(factor=FACTOR))
    assert (found.low, found.high) == (7, 9)
    assert found.evidence["factor"] == 0.8


def test_a_stratum_that_agrees_is_not_corrected_by_the_others() -> None:
    fair = Factor("x", "S", 9, 9, 100, 100, 1.0, 0.95, 1.05, "agrees")
    given_ = Known({}, {}, {}, correcting([FACTOR, fair], least=5), {})
    assert verdict(Value(*KEY, 10.0, stratum="S"), given_).verdict == "accepted"
    assert verdict(Value(*KEY, 10.0, stratum="T"), given_).verdict == "estimated"


def test_few_units_correct_nobody() -> None:
    assert correcting([FACTOR], least=10) == {}
    lone = Factor("x", "", 9, 9, 100, 80, 0.8, nan, nan, "over_reported")
    assert correcting([lone], least=2) == {}


@given(st.permutations([Value(u, p, "x", 1.0) for u in "abc" for p in ("2025-01", "2025-02")]))
def test_the_order_of_values_changes_nothing(values: list[Value]) -> None:
    found = decide_all(values, known(7), tolerance=0, answer_days=0, today=DAY)
    assert [(each.value.unit, each.value.period) for each in found] == sorted(
        (v.unit, v.period) for v in values
    )


def test_natures_are_of_a_unit_and_an_item() -> None:
    pairs = [*months([12] * 3, [10] * 3), Pair("b", "2025-01", "x", 5, 5)]
    found = natures(pairs, tolerance=0, helps={"x": "higher"}, evidence=EVIDENCE)
    assert {key: each.kind for key, each in found.items()} == {("a", "x"): "inquiry", ("b", "x"): "none"}
