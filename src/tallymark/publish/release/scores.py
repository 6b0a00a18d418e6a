"""Points, totals and ranks, without what would give a withheld figure away.

Whoever knows a unit's total and all points but one knows that one, and the figure behind it. So a unit with a withheld
line has no public total, rank or grade; the others are ranked among themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pyarrow as pa

from tallymark.model.expressions import Expression
from tallymark.programme.resolved import Contract, Line, Programme
from tallymark.publish.release.cells import Mask
from tallymark.publish.release.figures import SUPPRESSED, hide, put, total_of, words

TOTALS = (
    "base", "bonus", "deductions", "total", "total_before_gates", "low", "high", "se", "gates", "grade", "commended",
    "watch",
)  # fmt: skip
Rerank = Callable[[pa.Table, pa.Table], pa.Table]
"""(ranks, public totals) → ranks among the units that have a public total."""
Names = Mapping[str, frozenset[str]]
"""Unit → names of measures or indicators."""


def without_hidden_lines(
    tables: Mapping[str, pa.Table],
    programme: Programme,
    *,
    period: str,
    hidden: Mask,
    withheld: Mask,
    lost: Mapping[str, Names],
    rerank: Rerank,
) -> dict[str, pa.Table]:
    """Scores, totals, ranks, gaps and sensitivity as they may be published.

    hidden: rows of indicators; withheld: rows of measures; lost: comparison → what of it is not published.
    """
    figures = total_of(tables["indicators"], hidden, "indicator", period)
    measures = total_of(tables["measures"], withheld, "measure", period)
    scores = tables["scores"]
    lines = _lines(programme)
    gone = np.array(
        [
            _is_hidden(lines.get((row["contract"], row["line"])), row, figures, measures, lost)
            for row in scores.select(["unit", "contract", "line", "indicator"]).to_pylist()
        ],
        np.bool_,
    )
    scores = put(scores, "basis", gone, SUPPRESSED)
    units = _units_without_total(scores, gone, programme, figures, measures)
    totals = tables["totals"]
    pairs = zip(totals.column("unit").to_pylist(), totals.column("contract").to_pylist(), strict=True)
    without_total = np.array([pair in units for pair in pairs], np.bool_)
    totals = hide(totals, TOTALS, without_total)
    totals = _watch(totals, programme, _any_hidden(tables["indicators"], hidden, programme))
    ranks = tables["ranks"]
    if without_total.any():
        ranks = rerank(ranks, totals)
        totals = hide(totals, ("commended",), words(totals, "contract", {code for _, code in units}))
    contracts = {code for _, code in units}
    return {
        "scores": scores,
        "totals": totals,
        "ranks": ranks,
        "gaps": _gaps(tables["gaps"], scores, gone),
        "sensitivity": tables["sensitivity"].filter(
            pa.array(~words(tables["sensitivity"], "contract", contracts))
        ),
    }


def _lines(programme: Programme) -> dict[tuple[str, str], Line]:
    return {
        (code, line.code): line
        for code, contract in programme.contracts.items()
        for line in (*contract.lines, *contract.bonus)
    }


def _is_hidden(
    line: Line | None,
    row: Mapping[str, str],
    figures: Names,
    measures: Names,
    lost: Mapping[str, Names],
) -> bool:
    unit = row["unit"]
    gone = figures.get(unit, frozenset()) | measures.get(unit, frozenset())
    if row["indicator"] in gone:
        return True
    if line is None:
        return False
    names = set(line.award.things) if line.award.kind == "checklist" else set[str]()
    names |= _named(line.when)
    if names & gone:
        return True
    over = getattr(line.award, "over", None) if line.award.kind == "improvement" else None
    return over is not None and row["indicator"] in lost.get(over, {}).get(unit, frozenset())


def _named(expression: Expression | None) -> frozenset[str]:
    return expression.names if expression is not None else frozenset()


def _units_without_total(
    scores: pa.Table, gone: Mask, programme: Programme, figures: Names, measures: Names
) -> set[tuple[str, str]]:
    """(unit, contract) of every contract with a hidden line or a gate that reads a hidden figure, and bundles of such."""
    chosen = scores.filter(pa.array(gone))
    found = set(zip(chosen.column("unit").to_pylist(), chosen.column("contract").to_pylist(), strict=True))
    for code, contract in programme.contracts.items():
        for gate in contract.gates:
            for unit in {*figures, *measures}:
                if gate.names & (figures.get(unit, frozenset()) | measures.get(unit, frozenset())):
                    found.add((unit, code))
    for contract in programme.contracts.values():
        strands = {strand.code for strand in _strands(contract)}
        found |= {(unit, contract.code) for unit, code in list(found) if code in strands}
    return found


def _strands(contract: Contract) -> Iterator[Contract]:
    for strand, _ in contract.bundle:
        yield strand
        yield from _strands(strand)


def _any_hidden(indicators: pa.Table, hidden: Mask, programme: Programme) -> set[tuple[str, str]]:
    """(contract, line) of watched lines with a hidden figure in some watched period."""
    found = set()
    for code, contract in programme.contracts.items():
        if contract.watch is None:
            continue
        rows = hidden & words(indicators, "level", [contract.level.code])
        rows &= words(indicators, "frequency", [contract.watch.frequency])
        names = set(indicators.column("indicator").filter(pa.array(rows)).to_pylist())
        found |= {
            (code, line.code)
            for line in contract.watch.lines
            if line.indicator is not None and line.indicator.name in names
        }
    return found


def _watch(totals: pa.Table, programme: Programme, hidden: set[tuple[str, str]]) -> pa.Table:
    """Who is watched on a line tells who was at the bottom of it: not said where some figure of it is withheld."""
    at = totals.column_names.index("watch")
    said = [
        None
        if watch is None
        else ",".join(line for line in watch.split(",") if line and (contract, line) not in hidden)
        for contract, watch in zip(
            totals.column("contract").to_pylist(), totals.column("watch").to_pylist(), strict=True
        )
    ]
    return totals.set_column(at, totals.schema.field(at), pa.array(said, pa.string()))


def _gaps(gaps: pa.Table, scores: pa.Table, gone: Mask) -> pa.Table:
    """Gaps of hidden lines left out, and the others numbered anew: a number left out would tell how much was lost."""
    hidden = {
        (row["unit"], row["contract"], row["line"])
        for row in scores.filter(pa.array(gone)).select(["unit", "contract", "line"]).to_pylist()
    }
    rows = [row for row in gaps.to_pylist() if (row["unit"], row["contract"], row["line"]) not in hidden]
    count: dict[str, int] = {}
    for row in rows:
        count[row["unit"]] = row["order"] = count.get(row["unit"], 0) + 1
    return pa.Table.from_pylist(rows, schema=gaps.schema)
