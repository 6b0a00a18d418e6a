"""Ways of counting the same events, each in its best form: every unit, month, quarter and year, in total and by sex.

Each runs in a process of its own: `python -m bench.contestants NAME FOLDER EVENTS` prints what it used and what it found.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import numpy as np

from bench.question import COLUMNS, CONDITIONS, COUNTS, LEVELS, MONTHS, sql, tree

NAMES = [f"c{at:02d}" for at in range(len(CONDITIONS))]
MEMORY = "2500MB"
Totals = dict[str, list[int]]
"""level and length of period → for each count the sum over all units, periods and sexes: the same for everyone."""


def tallymark(folder: Path, number: int) -> Totals:
    """The compiled plan, as `measure` runs it: leaf pass, who reported, roll-up."""
    from tallymark.engine.duckdb import Engine, connect

    return _planned(Engine(connect(MEMORY, folder=str(folder))), folder, number)


def spark(folder: Path, number: int) -> Totals:
    """The same plan on Spark in local mode; the Java process ends here, so that its CPU counts."""
    from pyspark import SparkContext

    from tallymark.engine.opening import opened

    with opened("spark") as engine:
        found = _planned(engine, folder, number)
    java = SparkContext._gateway
    java.shutdown()
    java.proc.stdin.close()
    java.proc.wait(60)
    return found


def _planned(engine: Any, folder: Path, number: int) -> Totals:
    from bench import events
    from tallymark.engine.interface import tuples
    from tallymark.engine.sql import select, stacked
    from tallymark.measure.plan import plan
    from tallymark.measure.tally import Sources, count, prepare

    planned = plan(events.programme(), events.periods())
    sources = Sources.of(planned, events.stored(folder, number), None)
    ready = prepare(engine, planned, sources)
    (strand,) = ready.plan.strands
    count(engine, ready, strand, sources)
    frequency = [period.frequency for period in planned.timeline.periods]
    both = stacked(
        [
            select("unit", "period", *(f"m{at}" for at in range(40))).from_(f"{strand.prefix}_f{b}")
            for b in (0, 1)
        ]
    )
    sums = [f"CAST(SUM(f.m{at}) AS BIGINT) AS m{at}" for at in range(40)]
    query = (
        select("u.level", "f.period", *sums)
        .from_(both.subquery("f"))
        .join("tm_units AS u", on="u.unit = f.unit")
    )
    found: dict[str, Any] = {}
    for level, period, *counts in tuples(engine.rows(query.group_by("u.level", "f.period"))):
        key = f"{level} {frequency[period]}"
        found[key] = [int(a) + b for a, b in zip(counts, found.get(key, [0] * 40), strict=True)]
    return found


def _hand(folder: Path, number: int, leaf: str) -> Totals:
    """Hand-written DuckDB: leaf counts once, then every step from the smallest table that has what it needs."""
    connection = _duckdb(folder)
    connection.execute(f"CREATE TEMP TABLE leaf AS {leaf.format(source=_rows(folder, number))}").fetchall()
    counts = ", ".join(f"SUM({name})::INTEGER AS {name}" for name in NAMES)
    below, made = "leaf", []
    for depth in reversed(range(len(LEVELS))):
        if depth < len(LEVELS) - 1:
            _table(
                connection,
                f"months{depth}",
                f"SELECT p.parent AS unit, month, sex, {counts} FROM {below} b JOIN parent{depth + 1} p USING (unit) GROUP BY ALL",
            )
            below = f"months{depth}"
        made.append((LEVELS[depth], below))
    return _roll(connection, made, counts)


def _roll(connection: Any, made: Sequence[tuple[str, str]], counts: str) -> Totals:
    """Quarters and years, and both sexes together, of tables by unit, month and sex; sums of all."""
    found = {}
    sums = ", ".join(f"SUM({name})::BIGINT" for name in NAMES)
    for level, months in made:
        _table(
            connection,
            f"{level}_q",
            f"SELECT unit, month // 3 AS month, sex, {counts} FROM {months} GROUP BY ALL",
        )
        _table(
            connection,
            f"{level}_y",
            f"SELECT unit, month // 4 AS month, sex, {counts} FROM {level}_q GROUP BY ALL",
        )
        for frequency, table in (("month", months), ("quarter", f"{level}_q"), ("year", f"{level}_y")):
            both = f"{level}_{frequency}_both"
            _table(connection, both, f"SELECT unit, month, {counts} FROM {table} GROUP BY ALL")
            rows = connection.execute(f"SELECT {sums} FROM {both}").fetchall()[0]
            found[f"{level} {frequency}"] = [2 * int(value) for value in rows]
    return found


def hand_case(folder: Path, number: int) -> Totals:
    """COUNT(CASE WHEN … THEN 1 END), conditions projected once."""
    inner = ", ".join(f"({sql(condition)}) AS w{at}" for at, condition in enumerate(CONDITIONS))
    outer = ", ".join(
        f"COUNT(CASE WHEN w{at} THEN 1 END)::INTEGER AS {name}" for at, name in enumerate(NAMES)
    )
    return _hand(
        folder,
        number,
        f"SELECT _unit AS unit, _month AS month, sex, {outer} FROM (SELECT _unit, _month, sex, {inner} FROM {{source}}) GROUP BY ALL",
    )


def hand_filter(folder: Path, number: int) -> Totals:
    """COUNT(*) FILTER (WHERE …)."""
    outer = ", ".join(
        f"(COUNT(*) FILTER (WHERE {sql(c)}))::INTEGER AS {name}"
        for name, c in zip(NAMES, CONDITIONS, strict=True)
    )
    return _hand(
        folder, number, f"SELECT _unit AS unit, _month AS month, sex, {outer} FROM {{source}} GROUP BY ALL"
    )


def ancestors(folder: Path, number: int) -> Totals:
    """What DHIS2 really does (`analytics_tables` has it on PostgreSQL), here on DuckDB: a table of events with a column for
    the ancestor on each level and for each kind of period, then for every level and kind of period a query of 40 counts."""
    connection = _duckdb(folder)
    widen(connection, folder, number)
    return asked_by_level(connection, list(range(len(CONDITIONS))))


def ancestors_each(folder: Path, number: int) -> Totals:
    """The same with a query for each count, as DHIS2 asks for indicators, for the first alone: a fortieth of the queries."""
    connection = _duckdb(folder)
    widen(connection, folder, number)
    return asked_by_level(connection, [0])


def widen(connection: Any, folder: Path, number: int) -> None:
    """Makes the table `wide` of events with their ancestors and periods."""
    above = [f"p{depth + 1}.parent AS {LEVELS[depth]}" for depth in reversed(range(len(LEVELS) - 1))]
    joins = [
        f"JOIN parent{depth} p{depth} ON p{depth}.unit = {'e._unit' if depth == 4 else f'p{depth + 1}.parent'}"
        for depth in reversed(range(1, len(LEVELS)))
    ]
    _table(
        connection,
        "wide",
        f"SELECT e.*, e._unit AS {LEVELS[-1]}, {', '.join(above)}, _month AS month, _month // 3 AS quarter, _month // 12 AS year "
        f"FROM {_rows(folder, number)} e {' '.join(joins)}",
    )


def asked_by_level(connection: Any, which: list[int]) -> Totals:
    """For every level and kind of period a query for these counts, by unit, period and sex, and by unit and period."""
    counts = ", ".join(f"COUNT(CASE WHEN {sql(CONDITIONS[at])} THEN 1 END) AS {NAMES[at]}" for at in which)
    sums = ", ".join(f"SUM({NAMES[at]})::BIGINT" for at in which)
    found = {}
    for level in LEVELS:
        for period in ("month", "quarter", "year"):
            keys = f"{level}, {period}"
            rows = connection.execute(
                f"SELECT {sums} FROM (SELECT {keys}, sex, {counts} FROM wide "
                f"GROUP BY GROUPING SETS (({keys}, sex), ({keys})))"
            ).fetchall()
            found[f"{level} {period}"] = [int(value) for value in rows[0]]
    return found


def closure(folder: Path, number: int) -> Totals:
    """Every event joined to all ancestors of its unit, grouped by ancestor, month and sex, in one query and done as it
    asks (DuckDB's `partial_aggregate_pushdown`, which PostgreSQL has not, would count first). DHIS2 does not ask so: its
    events have a column for the ancestor on each level (`ancestors`)."""
    return _closure(folder, number, "common_subplan,partial_aggregate_pushdown")


def closure_pushed(folder: Path, number: int) -> Totals:
    """The same query, which DuckDB 2.0 turns into one pass at the leaves by itself."""
    return _closure(folder, number, "common_subplan")


def _closure(folder: Path, number: int, disabled: str) -> Totals:
    connection = _duckdb(folder)
    connection.execute(f"SET disabled_optimizers = '{disabled}'").fetchall()
    base = np.cumsum([0, *COUNTS])
    _table(
        connection,
        "numbers",
        " UNION ALL ".join(
            f"SELECT unit, {base[d]} + row_number() OVER (ORDER BY unit) AS number FROM {LEVELS[d]}"
            for d in range(5)
        ),
    )
    above = " UNION ALL ".join(
        f"SELECT u.unit, {'u.unit' if depth == 4 else f'p{depth + 1}.parent'} AS ancestor FROM village u "
        + " ".join(
            f"JOIN parent{d} p{d} ON p{d}.unit = {'u.unit' if d == 4 else f'p{d + 1}.parent'}"
            for d in range(4, depth, -1)
        )
        for depth in range(len(LEVELS))
    )
    _table(
        connection,
        "closure",
        f"SELECT c.unit AS code, n.number::INTEGER AS unit FROM ({above}) c JOIN numbers n ON n.unit = c.ancestor",
    )
    inner = ", ".join(f"({sql(condition)}) AS w{at}" for at, condition in enumerate(CONDITIONS))
    outer = ", ".join(
        f"COUNT(CASE WHEN w{at} THEN 1 END)::INTEGER AS {name}" for at, name in enumerate(NAMES)
    )
    source = _rows(folder, number)
    _table(
        connection, "months",
        f"SELECT c.unit, month, sex, {outer} FROM (SELECT _unit AS code, _month AS month, sex, {inner} FROM {source}) e "
        "JOIN closure c USING (code) GROUP BY ALL",
    )  # fmt: skip
    counts = ", ".join(f"SUM({name})::INTEGER AS {name}" for name in NAMES)
    made = []
    for depth, level in enumerate(LEVELS):
        within = f"unit > {base[depth]} AND unit <= {base[depth + 1]}"
        connection.execute(
            f"CREATE TEMP VIEW of_{level} AS SELECT unit, month, sex, {', '.join(NAMES)} FROM months WHERE {within}"
        ).fetchall()
        made.append((level, f"of_{level}"))
    return _roll(connection, made, counts)


def polars(folder: Path, number: int) -> Totals:
    """Polars, streaming: the same steps as by hand."""
    import polars as pl

    place = tree()
    files = _files(folder, number)
    counts = [
        pl.sql_expr(sql(c)).sum().cast(pl.Int32).alias(name)
        for name, c in zip(NAMES, CONDITIONS, strict=True)
    ]
    add = [pl.col(name).sum() for name in NAMES]
    leaf = (
        pl.scan_parquet(files)
        .group_by(unit="_unit", month="_month", sex="sex")
        .agg(counts)
        .collect(engine="streaming")
    )
    found: Totals = {}
    months = leaf
    for depth in reversed(range(len(LEVELS))):
        if depth < len(LEVELS) - 1:
            codes = place.codes
            step = pl.DataFrame(
                {"unit": codes[depth + 1], "parent": [codes[depth][at] for at in place.parents[depth + 1]]}
            )
            months = months.join(step, on="unit").group_by(unit="parent", month="month", sex="sex").agg(add)
        quarters = months.group_by("unit", pl.col("month") // 3, "sex").agg(add)
        years = quarters.group_by("unit", pl.col("month") // 4, "sex").agg(add)
        for frequency, table in (("month", months), ("quarter", quarters), ("year", years)):
            both = table.group_by("unit", "month").agg(add)
            found[f"{LEVELS[depth]} {frequency}"] = [
                2 * int(both[name].cast(pl.Int64).sum()) for name in NAMES
            ]
    return found


def pandas(folder: Path, number: int) -> Totals:
    """pandas: conditions as columns, grouped sums."""
    import pandas as pd

    place = tree()
    frame = pd.concat([pd.read_parquet(file, columns=list(COLUMNS)) for file in _files(folder, number)])
    words = {"sex", "place", "outcome", "_unit"}
    frame = frame.astype(dict.fromkeys(words, "category"))
    operators: dict[str, Callable[[Any, Any], Any]] = {
        "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    }  # fmt: skip
    keys = ["unit", "month", "sex"]
    met = pd.DataFrame({"unit": frame["_unit"], "month": frame["_month"], "sex": frame["sex"]})
    for name, condition in zip(NAMES, CONDITIONS, strict=True):
        met[name] = np.logical_and.reduce(
            [operators[op](frame[column], value) for column, op, value in condition]
        )
    del frame
    months = met.groupby(keys, observed=True, sort=False)[NAMES].sum().astype(np.int32).reset_index()
    del met
    found: Totals = {}
    for depth in reversed(range(len(LEVELS))):
        if depth < len(LEVELS) - 1:
            codes = place.codes
            above = {
                code: codes[depth][at]
                for code, at in zip(codes[depth + 1], place.parents[depth + 1], strict=True)
            }
            months = (
                months.assign(unit=months["unit"].map(above))
                .groupby(keys, observed=True, sort=False)
                .sum()
                .reset_index()
            )
        quarters = (
            months.assign(month=months["month"] // 3)
            .groupby(keys, observed=True, sort=False)
            .sum()
            .reset_index()
        )
        years = (
            quarters.assign(month=quarters["month"] // 4)
            .groupby(keys, observed=True, sort=False)
            .sum()
            .reset_index()
        )
        for frequency, table in (("month", months), ("quarter", quarters), ("year", years)):
            both = table.drop(columns="sex").groupby(["unit", "month"], observed=True, sort=False).sum()
            found[f"{LEVELS[depth]} {frequency}"] = [2 * int(both[name].sum()) for name in NAMES]
    return found


def scan(folder: Path, number: int) -> Totals:
    """Reading the columns, and nothing else."""
    connection = _connected(folder)
    source = _rows(folder, number)
    connection.execute(f"SELECT {', '.join(f'MAX({name})' for name in COLUMNS)} FROM {source}").fetchall()
    return {}


CONTESTANTS: dict[str, Callable[[Path, int], Totals]] = {
    one.__name__: one
    for one in (
        scan,
        tallymark,
        hand_case,
        hand_filter,
        ancestors,
        ancestors_each,
        closure,
        closure_pushed,
        polars,
        spark,
        pandas,
    )
}


def _connected(folder: Path) -> Any:
    """A connection with the settings that Tallymark's have."""
    import duckdb

    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "preserve_insertion_order": "false"}
    )
    settings = {
        "disabled_optimizers": "common_subplan",
        "memory_limit": MEMORY,
        "temp_directory": str(folder),
    }
    for name, value in settings.items():
        connection.execute(f"SET {name} = '{value}'").fetchall()
    return connection


