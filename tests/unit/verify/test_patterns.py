"""Each pattern: honest figures leave it quiet at a stated rate, a planted one is found; slow twins of the arithmetic."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from itertools import combinations, product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tallymark.findings import Severity
from tallymark.model.periods import Period
from tallymark.model.text import Text
from tallymark.programme.resolved import Item, Patterns, Share
from tallymark.programme.written.patterns import KINDS, WrittenLedger, WrittenRatio
from tallymark.verify.patterns.accounts import impossible_ratios, ledgers
from tallymark.verify.patterns.agreement import STEP, surprise_of
from tallymark.verify.patterns.expected import expect
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import USED, WEIGHTS, Bearable, Odd, discoveries
from tallymark.verify.patterns.parts import beta_binomial
from tallymark.verify.patterns.patrol import in_grid
from tallymark.verify.patterns.records import of_revisions
from tallymark.verify.patterns.repeats import surprise
from tallymark.verify.patterns.settled import Settled
from tallymark.verify.patterns.shares import fisher
from tallymark.verify.patterns.telling import HINTS, SAID, findings_of
from tallymark.verify.patterns.values import slip_of

UNITS, MONTHS, PARENTS = 120, 36, 6
MEANS = {"asked": 30.0, "given": 0.0, "deaths": 2.0, "visits": 60.0, "sessions": 3.0, "calls": 12.0}
ITEMS = tuple(MEANS)
SHARE = Share("monthly", "given", "asked", 0.95)
Array = np.ndarray


def honest(seed: int) -> Array:
    """Counts with season, trend, units of different size, over-dispersion, and a share that differs between units."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 0.5, UNITS))[:, None]
    season = 1 + 0.2 * np.sin(2 * np.pi * np.arange(MONTHS) / 12)
    values = np.zeros((UNITS, MONTHS, len(ITEMS)))
    for at, (name, mean) in enumerate(MEANS.items()):
        lively = rng.gamma(20, 1 / 20, (UNITS, MONTHS))
        values[:, :, at] = rng.poisson(mean * size * season * lively)
        if name == "sessions":
            values[:, :, at] = rng.binomial(4, 0.7, (UNITS, MONTHS))
    chance = rng.beta(45, 5, UNITS)[:, None]
    values[:, :, 1] = rng.binomial(values[:, :, 0].astype(int), chance)
    return values


def grid(values: Array, items: tuple[str, ...] = ITEMS) -> Grid:
    months = [f"{2022 + at // 12}-{at % 12 + 1:02d}" for at in range(values.shape[1])]
    told = np.zeros(values.shape[1], dtype=bool)
    told[-12:] = True
    parent = np.arange(len(values)) // max(len(values) // PARENTS, 1)
    return Grid(
        "monthly", tuple(f"U{at:03d}" for at in range(len(values))), tuple(months), items, values,
        tuple(f"P{at}" for at in range(parent.max() + 1)), parent.astype(np.int64), told, 12, "2024",
    )  # fmt: skip


PATTERNS = Patterns(
    kinds=frozenset(KINDS),
    datasets=(),
    shares=(SHARE,),
    helps={("monthly", "given"): 1, ("monthly", "calls"): 1},
)


def found(values: Array) -> list[Odd]:
    return list(in_grid(grid(values), PATTERNS, [SHARE]))


def test_honest_figures_alarm_no_more_often_than_declared() -> None:
    odds = [odd for seed in range(3) for odd in found(honest(seed))]
    values = 3 * UNITS * 12 * len(ITEMS)
    assert 1000 * len(odds) / values <= PATTERNS.false_alarms, sorted({odd.kind for odd in odds})
    sure = Patterns(
        kinds=PATTERNS.kinds, datasets=(), shares=(SHARE,), helps=PATTERNS.helps, false_alarms=0.25
    )
    quiet = [odd for seed in range(3) for odd in in_grid(grid(honest(seed)), sure, [SHARE])]
    assert 1000 * len(quiet) / values <= 0.25, sorted({odd.kind for odd in quiet})


