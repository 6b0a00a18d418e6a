"""Fractions in words (八成, 三分之一, four in ten, half) set against the counts and shares of the same thing beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.quantities import Quantity, alike_units, levels, near
from tallymark.verify.prose.numerals import chinese_number
from tallymark.verify.prose.rounding import written
from tallymark.verify.prose.sentences import Sentence, shortened

ZH = re.compile(
    r"(?P<way>超过|超|逾|突破|不足|不到|低于|接近|近|将近|约|达)?(?:(?P<tenth>[一二三四五六七八九两])成(?P<half>半)?|(?P<d>[二三四五六七八九十])分之(?P<n>[一二三四五六七八九])|(?P<half2>一半|半数))(?P<after>以上|以下|左右|多)?"
)
EN = re.compile(
    r"\b(?P<way>more than |over |less than |under |nearly |almost |about |just over |just under |some |roughly |exactly )?(?P<word>(?:a|one|two|three|four) (?:third|quarter|fifth|half|thirds|quarters|fifths)|half|(?P<a>one|two|three|four|five|six|seven|eight|nine|\d) (?:in|out of) (?:every )?(?P<b>two|three|four|five|six|seven|eight|nine|ten|\d{1,2}))\b",
    re.I,
)
SMALL = {
    word: at
    for at, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {"a": 1}
PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5}
LOOSE = Fraction(6, 100)
MOVES = re.compile(
    r"fell|rose|drop|cut|increase|grew|down|up|by (?:a|one)|fewer|more|下降|增长|减少|增加|提高|降低|缩短",
    re.I,
)


def fraction_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Every fraction in words beside which a count of a whole or a share of the same thing is told."""
    for sentence in list({id(each.sentence): each.sentence for each in told}.values()):
        here = [each for each in told if each.sentence is sentence]
        for found in ZH.finditer(sentence.text):
            yield from _judged(told, here, sentence, found, _chinese(found))
        for found in EN.finditer(sentence.text):
            yield from _judged(told, here, sentence, found, _english(found))


def _chinese(found: re.Match[str]) -> Fraction | None:
    if found["half2"]:
        return Fraction(1, 2)
    if found["tenth"]:
        return Fraction(int(chinese_number(found["tenth"].replace("两", "二")) or 0), 10) + (
            Fraction(1, 20) if found["half"] else 0
        )
    return Fraction(int(chinese_number(found["n"]) or 0), int(chinese_number(found["d"]) or 1))


def _english(found: re.Match[str]) -> Fraction | None:
    word = found["word"].lower()
    if found["a"]:
        return Fraction(_small(found["a"]), _small(found["b"]))
    for name, parts in PARTS.items():
        if name in word:
            first = word.split()[0]
            return Fraction(SMALL.get(first, 1), parts)
    return None


def _small(word: str) -> int:
    return int(word) if word.isdigit() else SMALL[word.lower()]


def _judged(
    told: Sequence[Quantity],
    here: Sequence[Quantity],
    sentence: Sentence,
    found: re.Match[str],
    meant: Fraction | None,
) -> Iterator[Claim]:
    moved = MOVES.match(sentence.text[found.end() : found.end() + 12].strip())
    if (
        meant is None
        or moved
        or not 0 < meant < 1
        or MOVES.search(sentence.text[max(0, found.start() - 16) : found.start()])
    ):
        return
    share = _share(told, here, sentence, found)
    if share is None:
        return
    right, text = share
    if _holds(found, meant, right):
        return
    yield Claim(
        "prose.ratio", sentence, found.start(), shortened(sentence.text.strip()), False, text,
        template="“{quote}”: {arithmetic}, not {stated}", hint="put right what is wrong: {repairs}",
        values={"stated": found.group().strip()}, repairs=(f"{found.group().strip()} ↔ {written(right * 100, 1)} %",),
    )  # fmt: skip


