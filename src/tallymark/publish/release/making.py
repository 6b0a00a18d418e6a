"""A run made public: what may be, attacked before anything is written, and how much was withheld and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.release_tables import WITHHELD
from tallymark.programme.resolved import Programme
from tallymark.publish.guard import guarded
from tallymark.publish.release.cells import Mask
from tallymark.publish.release.deciding import CAUSES, DETAIL, Attacked, decide
from tallymark.publish.release.earlier import Earlier
from tallymark.publish.release.figures import (
    SUPPRESSED,
    hidden_figures,
    kept_inside,
    numbers,
    put,
    total_of,
    unreliable,
    without,
    without_composites,
    words,
)
from tallymark.publish.release.others import without_counts
from tallymark.publish.release.people import people_measures
from tallymark.publish.release.scores import Rerank, without_hidden_lines
from tallymark.publish.release.summary import summary

COMPARISONS = ("previous", "last_year", "three_year_mean")


@dataclass(frozen=True, slots=True)
class Release:
    """Tables as they are made public, what was withheld, and how the attack went."""

    tables: Mapping[str, pa.Table]
    withheld: pa.Table
    reasons: Mapping[str, int]
    """Reason → figures withheld for it, over everything: which one had which reason would tell of it."""
    attacked: Attacked


def disclosed(
    tables: Mapping[str, pa.Table],
    programme: Programme,
    *,
    contract: str,
    period: str,
    earlier: Iterable[Earlier],
    rerank: Rerank,
) -> Release:
    """The release of a run's tables, given the measures of earlier releases, oldest first.

    Errors: TallymarkError when something at risk can be worked out whatever is withheld; nothing is released then.
    """
    measures, indicators = tables["measures"], tables["indicators"]
    people = people_measures(programme)
    decided = decide(
        measures,
        programme,
        _parents(tables["units"]),
        allowed=_allowed(measures, programme, contract, period),
        unreliable=unreliable(measures, indicators, programme),
        earlier=earlier,
        period=period,
    )
    inside = words(measures, "measure", kept_inside(programme)) & ~decided.withheld
    reason = np.where(inside, DETAIL, decided.reason)
    withheld = np.asarray(reason != 0)
    there = withheld & ~np.isnan(numbers(measures, "value"))
    hidden = hidden_figures(measures, withheld, indicators, programme)
    made = dict(tables)
    made["measures"] = put(measures, "basis", there, SUPPRESSED)
    made["indicators"] = without(indicators, hidden)
    made["composites"] = without_composites(tables["composites"], indicators, hidden, programme)
    made |= without_hidden_lines(
        tables,
        programme,
        period=period,
        hidden=hidden,
        withheld=there,
        lost=_lost(tables, made["indicators"], programme, period),
        rerank=rerank,
    )
    made |= without_counts(tables, programme, people, there)
    return Release(
        guarded(made, programme),
        summary(measures, reason, people),
        {CAUSES[code]: int((reason[there] == code).sum()) for code in range(1, len(CAUSES))},
        decided.attacked,
    )


def _parents(units: pa.Table) -> dict[str, str]:
    pairs = zip(units.column("unit").to_pylist(), units.column("parent").to_pylist(), strict=True)
    return {unit: parent for unit, parent in pairs if parent}


def _allowed(measures: pa.Table, programme: Programme, contract: str, period: str) -> Mask:
    """Rows of the periods that are published at their level: below the contract's level only the run's own length."""
    calendar, declared = programme.calendar, programme.disclosure.finest
    own = calendar.parse(period).frequency
    held = programme.contracts.get(contract)
    depth = held.level.depth if held is not None else min(2, len(programme.levels))
    found = np.zeros(measures.num_rows, np.bool_)
    frequencies = pc.unique(measures.column("frequency")).to_pylist()
    for level in programme.levels:
        finest = declared.get(level.code, own if level.depth > depth else None)
        known = [
            frequency
            for frequency in frequencies
            if finest is None or calendar.per_year(frequency) <= calendar.per_year(finest)
        ]
        found |= words(measures, "level", [level.code]) & words(measures, "frequency", known)
    return found


def _lost(
    tables: Mapping[str, pa.Table], indicators: pa.Table, programme: Programme, period: str
) -> dict[str, Mapping[str, frozenset[str]]]:
    """Comparison → unit → indicators of which the figure compared with is not public."""
    safe = guarded(dict(tables) | {"indicators": indicators}, programme)["indicators"]
    return {
        column: total_of(
            indicators,
            ~np.isnan(numbers(tables["indicators"], column)) & np.isnan(numbers(safe, column)),
            "indicator",
            period,
        )
        for column in COMPARISONS
    }


__all__ = ["WITHHELD", "Attacked", "Earlier", "Release", "disclosed"]
