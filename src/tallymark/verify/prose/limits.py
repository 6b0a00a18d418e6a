"""Rates beyond 100 %, estimates outside their interval, rates of one population that contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallymark.verify.prose.claims import Claim, matches, place_of
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.ratios import compared
from tallymark.verify.prose.rounding import written
from tallymark.verify.prose.sentences import Sentence

W = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n]"
ANY = r"[^。；;|\n]"
BOUNDED = re.compile(
    r"(?:率|覆盖|占|比例|准确|满意)[^ⒸⓂⓅⓇⒹⒼ。；，,]{0,10}$|(?:^|[，,（(])[^ⒸⓂⓅⓇⒹⒼ。；，,]{0,2}(?:超过|达到?|占)$|"
    r"\b(?:rate|coverage|proportion|share|percentage|completeness|timeliness|attendance|compliance|uptake|accuracy|prevalence|reporting)\b[^ⒸⓂⓅⓇⒹⒼ.;]{0,40}$",
    re.I,
)
BOUNDED_AFTER = re.compile(
    r"^\s*(?:of (?:the|all|those|these|eligible|children|women|births|facilities|villages|staff)|coverage|attendance|completeness|attended|were (?:trained|vaccinated|reached|covered|visited))",
    re.I,
)
UNBOUNDED = re.compile(
    r"增长|增加|提高|上升|增幅|完成.{0,12}(?:任务|计划|目标|指标)|任务的|计划的|目标的|预算|超额|执行率|完成率|达成率|达标率.{0,4}目标|增速|提升|同比|翻|是.{0,12}的$|相当于|利用率|使用率|入住率|负荷|收益|回报|"
    r"\b(?:grew|growth|rose|rise|increase[ds]?|increasing|up|of (?:the |its )?(?:target|plan|budget|quota)|execution|utili[sz]ation|occupancy|inflation|return|ratio|more|higher|change|achievement|gain|expand\w*|jump\w*|surge\w*|improve\w*|index|level)\b",
    re.I,
)
AFTER_UNBOUNDED = re.compile(
    r"^\s*(?:of (?:the |its |their )?(?:[a-z]+ ){0,2}(?:target|plan|budget|quota|level)|increase|rise|growth|more|higher|的?(?:任务|计划|目标|增长|增幅|速度))",
    re.I,
)
OVER = re.compile(
    r"(?:超过|超|大于|突破)\s*Ⓟ|Ⓟ\s*以上|\b(?:over|more than|above|exceed(?:s|ed|ing)?|in excess of)\s+Ⓟ",
    re.I,
)
INTERVAL = re.compile(rf"(?P<v>[ⓅⓇⒸ])(?:\s*[（(][^（()）。；]{{0,40}}[）)])?{W}{{0,24}}?[（(\[,;]\s*(?:with\s+)?(?:a\s+)?(?:##?#?(?:\.#)?\s*[%％]?|Ⓟ)\s*(?:CI|C\.I\.|UI|confidence interval|confidence limits|uncertainty interval|置信区间|可信区间)\s*(?:[:：为=]|of)?\s*[\[(（]?\s*(?:(?P<g>Ⓖ)|(?P<low>[ⓅⓇⒸ])\s*(?:to|,|，|、|至|到|and|–|—|-)\s*(?P<high>[ⓅⓇⒸ]))", re.I)  # fmt: skip
CBR, NI, CDR = (
    re.compile(rf"(?:{name}){W}{{0,8}}?(?P<r>Ⓡ)", re.I)
    for name in (
        r"(?<!自然)(?:人口)?出生率|crude birth rate|birth rate",
        r"自然增长率|natural increase",
        r"死亡率(?<!婴儿死亡率)(?<!产妇死亡率)(?<!儿童死亡率)|crude death rate|death rate",
    )
)
POPULATION = re.compile(
    rf"(?:总人口|(?<!城镇)(?<!农村)(?<!乡村)常住人口|户籍人口|人口总数|年平均人口|population){W}{{0,10}}?(?P<n>Ⓒ)|(?P<n2>Ⓒ)\s+(?:people|inhabitants|residents)\b",
    re.I,
)
BIRTHS = re.compile(
    rf"(?:全年|共|年内|当年)?出生(?:人口|人数|婴儿)?{W}{{0,3}}?(?P<n>Ⓒ)人|(?P<n2>Ⓒ)\s+(?:live )?births\b",
    re.I,
)
LOOSE = 5


def limit_claims(sentence: Sentence) -> Iterator[Claim]:
    """What cannot be, whatever the counts are."""
    yield from _over(sentence)
    yield from _intervals(sentence)
    yield from _vital(sentence)
    yield from _deaths(sentence)


def _over(sentence: Sentence) -> Iterator[Claim]:
    for place, figure in sentence.at.items():
        if figure.kind != "percent" or figure.value < 100 or (figure.approximate and figure.value == 100):
            continue
        before, after = (
            sentence.skeleton[max(0, place - 60) : place],
            sentence.skeleton[place + 1 : place + 40],
        )
        clause = re.split(r"[，,；;、（(]", before)[-1]
        stretch = sentence.skeleton[max(0, place - 12) : place + 4]
        more = figure.value > 100 or bool(OVER.search(stretch))
        bounded = BOUNDED.search(before) or BOUNDED_AFTER.match(after)
        if not more or not bounded or UNBOUNDED.search(clause) or AFTER_UNBOUNDED.match(after) or figure.high:
            continue
        if re.search(r"不能|不得|不可|不应|cannot|never|not (?:be|exceed)|no rate|可能", before + after):
            continue
        yield Claim(
            "prose.over_100", sentence, figure.start, sentence.quote(), False, f"{figure.raw.strip()} > 100 %" if figure.value > 100 else "> 100 %",
            template="“{quote}”: a rate of {stated} counts something that is not in its base",
            hint="name the base; when others than those due are counted, show the two counts instead of a rate",
            values={"stated": figure.raw.strip() if figure.value > 100 else "> 100 %"}, stated=figure,
        )  # fmt: skip


def _intervals(sentence: Sentence) -> Iterator[Claim]:
    for found in INTERVAL.finditer(sentence.skeleton):
        value = sentence.figure(found, "v")
        if found["g"]:
            both = sentence.figure(found, "g")
            low, high, slack = both.value, both.high or both.value, both.slack
        else:
            first, second = sentence.figure(found, "low"), sentence.figure(found, "high")
            low, high, slack = first.value, second.value, max(first.slack, second.slack)
        shares = [
            each for each in sentence.figures if each.kind in ("percent", "rate") and each.start < value.start
        ]
        if value.kind == "count" and (
            value.value > 10 * high or any(low <= each.value <= high for each in shares)
        ):
            continue  # the interval is of something else
        slack = max(slack, value.slack)
        holds = low <= high and low - slack <= value.value <= high + slack
        yield Claim(
            "prose.interval", sentence, place_of(sentence, found), sentence.quote(found), holds,
            f"{written(low, value.decimals)} – {written(high, value.decimals)}",
            template="“{quote}”: {stated} does not lie between its limits {arithmetic}",
            hint="one of the three is wrong, or the limits are swapped", values={"stated": value.raw.strip()}, stated=value,
        )  # fmt: skip


def _vital(sentence: Sentence) -> Iterator[Claim]:
    """Births and population give the birth rate (to within five per cent, for the population of which day is not told)."""
    rate = _only(CBR, sentence)
    if rate is None or rate.approximate or rate.bound or rate.aimed:
        return
    scope = (*sentence.before[-1:], sentence)
    people = list(dict.fromkeys(figure for one in scope for figure in _each(POPULATION, one)))
    births = list(dict.fromkeys(figure for one in scope for figure in _each(BIRTHS, one)))
    if len(people) == 1 and len(births) == 1 and people[0].value > births[0].value * 10:
        right = births[0].value * rate.per / people[0].value
        holds = abs(right - rate.value) <= rate.value * LOOSE / 100 + rate.slack
        yield _apart(
            sentence, rate, holds, f"{births[0].raw.strip()} ÷ {people[0].raw.strip()} = {rate.like(right)}"
        )
    natural, deaths = _only(NI, sentence), _only(CDR, sentence)
    if natural and deaths and natural.per == deaths.per == rate.per and not (natural.aimed or deaths.aimed):
        right = rate.value - deaths.value
        holds = abs(right - natural.value) <= natural.slack + rate.slack + deaths.slack
        yield _apart(
            sentence, natural, holds, f"{rate.raw.strip()} − {deaths.raw.strip()} = {natural.like(right)}"
        )
    elif natural and natural.per == rate.per and natural.value > rate.value:
        yield _apart(sentence, natural, False, f"{natural.raw.strip()} > {rate.raw.strip()}")


DEATHS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"死亡{W}{{0,4}}?(?P<k>Ⓒ){W}{{0,4}}?[，,；]\s*{W}{{0,6}}?活产{W}{{0,4}}?(?P<n>Ⓒ){W}{{0,4}}?[，,；]\s*{W}{{0,10}}?死亡率(?:为|达|是)?\s*(?P<r>Ⓡ)",
        rf"活产{W}{{0,4}}?(?P<n>Ⓒ){W}{{0,4}}?[，,；]\s*{W}{{0,10}}?死亡{W}{{0,4}}?(?P<k>Ⓒ){W}{{0,4}}?[，,；]\s*{W}{{0,10}}?死亡率(?:为|达|是)?\s*(?P<r>Ⓡ)",
    )
)


def _deaths(sentence: Sentence) -> Iterator[Claim]:
    """Deaths, live births and the rate of one sentence."""
    for pattern in DEATHS:
        for found in matches(pattern, sentence):
            figures = (sentence.figure(found, "k"), sentence.figure(found, "n"), sentence.figure(found, "r"))
            claim = compared(sentence, found, figures)
            if claim:
                yield claim


def _each(pattern: re.Pattern[str], sentence: Sentence) -> Iterator[Figure]:
    for found in matches(pattern, sentence):
        for name in ("r", "n", "n2"):
            if name in found.groupdict() and found[name]:
                yield sentence.figure(found, name)


def _only(pattern: re.Pattern[str], sentence: Sentence) -> Figure | None:
    found = list(dict.fromkeys(_each(pattern, sentence)))
    return found[0] if len(found) == 1 else None


def _apart(sentence: Sentence, rate: Figure, holds: bool, arithmetic: str) -> Claim:
    return Claim(
        "prose.rates_apart", sentence, rate.start, sentence.quote(), holds, arithmetic,
        template="“{quote}”: {arithmetic}, not {stated}", hint="one of the figures is wrong, or of another year or population",
        values={"stated": rate.raw.strip()}, stated=rate,
    )  # fmt: skip
