"""Averages, amounts for each and what they come to: a total, a number and a mean told anywhere in the paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.judging import Candidate, apart, explained, slipped, wrong
from tallymark.verify.prose.linked.quantities import Quantity, levels, near
from tallymark.verify.prose.rounding import half_unit, half_up

EACH_ZH = re.compile(
    r"(?P<u>人|户|次|件|例|场|日|村|校|家|亩|车|院|班|个|天)均|(?:平均)?每(?:一)?(?P<u2>个|名|人|户|家|所|校|村|例|件|次|场|台|天|亩|辆|套|份|位|车|床|册)"
)
UNIT_OF = {
    "校": "所",
    "家": "家",
    "村": "个",
    "院": "所",
    "班": "个",
    "日": "天",
    "名": "人",
    "位": "人",
    "例": "人",
}
PERSONS = {"人", "人次", "户次", "例"}
EACH_EN = re.compile(
    r"^(?:[\w'-]+\s+){0,4}?(?:each|apiece|per|a|an|for (?:each|every)|in each|to each)\b(?:\s+(?P<what>[a-z]+))?",
    re.I,
)
MEAN_EN = re.compile(
    r"\b(?:average|mean|averag\w+|on average|cost on average|one [a-z]+ per)\b[^.;]{0,40}$", re.I
)
ONE_PER = re.compile(r"\bone (?:[a-z-]+ ){1,3}?(?:per|for (?:each|every))\s*(?P<what>)$", re.I)
NAMED = re.compile(r"人均(?P<name>[一-鿿]{3,10}?)(?:为|达到?|约)?$")
PER_EN = re.compile(r"\bper\s+(?P<what>[a-z]+)", re.I)
TOTAL = re.compile(
    r"(?:共需?|合计|共计|总计|累计|总额|总共|发放|征缴|支付|经费)[^，。]{0,10}$|\b(?:total|totalling|amount\w*|cost\w*|in all|altogether|comes? to|sum)\b[^.;]{0,30}$|=\s*$",
    re.I,
)
CLOSE = Fraction(1, 4)
FAR = 8
SCALE = re.compile(r"\bscale of\b|满分", re.I)
BETWEEN = re.compile(r"\bbetween\b|\band\s*$")
MONTHLY = re.compile(r"月|季|年|month|quarter|year|annual", re.I)
AVERAGED = re.compile(r"均|average|mean|averag", re.I)
PRICED = Fraction(1, 3)


def mean_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Each mean or amount for each, with the total and the number that stand near it."""
    for m in told:
        vague = (
            BETWEEN.search(m.lead)
            or m.figure.high
            or m.figure.bound
            or m.figure.value <= 0
            or SCALE.search(m.sentence.text)
        )
        if m.figure.kind not in ("count", "money") or vague:
            continue
        each = each_of(m)
        if each is not None:
            yield from _judged(told, m, each)


def each_of(m: Quantity) -> str | None:
    """The unit or noun for each of which a figure is told; None when it is none of a mean."""
    if m.chinese:
        found = EACH_ZH.search(m.label)
        if found is None or m.grown:
            return None
        unit = found["u"] or found["u2"]
        return UNIT_OF.get(unit, unit)
    one = ONE_PER.search(m.lead)
    if one:
        return one["what"].lower()
    per = PER_EN.search(m.tail)
    if MEAN_EN.search(m.lead) and not m.grown:
        return (per["what"] if per else "").lower()
    behind = EACH_EN.match(m.tail)
    if behind is not None and (behind["what"] or "each" in m.tail):
        return (behind["what"] or "").lower() if "each" not in m.tail else ""
    return None


def _judged(told: Sequence[Quantity], m: Quantity, each: str) -> Iterator[Claim]:
    reach = 12 if m.chinese and NAMED.search(m.label) else 1
    around = [one for one in levels(near(told, m, reach=reach), planned=True) if one.figure.value > 0]
    triples = [
        (total, number) for total, number in permutations(around, 2) if _can_be(total, number, m, each)
    ]
    triples.sort(key=lambda pair: abs(pair[0].order - m.order) + abs(pair[1].order - m.order))
    if any(_is_product(*pair, m) for pair in triples if _priced(pair[0], m)):
        return
    priced = [pair for pair in triples if _priced(pair[0], m)]
    beside = [pair for pair in triples if _linked(*pair, m)]
    candidates = [_mean(*pair, m) for pair in triples if not beside or pair[0].sentence is m.sentence]
    if not priced and explained(m.figure, [*candidates, *_by_period(beside or triples, m)]):
        return
    close = [
        pair
        for pair in triples
        if apart(_mean(*pair, m).right, m.figure.value) <= (PRICED if pair in priced else CLOSE)
    ]
    for total, number in close[:FAR]:
        product, best = number.figure.value * m.figure.value, _mean(total, number, m)
        sure = _linked(total, number, m)
        if (total, number) in priced:
            if (sure and m.sure) or slipped(total.figure, product):
                yield _product(total, number, m, product)
                return
        elif m.sure and (sure or slipped(m.figure, best.right)):
            yield wrong("prose.average", m, best)
            return


