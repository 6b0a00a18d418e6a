"""The Countdown workbooks as a programme: units from their own list of districts, every numeric column mapped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from tallymark.model.periods import Calendar
from tallymark.model.text import Text
from tallymark.model.units import build_units
from tallymark.programme.resolved import Dataset, Item, Level, Programme, Source
from tallymark.programme.written.data import WrittenTable

SHEETS = {
    "services": ("Service_data_1", "Service_data_2", "Service_data_3"),
    "completeness": ("Reporting_completeness",),
    "stock": ("Vaccine_stock_data",),
}
KEYS = ("district", "District", "year", "Year", "month", "Month")


def grid(path: Path, sheet: str) -> list[list[Any]]:
    rows: list[list[Any]] = (
        CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    )
    return rows


def countdown(path: Path) -> Programme:
    """A programme in which every column of the monthly sheets and of the population sheet is an item."""
    level = Level("district", Text("District"), 1)
    districts = [str(row[2]) for row in grid(path, "Admin_data")[3:] if str(row[2]).strip()]
    rows = [
        {"unit": f"D{at:03d}", "name": name.strip(), "level": "district"}
        for at, name in enumerate(districts, 1)
    ]
    units, problems = build_units(rows, [], ["district"])
    assert not problems
    datasets, tables = {}, []
    for dataset, sheets in SHEETS.items():
        items: dict[str, Item] = {}
        for sheet in sheets:
            heading = grid(path, sheet)[0]
            named = {text: slug(text) for text in heading if text and text not in KEYS}
            items |= {name: Item(name, "number", Text(), None, None, "internal") for name in named.values()}
            unit, year, month = heading[:3]
            tables.append(
                WrittenTable(
                    dataset=dataset, sheet=sheet, first_row=4, layout="wide", match="name",
                    unit=unit, year=year, month=month, items=named,
                )
            )  # fmt: skip
        datasets[dataset] = Dataset(
            dataset, "reports", Text(), level, "unit", None, (), "month", {}, items, (), 15, "missing", None
        )
    heading = grid(path, "Population_data")[0]
    named = {text: slug(text) for text in heading[2:] if text}
    items = {name: Item(name, "number", Text(), None, None, "internal") for name in named.values()}
    datasets["population"] = Dataset(
        "population", "stocks", Text(), level, "unit", None, (), None, {}, items, (), None, "missing", None
    )
    tables.append(
        WrittenTable(
            dataset="population", sheet="Population_data", first_row=4, layout="wide", match="name",
            unit=heading[0], year=heading[1], day="07-01", items=named,
        )
    )  # fmt: skip
    return Programme(
        code="countdown", title=Text("Countdown"), description=Text(), publisher=Text(), contact=Text(),
        root=Path("."), files=(), hash="c1", levels=(level,), calendar=Calendar(), units=units, geometry=None,
        geometry_key=None, datasets=datasets, sources={"workbook": Source("workbook", Text(), "excel", tuple(tables))},
        measures={}, indicators={}, checks={}, contracts={}, allocations={}, examples=(),
    )  # fmt: skip


def slug(text: str) -> str:
    return re.sub(r"\W+", "_", text.strip().lower()).strip("_")
