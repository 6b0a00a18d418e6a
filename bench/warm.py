"""A whole assessment of 50 million events beside one that only counts the last month, and what a person waits for then.

`python -m bench.warm FOLDER [EVENTS]` makes the programme and the store there (once), assesses, and prints a table.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.question import CONDITIONS, FIRST_YEAR, MONTHS, sql
from bench.warm_pages import pages

DISTRICTS, CENTRES, INDICATORS = 60, 1_000, 12
AT = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
COLUMNS = {
    "sex": "category, values: [f, m]", "age": "integer", "place": "category, values: [hospital, centre, post, home, other]",
    "outcome": "category, values: [well, referred, lost, died]", "visits": "integer", "weight": "integer", "waited": "integer",
    "screened": "boolean",
}  # fmt: skip


def write_programme(folder: Path, *, age: int = 15) -> None:
    """Forty counts, twelve shares of them, a contract over six; age: what one condition asks for."""
    folder.mkdir(parents=True, exist_ok=True)
    units = ["unit,level,parent,name_en", "N,nation,,Nation"]
    units += [f"D{at:02d},district,N,District {at}" for at in range(DISTRICTS)]
    units += [f"C{at:04d},centre,D{at * DISTRICTS // CENTRES:02d},Centre {at}" for at in range(CENTRES)]
    (folder / "units.csv").write_text("\n".join(units) + "\n", encoding="utf-8")
    lines = [
        "programme:", "  code: warm", "  title: {en: Warm}", "  publisher: {en: Bench}", "  contact: {en: Nobody}", "  levels:",
        *(f"    - {{code: {one}, title: {{en: {one}}}}}" for one in ("nation", "district", "centre")),
        "  calendar: {frequencies: [month, quarter, year]}", "units: {file: units.csv}",
        "datasets:", "  care:", "    title: {en: Care}", "    kind: events", "    level: centre", "    unit: unit", "    date: day",
        "    breakdowns: [sex]", "    columns:", "      unit: {type: unit, required: true}", "      day: {type: date, required: true}",
        *(f"      {name}: {{type: {kind}}}" for name, kind in COLUMNS.items()), "measures:",
    ]  # fmt: skip
    lines += [
        f"  c{at:02d}: {{dataset: care, where: {json.dumps(sql(one))}}}" for at, one in enumerate(CONDITIONS)
    ]
    lines[-len(CONDITIONS)] = f"  c00: {{dataset: care, where: 'age >= 0 AND age < {age}'}}"
    lines += ["  everyone: {dataset: care}", "indicators:"]
    for at in range(INDICATORS):
        lines.append(
            f"  i{at:02d}: {{title: {{en: Share {at}}}, numerator: c{at:02d}, denominator: everyone, factor: 100, "
            'unit: "%", direction: higher, concerns: service_quality, interval: wilson}'
        )
    lines += [
        "contracts:",
        "  warm-2025:",
        "    title: {en: Contract}",
        "    level: centre",
        "    period: '2025'",
        "    points: 60",
    ]
    lines += ["    sections:", "      - code: S", "        title: {en: Service}", "        lines:"]
    lines += [
        f"          - {{code: L{at}, title: {{en: Line {at}}}, points: 10, indicator: i{at:02d}, "
        "award: {kind: proportional, floor: 0, target: 50}}"
        for at in range(6)
    ]
    (folder / "programme.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_store(folder: Path, number: int) -> None:
    """A delivery a month."""
    from bench.events import _batches
    from tallymark.store import Batch, Rows, open_store

    store, rng = open_store(folder), np.random.default_rng(1)
    size = rng.lognormal(0, 0.8, CENTRES)
    codes = pa.array([f"C{at:04d}" for at in range(CENTRES)])
    for month in range(store.version, MONTHS):
        at = dt.datetime(FIRST_YEAR + (month + 1) // 12, (month + 1) % 12 + 1, 3, tzinfo=dt.UTC)
        rows = list(_batches(rng, codes, size / size.sum(), month, number // MONTHS))
        store.append(Batch("bench", f"{month}.parquet", str(month), at, {"care": Rows(rows[0].schema, rows)}))


def used(what: Callable[[], Any], times: int = 1) -> tuple[float, float, Any]:
    """CPU and wall seconds of a call, the least of some times, and what it gave."""
    best = (float("inf"), float("inf"))
    found = None
    for _ in range(times):
        before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        found = what()
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
        best = min(best, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall))
    return (*best, found)


def assessed(folder: Path, version: int, *, fresh: bool) -> Any:
    import tallymark as tm

    return tm.assess(
        tm.load(folder / "programme"), tm.open_store(folder / "store"), contract="warm-2025", data_version=version,
        made_at=AT, fresh=fresh,
    )  # fmt: skip


def runs(folder: Path) -> dict[str, tuple[float, float]]:
    """A whole assessment afresh, all months but the last, the last one beside them, nothing new; in one process."""
    found = {}
    assessed(folder, MONTHS, fresh=True)
    *found["fresh"], full = used(lambda: assessed(folder, MONTHS, fresh=True))
    hashes = [{name: one["sha256"] for name, one in full.manifest["tables"].items()}]
    for way, version in (("first", MONTHS - 1), ("month", MONTHS), ("again", MONTHS)):
        *found[way], run = used(lambda version=version: assessed(folder, version, fresh=False))
        if way != "first":
            hashes.append({name: one["sha256"] for name, one in run.manifest["tables"].items()})
    assert hashes[0] == hashes[1] == hashes[2], "an incremental run differs"
    return found


def answers(folder: Path) -> dict[str, tuple[float, float]]:
    """What a person waits for, in a warm process: explanations, a unit's figures, a changed indicator."""
    import tallymark as tm
    from tallymark.engine.duckdb import Engine, connect
    from tallymark.explaining.figure import explain
    from tallymark.frozen import code_version, frozen_programme
    from tallymark.measure import measure
    from tallymark.publish.slices import read_slices
    from tallymark.store.partials import partials_of

    store = tm.open_store(folder / "store")
    run = assessed(folder, MONTHS, fresh=False)
    frozen = frozen_programme(run)
    write_programme(folder / "changed", age=16)
    changed = tm.load(folder / "changed")
    partials = partials_of(store, code=code_version())
    periods = [frozen.calendar.parse("2025")]

    def again(programme: Any, name: str) -> Any:
        with connect() as connection:
            return measure(
                programme, store, periods=periods, engine=Engine(connection), only={name}, partials=partials
            )

    asked = {
        "explain a centre's figure": lambda: explain(run, indicator="i03", unit="C0500", frozen=frozen),
        "explain a district's figure": lambda: explain(run, indicator="i03", unit="D30", frozen=frozen),
        "explain the nation's figure": lambda: explain(run, indicator="i03", unit="N", frozen=frozen),
        "a centre's figures, scores and gaps": lambda: read_slices(
            run, ("indicators", "measures", "scores", "totals", "ranks", "gaps"), unit=["C0500"]
        ),
        "one indicator again, nothing changed": lambda: again(frozen, "i03"),
    }  # fmt: skip
    found = {what: used(ask, 5)[:2] for what, ask in asked.items()}
    found["one indicator with another condition"] = used(lambda: again(changed, "i00"))[:2]
    found["the same once more"] = used(lambda: again(changed, "i00"), 5)[:2]
    told = f"from tallymark.cli import main; main(['explain', {str(run.path)!r}, '--indicator', 'i03', '--unit', 'C0500'])"
    found["`tallymark explain` of a centre, the whole process"] = process(told)
    found["of this Python with click, NumPy, PyArrow, DuckDB alone"] = process(
        "import click, numpy, pyarrow, duckdb"
    )
    return found


def process(code: str) -> tuple[float, float]:
    """CPU and wall seconds of a Python process, the least of five, its modules compiled; without pandas, which Tallymark
    does not install and PyArrow imports wherever it is."""
    absent = "import sys; from bench.contestants import _Absent; sys.meta_path.insert(0, _Absent()); "
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    best = (float("inf"), float("inf"))
    for _ in range(5):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-c", absent + code], check=True, env=env, stdout=subprocess.DEVNULL)
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall))
    return best


def main() -> None:
    folder, number = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50_000_000
    write_programme(folder / "programme")
    write_store(folder / "store", number)
    for part in (runs, answers, pages):
        for what, (cpu, wall) in part(folder).items():
            print(f"| {what} | {cpu:.3f} | {wall:.3f} |", flush=True)


if __name__ == "__main__":
    main()
