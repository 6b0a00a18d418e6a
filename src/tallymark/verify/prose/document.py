"""A text with its places: blocks (paragraphs, list items, cells), each with page, paragraph and lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tallymark.findings import Where

CLOSED = re.compile(r"[。！？!?；;：:.]['\"”’」』）)]*\s*$")
OPENS = re.compile(
    r"^\s*([-*•·●▪◆#>|]|[(（]?\d{1,3}[.)、．）](?!\d)\s*|[(（]?[一二三四五六七八九十]{1,3}[、）)．.]|第[一二三四五六七八九十\d]+[章节条])"
)
WRAPPED = 110
LONG = 50
"""A text whose longest line has so many characters is no list of short lines."""
"""Longer lines are whole paragraphs."""
CJK = re.compile(r"[　-〿一-鿿＀-￯]")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that holds whole sentences, and where it stands."""

    text: str
    line: int | None = None
    page: int | None = None
    paragraph: int | None = None
    breaks: tuple[int, ...] = ()
    """Offsets at which further lines begin."""


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks in reading order, and the name that findings give."""

    name: str
    blocks: tuple[Block, ...]

    def where(self, block: Block, offset: int) -> Where:
        """The place of a character of a block."""
        line = None if block.line is None else block.line + bisect_right(block.breaks, offset)
        return Where(file=self.name, line=line, page=block.page, paragraph=block.paragraph)


def document_of(text: str, name: str = "-") -> Document:
    """A document of plain text: lines that run on are joined into paragraphs, places are line numbers."""
    return Document(name, tuple(blocks_of(text.splitlines())))


def blocks_of(lines: Iterable[str], *, page: int | None = None) -> Iterator[Block]:
    """Paragraphs of lines: a blank line, a list mark, or a line that ends a sentence before the margin, ends one."""
    lines = list(lines)
    margin = min(max(map(len, lines), default=0), WRAPPED)
    held: list[str] = []
    first = 0
    for number, line in enumerate(lines, 1):
        turn = held and (
            ("\t" in line) != ("\t" in held[-1])  # prose ends where a table begins
            or (
                margin >= LONG
                and len(held[-1]) < margin / 2
                and not CLOSED.search(held[-1])
                and len(held) == 1
            )
        )  # a heading: there was room for more words
        if held and (not line.strip() or OPENS.match(line) or turn or _ends(held[-1], margin)):
            yield _joined(held, first, page)
            held = []
        if not line.strip():
            continue
        if not held:
            first = number
        held.append(line.strip() if held else line.rstrip())
    if held:
        yield _joined(held, first, page)


def _ends(line: str, margin: int) -> bool:
    """Whether a line ends a paragraph: its sentence is over, and there was room for more words."""
    return bool(CLOSED.search(line)) and (
        bool(CJK.search(line)) or len(line) < 0.8 * margin or len(line) > WRAPPED
    )


def _cut_number(text: str, line: str) -> bool:
    """Whether a line was broken between a number and its 万 or 亿."""
    return text[-1].isdigit() and line[0] in "万亿"


def _joined(lines: list[str], first: int, page: int | None) -> Block:
    """Lines as one text: nothing between Chinese characters, a line break after an end, a space elsewhere."""
    text, breaks = lines[0], []
    for line in lines[1:]:
        if CLOSED.search(text) and CJK.search(text[-1:]):
            text += "\n"
        elif not (
            text and line and ((CJK.match(text[-1]) and CJK.match(line[0])) or _cut_number(text, line))
        ):
            text += " "
        breaks.append(len(text))
        text += line
    return Block(text, line=first, page=page, breaks=tuple(breaks))