def _holds(found: re.Match[str], meant: Fraction, right: Fraction) -> bool:
    way = ((found["way"] or "") + (found.groupdict().get("after") or "")).strip().lower()
    if re.search(r"超|逾|突破|以上|多|more than|over", way) and "just" not in way:
        return meant <= right + Fraction(1, 200) and right <= meant + Fraction(1, 5)
    if re.search(r"不足|不到|低于|以下|less than|under", way) and "just" not in way:
        return meant >= right - Fraction(1, 200) and right >= meant - Fraction(1, 5)
    return abs(meant - right) <= LOOSE


def _share(
    told: Sequence[Quantity], here: Sequence[Quantity], sentence: Sentence, found: re.Match[str]
) -> tuple[Fraction, str] | None:
    """The share that the counts beside the words give, and how; None where nothing says which are meant."""
    k = _counted(told, here, sentence, found)
    if k is None:
        return None
    if k.figure.kind == "percent":
        return k.figure.value / 100, k.figure.raw.strip()
    around = [
        each
        for each in levels(near(told, k, reach=2))
        if each.figure.value > k.figure.value and alike_units(each, k)
    ]
    wholes = [each for each in around if each.order < k.order or each.sentence is sentence]
    spoken = re.match(r"\s*of (?:the|its|all|these|those|our)?", sentence.text[found.end() :])
    if spoken and spoken.group().strip():
        beside = [
            each
            for each in here
            if each.figure.start >= found.end() and each.figure.start <= found.end() + 24 and each in wholes
        ]
        wholes = beside or wholes
    rights = [(k.figure.value / each.figure.value, each) for each in wholes]
    meant = _chinese(found) if re.search("[一-鿿]", found.group()) else _english(found)
    if not rights or any(_holds(found, meant or Fraction(0), right) for right, _ in rights):
        return None
    right, whole = rights[0]
    if not Fraction(1, 20) <= right:
        return None
    return right, f"{k.figure.raw.strip()} ÷ {whole.figure.raw.strip()} = {written(right * 100, 1)} %"


def _counted(
    told: Sequence[Quantity], here: Sequence[Quantity], sentence: Sentence, found: re.Match[str]
) -> Quantity | None:
    """The count or share that the fraction is said of: in brackets beside it, in the clause before, or of the same name."""
    after = [each for each in here if each.figure.start >= found.end() and each.sure]
    if (
        after
        and re.fullmatch(r"[^，,。；;.]{0,40}[（(]\s*", sentence.text[found.end() : after[0].figure.start])
        and after[0].figure.kind in ("count", "percent")
    ):
        return after[0]
    if after and re.fullmatch(
        r"(?:以上|以下)?[，,]\s*(?:为|达到?|共)\s*",
        sentence.text[found.end() - len(found.groupdict().get("after") or "") : after[0].figure.start],
    ):
        return after[0]
    before = [each for each in here if each.figure.end <= found.start() and each.sure]
    between = sentence.text[before[-1].figure.end : found.start()] if before else ""
    name = re.search(
        r"(?P<name>[一-鿿]{2,6}?)(?:占比?|的比例|人数)?$",
        re.split(r"[，,。；;]", sentence.text[: found.start()])[-1],
    )
    subject = re.sub(r"占比?$|人数$|的?比例$", "", name["name"]) if name else ""
    if subject and len(subject) >= 2:
        named = [
            each
            for each in levels(told)
            if each.sentence.block is sentence.block
            and each.label.endswith(subject)
            and each.figure.kind == "count"
        ]
        if len(named) == 1:
            return named[0]
    if before and re.fullmatch(
        r"[人件例名户册次个份起家所台宗条]{0,2}[，,（(]\s*(?:占比?|约占|即|or|that is|i\.e\.,?)?[^，,。]{0,4}",
        between,
    ):
        return before[-1] if before[-1].figure.kind in ("count", "percent") else None
    if (
        before
        and re.fullmatch(r"[^.;，。]{0,40}[,;]\s*(?:or|about|i\.e\.|that is)?\s*", between)
        and before[-1].figure.kind == "percent"
    ):
        return before[-1]
    return None
