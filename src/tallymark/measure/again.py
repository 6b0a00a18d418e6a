"""Measuring again with verified values: only what they touch is counted, and put in its place among the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine
from tallymark.measure.measuring import Measured, measure
from tallymark.measure.plan import dotted, narrowed
from tallymark.measure.row_keys import row_keys
from tallymark.model.periods import Period
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Indicator, Programme
from tallymark.store import Store
from tallymark.store.partials import Partials

NAMED = {"measures": "measure", "indicators": "indicator", "reports": "dataset"}


def measure_verified(
    programme: Programme,
    store: Store | Mapping[str, str],
    measured: Measured,
    verified: Mapping[str, pa.Table],
    *,
    periods: Sequence[Period],
    version: int | None = None,
    engine: Engine,
    partials: Partials | None = None,
    given: Collection[str] = (),
) -> Measured:
    """What `measure` gives with these verified values, to the same bytes, from what it gave without them.

    verified: dataset of reports → values in place of reported ones (`measure.verified.SCHEMA`); the rest as in `measure`.
    """
    replaced = {name: rows for name, rows in verified.items() if rows.num_rows}
    names = touched(programme, replaced)
    if not names:
        return measured
    fresh = measure(
        programme, store, periods=periods, version=version, engine=engine, only=_whole(programme, names),
        verified=replaced, partials=partials, given=given,
    )  # fmt: skip
    return Measured(
        measures=_in_place("measures", measured.measures, fresh.measures, names),
        indicators=_in_place("indicators", measured.indicators, fresh.indicators, names),
        reports=_in_place("reports", measured.reports, fresh.reports, replaced),
    )


def _whole(programme: Programme, names: Collection[str]) -> set[str]:
    """These names, and every measure of the datasets that they are made from: which rows there are depends on all of a
    dataset's measures."""
    datasets = narrowed(programme, names).datasets
    return {*names, *(name for name, one in programme.measures.items() if one.dataset.name in datasets)}


def touched(programme: Programme, datasets: Collection[str]) -> set[str]:
    """Measures and indicators into which values of these datasets enter. (A verified value is no other report, so what
    counts as none where no report came in stays as it was.)"""
    measures = {name for name, one in programme.measures.items() if one.dataset.name in datasets}
    return measures | {
        name
        for name, one in programme.indicators.items()
        if _made_of(one) & measures or {dataset for dataset, _ in dotted(one).values()} & {*datasets}
    }


def _made_of(indicator: Indicator) -> set[str]:
    standard = indicator.standardise.measure if indicator.standardise else None
    return {*indicator.names, *([standard.name] if standard else [])}


def _in_place(name: str, old: pa.Table, new: pa.Table, named: Collection[str]) -> pa.Table:
    """The rows of a result table, those of `named` from `new`, in the order of their keys."""
    keys, these = TABLES[name].keys, pa.array(sorted(named), pa.string())
    new = new.filter(pc.is_in(new.column(NAMED[name]), these))
    gone = pc.is_in(old.column(NAMED[name]), these).combine_chunks()
    if old.filter(gone).select(keys).equals(new.select(keys)):
        columns = [_replaced(old.column(one), gone, new.column(one)) for one in old.column_names]
        return pa.table(columns, schema=old.schema)
    kept = old.filter(pc.invert(gone))
    order = np.argsort(row_keys(keys, kept, new), kind="stable")
    return pa.concat_tables([kept, new]).take(pa.array(order))


def _replaced(old: pa.ChunkedArray, gone: pa.Array, new: pa.ChunkedArray) -> pa.Array:
    return pc.replace_with_mask(old.combine_chunks(), gone, new.combine_chunks())
