"""Sentences as patterns read them: every figure one sign (Ⓒ count, Ⓜ money, Ⓟ per cent, Ⓡ other rate, Ⓓ points, Ⓖ range)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tallymark.verify.prose.document import Block, Document
from tallymark.verify.prose.figures import WIDE, Figure, figures_in
from tallymark.verify.prose.shapes import covered

SIGNS = {"count": "Ⓒ", "money": "Ⓜ", "percent": "Ⓟ", "rate": "Ⓡ", "points": "Ⓓ", "range": "Ⓖ"}
ENDS = re.compile(
    r"[。！？!?\n\t|｜]+[”’」』）)]*|(?<!\b[A-Z])(?<!\bNo)(?<!\bvs)(?<!\bapprox)(?<!\be\.g)(?<!\bi\.e)(?<!\bca)\.(?=\s+[\"“(]?[A-Z]|\s*$|\s+\d[\d,]*\s+[a-z])"
)
LONGEST = 1200


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, its figures, and its skeleton in which each figure is one sign."""

    block: Block
    start: int
    text: str
    figures: tuple[Figure, ...]
    skeleton: str
    at: dict[int, Figure]
    """Figures by their place in the skeleton."""
    origin: tuple[int, ...]
    """The place in the text of each sign of the skeleton."""
    before: tuple[Sentence, ...] = field(default=(), repr=False, compare=False)
    """The sentences of the same block that come before, nearest last."""

    def figure(self, found: re.Match[str], group: int | str) -> Figure:
        """The figure that a group of a pattern caught."""
        return self.at[found.start(group)]

    def quote(self, found: re.Match[str] | None = None) -> str:
        """The words that a pattern caught, as written; the whole sentence without one."""
        if found is None:
            return shortened(self.text.strip())
        start = self.origin[found.start()]
        last = found.end() - 1
        figure = self.at.get(last)
        end = figure.end if figure else self.origin[last] + 1
        if figure and figure.unit and self.text[end:].lstrip().startswith(figure.unit):
            end = self.text.index(figure.unit, end) + len(figure.unit)
        caught = self.text[start:end]
        for opening, closing in ("()", "（）"):
            if caught.count(opening) > caught.count(closing) and self.text[end : end + 1] == closing:
                caught += closing
        return shortened(caught.strip(" ，,、；;"))


BESIDE = re.compile(r"\s*[（(]\s*(?:占(?:比)?)?\s*Ⓟ\s*[)）]|[，,]\s*占[^ⒸⓂⓅⓇⒹⒼ，。；;]{0,8}Ⓟ")


def without_shares(sentence: Sentence) -> Sentence | None:
    """A sentence without the shares beside its counts (`92 (50%)`, `，占5%`); None where it has none."""
    cut = [place for found in BESIDE.finditer(sentence.skeleton) for place in range(*found.span())]
    if not cut:
        return None
    gone = set(cut)
    kept = [place for place in range(len(sentence.skeleton)) if place not in gone]
    at = {new: sentence.at[old] for new, old in enumerate(kept) if old in sentence.at}
    return replace(
        sentence, skeleton="".join(sentence.skeleton[place] for place in kept), at=at,
        origin=tuple(sentence.origin[place] for place in kept),
    )  # fmt: skip


def shortened(text: str, most: int = 160) -> str:
    """At most `most` characters of a text, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def sentences_of(document: Document, *, measured: bool = False) -> Iterator[Sentence]:
    """Every sentence of a document that is not empty, in order; measures are figures where asked for."""
    for block in document.blocks:
        before: list[Sentence] = []
        for start, text in _cut(block.text):
            sentence = _sentence(block, start, text, tuple(before), measured)
            before.append(sentence)
            yield sentence


def _cut(text: str) -> Iterator[tuple[int, str]]:
    """Stretches between ends of sentences; one that is endless is cut, so that patterns stay quick."""
    plain = text.translate(WIDE)
    start = 0
    for end in [found.end() for found in ENDS.finditer(plain)] + [len(text)]:
        while end - start > LONGEST:
            yield start, text[start : start + LONGEST]
            start += LONGEST
        if text[start:end].strip():
            yield start, text[start:end]
        start = end


def _sentence(
    block: Block, start: int, text: str, before: tuple[Sentence, ...], measured: bool = False
) -> Sentence:
    figures = tuple(figures_in(text, measured=measured))
    bare = covered(text.translate(WIDE), measured=measured)
    signs: list[str] = []
    origin: list[int] = []
    at: dict[int, Figure] = {}
    place = 0
    for figure in figures:
        _copy(bare, place, figure.start, signs, origin)
        at[len(signs)] = figure
        signs.append(SIGNS[figure.kind])
        origin.append(figure.start)
        place = figure.end
    _copy(bare, place, len(bare), signs, origin)
    return Sentence(block, start, text, figures, "".join(signs), at, tuple(origin), before)


def _copy(text: str, start: int, end: int, signs: list[str], origin: list[int]) -> None:
    signs.extend(text[start:end])
    origin.extend(range(start, end))
