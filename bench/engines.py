"""`python -m bench.engines [PROGRAMME …]`: whole assessments on Spark and on DuckDB, every result table compared.

Every programme that ships, with the real data of `../shared/data` or its own simulated deliveries. A table is *the same* when all
its values are, floats to the bit; else the largest relative difference of its floats is told, and whether anything else differs.
`python -m bench.engines line`: a small county on either engine from receiving on, each in its own store, everything compared.
`python -m bench.engines events`: the row of 5 million events, Spark, DuckDB and compiled loops in one run.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
SHIPPED = ROOT / "programmes"
SETTINGS = {
    "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "4g", "spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.log.level": "ERROR",
}  # fmt: skip
"""Small queries by the hundred: interpreted they are quicker than compiled."""
Line = tuple[Any, Any, str, dt.datetime | None]
"""Programme, store, contract, when the run is made."""


def starter(folder: Path) -> Line:
    """What `tallymark new` writes."""
    import tallymark as tm
    from tallymark.cli import run

    run(["new", str(folder / "programme")])
    programme, store = tm.load(folder / "programme"), tm.open_store(folder / "store")
    for name in ("visits", "monthly", "residents"):
        tm.receive(programme, store, name, folder / f"programme/data/{name}.csv")
    return programme, store, "services-2025", None


def demo(folder: Path) -> Line:
    """The demo county, with 20,000 events: its deliveries received, no more."""
    import tallymark as tm
    from tallymark.cli.demo import CONTRACT, SEED
    from tallymark.simulate import simulate_county

    truth = simulate_county(folder / "sent", seed=SEED, events=20_000)
    shutil.copytree(SHIPPED / "demo", folder / "programme")
    programme, store = tm.load(folder / "programme"), tm.open_store(folder / "store")
    received(programme, store, truth, engine="duckdb")
    return programme, store, CONTRACT, None


def received(programme: Any, store: Any, truth: Any, *, engine: str) -> None:
    """Takes in all that a simulated place's offices sent."""
    import tallymark as tm

    for one in truth.deliveries:
        at = one.received_at.replace(tzinfo=dt.UTC)
        tm.receive(programme, store, one.source, truth.out / one.file, received_at=at, engine=engine)


def countdown(folder: Path, country: str, workbook: Path) -> Line:
    """A country's workbook of Countdown to 2030."""
    import tallymark as tm

    declared, at = folder / "programme", dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
    shutil.copytree(SHIPPED / "countdown/shared", declared)
    shutil.copytree(SHIPPED / "countdown" / country, declared, dirs_exist_ok=True)
    (declared / workbook.name).symlink_to(workbook)
    programme, store = tm.load(declared), tm.open_store(folder / "store")
    tm.receive(programme, store, "workbook", workbook, received_at=at)
    return programme, store, "child-and-mother-2023", at


def kenya(folder: Path) -> Line:
    """Kenya, 47 counties."""
    return countdown(folder, "kenya", DATA / "kenya/kenya.xlsx")


def cote_divoire(folder: Path) -> Line:
    """Côte d'Ivoire, 113 districts."""
    return countdown(folder, "cote_divoire", DATA / "cote_divoire/cote.xlsx")


def liberia(folder: Path) -> Line:
    """Liberia's results-based financing, 40 facilities."""
    from tests.real.test_liberia import COUNTY_TEAM, LEVELS, read_pyramid, system, write_units

    import tallymark as tm

    declared, data = folder / "programme", DATA / "liberia"
    shutil.copytree(SHIPPED / "liberia", declared)
    facilities = {each.unit for each in system().outputs} - {COUNTY_TEAM}
    write_units(
        read_pyramid(data / "lib_pyramid.yml"),
        declared / "units.csv",
        levels=LEVELS,
        signed={"team": [COUNTY_TEAM], "facility": sorted(facilities)},
    )
    programme, store = tm.load(declared), tm.open_store(folder / "store")
    at = dt.datetime(2018, 4, 20, tzinfo=dt.UTC)
    tm.receive(programme, store, "outputs", data / "lib_exported_values.json", received_at=at)
    return programme, store, "facilities-2018Q1", at