def _duckdb(folder: Path) -> Any:
    """A connection with a table of units a level, and of parents (`parent4`: village → town)."""
    import pyarrow as pa

    connection = _connected(folder)
    place = tree()
    for depth, codes in enumerate(place.codes):
        columns = {"unit": list(codes)}
        if depth:
            columns["parent"] = [place.codes[depth - 1][at] for at in place.parents[depth]]
        connection.register("given", pa.table(columns))
        _table(connection, LEVELS[depth], "SELECT unit FROM given")
        if depth:
            _table(connection, f"parent{depth}", "SELECT unit, parent FROM given")
        connection.unregister("given")
    return connection


def _table(connection: Any, name: str, query: str) -> None:
    connection.execute(f"CREATE TEMP TABLE {name} AS {query}").fetchall()


def _files(folder: Path, number: int) -> list[str]:
    """The Parquet files of the store (`bench.events` has listed them)."""
    found: list[str] = json.loads((folder / f"events-{number}.json").read_text(encoding="utf-8"))
    return found


def _rows(folder: Path, number: int) -> str:
    """The same for DuckDB."""
    listed = ", ".join(f"'{file}'" for file in _files(folder, number))
    return f"read_parquet([{listed}], hive_partitioning = false)"


class _Absent(MetaPathFinder):
    """Makes a module missing that Tallymark does not install: PyArrow imports pandas wherever it is, for a second."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)


def main() -> None:
    """Runs one contestant and prints its wall and CPU seconds, peak memory and totals as JSON."""
    name, folder, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if name not in ("pandas", "spark"):
        sys.meta_path.insert(0, _Absent())
    started = time.perf_counter()
    found = CONTESTANTS[name](folder, number)
    wall = time.perf_counter() - started
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = sum(used.ru_utime + used.ru_stime for used in (own, ended))
    peak = (own.ru_maxrss + ended.ru_maxrss) / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "peak_mb": peak, "found": found}))


if __name__ == "__main__":
    main()

assert MONTHS % 12 == 0
assert sum(COUNTS) == 44_321
