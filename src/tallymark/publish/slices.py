"""Part of a run's large tables, read by DuckDB without the rest: some units, indicators, frequencies or periods."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import duckdb
import pyarrow as pa

from tallymark.engine.duckdb import connect
from tallymark.model.periods import Calendar
from tallymark.publish.records import Figure, records
from tallymark.store.period_files import damaged
from tallymark.store.runs import Run


def read_slice(run: Run, name: str, *, whole: bool = False, **wanted: Collection[str]) -> pa.Table:
    """The rows of a run's table whose columns have one of the wanted values; `whole` leaves breakdowns out.

    A column that the version which made the run did not know yet is NULL. Errors: AssessmentError for a damaged file.
    """
    with connect() as connection:
        return _sliced(connection, run, name, whole=whole, wanted=wanted)


def read_slices(run: Run, names: Iterable[str], **wanted: Collection[str]) -> dict[str, pa.Table]:
    """The same of several tables, which takes less than each by itself: opening DuckDB takes as long as a read."""
    with connect() as connection:
        return {name: _sliced(connection, run, name, whole=False, wanted=wanted) for name in names}


def _sliced(
    connection: duckdb.DuckDBPyConnection, run: Run, name: str, *, whole: bool, wanted: Mapping[str, Collection[str]]
) -> pa.Table:  # fmt: skip
    paths = run.files(name, wanted.get("period"))
    conditions = [f'"{column}" IN (SELECT unnest(?))' for column in wanted]
    if whole:
        conditions.append("coalesce(breakdown, '') = ''")
    query = f"SELECT * FROM read_parquet(?) WHERE {' AND '.join(conditions) or 'true'}"
    try:
        values = [[*map(str, paths or run.files(name)[:1])], *(sorted(values) for values in wanted.values())]
        table = connection.sql(query, params=values).to_arrow_table()
    except duckdb.Error as error:
        gone = next((path for path in paths if not path.exists()), run.path / f"{name}.parquet")
        raise damaged(gone) from error
    for column, kind in run.lacking(name).items():
        table = table.append_column(column, pa.nulls(table.num_rows, kind))
    return table


Past = dict[str, dict[str, dict[str, list[Figure]]]]


def past_of(run: Run, calendar: Calendar, **wanted: Collection[str]) -> Past:
    """Unit → indicator → frequency → figures in order of time, of what is wanted of a run."""
    table = read_slice(run, "indicators", whole=True, **wanted)
    frequencies = table.column("frequency").to_pylist()
    found: Past = {}
    for frequency, figure in zip(frequencies, records(table, Figure), strict=True):
        of_unit = found.setdefault(figure.unit, {}).setdefault(figure.indicator, {})
        of_unit.setdefault(frequency, []).append(figure)
    for by_indicator in found.values():
        for by_frequency in by_indicator.values():
            for figures in by_frequency.values():
                figures.sort(key=lambda figure: calendar.parse(figure.period).start)
    return found
