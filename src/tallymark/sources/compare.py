"""Rows of a delivery against each other and against what the store holds: new, corrected, unchanged, refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from tallymark.sources.figures import EMPTY, GONE
from tallymark.sources.judges import Judge
from tallymark.store.sql import quoted

NEW, CHANGED, SAME, TWICE, CONFLICTING, BLANKED, OLDER, WITHDRAWN, ABSENT = range(9)
"""What became of a row. TWICE: the same row again in the file. BLANKED: empty where a value was reported before.
OLDER: a later batch corrected it already. ABSENT: deleted or empty, and not known anyway."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns of a dataset's delivered rows: those that identify one and those that it says."""

    keys: tuple[str, ...]
    says: tuple[str, ...]
    keyless: bool = False
    """Events without a key: equal rows are told apart by counting them."""
    fills: bool = False
    """Events: an empty cell keeps what was known before."""


def compare(
    judge: Judge,
    fresh: str,
    *,
    into: str,
    shape: Shape,
    current: str | None,
    known_batch: int | None,
) -> dict[int, int]:
    """Makes what is called `into` of all delivered rows with `_fate`, `_old_batch`, `_old_row`; counts by fate.

    `fresh` and `current` (None when nothing is stored) are table expressions with the shape's columns; `current` also
    has `_batch` and `_row`. `known_batch` is the first batch of this very file: what later ones corrected stays.
    """
    if shape.keyless:
        fresh = _numbered(fresh, shape)
        current = current and _numbered(current, shape)
        shape = Shape((*shape.keys, "_nth"), (), keyless=True)
    twins = not shape.keyless and _has_twins(judge, fresh, shape)
    if current is not None and not _matches(judge, fresh, current, shape):
        current = None
    if twins or current is not None:
        _judge(judge, fresh, into=into, shape=shape, current=current, known_batch=known_batch, twins=twins)
    else:
        judge.view(into, _all_new(fresh, judge))
    rows = judge.rows(f"SELECT _fate, count(*) FROM {quoted(into)} GROUP BY _fate")
    return {int(fate): int(count) for fate, count in rows}


def rows_of(connection: duckdb.DuckDBPyConnection, judged: str, fates: Sequence[int]) -> pa.Table:
    """Judged rows that met one of these fates, in file order."""
    listed = ", ".join(str(fate) for fate in fates)
    query = f"SELECT * FROM {judged} WHERE _fate IN ({listed}) ORDER BY _table, _line"
    return connection.sql(query).to_arrow_table()


def same(left: str, right: str, names: Sequence[str]) -> str:
    """SQL that compares columns of two relations, NULL being equal to NULL."""
    return " AND ".join(
        f"{left}.{quoted(name)} IS NOT DISTINCT FROM {right}.{quoted(name)}" for name in names
    )


def _has_twins(judge: Judge, fresh: str, shape: Shape) -> bool:
    """Whether a key comes twice; by hash first, which is quick and errs only towards looking closer."""
    keys = ", ".join(quoted(name) for name in shape.keys)
    query = f"SELECT count(*), count(DISTINCT hash({keys})) FROM {fresh}"
    rows, different = judge.rows(query)[0]
    return bool(rows != different)


def _matches(judge: Judge, fresh: str, current: str, shape: Shape) -> bool:
    """Whether any delivered row has the key of a stored one."""
    query = f"SELECT 1 FROM {current} AS o SEMI JOIN {fresh} AS f ON {same('f', 'o', shape.keys)} LIMIT 1"
    return bool(judge.rows(query))


def _all_new(fresh: str, judge: Judge) -> str:
    columns = judge.columns(fresh)
    kind = "_kind" in columns
    fate = f"CASE WHEN _kind IN ({EMPTY}, {GONE}) THEN {ABSENT} ELSE {NEW} END" if kind else str(NEW)
    return f"SELECT *, {fate} AS _fate, NULL::BIGINT AS _old_batch, NULL::BIGINT AS _old_row FROM {fresh}"


