"""Tables in a text: a row that calls itself the total has to be the sum of the rows above it, column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, permutations

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.document import Block
from tallymark.verify.prose.rounding import exact, half_unit, written
from tallymark.verify.prose.sentences import Sentence

TOTAL = re.compile(
    r"^\s*(?:合\s*计|总\s*计|共\s*计|小\s*计|总\s*数|(?:grand\s+|sub-?)?totals?|sum)\s*[:：]?\s*$", re.I
)
PARTIAL = re.compile(r"其中|of which|小\s*计|sub-?total", re.I)
NUMBER = re.compile(r"^-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$")
SEPARATOR = re.compile(r"[\t|｜]| {2,}|　+")
SPACED = re.compile(r"^\s*[^\d\s]\S*(?: [A-Za-z][A-Za-z-]*){0,3}(?P<numbers>(?:\s-?[\d,.]+)+)\s*$")
"""A row of a printed table: a label of a few words, then numbers."""
LEAST = 2
FEWEST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A line of cells: label, numbers (None where there is none), and where each cell begins in its block."""

    block: Block
    cells: tuple[str, ...]
    starts: tuple[int, ...]

    def number(self, at: int) -> Fraction | None:
        """The number of a cell."""
        cell = self.cells[at].strip()
        return Fraction(cell.replace(",", "")) if NUMBER.match(cell) else None


def table_claims(sentences: Sequence[Sentence]) -> Iterator[Claim]:
    """Totals of tables."""
    table: list[Row] = []
    for row in rows_of(sentences):
        short = row is not None and bool(table) and _short_total(row, table[-1])
        if row is None or (table and len(row.cells) != len(table[-1].cells) and not short):
            yield from _rates(sentences, table)
            table = []
        if row is None:
            continue
        if TOTAL.match(row.cells[0]):
            totals = list(_totals(sentences, table, row))
            yield from totals
            fits = not table or len(row.cells) == len(table[-1].cells)
            sound = fits and all(
                claim.holds for claim in totals
            )  # a wrong total gives a wrong rate: told once
            yield from _rates(sentences, [*table, row] if sound else table)
            table = []
        else:
            table.append(row)
    yield from _rates(sentences, table)


def _short_total(row: Row, last: Row) -> bool:
    """Whether a row is a total without the last cells (the total has no rank)."""
    return bool(TOTAL.match(row.cells[0])) and 2 <= len(row.cells) < len(last.cells)


def rows_of(sentences: Sequence[Sentence]) -> Iterator[Row | None]:
    """The lines of a text as rows; None where a table ends."""
    for block in {id(sentence.block): sentence.block for sentence in sentences}.values():
        yield from _rows(block)


def _rows(block: Block) -> Iterator[Row | None]:
    """The lines of a block as rows; None where a line is none, so that a table ends there."""
    edges = [0, *block.breaks, len(block.text)]
    for start, end in pairwise(edges):
        yield _row(block, start, block.text[start:end])


def _row(block: Block, start: int, line: str) -> Row | None:
    cuts = [found.span() for found in SEPARATOR.finditer(line.rstrip())]
    if not cuts and (spaced := SPACED.match(line)):
        cuts = [
            (spaced.start("numbers") + a, spaced.start("numbers") + b)
            for a, b in (found.span() for found in re.finditer(r"\s", spaced["numbers"]))
        ]
    if not cuts:
        return None
    edges = [0, *(place for cut in cuts for place in cut), len(line.rstrip())]
    parts = [(edges[at], edges[at + 1]) for at in range(0, len(edges), 2)]
    parts = [(a, b) for a, b in parts if line[a:b].strip() or 0 < a < len(line.rstrip())]
    return (
        Row(block, tuple(line[a:b].strip() for a, b in parts), tuple(start + a for a, _ in parts))
        if len(parts) > 1
        else None
    )


