"""How a figure earned its points, and what changed since the last run."""

from __future__ import annotations

from collections.abc import Sequence

from tallymark.explain.explanation import Row
from tallymark.explain.tables import Question
from tallymark.flow import previous_run
from tallymark.model.text import Text
from tallymark.programme.resolved import Line
from tallymark.score.explain_points import arithmetic
from tallymark.store.runs import Run

CAUSES = (
    ("data_hash", "other data"),
    ("programme", "another programme"),
    ("code_version", "another version of the code"),
)


def points_earned(ask: Question) -> Sequence[Row]:
    """Lines of the run's contracts that score this figure for this unit, with the arithmetic."""
    if ask.period.code != ask.run.manifest["period"]:
        return ()
    rows = ask.query(
        f"SELECT * FROM {ask.table('scores')} WHERE unit = $unit AND indicator = $indicator ORDER BY contract, line",
        {"unit": ask.unit, "indicator": ask.indicator.name},
    )
    lines = {
        (contract.code, line.code): line
        for contract in ask.programme.contracts.values()
        for line in (*contract.lines, *contract.bonus)
    }
    return [_explained(row, lines.get((row["contract"], row["line"]))) for row in rows]


def _explained(row: Row, line: Line | None) -> Row:
    kind = str(row["kind"])
    words = Text(arithmetic(line, row, "en"), arithmetic(line, row, "zh")) if line else Text(kind, kind)
    return {
        "contract": row["contract"],
        "line": row["line"],
        "title": line.title if line else Text(str(row["line"])),
        "points": row["points"],
        "available": row["available"],
        "status": row["status"],
        "arithmetic": words,
    }


def change(ask: Question) -> Row | None:
    """The figure in the run before this one, with what differs between the two; None when this is the first."""
    before = previous_run(ask.run)
    if before is None:
        return None
    first, last = int(before.manifest["data_version"]), int(ask.run.manifest["data_version"])
    return {
        "run": before.id,
        "before": _value(ask, before),
        "now": _value(ask, ask.run),
        "batches": list(range(first + 1, last + 1)),
        "causes": [cause for key, cause in CAUSES if before.manifest[key] != ask.run.manifest[key]],
    }


def _value(ask: Question, run: Run) -> float | None:
    rows = ask.query(
        f"SELECT value FROM {ask.table('indicators', run)} WHERE unit = $unit AND period = $period "
        "AND indicator = $indicator AND breakdown = ''",
        ask.names,
    )
    return rows[0]["value"] if rows else None