U, M = 17, 30
"""The unit and month in which faults are planted."""


def slipped(x: Array) -> None:
    x[U, M, 3] *= 10


def zero(x: Array) -> None:
    x[U, M, 3] = 0


def zeros(x: Array) -> None:
    x[U, M] = 0


def low(x: Array) -> None:
    x[U, M, 3] = np.floor(x[U, M, 3] * 0.08)


def high(x: Array) -> None:
    x[U, M, 3] = np.ceil(x[U, M, 3] * 4) + 1


def copied(x: Array) -> None:
    x[U, M] = x[U, M - 1]


def nearly_copied(x: Array) -> None:
    x[U, M] = x[U, M - 1]
    x[U, M, 4] += 1


def last_year(x: Array) -> None:
    x[U, 24:36, 5] = x[U, 12:24, 5]


def same_again(x: Array) -> None:
    x[U, 28:34, 3] = x[U, 28, 3]


def in_turn(x: Array) -> None:
    x[U, 24:, 4] = np.arange(12) % 2  # a mean of a half: too few for a spread to say anything


def neighbours(x: Array) -> None:
    x[U, M] = x[U + 2, M]


def above_target(x: Array) -> None:
    group = slice(0, UNITS // PARENTS)
    needed = np.ceil(0.95 * x[group, 24:, 0])
    x[group, 24:, 1] = np.maximum(x[group, 24:, 1], needed)


def perfect(x: Array) -> None:
    x[U, 24:, 1] = x[U, 24:, 0] = np.maximum(x[U, 24:, 0], 20)


def even_counts(x: Array) -> None:
    x[U, 24:, 3] = 60 + np.arange(12) % 3


def even_shares(x: Array) -> None:
    x[U, 24:, 0] = 50 + 5 * (np.arange(12) % 5)
    x[U, 24:, 1] = np.round(0.9 * x[U, 24:, 0])


def shrinking(x: Array) -> None:
    x[U, :, 0] = np.random.default_rng(1).poisson(60, MONTHS)
    x[U, :, 1] = np.round(0.7 * x[U, :, 0])
    x[U, 24:, 0] = np.round(0.45 * x[U, 24:, 0])
    x[U, 24:, 1] = np.round(0.96 * x[U, 24:, 0])


def over_whole(x: Array) -> None:
    x[U, M, 0] = np.floor(x[U, M, 0] / 4)


def share_off(x: Array) -> None:
    x[U, M, 1] = np.floor(x[U, M, 0] / 3)


def rush(x: Array) -> None:
    x[U, 34:, 5] = np.round(2.2 * x[U, 34:, 5]) + 10


def round_numbers(x: Array) -> None:
    x[U, 24:] = np.where(x[U, 24:] >= 15, 5 * np.round(x[U, 24:] / 5), x[U, 24:])


PLANTED: dict[str, Callable[[Array], None]] = {
    each.__name__: each
    for each in (
        slipped, zero, zeros, low, high, copied, nearly_copied, last_year, same_again, in_turn, neighbours,
        above_target, perfect, even_counts, even_shares, shrinking, rush, round_numbers, over_whole,
        share_off,
    )
}  # fmt: skip


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_pattern_is_found_where_it_is(kind: str) -> None:
    values = honest(11)
    values[U] = np.maximum(values[U], [25, 20, 1, 50, 1, 10])
    values[:, :, 1] = np.minimum(values[:, :, 1], values[:, :, 0])
    PLANTED[kind](values)
    alike = {"low": {"low", "slipped"}}.get(kind, {kind})  # 4 where 50 is usual: too few, or a 0 left out
    odds = [odd for odd in found(values) if odd.kind in alike]
    assert odds, kind
    where = {odd.unit for odd in odds} | {unit for odd in odds for unit in odd.units}
    assert where & {f"U{U:03d}", "P0"}


def test_a_series_that_masks_itself_is_seen_through() -> None:
    values = honest(5)
    values[U, [20, 25, 29, 31], 3] *= 8
    odd = {odd.period for odd in found(values) if odd.unit == f"U{U:03d}" and odd.item == "visits"}
    assert odd >= {"2024-06", "2024-08"}


def test_short_series_and_series_of_equal_values_are_judged() -> None:
    values = honest(6)[:, -7:]
    values[U, :, 3] = 40
    values[U, 5, 3] = 400
    odds = [odd for odd in found(values) if odd.item == "visits" and odd.unit == f"U{U:03d}"]
    assert [odd.kind for odd in odds if odd.period == "2022-06"] == ["slipped"]


def test_missing_values_alarm_nobody() -> None:
    values = honest(7)
    values[np.random.default_rng(0).random(values.shape) < 0.3] = np.nan
    assert 1000 * len(found(values)) / np.isfinite(values[:, 24:]).sum() <= PATTERNS.false_alarms
    assert found(np.full((5, 24, 6), np.nan)) == []


def test_intermittent_deliveries_drown_nobody() -> None:
    values = honest(8)
    rng = np.random.default_rng(8)
    values[:, :, 5] = np.where(rng.random((UNITS, MONTHS)) < 0.15, rng.integers(5, 60, (UNITS, MONTHS)), 0)
    assert len([odd for odd in found(values) if odd.item == "calls"]) <= 2


def everywhere(values: Array) -> list[Odd]:
    return [odd for odd in found(values) if odd.kind == "perfect" and not odd.unit]


def test_a_share_that_no_unit_ever_misses_says_nothing() -> None:
    values = honest(9)
    values[:, :, 1] = values[:, :, 0]
    (odd,) = everywhere(values)
    assert odd.chance == pytest.approx(1 / (UNITS + 1))  # Laplace: no other share to compare with
    assert (odd.item, odd.values["count"], odd.values["n"]) == ("given", UNITS, values[:, -12:, 0].sum())
    assert not [one for one in found(values) if one.kind == "perfect" and one.unit]
    values[U, M, 1] -= 1
    assert everywhere(values) == []


def test_a_few_units_may_all_be_perfect() -> None:
    values = honest(10)[:20]
    values[:, :, 1] = values[:, :, 0]
    assert everywhere(values) == []


# Accounts: exact.


def account(values: list[list[float]]) -> list[Odd]:
    items = ("opening", "got", "gave", "closing")
    ledger = WrittenLedger(
        dataset="monthly", opening="opening", into=["got"], out=["gave"], closing="closing"
    )
    return list(ledgers(grid(np.array([values], float), items), ledger))


def test_a_slip_in_an_account_is_named_and_repaired() -> None:
    (odd,) = account([[10, 5, 3, 12], [12, 50, 4, 13], [13, 0, 1, 12]])
    assert (odd.item, odd.values["value"], odd.values["repaired"]) == ("got", 50, 5)


def test_an_opening_that_is_not_what_was_left() -> None:
    (odd,) = account([[10, 5, 3, 12], [20, 0, 4, 16]])
    assert (odd.item, odd.period, odd.values["repaired"]) == ("opening", "2022-02", 12)


def test_accounts_that_balance_are_quiet_and_missing_is_no_zero() -> None:
    assert account([[10, 5, 3, 12], [12, np.nan, 4, 13]]) == []


def open_account(values: list[list[float]]) -> list[Odd]:
    ledger = WrittenLedger(dataset="monthly", opening="opening", into=["got"], out=["gave", "lost"])
    return list(ledgers(grid(np.array([values], float), ("opening", "got", "gave", "lost")), ledger))


def test_without_a_closing_the_next_opening_is_what_was_left() -> None:
    assert open_account([[10, 5, 3, 1], [11, 0, 4, 0], [7, 20, 2, 0]]) == []
    (odd,) = open_account([[10, 5, 3, 1], [19, 0, 4, 0], [15, 20, 2, 0]])
    assert (odd.item, odd.period, odd.values["value"], odd.values["repaired"]) == (
        "opening",
        "2022-02",
        19,
        11,
    )


def test_without_a_closing_a_slip_is_named_where_it_was_made() -> None:
    (odd,) = open_account([[10, 50, 3, 1], [11, 0, 4, 0]])
    assert (odd.item, odd.period, odd.values["value"], odd.values["repaired"]) == ("got", "2022-01", 50, 5)


def test_no_more_goes_out_than_there_was_and_that_is_told_once() -> None:
    (odd,) = open_account([[10, 5, 30, np.nan], [2, 0, 1, 0]])
    assert (odd.period, odd.values["had"], odd.values["gone"]) == ("2022-01", 15, 30)


def test_without_a_closing_missing_is_no_zero() -> None:
    assert open_account([[10, 5, 3, np.nan], [11, 0, 4, 0]]) == []
    assert open_account([[10, np.nan, 30, 1], [11, 0, 4, 0]]) == []


@given(n=st.integers(1, 400), k=st.integers(0, 400), decimals=st.integers(0, 2))
def test_a_ratio_that_a_count_gives_is_possible(n: int, k: int, decimals: int) -> None:
    ratio = round(100 * min(k, n) / n, decimals)
    one = WrittenRatio(dataset="monthly", ratio="ratio", of="base", decimals=decimals)
    assert list(impossible_ratios(grid(np.array([[[ratio, n]]], float), ("ratio", "base")), one)) == []


@given(n=st.integers(1, 60), ratio=st.integers(0, 1000))
def test_impossible_ratios_are_those_that_no_count_gives(n: int, ratio: int) -> None:
    given_as = ratio / 10
    one = WrittenRatio(dataset="monthly", ratio="ratio", of="base")
    odd = list(impossible_ratios(grid(np.array([[[given_as, n]]], float), ("ratio", "base")), one))
    possible = any(abs(100 * k / n - given_as) <= 0.05 + 1e-6 for k in range(n + 1))
    assert bool(odd) != possible


# Slow, obvious twins.


@given(st.lists(st.floats(0, 1), max_size=30), st.floats(0.01, 0.5))
def test_discoveries_by_hand(chances: list[float], share: float) -> None:
    ordered = sorted(chances)
    most = max(
        (k for k in range(1, len(ordered) + 1) if ordered[k - 1] <= share * k / len(ordered)), default=0
    )
    limit = ordered[most - 1] if most else -1
    assert discoveries(chances, share=share, always=0).tolist() == [p <= limit for p in chances]


def test_surprise_by_sums_of_probabilities() -> None:
    one, other = np.array([[3.0, 7, 0, 12]]), np.array([[3.0, 7, 0, 11]])
    equal, compared, chance = surprise(one, other, np.ones(4))
    each = [sum(stats.poisson.pmf(y, m) ** 2 for y in range(80)) for m in (3, 7)]
    ways = len(list(combinations(range(4), 3)))
    assert (equal[0], compared[0]) == (3, 4)
    assert chance[0] == pytest.approx(min(each[0] * each[1] * ways, 1))


@pytest.mark.parametrize(("needed", "n", "a", "b"), [(10, 10, 9, 1), (19, 20, 40, 4), (29, 30, 15, 2)])
def test_chances_of_a_settled_share_are_near_the_exact_ones(needed: int, n: int, a: float, b: float) -> None:
    settled = Settled(np.array([a / (a + b)]), np.array([a + b]))
    slot = np.array([[float(needed)]]), np.array([[float(n)]])
    below = stats.betabinom.cdf(needed - 1, n, a, b)
    assert float(settled.below(*slot)[0, 0]) == pytest.approx(below, abs=0.02)
    assert float(settled.never_below(*slot)[0]) == pytest.approx(1 - below, abs=0.02)
    assert float(settled.all_of(np.array([float(n)]))[0]) == pytest.approx(stats.betabinom.pmf(n, n, a, b))
    upper = 1 - below - stats.betabinom.pmf(needed, n, a, b) / 2
    assert float(settled.at_least(*(np.array([float(each)]) for each in (needed, n)))[0]) == pytest.approx(
        upper, abs=0.02
    )


def test_slots_without_a_number_can_not_fall_short() -> None:
    settled = Settled(np.array([0.5]), np.array([20.0]))
    one, two = (
        settled.never_below(np.array([[3.0, each]]), np.array([[4.0, each]])) for each in (np.nan, 0.0)
    )
    assert one == two == settled.never_below(np.array([[3.0]]), np.array([[4.0]]))


@given(st.lists(st.tuples(st.floats(0.02, 1.0), st.booleans()), min_size=1, max_size=8))
def test_surprise_of_agreement_is_that_of_all_ways_to_agree(items: list[tuple[float, bool]]) -> None:
    chance, same = (np.array([each]) for each in zip(*items, strict=True))
    weight = np.floor(-np.log(chance[0]) / STEP + 1e-12)
    seen, exact = weight[same[0]].sum(), 0.0
    for ways in product((False, True), repeat=len(items)):
        if weight[list(ways)].sum() >= seen:
            exact += float(np.prod(np.where(ways, chance[0], 1 - chance[0])))
    assert float(surprise_of(chance, same)[0]) == pytest.approx(exact, abs=1e-9)


def test_events_of_one_point_alarm_no_more_than_is_borne() -> None:
    rng = np.random.default_rng(3)
    points = rng.beta(0.5, 1.0, 2000)
    bear = Bearable(0.0, 2.0, 50_000)
    alarms = [
        int(bear.taken_of_points("perfect", np.where(rng.random(2000) < points, points, 1.0), points).sum())
        for _ in range(200)
    ]
    assert bear.part("perfect") / 2 < np.mean(alarms) <= bear.part("perfect")


@given(st.lists(st.floats(1e-6, 1.0), min_size=2, max_size=4))
def test_products_of_chances_are_fishers(chances: list[float]) -> None:
    ours = float(fisher(*(np.array(each) for each in chances)))
    assert ours == pytest.approx(stats.combine_pvalues(chances).pvalue, rel=1e-9)


def test_the_shares_of_alarms_make_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)
    assert set(USED) <= set(WEIGHTS)
    assert min(USED.values()) > 0


