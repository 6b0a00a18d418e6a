"""Rows under the headings that tell how to fill in a form: found when nothing in them can be a figure, and noted."""

from __future__ import annotations

import numpy as np

from tallymark.findings import Finding, Severity, Where
from tallymark.sources.dates import parse_day, parse_month, parse_period, parse_year
from tallymark.sources.grid import Chunk
from tallymark.sources.numbers import parse_number
from tallymark.sources.plan import Plan
from tallymark.sources.reading import Reading
from tallymark.sources.verdicts import REFUSES, Verdict

MOST = 5
"""So many rows under the headings may be instructions."""
LONG = 30
"""A cell of more signs is a sentence."""


def instruction_rows(chunk: Chunk, plan: Plan, reading: Reading) -> int:
    """How many rows at the top of the first chunk are instructions: no unit, no time and no value, but words."""
    names = reading.names(plan, None)
    texts = [
        [_text(chunk, at, row) for at in range(len(chunk.columns))]
        for row in range(min(MOST, len(chunk.rows)))
    ]
    count = 0
    for row in texts:
        if names.find(row[plan.unit])[1] is not Verdict.UNKNOWN_UNIT or not _is_instruction(
            row, plan, reading
        ):
            break
        count += 1
    return count if count < len(chunk.rows) else 0


def note_instructions(chunk: Chunk, count: int, plan: Plan, reading: Reading) -> Chunk:
    """The chunk without its first rows, which are noted with what they say."""
    rows = chunk.rows[:count]
    texts = [_text(chunk, at, row) for row in range(count) for at in range(len(chunk.columns))]
    reading.problems.note(
        Finding(
            "receive.instruction_rows",
            Severity.NOTE,
            "{count} rows under the headings hold instructions, not figures; left out",
            "Set `first_row` in the source to say where the figures begin.",
            {"count": count},
            Where(
                file=reading.problems.file,
                sheet=plan.sheet or None,
                row=int(rows[0]),
                dataset=plan.dataset.name,
            ),
            {
                "rows": rows.tolist(),
                "texts": [] if plan.dataset.vaulted else [text for text in texts if text][:20],
            },
        )
    )
    return chunk.take(np.arange(count, len(chunk.rows)))


def _text(chunk: Chunk, at: int, row: int) -> str:
    return (chunk.columns[at].text[row].as_py() or "").strip()


def _is_instruction(row: list[str], plan: Plan, reading: Reading) -> bool:
    others = [row[at] for at in plan.used if at != plan.unit and row[at]]
    verdicts = [parse_number(text, decimal=".", whole=False)[1] for text in others]
    figures = [parse_number(row[at], decimal=".", whole=False)[1] for at, _ in plan.items if row[at]]
    if _has_time(row, plan, reading) or any(verdict < REFUSES for verdict in figures):
        return False
    words = sum(verdict is Verdict.NOT_A_NUMBER for verdict in verdicts)
    return (words > 1 and bool(plan.items)) or any(len(text) > LONG for text in (row[plan.unit], *others))


def _has_time(row: list[str], plan: Plan, reading: Reading) -> bool:
    """Whether the row says when: a period, a year, a month or a day, as its columns ask."""
    dates = [at for at, declared in plan.columns if declared.type == "date"]
    columns = [*(plan.time.columns if plan.time else ()), *dates]
    calendar, year = reading.programme.calendar, reading.received.year
    for text in (row[at] for at in columns if row[at]):
        if parse_year(text) or parse_month(text) or parse_day(text, order="dmy", latest_year=year)[0]:
            return True
        _, verdict = parse_period(text, frequency="month", calendar=calendar, order="dmy", latest_year=year)
        if verdict in (Verdict.OK, Verdict.OTHER_FREQUENCY):
            return True
    return False
