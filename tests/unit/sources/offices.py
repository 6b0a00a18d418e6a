"""A small programme built by hand: three districts under a county, a register, a report, a stock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tallymark.model.periods import Calendar, DeclaredYear
from tallymark.model.text import Text
from tallymark.model.units import Units, build_units
from tallymark.programme.resolved import Column, Dataset, Item, Level, Programme, Source
from tallymark.programme.written.data import WrittenTable

COUNTY, DISTRICT = Level("county", Text("County"), 1), Level("district", Text("District"), 2)


def column(name: str, type: str = "text", **given: Any) -> Column:
    defaults = {
        "title": Text(),
        "values": None,
        "sensitivity": "internal",
        "required": False,
        "min": None,
        "max": None,
    }
    return Column(name=name, type=type, **(defaults | given))


def item(name: str, type: str = "integer", **given: Any) -> Item:
    defaults = {"title": Text(), "min": None, "max": None, "sensitivity": "internal"}
    return Item(name=name, type=type, **(defaults | given))


def dataset(name: str, kind: str, **given: Any) -> Dataset:
    columns = given.pop("columns", ())
    items = given.pop("items", ())
    defaults: dict[str, Any] = {
        "title": Text(), "level": DISTRICT, "unit": "unit", "date": None, "key": (), "frequency": None,
        "breakdowns": (), "due_days": None, "absence": "missing", "reporters": None,
    }  # fmt: skip
    return Dataset(
        name=name,
        kind=kind,
        columns={one.name: one for one in columns},
        items={one.name: one for one in items},
        **(defaults | given),
    )


BIRTHS = dataset(
    "births",
    "events",
    date="born_on",
    key=("birth_id",),
    columns=(
        column("birth_id", required=True),
        column("unit", "unit", required=True),
        column("born_on", "date", required=True),
        column("sex", "category", values=("female", "male")),
        column("weight_g", "integer", min=300, max=7000),
        column("skilled", "boolean"),
    ),
)
VISITS = dataset(
    "visits", "events", date="day", columns=(column("day", "date", required=True), column("kind"))
)
MONTHLY = dataset(
    "monthly",
    "reports",
    frequency="month",
    due_days=5,
    items=(
        item("anc1", min=0),
        item("anc4", min=0),
        item("rate", "number", max=100),
        item("open", "boolean"),
    ),
)
BY_SEX = dataset(
    "by_sex",
    "reports",
    frequency="month",
    columns=(column("sex", "category", values=("female", "male")),),
    breakdowns=("sex",),
    items=(item("visits", min=0),),
)
PEOPLE = dataset("people", "stocks", items=(item("residents", min=0), item("women", min=0)))


def units() -> Units:
    rows = [
        {"unit": "C", "name": "Daye", "level": "county"},
        {"unit": "U1", "name": "Baringo", "level": "district", "parent": "C"},
        {"unit": "U2", "name_en": "Côte Verte", "name_zh": "绿岸", "level": "district", "parent": "C"},
        {"unit": "U3", "name": "Old Town", "level": "district", "parent": "C", "closed": "2024-07-01"},
        {"unit": "U4", "name": "New Town", "level": "district", "parent": "C", "opened": "2024-07-01"},
    ]
    built, problems = build_units(rows, [], ["county", "district"])
    assert not problems
    return built


def programme(*datasets: Dataset, sources: dict[str, Source] | None = None, **given: Any) -> Programme:
    chosen = datasets or (BIRTHS, VISITS, MONTHLY, BY_SEX, PEOPLE)
    defaults: dict[str, Any] = {
        "code": "daye", "title": Text("Daye"), "description": Text(), "publisher": Text(), "contact": Text(),
        "root": Path("."), "files": (), "hash": "p1", "levels": (COUNTY, DISTRICT),
        "calendar": Calendar(years={"SY": DeclaredYear(10)}), "units": units(), "geometry": None,
        "geometry_key": None, "measures": {}, "indicators": {}, "checks": {}, "contracts": {},
        "allocations": {}, "examples": (),
    }  # fmt: skip
    return Programme(datasets={one.name: one for one in chosen}, sources=sources or {}, **(defaults | given))


def source(name: str, format: str, *tables: WrittenTable) -> Source:
    return Source(name, Text(), format, tables)
