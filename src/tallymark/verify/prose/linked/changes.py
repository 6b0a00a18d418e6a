"""Differences, growth and points whose two sides are told anywhere in the paragraph."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.judging import Candidate, apart, explained, slipped, turned, wrong
from tallymark.verify.prose.linked.quantities import Quantity, alike_units, levels, near, paragraph

UP = re.compile(
    r"增加|净增|增|多|延长|上升|提高|增长|\b(?:up|increase[ds]?|rose|rise|grew|more|above|gain\w*|higher|over)\b",
    re.I,
)
DOWN = re.compile(
    r"减少|减|少|缩短|下降|降低|\b(?:down|decrease[ds]?|fell|fall\w*|fewer|less|below|drop\w*|decline[ds]?|short|lower|reduc\w+)\b",
    re.I,
)
MOVED = re.compile(
    r"(?:增加|减少|净增|增|减|多|少|缩短|延长|下降|上升|提高|降低)(?:了|到|达)?\s*$|\b(?:by|an? increase of|a decrease of|a drop of|a fall of|a rise of|up|down|decreased by|increased by|rose by|fell by)\s*$",
    re.I,
)
MORE = re.compile(r"^\s*(?:[a-z]+\s)?(?:more|fewer|less|above|below|over|short|higher|lower)\b", re.I)
LEFT = re.compile(
    r"(?:尚有|还有|仍有|剩余|结余|余|未[^ⒸⓂ，。]{0,8}|延误|缺|尚未[^ⒸⓂ，。]{0,8}|差额|缺口|赤字)(?:为|达|共)?\s*$|\b(?:leaving(?: a balance of)?|balance of|balance is|balance was|a gap of|deficit of|a deficit of|surplus of|remaining|therefore|unspent[^ⒸⓂ]{0,16})\s*(?:USD|Rs\.?|KSh|£|\$)?\s*$",
    re.I,
)
LEFT_AFTER = re.compile(
    r"^\s*(?:[a-z]+\s){0,2}(?:remain\w*|unvaccinated|short of|did not|not yet|failed|declined|were absent|rejected|outstanding|left|missing|have not|not)\b",
    re.I,
)
BEFORE = re.compile(
    r"上年|去年|上月|上周|上季|同期|前年|年初|期初|\b(?:last|previous|earlier|before|prior|from|than|against|versus|vs|compared (?:with|to))\b|由|从|常年|计划|\bplan\b",
    re.I,
)
AGO = re.compile(
    r"\b(?:in|of) (?:the )?(?:previous|last)|\bago\b|\bthe (?:week|month|year) before\b|\byear before\b|\bearlier\b",
    re.I,
)
PLANNED = re.compile(r"计划|任务|目标|应|\b(?:plan\w*|target\w*|expected|required|budget\w*)\b", re.I)
GAP = re.compile(r"\b(?:deficit|surplus|loss|gap|shortfall)\b|差额|缺口|赤字|亏损", re.I)
CLOSE = Fraction(1, 4)


def change_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Every difference, growth and number of points."""
    for each in told:
        if not each.exact:
            continue
        if each.figure.kind == "points":
            yield from _points(told, each)
        elif each.figure.kind == "percent" and each.grown and not each.figure.aimed:
            yield from _growth(told, each)
        elif each.figure.kind in ("count", "money"):
            yield from _difference(told, each)


def _points(told: Sequence[Quantity], p: Quantity) -> Iterator[Claim]:
    """92.4%，较上月提升1.8个百分点，上月为91.6%."""
    here = [
        each
        for each in paragraph(told, p)
        if each.figure.kind in ("percent", "rate") and each.figure.per == p.figure.per
    ]
    rates = sorted(
        (each for each in here if not each.figure.high and not each.grown), key=lambda each: each.order
    )
    pairs = [(a, b) for at, a in enumerate(rates) for b in rates[at + 1 :]]
    if explained(p.figure, [_apart(a, b, p) for a, b in pairs]) or not p.figure.decimals:
        return
    for a, b in itertools.pairwise(rates):
        best = _apart(a, b, p)
        beside = a.order < p.order and not [each for each in rates if b.order < each.order < p.order]
        near_by = abs(best.right - p.figure.value) <= 1 or slipped(p.figure, best.right, 2)
        if beside and near_by and _then(a, b) is not None:
            yield wrong("prose.difference", p, best)
            return


