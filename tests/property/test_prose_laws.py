"""Laws of the arithmetic in prose: what is rounded half up from its counts is never found, what is not always is."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tallymark.verify.prose import check_text
from tallymark.verify.prose.numerals import chinese_number
from tallymark.verify.prose.rounding import bases, half_up, numerators, splits, splits_up_to

RATIOS = [
    "应访视产妇{n}人，已访视{k}人，访视率{r}%。",
    "全年共检查{n}人，其中阳性{k}人，占{r}%。",
    "{n}例中有{k}例按时完成，占{r}%。",
    "按时完成{k}例，占应完成{n}例的{r}%。",
    "按时访视率为{r}%（{k}/{n}）。",
    "抽查档案{n}份，合格{k}份，合格率{r}%。",
    "全镇登记新生儿{n}人，及时登记{k}人，及时登记率{r}%。",
    "{k} of {n} mothers ({r}%) were visited.",
    "Of the {n} births, {k} were notified in time, a rate of {r}%.",
    "Of {n} households, {k} ({r}%) answered.",
    "The rate was {r}% ({k} of {n}).",
    "{k} out of {n} clinics, or {r}%, reported.",
    "There were {n} complaints, of which {k} were settled ({r} per cent).",
    "{r}% of the {n} children, that is {k}, were seen.",
    "{k}/{n} = {r} %",
]
CHANGES = [
    "及时率由上年的{u}%提高到{v}%，提高{d}个百分点。",
    "及时率{v}%，比上年的{u}%提高{d}个百分点。",
    "及时率达{v}%，比目标{u}%高{d}个百分点。",
    "The rate rose from {u}% to {v}%, a rise of {d} percentage points.",
    "The rate was {v}%, {d} percentage points above the target of {u}%.",
    "The rate was {v}%, up {d} percentage points from {u}%.",
]
TOTALS = [
    "全年出生{t}人，其中男孩{a}人，女孩{b}人。",
    "发放折页{a}份、海报{b}份，合计{t}份。",
    "共查处{t}件：甲镇{a}件、乙镇{b}件。",
    "There were {t} births: {a} boys and {b} girls.",
    "{a} + {b} = {t}",
]


def printed(k: int, n: int, places: int) -> str:
    """As a person prints it, by the standard library."""
    exact = Decimal(k * 100) / Decimal(n)
    return str(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def found(text: str) -> list[str]:
    return [finding.code for finding in check_text(text).findings]


@given(st.sampled_from(RATIOS), st.data(), st.integers(0, 2))
@settings(max_examples=250, deadline=None)
def test_a_rate_rounded_from_its_counts_is_never_found(
    template: str, data: st.DataObject, places: int
) -> None:
    n = data.draw(st.integers(2, 9_000))
    k = data.draw(st.integers(1, n))
    assert found(template.format(k=k, n=n, r=printed(k, n, places))) == []


@given(st.sampled_from(RATIOS), st.data(), st.integers(1, 2))
@settings(max_examples=250, deadline=None)
def test_a_rate_that_its_counts_do_not_give_is_found(template: str, data: st.DataObject, places: int) -> None:
    n = data.draw(st.integers(20, 9_000))
    k = data.draw(st.integers(2, n - 1))
    wrong = data.draw(st.integers(1, n))
    claimed, right = printed(wrong, n, places), printed(k, n, places)
    assume(abs(float(claimed) - float(right)) > 0.2 and float(claimed) < 100 and wrong != n - k)
    (code,) = set(found(template.format(k=k, n=n, r=claimed)))
    assert code == "prose.ratio"


@given(st.sampled_from(CHANGES), st.integers(3_000, 7_000), st.integers(1, 2_900), st.integers(-2_000, 2_000))
@settings(max_examples=200, deadline=None)
def test_differences(template: str, low: int, rise: int, off: int) -> None:
    """Hundredths of per cent, so that the difference is exact."""
    u, v, d = (f"{each / 100:.2f}" for each in (low, low + rise, rise))
    assert found(template.format(u=u, v=v, d=d)) == []
    if abs(off) > 5 and rise + off > 0:
        assert found(template.format(u=u, v=v, d=f"{(rise + off) / 100:.2f}")) == ["prose.difference"]


@given(st.sampled_from(TOTALS), st.integers(30, 5_000), st.integers(30, 5_000), st.integers(1, 20))
@settings(max_examples=150, deadline=None)
def test_totals(template: str, a: int, b: int, off: int) -> None:
    assume(a != b)
    assume(
        (a + b + off) % 10_000
    )  # 10,000 is read as a round number, which may stand for what its parts come to
    assert found(template.format(a=a, b=b, t=a + b)) == []
    assert found(template.format(a=a, b=b, t=a + b + off)) in (["prose.total"], ["prose.equation"])


@given(st.fractions(0, 1_000), st.integers(0, 4))
def test_half_up_is_what_the_standard_library_says(value: Fraction, places: int) -> None:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    assume(Fraction(str(exact)) == value)
    assert half_up(value, places) == Fraction(str(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)))


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 2))
@settings(max_examples=100, deadline=None)
def test_counts_that_fit_are_those_that_a_search_finds(k: int, n: int, places: int) -> None:
    shown = Fraction(printed(k, n, places))
    fits = [each for each in range(n * 3 + 450) if half_up(Fraction(each * 100, n), places) == shown]
    assert list(numerators(shown, places, base=n, scale=100)) == fits
    if shown > Fraction(1, 2 * 10**places):
        known = [each for each in range(1, 3_000) if half_up(Fraction(k * 100, each), places) == shown]
        assert [each for each in bases(shown, places, count=k, scale=100) if each < 3_000] == known


def test_the_sex_ratios_of_a_real_report() -> None:
    """124.54 on 571 births cannot be; 210.19 among at most 571 only as 227/108 or 330/157."""
    assert splits(Fraction("124.54"), 2, total=571) == []
    assert list(splits_up_to(Fraction("210.19"), 2, most=571)) == [(227, 108), (330, 157)]


@pytest.mark.parametrize(
    ("text", "value"),
    [("二十七", 27), ("一百零五", 105), ("三万六千", 36_000), ("两千万", 20_000_000), ("十二", 12), ("一百二十", 120), ("九十一点二四", Fraction("91.24")), ("一亿三千万", 130_000_000), ("五百七十一", 571), ("二〇一一", None), ("三三", None), ("十百", None), ("", None)],
)  # fmt: skip
def test_chinese_numerals(text: str, value: Fraction | None) -> None:
    assert chinese_number(text) == value


@given(
    st.text(
        alphabet="0123456789.,%‰，。（）()占率例人元万其中比上年提高下降至到年月日 ofinthebirths:/-—=+×\n",
        max_size=200,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_survived(text: str) -> None:
    checked = check_text(text)
    assert all(str(finding) for finding in checked.findings)
