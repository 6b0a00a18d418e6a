"""Ranks, ends of ranges, balances and lengths of time: figures that have to stand in an order or follow from two others."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.judging import HINT, Candidate, apart, quoted, slipped, wrong
from tallymark.verify.prose.linked.quantities import Quantity, levels, near
from tallymark.verify.prose.numerals import chinese_number
from tallymark.verify.prose.sentences import Sentence

PLACE = re.compile(r"第\s*(?P<n>\d{1,2}|[一二三四五六七八九十]{1,3})\s*[名位]")
RANKED = re.compile(
    r"[由从](?:[^，。；]{0,10})第\s*(?P<a>\d{1,3}|[一二三四五六七八九十]{1,3})\s*[位名][^，。；第]{0,10}?(?P<move>上升|提升|前移|跃升|下降|下滑|后退|跌|降)[^，。；第]{0,6}第\s*(?P<b>\d{1,3}|[一二三四五六七八九十]{1,3})\s*[位名]"
)
MOVED = re.compile(
    r"(?:排名|位列|位居|列)[^，。；]{0,6}第\s*(?P<b>\d{1,3}|[一二三四五六七八九十]{1,3})[位名]?[，,][^，。；]{0,8}(?P<move>前移|上升|提升|后移|下降|下滑|退后)了?\s*(?P<d>\d{1,2}|[一两二三四五六七八九十])\s*[位名][，,][^，。；]{0,6}(?:为|是|列)?第\s*(?P<a>\d{1,3}|[一二三四五六七八九十]{1,3})\s*[位名]"
)
HIGHEST, LOWEST = (
    re.compile(r"最高|最大|最多|\b(?:highest|maximum|best|max)\b", re.I),
    re.compile(r"最低|最小|最少|\b(?:lowest|minimum|worst|min)\b", re.I),
)
MEAN = re.compile(r"平均(?!每)|\b(?:mean|average|median)\b", re.I)
BOTH_MEANS = re.compile(
    r"\b(?:mean|average) (?:over|of|across) (?:both|the two|all)\b|全年平均|两次平均|总平均", re.I
)
QUARTILES = re.compile(r"\b(?:interquartile range|IQR|range)\b[^ⒸⓂⓅⓇⓁⒼ.]{0,10}$", re.I)
OPENING = re.compile(r"期初|年初|月初|上年结|\b(?:opening|brought forward)\b", re.I)
CLOSING = re.compile(r"期末|年末|月末|\b(?:closing|stands at|carried forward)\b", re.I)
CAME = re.compile(
    r"入院|住院|收入|募集|购入|入库|接收|新增|入住|\breceipts?\b|received|admitted|income", re.I
)
WENT = re.compile(
    r"出院|支出|发放|出库|消耗|使用|退住|\bpayments?\b|issued|spent|expenditure|discharged", re.I
)
DATES = re.compile(
    r"(?:(?P<y1>(?:19|20)\d\d)年)?(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日[^。；]{0,12}?(?:至|到|—|–|-|－)(?:(?P<y2>(?:19|20)\d\d)年)?(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日(?P<rest>[^。；]{0,24}?)(?:历时|为期|共计?|持续|驻村)[一-鿿]{0,3}\s*(?P<n>\d{1,3})\s*天"
)


def order_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Ranks that go the wrong way, means outside their range, balances, days between two dates."""
    for sentence in {id(each.sentence): each.sentence for each in told}.values():
        yield from _places([each for each in told if each.sentence is sentence])
    yield from _means(told)
    yield from _balances(told)


def dated_claims(sentence: Sentence) -> Iterator[Claim]:
    """Places gained and lost, and days between two dates: they are told in figures that are no quantities."""
    yield from _moves(sentence)
    yield from _days(sentence)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else int(chinese_number(text) or 0)


def _places(here: Sequence[Quantity]) -> Iterator[Claim]:
    """第1名98.2分，第2名97.6分，第3名98.0分: the one out of order."""
    ranked = []
    for each in here:
        lead = each.sentence.text[_text_start(each) : each.figure.start]
        found = list(PLACE.finditer(lead))
        if len(found) == 1 and each.figure.kind in ("count", "percent", "money") and each.exact:
            ranked.append((_number(found[0]["n"]), each))
    for (n, one), (m, two) in itertools.pairwise(ranked):
        if m == n + 1 and len(ranked) >= 3 and one.unit == two.unit and one.figure.kind == two.figure.kind:
            values = [each.figure.value for _, each in ranked]
            rising = sum(b > a for a, b in itertools.pairwise(values))
            if rising == 1 and two.figure.value > one.figure.value:
                text = f"{one.figure.raw.strip()} < {two.figure.raw.strip()}"
                yield _said(two, text)


def _text_start(each: Quantity) -> int:
    earlier = [figure.end for figure in each.sentence.figures if figure.end <= each.figure.start]
    return max(earlier, default=0)


def _said(each: Quantity, text: str, code: str = "prose.difference") -> Claim:
    return Claim(
        code, each.sentence, each.figure.start, quoted(each), False, text,
        template="“{quote}”: the order is wrong, {arithmetic}", hint="put right what is wrong: {repairs}",
        repairs=(text,), stated=each.figure,
    )  # fmt: skip


