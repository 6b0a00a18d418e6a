"""One thing told with two figures in two places: the same words, the same unit and time, and figures that a slip of one
digit, or of two beside each other, turns into each other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from tallymark.findings import Severity
from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.repeats import COMMON
from tallymark.verify.prose.sentences import Sentence

FEWEST_DIGITS = 3
"""Without the zeros at the end: 1,000 and 5,000 are round numbers, not slips of each other."""
EDGE = r"[，,。；;：:、（）()“”\n\tⒸⓂⓅⓇⒹⒼ]"
GENERIC = re.compile(
    r"^(?:同时|另外|目前|现|在|今年|本年|年内|全年|年度|截至|截止|共计|总计|合计|累计|共|总|已|我[县镇村市区院]|本[县镇村市区院]|全[县镇村市区院乡]|"
    r"完成|实现|有|对|为|的|了|达到?|开展|年末|年底|#+年?)+|(?:共计|总计|合计|共有?|达到?了?|为|是|有|已|仅|的|了|约|完成)+$"
)
TIMES = re.compile(
    r"(?:19|20)\d\d(?=年|\b)|\d{1,2}\s*(?:[—–~-]\s*\d{1,2}\s*)?月|[一二三四]季度|[上下]半年|\b(?:Q[1-4]|first|second|third|fourth)\b|"
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
OTHERWISE = re.compile(
    r"上年|去年|前年|同期|上月|本月|当月|每月|月均|日均|上周|本周|期初|年初|计划|目标|任务|预计|力争|应|累计|新增|其中|下同|"
    r"\b(?:last|previous|prior|earlier|target|plan\w*|goal|expected|projected|male|female|women|men|boys|girls|each|per|cumulative|new|additional|another|other)\b",
    re.I,
)
PLACES = re.compile(r"[一-鿿]{2,5}?(?:村|乡|镇|县|市|区|街道|社区|医院|卫生院|学校)|(?<=[a-z,;] )[A-Z][a-z]+")
SMALL = {
    "about", "over", "between", "after", "before", "into", "under", "than", "only", "some", "many", "most", "when", "then", "they", "while",
    "where", "against", "within", "during", "until", "since", "both", "not", "but", "can", "may", "will", "would", "could", "should",
}  # fmt: skip
"""Words that say nothing of what is counted."""
OWN = re.compile(r"^(?:全|我|本|各|该|农|乡)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A figure, what it is said to be of, and within what scope."""

    sentence: Sentence
    order: int
    figure: Figure
    label: str
    """Chinese: the words before it."""
    words: frozenset[str]
    noun: str
    """English: the word that says what is counted, and the words around."""
    times: frozenset[str]
    otherwise: frozenset[str]
    places: frozenset[str]
    near: str
    """The figure with the words beside it."""


def conflict_claims(sentences: Sequence[Sentence]) -> Iterator[Claim]:
    """Pairs of figures for one thing; a label that stands for three or more figures is a series and no contradiction."""
    mentions = [one for order, sentence in enumerate(sentences) for one in _mentions(sentence, order)]
    groups: dict[tuple[str, str, str], list[Mention]] = defaultdict(list)
    for one in mentions:
        key = one.label or one.noun
        if key:
            groups[(key, one.figure.kind, one.figure.unit if one.label else "")].append(one)
    for members in groups.values():
        spoken = bool(members[0].label)
        if spoken and len({one.figure.value for one in members}) > 2:
            continue
        told: set[tuple[object, object]] = set()
        for first, second in combinations(members, 2):
            pair = (first.figure.value, second.figure.value)
            if pair not in told and _of_one_thing(first, second, spoken=spoken):
                told.add(pair)
                yield _claim(first, second)


def _of_one_thing(first: Mention, second: Mention, *, spoken: bool) -> bool:
    if first.order == second.order or not slip(first.figure, second.figure):
        return False
    if first.otherwise != second.otherwise:
        return False
    if first.times and second.times and not first.times & second.times:
        return False
    share = first.figure.kind in ("percent", "rate")
    if share and (first.sentence.block is second.sentence.block or first.places != second.places):
        return False
    if first.places and second.places and not first.places & second.places:
        return False
    return spoken or (not share and bool((first.words & second.words) - {first.noun}))


