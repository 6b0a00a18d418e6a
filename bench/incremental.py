"""What one more month costs when the months before were counted: `python -m bench incremental` writes its section of
bench/RESULTS.md.

One store is read at several versions, so that there are 12, 24, 36 or 60 months of two million events each; another has 36
months of eight million. Every history is
counted in a process of its own, in these ways one after the other: fresh (once more before: modules and loops are
loaded then), the months but the last with nothing kept (what keeping costs), and then the last one beside what is kept:
the periods that it touches, which are told apart by what their figures rest on, as a run does it. CPU and wall seconds
are of counting, from the plan to views of all figures; figures are compared by a hash of the rows of each period.
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
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADING = "## Incremental: one more month"
A_MONTH = 2_083_333
HISTORIES = ((12, A_MONTH), (24, A_MONTH), (36, A_MONTH), (60, A_MONTH), (36, 4 * A_MONTH))
"""Months, and events in each."""
TURNS = 3
"""Turns of counting everything, and of one more month, of which the one with the least CPU counts."""
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
    RESULTS.write_text(rewritten(RESULTS.read_text(encoding="utf-8"), text), encoding="utf-8")
    print(text)


def rewritten(results: str, text: str) -> str:
    """The results with this section, whose table is new; what people wrote under it stays, to be put right by them."""
    before, _, rest = results.partition(HEADING)
    mine, mark, after = rest.partition("\n## ")
    written = "\n".join(line for line in mine.splitlines() if not line.startswith("|")).strip()
    parts = [before.rstrip(), text, written, mark.lstrip() + after]
    return "\n\n".join(part for part in parts if part).rstrip() + "\n"


def section() -> list[str]:
    """The results of every history, as Markdown."""
    with tempfile.TemporaryDirectory(prefix="tallymark-incremental-") as folder:
        return [HEADING, "", *table([measured(Path(folder), *one) for one in HISTORIES])]


def measured(folder: Path, months: int, a_month: int) -> dict[str, Any]:
    """What every way used for a history of so many months, in a process of its own."""
    env = dict(os.environ)
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", "bench.incremental", str(folder), str(months), str(a_month)],
        check=True, env=env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(months, a_month, found, file=sys.stderr, flush=True)
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


def history(folder: Path, months: int, a_month: int) -> dict[str, Any]:
    """All ways of counting a history of so many months, with so many events in each."""
    from bench import contestants, events

    sys.meta_path.insert(0, contestants._Absent())
    from tallymark.store import open_store
    from tallymark.store.partials import Partials

    store, most = (
        open_store(folder / f"store-{a_month}"),
        max(one[0] for one in HISTORIES if one[1] == a_month),
    )
    if store.version < most:
        events.write(store, a_month * most, months=most)
    count = partial(counted, folder, store)
    shutil.rmtree(folder / "partials", ignore_errors=True)
    programme, changed = events.programme(), events.programme(conditions=_changed())

    def kept() -> Partials:
        return Partials(folder / "partials", "bench")

    found: dict[str, Any] = {"months": months, "events": a_month * months}
    count(programme, months, version=months, partials=None)
    found["fresh"] = _least(
        lambda: count(programme, months, version=months, partials=None) for _ in range(TURNS)
    )
    found["first"] = count(programme, months, version=months - 1, partials=kept())
    names = found["first"].pop("names")
    shutil.move(folder / "partials", folder / "before")

    def month() -> dict[str, Any]:
        shutil.rmtree(folder / "partials", ignore_errors=True)
        shutil.copytree(folder / "before", folder / "partials", copy_function=os.link)
        return count(programme, months, version=months, partials=kept(), names=names)

    found["month"] = _least(month for _ in range(TURNS))
    shutil.rmtree(folder / "before")
    names |= found["month"]["names"]
    found["again"] = count(programme, months, version=months, partials=kept(), names=names)
    found["measure"] = count(changed, months, version=months, partials=kept())
    other = count(changed, months, version=months, partials=None)
    found["same"] = (
        not found["again"]["hash"]
        and found["month"]["hash"] == [found["fresh"]["hash"][at] for at in found["month"]["periods"]]
        and other["hash"] == found["measure"]["hash"]
    )
    found["mb"] = sum(path.stat().st_size for path in (folder / "partials").rglob("*.arrow")) / 1e6
    return found


def _least(asked: Iterable[Callable[[], dict[str, Any]]]) -> dict[str, Any]:
    """What the quickest of some turns used."""
    return min((one() for one in asked), key=lambda told: told["cpu"])


def _short(one: Any) -> Any:
    return {word: one[word] for word in ("cpu", "wall")} if isinstance(one, dict) else one


def _changed() -> Any:
    from bench.question import CONDITIONS

    return ((("age", ">=", 21), ("outcome", "<>", "lost")), *CONDITIONS[1:])


def counted(
    folder: Path, store: Any, programme: Any, months: int, *, version: int, partials: Any, names: Any = None
) -> dict[str, Any]:
    """CPU and wall seconds of counting, and a hash of the figures of each period.

    names: what the figures of periods rested on before: periods of which nothing is another are left out, as a run takes
    them from the one before. What they rest on now is asked for, and paid for, wherever something is kept.
    """
    from bench import events
    from tallymark.engine.duckdb import Engine, connect
    from tallymark.measure.histogram import ENOUGH
    from tallymark.measure.plan import plan
    from tallymark.measure.reaching import rested
    from tallymark.measure.tally import Sources, count, prepare

    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    spans, rests = events.periods(months), None
    engine = Engine(connect(folder=str(folder)))
    if partials is not None:
        planned = plan(programme, spans)
        sources = Sources.of(planned, store, version, partials).large(planned, ENOUGH)
        rests = rested(engine, programme, store, sources, periods=spans, version=version)
        assert rests is not None
    places = [
        at for at, span in enumerate(spans) if names is None or names[span.code] != rests.names[span.code]
    ]
    if places:
        planned = plan(programme, [spans[at] for at in places])
        sources = Sources.of(planned, store, version, partials).large(planned, ENOUGH)
        ready = prepare(engine, planned, sources)
        (strand,) = ready.plan.strands
        count(engine, ready, strand, sources)
    after, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - started
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = {"cpu": cpu, "wall": wall, "periods": places, "names": dict(rests.names) if rests else {}}
    if not places:
        return told | {"hash": []}
    values = ", ".join(f"m{at}" for at in range(40))
    tables = {f"{strand.prefix}_f{at}": f"unit, category, {values}" for at in (0, 1)}
    tables[f"{strand.prefix}_pres"] = "unit, expected, received, on_time"
    found = [{row[0]: row[1:] for row in _hashed(engine, *table)} for table in tables.items()]
    code = {period.code: at for at, period in enumerate(ready.plan.timeline.periods)}
    hashes = [str([one.get(code[spans[at].code]) for one in found]) for at in places]
    engine.clear()
    return told | {"hash": hashes}


def _hashed(engine: Any, name: str, columns: str) -> list[tuple[Any, ...]]:
    """Period, number of rows and a hash of them, for each period of a table."""
    query = f"SELECT period, COUNT(*), SUM(hash({columns})) FROM {name} GROUP BY period"
    found: list[tuple[Any, ...]] = engine.connection.execute(query).fetchall()
    return found


if __name__ == "__main__":
    told = history(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    print(json.dumps({what: _short(one) for what, one in told.items()}))
