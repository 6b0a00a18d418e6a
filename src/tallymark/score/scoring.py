"""Scores a contract: points, totals, ranks and gaps from indicators, pure over Arrow tables and arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tallymark.findings import Finding, Severity, Where
from tallymark.model.periods import Calendar
from tallymark.model.units import Units
from tallymark.programme.resolved import Contract, Gate, Line
from tallymark.score.figures import gather
from tallymark.score.gaps import gaps
from tallymark.score.points import Known
from tallymark.score.ranking import groups, ranked
from tallymark.score.results import gaps_table, ranks_table, scores_table, sensitivity_table, totals_table
from tallymark.score.sensitivity import sensitivity
from tallymark.score.totals import Result, total_points
from tallymark.score.verdict_gates import counted
from tallymark.score.watch import watched

COLUMNS = ("value", "low", "high", "numerator", "denominator")
GATE_UNKNOWN = "The condition of gate {gate} cannot be judged: a figure is missing. The gate stays open."


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored contract as result tables (schemas of `model.tables`), ordered by unit code, then by line."""

    scores: pa.Table
    totals: pa.Table
    ranks: pa.Table
    gaps: pa.Table
    sensitivity: pa.Table
    findings: tuple[Finding, ...]
    """Notes on gates whose condition could not be judged."""


def score(
    contract: Contract,
    units: Units,
    indicators: pa.Table,
    measures: pa.Table,
    *,
    calendar: Calendar,
    verdicts: pa.Table | None = None,
    seed: int = 0,
) -> Scored:
    """The contract scored for its period: for the units that signed it, or all of its level on the last day.

    Strands of a bundle are scored for the bundle's period, and all their rows are in the tables, too.
    `verdicts` are what gates with `verdict:` count; without, those gates are unknown and stay open.
    `seed` fixes the simulation of rank sets. What each part does with missing and uncertain figures:
    `score/points.py` (lines), `totals.py` (scaling, gates), `ranking.py`, `watch.py`, `gaps.py`.
    """
    contract = _of_period(contract, contract)
    known = _known(contract, units, indicators, measures)
    known = replace(known, verdicts=counted(contract, verdicts, units, known.units))
    result = total_points(contract, known)
    scored = []
    for part in result.everything:
        group = groups(part.contract, dict(known.attributes), len(known.units))
        watch = watched(part, indicators, group, known=known, calendar=calendar)
        scored.append((part, ranked(part, group, seed=seed), watch))
    moved = [sensitivity(part, ranks, seed=seed) for part, ranks, _ in scored]
    return Scored(
        scores=scores_table(result, known.units, known.bases),
        totals=totals_table(scored, known.units),
        ranks=ranks_table([(part, ranks) for part, ranks, _ in scored if part.contract.ranking], known.units),
        gaps=gaps_table(gaps(result, known, calendar), known.units),
        sensitivity=sensitivity_table([each for each in moved if each], known.units),
        findings=tuple(_open_gates(result, known.units)),
    )


def _of_period(contract: Contract, whole: Contract) -> Contract:
    strands = tuple((_of_period(strand, whole), weight) for strand, weight in contract.bundle)
    return replace(contract, period=whole.period, bundle=strands)


def _known(contract: Contract, units: Units, indicators: pa.Table, measures: pa.Table) -> Known:
    """Everything the contract asks about, its units in the order of their codes whatever the tree's order."""
    codes = tuple(sorted(contract.units or units.at_level(contract.level.code, contract.period.end)))
    names, past = set[str](), set[str]()
    for part in with_strands(contract):
        names |= _names(part)
        past |= {line.award.over for line in _lines(part) if line.award.kind == "improvement"}
    period, wanted = contract.period.code, sorted(names)
    return Known(
        units=codes,
        attributes=_attributes(contract, units, codes, names),
        indicators=gather(
            indicators, "indicator", wanted, period=period, units=codes, columns=(*COLUMNS, *sorted(past))
        ),
        measures=gather(measures, "measure", wanted, period=period, units=codes, columns=("value",)),
    )


def with_strands(contract: Contract) -> Iterator[Contract]:
    """The contract, and the strands of its bundle with theirs."""
    yield contract
    for strand, _ in contract.bundle:
        yield from with_strands(strand)


def _lines(contract: Contract) -> tuple[Line, ...]:
    return (*contract.lines, *contract.bonus)


def _names(contract: Contract) -> set[str]:
    found = {deduction.indicator.name for deduction in contract.deductions}
    for line in _lines(contract):
        found |= {line.indicator.name} if line.indicator else set()
        found |= set(line.award.things) if line.award.kind == "checklist" else set()
        found |= line.when.names if line.when else set()
    return found.union(*(gate.names for gate in contract.gates))


def _attributes(
    contract: Contract, units: Units, codes: Sequence[str], names: Iterable[str]
) -> dict[str, NDArray[Any]]:
    wanted = {part.peers for part in with_strands(contract)} | set(names)
    places = np.array([units.index[code] for code in codes], np.int64)
    return {
        name: np.array(values, object)[places] for name, values in units.attributes.items() if name in wanted
    }


def _open_gates(result: Result, units: Sequence[str]) -> Iterator[Finding]:
    for part in result.everything:
        for bite in part.gates:
            for unit in np.flatnonzero(bite.unknown).tolist():
                yield Finding(
                    "score.gate_unknown",
                    Severity.NOTE,
                    GATE_UNKNOWN,
                    values={"gate": bite.gate.code},
                    where=Where(unit=units[unit], period=part.contract.period.code),
                    evidence={"contract": part.contract.code, "when": _asked(bite.gate)},
                )


def _asked(gate: Gate) -> str:
    if gate.when is not None:
        return gate.when.text
    return f"verdict: {gate.verdict.verdict}" if gate.verdict is not None else ""
