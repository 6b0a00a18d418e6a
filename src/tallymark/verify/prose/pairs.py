"""Counts told one after the other, each with its share: most of them tell the base, and the others have to fit it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from tallymark.verify.prose.claims import Claim, place_of
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.ratios import repairs
from tallymark.verify.prose.rounding import exact
from tallymark.verify.prose.sentences import Sentence

N = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n（()）]"
PAIR = re.compile(
    rf"(?P<k>[ⒸⓂ])(?:{N}{{0,30}}?[（(]\s*(?:占(?:比)?)?\s*(?P<r>Ⓟ)\s*[)）]|(?P<unit>{N}{{0,6}}?)[，,]\s*占(?P<of>{N}{{0,10}}?)\s*(?P<r2>Ⓟ))"
)
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A count and its share, where they stand."""

    sentence: Sentence
    found: re.Match[str]
    k: Figure
    r: Figure


def pair_claims(sentences: Sequence[Sentence]) -> Iterator[Claim]:
    """Of three or more counts with shares in one paragraph, those that do not fit the base which most of them have."""
    blocks: dict[int, list[Sentence]] = {}
    for sentence in sentences:
        blocks.setdefault(id(sentence.block), []).append(sentence)
    for block in blocks.values():
        by_sentence = [list(_pairs(sentence)) for sentence in block]
        told = [figure for sentence in block for figure in sentence.figures]
        for listed, kind in product(
            (*by_sentence, [pair for each in by_sentence for pair in each]), ("count", "money")
        ):
            group = [pair for pair in listed if pair.k.kind == kind]
            if len(group) >= FEWEST:
                bare = all(not pair.k.unit for pair in group)  # 92,300 of USD 184,500
                yield from _judged(
                    group, [each for each in told if each.kind == kind or (bare and each.kind == "money")]
                )


def _pairs(sentence: Sentence) -> Iterator[Pair]:
    for found in PAIR.finditer(sentence.skeleton):
        k = sentence.figure(found, "k")
        r = sentence.figure(found, "r" if found["r"] else "r2")
        if not any(each.approximate or each.bound or each.high for each in (k, r)) and k.value > 0:
            yield Pair(sentence, found, k, r)


def fits(k: Figure, base: Fraction, r: Figure) -> bool:
    """Whether a count of a base is printed as this share."""
    (low, high) = k.limits()
    return base > 0 and low * r.per / base < r.value + r.slack and high * r.per / base >= r.value - r.slack


def _judged(group: Sequence[Pair], told: Sequence[Figure]) -> Iterator[Claim]:
    candidates = {each.value for each in told} | {sum((pair.k.value for pair in group), Fraction(0))}
    best = max(candidates, key=lambda base: (sum(fits(pair.k, base, pair.r) for pair in group), base))
    fitting = [pair for pair in group if fits(pair.k, best, pair.r)]
    if len(fitting) < 2 or 2 * len(fitting) <= len(group):
        return
    last = fitting[-1]
    for pair in group:
        outside = pair.k.value > best or pair.k.unit != last.k.unit
        if pair in fitting or outside or any(fits(pair.k, base, pair.r) for base in candidates):
            continue
        whole = next((each for each in told if each.value == best), None)
        right = pair.k.value * pair.r.per / best
        yield Claim(
            "prose.ratio", pair.sentence, place_of(pair.sentence, pair.found), pair.sentence.quote(pair.found), False,
            f"{pair.k.raw.strip()} ÷ {exact(best)} = {pair.r.like(right)}",
            template="“{quote}”: {numerator} of {denominator} is {right}, not {stated}",
            hint="one of the three is wrong; the smallest repairs: {repairs}",
            values={"numerator": pair.k.raw.strip(), "denominator": exact(best), "right": pair.r.like(right), "stated": pair.r.raw.strip()},
            repairs=repairs(pair.k, whole, pair.r) if whole else (pair.r.like(right),), stated=pair.r, right=right,
        )  # fmt: skip