def test_a_busy_month_of_a_whole_and_its_part_is_less_odd_than_a_whole_that_leaves_it_behind() -> None:
    busy, slipped_ = honest(12), honest(12)
    for values, part in ((busy, True), (slipped_, False)):
        values[U, M, 0] = round(1.9 * values[U, M, 0])
        if part:
            values[U, M, 1] = round(1.9 * values[U, M, 1])
    mine = [
        [
            odd
            for odd in found(each)
            if odd.unit == f"U{U:03d}" and odd.period == "2024-07" and odd.kind == "high"
        ]
        for each in (busy, slipped_)
    ]
    assert [odd.item for odd in mine[1]] == ["asked"]
    assert all(odd.chance > mine[1][0].chance for odd in mine[0])
    assert not [odd for odd in mine[0] if odd.item == "given"], "a part is left to its whole"


@pytest.mark.parametrize(
    ("x", "n", "a", "b"),
    [(0, 3, 40, 2), (9, 10, 9, 1), (31, 40, 60, 4), (350, 400, 90, 8), (880, 1000, 45, 5)],
)
def test_beta_binomial_sums(x: int, n: int, a: float, b: float) -> None:
    ours = float(beta_binomial(*(np.array([float(each)]) for each in (x, n, a, b)))[0])
    assert ours == pytest.approx(stats.betabinom.cdf(x, n, a, b), rel=1e-9 if n <= 400 else 0.05)


