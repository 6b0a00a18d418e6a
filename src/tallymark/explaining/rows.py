"""The store's rows behind a figure, and what was corrected among them; personal columns are covered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tallymark.explaining.explanation import Row
from tallymark.explaining.tables import MOST_ROWS, Question
from tallymark.programme.resolved import Dataset, Measure
from tallymark.store import Store
from tallymark.store.schemas import SUPERSEDED
from tallymark.store.store import every_row

HIDDEN = "•••"
FEW = 16
"""Units that are looked at before all others."""
PLACE = ("_source_row", "_batch", "_row")


def rows_behind(ask: Question, store: Store, at: int) -> Sequence[Row]:
    """The first rows in force at version `at` that the figure counts."""
    found: list[Row] = []
    for dataset in _stored(ask, store):
        rows = _first_rows(ask, dataset, store.relation(dataset, at))
        found += [{"dataset": dataset.name} | row for row in rows]
    return found


def _first_rows(ask: Question, dataset: Dataset, relation: str) -> list[dict[str, Any]]:
    """Of a dataset's rows behind the figure the first, in order of month and unit.

    Of a nation's year they mostly are of the first month's first units: these are asked for before all others.
    """
    unit, months = _unit_column(dataset), ask.programme.calendar.months(ask.period)
    below = sorted(ask.below)
    rows: list[dict[str, Any]] = []
    for last, units in ((months[0], below[:FEW]), (months[0], below), (months[-1], below)):
        sql = (
            f"SELECT {_shown(dataset)} FROM {relation} "
            f"WHERE _month BETWEEN {months[0]} AND {last} AND {unit} IN (SELECT unnest($below)) "
            f"AND {_condition(ask.measures_of(dataset.name))} "
            f"ORDER BY _month, {unit}, _batch, _row LIMIT {MOST_ROWS}"
        )
        rows = ask.query(sql, {"below": units})
        if len(rows) == MOST_ROWS or (last == months[-1] and len(units) == len(below)):
            break
    return rows


def corrections(ask: Question, store: Store, at: int) -> Sequence[Row]:
    """Rows of the figure's datasets that a later batch replaced or withdrew: old, new, when and why."""
    changed = store.system(SUPERSEDED, at)
    if not changed.num_rows:
        return ()
    ask.connection.register("superseded", changed)
    found: list[Row] = []
    for dataset in _stored(ask, store):
        found += ask.query(
            _corrections_sql(ask, dataset, every_row(store, dataset.name, at)),
            {"dataset": dataset.name, "below": list(ask.below)},
        )
    ask.connection.unregister("superseded")
    return found


def _corrections_sql(ask: Question, dataset: Dataset, every: str) -> str:
    if dataset.kind == "events":
        where, old, new = _key(dataset), _differing(dataset, "o", "n"), _differing(dataset, "n", "o")
    else:
        when = "o.period" if dataset.kind == "reports" else "o.date::VARCHAR"
        where, old, new = f"o.unit || ' ' || {when} || ' ' || o.item", _plain("o.value"), _plain("n.value")
    measures = ask.measures_of(dataset.name)
    items = sorted({measure.item for measure in measures if measure.item})
    wanted = f" AND o.item IN ({', '.join(_quoted(item) for item in items)})" if items else ""
    return (
        f'SELECT {where} AS "where", {old} AS old, {new} AS new, s._batch AS batch, s.reason '
        f"FROM superseded AS s JOIN {every} AS o ON o._batch = s.old_batch AND o._row = s.old_row "
        f"LEFT JOIN {every} AS n ON n._batch = s._batch AND n._row = s.new_row "
        f"WHERE s.dataset = $dataset AND {_months(ask, 'o.')} "
        f"AND list_contains($below, o.{_unit_column(dataset)}){wanted} ORDER BY ALL LIMIT {MOST_ROWS}"
    )


def _key(dataset: Dataset) -> str:
    """SQL of where a row of a register stands: unit, day, and its key as far as it may be seen."""
    shown = [name for name in dataset.key if name in dataset.columns and _open(dataset, name)]
    return " || ' ' || ".join(
        ["o._unit", "o._day::VARCHAR"]
        + [f"{_quoted(f'{name}=')} || COALESCE(o.\"{name}\"::VARCHAR, '–')" for name in shown]
    )


def _differing(dataset: Dataset, row: str, other: str) -> str:
    """SQL of what a row of a register says otherwise than the other; covered columns are named, not shown."""
    # Other digests of the vault do not show that something else was written where unit or day are others.
    moved = " AND o._unit IS NOT DISTINCT FROM n._unit AND o._day IS NOT DISTINCT FROM n._day"
    bound = {name: moved for name in dataset.vaulted if name not in dataset.told_apart}
    parts = [
        f'CASE WHEN {row}."{name}" IS DISTINCT FROM {other}."{name}"{bound.get(name, "")} THEN {_quoted(f"{name}=")} || '
        + (f"COALESCE({row}.\"{name}\"::VARCHAR, '–')" if _open(dataset, name) else f"'{HIDDEN}'")
        + " END"
        for name in dataset.columns
    ]
    said = f"COALESCE(NULLIF(concat_ws(', ', {', '.join(parts)}), ''), {row}._source_row::VARCHAR)"
    return f"CASE WHEN {row}._row IS NOT NULL THEN {said} END"


def _plain(value: str) -> str:
    """SQL of a number as people write it: 3, not 3.0."""
    return f"regexp_replace({value}::VARCHAR, '[.]0$', '')"


def _open(dataset: Dataset, column: str) -> bool:
    return dataset.columns[column].sensitivity in ("public", "internal")


def _stored(ask: Question, store: Store) -> list[Dataset]:
    return [ask.programme.datasets[name] for name in ask.datasets if store.open_columns(name).names]


def _unit_column(dataset: Dataset) -> str:
    return "_unit" if dataset.kind == "events" else "unit"


def _months(ask: Question, prefix: str = "") -> str:
    months = ask.programme.calendar.months(ask.period)
    return f"{prefix}_month BETWEEN {months[0]} AND {months[-1]}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _condition(measures: Sequence[Measure]) -> str:
    """SQL that keeps the rows which these measures count; TRUE when none of them says which."""
    parts = []
    for measure in measures:
        terms = [f"item = {_quoted(measure.item)}"] if measure.item else []
        if measure.where:
            columns = {name: f'"{name}"' for name in measure.where.names}
            terms.append(f"({measure.where.sql(columns)})")
        parts.append(" AND ".join(terms) or "TRUE")
    return "(" + " OR ".join(f"({part})" for part in parts) + ")" if parts else "TRUE"


def _shown(dataset: Dataset) -> str:
    """Columns of a row that may be seen: personal and sensitive ones are covered."""
    if dataset.kind != "events":
        when = "period" if dataset.kind == "reports" else "date"
        return ", ".join(["unit", when, "item", *(f'"{name}"' for name in dataset.columns), "value", *PLACE])
    columns = [
        f'"{name}"' if _open(dataset, name) else f"'{HIDDEN}' AS \"{name}\"" for name in dataset.columns
    ]
    return ", ".join([*columns, *PLACE])
