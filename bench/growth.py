"""How cost grows with events, units, measures and periods: `python -m bench growth` measures, fits and draws.

Each point is one process that counts everything there is to count (every unit, period and sex). CPU seconds are of the
counting alone, from the plan to the last figure, the least of a few times; imports and writing the events are left out.
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.growth_chart import drawn
from bench.question import CONDITIONS, Test

PAGE = Path(__file__).parent.parent / "docs" / "growth.md"
TIMES = 2


@dataclass(frozen=True, slots=True)
class Size:
    """What there is to count."""

    events: int = 4_000_000
    villages: int = 10_000
    measures: int = 40
    months: int = 24

    @property
    def counts(self) -> tuple[int, ...]:
        """Units of the five levels."""
        return (1, 5, max(5, self.villages // 200), max(5, self.villages // 13), self.villages)


AXES: dict[str, tuple[int, ...]] = {
    "events": (1_000_000, 2_000_000, 4_000_000, 8_000_000, 16_000_000),
    "villages": (2_500, 5_000, 10_000, 20_000, 40_000),
    "measures": (5, 20, 40, 80),
    "months": (12, 24, 48),
}


def conditions(many: int) -> list[tuple[Test, ...]]:
    """So many conditions: the benchmark's forty, then others over the same columns."""
    more: list[tuple[Test, ...]] = [
        (("age", ">=", at), ("outcome", "<>", word)) for word in ("well", "lost") for at in range(20, 40)
    ]
    return [*CONDITIONS, *more][:many]


def main() -> None:
    """Measures every point and writes the chart and the table."""
    found = measured()
    (PAGE.parent / "pictures").mkdir(exist_ok=True)
    (PAGE.parent / "pictures" / "growth.svg").write_text(drawn(found), encoding="utf-8")
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition("<!-- table -->\n")
    _, _, tail = rest.partition("<!-- end -->")
    made = "\n".join(table(found))
    PAGE.write_text(f"{head}<!-- table -->\n{made}\n<!-- end -->{tail}", encoding="utf-8")
    print(made)


def measured() -> dict[str, list[tuple[int, float, float]]]:
    """Axis → (size, CPU seconds, peak MB) of each point."""
    known: dict[Size, tuple[float, float]] = {}
    found: dict[str, list[tuple[int, float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for axis, sizes in AXES.items():
            for size in sizes:
                of = replace(Size(), **{axis: size})
                if of not in known:
                    known[of] = _point(folder, of)
                    print(axis, size, known[of], file=sys.stderr, flush=True)
                found.setdefault(axis, []).append((size, *known[of]))
    return found


def _point(folder: str, size: Size) -> tuple[float, float]:
    own = {"PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | own
    command = [sys.executable, "-m", "bench.growth", folder, json.dumps(asdict(size))]
    told = []
    for _ in range(TIMES + 1):  # the first writes the events
        done = subprocess.run(command, check=True, env=env, capture_output=True, text=True)
        told.append(json.loads(done.stdout.splitlines()[-1]))
    return min(one["cpu"] for one in told[1:]), min(one["peak_mb"] for one in told[1:])


def exponent(points: Sequence[tuple[int, float, float]]) -> tuple[float, float, float]:
    """Fixed cost a, slope b and exponent e of a + b·sizeᵉ: the exponent with the least squared relative error."""
    best = (math.inf, 0.0, 0.0, 0.0)
    for e in (at / 100 for at in range(5, 161)):
        # Weighted least squares of cost/cost = 1 on (1, size^e)/cost, with a ≥ 0.
        rows = [(1 / cost, size**e / cost) for size, cost, _ in points]
        aa, ab, bb = (sum(x[i] * x[j] for x in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
        a1, b1 = (sum(x[i] for x in rows) for i in (0, 1))
        away = aa * bb - ab * ab
        a, b = (
            ((a1 * bb - b1 * ab) / away, (b1 * aa - a1 * ab) / away)
            if away > 1e-12 * aa * bb
            else (0, b1 / bb)
        )
        if a < 0:
            a, b = 0.0, b1 / bb
        error = sum((1 - a * x - b * y) ** 2 for x, y in rows)
        best = min(best, (error, a, b, e))
    return best[1:]


def table(found: dict[str, list[tuple[int, float, float]]]) -> list[str]:
    """The points and fits as Markdown."""
    lines = [
        "| grows | from … to | CPU s | peak MB | fixed s | exponent of the rest |",
        "|---|---|---|---|---:|---:|",
    ]
    for axis, points in found.items():
        fixed, _, power = exponent(points)
        cost, peak = (
            " · ".join(
                f"{one[at]:,.{2 - at}f}".replace(".0", "") if at == 2 else f"{one[at]:.2f}" for one in points
            )
            for at in (1, 2)
        )
        sizes = " · ".join(f"{size:,}" for size, _, _ in points)
        lines.append(f"| {axis} | {sizes} | {cost} | {peak} | {fixed:.2f} | {power:.2f} |")
    return lines


def point(folder: Path, size: Size) -> dict[str, Any]:
    """Counts everything of one size; CPU seconds and peak memory."""
    from bench import events
    from tallymark.engine.duckdb import Engine, connect
    from tallymark.measure.plan import plan
    from tallymark.measure.tally import Sources, count, prepare
    from tallymark.store import open_store

    store = open_store(folder / f"{size.events}-{size.villages}-{size.months}")
    if store.version < size.months:
        events.write(store, size.events, size.counts, size.months)
    programme = events.programme(size.counts, conditions(size.measures))
    before = resource.getrusage(resource.RUSAGE_SELF)
    planned = plan(programme, events.periods(size.months))
    engine = Engine(connect(folder=str(folder)))
    sources = Sources.of(planned, store, None)
    ready = prepare(engine, planned, sources)
    for strand in ready.plan.strands:
        count(engine, ready, strand, sources, enough=0)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu": cpu, "peak_mb": after.ru_maxrss / 1024}


if __name__ == "__main__":
    print(json.dumps(point(Path(sys.argv[1]), Size(**json.loads(sys.argv[2])))))