def _moves(sentence: Sentence) -> Iterator[Claim]:
    """由第9位上升到第12位."""
    for found in RANKED.finditer(sentence.text):
        a, b = _number(found["a"]), _number(found["b"])
        up = bool(re.search("升|前|跃", found["move"]))
        if a != b and up != (b < a):
            yield _plain(sentence, found, f"{a} → {b}", found["b"])
    for found in MOVED.finditer(sentence.text):
        a, b, d = _number(found["a"]), _number(found["b"]), _number(found["d"].replace("两", "二"))
        up = bool(re.search("升|前", found["move"]))
        if a - b != (d if up else -d):
            yield _plain(
                sentence, found, f"{b} {'+' if up else '−'} {d} = {b + (d if up else -d)}", found["a"]
            )


def _plain(sentence: Sentence, found: re.Match[str], text: str, stated: str) -> Claim:
    return Claim(
        "prose.difference", sentence, found.start(), found.group(), False, text,
        template="“{quote}”: {arithmetic}, not {stated}", hint=HINT, values={"stated": stated}, repairs=(text,),
    )  # fmt: skip


def _days(sentence: Sentence) -> Iterator[Claim]:
    """4月8日至4月26日…历时17天: nineteen with both days, eighteen without one."""
    for found in DATES.finditer(sentence.text):
        year = int(found["y1"] or 2001)
        until = int(found["y2"] or found["y1"] or 2001)
        try:
            first = date(year, int(found["m1"]), int(found["d1"]))
            last = date(until, int(found["m2"]), int(found["d2"]))
        except ValueError:
            continue
        days, stated = (last - first).days, int(found["n"])
        leap = 0 if found["y1"] else int(first.month <= 2 < last.month)
        if days > 0 and not days - 1 <= stated <= days + 1 + leap and stated > days / 2:
            yield _plain(
                sentence,
                found,
                f"{found['m1']}/{found['d1']} – {found['m2']}/{found['d2']} = {days + 1}",
                found["n"],
            )


def _means(told: Sequence[Quantity]) -> Iterator[Claim]:
    """A mean above the highest or below the lowest."""
    for m in told:
        if (
            m.figure.kind not in ("count", "percent", "money", "rate")
            or not m.exact
            or not MEAN.search(m.label + m.lead[-40:])
        ):
            continue
        around = [
            each for each in near(told, m, reach=0)
            if each.figure.kind == m.figure.kind and each.unit == m.unit and each.exact and abs(each.order - m.order) <= 4 and each.sentence.block is m.sentence.block
        ]  # fmt: skip
        high = [each for each in around if HIGHEST.search(each.label) and not LOWEST.search(each.label)]
        low = [each for each in around if LOWEST.search(each.label) and not HIGHEST.search(each.label)]
        if (
            len(high) == 1
            and len(low) == 1
            and not low[0].figure.value <= m.figure.value <= high[0].figure.value
        ):
            yield _outside(m, low[0].figure.value, high[0].figure.value)
        elif BOTH_MEANS.search(m.lead + m.label) and len(around) >= 2:
            two = sorted(around[:2], key=lambda each: each.figure.value)
            if not two[0].figure.value <= m.figure.value <= two[1].figure.value and apart(
                two[1].figure.value, m.figure.value
            ) <= Fraction(1, 3):
                yield _outside(m, two[0].figure.value, two[1].figure.value)
    for r in told:
        if (
            r.figure.high
            and QUARTILES.search(r.lead)
            and r.order
            and told[r.order - 1].sentence is r.sentence
        ):
            m = told[r.order - 1]
            if MEAN.search(m.lead) and m.exact and not r.figure.value <= m.figure.value <= r.figure.high:
                yield _outside(m, r.figure.value, r.figure.high)


def _outside(m: Quantity, low: Fraction, high: Fraction) -> Claim:
    text = f"{m.figure.like(low)} – {m.figure.like(high)}"
    return Claim(
        "prose.interval", m.sentence, m.figure.start, quoted(m), False, text,
        template="“{quote}”: {stated} does not lie between its limits {arithmetic}",
        hint="one of the three is wrong, or the limits are swapped", values={"stated": m.figure.raw.strip()}, stated=m.figure,
    )  # fmt: skip


def _balances(told: Sequence[Quantity]) -> Iterator[Claim]:
    """What was there, what came and what went make what is left."""
    for end in told:
        if end.figure.kind not in ("count", "money") or not end.exact or not CLOSING.search(end.label):
            continue
        around = [
            each
            for each in levels(near(told, end, reach=5))
            if each.unit == end.unit and each.figure.kind == end.figure.kind
        ]
        sides = [_best(around, pattern) for pattern in (OPENING, CAME, WENT)]
        if any(each is None for each in sides):
            continue
        opening, came, went = (each for each in sides if each is not None)
        right = opening.figure.value + came.figure.value - went.figure.value
        slack = sum((each.figure.slack for each in (opening, came, went, end)), Fraction(0))
        everything = {each.figure.value for each in around}
        met = any(
            abs(opening.figure.value + a - b - end.figure.value) <= slack
            for a in everything
            for b in everything
        )
        if not met and (slipped(end.figure, right) or apart(right, end.figure.value) <= Fraction(1, 10)):
            text = f"{opening.figure.raw.strip()} + {came.figure.raw.strip()} − {went.figure.raw.strip()} = {end.figure.like(right)}"
            yield wrong("prose.total", end, Candidate(right, right, right, text, ()))


def _best(around: Sequence[Quantity], pattern: re.Pattern[str]) -> Quantity | None:
    """The one that bears a word; the first told of several (a total stands before its parts)."""
    found = sorted((each for each in around if pattern.search(each.label)), key=lambda each: each.order)
    return found[0] if found else None