def test_months_of_zeros_are_one_finding_where_a_single_zero_is_none() -> None:
    values = honest(9)
    values[U, 28:34, 2] = 0
    values[U, :, 2] = np.where(np.arange(MONTHS) < 28, np.maximum(values[U, :, 2], 1), values[U, :, 2])
    (odd,) = [odd for odd in found(values) if odd.unit == f"U{U:03d}" and odd.item == "deaths"]
    assert (odd.kind, odd.values["value"], odd.values["count"] >= 6) == ("same_again", 0, True)


def test_a_part_that_often_exceeds_its_whole_is_none() -> None:
    values = honest(4)
    values[:, ::9, 1] = values[:, ::9, 0] + 1
    assert [odd for odd in found(values) if odd.kind == "over_whole"] == []


def test_what_chance_makes_now_and_then_is_a_note() -> None:
    programme: Any = SimpleNamespace(
        datasets={"monthly": SimpleNamespace(items={})},
        units=SimpleNamespace(codes=["U1"], names=[Text("Ford", "渡口")]),
    )
    values = {"value": 9.0, "expected": 2.0}
    odds = [Odd("high", "monthly", "U1", "2024-01", "calls", p, 3.0, values) for p in (1e-3, 1e-7)]
    told = list(findings_of(programme, odds, most=9, severity={}))
    assert [finding.severity for finding in told] == [Severity.WARNING, Severity.NOTE]
    (one, two) = findings_of(programme, odds, most=9, severity={"high": "error"})
    assert one.severity == two.severity == Severity.ERROR


