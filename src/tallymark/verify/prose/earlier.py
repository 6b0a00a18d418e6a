"""Figures whose base, whole or other side was told before them: in the same paragraph, or by its name anywhere before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate

from tallymark.verify.prose.claims import Claim, matches, place_of
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.pairs import fits
from tallymark.verify.prose.ratios import repairs
from tallymark.verify.prose.rounding import exact
from tallymark.verify.prose.sentences import Sentence

W = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n]"
N = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n，,、:：（()）]"
SHARE_OF = re.compile(
    rf"(?P<k>[ⒸⓂ]){N}{{0,6}}[，,（(]\s*(?:约)?占(?:到|了)?(?P<name>[一-鿿]{{2,10}}?)(?:总数|总量|总额)?的(?:比例为|比重为)?\s*(?P<r>[ⓅⓇ])"
)
VAGUE = {
    "总",
    "全部",
    "其中",
    "总数",
    "总量",
    "比重",
    "比例",
    "全县",
    "全镇",
    "全村",
    "全市",
    "全省",
    "全年",
    "同期",
    "总额",
}
DEATH_RATE = re.compile(
    rf"(?P<who>婴儿|新生儿|[#\d]岁以下儿童|儿童|孕产妇|围产儿)死亡(?:人数)?{N}{{0,3}}?(?P<k>Ⓒ){N}{{0,3}}[，,、（(]\s*(?P<rate>{N}{{0,12}}死亡率)(?:为|达|是)?\s*(?P<r>Ⓡ)"
)
LIVE_BIRTHS = re.compile(
    rf"活产(?:数|儿|婴儿)?(?:为|是|共|有)?\s*(?P<n>Ⓒ)|(?P<n2>Ⓒ){N}{{0,2}}活产|(?P<n3>Ⓒ)\s+live births", re.I
)
RATE_OF = re.compile(
    rf"(?:^|[。；;，,、：:（(])\s*(?P<what>{N}{{1,12}}?)(?P<k>Ⓒ){N}{{0,4}}[，,、（(]\s*(?P<rate>{N}{{1,12}}率)(?:达到了?|达|为|是|：|:)?\s*(?P<r>Ⓟ)"
)
REST = re.compile(
    rf"其余(?:的)?{N}{{0,6}}?(?P<c>[ⒸⓂ])|\b(?:the\s+)?(?:remaining|rest|other)\s+(?P<c2>Ⓒ)\b", re.I
)
INCOME = re.compile(r"(?:到位|收入|下达|筹集|拨付|预算|拨款|经费|安排)[^ⒸⓂⓅⓇⒹⒼ。；，,]{0,8}$")
SPENT = re.compile(r"(?:支出|使用|支付|开支|列支|已用)[^ⒸⓂⓅⓇⒹⒼ。；，,]{0,6}$")
LEFT = re.compile(rf"(?:结余|剩余|余额|结转){N}{{0,6}}?(?P<c>Ⓜ)")
BROUGHT = re.compile(r"上年结[转余]|年初结[转余]|期初|上年末结|以前年度|结转上年|历年结")
MOST = 60
"""Of the figures of a paragraph, so many last ones are added up two by two."""
NEAR = Fraction(1, 12)
"""A rate this near (of its size) to what the only base gives is a slip; one farther off has another base."""


def earlier_claims(sentences: Sequence[Sentence]) -> Iterator[Claim]:
    """Shares of a base named before, rates and rests of a paragraph, what is left of money."""
    for at, sentence in enumerate(sentences):
        yield from _share_of(sentence, sentences[: at + 1])
        yield from _deaths(sentence, sentences[: at + 1])
        yield from _rate_of(sentence, sentences[:at])
        yield from _rest(sentence)
        yield from _left(sentence, sentences[max(0, at - 4) : at + 1])


def judged(sentence: Sentence, found: re.Match[str], figures: tuple[Figure, Figure, Figure]) -> Claim | None:
    """A claim that k ÷ n is r, wherever n was told; None when one of them is only about so."""
    k, n, r = figures
    if any(each.approximate or each.bound or each.high for each in figures) or n.value <= 0:
        return None
    right = k.value * r.per / n.value
    low, high = k.limits()[0] * r.per / n.limits()[1], k.limits()[1] * r.per / max(n.limits()[0], Fraction(1))
    holds = low < r.value + r.slack and high >= r.value - r.slack
    return Claim(
        "prose.ratio", sentence, place_of(sentence, found), sentence.quote(found), holds,
        f"{k.raw.strip()} ÷ {n.raw.strip()} = {r.like(right)}",
        template="“{quote}”: {numerator} of {denominator} is {right}, not {stated}",
        hint="one of the three is wrong; the smallest repairs: {repairs}",
        values={"numerator": k.raw.strip(), "denominator": n.raw.strip(), "right": r.like(right), "stated": r.raw.strip()},
        repairs=() if holds else repairs(k, n, r), stated=r, right=right,
    )  # fmt: skip


def _share_of(sentence: Sentence, told: Sequence[Sentence]) -> Iterator[Claim]:
    """低出生体重儿178人，占活产数的5.8%: the count that was told under that name."""
    for found in matches(SHARE_OF, sentence):
        k, r, name = sentence.figure(found, "k"), sentence.figure(found, "r"), found["name"]
        bases = _named(name, told, before=k) if name not in VAGUE else []
        bases = [each for each in bases if each.kind == k.kind and each.value >= k.value]
        if bases and not any(fits(k, each.value, r) for each in bases):
            claim = judged(sentence, found, (k, bases[-1], r))
            if claim and not claim.holds:
                yield claim


def _named(name: str, told: Sequence[Sentence], *, before: Figure) -> list[Figure]:
    """Counts whose clause before them ends with a name, in order."""
    bases = []
    for sentence in told:
        for place, figure in sentence.at.items():
            label = re.split(r"[，,。；;：:、（(ⒸⓂⓅⓇⒹⒼ]", sentence.skeleton[max(0, place - 24) : place])[-1]
            label = re.sub(r"(?:共有?|为|达到?|是|有|约)$", "", label.strip())
            earlier = sentence is not told[-1] or figure.start < before.start
            if earlier and label.endswith(name) and figure.kind in ("count", "money"):
                bases.append(figure)
    return bases


def _deaths(sentence: Sentence, told: Sequence[Sentence]) -> Iterator[Claim]:
    """婴儿死亡9人，婴儿死亡率2.74‰: of the live births told before."""
    for found in matches(DEATH_RATE, sentence):
        if found["who"] not in found["rate"] and found["rate"] != "死亡率":
            continue
        births = [
            one.figure(each, name)
            for one in told
            for each in matches(LIVE_BIRTHS, one)
            for name in ("n", "n2", "n3")
            if each[name]
        ]
        k, r = sentence.figure(found, "k"), sentence.figure(found, "r")
        births = [each for each in births if each.value > k.value]
        if births and not any(fits(k, each.value, r) for each in births):
            claim = judged(sentence, found, (k, births[-1], r))
            if claim and not claim.holds:
                yield claim


def _counts(sentence: Sentence, before: int, unit: str) -> list[Figure]:
    """Counts of a unit in the paragraph, up to a place of this sentence."""
    here = [each for each in sentence.figures if each.end <= before]
    told = [each for one in sentence.before for each in one.figures] + here
    return [each for each in told if each.kind == "count" and each.unit == unit and not each.high]


def _rate_of(sentence: Sentence, before: Sequence[Sentence]) -> Iterator[Claim]:
    """受理96件。…办结93件，办结率97.9%: the only count of the paragraph that can be its base nearly gives it."""
    for found in matches(RATE_OF, sentence):
        k, r = sentence.figure(found, "k"), sentence.figure(found, "r")
        if not alike(found["what"], found["rate"]) or not r.decimals or not k.unit or r.aimed or k.aimed:
            continue
        told = [each for each in _counts(sentence, k.start, k.unit) if each.value >= k.value]
        every = [each for one in (*sentence.before, sentence) for each in one.figures if each.kind == "count"]
        lately = [each.value for each in every[-MOST:]]
        sums = {one + other for at, one in enumerate(lately) for other in lately[at + 1 :]}
        known = {each.value for one in before for each in one.figures if each.kind == "count"}
        if not told or any(fits(k, base, r) for base in {each.value for each in every} | sums | known):
            continue
        near = [each for each in told if abs(k.value * r.per / each.value - r.value) <= NEAR * r.value]
        if len({each.value for each in told}) == 1 and near:
            claim = judged(sentence, found, (k, near[-1], r))
            if claim and not claim.holds:
                yield claim


def alike(what: str, rate: str) -> bool:
    """Whether what was counted and the name of the rate share a word, with the same sign (不合格 is not 合格)."""
    letters = re.sub(r"[^一-鿿]", " ", what)
    for at in range(len(letters) - 1):
        pair = letters[at : at + 2]
        if " " not in pair and pair in rate:
            negated = [bool(re.search(r"[不未无非]$", text[: text.index(pair)])) for text in (letters, rate)]
            return negated[0] == negated[1]
    return False


def _rest(sentence: Sentence) -> Iterator[Claim]:
    """办结93件，其余4件: of the 96 told before, whatever was counted between."""
    for found in matches(REST, sentence):
        c = sentence.figure(found, "c" if found["c"] else "c2")
        told = [each for each in _counts(sentence, c.start, c.unit) if not each.approximate]
        if len(told) < 2 or c.approximate or c.kind != "count" or (not c.unit and found["c"]):
            continue
        whole = max(told, key=lambda each: each.value)
        parts = [each for each in told[told.index(whole) + 1 :] if each.value < whole.value]
        sums = {end - start for start, end in _stretches([each.value for each in parts])}
        if not parts or whole.value - c.value in sums or _told_rest(told, c):
            continue
        nearest = min(sums, key=lambda each: abs(whole.value - each - c.value))
        right = whole.value - nearest
        if abs(right - c.value) * 10 > whole.value:
            continue
        yield _said(sentence, found, c, f"{whole.raw.strip()} − {exact(nearest)} = {exact(right)}", right)


def _told_rest(told: Sequence[Figure], c: Figure) -> bool:
    """Whether the rest is that of a smaller whole told on the way: the last count before it that is larger than what follows."""
    for at, whole in enumerate(told[1:], 1):
        after = [each.value for each in told[at + 1 :]]
        if after and max(after) <= whole.value and whole.value - c.value in {end - start for start, end in _stretches(after)}:  # fmt: skip
            return True
    return False


def _stretches(values: Sequence[Fraction]) -> Iterator[tuple[Fraction, Fraction]]:
    """Running sums before and after every stretch of consecutive values."""
    sums = [Fraction(0), *accumulate(values)]
    for start in range(len(values)):
        for end in range(start + 1, len(sums)):
            yield sums[start], sums[end]


def _left(sentence: Sentence, scope: Sequence[Sentence]) -> Iterator[Claim]:
    """到位286.5万元…支出261.4万元，结余35.1万元."""
    for found in matches(LEFT, sentence):
        c = sentence.figure(found, "c")
        amounts = [
            (one.skeleton[:place], figure)
            for one in scope
            for place, figure in one.at.items()
            if figure.kind == "money" and (one is not sentence or figure.start < c.start)
        ]
        came = [figure for before, figure in amounts if INCOME.search(before)]
        gone = [figure for before, figure in amounts if SPENT.search(before)]
        words = " ".join(one.text for one in scope)
        if not came or not gone or c.approximate or BROUGHT.search(words):
            continue
        slack = c.slack + came[0].slack + gone[-1].slack
        money = [figure.value for _, figure in amounts]
        if any(abs(x - y - c.value) <= slack for x in money for y in money):
            continue
        whole = max(came, key=lambda each: each.value)
        right = whole.value - gone[-1].value
        if right > 0:
            yield _said(
                sentence, found, c, f"{whole.raw.strip()} − {gone[-1].raw.strip()} = {exact(right / c.times)}", right
            )  # fmt: skip


def _said(sentence: Sentence, found: re.Match[str], c: Figure, arithmetic: str, right: Fraction) -> Claim:
    return Claim(
        "prose.total", sentence, place_of(sentence, found), sentence.quote(found), False, arithmetic,
        template="“{quote}”: {arithmetic}, not {stated}",
        hint="one of the three is wrong; the smallest repairs: {repairs}",
        values={"stated": c.raw.strip()}, repairs=(f"{c.raw.strip()} ↔ {exact(right / c.times)}",), stated=c,
    )  # fmt: skip