def slip(one: Figure, other: Figure) -> bool:
    """Whether the printed digits differ in one place, or in two neighbours that changed places."""
    a, b = (
        f"{each.printed.numerator * 10**each.decimals // each.printed.denominator}" for each in (one, other)
    )
    if one.decimals != other.decimals or one.times != other.times or one.per != other.per:
        return False
    if len(a) != len(b) or min(len(a.rstrip("0")), len(b.rstrip("0"))) < FEWEST_DIGITS or a == b:
        return False
    places = [at for at in range(len(a)) if a[at] != b[at]]
    swapped = len(places) == 2 and places[1] == places[0] + 1 and a[places[0]] == b[places[1]] and a[places[1]] == b[places[0]]  # fmt: skip
    return len(places) == 1 or swapped


def _mentions(sentence: Sentence, order: int) -> Iterator[Mention]:
    text, end = sentence.block.text, sentence.start + len(sentence.text)
    if re.search(r"[\t|｜]", text[max(0, sentence.start - 1) : end + 1]):
        return  # a cell of a table
    for place, figure in sentence.at.items():
        if figure.approximate or figure.bound or figure.aimed or figure.high or figure.kind == "points":
            continue
        before = re.split(EDGE, sentence.skeleton[max(0, place - 60) : place])[-1]
        after = re.split(EDGE, sentence.skeleton[place + 1 : place + 60])[0]
        start = sentence.origin[place - len(before)] if before else figure.start
        clause = sentence.text[start : figure.end] + after
        told = sentence.text[: figure.end]
        label, words, noun = "", frozenset[str](), ""
        if re.search(r"[一-鿿]", before):
            label = _label(before)
        elif re.search(r"[A-Za-z]", before + after):
            words, noun = _english(before, after)
        yield Mention(
            sentence, order, figure, label, words, noun, _nearest(TIMES, told, clause),
            frozenset(each.group().lower() for each in OTHERWISE.finditer(clause)), _places(told),
            _beside(sentence.text[start : figure.start], figure, after),
        )  # fmt: skip


def _beside(before: str, figure: Figure, after: str) -> str:
    """A figure with two words before it and one after, or the Chinese words of its clause."""
    if re.search(r"[一-鿿]", before):
        return f"{before.strip()}{figure.raw.strip()}{figure.unit}"
    words = [*before.split()[-2:], figure.raw.strip(), *after.split()[:1]]
    return " ".join(words)


def _label(before: str) -> str:
    text = re.sub(r"\s", "", before)
    while (shorter := GENERIC.sub("", text)) != text:
        text = shorter
    return text if len(re.findall(r"[一-鿿]", text)) >= 2 else ""


def _nearest(pattern: re.Pattern[str], told: str, clause: str) -> frozenset[str]:
    """What the clause says itself, else what the sentence said last."""
    own = {each.group() for each in pattern.finditer(clause)}
    last = [each.group() for each in pattern.finditer(told)][-1:]
    return frozenset(own or last)


def _places(told: str) -> frozenset[str]:
    return frozenset(each.group() for each in PLACES.finditer(told) if not OWN.match(each.group()))


def _english(before: str, after: str) -> tuple[frozenset[str], str]:
    """Content words around a figure, and what is counted: `population of N`, else the first content word after it."""
    left, right = ([_stem(word) for word in re.findall(r"[A-Za-z]+", part)] for part in (before, after))
    left, right = [each for each in left if each], [each for each in right if each]
    of = re.search(r"\bof\s*$", before.lower())
    noun = (left[-1] if left else "") if of else (right[0] if right else "")
    return frozenset(left + right), noun


def _stem(word: str) -> str:
    word = word.lower()
    if word in COMMON - {"people", "women", "persons"} or word in SMALL or len(word) < 3:
        return ""
    return re.sub(r"(?:ing|ed|es|s)$", "", word) if len(word) > 4 else word


def _claim(first: Mention, second: Mention) -> Claim:
    one, other = (f"{each.figure.raw.strip()}{each.figure.unit}" for each in (first, second))
    quote = " ".join(second.sentence.text.split())
    return Claim(
        "prose.told_twice", second.sentence, second.figure.start, quote if len(quote) <= 160 else quote[:159] + "…", False,
        f"{one} ≠ {other}",
        template="“{quote}”: {stated} here, {other} before: “{where}”",
        hint="one of the two is a slip, or they are of different things or days: say which",
        values={"stated": other, "other": one, "where": first.near},
        repairs=(f"{other} ↔ {one}",), severity=Severity.WARNING, stated=second.figure,
    )  # fmt: skip
