"""The same counts the way of DHIS2: analytics tables on a real PostgreSQL, `python -m bench postgresql` for this alone.

A programme's events stand in one table a year with a column for every data element, for the unit's ancestor on every level
and for every kind of period, and an index on each (DHIS2 2.42 to 2.44: `JdbcEventAnalyticsTableManager`,
`EventAnalyticsColumn`, `AnalyticsIndexHelper`). What is left out, all of it in PostgreSQL's favour, is said in `SPARED`.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import measuring
from bench.cluster import BIN, postgresql
from bench.question import CONDITIONS, FIRST_YEAR, LEVELS, MONTHS, Test, tree

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADING = "## Measuring, as DHIS2 does: analytics tables on PostgreSQL"
SIZES = (2_000_000, 8_000_000)
ASKED = 2
"""Of the forty indicators so many are asked one by one, as DHIS2 does; their cost is multiplied."""
SETTINGS = (
    "shared_buffers=1GB", "work_mem=256MB", "maintenance_work_mem=512MB", "max_wal_size=8GB", "synchronous_commit=off",
    "wal_level=minimal", "max_wal_senders=0", "jit=off", "autovacuum=off",
)  # fmt: skip
SPARED = (
    "events arrive by one server-side COPY, where DHIS2 first fills its transaction tables and then takes every value out of JSON by five joins; "
    "of its some twenty columns of periods there are five, of the event's own columns nine of thirty; no groups, categories, geometry; "
    "no sharing rights or approval in the queries, nothing sent to a client; tables are unlogged, settings are those of a tuned server "
    f"({', '.join(SETTINGS)})"
)
UIDS = {
    "sex": "sExOfVisit01", "age": "aGeOfVisit01", "place": "pLaceOfVst01", "outcome": "oUtcomeVst01", "visits": "vIsitsOfVs01",
    "weight": "wEightOfVs01", "waited": "wAitedOfVs01", "screened": "sCreenedVs01",
}  # fmt: skip
UIDS = {name: uid[:11] for name, uid in UIDS.items()}
TYPES = (
    dict.fromkeys(UIDS, "bigint")
    | dict.fromkeys(("sex", "place", "outcome"), "text")
    | {"screened": "integer"}
)
PERIODS = {"month": "monthly", "quarter": "quarterly", "year": "yearly"}
ANCESTORS = tuple(f"uidlevel{depth + 1}" for depth in range(len(LEVELS)))
COLUMNS = {
    "event": "char(11) not null", "ps": "char(11) not null", "ao": "char(11) not null", "occurreddate": "timestamp",
    "lastupdated": "timestamp", "eventstatus": "varchar(50)", "ou": "char(11) not null", "oucode": "text", "oulevel": "integer",
    **dict.fromkeys(ANCESTORS, "char(11)"), "daily": "text", "weekly": "text", **dict.fromkeys(PERIODS.values(), "text"),
    **{uid: TYPES[name] for name, uid in UIDS.items()},
}  # fmt: skip
YEARS = tuple(range(FIRST_YEAR, FIRST_YEAR + MONTHS // 12))


def written(folder: Path, number: int) -> list[Path]:
    """The rows of every year's table as CSV, made before anything is timed."""
    import duckdb

    listed = json.loads((folder / f"events-{number}.json").read_text(encoding="utf-8"))
    place, ancestors = tree(), folder / "ancestors.csv"
    with ancestors.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["code", *ANCESTORS])
        for at, code in enumerate(place.codes[-1]):
            row, above = [code], at
            for depth in reversed(range(len(LEVELS) - 1)):
                above = int(place.parents[depth + 1][above])
                row.append(place.codes[depth][above])
            out.writerow([code, *(one.ljust(11, "0") for one in reversed(row))])
    words = {
        "event": "left(md5(e._unit || e._day || row_number() OVER ()), 11)", "ps": "'pRogStage01'", "ao": "'dEfaultAoc1'",
        "occurreddate": "e._day", "lastupdated": "e._day", "eventstatus": "'COMPLETED'", "ou": "a.uidlevel5", "oucode": "e._unit",
        "oulevel": "5", **{name: f"a.{name}" for name in ANCESTORS}, "daily": "strftime(e._day, '%Y%m%d')",
        "weekly": "strftime(e._day, '%GW%V')", "monthly": "strftime(e._day, '%Y%m')",
        "quarterly": "year(e._day) || 'Q' || quarter(e._day)", "yearly": "year(e._day)::VARCHAR",
        **{uid: f"e.{name}" if name != "screened" else "e.screened::INTEGER" for name, uid in UIDS.items()},
    }  # fmt: skip
    made = []
    for year in YEARS:
        made.append(folder / f"analytics-{number}-{year}.csv")
        duckdb.sql(
            f"COPY (SELECT {', '.join(words.values())} FROM read_parquet({listed}) e "
            f"JOIN read_csv('{ancestors}', header = true, all_varchar = true) a ON a.code = e._unit "
            f"WHERE year(e._day) = {year}) TO '{made[-1]}' (HEADER false)"
        )
    return made