def _then(a: Quantity, b: Quantity) -> Quantity | None:
    """Which of two figures is said to be of before; None when neither is."""
    first, second = sorted((a, b), key=lambda each: each.order)
    between = ""
    if first.sentence is second.sentence:
        between = first.sentence.skeleton[first.place + 1 : second.place]
    if (
        BEFORE.search(second.lead[-24:])
        or AGO.search(second.tail)
        or re.search(r"\b(?:compared with|against|versus|from)\b", between)
    ):
        if re.search(r"[由从]|\bfrom\b", first.lead[-24:]) and re.search(r"[到至]|\bto\b", second.lead):
            return first
        return second
    if BEFORE.search(first.lead[-24:]) or AGO.search(first.tail):
        return first
    return None


def _apart(a: Quantity, b: Quantity, d: Quantity) -> Candidate:
    high, low = sorted((a, b), key=lambda each: each.figure.value, reverse=True)
    right = high.figure.value - low.figure.value
    slack = high.figure.slack + low.figure.slack
    text = f"{high.figure.raw.strip()} − {low.figure.raw.strip()} = {d.figure.like(right)}"
    return Candidate(right, right - slack, right + slack, text, (high.figure, low.figure))


def _growth(told: Sequence[Quantity], g: Quantity) -> Iterator[Claim]:
    """Growth between two levels of one unit, one of which is of before."""
    around = levels(near(told, g), planned=True)
    pairs = [(a, b) for at, a in enumerate(around) for b in around[at + 1 :] if alike_units(a, b)]
    rates = [
        each for each in paragraph(told, g) if each.figure.kind in ("percent", "rate") and not each.grown
    ]
    pairs += [(a, b) for at, a in enumerate(rates) for b in rates[at + 1 :] if a.figure.per == b.figure.per]
    moved = [each for each in paragraph(told, g) if each.figure.kind in ("count", "money")]
    parts = [each for d in moved if d.grown for was in moved for each in _part_of(d, was)]
    if explained(g.figure, [*(each for a, b in pairs for each in _grown(a, b, g)), *parts]):
        return
    linked = [(a, b, then) for a, b in pairs if _beside(a, b, g) and (then := _then(a, b)) is not None]
    for a, b, then in linked[:3]:
        now = b if then is a else a
        right = next(_grown(then, now, g), None)
        if right is not None and (
            _of_wrong_base(then, now, g)
            or slipped(g.figure, right.right)
            or apart(right.right, g.figure.value) <= CLOSE
        ):
            yield wrong("prose.growth", g, right)
            return


def _beside(a: Quantity, b: Quantity, g: Quantity) -> bool:
    """Whether two levels stand next to each other and to their growth, but for what is told of the growth itself."""
    first, second = sorted((a, b), key=lambda each: each.order)
    return (
        second.order - first.order <= 2 + (first.order < g.order < second.order)
        and abs(g.order - second.order) <= 2
    )


def _of_wrong_base(then: Quantity, now: Quantity, g: Quantity) -> bool:
    """Whether growth was reckoned on the later figure, or the one given as a share of the other."""
    off, last, first = abs(now.figure.value - then.figure.value) * 100, now.figure.value, then.figure.value
    wrong_ones = [off / last if last else None, last * 100 / first if first else None]
    return any(
        each is not None and (abs(each - g.figure.value) <= g.figure.slack or slipped(g.figure, each))
        for each in wrong_ones
    )


def _grown(a: Quantity, b: Quantity, g: Quantity) -> Iterator[Candidate]:
    """Growth from one to the other, and the other way."""
    for then, now in ((a, b), (b, a)):
        if then.figure.value <= 0:
            continue
        right = abs(now.figure.value - then.figure.value) * 100 / then.figure.value
        wide = (then.figure.slack + now.figure.slack) * 200 / then.figure.value
        sign = "−" if now.figure.value < then.figure.value else ""
        text = f"{now.figure.raw.strip()} ÷ {then.figure.raw.strip()} − 1 = {sign}{g.figure.like(right)}"
        yield Candidate(right, right - wide, right + wide, text, (now.figure, then.figure))


def _part_of(d: Quantity, was: Quantity) -> Iterator[Candidate]:
    """What a difference is of what was, or of what is."""
    if was is d or not was.figure.value or d.figure.value > was.figure.value or not alike_units(d, was):
        return
    for base in (was.figure.value, was.figure.value - d.figure.value, was.figure.value + d.figure.value):
        if base > 0:
            right = d.figure.value * 100 / base
            wide = (d.figure.slack + was.figure.slack) * 200 / base
            yield Candidate(right, right - wide, right + wide, "", ())


