"""Multiples: doubled, halved, 翻一番, so many times as much, ratios of one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.changes import BEFORE
from tallymark.verify.prose.linked.judging import HINT, Candidate, apart, explained, quoted, slipped, wrong
from tallymark.verify.prose.linked.quantities import Quantity, alike_units, levels, near
from tallymark.verify.prose.rounding import half_unit, written
from tallymark.verify.prose.sentences import Sentence

RATIO = re.compile(
    r"(?:收入比|师生比|医护比|床护比|生师比|性别比|比例|之比)(?:为|是|达到?)?\s*$|\bratio(?: of)?\s*$", re.I
)
TIMES = re.compile(r"^\s*倍(?!率)|^\s*times\b(?! more)", re.I)
WORDS: tuple[tuple[re.Pattern[str], Fraction], ...] = (
    (re.compile(r"翻了?一番|(?<!re)\bdoubl(?:ed|ing)\b|\bdouble the\b|\btwice\b", re.I), Fraction(2)),
    (re.compile(r"翻了?两番|\bquadrupl(?:ed|ing)\b", re.I), Fraction(4)),
    (re.compile(r"\b(?:tripl|trebl)(?:ed|ing)\b", re.I), Fraction(3)),
    (re.compile(r"\bhalved\b|\bhalving\b|减半|减少一半|下降一半", re.I), Fraction(1, 2)),
)
MORE = re.compile(r"(?:more than|over|超过|逾|将?近|接近|almost|nearly|about)\s*$", re.I)
LOOSE = Fraction(1, 10)
PER_HUNDRED = ("性别比",)


def multiple_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Ratios in figures, then multiples in words."""
    for r in told:
        if (
            r.figure.kind == "count"
            and r.sure
            and not r.unit
            and (RATIO.search(_head(r)) or TIMES.match(r.tail))
        ):
            yield from _ratio(told, r)
    sentences = list({id(each.sentence): each.sentence for each in told}.values())
    for sentence in sentences:
        yield from _worded([each for each in told if each.sentence is sentence], sentence)


def _head(r: Quantity) -> str:
    """What stands before a ratio, without its `1:`."""
    return re.sub(r"[Ⓒ1]\s*[:：]\s*$", "", r.sentence.skeleton[max(0, r.place - 40) : r.place])


def _ratio(told: Sequence[Quantity], r: Quantity) -> Iterator[Claim]:
    around = [each for each in levels(near(told, r, reach=0)) if each.figure.value > 1]
    pairs = [
        (a, b)
        for a in around
        for b in around
        if a is not b and a.figure.kind == b.figure.kind and a.figure.value > 0 and b.figure.value > 0
    ]
    candidates = [each for a, b in pairs if (each := _quotient(a, b, r))]
    close = [each for each in candidates if apart(each.right, r.figure.value) <= Fraction(1, 4)]
    if explained(r.figure, candidates):
        return
    best = next((each for each in close[:6] if slipped(r.figure, each.right, 2)), None)
    beside = [
        each
        for each in close
        if {one.start for one in each.operands} == {one.figure.start for one in _two_before(told, r)}
    ]
    best = best or next(iter(beside), None)
    two_only = len({each.figure.value for each in around if each.sentence is r.sentence}) == 2
    if best is None and two_only and close and close[0].operands[0].start < r.figure.start:
        best = close[0]
    if best is not None:
        yield wrong("prose.growth" if TIMES.match(r.tail) else "prose.average", r, best)


def _two_before(told: Sequence[Quantity], r: Quantity) -> list[Quantity]:
    """The two levels told right before a ratio in its sentence, but for the 1 of 1:1.5."""
    before = [
        each
        for each in told[max(0, r.order - 4) : r.order]
        if each.sentence is r.sentence and each.figure.value > 1
    ]
    return levels(before)[-2:]


def _quotient(a: Quantity, b: Quantity, r: Quantity) -> Candidate | None:
    right = a.figure.value / b.figure.value * (100 if r.figure.value > 40 else 1)
    if not Fraction(1, 2) <= right / max(r.figure.value, Fraction(1, 100)) <= 2 and a.unit != b.unit:
        return None
    if TIMES.match(r.tail) and not alike_units(a, b):
        return None
    wide = (a.figure.slack / a.figure.value + b.figure.slack / b.figure.value) * right + half_unit(
        r.figure.decimals
    )
    text = f"{a.figure.raw.strip()} ÷ {b.figure.raw.strip()} = {written(right, max(r.figure.decimals, 1))}"
    return Candidate(right, right - wide, right + wide, text, (a.figure, b.figure))


def _worded(here: Sequence[Quantity], sentence: Sentence) -> Iterator[Claim]:
    """1.3万户次，同比翻了一番，去年为0.86万户次."""
    for pattern, meant in WORDS:
        for found in pattern.finditer(sentence.skeleton):
            sides = _sides(here, found)
            if sides is None:
                continue
            then, now = sides
            right = now.figure.value / then.figure.value
            more = MORE.search(sentence.skeleton[: found.start()])
            if (
                apart(right, meant) <= LOOSE
                or (more and meant > 1 and right > meant * Fraction(9, 10))
                or not Fraction(1, 4) <= right / meant <= 4
            ):
                continue
            text = f"{now.figure.raw.strip()} ÷ {then.figure.raw.strip()} = {written(right, 2)}"
            yield Claim(
                "prose.growth", sentence, then.figure.start, quoted(then), False, text,
                template="“{quote}”: {arithmetic}, not {stated}", hint=HINT, values={"stated": found.group()},
                repairs=(f"{found.group()} ↔ {written(right, 2)}",), stated=then.figure,
            )  # fmt: skip


def _sides(here: Sequence[Quantity], found: re.Match[str]) -> tuple[Quantity, Quantity] | None:
    """The figure of before and that of now, when they stand next to the word and are of one kind."""
    levels_ = [
        each
        for each in here
        if each.sure
        and not each.grown
        and each.figure.kind in ("count", "money", "percent", "rate")
        and each.figure.value > 0
    ]
    behind = [each for each in levels_ if each.place > found.end()][:2]
    ahead = [each for each in levels_ if each.place < found.start()][-1:]
    near_word = [each for each in behind if each.place - found.end() <= 40]
    if (
        len(near_word) == 2
        and re.search(r"[由从]|\bfrom\b", near_word[0].lead[-12:])
        and re.search(r"[到至]|\bto\b", near_word[1].lead)
        and alike_units(*near_word)
    ):
        return near_word[0], near_word[1]
    between = near_word[0].lead if near_word else ""
    of_before = (
        BEFORE.search(between[-24:])
        or re.search(r"the\s*$", between)
        or re.search(r"year before|previous|last", near_word[0].tail if near_word else "")
    )
    if (
        near_word
        and ahead
        and of_before
        and found.start() - ahead[0].place <= 30
        and alike_units(near_word[0], ahead[0])
        and near_word[0].figure.kind == ahead[0].figure.kind
    ):
        return near_word[0], ahead[0]
    return None