def sierra_leone(folder: Path) -> Line:
    """Sierra Leone from DHIS2's files, 188,701 values."""
    import tallymark as tm
    from tallymark.programme.dhis2 import import_dhis2

    data, declared, at = (
        DATA / "sierra_leone",
        SHIPPED / "sierra_leone",
        dt.datetime(2026, 1, 20, tzinfo=dt.UTC),
    )
    import_dhis2(
        data / "metadata.json",
        data / "organisation_units.json",
        folder / "programme",
        code="sierra-leone",
        title="Sierra Leone, child health and vaccine stock",
        levels=("Country", "District", "Chiefdom", "Facility"),
        geometry=data / "geometry.geojson",
        words=declared / "words.csv",
    )
    for name in ("usual.yaml", "contract.yaml"):
        shutil.copyfile(declared / name, folder / "programme" / name)
    programme, store = tm.load(folder / "programme"), tm.open_store(folder / "store")
    tm.receive(programme, store, "dhis2", data / "data_values.json.gz", received_at=at)
    return programme, store, "epi-2025", at


PROGRAMMES: dict[str, Callable[[Path], Line]] = {
    one.__name__: one for one in (starter, liberia, kenya, cote_divoire, sierra_leone, demo)
}


def compared(one: pa.Table, other: pa.Table) -> str:
    """`same`, or what differs."""
    if one.equals(other):
        return "same"
    if one.schema != other.schema or one.num_rows != other.num_rows:
        return f"**other rows** ({one.num_rows}, {other.num_rows})"
    worst, wrong = 0.0, []
    for name, mine, others in zip(one.column_names, one.columns, other.columns, strict=True):
        if mine.equals(others):
            continue
        if not pa.types.is_floating(mine.type) or mine.is_null() != others.is_null():
            wrong.append(name)
            continue
        a, b = mine.to_numpy(), others.to_numpy()
        with np.errstate(invalid="ignore"):
            apart = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
        worst = max(worst, float(np.nanmax(np.where(a == b, 0.0, apart))))
    told = [f"floats within {worst:.0e}"] if worst else []
    return ", ".join([*told, *(f"**{name} differs**" for name in wrong)])


