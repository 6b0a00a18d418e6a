"""Estimates from draws: right on average, intervals that hold, and those who did not answer never assumed away."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from scipy import stats
from tests.unit.verify.sampling.frames import DESIGNS, small

from tallymark.errors import TallymarkError
from tallymark.verify.sampling.designs import Design, draw
from tallymark.verify.sampling.estimates import estimate, lots
from tallymark.verify.sampling.frame import frame_of

TRUTH = {row.unit: 10 + (at * 13) % 17 + float(row.size) / 10 for at, row in enumerate(small().rows)}
TOTAL = sum(TRUTH.values())


KNOWN = {"simple": 0.94, "stratified": 0.91, "pps": 0.87, "clusters": 0.95, "lots": 0.93}
"""Coverage of 95 % intervals in 1,500 draws from this frame of 24 units, rounded down; the smallest of a kind's designs."""


def totals(design: Design, times: int) -> np.ndarray:
    found = []
    for number in range(times):
        sample = draw(small(), design, hashlib.sha256(b"%d" % number).digest())
        total = next(each for each in estimate(small(), design, sample, TRUTH) if each.of == "total")
        found.append((total.value, total.low, total.high))
    return np.array(found)


@pytest.mark.parametrize(
    "design", DESIGNS, ids=lambda design: f"{design.kind}-{design.n}-{design.allocation}"
)
def test_totals_are_right_on_average_and_intervals_hold(design: Design) -> None:
    found = totals(design, 300)
    error = found[:, 0].std() / np.sqrt(len(found))
    assert abs(found[:, 0].mean() - TOTAL) < 4 * error + 1e-9
    covered = ((found[:, 1] <= TOTAL) & (found[:, 2] >= TOTAL)).mean()
    assert covered >= stats.binom.ppf(1e-4, len(found), KNOWN[design.kind]) / len(found)


def test_everyone_drawn_has_no_error() -> None:
    sample = draw(small(), Design("simple", 24), b"x" * 32)
    mean, total = estimate(small(), Design("simple", 24), sample, TRUTH)
    assert (mean.se, total.se) == (0, 0)
    assert total.value == pytest.approx(TOTAL)


def test_those_missing_are_bounded() -> None:
    design = Design("simple", 10)
    sample = draw(small(), design, b"x" * 32)
    answers: dict[str, float | None] = {each.row.unit: 1.0 for each in sample}
    for each in sample[:3]:
        answers[each.row.unit] = None
    mean, _ = estimate(small(), design, sample, answers, limits=(0, 1))
    assert (mean.drawn, mean.answered) == (10, 7)
    assert mean.response == 0.7
    assert mean.worst == (pytest.approx(0.7), 1.0)
    assert estimate(small(), design, sample, answers)[0].worst is None, "no limits, no bounds"


def test_a_missing_answer_is_not_zero() -> None:
    design = Design("simple", 4)
    sample = draw(small(), design, b"x" * 32)
    answers = {each.row.unit: 8.0 for each in sample[:2]}
    mean, total = estimate(small(), design, sample, answers)
    assert mean.value == 8
    assert total.value == pytest.approx(8 * 24)


def test_no_answer_at_all_is_no_estimate() -> None:
    sample = draw(small(), Design("simple", 4), b"x" * 32)
    with pytest.raises(TallymarkError, match="none of the 4"):
        estimate(small(), Design("simple", 4), sample, {})


def test_ratios() -> None:
    design = Design("stratified", 9)
    sample = draw(small(), design, b"x" * 32)
    (ratio,) = estimate(
        small(), design, sample, {unit: 2 * value for unit, value in TRUTH.items()}, per=TRUTH
    )
    assert (ratio.of, ratio.value) == ("ratio", pytest.approx(2))
    assert ratio.se == pytest.approx(0, abs=1e-12)


def test_lots() -> None:
    rows = [{"unit": f"{lot}{at:03}", "stratum": lot} for lot in "AB" for at in range(200)]
    frame = frame_of(rows, "f")
    sample = draw(frame, Design("lots", 19), b"x" * 32)
    answers: dict[str, float | None] = {each.row.unit: float(each.row.stratum == "A") for each in sample}
    good, bad = lots(sample, answers, frame, upper=0.8, lower=0.5)
    assert (good.lot, good.verdict, good.right) == ("A", "pass", 19)
    assert (bad.verdict, bad.decision) == ("fail", good.decision)
    assert good.decision == 13, "19 and 80 : 50 is the classic rule"
    for each in sample[:15]:
        answers[each.row.unit] = None
    assert lots(sample, answers, frame, upper=0.8, lower=0.5)[0].verdict == "undecided"
    answers[sample[0].row.unit] = 0.5
    with pytest.raises(TallymarkError, match="answers are 1"):
        lots(sample, answers, frame, upper=0.8, lower=0.5)


def test_degrees_of_freedom_are_those_of_the_stratum_that_varies() -> None:
    """Satterthwaite by hand: v = n (1 − n/N) s² of each stratum."""
    rows = [
        {"unit": f"V{at:02}", "stratum": "A" if at < 10 else "B", "cluster": "", "size": "1"}
        for at in range(30)
    ]
    frame = frame_of(rows, "two strata")
    sample = draw(frame, Design("stratified", 6, allocation="equal"), hashlib.sha256(b"1").digest())
    values: dict[str, float | None] = {
        each.row.unit: (100.0 if each.row.stratum == "B" else 1.0) * (at % 3)
        for at, each in enumerate(sample)
    }
    total = estimate(frame, Design("stratified", 6, allocation="equal"), sample, values)[1]
    parts = []
    for stratum, size in (("A", 10), ("B", 20)):
        own = [size / 3 * (values[each.row.unit] or 0) for each in sample if each.row.stratum == stratum]
        parts.append(3 * (1 - 3 / size) * np.var(own, ddof=1))
    freedom = min(sum(parts) ** 2 / sum(part**2 / 2 for part in parts), 4)
    assert total.se == pytest.approx(np.sqrt(sum(parts)))
    assert total.high - total.value == pytest.approx(stats.t.ppf(0.975, freedom) * total.se)
    assert 2 <= freedom < 2.1