def making(files: list[Path]) -> Iterator[str]:
    """The statements that make the tables, fill them, index and analyse them."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    yield f"create table analytics_event ({columns})"
    for year, file in zip(YEARS, files, strict=True):
        name = f"analytics_event_{year}"
        yield f"create unlogged table {name} (check (yearly = '{year}')) inherits (analytics_event)"
        yield f"copy {name} from '{file}' (format csv)"
        for at, (column, kind) in enumerate(COLUMNS.items()):
            yield f'create index in_{at}_{year} on {name} ("{column}")'
            if kind == "timestamp":
                yield f'create index in_{at}_{year}_desc on {name} ("{column}" desc nulls last)'
            if kind == "text" and column in UIDS.values():
                yield f'create index in_{at}_{year}_lower on {name} (lower("{column}"))'
    for year in YEARS:
        yield f"vacuum analyze analytics_event_{year}"


def condition(tests: tuple[Test, ...]) -> str:
    """A count's condition on the columns of data elements."""
    return " and ".join(
        f'ax."{UIDS[column]}" {op} {int(value) if isinstance(value, bool) else repr(value)}'
        for column, op, value in tests
    )


def asking(which: list[int]) -> Iterator[tuple[str, str]]:
    """For every level and kind of period a query for these counts, by unit, period and sex, and by unit and period."""
    counts = ", ".join(f"count(case when {condition(CONDITIONS[at])} then 1 end) as c{at}" for at in which)
    sums = ", ".join(f"sum(c{at})::bigint" for at in which)
    for depth, level in enumerate(LEVELS):
        for frequency, period in PERIODS.items():
            yield (
                f"{level} {frequency}",
                f'select {sums} from (select ax."{ANCESTORS[depth]}", ax."{period}", ax."{UIDS["sex"]}", {counts} '
                f"from analytics_event ax where ax.yearly in ({', '.join(repr(str(year)) for year in YEARS)}) "
                f'group by ax."{ANCESTORS[depth]}", ax."{period}", rollup (ax."{UIDS["sex"]}")) f',
            )


