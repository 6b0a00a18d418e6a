"""Rates quoted with their counts: numerator, denominator and rate have to agree; a rate alone needs whole counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from tallymark.findings import Severity
from tallymark.verify.prose.claims import Claim, matches, place_of
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.rounding import bases, nearest, numerators
from tallymark.verify.prose.sentences import Sentence

W = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n]"
RATE = "ⓅⓇ"
_LINK = (
    rf"(?:\s*[（(\[]\s*(?:{W}{{0,16}}?(?:率|比例|占比?|为|即|约|rate(?: of| =)?|i\.e\.|or|=|:)\s*)?|\s*[=＝]\s*|\s*,?\s*(?:or|i\.e\.,?|that is,?|which is|which gives|giving|namely|equal to|equivalent to|"
    rf"corresponding to|representing|accounting for|making|equals|—|–)\s+(?:(?:a|an|the)\s+(?:[\w-]+\s+){{0,5}}?(?:of\s+)?)?|\s*[,，—–-]\s*(?:a|an|the|with an?|giving an?)\s+(?:[\w-]+\s+){{0,5}}?(?:of|=|:)\s+|"
    rf"\s*,\s*(?=[ⓅⓇ](?:\s*[,.;)]|\s*$))|\s*,\s*(?:so|and|and so|so that|thus|hence)?\s*(?:the\s+|its\s+|a\s+)?(?:[\w-]+\s+){{0,5}}?(?:rate|coverage|share|proportion|percentage)\s+(?:was|is|of|at|stood at|reached|came to|=)\s+)"
)
ENGLISH = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?<!\bin )(?<!\bIn all )(?P<k>Ⓒ)\s*{W}{{0,40}}?(?:\bof|\bout of|/)\s+(?:the\s+|all\s+|its\s+|these\s+|those\s+|a total of\s+|their\s+|our\s+)*(?P<n>Ⓒ){W}{{0,70}}?{_LINK}(?P<r>[{RATE}])",
        rf"(?P<k>Ⓒ)\s*{W}{{0,40}}?(?:\bamong|\bper|\bin|\bfrom|\bfor)\s+(?:the\s+|all\s+|a total of\s+)*(?P<n>Ⓒ){W}{{0,60}}?{_LINK}(?P<r>Ⓡ)",
        rf"(?P<k>Ⓒ)\s*/\s*(?P<n>Ⓒ)\s*{W}{{0,16}}?[)）]?\s*[=＝:,，(（]\s*(?:or\s+)?(?P<r>[{RATE}])",
        rf"(?P<r>[{RATE}])\s*{W}{{0,24}}?[（(\[,]\s*(?:that is,?\s+|i\.e\.,?\s+|or\s+|namely\s+|n\s*=\s*)?(?P<k>Ⓒ)\s*(?:{W}{{0,24}}?\b(?:of|out of|among|in)\s+(?:the\s+|all\s+)*|\s*/\s*)(?P<n>Ⓒ)",
        rf"\b(?:of|among|from|out of)\s+(?:the\s+|all\s+|these\s+|its\s+|a total of\s+)*(?P<n>Ⓒ){W}{{0,60}}?(?:Ⓒ{W}{{0,20}}?)?[,:]?{W}{{0,40}}?(?P<k>Ⓒ){W}{{0,24}}?[（(\[]\s*(?P<r>[{RATE}])\s*[)）\],]",
        rf"\b(?:of|among|from|out of)\s+(?:the\s+|all\s+|these\s+|its\s+)*(?P<n>Ⓒ){W}{{0,60}}?,{W}{{0,40}}?(?P<k>Ⓒ){W}{{0,70}}?{_LINK}(?P<r>[{RATE}])",
        rf"(?P<k>Ⓒ)\s*[（(]\s*(?P<r>[{RATE}])\s*[)）]\s*(?:[a-z-]+\s+){{0,3}}?of\s+(?:the\s+|all\s+|a total of\s+)*(?P<n>Ⓒ)",
        rf"(?P<k>Ⓒ){W}{{0,60}}?[（(,]\s*(?:or\s+|which is\s+|representing\s+|accounting for\s+|making up\s+|equal to\s+|i\.e\.,?\s+|that is,?\s+|making\s+)?(?P<r>[{RATE}])\s+of\s+(?:the\s+|all\s+|its\s+|a total of\s+|these\s+)*(?P<n>Ⓒ)",
        rf"(?P<r>[{RATE}])\s+of\s+(?:the\s+|all\s+|its\s+|these\s+|a total of\s+)*(?P<n>Ⓒ){W}{{0,60}}?(?:,\s*(?:or|i\.e\.,?|that is,?|namely)\s+|[（(]\s*)(?P<k>Ⓒ)",
        rf"(?P<n>Ⓒ)\s+(?:[a-z-]+\s+){{0,6}}?(?:were|was|are|is|had been|have been|fell)\s+(?:[a-z-]+\s+){{0,5}}?(?:due|eligible|registered|expected|received|invited|examined|tested|screened|checked|born|scheduled|planned|sampled|interviewed|visited|enrolled|reported|recorded|counted){W}{{0,40}}?(?:and|of whom|of which|,)\s+(?:of (?:whom|which|these)\s+)?(?P<k>Ⓒ){W}{{0,70}}?{_LINK}(?P<r>[{RATE}])",
        rf"(?P<n>Ⓒ){W}{{0,50}}?,?\s*(?:of whom|of which|of these|of them|including|among (?:whom|which|them))\s+(?P<k>Ⓒ){W}{{0,70}}?{_LINK}(?P<r>[{RATE}])",
    )
)
_ZH_LINK = rf"(?:{W}{{0,4}}?[，,、（(：:]\s*{W}{{0,18}}?(?:率|占比|比例)?(?:达到了?|达|为|是|占|约为|即|:|：|=)?\s*|\s*[=＝]\s*|占(?:比)?(?:为|达)?\s*)"
CHINESE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<n>Ⓒ){W}{{0,14}}?(?:之中|当中|中|里)(?!心|央|医|小|学|旬|秋|华|国)[，,]?{W}{{0,24}}?(?P<k>Ⓒ){W}{{0,16}}?{_ZH_LINK}(?P<r>[{RATE}])",
        rf"(?P<k>Ⓒ){W}{{0,20}}?[，,（(]?\s*占(?:了)?{W}{{0,20}}?(?P<n>Ⓒ){W}{{0,8}}?的\s*(?P<r>[{RATE}])",
        rf"(?:应|需|计划|该|须){W}{{0,14}}?(?P<n>Ⓒ){W}{{0,6}}?[，,、；]\s*{W}{{0,6}}?(?:实|已|完成|其中|现){W}{{0,14}}?(?P<k>Ⓒ){W}{{0,12}}?{_ZH_LINK}(?P<r>[{RATE}])",
        rf"(?P<n>Ⓒ){W}{{0,12}}?[，,、（(：:；]?\s*其中[：:，,]?{W}{{0,24}}?(?P<k>Ⓒ){W}{{0,12}}?(?:[，,、（(]\s*{W}{{0,10}}?(?:占(?:比)?|率)(?:为|达到?|是)?\s*|[（(]\s*)(?P<r>[{RATE}])",
        rf"(?P<r>[{RATE}])\s*[（(]\s*(?:即)?(?P<k>Ⓒ){W}{{0,6}}?/\s*(?P<n>Ⓒ)",
        rf"(?P<k>Ⓒ)\w{{0,3}}?\s*/\s*(?P<n>Ⓒ){W}{{0,6}}?[)）]?\s*[=＝，,：:（(]\s*(?:即|为)?\s*(?P<r>[{RATE}])",
        rf"(?:受理|收到|接到|接受|立案|登记|上报|申请|抽查|抽样|抽取|共查|检查|调查|发放|发出|走访){W}{{0,12}}?(?P<n>Ⓒ){W}{{0,6}}?[，,、；]\s*(?:已|其中|全部|现)?(?:办结|回访|办理|处理|解决|答复|结案|合格|准确|收回|回收|阳性|阳性者|检出|满意|知晓|符合|反馈){W}{{0,10}}?(?P<k>Ⓒ){W}{{0,6}}?[，,、（(]\s*{W}{{0,10}}?(?:率|占)(?:为|达到?|是)?\s*(?P<r>[{RATE}])",
        rf"抽(?:查|样|取){W}{{0,10}}?(?P<n>Ⓒ){W}{{0,12}}?[，,]{W}{{0,10}}?(?P<k>Ⓒ){W}{{0,12}}?[，,（(]{W}{{0,10}}?率(?:为|达到?)?\s*(?P<r>[{RATE}])",
    )
)
NAMED = re.compile(
    rf"(?P<n>Ⓒ)(?P<between>{W}{{0,14}}?[，,、；]\s*(?P<what>{W}{{1,16}}?))(?P<k>Ⓒ){W}{{0,8}}?[，,、（(；]\s*(?P<rate>{W}{{1,14}}?率)\s*(?:已|就|均)?(?:达到了?|达|为|是|：|:)?\s*(?P<r>Ⓟ)"
)
NEGATED = re.compile(r"[不未无]|非(?=[一-鿿])")
DONE = re.compile(r"(?:已|实际|实|现已|目前已)")
OF_BASE = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"(?P<r>Ⓟ)\s+of\s+(?:the\s+|all\s+|its\s+|these\s+)*(?P<n>Ⓒ)",
        r"\b(?:of|among|in|from)\s+(?:the\s+|all\s+|our\s+|these\s+)+(?P<n>Ⓒ)\s+(?:(?!average|mean|median|coverage)[A-Za-z' -]){2,50},\s*(?P<r>Ⓟ)\s+(?!of\b)(?!coverage|more|less|higher|lower)",
        rf"(?P<n>Ⓒ){W}{{0,8}}?(?:之中|当中|中)(?!心|央|医|小|学)[，,]?(?:有)?\s*(?P<r>Ⓟ)",
    )
)
SHARE = re.compile(
    rf"(?P<k>Ⓒ)(?P<unit>{W}{{0,6}}?)[，,（(]\s*占(?P<of>{W}{{0,14}}?)(?:的|比|比例)?(?:为|达)?\s*(?P<r>Ⓟ)"
)
NOT_A_RESULT = re.compile(
    r"目标|指标|任务|要求|计划|不低于|不少于|以上|以下|力争|确保|预计|\b(?:target|goal|aim|at least|threshold|plan|should|must|will|expect|intend|minimum|require|by|of its (?:annual|yearly) target|rose|fell|grew|up|down|increase|decrease|rise|fall)", re.I
)  # fmt: skip


GROWTH = re.compile(
    r"(?:增长|上升|提高|下降|减少|增加|增幅|降幅|同比|环比)[^ⒸⓂⓅⓇⒹⒼ。；，,]{0,4}$|"
    r"\b(?:increase|rise|growth|gain|drop|decrease|decline|fall|reduction|up|down)\s+(?:of|by)?\s*$",
    re.I,
)
"""What stands before a rate that is growth, not a share."""
BEHIND = 16
MONEY = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b(?:of|from|out of)\s+(?:the\s+|a\s+|its\s+)?(?:total\s+)?(?P<n>Ⓜ){W}{{0,30}}?,\s*{W}{{0,16}}?(?P<k>Ⓜ){W}{{0,60}}?(?P<r>Ⓟ)",
        rf"(?P<k>Ⓜ){W}{{0,30}}?\b(?:against|of|out of)\s+(?:a\s+|the\s+|its\s+)?(?:[a-z]+\s+){{0,3}}?(?:of\s+)?(?P<n>Ⓜ){W}{{0,10}}?[,(]{W}{{0,30}}?(?:rate|share|or|i\.e\.)\s*(?:of\s+)?(?P<r>Ⓟ)",
    )
)
MONEY_SHARE = re.compile(rf"(?P<k>Ⓜ){W}{{0,4}}?[，,（(]\s*占(?:比|总额|总投资|总量|全部)?{W}{{0,4}}?(?P<r>Ⓟ)")
TARGET = re.compile(
    rf"(?P<k>Ⓒ){W}{{0,4}}?[，,（(；]\s*(?:目标|任务|计划|年度|全年|应){W}{{0,8}}?(?P<n>Ⓒ){W}{{0,4}}?[，,、）)；]\s*(?:目标|任务|计划)?完成率(?:达到了?|达|为)?\s*(?P<r>Ⓟ)"
)


def ratio_claims(sentence: Sentence) -> Iterator[Claim]:
    """Counts with their rate, then rates of a base without the count."""
    seen: set[int] = set()
    for pattern in (*CHINESE, *ENGLISH):
        for found in matches(pattern, sentence):
            claim = _ratio(sentence, found)
            rate = sentence.figure(found, "r")
            if claim and rate.start not in seen:
                seen.add(rate.start)
                yield claim
    for pattern in (TARGET, *MONEY):
        for found in matches(pattern, sentence):
            claim = _ratio(sentence, found)
            if claim and (rate := sentence.figure(found, "r")).start not in seen:
                seen.add(rate.start)
                yield claim
    yield from _money_shares(sentence, seen)
    yield from _named(sentence, seen)
    yield from _of_base(sentence, seen)
    yield from _shares(sentence, seen)


def _ratio(sentence: Sentence, found: re.Match[str]) -> Claim | None:
    k, n, r = (sentence.figure(found, name) for name in "knr")
    return compared(sentence, found, (k, n, r))


def compared(
    sentence: Sentence, found: re.Match[str], figures: tuple[Figure, Figure, Figure]
) -> Claim | None:
    """A claim that k ÷ n is r; None when one of them is only about so, or other figures of the sentence agree with r."""
    k, n, r = figures
    if (
        k.approximate
        or n.approximate
        or r.approximate
        or k.bound
        or n.bound
        or r.bound
        or n.value <= 0
        or r.high
    ):
        return None
    between = sentence.skeleton[found.start() : found.end()]
    told = sentence.skeleton[: found.start("r")] if found["r"] is not None else ""
    if GROWTH.search(told[-24:]) or _shut_off(sentence, k, n):
        return None
    if re.search(r"\bto\s*$", sentence.text[n.end : k.start]):
        return None  # from 1.21 to 1.34 million (10.7 %) is growth
    if r.aimed and NOT_A_RESULT.search(between):
        return None
    low, high = _quotients(k, n, r.per)
    holds = low < r.value + r.slack and high >= r.value - r.slack
    right = k.value * r.per / n.value
    arithmetic = f"{k.raw.strip()} ÷ {n.raw.strip()} = {r.like(right)}"
    if not holds and (_elsewhere(sentence, (k, n, r)) or _of_another_whole(sentence, k, r)):
        return None
    swapped = not holds and k.value > n.value and _fits(n.value, k.value, r)
    if swapped:
        return None
    return Claim(
        "prose.ratio",
        sentence,
        place_of(sentence, found),
        sentence.quote(found),
        holds,
        arithmetic,
        template="“{quote}”: {numerator} of {denominator} is {right}, not {stated}",
        hint="one of the three is wrong; the smallest repairs: {repairs}",
        values={
            "numerator": k.raw.strip(),
            "denominator": n.raw.strip(),
            "right": r.like(right),
            "stated": r.raw.strip(),
        },
        repairs=() if holds else repairs(k, n, r),
        stated=r,
        right=right,
    )


def _shut_off(sentence: Sentence, k: Figure, n: Figure) -> bool:
    """Whether the base stands in brackets that close before the count: then it belongs to another figure."""
    between = sentence.text[n.end : k.start]
    return n.end < k.start and ")" in between and "(" not in between.partition(")")[0]


def _quotients(k: Figure, n: Figure, per: int) -> tuple[Fraction, Fraction]:
    (k_low, k_high), (n_low, n_high) = k.limits(), n.limits()
    return k_low * per / n_high, k_high * per / max(n_low, Fraction(1, 10**6))


def _fits(k: Fraction, n: Fraction, r: Figure) -> bool:
    return bool(n) and abs(k * r.per / n - r.value) <= r.slack


def _elsewhere(sentence: Sentence, claimed: tuple[Figure, Figure, Figure]) -> bool:
    """Whether the rate is right for the numerator and another base, or other counts told before it in this paragraph."""
    k, n, r = claimed
    known = [each for each in sentence.figures if each.kind == "count" and each.start < r.end + BEHIND]
    others = [each for each in known if each not in (k, n)]
    earlier = [each for one in sentence.before[-2:] for each in one.figures if each.kind == "count"]
    bases_known = others + earlier
    if any(
        _fits(other.value, n.value, r) for other in known if other not in (k, n) and other.start < r.start
    ):
        return True  # the rate is that of another count of the same base
    return any(_fits(k.value, base.value, r) for base in bases_known if base.value >= k.value)


def _of_another_whole(sentence: Sentence, k: Figure, r: Figure) -> bool:
    """Whether two other counts of the sentence, with the shares behind them, are of one base that gives this share too."""
    low, high = (
        k.value * r.per / (r.value + r.slack),
        k.value * r.per / max(r.value - r.slack, Fraction(1, 1000)),
    )
    pairs = [
        (one, two) for one, two in pairwise(sentence.figures)
        if one.kind == k.kind and two.kind == r.kind and one is not k and two.value > two.slack
    ]  # fmt: skip
    same = [
        (one, two) for one, two in pairs
        if one.value * two.per / (two.value + two.slack) <= high and one.value * two.per / (two.value - two.slack) >= low
    ]  # fmt: skip
    return len(same) >= 2


def repairs(k: Figure, n: Figure, r: Figure) -> tuple[str, ...]:
    """The rate that the counts give, and the nearest single count that would give the rate."""
    found = [f"{k.raw.strip()}/{n.raw.strip()} = {r.like(k.value * r.per / n.value)}"]
    if not (k.whole and n.whole):
        return tuple(found)
    count, base = int(k.value), int(n.value)
    other = nearest(numerators(r.printed, r.decimals, base=base, scale=r.per), count)
    if other is not None and other <= base:
        found.append(f"{other:,}/{base:,} = {r.like(r.printed)}")
    other = nearest(bases(r.printed, r.decimals, count=count, scale=r.per), base)
    if other is not None:
        found.append(f"{count:,}/{other:,} = {r.like(r.printed)}")
    return tuple(found)


def _named(sentence: Sentence, seen: set[int]) -> Iterator[Claim]:
    """出生571人，政策内521人，政策符合率91.24%: bound together by a word that count and rate share."""
    for found in matches(NAMED, sentence):
        k, n, r = (sentence.figure(found, name) for name in "knr")
        shared = _bigrams(found["what"]) & _bigrams(found["rate"])
        if (
            r.start in seen
            or (NEGATED.search(found["what"]) and not NEGATED.search(found["rate"]))
            or not (shared or DONE.match(found["what"]))
            or k.value > n.value
            or (k.unit and n.unit and k.unit != n.unit)
        ):
            continue
        claim = compared(sentence, found, (k, n, r))
        if claim:
            seen.add(r.start)
            yield claim


def _bigrams(text: str) -> set[str]:
    letters = re.sub(r"[^一-鿿]", " ", text)
    return {letters[at : at + 2] for at in range(len(letters) - 1) if " " not in letters[at : at + 2]}


def _of_base(sentence: Sentence, seen: set[int]) -> Iterator[Claim]:
    """91.24 % of the 571 births: some whole number of them has to give the rate."""
    for pattern in OF_BASE:
        for found in matches(pattern, sentence):
            n, r = sentence.figure(found, "n"), sentence.figure(found, "r")
            around = sentence.skeleton[max(0, found.start() - 30) : found.end() + 12]
            if (
                r.start in seen
                or not n.whole
                or not r.decimals
                or r.approximate
                or r.bound
                or r.aimed
                or n.unit in ("分",)
            ):
                continue
            if NOT_A_RESULT.search(around) or r.value > 100 or n.value < 2:
                continue
            seen.add(r.start)
            yield _possible(sentence, found, n, r)


def _possible(sentence: Sentence, found: re.Match[str], n: Figure, r: Figure) -> Claim:
    base = int(n.value)
    fitting = numerators(r.printed, r.decimals, base=base, scale=r.per)
    below = int(r.printed * base / r.per)
    near = [
        f"{each:,}/{base:,} = {r.like(Fraction(each * r.per, base))}"
        for each in (below, below + 1)
        if each <= base
    ]
    shown = f"{fitting[0]:,}/{base:,} = {r.like(r.printed)}" if fitting else " · ".join(near)
    return Claim(
        "prose.no_counts",
        sentence,
        place_of(sentence, found),
        sentence.quote(found),
        bool(fitting),
        shown,
        template="“{quote}”: no whole number of {denominator} is {stated}",
        hint="the nearest are {repairs}; or the base is another one",
        values={"denominator": n.raw.strip(), "stated": r.raw.strip()},
        repairs=() if fitting else tuple(near),
        stated=r,
    )


def _shares(sentence: Sentence, seen: set[int]) -> Iterator[Claim]:
    """45个镇，占60.81%: some whole base has to give the rate."""
    for found in matches(SHARE, sentence):
        k, r = sentence.figure(found, "k"), sentence.figure(found, "r")
        if (
            r.start in seen
            or not k.whole
            or not k.unit
            or r.approximate
            or r.bound
            or (not r.decimals and not _opened(sentence, k))
            or r.approximate
            or r.bound
        ):
            continue
        earlier = [each for each in sentence.figures if each.kind == "count" and each.start < k.start]
        earlier += [each for one in sentence.before for each in one.figures if each.kind == "count"]
        fitting = bases(r.printed, r.decimals, count=int(k.value), scale=r.per)
        told = [each for each in earlier if each.whole and int(each.value) in fitting]
        if r.value > 100 or not k.value:
            continue
        seen.add(r.start)
        whole = None if told or found["of"].strip() else _opened(sentence, k)
        if whole and whole.unit == k.unit and (claim := compared(sentence, found, (k, whole, r))):
            yield claim
            continue
        yield _base_exists(sentence, found, (k, r), fitting, int(told[0].value) if told else None)


def _money_shares(sentence: Sentence, seen: set[int]) -> Iterator[Claim]:
    """800万元，其中省级480万元，占60%: shares of the amount that `其中` opened."""
    at = sentence.text.find("其中")
    wholes = [each for each in sentence.figures if each.kind == "money" and each.end <= at]
    for found in matches(MONEY_SHARE, sentence) if wholes else ():
        k, r = sentence.figure(found, "k"), sentence.figure(found, "r")
        if r.start in seen or k.start < at or k.value > wholes[-1].value:
            continue
        claim = compared(sentence, found, (k, wholes[-1], r))
        if claim:
            seen.add(r.start)
            yield claim


def _opened(sentence: Sentence, k: Figure) -> Figure | None:
    """The whole that an `其中` before a count opened in the same sentence."""
    at = sentence.text.find("其中")
    wholes = [each for each in sentence.figures if each.kind == "count" and each.end <= at < k.start]
    return wholes[-1] if wholes and wholes[-1].value >= k.value else None


def _base_exists(
    sentence: Sentence, found: re.Match[str], figures: tuple[Figure, Figure], fitting: range, told: int | None
) -> Claim:
    k, r = figures
    count = int(k.value)
    middle = count * r.per / r.printed if r.printed else Fraction(0)
    near = [each for each in (int(middle), int(middle) + 1) if each >= max(count, 1)]
    shown = [f"{count:,}/{each:,} = {r.like(Fraction(count * r.per, each))}" for each in near]
    held = f"{count:,}/{told or (fitting[0] if fitting else 0):,} = {r.like(r.printed)}"
    return Claim(
        "prose.no_counts",
        sentence,
        place_of(sentence, found),
        sentence.quote(found),
        bool(fitting),
        held if fitting else " · ".join(shown),
        template="“{quote}”: there is no whole base of which {numerator} is {stated}",
        hint="the nearest are {repairs}; or the count is another one",
        values={"numerator": k.raw.strip(), "stated": r.raw.strip()},
        repairs=() if fitting else tuple(shown),
        severity=Severity.ERROR,
        stated=r,
    )