def _judge(
    judge: Judge,
    fresh: str,
    *,
    into: str,
    shape: Shape,
    current: str | None,
    known_batch: int | None,
    twins: bool,
) -> None:
    judge.keep("fresh", f"SELECT * FROM {fresh}")
    columns = judge.columns("fresh")
    kind = "_kind" in columns
    _find_twins(judge, shape, kind=kind, look=twins)
    old = current or "(SELECT *, 0::BIGINT AS _batch, 0::BIGINT AS _row FROM fresh WHERE false)"
    judge.keep("old", f"SELECT o.* FROM {old} AS o SEMI JOIN fresh AS f ON {same('f', 'o', shape.keys)}")
    given = {name: f"f.{quoted(name)}" for name in columns}
    if shape.fills:
        given |= {name: f"coalesce(f.{quoted(name)}, o.{quoted(name)})" for name in shape.says}
    chosen = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in given.items())
    equal = " AND ".join(f"{given[name]} IS NOT DISTINCT FROM o.{quoted(name)}" for name in shape.says)
    judge.keep(
        into,
        f"SELECT {chosen}, "
        f"{_fate(equal or 'true', known_batch, kind=kind)} AS _fate, "
        "o._batch AS _old_batch, o._row AS _old_row FROM fresh AS f "
        f"LEFT JOIN twins AS t ON {same('t', 'f', shape.keys)} "
        f"LEFT JOIN old AS o ON {same('o', 'f', shape.keys)}",
    )


def _fate(equal: str, known_batch: int | None, *, kind: bool) -> str:
    cases = []
    if kind:
        absent = f"CASE WHEN o._batch IS NULL OR t._rows > 0 THEN {ABSENT} ELSE {BLANKED} END"
        cases.append(f"WHEN f._kind = {EMPTY} THEN {absent}")
    cases += [
        f"WHEN t._different > 1 THEN {CONFLICTING}",
        f"WHEN t._rows > 1 AND (f._table, f._line) > t._first THEN {TWICE}",
    ]
    if kind:
        gone = f"CASE WHEN o._batch IS NULL THEN {ABSENT} ELSE {WITHDRAWN} END"
        cases.append(f"WHEN f._kind = {GONE} THEN {gone}")
    cases += [f"WHEN o._batch IS NULL THEN {NEW}", f"WHEN {equal} THEN {SAME}"]
    if known_batch is not None:
        cases.append(f"WHEN o._batch > {known_batch} THEN {OLDER}")
    return f"CASE {' '.join(cases)} ELSE {CHANGED} END::TINYINT"


def _find_twins(judge: Judge, shape: Shape, *, kind: bool, look: bool) -> None:
    """The table `twins`: keys that come more than once, in how many different forms, and where first."""
    keys = ", ".join(quoted(name) for name in shape.keys)
    says = ", ".join(f"{quoted(name)} := {quoted(name)}" for name in shape.says) or "x := 1"
    if kind:
        says += f", gone := _kind = {GONE}"
    given = f"_kind <> {EMPTY}" if kind else "true"
    judge.keep(
        "twins",
        f"SELECT {keys}, count(*) FILTER (WHERE {given}) AS _rows, "
        f"count(DISTINCT struct_pack({says})) FILTER (WHERE {given}) AS _different, "
        f"min((_table, _line)) FILTER (WHERE {given}) AS _first "
        f"FROM fresh {'' if look else 'WHERE false'} GROUP BY {keys} HAVING count(*) > 1",
    )


def _numbered(relation: str, shape: Shape) -> str:
    """Rows of equal keys numbered, so that two equal events are two."""
    keys = ", ".join(quoted(name) for name in shape.keys)
    return f"(SELECT *, row_number() OVER (PARTITION BY {keys} ORDER BY {quoted(shape.keys[0])}) AS _nth FROM {relation})"