def _difference(told: Sequence[Quantity], d: Quantity) -> Iterator[Claim]:
    moved = MOVED.search(d.label) or MORE.match(d.tail)
    left = LEFT.search(d.label) or LEFT_AFTER.match(d.tail)
    if not moved and not left:
        return
    around = [
        each
        for each in near(told, d, reach=2)
        if each.figure.kind == d.figure.kind and alike_units(each, d) and each.exact
    ]
    pairs = [(a, b) for at, a in enumerate(around) for b in around[at + 1 :]]
    if explained(d.figure, [_apart(a, b, d) for a, b in pairs]):
        yield from _turned(d, pairs) if moved else ()
        return
    if _rest_of_many(d, around):
        return
    before = [each for each in around if each.figure.value > d.figure.value and not each.grown]
    sides = [(a, b) for at, a in enumerate(before[:5]) for b in before[at + 1 : 5]]
    for a, b in sides:
        best = _apart(a, b, d)
        linked = _then_beside(a, b, d) or bool(left and _whole_and_done(a, b, d)) or _planned(a, b, d)
        linked = linked or bool(
            GAP.search(d.lead) and max(a.order, b.order) == d.order - 1 and abs(a.order - b.order) == 1
        )
        off = abs(best.right - d.figure.value)
        near_by = off <= max(Fraction(2), best.right / 4)
        if linked and best.right > 0 and (near_by or _one_slip(a, b, d, best.right)):
            yield wrong("prose.difference", d, best)
            return


def _one_slip(a: Quantity, b: Quantity, d: Quantity, right: Fraction) -> bool:
    """Whether one digit of the difference, or of one of its sides, would put it right."""
    high, low = sorted((a, b), key=lambda each: each.figure.value, reverse=True)
    sides = ((high, low.figure.value + d.figure.value), (low, high.figure.value - d.figure.value))
    return slipped(d.figure, right, 2) or any(
        value > 0 and slipped(each.figure, value) for each, value in sides
    )


def _then_beside(a: Quantity, b: Quantity, d: Quantity) -> bool:
    """Whether the figure of before stands beside the difference."""
    then = _then(a, b)
    return then is not None and abs(then.order - d.order) <= 2 and then.sentence is d.sentence


def _planned(a: Quantity, b: Quantity, d: Quantity) -> bool:
    """Whether one of two figures is a plan and the difference is told beside them."""
    return (
        bool(PLANNED.search(a.words)) != bool(PLANNED.search(b.words))
        and max(abs(a.order - d.order), abs(b.order - d.order)) <= 4
        and a.sentence is b.sentence
    )


def _whole_and_done(a: Quantity, b: Quantity, d: Quantity) -> bool:
    """Whether two counts next to what is left are a whole and what was done of it."""
    first, second = sorted((a, b), key=lambda each: each.order)
    return second.order < d.order and d.order - second.order <= 2 and first.figure.value > second.figure.value


def _turned(d: Quantity, pairs: Sequence[tuple[Quantity, Quantity]]) -> Iterator[Claim]:
    """A difference that is right and goes the other way."""
    giving = [
        (a, b)
        for a, b in pairs
        if abs(abs(a.figure.value - b.figure.value) - d.figure.value) <= d.figure.slack
    ]
    if len(giving) != 1:
        return
    a, b = giving[0]
    then = _then(a, b)
    if then is None or abs(then.order - d.order) != 1:
        return
    now = b if then is a else a
    clause = (
        re.split(r"[，,。；;]", d.sentence.skeleton[max(0, d.place - 24) : d.place])[-1]
        + d.sentence.skeleton[d.place + 1 : d.place + 8]
    )
    up, down = bool(UP.search(clause)), bool(DOWN.search(clause))
    if up != down and up != (now.figure.value > then.figure.value):
        yield turned(d, then.figure, now.figure)


def _rest_of_many(d: Quantity, around: Sequence[Quantity]) -> bool:
    """Whether what is left is the rest of a whole after several parts told one after the other."""
    told = sorted((each for each in around if each.order < d.order), key=lambda each: each.order)
    for at, whole in enumerate(told):
        taken = Fraction(0)
        for part in told[at + 1 :]:
            taken += part.figure.value
            if abs(whole.figure.value - taken - d.figure.value) <= d.figure.slack + whole.figure.slack:
                return True
    return False