def test_corrections_that_help_are_measured_against_those_of_others() -> None:
    def told(others_up: int) -> list[str]:
        table = pa.table({
            "unit": ["A", *(f"B{at}" for at in range(40))], "item": ["calls"] * 41, "periods": [["2024-01"]] * 41,
            "up": [9, *[others_up] * 40], "down": [0, *[9 - others_up] * 40],
        })  # fmt: skip
        year = Period("2024", "year", dt.date(2024, 1, 1), dt.date(2024, 12, 31))
        return [odd.unit for odd in of_revisions(table, "monthly", {"calls": 1}, period=year, share=0.05)]

    assert told(5) == ["A"]
    assert told(8) == []


def test_expected_counts_leave_the_judged_one_out() -> None:
    counts = np.random.default_rng(3).poisson(20, (40, 24)).astype(float)
    other = counts.copy()
    other[4, 9] = 5000
    assert expect(other).mean[4, 9] == pytest.approx(expect(counts).mean[4, 9], rel=0.1)


@pytest.mark.parametrize(
    ("value", "mean", "factor"), [(240, 24, 10), (2400, 24, 100), (2, 21, 0.1), (60, 24, None), (0, 24, None)]
)
def test_slips_by_powers_of_ten(value: float, mean: float, factor: float | None) -> None:
    assert slip_of(value, mean, 0.02) == factor


