"""How a figure earned its points, and what changed since the last run."""

from __future__ import annotations

from collections.abc import Sequence

from tallymark.asked import previous_run
from tallymark.explaining.explanation import Row
from tallymark.explaining.tables import Question
from tallymark.model.text import Text
from tallymark.programme.resolved import Deduction, Line
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
        f"SELECT s.*, i.previous, i.last_year, i.three_year_mean FROM {ask.table('scores')} AS s "
        f"LEFT JOIN {ask.table('indicators', periods=[ask.period.code])} AS i "
        "ON i.unit = s.unit AND i.indicator = s.indicator AND i.period = $period AND i.breakdown = '' "
        "WHERE s.unit = $unit AND s.indicator = $indicator ORDER BY s.contract, s.line",
        ask.names,
    )
    declared: dict[tuple[str, str], Line | Deduction] = {}
    for contract in ask.programme.contracts.values():
        declared.update({(contract.code, each.code): each for each in (*contract.lines, *contract.bonus)})
        declared.update({(contract.code, each.code): each for each in contract.deductions})
    return [_explained(row, declared[row["contract"], row["line"]]) for row in rows]


def _explained(row: Row, declared: Line | Deduction) -> Row:
    return {
        "contract": row["contract"],
        "line": row["line"],
        "title": declared.title,
        "points": row["points"],
        "available": row["available"],
        "status": row["status"],
        "arithmetic": Text(arithmetic(declared, row, "en"), arithmetic(declared, row, "zh")),
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
        f"SELECT value FROM {ask.table('indicators', run, periods=[ask.period.code])} "
        "WHERE unit = $unit AND period = $period AND indicator = $indicator AND breakdown = ''",
        ask.names,
    )
    return rows[0]["value"] if rows else None