def _can_be(total: Quantity, number: Quantity, m: Quantity, each: str) -> bool:
    """Whether a total is of what the mean is of, and a number of those each of which has it."""
    if (total.figure.kind == "money") != (m.figure.kind == "money") or number.figure.kind != "count":
        return False
    if number.figure.decimals and number.figure.times == 1:
        return False
    if not Fraction(1, 4) <= number.figure.value * m.figure.value / total.figure.value <= 4:
        return False
    if m.chinese:
        same = (
            total.unit in (m.unit, each + m.unit)
            or (not m.unit and total.unit in PERSONS)
            or {total.unit, m.unit} <= PERSONS
        )
        of_each = (
            number.unit == each
            or (each == "次" and number.unit in ("人次", "次", "人"))
            or (each == "人" and number.unit in PERSONS)
        )
        return same and of_each
    stem = each[:5].rstrip("s")
    return not each or bool(re.search(rf"\b{re.escape(stem)}", number.words, re.I))


def _linked(total: Quantity, number: Quantity, m: Quantity) -> bool:
    """Whether the three stand next to each other, or the mean names its total (人均地区生产总值)."""
    named = NAMED.search(m.label)
    if (
        named
        and total.label.endswith(named["name"])
        and re.search("(?:常住|户籍|年末|平均|^)(?:总)?人口$", number.label)
        and not re.search("城镇|农村", number.label)
    ):
        return True
    places = sorted((total.order, number.order, m.order))
    beside = (
        places[2] - places[0] == 2
        and total.sentence.block is m.sentence.block
        and number.sentence.block is m.sentence.block
    )
    return beside and (total.sentence is m.sentence or number.sentence is m.sentence or m.order == places[2])


def _mean(total: Quantity, number: Quantity, m: Quantity) -> Candidate:
    (a, b), (c, d) = total.figure.limits(), number.figure.limits()
    right = total.figure.value / number.figure.value
    rough = half_unit(m.figure.decimals) * m.figure.times
    text = f"{total.figure.raw.strip()} ÷ {number.figure.raw.strip()} = {m.figure.like(half_up(right / m.figure.times, m.figure.decimals) * m.figure.times)}"
    return Candidate(
        right, a / d - rough, (b / c if c > 0 else right) + rough, text, (total.figure, number.figure)
    )


def _by_period(triples: Sequence[tuple[Quantity, Quantity]], m: Quantity) -> Iterator[Candidate]:
    """Amounts a month that make those of a year or half of one, and back."""
    for total, number in triples:
        if not MONTHLY.search(m.words):
            continue
        for times in (12, 6, 3, 4):
            whole = total.figure.value / number.figure.value
            for right in (whole / times, whole * times):
                yield Candidate(right, right * Fraction(99, 100), right * Fraction(101, 100), "", ())


def _priced(total: Quantity, m: Quantity) -> bool:
    """Whether an amount for each, told as it is and not as a mean, is followed by what it comes to."""
    return (
        total.order > m.order
        and bool(TOTAL.search(total.lead))
        and not AVERAGED.search(m.label + m.lead[-40:])
    )


def _is_product(total: Quantity, number: Quantity, m: Quantity) -> bool:
    slack = total.figure.slack + number.figure.slack * m.figure.value
    return abs(number.figure.value * m.figure.value - total.figure.value) < max(slack, Fraction(1, 100))


def _product(total: Quantity, number: Quantity, m: Quantity, product: Fraction) -> Claim:
    text = f"{number.figure.raw.strip()} × {m.figure.raw.strip()} = {total.figure.like(product)}"
    return wrong("prose.product", total, Candidate(product, product, product, text, ()))
