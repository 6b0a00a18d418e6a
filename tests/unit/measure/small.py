"""Small programmes for tests of measuring, declared in a line a thing, and their rows as relations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tallymark.engine.duckdb import Engine
from tallymark.measure import Measured, measure
from tallymark.model.expressions import parse_expression
from tallymark.model.periods import Calendar, DeclaredYear, month_number
from tallymark.model.text import Text
from tallymark.model.units import Units, build_units
from tallymark.programme.resolved import Check, Column, Dataset, Indicator, Item, Level, Measure, Programme
from tallymark.programme.written.figures import WrittenEstimate
from tallymark.store.schemas import dataset_schema

LEVELS = ("land", "shire", "hamlet")
CALENDAR = Calendar({"SY": DeclaredYear(10)}, ("month", "quarter", "year", "SY"))


def level(code: str) -> Level:
    return Level(code, Text(code), LEVELS.index(code) + 1)


def units(rows: Iterable[Mapping[str, Any]], changes: Iterable[object] = ()) -> Units:
    found, problems = build_units(rows, changes, LEVELS)
    assert not problems, [str(problem) for problem in problems]
    return found


def tree(*hamlets: str, shires: int = 2, **more: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One land L, shires S0…, and hamlets dealt to them in turn; `more` adds keys to a unit's row."""
    rows = [{"unit": "L", "level": "land", "parent": None}]
    rows += [{"unit": f"S{i}", "level": "shire", "parent": "L"} for i in range(shires)]
    rows += [{"unit": h, "level": "hamlet", "parent": f"S{i % shires}"} for i, h in enumerate(hamlets)]
    return [row | more.get(str(row["unit"]), {}) for row in rows]


def dataset(
    name: str,
    kind: str,
    *,
    at: str | None = "hamlet",
    frequency: str | None = None,
    columns: Mapping[str, str] | None = None,
    items: Sequence[str] = (),
    breakdowns: Sequence[str] = (),
    values: Mapping[str, tuple[str, ...]] | None = None,
    due_days: int | None = None,
    absence: str = "missing",
    reporters: str | None = None,
) -> Dataset:
    kinds = dict(columns or {})
    if kind == "events":
        kinds = {"unit": "unit", "day": "date"} | kinds
    made = {
        key: Column(key, word, Text(key), (values or {}).get(key), "internal", False, None, None)
        for key, word in kinds.items()
    }
    return Dataset(
        name=name,
        kind=kind,
        title=Text(name),
        level=level(at) if at else None,
        unit="unit",
        date="day" if kind == "events" else None,
        key=(),
        frequency=frequency,
        columns=made,
        items={item: Item(item, "number", Text(item), None, None, "internal") for item in items},
        breakdowns=tuple(breakdowns),
        due_days=due_days,
        absence=absence,
        reporters=parse_expression(reporters, {"size", "unit", "level"}) if reporters else None,
    )


def counted(
    name: str,
    of: Dataset,
    aggregate: str | None = None,
    *,
    column: str | None = None,
    item: str | None = None,
    where: str | None = None,
    over_time: str | None = None,
) -> Measure:
    default = {"events": "count", "reports": "sum", "stocks": "stock"}[of.kind]
    names = {*of.columns, "value", "item", "unit"}
    return Measure(
        name=name,
        title=Text(name),
        description=Text(),
        dataset=of,
        aggregate=aggregate or default,
        of=parse_expression(column, names) if column else None,
        item=item,
        where=parse_expression(where, names) if where else None,
        over_time=over_time or ("last" if of.kind == "stocks" else "sum"),
    )


def indicator(
    name: str,
    numerator: str,
    denominator: str | None = None,
    *,
    names: Iterable[str],
    factor: float = 1.0,
    interval: str = "none",
    annualise: bool = False,
    missing: str = "partial",
    min_completeness: float = 0.0,
    estimate_from: float = 0.5,
    compare: Sequence[str] = (),
) -> Indicator:
    known = [*names, *(f"{d}.{w}" for d in DOTTED for w in ("expected", "received", "on_time"))]
    return Indicator(
        name=name,
        title=Text(name),
        description=Text(),
        numerator=parse_expression(numerator, known),
        denominator=parse_expression(denominator, known) if denominator else None,
        factor=factor,
        unit=Text(),
        decimals=1,
        direction="higher",
        concerns="completeness",
        interval=interval,
        annualise=annualise,
        missing=missing,
        min_completeness=min_completeness,
        estimate=WrittenEstimate(min_completeness=estimate_from),
        compare=tuple(compare),
        source=None,
    )


DOTTED = ("monthly", "quarterly", "births")


def programme(
    of_units: Units,
    datasets: Iterable[Dataset],
    measures: Iterable[Measure],
    indicators: Iterable[Indicator] = (),
    checks: Iterable[Check] = (),
) -> Programme:
    return Programme(
        code="small",
        title=Text("small"),
        description=Text(),
        publisher=Text(),
        contact=Text(),
        root=Path(),
        files=(),
        hash="",
        levels=tuple(level(code) for code in LEVELS),
        calendar=CALENDAR,
        units=of_units,
        geometry=None,
        geometry_key=None,
        datasets={one.name: one for one in datasets},
        sources={},
        measures={one.name: one for one in measures},
        indicators={one.name: one for one in indicators},
        checks={one.name: one for one in checks},
        contracts={},
        allocations={},
        examples=(),
    )


def stored(of: Dataset, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as the store keeps them: events (unit, day, columns), reports (unit, period, item, value), stocks (date)."""
    made = []
    for number, row in enumerate(rows):
        more: dict[str, Any] = {"_batch": 1, "_row": number}
        if of.kind == "events":
            more |= {"_unit": row["unit"], "_day": row["day"], "_month": month_number(row["day"])}
        elif of.kind == "reports":
            more |= {"_month": month_number(CALENDAR.parse(row["period"]).start)}
        else:
            more |= {"_month": month_number(row["date"])}
        made.append({**more, **row})
    return pa.Table.from_pylist(made, schema=dataset_schema(of))


def run(
    of: Programme,
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    periods: Sequence[str],
    *,
    threads: int = 1,
    **more: Any,
) -> Measured:
    """What `measure` gives for rows (dataset → rows as in `stored`) and period codes."""
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute("SET TimeZone = 'UTC'").fetchall()
        relations = {}
        for name, one in of.datasets.items():
            connection.register(f"given_{name}", stored(one, rows.get(name, ())))
            relations[name] = f"given_{name}"
        spans = [of.calendar.parse(code) for code in periods]
        return measure(of, relations, periods=spans, engine=Engine(connection), **more)


def values(table: pa.Table, name: str, *columns: str) -> dict[tuple[Any, ...], Any]:
    """(unit, period, breakdown, category) → value (or the columns asked) of one measure or indicator."""
    key = "measure" if "measure" in table.schema.names else "indicator"
    wanted = columns or ("value",)
    return {
        (row["unit"], row["period"], row["breakdown"], row["category"]): (
            row[wanted[0]] if len(wanted) == 1 else tuple(row[c] for c in wanted)
        )
        for row in table.to_pylist()
        if row[key] == name
    }


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
