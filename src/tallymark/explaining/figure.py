"""Gathers where a figure comes from: the run's tables, the frozen programme, the store's rows behind it."""

from __future__ import annotations

import pyarrow.compute as pc

from tallymark.asked import must_be_known, period_of
from tallymark.engine.duckdb import connect
from tallymark.explaining import points, rows, tables
from tallymark.explaining.ages import ages
from tallymark.explaining.explanation import Explanation
from tallymark.explaining.formula import formula_in_symbols, formula_in_words
from tallymark.explaining.gates import gates
from tallymark.explaining.tables import Question
from tallymark.explaining.years import years
from tallymark.frozen import frozen_programme
from tallymark.model.periods import Period
from tallymark.programme.resolved import Programme
from tallymark.store import Store, open_store
from tallymark.store.mirror import MARKER
from tallymark.store.runs import Run
from tallymark.texts import Message


def explain(
    run: Run, *, indicator: str, unit: str, period: str | None = None, frozen: Programme | None = None
) -> Explanation:
    """The explanation of one figure of a run; AssessmentError when the run has no such figure.

    `frozen` is the run's own programme, for those who explain many figures and have loaded it already.
    """
    programme = frozen or frozen_programme(run)
    must_be_known(Message("indicator"), indicator, (*programme.indicators, *programme.composites))
    must_be_known(Message("unit"), unit, programme.units.codes)
    span = period_of(programme, period or str(run.manifest["period"]))
    if indicator in programme.composites:
        # Brings SciPy, which takes 0.15 s to import and no other explanation needs.
        from tallymark.explaining.composite import explain_composite

        return explain_composite(run, programme, indicator, unit=unit, period=span)
    chosen = programme.indicators[indicator]
    ask = Question(connect(), run, programme, chosen, unit, span, leaves(programme, unit, span))
    store, at = _store(run), int(run.manifest["data_version"])
    figure = tables.figure(ask)
    return Explanation(
        run=run.id,
        mode=str(run.manifest["mode"]),
        unit=unit,
        unit_name=programme.units.names[programme.units.index[unit]],
        period=span.code,
        indicator=chosen.name,
        title=chosen.title,
        description=chosen.description,
        in_words=formula_in_words(programme, chosen),
        in_symbols=formula_in_symbols(chosen),
        unit_of_measure=chosen.unit,
        decimals=chosen.decimals,
        figure=figure,
        years=years(ask, figure["years"] or 0),
        ages=ages(ask),
        parts=(),
        weights=None,
        differences=tables.differences(ask),
        measures=tables.measures(ask),
        children=tables.children(ask),
        within=tables.within(ask),
        batches=tables.batches(ask),
        rows=rows.rows_behind(ask, store, at) if store else (),
        corrections=rows.corrections(ask, store, at) if store else (),
        findings=tables.findings(ask),
        points=points.points_earned(ask),
        gates=gates(ask),
        change=points.change(ask),
    )


def leaves(programme: Programme, unit: str, period: Period) -> tuple[str, ...]:
    """The unit and every unit below it at any time in the period."""
    months = programme.calendar.months(period)
    tree = programme.units.ancestry(months[0], months[-1])
    below = tree.filter(pc.equal(tree.column("ancestor"), unit)).column("unit")
    return tuple(dict.fromkeys((unit, *below.to_pylist())))


def _store(run: Run) -> Store | None:
    """The store that the run lies in; None when the run was taken elsewhere (its own tables still explain it)."""
    folder = run.path.resolve().parent.parent
    return open_store(folder) if (folder / MARKER).is_file() else None