def measured(folder: Path, number: int) -> dict[str, Any]:
    """What the server used for the tables and for the questions, and what it answered."""
    import psycopg

    files = written(folder, number)
    folder.chmod(0o755)
    told: dict[str, Any] = {"events": number}
    with postgresql("bench", settings=SETTINGS) as address:
        with timed(told, "made", address), psycopg.connect(address, autocommit=True) as connection:
            for statement in making(files):
                connection.execute(statement)  # type: ignore[call-overload]
        with timed(told, "together", address), psycopg.connect(address, autocommit=True) as connection:
            found = {key: _row(connection, query) for key, query in asking(list(range(len(CONDITIONS))))}
        which = list(range(0, len(CONDITIONS), len(CONDITIONS) // ASKED))
        with timed(told, "singly", address), psycopg.connect(address, autocommit=True) as connection:
            for at in which:
                for key, query in asking([at]):
                    assert _row(connection, query) == [found[key][at]], (at, key)
        with psycopg.connect(address) as connection:
            told["mb"] = _row(connection, "select pg_database_size('bench') / 1000000")[0]
    for file in files:
        file.unlink()
    return told | {"found": found}


def _row(connection: Any, query: str) -> list[int]:
    return [int(value) for value in connection.execute(query).fetchall()[0]]


@contextmanager
def timed(told: dict[str, Any], name: str, address: str) -> Iterator[None]:
    """Notes the CPU seconds of the server and its children, and wall seconds."""
    folder = Path(address.split("@")[1].split("/")[0].replace("%2F", "/"))
    server = int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    before, started = used(server), time.perf_counter()
    yield
    # A backend that has ended is counted as soon as the server has taken note of its end.
    time.sleep(0.5)
    told[name] = {"cpu": used(server) - before, "wall": time.perf_counter() - started}


def used(server: int) -> float:
    """CPU seconds of a server so far: its own, those of children that ended (parallel workers, too) and of those alive."""
    alive = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    ticks = sum(map(_ticks, [server, *map(int, alive)]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _ticks(process: int) -> int:
    """User and system time of a process and of its children that ended; none when it just ended itself."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0
    return sum(map(int, fields[11:15]))


def run(sizes: tuple[int, ...] = SIZES) -> list[dict[str, Any]]:
    """For every size what Tallymark and PostgreSQL used, the answers compared."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="tallymark-postgresql-") as name:
        folder = Path(name)
        for number in sizes:
            ours = min(
                (measuring.once(name, "tallymark", number) for _ in range(3)), key=lambda one: one["cpu"]
            )
            row = measured(folder, number) | {"ours": ours["cpu"]}
            row["same"] = row.pop("found") == ours["found"]
            rows.append(row)
            print(row, file=sys.stderr, flush=True)
    return rows


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The results as Markdown."""
    times = len(CONDITIONS) // ASKED
    lines: dict[str, list[str]] = {
        "**Tallymark**, everything": [f"{row['ours']:.1f}" for row in rows],
        "PostgreSQL: tables, COPY, indexes, VACUUM ANALYZE": [f"{row['made']['cpu']:.0f}" for row in rows],
        "PostgreSQL: 15 queries of 40 counts each": [f"{row['together']['cpu']:.0f}" for row in rows],
        f"PostgreSQL: 15 queries for each count, as DHIS2 asks ({ASKED} of 40 asked, × {times})": [
            f"{row['singly']['cpu'] * times:.0f}" for row in rows
        ],
        "**× Tallymark, tables and 40 counts a query**": [f"{ratio(row, together=True):.0f}" for row in rows],
        "**× Tallymark, tables and a query a count**": [f"{ratio(row, together=False):.0f}" for row in rows],
        "same counts": ["yes" if row["same"] else "**no**" for row in rows],
        "size of the database, MB": [f"{row['mb']:,}" for row in rows],
    }
    return [
        f"| CPU seconds | {' | '.join(sized(row) + ' events' for row in rows)} |",
        f"|---|{'---:|' * len(rows)}",
        *(f"| {what} | {' | '.join(cells)} |" for what, cells in lines.items()),
    ]


def sized(row: dict[str, Any]) -> str:
    """The number of events, as told."""
    return f"{row['events']:,}"


def ratio(row: dict[str, Any], *, together: bool) -> float:
    """The server's CPU seconds as a multiple of Tallymark's."""
    asked = row["together"]["cpu"] if together else row["singly"]["cpu"] * len(CONDITIONS) / ASKED
    return float((row["made"]["cpu"] + asked) / row["ours"])


def growth(rows: list[dict[str, Any]], far: int = measuring.EVENTS) -> str:
    """What one more million costs each, from the first and last size, and what larger sizes tend to if that goes on."""
    first, last = rows[0], rows[-1]
    millions = (last["events"] - first["events"]) / 1e6
    ours = (last["ours"] - first["ours"]) / millions
    more = {
        name: (last[name]["cpu"] - first[name]["cpu"]) / millions for name in ("made", "together", "singly")
    }
    theirs = last["made"]["cpu"] + last["together"]["cpu"]
    each, beyond = more["made"] + more["together"], (far - last["events"]) / 1e6
    ratio = (theirs + each * beyond) / (last["ours"] + ours * beyond)
    return (
        f"One more million events costs PostgreSQL {more['made']:.1f} CPU s for tables and indexes and {more['together']:.1f} for 40 counts a query "
        f"({more['singly'] * len(CONDITIONS) / ASKED:.0f} with a query a count), Tallymark {ours:.2f}: at these sizes most of Tallymark's is for units and periods, not "
        f"events. If both go on like that, {far:,} events take PostgreSQL {theirs + each * beyond:,.0f} CPU s even with 40 counts a query, {ratio:.0f} × Tallymark; "
        "that is computed, not measured."
    )


def section() -> list[str]:
    """The whole section of RESULTS.md."""
    if BIN is None:
        return [HEADING, "", "Not measured: no PostgreSQL on this machine (Debian: apt install postgresql)."]
    version = subprocess.run(
        [BIN / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    load, rows = os.getloadavg()[1], run()
    return [
        HEADING, "",
        f"The same question at {' and '.join(map(sized, rows))} events (50 million would take PostgreSQL hours here), {version.split('(')[1].split(' (')[0].replace(')', '').strip()}, "
        f"CPU seconds of the server with all its processes; load before the run {load:.1f}. Spared it: {SPARED}.", "",
        *table(rows), "", growth(rows),
    ]  # fmt: skip


def main() -> None:
    """Measures and writes the section."""
    text = "\n".join(section())
    before, _, rest = RESULTS.read_text(encoding="utf-8").partition(HEADING)
    if not rest:
        before, mark, rest = before.partition("## Scoring, contract")
        rest = mark + rest
        after = "\n" + rest
    else:
        after = rest[rest.index("\n## ") :] if "\n## " in rest else ""
    RESULTS.write_text(f"{before.rstrip()}\n\n{text}\n{after}", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