@contextmanager
def session(master: str = "local[2]") -> Iterator[Any]:
    """One Spark session for all comparisons."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("tallymark bench")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    yield made
    made.stop()


def java_seconds(spark: Any) -> float:
    """CPU seconds that the Java process used so far."""
    pid = spark.sparkContext._jvm.java.lang.ProcessHandle.current().pid()
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def told(name: str, spark: Any) -> list[str]:
    """A row of the table, for one programme."""
    import tallymark as tm

    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        programme, store, contract, at = PROGRAMMES[name](Path(place))
        at = at or dt.datetime(2026, 1, 20, tzinfo=dt.UTC)
        took, runs = {}, {}
        for engine in ("duckdb", "spark"):
            before = time.process_time() + java_seconds(spark)
            runs[engine] = tm.assess(
                programme, store, contract=contract, made_at=at, engine=engine, fresh=True
            )
            took[engine] = time.process_time() + java_seconds(spark) - before
        names = list(runs["duckdb"].manifest["tables"])
        found = {table: compared(*(runs[engine].table(table) for engine in runs)) for table in names}
        rows = runs["duckdb"].manifest["tables"]["measures"]["rows"]
    others = {table: said for table, said in found.items() if said != "same"}
    said = "; ".join(f"{table}: {what}" for table, what in others.items()) or "–"
    same = f"{len(names) - len(others)} of {len(names)}"
    return [name, f"{rows:,}", same, said, f"{took['spark']:.0f}", f"{took['duckdb']:.1f}"]


def line() -> Iterator[str]:
    """The whole line on either engine, each with a store of its own: a small county with planted faults is received,
    verified, measured and scored for its first year; then every table of the runs, and of what was received (where
    people's tokens differ from store to store, and with them the order of rows of one unit may)."""
    import tallymark as tm
    from tallymark.cli.demo import CONTRACT, SEED
    from tallymark.simulate import simulate_county

    with tempfile.TemporaryDirectory(dir="/var/tmp") as place, session() as spark:
        folder, took, runs, stores = Path(place), {}, {}, {}
        truth = simulate_county(folder / "sent", seed=SEED, towns=2, villages=8, months=12)
        shutil.copytree(SHIPPED / "demo", folder / "programme")
        for name in ("units.csv", "changes.csv", "geometry.geojson"):
            shutil.copyfile(truth.out / name, folder / "programme" / name)
        for name in ("tests.yaml", "allocations.yaml", "waivers.yaml"):
            (folder / "programme" / name).unlink()  # they name units and size classes of the full place
        programme = tm.load(folder / "programme")
        for engine in ("duckdb", "spark"):
            before = time.process_time() + java_seconds(spark)
            stores[engine] = tm.open_store(folder / engine)
            received(programme, stores[engine], truth, engine=engine)
            between = time.process_time() + java_seconds(spark)
            runs[engine] = tm.assess(
                programme, stores[engine], contract=CONTRACT, period="SY2023", engine=engine, fresh=True,
                made_at=dt.datetime(2024, 1, 20, tzinfo=dt.UTC),
            )  # fmt: skip
            took[engine] = between - before, time.process_time() + java_seconds(spark) - between
            yield f"{engine}: {len(truth.deliveries)} files received in {took[engine][0]:.0f} CPU s, assessed in {took[engine][1]:.0f}"
        for name in sorted(programme.datasets):
            rows = [stored_rows(stores[engine], name) for engine in runs]
            yield f"received {name}: {rows[0].num_rows:,} rows, {compared(*rows)}"
        for name, kept in runs["duckdb"].manifest["tables"].items():
            said = compared(*(runs[engine].table(name) for engine in runs))
            yield f"{name}: {kept['rows']:,} rows, {said}"


def stored_rows(store: Any, name: str) -> pa.Table:
    """The rows of a dataset that count, in the order in which they were stored."""
    import duckdb

    query = f"SELECT * FROM {store.relation(name)} ORDER BY _batch, _row"
    return duckdb.sql(query).to_arrow_table()


def events() -> list[str]:
    """5 million events: Spark, DuckDB by hand, and Tallymark's own ways, one after the other, answers compared."""
    from bench import measuring

    lines = [
        "| way | CPU s | × Tallymark | wall s | peak MB | same counts |",
        "|---|---:|---:|---:|---:|---|",
    ]
    number = measuring.PANDAS_EVENTS
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        ways = ("tallymark", "hand_case", "ancestors", "ancestors_each", "closure", "spark")
        found = {way: measuring.once(folder, way, number) for way in ways}
    ours = found["tallymark"]
    for way, one in found.items():
        if "failed" in one:
            lines.append(f"| {way} | failed: {one['failed']} | | | | |")
            continue
        firsts = {key: counts[: len(one["found"][key])] for key, counts in ours["found"].items()}
        same = "yes" if one["found"] == firsts else "**no**"
        what = (measuring.WHAT | measuring.SMALLER)[way].split(" (on ")[0]
        lines.append(
            f"| {what} | {one['cpu']:.1f} | {one['cpu'] / ours['cpu']:.1f} | {one['wall']:.1f} "
            f"| {one['peak_mb']:,.0f} | {same} |"
        )
    return lines


def main() -> None:
    """Prints the table, a row as soon as it is known."""
    load = json.dumps(os.getloadavg())
    if sys.argv[1:] == ["events"]:
        print(f"load before {load}", *events(), f"load after {json.dumps(os.getloadavg())}", sep="\n")
        return
    print(f"load {load}")
    if sys.argv[1:] == ["line"]:
        for said in line():
            print(said, flush=True)
        return
    print("| programme | measures | tables the same | others | Spark CPU s | DuckDB CPU s |")
    print("|---|---:|---:|---|---:|---:|", flush=True)
    with session() as spark:
        for name in sys.argv[1:] or PROGRAMMES:
            print("| " + " | ".join(told(name, spark)) + " |", flush=True)


if __name__ == "__main__":
    main()
