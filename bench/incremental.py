"""What one more month costs when the months before were counted: `python -m bench incremental` writes its section of
bench/RESULTS.md.

One store is read at three versions, so that there are 12, 24 or 36 months of two million events each. Every history is
counted in a process of its own, in these ways one after the other: fresh (twice, the second counts: modules and loops are
loaded then), the months but the last with nothing kept (what keeping costs), and then the last one beside what is kept.
CPU and wall seconds are of counting, from the plan to views of all figures; figures are compared by a hash of all rows.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADING = "## Incremental: one more month"
A_MONTH = 2_083_333
HISTORIES = (12, 24, 36)
WAYS = {
    "fresh": "everything counted, nothing kept",
    "first": "all months but the last counted and kept",
    "month": "**one more month**, the others kept",
    "again": "nothing new",
    "measure": "one of forty conditions changed",
}


def main() -> None:
    """Measures every history and writes the section."""
    text = "\n".join(section())
    before, _, rest = RESULTS.read_text(encoding="utf-8").partition(HEADING)
    after = rest[rest.index("\n## ") :] if "\n## " in rest else ""
    RESULTS.write_text(f"{before.rstrip()}\n\n{text}\n{after}", encoding="utf-8")
    print(text)


def section() -> list[str]:
    """The results of every history, as Markdown."""
    with tempfile.TemporaryDirectory(prefix="tallymark-incremental-") as folder:
        return [HEADING, "", *table([measured(Path(folder), months) for months in HISTORIES])]


def measured(folder: Path, months: int) -> dict[str, Any]:
    """What every way used for a history of so many months, in a process of its own; what a fresh process used, too."""
    env = dict(os.environ)
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", "bench.incremental", str(folder), str(months)],
        check=True, env=env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(months, found, file=sys.stderr, flush=True)
    return found


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The results as Markdown."""
    sizes = [f"{row['months']} months, {row['events'] / 1e6:.0f} million" for row in rows]
    lines = [
        f"| way | {' | '.join(sizes)} |",
        f"|---|{'---:|' * len(rows)}",
    ]
    for way, what in WAYS.items():
        cells = [f"{row[way]['cpu']:.2f} / {row[way]['wall']:.2f}" for row in rows]
        lines.append(f"| {what}, CPU / wall s | {' | '.join(cells)} |")
    shares = [f"{row['month']['cpu'] / row['fresh']['cpu']:.1%}" for row in rows]
    lines.append(f"| **one more month, share of fresh CPU** | {' | '.join(shares)} |")
    lines.append(f"| partials, MB | {' | '.join(format(row['mb'], ',.0f') for row in rows)} |")
    lines.append(
        f"| same figures in all ways | {' | '.join('yes' if row['same'] else '**no**' for row in rows)} |"
    )
    return lines


def history(folder: Path, months: int) -> dict[str, Any]:
    """All ways of counting a history of so many months."""
    from bench import contestants, events

    sys.meta_path.insert(0, contestants._Absent())
    from tallymark.store import open_store
    from tallymark.store.partials import Partials

    store = open_store(folder / "store")
    if store.version < max(HISTORIES):
        events.write(store, A_MONTH * max(HISTORIES), months=max(HISTORIES))
    shutil.rmtree(folder / "partials", ignore_errors=True)
    programme, changed = events.programme(), events.programme(conditions=_changed())

    def kept() -> Partials:
        return Partials(folder / "partials", "bench")

    found: dict[str, Any] = {"months": months, "events": A_MONTH * months}
    hashes = set()
    counted(folder, programme, months, version=months, partials=None)
    for way in ("fresh", "first", "month", "again"):
        told = counted(
            folder,
            programme,
            months,
            version=months - (way == "first"),
            partials=None if way == "fresh" else kept(),
        )
        found[way] = told
        if way != "first":
            hashes.add(told.pop("hash"))
    found["measure"] = counted(folder, changed, months, version=months, partials=kept())
    other = counted(folder, changed, months, version=months, partials=None)
    found["same"] = len(hashes) == 1 and other["hash"] == found["measure"]["hash"]
    found["mb"] = sum(path.stat().st_size for path in (folder / "partials").rglob("*.arrow")) / 1e6
    return found


def _changed() -> Any:
    from bench.question import CONDITIONS

    return ((("age", ">=", 21), ("outcome", "<>", "lost")), *CONDITIONS[1:])


def counted(folder: Path, programme: Any, months: int, *, version: int, partials: Any) -> dict[str, Any]:
    """CPU and wall seconds of counting, and a hash of all figures."""
    from bench import events
    from tallymark.engine.duckdb import Engine, connect
    from tallymark.measure.histogram import ENOUGH
    from tallymark.measure.plan import plan
    from tallymark.measure.tally import Sources, count, prepare
    from tallymark.store import open_store

    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    planned = plan(programme, events.periods(months))
    engine = Engine(connect(folder=str(folder)))
    sources = Sources.of(planned, open_store(folder / "store"), version, partials).large(planned, ENOUGH)
    ready = prepare(engine, planned, sources)
    (strand,) = ready.plan.strands
    count(engine, ready, strand, sources)
    after, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - started
    values = ", ".join(f"m{at}" for at in range(40))
    tables = {f"{strand.prefix}_f{at}": f"unit, period, category, {values}" for at in (0, 1)}
    tables[f"{strand.prefix}_pres"] = "unit, period, expected, received, on_time"
    hashes = [
        engine.connection.execute(f"SELECT COUNT(*), SUM(hash({columns})) FROM {name}").fetchall()
        for name, columns in tables.items()
    ]
    engine.clear()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu": cpu, "wall": wall, "hash": str(hashes)}


if __name__ == "__main__":
    print(json.dumps(history(Path(sys.argv[1]), int(sys.argv[2]))))
