"""Composite indicators of the run's own period: among units of a level, figures on one scale, put together by weights.

A unit that lacks a part has no composite: a missing part is never the worst one. How the order hangs on the weights is
beside it: ranks over weights drawn around those declared, and the ranks that no such weights go beyond.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.periods import Period
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Composite, Programme
from tallymark.statistics.arguments import Floats
from tallymark.statistics.composite import aggregate, normalise
from tallymark.statistics.rank_groups import ranks
from tallymark.statistics.weights import DRAWS, Moved, weight_sensitivity

BASES = ("reported", "corrected", "recounted", "partial", "estimated")
FEWEST_DRAWS, WORK = 200, 4_000_000
"""Draws are fewer where more units are moved."""
NOTHING_LEFT = -1e6
"""Instead of the logarithm of 0: a geometric mean of 0 is last, whatever the weights."""


@dataclass(frozen=True, slots=True)
class Composed:
    """One composite of units of a level: values (units × parts) as they are and scaled, and what comes of them."""

    units: Sequence[str]
    values: Floats
    scaled: Floats
    score: Floats
    basis: Sequence[str]


def composites_table(programme: Programme, indicators: pa.Table, period: Period) -> pa.Table:
    """TABLES["composites"] for one period, in the order of its keys."""
    schema = TABLES["composites"].schema
    parts = [schema.empty_table()]
    if programme.composites:
        for level, rows in _levels(indicators, period):
            for composite in programme.composites.values():
                found = composed(composite, rows)
                if len(found.units):
                    parts.append(_table(composite, found, level, period))
    order = [(key, "ascending") for key in TABLES["composites"].keys]
    return pa.concat_tables(parts).sort_by(order).combine_chunks()


def _levels(indicators: pa.Table, period: Period) -> Iterator[tuple[str, pa.Table]]:
    """The totals of each level in the period."""
    total = pc.equal(pc.fill_null(indicators.column("breakdown"), ""), "")
    rows = indicators.filter(pc.and_(pc.equal(indicators.column("period"), period.code), total))
    for level in sorted(pc.unique(rows.column("level")).to_pylist()):
        yield level, rows.filter(pc.equal(rows.column("level"), level))


def composed(composite: Composite, rows: pa.Table) -> Composed:
    """The composite of all units in some rows of indicators, which are those of one level and period."""
    names = [part.indicator.name for part in composite.parts]
    mine = rows.filter(pc.is_in(rows.column("indicator"), value_set=pa.array(names)))
    units = sorted(pc.unique(mine.column("unit")).to_pylist())
    values, bases = np.full((len(units), len(names)), np.nan), np.zeros((len(units), len(names)), np.int64)
    at = pc.index_in(mine.column("unit"), value_set=pa.array(units, pa.string())).to_numpy()
    part = pc.index_in(mine.column("indicator"), value_set=pa.array(names)).to_numpy()
    values[at, part] = np.asarray(mine.column("value").to_numpy(), np.float64)
    bases[at, part] = pc.fill_null(pc.index_in(mine.column("basis"), value_set=pa.array(BASES)), 0).to_numpy()
    scaled = _scaled(composite, values)
    score = _together(composite, scaled)
    worst = bases.max(axis=1, initial=0)
    basis = [
        "missing" if gone else BASES[word] for gone, word in zip(np.isnan(score), worst.tolist(), strict=True)
    ]
    return Composed(units, values, scaled, score, basis)


def _scaled(composite: Composite, values: Floats) -> Floats:
    """Each part by itself; a figure below 0 has no distance to a target."""
    direction = [part.indicator.direction for part in composite.parts]
    if composite.normalise != "target":
        return normalise(values, method=composite.normalise, direction=direction)
    targets = [1.0 if part.target is None else part.target for part in composite.parts]
    return normalise(
        np.where(values < 0, np.nan, values), method="target", direction=direction, target=targets
    )


def weights_of(composite: Composite) -> Floats:
    """The declared weights, adding up to 1."""
    weights = np.array([part.weight for part in composite.parts])
    return np.asarray(weights / weights.sum())


def _together(composite: Composite, scaled: Floats) -> Floats:
    """One score a unit; a geometric mean with a part of 0 is 0."""
    if composite.aggregate != "geometric":
        return aggregate(scaled, weights_of(composite), method=composite.aggregate)
    nothing = (scaled <= 0).any(axis=1) & ~np.isnan(scaled).any(axis=1)
    safe = np.where(scaled <= 0, 1.0, scaled)
    return np.where(
        nothing, 0.0, aggregate(safe, weights_of(composite), method="geometric", scale=composite.normalise)
    )


def moved(composite: Composite, found: Composed) -> Moved:
    """How scores and ranks move when each weight is up to `spread` of itself larger or smaller."""
    weights = weights_of(composite)
    if composite.aggregate == "minimum":
        place, nothing = ranks(np.round(found.score, 9), omega=0), np.isnan(found.score)
        same = np.where(nothing, np.nan, 1.0)
        return Moved(found.score, found.score, place, place, place, place, same)
    geometric = composite.aggregate == "geometric"
    scaled = found.scaled
    if geometric:
        with np.errstate(divide="ignore"):
            scaled = np.where((scaled <= 0).any(axis=1, keepdims=True), NOTHING_LEFT, np.log(scaled))
        scaled = np.where(np.isnan(found.scaled), np.nan, scaled)
    made = weight_sensitivity(
        weights * scaled,
        weights,
        spread=composite.spread,
        full=1.0,
        draws=min(max(WORK // max(1, len(found.units)), FEWEST_DRAWS), DRAWS),
    )
    return (
        made._replace(score_low=np.exp(made.score_low), score_high=np.exp(made.score_high))
        if geometric
        else made
    )


def _table(composite: Composite, found: Composed, level: str, period: Period) -> pa.Table:
    many = len(found.units)
    by_weights = moved(composite, found)
    texts = {
        "level": level,
        "period": period.code,
        "frequency": period.frequency,
        "composite": composite.name,
    }
    columns: dict[str, pa.Array] = {
        name: pa.array([word] * many, pa.string()) for name, word in texts.items()
    }
    columns["unit"] = pa.array(found.units, pa.string())
    columns["basis"] = pa.array(found.basis, pa.string())
    numbers: Mapping[str, Floats] = {
        "value": found.score,
        "rank": ranks(np.round(found.score, 9), omega=0),
        "of": np.full(many, float((~np.isnan(found.score)).sum())),
        "spread": np.full(many, composite.spread),
        "value_low": by_weights.score_low,
        "value_high": by_weights.score_high,
        "rank_low": by_weights.rank_low,
        "rank_high": by_weights.rank_high,
        "rank_best": by_weights.best,
        "rank_worst": by_weights.worst,
        "same_rank": by_weights.same,
    }
    columns |= {name: pa.array(values, pa.float64(), from_pandas=True) for name, values in numbers.items()}
    schema = TABLES["composites"].schema
    return pa.table([columns[name] for name in schema.names], schema=schema)
