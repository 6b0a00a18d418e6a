"""The programme's frame as written: levels, calendar, units and their changes."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from tallymark.programme.written.parts import Code, Described, Written, WrittenText


class WrittenLevel(Written):
    """A depth of the unit tree, highest first."""

    code: Code
    title: WrittenText


class WrittenYear(Written):
    """A declared year such as the statistical year: `SY2025` = 1 Oct 2024 – 30 Sep 2025."""

    start_month: int = Field(ge=1, le=12)
    named_by: Literal["end", "start"] = "end"
    title: WrittenText | None = None


class WrittenCalendar(Written):
    """Years other than the calendar year, and the frequencies that runs compute."""

    years: dict[str, WrittenYear] = Field(default_factory=dict, description="Prefix → year, e.g. SY.")
    frequencies: list[str] = Field(
        default_factory=lambda: ["month", "quarter", "year"],
        description="day, week, month, quarter, half, year, or a declared year's prefix.",
    )


class WrittenProgramme(Described):
    """The head of a programme."""

    code: Code
    title: WrittenText
    publisher: WrittenText | None = None
    contact: WrittenText | None = Field(None, description="Where a figure can be challenged.")
    levels: list[WrittenLevel] = Field(min_length=1)
    calendar: WrittenCalendar = WrittenCalendar()


class WrittenUnitColumns(Written):
    """Which column of the units file says what."""

    unit: str = "unit"
    name: str | None = None
    name_en: str | None = "name_en"
    name_zh: str | None = "name_zh"
    parent: str = "parent"
    level: str = "level"
    opened: str | None = "opened"
    closed: str | None = "closed"


class WrittenUnitShare(Written):
    """A successor and the share of the old unit's figures it takes over."""

    unit: str
    weight: float = Field(1.0, ge=0, le=1)


class WrittenUnitChange(Written):
    """A dated change of boundaries. split: one → several, shares add to 1. merge: several → one. move: new parent."""

    date: dt.date
    kind: Literal["split", "merge", "move"]
    of: list[str] = Field(min_length=1, description="Units that change.")
    to: list[WrittenUnitShare] = Field(default_factory=list, description="Successors (split, merge).")
    parent: str | None = Field(None, description="New parent (move).")
    of_weights: list[float] | None = Field(
        None, description="merge: shares by which later figures are carried back to `of`, in its order; add to 1."
    )
    reason: WrittenText | None = None


class WrittenUnits(Written):
    """Where the units come from: a CSV, a sheet of a workbook, or DHIS2 organisationUnits JSON."""

    file: str | None = None
    format: Literal["csv", "excel", "dhis2"] = "csv"
    sheet: str | None = None
    header_row: int = Field(1, ge=1)
    first_row: int | None = Field(None, ge=2, description="First row of data (1-based).")
    columns: WrittenUnitColumns = WrittenUnitColumns()
    path: dict[Code, str] | None = Field(
        None, description="Level → column, for a sheet that names each row's whole path (country, region, district)."
    )
    attributes: list[str] = Field(default_factory=list, description="Further columns to keep (size class, remote…).")
    rows: list[dict[str, str | int | float | dt.date | None]] = Field(default_factory=list, description="Units written here.")
    changes: list[WrittenUnitChange] = Field(default_factory=list)
    changes_file: str | None = Field(None, description="CSV: date,kind,of,to,weight,of_weight,parent,reason.")
    geometry: str | None = Field(None, description="GeoJSON whose features carry the unit's code.")
    geometry_key: str | None = Field(None, description="Property holding the unit's code; the feature id when absent.")

    @model_validator(mode="after")
    def _somewhere(self) -> WrittenUnits:
        if not self.file and not self.rows:
            raise ValueError("say `file:` or write the units under `rows:`")
        return self
