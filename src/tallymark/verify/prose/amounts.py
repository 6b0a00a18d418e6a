"""Money and numbers of things: averages, products, splits, what each case is paid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from tallymark.findings import Severity
from tallymark.verify.prose.claims import Claim, matches, place_of
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.rounding import exact, half_up
from tallymark.verify.prose.sentences import Sentence

W = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n]"
N = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n，,、:：（(]"
ANY = r"[^。；;|\n]"
FLAT = r"(?:发放|投资|补助|补贴|奖励|奖扶|拨付|投入|合|约为|约|为|达|到|计|\s)*"
AVERAGE = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<n>Ⓒ)个?(?P<cls>[户人镇村乡县家例件个名]){ANY}{{0,40}}?(?P<m>Ⓜ){W}{{0,10}}?[，,（(；]\s*(?:平均)?(?:(?P<each>[户人镇村乡县家])均|平均每(?P<each2>[户人镇村乡县家例件个名])|每(?P<each3>[户人镇村乡县家例件名]))[一-鿿]{{0,2}}?{FLAT}(?P<a>Ⓜ)",
        rf"(?P<m>Ⓜ){W}{{0,30}}?(?P<n>Ⓒ)(?P<cls>[户人镇村乡县家例件个名]){W}{{0,12}}?[，,（(]\s*(?:平均)?(?:(?P<each>[户人镇村乡县家])均|平均每(?P<each2>[户人镇村乡县家例件个名])|每(?P<each3>[户人镇村乡县家例件名]))[一-鿿]{{0,2}}?{FLAT}(?P<a>Ⓜ)",
    )
)
AVERAGE_EN = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<n>Ⓒ)\s+(?P<thing>[a-z-]+(?:\s[a-z-]+)?){W}{{0,50}}?(?P<m>Ⓜ){W}{{0,24}}?[,(—–]\s*(?:or |that is |i\.e\. |an average of |on average |averaging )*(?P<a>Ⓜ)\s*(?:each|apiece|on average|per [a-z]+|an? [a-z]+)",
        rf"(?P<m>Ⓜ)\s+(?:\w+\s+){{0,4}}?(?:for|to|among|over|across|by|between|from)\s+(?:the\s+)?(?P<n>Ⓒ)\s+(?P<thing>[a-z-]+(?:\s[a-z-]+)?){W}{{0,30}}?[,(—–]\s*(?:or |that is |i\.e\. |an average of |on average |averaging )*(?P<a>Ⓜ)\s*(?:each|apiece|on average|per [a-z]+|an? [a-z]+)",
    )
)
MEAN_COUNT = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"(?P<m>Ⓒ)\s+(?:[a-z-]+\s+){1,4}?(?:for|to|among|over|across|by|between|from|in)\s+(?:the\s+)?(?P<n>Ⓒ)\s+(?:[a-z-]+\s?){1,4}?[,(—–]\s*(?:or |that is |i\.e\. |an average of |on average |averaging )+(?P<a>Ⓒ)\s*(?:each|apiece|on average|per [a-z]+|an? [a-z]+)?",
        rf"(?P<n>Ⓒ)个?(?P<cls>[期场班批次]){W}{{0,14}}?(?P<m>Ⓒ)(?:人次|[人名份]){W}{{0,4}}?[，,（(]\s*(?:(?P<each>[期场班批次])均|平均每(?P<each2>[期场班批次])|每(?P<each3>[期场班批次])平均)(?:培训|参加|为|达|约|有|\s)*(?P<a>Ⓒ)",
        rf"(?P<n>Ⓒ)个?(?P<cls>[户人镇村乡县家名]){W}{{0,24}}?(?P<m>Ⓒ)(?:人次|[户人件份例次个]){W}{{0,8}}?[，,（(]\s*(?:(?P<each>[户人镇村乡县家])均|平均每(?P<each2>[户人镇村乡县家名]))(?:为|达|约|有|\s)*(?P<a>Ⓒ)",
    )
)
PRODUCT = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<n>Ⓒ)(?P<cls>[户人镇村家例件个名份套]){W}{{0,24}}?每(?:(?P<each>[户人镇村家例件个名份套])|)(?P<time>每?[月年天次季])?{W}{{0,8}}?(?P<a>Ⓜ){W}{{0,12}}?[，,；]\s*{W}{{0,12}}?(?:共|合计|总计|共计|累计|总额)(?P<w2>{W}{{0,12}}?)(?P<m>Ⓜ)",
        rf"(?P<n>Ⓒ)(?P<cls>[户人镇村家例件个名份套]){W}{{0,6}}?[，,（(]\s*(?P<each>[户人镇村家例件个名份套])均(?P<time>每?[月天次季])?{N}{{0,6}}?(?P<a>Ⓜ){W}{{0,4}}?[)）]?[，,；]\s*{W}{{0,6}}?(?:共计|合计|总计|累计|总额|共)(?P<w2>{W}{{0,8}}?)(?P<m>Ⓜ)",
        rf"(?P<n>Ⓒ)\s+[a-z-]+{W}{{0,40}}?\b(?:at|of|with|received|paid)\s+(?P<a>Ⓜ)\s+(?:each|per [a-z]+|apiece|an? [a-z]+)(?P<time>\s+(?:a|per|each|every) (?:month|year|day|visit))?{W}{{0,30}}?,?\s*(?:in total|totalling|a total of|altogether|in all|for a total of|making)(?P<w2>\s*)(?P<m>Ⓜ)",
        rf"(?P<n>Ⓒ)\s+[a-z-]+{W}{{0,40}}?\b(?:at|of|with|received|paid)\s+(?P<a>Ⓜ)\s+(?:each|per [a-z]+|apiece|an? [a-z]+)(?P<time>\s+(?:a|per|each|every) (?:month|year|day|visit))?,?\s*(?:or )?(?P<m>Ⓜ)(?P<w2>\s*)(?:in total|altogether|in all)",
    )
)
EACH_HAS = re.compile(
    rf"(?P<n>Ⓒ)个?(?P<cls>[村户镇乡县校站组期场]){W}{{0,6}}?[，,、]\s*每个?(?P=cls){W}{{0,4}}?(?P<a>Ⓒ){W}{{0,4}}?[，,；]\s*(?:共|合计|总计){W}{{0,6}}?(?P<m>Ⓒ)"
)
SPLIT = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<m>Ⓜ){ANY}{{0,50}}?(?:按|以)?\s*(?P<x>[\d#Ⓒ]+)\s*[:：∶比]\s*(?P<y>[\d#Ⓒ]+){W}{{0,16}}?(?:比例|分担|配套|分摊)?{W}{{0,24}}?(?P<p>Ⓜ){W}{{0,24}}?(?P<q>Ⓜ)",
        rf"(?P<m>Ⓜ){W}{{0,50}}?(?:split|shared|divided|in the ratio|at a ratio)(?:\s+(?:in the ratio|at a ratio of|of|in))?\s*(?P<x>Ⓒ)\s*(?:[:：∶]|to)\s*(?P<y>Ⓒ){W}{{0,50}}?(?P<p>Ⓜ){W}{{0,40}}?(?P<q>Ⓜ)",
    )
)
EACH_CASE = re.compile(
    r"每(?:例|件|起|案|人|名|宗|个案)|\b(?:per case|each case|a case|per (?:tip|report|informant)|for each|each)\b",
    re.I,
)
PAID = re.compile(r"兑现|发放|支付|奖励|已付|共付|\b(?:paid|pay|payments?|rewards?|received)\b", re.I)
TIPS = re.compile(r"案|举报|线索|informan|\btips?\b|\bcases?\b", re.I)
CASES = re.compile(r"(?:案件|案|典型案例|案例|件|起|例|宗|cases?|tips?)", re.I)


def amount_claims(sentence: Sentence) -> Iterator[Claim]:
    """Averages, products and splits of a sentence, and payments of a paragraph."""
    seen: set[int] = set()
    for pattern in (*AVERAGE, *AVERAGE_EN, *MEAN_COUNT):
        for found in matches(pattern, sentence):
            claim = _average(sentence, found)
            if claim and sentence.figure(found, "a").start not in seen:
                seen.add(sentence.figure(found, "a").start)
                yield claim
    for pattern in PRODUCT:
        for found in matches(pattern, sentence):
            claim = _product(sentence, found)
            if claim and sentence.figure(found, "m").start not in seen:
                seen.add(sentence.figure(found, "m").start)
                yield claim
    for pattern in SPLIT:
        for found in matches(pattern, sentence):
            claim = _split(sentence, found)
            if claim and sentence.figure(found, "p").start not in seen:
                seen.add(sentence.figure(found, "p").start)
                yield claim
    yield from _counted(sentence)
    yield from _payments(sentence)


def _each(found: re.Match[str]) -> str | None:
    groups = found.groupdict()
    return groups.get("each") or groups.get("each2") or groups.get("each3")


def _average(sentence: Sentence, found: re.Match[str]) -> Claim | None:
    m, n, a = (sentence.figure(found, name) for name in "mna")
    each = _each(found)
    if each and found.groupdict().get("cls") not in (each, None) and not {found["cls"], each} <= {"人", "名"}:
        return None
    if any(figure.approximate or figure.bound or figure.high for figure in (m, n, a)) or n.value < 2:
        return None
    if m.kind == "count" and not a.decimals and m.value % n.value and abs(a.value - m.value / n.value) < 1:
        return None  # a whole number of visits each is a way of speaking
    low, high = m.limits()[0] / n.limits()[1], m.limits()[1] / max(n.limits()[0], Fraction(1))
    slack = a.slack or Fraction(a.times, 2)
    holds = low - slack <= a.value <= high + slack
    right = m.value / n.value
    return _claim(
        "prose.average", sentence, found, holds,
        f"{m.raw.strip()} ÷ {n.raw.strip()} = {exact(half_up(right, max(a.decimals, 2)))}",
        (f"{a.raw.strip()} ↔ {exact(half_up(right / a.times, a.decimals))}", f"{m.raw.strip()} ↔ {exact(a.value * n.value / m.times)}",
         *((f"{n.raw.strip()} ↔ {exact(half_up(m.value / a.value, 0))}",) if a.value else ())),
        a,
    )  # fmt: skip


def _counted(sentence: Sentence) -> Iterator[Claim]:
    """24个村，每村40户，共960户: a number of things times what each has."""
    for found in matches(EACH_HAS, sentence):
        n, a, m = (sentence.figure(found, name) for name in "nam")
        if a.unit != m.unit or any(figure.approximate or figure.bound or figure.high for figure in (n, a, m)):
            continue
        product = n.value * a.value
        yield _claim(
            "prose.product", sentence, found, product == m.value, f"{n.raw.strip()} × {a.raw.strip()} = {exact(product)}",
            (f"{m.raw.strip()} ↔ {exact(product)}", f"{a.raw.strip()} ↔ {exact(half_up(m.value / n.value, 2))}"), m,
        )  # fmt: skip


def _product(sentence: Sentence, found: re.Match[str]) -> Claim | None:
    m, n, a = (sentence.figure(found, name) for name in "mna")
    if _each(found) and found["cls"] != _each(found) and not {found["cls"], _each(found)} <= {"人", "名"}:
        return None
    if any(figure.approximate or figure.bound or figure.high for figure in (m, n, a)):
        return None
    product = n.value * a.value
    if not product:
        return None
    often = bool(found["time"])
    times = Fraction(m.value, product)
    holds = abs(m.value - product) <= m.slack or (often and times.denominator == 1 and 1 <= times <= 60)
    if not holds and often and not re.search(r"每月|每年|a month|monthly", found["w2"]):
        return None
    return _claim(
        "prose.product", sentence, found, holds, f"{n.raw.strip()} × {a.raw.strip()} = {exact(product)}",
        (f"{m.raw.strip()} ↔ {exact(product / m.times)}", f"{a.raw.strip()} ↔ {exact(half_up(m.value / n.value / a.times, 2))}",
         f"{n.raw.strip()} ↔ {exact(half_up(m.value / a.value, 0))}"), m,
    )  # fmt: skip


def _split(sentence: Sentence, found: re.Match[str]) -> Claim | None:
    m, p, q = (sentence.figure(found, name) for name in "mpq")
    x, y = (_number(sentence, found, name) for name in "xy")
    if not x or not y or any(figure.approximate or figure.bound for figure in (m, p, q)):
        return None
    first, second = m.value * x / (x + y), m.value * y / (x + y)
    holds = any(
        abs(p.value - one) <= p.slack and abs(q.value - other) <= q.slack
        for one, other in ((first, second), (second, first))
    )
    return _claim(
        "prose.split", sentence, found, holds,
        f"{m.raw.strip()} × {exact(x)}:{exact(y)} = {exact(first)} + {exact(second)}",
        (f"{p.raw.strip()} ↔ {exact(first / p.times)}, {q.raw.strip()} ↔ {exact(second / q.times)}",), p,
    )  # fmt: skip


def _number(sentence: Sentence, found: re.Match[str], group: str) -> Fraction | None:
    if found.start(group) in sentence.at:
        return sentence.at[found.start(group)].value
    return Fraction(found[group]) if found[group].isdigit() else None


def _payments(sentence: Sentence) -> Iterator[Claim]:
    """At so much a case, the cases told cost more than the payments told, here or in the two sentences before."""
    scope = (*sentence.before[-2:], sentence)
    if not any(TIPS.search(one.skeleton) for one in scope):
        return
    places = [(one, at, figure) for one in scope for at, figure in one.at.items()]
    rates = [each for each in places if _is_money(each[2]) and EACH_CASE.search(_clause(each))]
    paid = [
        each
        for each in places
        if each[2].kind == "money" and each not in rates and PAID.search(_clause(each))
    ]
    cases = [each for each in places if each[2].kind == "count" and CASES.match(_after(each))]
    if (
        len(rates) != 1
        or len(paid) != 1
        or len(cases) != 1
        or sentence not in (rates[0][0], paid[0][0], cases[0][0])
    ):
        return
    rate, total, number = rates[0][2], paid[0][2], cases[0][2]
    if rate.value <= 0 or number.approximate:
        return
    least = number.value * rate.value
    holds = least <= total.value + total.slack
    yield Claim(
        "prose.payments", sentence, cases[0][2].start if cases[0][0] is sentence else 0, sentence.quote(), holds,
        f"{number.raw.strip()} × {exact(rate.value)} = {exact(least)} {'≤' if holds else '>'} {total.raw.strip()}",
        template="“{quote}”: {arithmetic}",
        hint="at most {most} of the cases can have been paid for at that rate; say how many were, or put the amounts right",
        values={"most": int(total.value / rate.value)}, severity=Severity.WARNING, stated=total,
    )  # fmt: skip


def _is_money(figure: Figure) -> bool:
    return figure.kind == "money" or (figure.kind == "range" and figure.extra.get("of") == "money")


def _clause(place: tuple[Sentence, int, Figure]) -> str:
    """The clause in which a figure stands."""
    text, at = place[0].skeleton, place[1]
    return re.split(r"[，,；;。]", text[:at])[-1] + re.split(r"[，,；;。]", text[at:])[0]


def _after(place: tuple[Sentence, int, Figure]) -> str:
    return (
        place[0]
        .skeleton[place[1] + 1 : place[1] + 20]
        .lstrip()
        .removeprefix("typical ")
        .removeprefix("such ")
    )


def _claim(
    code: str,
    sentence: Sentence,
    found: re.Match[str],
    holds: bool,
    arithmetic: str,
    repairs: tuple[str, ...],
    stated: Figure,
) -> Claim:
    return Claim(
        code, sentence, place_of(sentence, found), sentence.quote(found), holds, arithmetic,
        template="“{quote}”: {arithmetic}, not {stated}", hint="one of the three is wrong; the smallest repairs: {repairs}",
        values={"stated": stated.raw.strip()}, repairs=() if holds else repairs, stated=stated,
    )  # fmt: skip
