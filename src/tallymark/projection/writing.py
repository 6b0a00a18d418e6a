"""A result as files: stocks for a store, every age of every year, quantiles, and what it all rests on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tallymark.population import Forecast
from tallymark.population.arrays import Floats
from tallymark.projection.courses import MAIN
from tallymark.projection.running import EVENTS, LEVELS, Result

STOCKS, EXPECTED, AGES = "stocks.csv", "expected.csv", "ages.parquet"
QUANTILES, ABOUT = "quantiles.csv", "projection.json"
SPREAD = ("_sd", "_shared", "_own")
"""Endings of the columns beside a group: its standard deviation; the part of it that units share; the variance of the
rest.
"""


def write_result(result: Result, out: Path) -> list[Path]:
    """The files written into `out`; the same result gives the same bytes.

    stocks.csv: a row a unit and day, a column an age group (people), with its standard deviation beside it (`…_sd`)
    where futures were drawn, and what it is made of: `…_shared`, a standard deviation that units have together and that
    is added up over them, and `…_own`, a variance of each that is added up. `tallymark receive` takes it as a stocks
    dataset. expected.csv: births and deaths
    expected of each unit and calendar year, against which registered ones are complete or not. ages.parquet: people by
    scenario, unit, day, sex and single age. quantiles.csv: 10, 25, 50, 75, 90 % of futures. projection.json: the rest.
    """
    out.mkdir(parents=True, exist_ok=True)
    _write_csv(out / STOCKS, *_stocks(result))
    if result.plan.ratios is None:
        _write_csv(out / EXPECTED, *_expected(result))
    _write_ages(result, out / AGES)
    written = [
        out / name for name in (STOCKS, EXPECTED, AGES) if name != EXPECTED or result.plan.ratios is None
    ]
    if result.futures is not None:
        _write_csv(out / QUANTILES, *_quantiles(result))
        written.append(out / QUANTILES)
    text = json.dumps(_about(result), ensure_ascii=False, indent=1)
    (out / ABOUT).write_text(text + "\n", encoding="utf-8")
    return [*written, out / ABOUT]


def _write_csv(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)


def _stocks(result: Result) -> tuple[list[str], list[list[object]]]:
    plan, names = result.plan, list(result.plan.groups)
    spread = None if result.futures is None else _spread(result.futures)
    heads = ["unit", "date"]
    for name in names:
        heads += [name] if spread is None else [name, *(name + ending for ending in SPREAD)]
    rows = []
    for at, unit in enumerate(plan.units):
        for when, day in enumerate(plan.dates):
            row: list[object] = [unit, day.isoformat()]
            for column in range(len(names)):
                row.append(_number(result.sums[MAIN][at, when, column]))
                if spread is not None:
                    row += [_number(part[at, when, column]) for part in spread]
            rows.append(row)
    return heads, rows


def _spread(futures: Forecast) -> tuple[Floats, Floats, Floats]:
    """Standard deviations, the parts of them that units share, and the variances of what they do not.

    As if any two units were correlated alike, by as much as makes the deviation of all together what futures say.
    """
    alone = futures.deviation
    squares, together = (alone**2).sum(axis=0), alone.sum(axis=0) ** 2
    room = together - squares
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = np.where(room > 0, (futures.total_deviation**2 - squares) / room, 0.0)
    alike = np.clip(alike, 0.0, 1.0)
    return alone, np.sqrt(alike) * alone, (1 - alike) * alone**2


def _expected(result: Result) -> tuple[list[str], list[list[object]]]:
    """Births and deaths by unit and the calendar year in which most of each step lies."""
    plan, spread = result.plan, None if result.futures is None else result.futures.deviation
    heads = ["unit", "year"]
    for name in EVENTS:
        heads += [name] if spread is None else [name, name + SPREAD[0]]
    rows: list[list[object]] = []
    for at, unit in enumerate(plan.units):
        for step, year in enumerate(plan.years, 1):
            row: list[object] = [unit, year]
            for column in range(-len(EVENTS), 0):
                row.append(_number(result.sums[MAIN][at, step, column]))
                if spread is not None:
                    row.append(_number(spread[at, step, column]))
            rows.append(row)
    return heads, rows


def _quantiles(result: Result) -> tuple[list[str], list[list[object]]]:
    plan, futures = result.plan, result.futures
    if futures is None:
        return [], []
    heads = ["unit", "date", "group", "mean", "sd", *(f"q{round(100 * level)}" for level in LEVELS)]
    rows: list[list[object]] = []
    for at, unit in enumerate(plan.units):
        for when, day in enumerate(plan.dates):
            for column, name in enumerate(result.groups):
                values = [futures.mean[at, when, column], futures.deviation[at, when, column]]
                values += list(futures.quantiles[at, when, column])
                if np.isfinite(values[0]):
                    rows.append([unit, day.isoformat(), name, *map(_number, values)])
    return heads, rows


def _write_ages(result: Result, path: Path) -> None:
    parts = []
    for name, made in result.scenarios.items():
        units, days, _, ages = made.populations.shape
        index = np.indices(made.populations.shape).reshape(4, -1)
        parts.append(
            pa.table(
                {
                    "scenario": pa.array([name] * index.shape[1]),
                    "unit": pa.array(np.array(result.plan.units)[index[0]]),
                    "date": pa.array(np.array(result.plan.dates, dtype="datetime64[D]")[index[1]]),
                    "sex": pa.array((index[2] + 1).astype(np.int8)),
                    "age": pa.array(index[3].astype(np.int16)),
                    "people": pa.array(made.populations.reshape(units * days * 2 * ages)),
                }
            )
        )
    pq.write_table(pa.concat_tables(parts), path)


def _about(result: Result) -> dict[str, object]:
    plan = result.plan
    return {
        "inputs": plan.hash,
        "units": len(plan.units),
        "from": plan.dates[0].isoformat(),
        "to": plan.dates[-1].isoformat(),
        "futures": plan.futures,
        "seed": plan.seed,
        "scenarios": {
            name: {
                "title": {"en": plan.courses[name].title["en"], "zh": plan.courses[name].title["zh"]},
                "people": [_number(total) for total in _whole(sums, 0)],
                "births": [_number(total) for total in _whole(sums, -2)[1:]],
                "deaths": [_number(total) for total in _whole(sums, -1)[1:]],
            }
            for name, sums in result.sums.items()
        },
        "whipple": None
        if plan.whipple is None
        else dict(zip(plan.units, map(_number, plan.whipple), strict=True)),
    }


def _whole(sums: Floats, column: int) -> Floats:
    found: Floats = sums[:, :, column].sum(axis=0)
    return found


def _number(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None
