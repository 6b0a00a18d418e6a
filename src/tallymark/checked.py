"""Findings of declared checks: those that are kept of periods whose figures are the same, and the others checked."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.measure.by_period import Figures
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Programme
from tallymark.store.partials import Partials
from tallymark.verify.relatives import is_relative, periods_before
from tallymark.verify.rules import check


def checked(
    programme: Programme, figures: Figures, *, connection: duckdb.DuckDBPyConnection, partials: Partials | None
) -> pa.Table:  # fmt: skip
    """A finding for every unit and period in which a declared check fails, as `verify.rules.check` has them.

    partials: of the store, where findings of periods are kept, if figures are.
    """
    empty = TABLES["findings"].schema.empty_table()
    if not programme.checks:
        return empty
    if partials is None or figures.rests is None:
        return check(programme, figures.of(), connection=connection)
    names = figures.rests.names
    before = {code: sorted(_compared(programme, code) & names.keys()) for code in names}
    keys = {
        code: partials.key("checked", programme.hash, names[code], [names[one] for one in before[code]])
        for code in names
    }
    found = {code: table for code in names if (table := next(partials.packs(keys[code]), None)) is not None}
    missing = [code for code in names if code not in found]
    partials.used.found += len(found)
    if missing:
        reached = {*missing}.union(*(before[code] for code in missing))
        made = check(programme, figures.of(reached), connection=connection, periods=missing)
        for code in missing:
            found[code] = made.filter(pc.equal(made.column("period"), code)).combine_chunks()
            partials.keep(keys[code], found[code], packed=True)
    return pa.concat_tables([empty, *(found[code].cast(empty.schema) for code in names)])


def _compared(programme: Programme, code: str) -> set[str]:
    names = {name for one in programme.checks.values() for name in one.expect.names}
    return periods_before(programme, code) if any(map(is_relative, names)) else set()