def _totals(sentences: Sequence[Sentence], above: Sequence[Row], total: Row) -> Iterator[Claim]:
    rows = [row for row in above if any(row.number(at) is not None for at in range(1, len(row.cells)))]
    if len(rows) < LEAST or any(PARTIAL.search(row.cells[0]) for row in rows):
        return
    for at in range(1, len(total.cells)):
        numbers, stated = [row.number(at) for row in rows], total.number(at)
        known = [number for number in numbers if number is not None]
        if stated is None or len(known) < len(numbers):
            continue
        added = sum(known, Fraction(0))
        rounding = Fraction(len(rows) + 1, 2) / 10 ** max(
            _decimals(total.cells[at]), *(_decimals(row.cells[at]) for row in rows)
        )
        if not any(_decimals(row.cells[at]) for row in (*rows, total)):
            rounding = Fraction(0)
        # A total within its column is an average or a rate; one that is twice the sum holds the parts of parts.
        if stated < max(known) or added == 2 * stated or any(number < 0 for number in known):
            continue
        yield from _claim(
            sentences, total, at, abs(added - stated) <= rounding, [row.cells[at] for row in rows], added
        )


def _rates(sentences: Sequence[Sentence], rows: Sequence[Row]) -> Iterator[Claim]:
    """A column of rates that two columns of counts give in most rows: the rows in which they do not."""
    body = [row for row in rows if any(row.number(at) is not None for at in range(1, len(row.cells)))]
    if len(body) < FEWEST_ROWS:
        return
    width = len(body[0].cells)
    for rate in range(1, width):
        if not any(_decimals(row.cells[rate]) for row in body):
            continue
        best: tuple[int, list[tuple[Row, Fraction, bool]]] = (0, [])
        for part, whole in permutations([at for at in range(1, width) if at != rate], 2):
            judged = list(_quotients(body, rate, part, whole))
            best = max(best, (sum(holds for *_, holds in judged), judged), key=lambda each: each[0])
        fitting, judged = best
        if fitting < LEAST or fitting * 2 <= len(judged) or fitting == len(judged):
            continue
        for row, right, holds in judged:
            if not holds:
                yield from _rate_claim(sentences, row, rate, right)


def _quotients(rows: Sequence[Row], rate: int, part: int, whole: int) -> Iterator[tuple[Row, Fraction, bool]]:
    """Of each row with all three numbers: what the counts give in per cent, and whether it is what is printed."""
    for row in rows:
        k, n, r = row.number(part), row.number(whole), row.number(rate)
        if k is None or n is None or r is None or n <= 0 or k < 0 or row.cells[part] == row.cells[rate]:
            continue
        right = k * 100 / n
        yield row, right, abs(right - r) <= half_unit(_decimals(row.cells[rate]))


def _rate_claim(sentences: Sequence[Sentence], row: Row, at: int, right: Fraction) -> Iterator[Claim]:
    place, cell = row.starts[at], row.cells[at]
    for sentence in sentences:
        if sentence.block is row.block and sentence.start <= place < sentence.start + len(sentence.text):
            shown = written(right, _decimals(cell))
            stated = next((each for each in sentence.figures if each.start >= place - sentence.start), None)
            yield Claim(
                "prose.ratio", sentence, place - sentence.start, f"{row.cells[0]} … {cell}", False, f"{shown} %",
                template="“{quote}”: the counts of the row give {arithmetic}, not {stated}",
                hint="the rate or one of the counts is wrong; the smallest repairs: {repairs}",
                values={"stated": cell}, repairs=(f"{cell} ↔ {shown}",), stated=stated,
            )  # fmt: skip
            return


def _decimals(cell: str) -> int:
    return len(cell.partition(".")[2])


def _claim(
    sentences: Sequence[Sentence], total: Row, at: int, holds: bool, parts: Sequence[str], added: Fraction
) -> Iterator[Claim]:
    place = total.starts[at]
    for sentence in sentences:
        if sentence.block is total.block and sentence.start <= place < sentence.start + len(sentence.text):
            stated = next((each for each in sentence.figures if each.start >= place - sentence.start), None)
            yield Claim(
                "prose.total", sentence, place - sentence.start, f"{total.cells[0]} … {total.cells[at]}", holds,
                " + ".join(parts) + f" = {exact(added)}",
                template="“{quote}”: {arithmetic}, not {stated}",
                hint="the total or one part is wrong, or a part is left out; the smallest repairs: {repairs}",
                values={"stated": total.cells[at]}, repairs=() if holds else (f"{total.cells[at]} ↔ {exact(added)}",), stated=stated,
            )  # fmt: skip
            return
