"""Where a composite indicator comes from: its parts, scaled and weighed, and how it would move under other weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.errors import AssessmentError
from tallymark.explaining.explanation import Explanation, Row
from tallymark.explaining.tables import FIGURE
from tallymark.measure.composites import Composed, composed, weights_of
from tallymark.model.periods import Period
from tallymark.model.text import Text
from tallymark.programme.resolved import Composite, Programme
from tallymark.store.runs import Run
from tallymark.texts import translate

MEANS = {
    "arithmetic": "weighted mean of {parts}",
    "geometric": "weighted geometric mean of {parts}",
    "minimum": "the least of {parts}",
}
SCALED = {
    "min-max": "0 for the worst unit of the level and 1 for the best",
    "z": "standard deviations better than the mean of the level",
    "rank": "by rank in the level, 0 for the last and 1 for the first",
    "percentile": "the share of units of the level that are worse",
    "target": "the share of its target that is reached, 1 at most",
}
MOVES = (
    "rank", "of", "spread", "value_low", "value_high", "rank_low", "rank_high", "rank_best", "rank_worst", "same_rank",
)  # fmt: skip
LISTS = (
    "years", "ages", "differences", "measures", "children", "within", "batches", "rows", "corrections", "findings",
    "points", "gates",
)  # fmt: skip


def explain_composite(run: Run, programme: Programme, name: str, *, unit: str, period: Period) -> Explanation:
    """The explanation of a composite of the run's own period; AssessmentError where there is none."""
    composite = programme.composites[name]
    row = _row(run, name, unit, period)
    nothing: dict[str, Any] = dict.fromkeys(FIGURE)
    lists: Mapping[str, Any] = dict.fromkeys(LISTS, ())
    return Explanation(
        run=run.id,
        mode=str(run.manifest["mode"]),
        unit=unit,
        unit_name=programme.units.names[programme.units.index[unit]],
        period=period.code,
        indicator=name,
        title=composite.title,
        description=composite.description,
        in_words=Text(_in_words(composite, "en"), _in_words(composite, "zh")),
        in_symbols=_in_symbols(composite),
        unit_of_measure=Text(),
        decimals=composite.decimals,
        figure=nothing | {"value": row["value"], "basis": row["basis"]},
        parts=_parts(composite, composed(composite, _level(run, row, period)), unit),
        weights={key: row[key] for key in MOVES},
        change=None,
        **lists,
    )


def _row(run: Run, name: str, unit: str, period: Period) -> Row:
    table = run.table("composites")
    test = pc.and_(pc.equal(table.column("unit"), unit), pc.equal(table.column("composite"), name))
    rows = table.filter(pc.and_(test, pc.equal(table.column("period"), period.code))).to_pylist()
    if not rows:
        raise AssessmentError(
            "run {run} has no {composite} of {unit} for {period}: composites are of its own period {own}",
            run=run.id, composite=name, unit=unit, period=period.code, own=run.manifest["period"],
        )  # fmt: skip
    found: Row = rows[0]
    return found


def _level(run: Run, row: Row, period: Period) -> pa.Table:
    """The totals of all units of the level, which a figure is scaled among."""
    table = run.table("indicators")
    test = pc.and_(
        pc.equal(table.column("period"), period.code), pc.equal(table.column("level"), row["level"])
    )
    return table.filter(pc.and_(test, pc.equal(pc.fill_null(table.column("breakdown"), ""), "")))


def _parts(composite: Composite, found: Composed, unit: str) -> list[Row]:
    at = list(found.units).index(unit)
    return [
        {
            "indicator": part.indicator.name,
            "title": part.indicator.title,
            "value": _known(found.values[at, number]),
            "scaled": _known(found.scaled[at, number]),
            "weight": float(weight),
            "decimals": part.indicator.decimals,
        }
        for number, (part, weight) in enumerate(zip(composite.parts, weights_of(composite), strict=True))
    ]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _in_words(composite: Composite, language: str) -> str:
    parts = "; ".join(
        f"{part.indicator.title[language]} × {weight:.3g}"
        for part, weight in zip(composite.parts, weights_of(composite), strict=True)
    )
    mean = translate(MEANS[composite.aggregate], language).format_map({"parts": parts})
    scale = translate(SCALED[composite.normalise], language)
    return translate("{mean}, each as {scale}", language).format_map({"mean": mean, "scale": scale})


def _in_symbols(composite: Composite) -> str:
    parts = ", ".join(
        f"{weight:.3g}·{part.indicator.name}"
        for part, weight in zip(composite.parts, weights_of(composite), strict=True)
    )
    return f"{composite.aggregate}({composite.normalise}: {parts})"
