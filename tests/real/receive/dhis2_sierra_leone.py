"""Sierra Leone's DHIS2 export as a programme: its organisation units, every data element that occurs."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tallymark.model.periods import Calendar
from tallymark.model.text import Text
from tallymark.model.units import build_units
from tallymark.programme.resolved import Dataset, Item, Level, Programme, Source
from tallymark.programme.written.data import WrittenTable

LEVELS = ("country", "district", "chiefdom", "facility")


def values(folder: Path) -> list[dict[str, Any]]:
    with gzip.open(folder / "data_values.json.gz") as file:
        found: list[dict[str, Any]] = json.load(file)["dataValues"]
    return found


def sierra_leone(folder: Path, elements: list[str]) -> Programme:
    """One dataset of reports whose items are `elements`, reported by units of any level."""
    written = json.loads((folder / "organisation_units.json").read_text(encoding="utf-8"))
    rows = [
        {
            "unit": unit["id"],
            "name": unit["name"],
            "level": LEVELS[unit["level"] - 1],
            "parent": unit.get("parent", {}).get("id"),
            "opened": unit["openingDate"][:10],
        }
        for unit in sorted(written, key=lambda unit: unit["level"])
    ]
    units, problems = build_units(rows, [], LEVELS)
    assert not [problem for problem in problems if problem.severity == "error"]
    items = {element: Item(element, "number", Text(), None, None, "internal") for element in elements}
    dataset = Dataset(
        "values", "reports", Text(), None, "unit", None, (), "month", {}, items, (), None, "missing", None
    )
    table = WrittenTable(dataset="values", items={element: element for element in elements})
    return Programme(
        code="sl", title=Text("Sierra Leone"), description=Text(), publisher=Text(), contact=Text(), root=Path("."),
        files=(), hash="s1", levels=tuple(Level(code, Text(), at) for at, code in enumerate(LEVELS, 1)),
        calendar=Calendar(), units=units, geometry=None, geometry_key=None, datasets={"values": dataset},
        sources={"export": Source("export", Text(), "dhis2", (table,))}, measures={}, indicators={}, checks={},
        contracts={}, allocations={}, examples=(),
    )  # fmt: skip
