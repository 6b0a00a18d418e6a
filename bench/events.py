"""The events of the measuring benchmark, as a programme and in a store."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.question import CONDITIONS, COUNTS, FIRST_YEAR, LEVELS, MONTHS, Test, sql, tree
from tallymark.model.expressions import parse_expression
from tallymark.model.periods import Calendar, Period
from tallymark.model.text import Text
from tallymark.model.units import Units, build_units
from tallymark.programme.resolved import Column, Dataset, Level, Measure, Programme
from tallymark.store import Store, open_store
from tallymark.store.batch import Batch, Rows

Counts = tuple[int, ...]
"""Units of each level."""


def units(counts: Counts = COUNTS) -> Units:
    """The same as a programme's units."""
    place = tree(counts)
    rows = [
        {
            "unit": code,
            "level": LEVELS[depth],
            "parent": place.codes[depth - 1][place.parents[depth][at]] if depth else None,
        }
        for depth, codes in enumerate(place.codes)
        for at, code in enumerate(codes)
    ]
    found, problems = build_units(rows, [], LEVELS)
    assert not problems
    return found


def programme(counts: Counts = COUNTS, conditions: Sequence[tuple[Test, ...]] = CONDITIONS) -> Programme:
    """One dataset of events by sex, and a measure for each condition."""
    kinds = {
        "unit": "unit", "day": "date", "sex": "category", "age": "integer", "place": "category", "outcome": "category",
        "visits": "integer", "weight": "integer", "waited": "integer", "screened": "boolean",
    }  # fmt: skip
    values = {"sex": ("f", "m")}
    columns = {
        name: Column(name, kind, Text(name), values.get(name), "internal", True, None, None)
        for name, kind in kinds.items()
    }
    level = Level(LEVELS[-1], Text(LEVELS[-1]), len(LEVELS))
    visits = Dataset(
        name="visits", kind="events", title=Text("Visits"), level=level, unit="unit", date="day", key=(), frequency=None,
        columns=columns, items={}, breakdowns=("sex",), due_days=None, absence="missing", reporters=None,
    )  # fmt: skip
    measures = {
        f"c{at:02d}": Measure(
            name=f"c{at:02d}", title=Text(sql(condition)), description=Text(), dataset=visits, aggregate="count", of=None,
            item=None, where=parse_expression(sql(condition), list(kinds)), over_time="sum",
        )
        for at, condition in enumerate(conditions)
    }  # fmt: skip
    return Programme(
        code="bench", title=Text("Bench"), description=Text(), publisher=Text(), contact=Text(), root=Path(), files=(),
        hash="", levels=tuple(Level(code, Text(code), at + 1) for at, code in enumerate(LEVELS)), calendar=Calendar(),
        units=units(counts), geometry=None, geometry_key=None, datasets={"visits": visits}, sources={}, measures=measures,
        indicators={}, checks={}, contracts={}, allocations={}, examples=(),
    )  # fmt: skip


def periods(months: int = MONTHS) -> list[Period]:
    """All months, quarters and years of the data."""
    calendar = Calendar()
    years = [calendar.parse(str(FIRST_YEAR + at)) for at in range(months // 12)]
    return [
        part
        for year in years
        for frequency in ("month", "quarter", "year")
        for part in calendar.within(year, frequency)
    ]


def write(store: Store, events: int, counts: Counts = COUNTS, months: int = MONTHS) -> None:
    """A batch a month, as offices would send them."""
    rng = np.random.default_rng(1)
    size = rng.lognormal(0, 0.8, counts[-1])
    size /= size.sum()
    codes = pa.array(tree(counts).codes[-1])
    for month in range(months):
        at = dt.datetime(FIRST_YEAR + (month + 1) // 12, (month + 1) % 12 + 1, 3, tzinfo=dt.UTC)
        rows = list(_batches(rng, codes, size, month, events // months))
        store.append(
            Batch("bench", f"{month}.parquet", str(month), at, {"visits": Rows(rows[0].schema, rows)})
        )


def _batches(
    rng: np.random.Generator, codes: pa.Array, size: np.ndarray, month: int, n: int
) -> Iterator[pa.RecordBatch]:
    """A month's rows, in the order in which the store keeps them: by unit."""
    unit = np.repeat(np.arange(len(size)), rng.multinomial(n, size))
    start = np.datetime64(f"{FIRST_YEAR + month // 12}-{month % 12 + 1:02d}-01")
    for head in range(0, n, 1 << 18):
        mine = unit[head : head + (1 << 18)]
        k = len(mine)
        words = {
            "sex": (("f", "m"), (0.5, 0.5)),
            "place": (("hospital", "centre", "post", "home", "other"), (0.4, 0.3, 0.2, 0.06, 0.04)),
            "outcome": (("well", "referred", "lost", "died"), (0.9, 0.05, 0.03, 0.02)),
        }
        drawn = {
            name: pa.array(values).take(pa.array(rng.choice(len(values), k, p=shares)))
            for name, (values, shares) in words.items()
        }
        of_unit = codes.take(pa.array(mine))
        days = pa.array(start + rng.integers(0, 28, k).astype("timedelta64[D]"))
        numbers = {
            "age": rng.integers(0, 100, k), "visits": rng.integers(0, 13, k), "waited": rng.integers(0, 60, k),
            "weight": np.rint(rng.normal(3200, 500, k)).astype(np.int64),
        }  # fmt: skip
        columns = {
            "unit": of_unit,
            "day": days,
            **drawn,
            **{name: pa.array(v) for name, v in numbers.items()},
        }
        columns["screened"] = pa.array(rng.random(k) < 0.7)
        columns |= {"_unit": of_unit, "_day": days, "_source_row": pa.nulls(k, pa.string())}
        columns["_month"] = pa.array(np.full(k, FIRST_YEAR * 12 + month, np.int32))
        yield pa.RecordBatch.from_pydict(columns)


def stored(folder: Path, events: int) -> Store:
    """The store with so many events, made when it is not there."""
    store = open_store(folder / f"events-{events}")
    if store.version < MONTHS:
        write(store, events)
    return store


def files(folder: Path, events: int) -> Path:
    """Where the list of the store's data files stands, for those who read them without Tallymark."""
    return folder / f"events-{events}.json"


def main() -> None:
    """`python -m bench.events FOLDER EVENTS`: makes the events and the list of their files."""
    folder, number = Path(sys.argv[1]), int(sys.argv[2])
    relation = stored(folder, number).relation("visits")
    listed = relation[relation.index("[") : relation.index("]") + 1].replace("'", '"')
    files(folder, number).write_text(listed, encoding="utf-8")


if __name__ == "__main__":
    main()
