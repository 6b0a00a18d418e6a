"""Across a text: one uncommon figure for two things, one thing with two figures, what follows from a wrong figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tallymark.findings import Severity
from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.rounding import written
from tallymark.verify.prose.sentences import Sentence

LEAST = 1000
STOP = re.compile(r"[^一-鿿a-z]")
COMMON = {
    "the", "of", "and", "were", "was", "to", "in", "a", "for", "had", "all", "these", "those", "with", "by", "on", "at", "made", "people",
    "women", "persons", "that", "this", "which", "who", "their", "its", "there", "from", "an", "as", "has", "have", "been", "are", "is",
    "total", "times", "did", "we", "also", "same", "year", "received", "carried", "out", "per", "more",
}  # fmt: skip
ANAPHORA = re.compile(
    r"(?:这|该|上述|以上|其中|此|均|全部|都|应|实|共|总|the|these|those|all|of|same|every|each|said)\s*$",
    re.I,
)


def used_twice(sentences: Sequence[Sentence]) -> Iterator[Claim]:
    """The same uncommon count for two things told one after the other, in one unit here and in another there."""
    for sentence in sentences:
        if any(figure.kind == "percent" and figure.value == 100 for figure in sentence.figures):
            continue  # all of them: the same number by right
        counts = [(place, figure) for place, figure in sentence.at.items() if _uncommon(figure)]
        for at, (place, figure) in enumerate(counts):
            for earlier_place, earlier in counts[:at]:
                if figure.printed == earlier.printed and _different(sentence, earlier_place, place):
                    yield _claim(sentence, earlier, figure)


def _uncommon(figure: Figure) -> bool:
    digits = str(int(figure.printed)).rstrip("0")
    return figure.kind == "count" and figure.whole and figure.value >= LEAST and len(digits) >= 4


def _different(sentence: Sentence, first: int, second: int) -> bool:
    """Whether the two counts are said to be of things that share no word."""
    text = sentence.skeleton
    one, other = _label(text, first), _label(text, second)
    before = text[max(0, second - 10) : second]
    if ANAPHORA.search(before) or not one or not other:
        return False
    clause = re.split(r"[，,。；;]", text[second:])[0]
    if re.search(r"[=＝+Ⓟ]|率|应.*实|其中", text[first:second]) or "Ⓟ" in clause:
        return False
    return not one & other


def _label(text: str, place: int) -> set[str]:
    """Words before and after a figure within its clause."""
    left = re.split(r"[，,。；;：:、（(ⒸⓂⓅⓇⒹⒼ]|\band\b", text[max(0, place - 30) : place])[-1]
    right = re.split(r"[，,。；;：:、（(）)ⒸⓂⓅⓇⒹⒼ.]|\band\b", text[place + 1 : place + 30])[0]
    words = set()
    for part in (left, right):
        letters = STOP.sub(" ", part.lower())
        for word in letters.split():
            if word.isascii():
                words |= {word.rstrip("s")} if word not in COMMON and len(word) > 2 else set()
            else:
                words |= {word[at : at + 2] for at in range(len(word) - 1)}
    return words - {"人次", "人员", "群众", "开展", "完成", "全年", "累计", "共计"}


def _claim(sentence: Sentence, earlier: Figure, figure: Figure) -> Claim:
    return Claim(
        "prose.used_twice", sentence, figure.start, sentence.quote(), False, f"{earlier.raw}{earlier.unit} = {figure.raw}{figure.unit}",
        template="“{quote}”: {stated} stands for two different things",
        hint="settle which of the two was counted, and whether people or contacts; put the other count in its place",
        values={"stated": figure.raw.strip()}, severity=Severity.WARNING,
    )  # fmt: skip


def follows(claims: Sequence[Claim]) -> Iterator[Claim]:
    """Differences that agree with a rate that its own counts do not give, with what they would be."""
    wrong = {(claim.stated.printed, claim.stated.per): claim for claim in claims if claim.stated and claim.right is not None and not claim.holds}  # fmt: skip
    for claim in claims:
        sources = [(figure, wrong.get((figure.printed, figure.per))) for figure in claim.operands]
        source = next(((figure, one) for figure, one in sources if one), None)
        if not claim.holds or not source:
            continue
        figure, found = source
        other = next(each for each in claim.operands if each is not figure)
        would = abs((found.right or 0) - other.value)
        yield Claim(
            "prose.follows", claim.sentence, claim.place, claim.quote, False, claim.arithmetic,
            template="“{quote}”: {arithmetic} follows from {stated}, which its counts do not give",
            hint="with {source} it would be {would}",
            values={"stated": figure.raw.strip(), "source": found.arithmetic, "would": written(would, figure.decimals)},
            severity=Severity.NOTE,
        )  # fmt: skip