# Telling.


@pytest.mark.parametrize("kind", PLANTED)
def test_findings_read_in_both_languages(kind: str) -> None:
    values = honest(11)
    values[U] = np.maximum(values[U], [25, 20, 1, 50, 1, 10])
    values[:, :, 1] = np.minimum(values[:, :, 1], values[:, :, 0])
    PLANTED[kind](values)
    items = {
        name: Item(name, "integer", Text(f"the {name}", f"{name}数"), 0, None, "internal") for name in ITEMS
    }
    units = SimpleNamespace(codes=[f"U{at:03d}" for at in range(UNITS)], names=[Text("Ford", "渡口")] * UNITS)
    programme: Any = SimpleNamespace(datasets={"monthly": SimpleNamespace(items=items)}, units=units)
    for finding in findings_of(programme, found(values), most=2, severity={}):
        assert "{" not in finding.message("en") + finding.hint("en")
        said = finding.message("zh")
        assert re.search("[一-鿿]", said)
        assert not re.search("the |[a-z]{4,} [a-z]{4,}", said), said
        json.dumps(dict(finding.evidence))


def test_every_kind_has_a_sentence_and_says_what_would_settle_it() -> None:
    assert set(KINDS) <= set(SAID)
    assert SAID.keys() == HINTS.keys()
    accusing = ("fraud", "fake", "falsif", "cheat", "lie ", "invent")
    assert not [text for text in (*SAID.values(), *HINTS.values()) if any(word in text for word in accusing)]
