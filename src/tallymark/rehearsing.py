"""What another contract would have said of figures that are known: old and new points and ranks, unit by unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.periods import Period
from tallymark.programme.resolved import Contract, Programme
from tallymark.publish.slices import read_slices
from tallymark.score import score
from tallymark.store.runs import Run

BARE = {"intervals": "none", "group": None, "wrong_orders": None, "weights": None}
"""Of ranking only the order is kept: sets of ranks take a simulation and change no place."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures that contracts are tried on: those of one period in one run."""

    period: Period
    indicators: pa.Table
    measures: pa.Table
    verdicts: pa.Table | None = None
    """What gates on verdicts count; None where the run has none for the period."""

    @property
    def known(self) -> bool:
        """Whether anything was reported for the period: without, every contract gives the same nothing."""
        return bool(pc.any(pc.greater(self.indicators.column("usable"), 0)).as_py())


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's total and rank; None where there is none."""

    total: float | None
    rank: float | None
    of: int | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit under two contracts."""

    unit: str
    before: Standing
    after: Standing


def figures_of(run: Run, period: Period) -> Figures:
    """The figures of a run for a period that it has measured; empty tables for another period."""
    found = read_slices(run, ("indicators", "measures"), period=[period.code])
    same = period.code == run.manifest["period"] and "verdicts" in run.manifest["tables"]
    return Figures(period, found["indicators"], found["measures"], run.table("verdicts") if same else None)


def standings(programme: Programme, contract: Contract, figures: Figures) -> Mapping[str, Standing]:
    """Unit → how the contract puts it on these figures, by the stage that scores; units without a total, too."""
    tried = replace(_bare(contract), period=figures.period)
    made = score(
        tried,
        programme.units,
        figures.indicators,
        figures.measures,
        calendar=programme.calendar,
        verdicts=figures.verdicts,
    )
    totals = _of(made.totals, contract.code)
    ranks = {row["unit"]: row for row in _of(made.ranks, contract.code)}
    return {
        row["unit"]: Standing(
            row["total"],
            ranks.get(row["unit"], {}).get("rank"),
            ranks.get(row["unit"], {}).get("of"),
        )
        for row in totals
    }


def stored(run: Run, contract: str) -> Mapping[str, Standing]:
    """Unit → how a run put it."""
    ranks = {row["unit"]: row for row in _of(run.table("ranks"), contract)}
    return {
        row["unit"]: Standing(
            row["total"],
            ranks.get(row["unit"], {}).get("rank"),
            ranks.get(row["unit"], {}).get("of"),
        )
        for row in _of(run.table("totals"), contract)
    }


def moved(before: Mapping[str, Standing], after: Mapping[str, Standing]) -> list[Moved]:
    """Every unit of either, those that move most first; a unit that one of them does not score has nothing there."""
    nothing = Standing(None, None, None)
    rows = [
        Moved(unit, before.get(unit, nothing), after.get(unit, nothing))
        for unit in sorted(before.keys() | after.keys())
    ]
    return sorted(rows, key=_weight, reverse=True)


def _weight(row: Moved) -> float:
    if row.before.total is None or row.after.total is None:
        return 0.0 if row.before.total is row.after.total else float("inf")
    return abs(row.after.total - row.before.total)


def _bare(contract: Contract) -> Contract:
    ranking = contract.ranking.model_copy(update=BARE) if contract.ranking else None
    strands = tuple((_bare(strand), weight) for strand, weight in contract.bundle)
    return replace(contract, ranking=ranking, watch=None, bundle=strands)


def _of(table: pa.Table, contract: str) -> list[dict[str, Any]]:
    return [row for row in table.to_pylist() if row["contract"] == contract]
