"""A DHIS2 export's own paths and periods: the tree and the calendar read them as DHIS2 does."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tallymark.findings import Severity
from tallymark.model.dhis2_periods import from_dhis2, to_dhis2
from tallymark.model.periods import Calendar, DeclaredYear
from tallymark.model.units import build_units

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "sierra_leone"
pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="real data (../shared/data/sierra_leone) is not here"
)

LEVELS = ("l1", "l2", "l3", "l4")


@pytest.fixture(scope="module")
def exported() -> list[dict[str, Any]]:
    return json.loads((DATA / "organisation_units.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_ancestry_is_the_exported_path(exported: list[dict[str, Any]]) -> None:
    rows = [
        {
            "unit": unit["id"],
            "name": unit["name"],
            "parent": (unit.get("parent") or {}).get("id"),
            "level": LEVELS[unit["level"] - 1],
            "opened": unit["openingDate"],
        }
        for unit in exported
    ]
    units, problems = build_units(rows, [], LEVELS)
    assert len(units) == 1332
    assert {problem.code for problem in problems} <= {"units.before_parent"}
    assert all(problem.severity is Severity.WARNING for problem in problems)
    expected = {
        (unit["id"], ancestor) for unit in exported for ancestor in unit["path"].strip("/").split("/")
    }
    table = units.ancestry_on(dt.date(2030, 1, 1)).to_pylist()
    assert {(row["unit"], row["ancestor"]) for row in table} == expected
    assert len(table) == len(expected)


def test_every_exported_period_is_read_and_written_back() -> None:
    with gzip.open(DATA / "data_values.json.gz", "rt", encoding="utf-8") as file:
        values = json.load(file)
    values = values["dataValues"] if isinstance(values, dict) else values
    codes = {value["period"] for value in values}
    assert len(codes) > 10
    calendar = Calendar({"SY": DeclaredYear(10)})
    assert {to_dhis2(from_dhis2(code, calendar), calendar) for code in codes} == codes
