"""Differences and growth: what was, what is, and by how much they are said to differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from tallymark.findings import Severity
from tallymark.verify.prose.claims import Claim, matches, place_of
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.rounding import exact, half_unit, written
from tallymark.verify.prose.sentences import Sentence

W = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n]"
V = "ⒸⓂⓅⓇ"
ASIDE = r"(?:\s*[（(][^（(）)。；;]{0,40}[）)])?"
"""Counts in brackets after a figure."""
UP = r"上升|提升|攀升|提高|增加|增长|高|升|上涨|扩大|增|超出|超过|超|多|above|over|higher|up|rise|rose|risen|increase[sd]?|increasing|growth|grew|more|gain(?:ed)?|exceed(?:s|ed|ing)?|improve[ds]?|improvement|ahead|climb(?:ed)?"
DOWN = r"下降|下滑|降低|减少|回落|下跌|缩小|降|低|减|少|差|below|under|lower|down|fall|fell|fallen|falling|decrease[sd]?|decline[sd]?|drop(?:ped|s)?|reduction|reduced|less|fewer|short|decreasing|lost"
MOVES = rf"(?P<move>{UP}|{DOWN})"
DIFFERENCE = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<v>[{V}]){ASIDE}{W}{{0,3}}?[，,（(]\s*(?:同比|比上年|较上年|比去年|较去年)(?P<move>{UP}|{DOWN})了?\s*(?P<d>[ⒹⒸⓅ])[^ⒸⓂⓅⓇⒹⒼ。|\n]{{0,6}}?[，,；;（(](?:而)?(?:上年|去年)(?:同期|这一数字|这一比例)?(?:为|是|仅为)\s*(?P<u>[{V}])",
        rf"(?P<v>[{V}]){ASIDE}{W}{{0,90}}?(?P<d>Ⓓ)\s*(?:is |was )?(?P<move>above|below|over|under|higher than|lower than|short of|more than|less than|ahead of|down on|up on)\s+{W}{{0,40}}?(?P<u>[{V}]){ASIDE}",
        rf"(?P<v>Ⓒ){ASIDE}{W}{{0,40}}?[,(（—–]\s*(?P<d>Ⓒ)\s*{W}{{0,16}}?(?P<move>more|fewer|less) than\s+(?:the\s+|in\s+)?{W}{{0,24}}?(?P<u>Ⓒ)",
        rf"(?P<v>[{V}]){ASIDE}{W}{{0,30}}?[,，(（]?{W}{{0,30}}?(?:(?<!相)比(?![重例])|较|与)(?:(?![增减多少高低升降]){W}){{0,24}}?(?P<u>[{V}]){ASIDE}{W}{{0,10}}?(?P<move>{UP}|{DOWN})(?:出|了|过)?(?P<d>[ⒹⓅⒸⓇ])",
        rf"(?P<v>[{V}]){ASIDE}{W}{{0,12}}?[,，]\s*(?:分别)?(?P<move>高于|低于|超过|超出|超|多于|少于){W}{{0,16}}?(?P<u>[{V}]){ASIDE}{W}{{0,8}}?(?P<d>Ⓓ)",
        rf"(?P<v>[{V}]){ASIDE}{W}{{0,3}}?[，,（(；]\s*(?:而)?(?:上年|去年|上年度|上年同期|去年同期|上季度|上月|上一年|同期)(?:同期|度)?(?:为|是|仅为)?\s*(?P<u>[{V}]){ASIDE}{W}{{0,3}}?[)）]?[，,；]\s*(?:同比|比上年|较上年|比去年|较去年|环比)?(?P<move>上升|提高|增加|增长|下降|降低|减少)了?\s*(?P<d>[ⒹⒸⓅ])",
        rf"(?:目标|指标|任务|要求)(?:值|率|数)?(?:为|是|：|:)?\s*(?P<u>[{V}]){ASIDE}{W}{{0,40}}?(?P<v>[{V}]){ASIDE}{W}{{0,24}}?(?:比|较|与)?{W}{{0,10}}?(?:目标|指标|任务|要求){W}{{0,6}}?(?P<move>{UP}|{DOWN})(?:出|了|过)?(?P<d>Ⓓ)",
        rf"(?:目标|指标|任务|要求)(?:值|率|数)?(?:为|是|：|:)?\s*(?P<u>[{V}]){ASIDE}{W}{{0,40}}?(?P<v>[{V}]){ASIDE}{W}{{0,10}}?[，,（(]\s*(?P<move>高于|低于|高出|超出|超过|超|低){W}{{0,12}}?(?P<d>Ⓓ)",
        rf"\b(?:target|goal|threshold|benchmark|standard)\s+(?:of|was|is|=|:)\s*(?P<u>[{V}]){ASIDE}{W}{{0,80}}?(?P<v>[{V}]){ASIDE}{W}{{0,60}}?(?P<d>Ⓓ)\s+(?P<move>above|below|over|under|higher|lower|short|more|less)",
        rf"(?P<v>[{V}]){ASIDE}{W}{{0,50}}?\b(?P<move>{UP}|{DOWN})\s+(?:by\s+|of\s+)?(?:a\s+)?(?P<d>[ⒹⒸⓅⓇ])\s*{W}{{0,16}}?\b(?:from|on|over|compared (?:with|to)|than|against)\s+{W}{{0,34}}?(?P<u>[{V}]){ASIDE}(?!{W}{{0,30}}?\bto\s+[{V}])",
        rf"(?P<v>[{V}]){ASIDE}{W}{{0,40}}?\b(?:against|compared (?:with|to)|versus|vs\.?)\s+{W}{{0,34}}?(?P<u>[{V}]){ASIDE}{W}{{0,40}}?[,(（]\s*{W}{{0,24}}?(?P<move>{UP}|{DOWN})\s+(?:by\s+|of\s+)?(?P<d>[ⒹⒸⓅⓇ])",
        rf"(?:比|较)(?:(?![增减多少高低升降]){W}){{0,16}}?(?P<u>[{V}]){ASIDE}{W}{{0,10}}?(?P<move>{UP}|{DOWN})(?:出|了)?(?P<d>[ⒹⓅⒸⓇ]){W}{{0,6}}?[，,]{W}{{0,8}}?(?:达到?|为|至)\s*(?P<v>[{V}]){ASIDE}",
    )
)
GAP = re.compile(
    rf"(?P<v>[{V}]){W}{{0,60}}?(?P<u>[{V}]){W}{{0,24}}?[,，(（]?\s*(?:两者|二者)?(?:相差|差距为?|a (?:gap|difference|margin) of|a difference:?)\s*(?P<d>[ⒹⒸ])",
    re.I,
)
"""Two figures and how far apart they are, without a direction."""
YEARS = re.compile(
    rf"#年{W}{{0,10}}?(?P<u>Ⓒ){W}{{0,6}}?[，,；;、]\s*#+年{W}{{0,10}}?(?P<v>Ⓒ){W}{{0,6}}?[，,]\s*{W}{{0,6}}?(?P<move>增加|减少|增长|下降|上升)了?(?P<d>[ⒸⓅ])"
)
BOTH = re.compile(
    rf"(?P<v>[ⒸⓂ]){W}{{0,12}}?[，,]\s*(?:比|较|同比|与){W}{{0,14}}?(?P<move>增加|减少|多|少|增长|下降|增|减)了?(?P<d>[ⒸⓂ]){W}{{0,4}}?[，,、（(]\s*(?:增长|下降|增幅|降幅|同比|增加|减少|上升)+(?:了|为|达)?\s*(?P<p>Ⓟ)|"
    rf"(?P<v2>[ⒸⓂ]){W}{{0,30}}?[,(]\s*(?P<d2>[ⒸⓂ])\s+(?P<move2>more|fewer|less)\s+than\s+{W}{{0,24}}?[,(]?\s*(?:or\s+|a\s+|an\s+)?(?:fall|rise|drop|increase|decrease|growth|decline)?(?:\s+of)?\s*(?P<p2>Ⓟ)",
    re.I,
)
"""A figure, the difference and the growth: the three settle what it was."""
WAS = re.compile(
    rf"(?:比|较)(?:上年|去年|上月|上季度|同期|前年)?{W}{{0,8}}?(?P<u>[ⒸⓂ]){W}{{0,4}}?(?P<move>增加|减少|增长|下降|多|少)了?(?P<d>[ⒸⓂ]){W}{{0,4}}?[，,、（(]\s*(?:同比)?(?:增长|下降|增幅|降幅|上升|降低|减少|增加)(?:了|为|达)?\s*(?P<p>Ⓟ)"
)
"""What it was, the difference and the growth."""
FROM_TO = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?:由|从){W}{{0,24}}?(?P<u>[{V}]){ASIDE}(?P<a>{W}{{0,24}}?)(?:到|至|为){W}{{0,24}}?(?P<v>[{V}]){ASIDE}{W}{{0,6}}?[，,、（(]\s*{W}{{0,12}}?(?P<move>{UP}|{DOWN})(?:幅度?)?(?:了|率|为|达|出|约)?\s*(?P<d>[ⒹⓅⒸⓇ])",
        rf"\bfrom\s+{W}{{0,24}}?(?P<u>[{V}]){ASIDE}(?P<a>{W}{{0,50}}?)\bto\s+{W}{{0,24}}?(?P<v>[{V}]){ASIDE}{W}{{0,40}}?[,(（—–-]\s*{W}{{0,24}}?(?P<move>{UP}|{DOWN})\s*{W}{{0,12}}?(?P<d>[ⒹⓅⒸⓇ])",
        rf"\b(?P<move>{UP}|{DOWN})\s+(?:by\s+)?(?P<d>[ⒹⓅⒸⓇ])\s*[,(]?\s*from\s+{W}{{0,24}}?(?P<u>[{V}]){ASIDE}(?P<a>{W}{{0,40}}?)\bto\s+{W}{{0,24}}?(?P<v>[{V}]){ASIDE}",
        rf"\bfrom\s+{W}{{0,24}}?(?P<u>[{V}]){ASIDE}(?P<a>{W}{{0,50}}?)\bto\s+{W}{{0,24}}?(?P<v>[{V}]){ASIDE}{W}{{0,30}}?[,(（—–-]?\s*(?:a|an|that is a|which is a)\s+(?P<d>[ⒹⓅ])\s+(?P<move>{UP}|{DOWN})",
        rf"\b(?:a|an)\s+(?P<d>[ⒹⓅ])\s+(?P<move>{UP}|{DOWN}){W}{{0,10}}?\bfrom\s+{W}{{0,24}}?(?P<u>[{V}]){ASIDE}(?P<a>{W}{{0,40}}?)\bto\s+{W}{{0,24}}?(?P<v>[{V}]){ASIDE}",
    )
)
DIVIDED = re.compile(r"(?:比|较|与).{0,12}(?:同期|上年|去年|前三年|上月|平均)")
OTHER = re.compile(r"\bthan\b|其中|分别|respectively", re.I)
SINKS = re.compile(rf"^(?:{DOWN})", re.I)


def change_claims(sentence: Sentence) -> Iterator[Claim]:
    """Every stated difference between two stated figures."""
    seen: set[int] = set()
    for pattern in (*FROM_TO, *DIFFERENCE, YEARS):
        for found in matches(pattern, sentence):
            d = sentence.figure(found, "d")
            if d.start in seen:
                continue
            claim = _change(sentence, found)
            if claim:
                seen.add(d.start)
                yield claim


def three_way_claims(sentence: Sentence) -> Iterator[Claim]:
    """Growth against the difference that is told beside it, and gaps without a direction."""
    for found in matches(BOTH, sentence):
        last = "" if found["v"] else "2"
        v, d, p = (sentence.figure(found, name + last) for name in "vdp")
        if v.kind != d.kind or v.unit != d.unit or any(each.approximate or each.bound for each in (v, d, p)):
            continue
        sign = -1 if SINKS.match(found["move" + last]) else 1
        was = v.value - sign * d.value
        if was <= 0:
            continue
        wide = (d.slack + v.slack) / was * 100 * 2
        right = d.value * 100 / was
        yield _claim(
            "prose.growth", sentence, found, abs(right - p.value) <= p.slack + wide,
            f"{d.raw.strip()} ÷ {exact(was)} = {written(right, p.decimals)} %",
            template="“{quote}”: {arithmetic}, not {stated}", repairs=(f"{written(right, p.decimals)} %",),
            values={"stated": p.raw.strip()}, stated=p,
        )  # fmt: skip
    for found in matches(WAS, sentence):
        u, d, p = (sentence.figure(found, name) for name in "udp")
        if (
            u.kind != d.kind
            or u.unit != d.unit
            or u.value <= 0
            or any(each.approximate or each.bound for each in (u, d, p))
        ):
            continue
        right, wide = d.value * 100 / u.value, (d.slack + u.slack) / u.value * 200
        yield _claim(
            "prose.growth", sentence, found, abs(right - p.value) <= p.slack + wide,
            f"{d.raw.strip()} ÷ {u.raw.strip()} = {written(right, p.decimals)} %",
            template="“{quote}”: {arithmetic}, not {stated}", repairs=(f"{written(right, p.decimals)} %",),
            values={"stated": p.raw.strip()}, stated=p,
        )  # fmt: skip
    for found in matches(GAP, sentence):
        v, u, d = (sentence.figure(found, name) for name in "vud")
        if (
            (d.kind == "points") != (v.per > 1)
            or v.kind != u.kind
            or v.per != u.per
            or v.unit != u.unit
            or (d.per != v.per and d.kind == "points")
        ):
            continue
        if (d.kind == "count" and (d.unit != v.unit or not d.unit)) or any(
            each.approximate for each in (v, u, d)
        ):
            continue
        yield _differing(sentence, found, (v, u, d), v.value < u.value)


def _year_before(sentence: Sentence, figure: Figure) -> str:
    """The last year told before a figure; empty when none is."""
    told = re.findall(r"(?:19|20)\d\d(?=年)", sentence.text[: figure.start])
    return told[-1] if told else ""


def _in_brackets(sentence: Sentence, v: Figure, u: Figure) -> bool:
    """Whether the first figure stands in brackets that close before the second: what is compared stands before them."""
    between = re.split(r"[）)]", sentence.text[v.end : u.start], maxsplit=1)
    return v.end < u.start and len(between) > 1 and not re.search(r"[（(]", between[0])


def _change(sentence: Sentence, found: re.Match[str]) -> Claim | None:
    v, u, d = (sentence.figure(found, name) for name in "vud")
    if found.re is YEARS and _year_before(sentence, u) > _year_before(sentence, v):
        v, u = u, v  # the later year is told first
    if (
        u.kind == "count"
        and not u.unit
        and v.kind in ("percent", "rate", "money")
        and 0 < v.start - u.end < 12
    ):
        u = replace(u, kind=v.kind, per=v.per)  # from 5.70 to 4.28 per thousand
    if v.kind != u.kind or v.per != u.per or (v.unit != u.unit and v.unit and u.unit):
        return None
    if (
        any(each.approximate for each in (v, u, d))
        or _in_brackets(sentence, v, u)
        or d.high
        or v is d
        or u is d
        or OTHER.search(found.group())
        or not v.value
    ):
        return None
    if (
        v.bound
        and not u.aimed
        and not u.bound
        and v.start != u.start
        and not re.search(r"than|超|高于|低于|over|above|below", found.group(), re.I)
    ):
        return None
    down = bool(SINKS.match(found["move"]))
    if sentence.text[d.end : d.end + 1] == "倍" or d.unit.startswith("倍"):
        return None if down else _times(sentence, found, (v, u, d))
    if d.kind == v.kind and v.kind in ("count", "money", "rate") and (d.per == v.per):
        return _differing(sentence, found, (v, u, d), down)
    if d.kind == "points" and v.per > 1:
        return _differing(sentence, found, (v, u, d), down) if d.per == v.per else None
    if d.kind == "percent":
        return _growing(sentence, found, (v, u, d), down)
    return None


def _differing(
    sentence: Sentence, found: re.Match[str], figures: tuple[Figure, Figure, Figure], down: bool
) -> Claim:
    v, u, d = figures
    exactly = u.aimed
    u_low, u_high = u.limits(exactly=exactly or (u.decimals < v.decimals and d.decimals >= v.decimals))
    v_low, v_high = v.limits(exactly=v.aimed)
    low, high = v_low - u_high, v_high - u_low
    stated = -d.value if down else d.value
    holds = low - d.slack <= stated <= high + d.slack
    right = v.value - u.value
    turned = not holds and low - d.slack <= -stated <= high + d.slack
    arithmetic = f"{v.raw.strip()} − {u.raw.strip()} = {_points(right, d, v)}"
    return _claim(
        "prose.difference", sentence, found, holds, arithmetic,
        template="“{quote}”: the direction is wrong, {arithmetic}" if turned else "“{quote}”: {arithmetic}, not {stated}",
        repairs=(_points(abs(right), d, v), f"{v.raw.strip()} ↔ {v.like(u.value + stated)}", f"{u.raw.strip()} ↔ {u.like(v.value - stated)}"),
        values={"stated": d.raw.strip()},
        stated=d, operands=(v, u),
    )  # fmt: skip


def _points(value: Fraction, d: Figure, v: Figure) -> str:
    shown = written(value, max(d.decimals, v.decimals)) if d.kind != "count" else exact(value)
    return shown + {"points": " pp" if d.per == 100 else " ‰ points"}.get(d.kind, d.mark)


def _growing(
    sentence: Sentence, found: re.Match[str], figures: tuple[Figure, Figure, Figure], down: bool
) -> Claim | None:
    v, u, d = figures
    if not u.value or u.value <= 0:
        return None
    stated = -d.value if down else d.value
    (v_low, v_high), (u_low, u_high) = v.limits(), u.limits()
    if u_low <= 0:
        return None
    low, high = (v_low / u_high - 1) * 100, (v_high / u_low - 1) * 100
    holds = low - d.slack <= stated <= high + d.slack
    right = (v.value / u.value - 1) * 100
    turned = not holds and low - d.slack <= -stated <= high + d.slack
    points = v.value - u.value
    mixed = (
        v.kind == "percent"
        and not holds
        and abs(points - stated) <= d.slack + half_unit(max(v.decimals, u.decimals))
    )
    arithmetic = f"({v.raw.strip()} − {u.raw.strip()}) ÷ {u.raw.strip()} = {written(right, d.decimals)} %"
    if mixed:
        return _claim(
            "prose.growth", sentence, found, False, arithmetic,
            template="“{quote}”: {stated} is a difference in percentage points; as growth it is {right}",
            repairs=(f"{written(abs(points), d.decimals)} pp", f"{written(abs(right), d.decimals)} %"),
            values={"stated": d.raw.strip(), "right": f"{written(right, d.decimals)} %"},
            severity=Severity.WARNING, stated=d,
        )  # fmt: skip
    return _claim(
        "prose.growth", sentence, found, holds, arithmetic,
        template="“{quote}”: the direction is wrong, {arithmetic}" if turned else "“{quote}”: {arithmetic}, not {stated}",
        repairs=(
            f"{written(abs(right), d.decimals)} %",
            f"{v.raw.strip()} ↔ {v.like(_rounded(u.value * (100 + stated) / 100, v))}",
            *((f"{u.raw.strip()} ↔ {u.like(_rounded(v.value * 100 / (100 + stated), u))}",) if stated > -100 else ()),
        ),
        values={"stated": d.raw.strip()}, stated=d, operands=(v, u),
    )  # fmt: skip


def _times(sentence: Sentence, found: re.Match[str], figures: tuple[Figure, Figure, Figure]) -> Claim | None:
    """由9家增加到36家，增长3倍: what was added, over what there was."""
    v, u, d = figures
    if not u.value or u.value <= 0:
        return None
    (v_low, v_high), (u_low, u_high) = v.limits(), u.limits()
    holds = v_low / u_high - 1 - d.slack <= d.value <= v_high / max(u_low, Fraction(1, 10**6)) - 1 + d.slack
    right = written(v.value / u.value - 1, d.decimals)
    arithmetic = f"({v.raw.strip()} − {u.raw.strip()}) ÷ {u.raw.strip()} = {right}"
    return _claim(
        "prose.growth", sentence, found, holds, arithmetic, template="“{quote}”: {arithmetic}, not {stated}",
        repairs=(right,), values={"stated": d.raw.strip()}, stated=d, operands=(v, u),
    )  # fmt: skip


def _rounded(value: Fraction, like: Figure) -> Fraction:
    return Fraction(round(value)) if like.whole else value


def _claim(
    code: str,
    sentence: Sentence,
    found: re.Match[str],
    holds: bool,
    arithmetic: str,
    *,
    template: str,
    repairs: tuple[str, ...],
    values: dict[str, object],
    stated: Figure,
    operands: tuple[Figure, ...] = (),
    severity: Severity = Severity.ERROR,
) -> Claim:
    return Claim(
        code,
        sentence,
        place_of(sentence, found),
        sentence.quote(found),
        holds,
        arithmetic,
        template=template,
        hint="one of the three is wrong; the smallest repairs: {repairs}",
        values=values,
        repairs=() if holds else repairs,
        severity=severity,
        stated=stated,
        operands=operands,
    )
