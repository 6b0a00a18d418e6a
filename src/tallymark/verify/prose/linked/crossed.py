"""Tables against the text beside them: cells told again, means, gaps and ranks of a column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from tallymark.findings import Severity
from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.judging import HINT, Candidate, quoted, slipped, wrong
from tallymark.verify.prose.linked.quantities import Quantity
from tallymark.verify.prose.rounding import half_unit
from tallymark.verify.prose.sentences import Sentence
from tallymark.verify.prose.tables import NUMBER, TOTAL, Row, rows_of

FEWEST_ROWS = 3
MEAN = re.compile(r"平均|\b(?:mean|average)\b", re.I)
GAP = re.compile(
    r"(?:最高|第一).{0,12}(?:最低|最后).{0,8}(?:相差|差距)|相差|\b(?:gap|difference|spread|range) between\b.{0,60}\b(?:is|was|of)\b",
    re.I,
)
RANK = re.compile(r"名次|排名|位次|排位|^rank", re.I)
SCORE = re.compile(r"分|score|points|coverage|率|%", re.I)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table, with the names of its columns where the first row holds none but names."""

    rows: tuple[Row, ...]
    header: tuple[str, ...]

    def column(self, at: int) -> list[tuple[Row, Fraction]]:
        """The numbers of a column, without those of the total."""
        return [
            (row, number)
            for row in self.rows
            if at < len(row.cells)
            and not TOTAL.match(row.cells[0])
            and (number := row.number(at)) is not None
        ]


def tables_of(sentences: Sequence[Sentence]) -> Iterator[Table]:
    """The tables of a text."""
    held: list[Row] = []
    for row in (*rows_of(sentences), None):
        if row is not None:
            held.append(row)
            continue
        if len(held) > FEWEST_ROWS - 1:
            named = not any(NUMBER.match(cell.strip()) for cell in held[0].cells[1:])
            yield Table(tuple(held[named:]), held[0].cells if named else ())
        held = []


def crossed_claims(told: Sequence[Quantity], sentences: Sequence[Sentence]) -> Iterator[Claim]:
    """What the text says of the tables."""
    tables = list(tables_of(sentences))
    for q in told if tables else ():
        if not q.exact or q.figure.kind not in ("count", "percent", "rate", "points"):
            continue
        if any(_in_cells(q, table) for table in tables) and q.figure.kind != "points":
            continue
        for table in tables:
            yield from _again(q, table)
            yield from _of_column(q, table)
    for table in tables:
        yield from _ranks(table, sentences)


def _in_cells(q: Quantity, table: Table) -> bool:
    """Whether a figure is a cell of the row that the sentence names last before it, or names no row of the table."""
    row = _row_of(q, table)
    return row is not None and any(row.number(at) == q.figure.value for at in range(1, len(row.cells)))


def _row_of(q: Quantity, table: Table) -> Row | None:
    """The row named last before a figure in its sentence."""
    before = q.sentence.text[: q.figure.start]
    named = [
        (before.rfind(row.cells[0].strip()), row)
        for row in table.rows
        if len(row.cells[0].strip()) > 1 and not TOTAL.match(row.cells[0])
    ]
    place, row = max(named, key=lambda each: each[0], default=(-1, None))
    return row if place >= 0 and len(before) - place <= 60 else None


def _again(q: Quantity, table: Table) -> Iterator[Claim]:
    row = _row_of(q, table)
    if row is None or q.figure.kind == "points":
        return
    cells = [(at, number) for at in range(1, len(row.cells)) if (number := row.number(at)) is not None]
    alike = [
        (at, number)
        for at, number in cells
        if len(row.cells[at].strip().partition(".")[2]) == q.figure.decimals
    ]
    near_by = [(at, number) for at, number in alike if slipped(q.figure, number * q.figure.times)]
    if len(near_by) != 1 or q.figure.times != 1:
        return
    at, number = near_by[0]
    other, head = row.cells[at].strip(), table.header[at].strip() if at < len(table.header) else ""
    yield Claim(
        "prose.told_twice", q.sentence, q.figure.start, quoted(q), False, f"{q.figure.raw.strip()} ≠ {other}",
        template="“{quote}”: {stated} here, {other} before: “{where}”",
        hint="one of the two is a slip, or they are of different things or days: say which",
        values={"stated": q.figure.raw.strip(), "other": other, "where": " ".join(filter(None, (row.cells[0].strip(), head, other)))},
        repairs=(f"{q.figure.raw.strip()} ↔ {other}",), severity=Severity.WARNING, stated=q.figure,
    )  # fmt: skip


