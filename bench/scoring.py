"""Scoring 40,000 units × 60 lines with gaps, ranks, grades and rank sets. Run: python bench/scoring.py"""

from __future__ import annotations

import resource
import time
from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import TypeAdapter

from tallymark.model.expressions import parse_expression
from tallymark.model.periods import Calendar
from tallymark.model.tables import TABLES
from tallymark.model.text import Text
from tallymark.model.units import build_units
from tallymark.programme.resolved import Contract, Gate, Grade, Indicator, Level, Line, Section
from tallymark.programme.written.contract import WrittenAward, WrittenRanking
from tallymark.programme.written.figures import WrittenEstimate
from tallymark.score import score

UNITS, LINES, MOST_SECONDS = 40_000, 60, 5.0
LEVEL = Level("village", Text("village"), 1)
AWARDS: tuple[dict[str, Any], ...] = (
    {"kind": "proportional", "floor": 60, "target": 90},
    {
        "kind": "bands",
        "bands": [{"bound": 95, "share": 1}, {"bound": 90, "share": 0.75}, {"bound": 80, "share": 0.4}],
    },
    {"kind": "all_or_nothing", "target": 85},
    {"kind": "improvement", "target": 4, "keep_at": 95},
    {"kind": "mark", "out_of": 100},
)


def run(units: int = UNITS, lines: int = LINES) -> list[dict[str, Any]]:
    """Rows of the results table: what, how many, wall and CPU seconds, peak memory, the aim."""
    contract, figures = _contract(lines), _figures(units, lines)
    codes = [
        {"unit": f"U{at:06d}", "level": "village", "name": "x", "size": "abc"[at % 3]} for at in range(units)
    ]
    tree, _ = build_units(codes, [], ["village"])
    measures = TABLES["measures"].schema.empty_table()
    started, used = time.perf_counter(), time.process_time()
    scored = score(contract, tree, figures, measures, calendar=Calendar())
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    return [
        {
            "what": f"score {units:,} units × {lines} lines ({scored.scores.num_rows:,} scores, "
            f"{scored.gaps.num_rows:,} gaps, rank sets)",
            "seconds": round(wall, 2),
            "cpu_seconds": round(cpu, 2),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "aim": f"under {MOST_SECONDS:g} s",
            "met": wall < MOST_SECONDS,
        }
    ]


def _contract(lines: int) -> Contract:
    award: TypeAdapter[Any] = TypeAdapter(WrittenAward)
    declared = tuple(
        Line(
            code=f"L{at}", section="s", title=Text(f"L{at}"), description=Text(), points=100 / lines,
            indicator=_indicator(f"i{at}"), award=award.validate_python(AWARDS[at % len(AWARDS)]),
            missing=("no_points", "set_aside")[at % 2], uncertain=("point", "benefit_of_doubt")[at // 2 % 2], when=None,
        )
        for at in range(lines)
    )  # fmt: skip
    gate = Gate("G", Text("G"), parse_expression("i0 < 5", {"i0"}), "cap", 60.0, Text("few"), Text())
    return Contract(
        code="bench", title=Text("bench"), description=Text(), parties=Text(), level=LEVEL,
        period=Calendar().parse("2025"), points=100.0, units=None, peers=None,
        sections=(Section("s", Text("s"), declared),), bonus_cap=0.0, bonus=(), deductions=(), gates=(gate,), bundle=(),
        ranking=WrittenRanking(), grades=(Grade("A", Text("A"), 80), Grade("B", Text("B"), 0)), commend=100, watch=None,
        legal_reference=None,
    )  # fmt: skip


def _indicator(name: str) -> Indicator:
    x = parse_expression("x", {"x"})
    return Indicator(
        name=name, title=Text(name), description=Text(), numerator=x, denominator=x, factor=100.0, unit=Text("%"),
        decimals=1, direction="higher", concerns="service_coverage", interval="wilson", annualise=False,
        missing="partial", min_completeness=0.0, estimate=WrittenEstimate(), compare=(), source=None,
    )  # fmt: skip


def _figures(units: int, lines: int) -> pa.Table:
    """Indicators of all units, one in twenty missing, in no particular order."""
    rng = np.random.default_rng(1)
    n = units * lines
    unit, line = (each.ravel() for each in np.meshgrid(np.arange(units), np.arange(lines), indexing="ij"))
    order = rng.permutation(n)
    denominator = rng.integers(20, 400, n).astype(np.float64)
    numerator = rng.binomial(denominator.astype(np.int64), rng.beta(12, 3, n)).astype(np.float64)
    numerator[rng.random(n) < 0.05] = np.nan
    value = 100 * numerator / denominator
    half = 196 * np.sqrt(0.25 / denominator)
    numbers = {
        "numerator": numerator, "denominator": denominator, "value": value, "low": np.maximum(value - half, 0),
        "high": np.minimum(value + half, 100), "previous": value - 1, "last_year": value - rng.normal(2, 3, n),
    }  # fmt: skip
    words = {
        "unit": pa.array([f"U{at:06d}" for at in range(units)]).take(pa.array(unit[order])),
        "indicator": pa.array([f"i{at}" for at in range(lines)]).take(pa.array(line[order])),
    }
    fixed = {
        "level": "village",
        "period": "2025",
        "frequency": "year",
        "breakdown": "",
        "category": "",
        "basis": "reported",
    }
    columns = []
    for field in TABLES["indicators"].schema:
        if field.name in words:
            columns.append(words[field.name])
        elif field.name in fixed:
            columns.append(pa.array([fixed[field.name]]).take(pa.array(np.zeros(n, np.int64))))
        elif field.name in numbers:
            columns.append(pa.array(numbers[field.name], field.type, from_pandas=True))
        else:
            columns.append(pa.nulls(n, field.type))
    return pa.Table.from_arrays(columns, schema=TABLES["indicators"].schema)


if __name__ == "__main__":
    for row in run():
        print(row)
