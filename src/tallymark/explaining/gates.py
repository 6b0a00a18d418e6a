"""Gates of the contract for a unit: which bite, what verdicts they count, and how to appeal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tallymark.explaining.explanation import Row
from tallymark.explaining.tables import Question
from tallymark.model.text import Text
from tallymark.programme.gates import condition
from tallymark.programme.resolved import Contract, Gate, Programme
from tallymark.score.verdict_gates import standing_of
from tallymark.store.runs import Run


def gates(ask: Question) -> Sequence[Row]:
    """Gates that rest on verdicts, and those that read this figure, of the contracts that the unit is scored by."""
    if ask.period.code != ask.run.manifest["period"]:
        return ()
    bitten = ask.query(
        f"SELECT contract, gates FROM {ask.table('totals')} WHERE unit = $unit ORDER BY contract", {"unit": ask.unit}
    )  # fmt: skip
    return [
        gate_row(
            ask.run, ask.programme, (contract, gate), unit=ask.unit, bitten=str(row["gates"] or "").split(",")
        )
        for row in bitten
        if (contract := ask.programme.contracts.get(row["contract"])) is not None
        for gate in contract.gates
        if gate.verdict is not None or ask.indicator.name in gate.names
    ]


def gate_row(
    run: Run, programme: Programme, asked: tuple[Contract, Gate], *, unit: str, bitten: Sequence[str]
) -> Row:
    """A gate of a contract as it stands for a unit: what it asks, what it counts, whether it bites."""
    contract, gate = asked
    titles = {name: one.title for name, one in programme.indicators.items()}
    titles |= {name: one.title for name, one in programme.measures.items()}
    against, recounted, days = None, None, None
    if gate.verdict is not None and "verdicts" in run.manifest["tables"]:
        verdicts = run.table("verdicts")
        standing = standing_of(verdicts, programme.units, (unit,), contract)
        counts = standing.count(gate.verdict)
        against, recounted = int(counts[0][0]), int(counts[1][0])
        days = max(_days(programme, gate), default=None)
    return {
        "contract": contract.code,
        "gate": gate.code,
        "title": gate.title,
        "bites": gate.code in bitten,
        "condition": Text(condition(gate, titles, "en"), condition(gate, titles, "zh")),
        "counted": against,
        "recounted": recounted,
        "answer_days": days,
        "appeal": gate.appeal,
    }


def _days(programme: Programme, gate: Gate) -> Iterator[int]:
    for name, one in programme.verifications.items():
        if gate.verdict is not None and name in (gate.verdict.verifications or programme.verifications):
            yield one.answer_days