def _of_column(q: Quantity, table: Table) -> Iterator[Claim]:
    """The mean of a column, or how far its best and worst are apart."""
    words = q.sentence.text[max(0, q.figure.start - 80) : q.figure.start]
    clause = re.split(r"[，,。；;]", words)[-1]
    for pattern, reckon in ((MEAN, _mean_of), (GAP, _gap_of)):
        if not pattern.search(clause if pattern is MEAN else words):
            continue
        width = max(len(row.cells) for row in table.rows)
        columns = [(at, table.column(at)) for at in range(1, width)]
        reckoned = [
            (at, reckon([number for _, number in column]))
            for at, column in columns
            if len(column) >= FEWEST_ROWS
        ]
        if any(abs(right - q.figure.value) <= half_unit(q.figure.decimals) for _, right in reckoned):
            continue
        for at, right in reckoned:
            named = at < len(table.header) and _names(table.header[at], q, pattern is GAP)
            if named and q.figure.decimals and slipped(q.figure, right, 2):
                text = ("Σ ÷ n" if pattern is MEAN else "max − min") + f" = {q.figure.like(right)}"
                yield wrong(
                    "prose.average" if pattern is MEAN else "prose.difference",
                    q,
                    Candidate(right, right, right, text, ()),
                )
                return


def _names(header: str, q: Quantity, gap: bool) -> bool:
    """Whether a column is what a figure is said to be of."""
    word = re.sub(r"[（(].*|\s", "", header)
    if len(word) > 1 and word.lower() in q.sentence.text[: q.figure.start].lower().replace(" ", ""):
        return True
    return gap and ((q.figure.kind == "points" and "%" in header) or (q.unit == "分" and "分" in header))


def _mean_of(numbers: Sequence[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0)) / len(numbers)


def _gap_of(numbers: Sequence[Fraction]) -> Fraction:
    return max(numbers) - min(numbers)


def _ranks(table: Table, sentences: Sequence[Sentence]) -> Iterator[Claim]:
    """A column of ranks in which two rows changed places against the column that it ranks."""
    ranked = next((at for at, name in enumerate(table.header) if RANK.search(name.strip())), None)
    if ranked is None:
        return
    ranks = {id(row): number for row, number in table.column(ranked)}
    for at, name in sorted(enumerate(table.header), key=lambda each: abs(each[0] - ranked)):
        column = [(row, number) for row, number in table.column(at) if id(row) in ranks]
        if (
            at in (0, ranked)
            or not SCORE.search(name)
            or len(column) < FEWEST_ROWS
            or len({number for _, number in column}) < len(column)
        ):
            continue
        order = sorted(column, key=lambda each: -each[1])
        wrong_ones = [row for place, (row, _) in enumerate(order, 1) if ranks[id(row)] != place]
        if len(wrong_ones) == 2 and sorted(ranks.values()) == [
            Fraction(each) for each in range(1, len(ranks) + 1)
        ]:
            yield from _rank_claim(wrong_ones, at, ranked, sentences)
        if len(wrong_ones) in (0, 2):
            return


def _rank_claim(rows: Sequence[Row], at: int, ranked: int, sentences: Sequence[Sentence]) -> Iterator[Claim]:
    first, second = rows
    text = f"{first.cells[at].strip()} > {second.cells[at].strip()}"
    place = first.starts[ranked]
    for sentence in sentences:
        if sentence.block is first.block and sentence.start <= place < sentence.start + len(sentence.text):
            claim = Claim(
                "prose.difference", sentence, place - sentence.start, f"{first.cells[0].strip()} … {first.cells[ranked].strip()}", False, text,
                template="“{quote}”: {arithmetic}, not {stated}", hint=HINT, values={"stated": first.cells[ranked].strip()},
            )  # fmt: skip
            yield replace(claim, repairs=(f"{first.cells[ranked].strip()} ↔ {second.cells[ranked].strip()}",))
            return
