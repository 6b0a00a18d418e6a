"""The programme's frame as written: levels, calendar, units and their changes."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from tallymark.programme.written.parts import Code, Described, Written, WrittenText


class WrittenLevel(Written):
    """A depth of the unit tree, highest first."""

    code: Code = Field(description="Code of the level, as units name it.")
    title: WrittenText = Field(description="Name of the level in the singular: town, village.")


class WrittenYear(Written):
    """A declared year such as the statistical year: `SY2025` = 1 Oct 2024 – 30 Sep 2025."""

    start_month: int = Field(ge=1, le=12, description="Month in which the year starts.")
    named_by: Literal["end", "start"] = Field(
        "end", description="Whether the year is called after the calendar year it ends or starts in."
    )
    title: WrittenText | None = Field(None, description="What people call it.")


class WrittenCalendar(Written):
    """Years other than the calendar year, and the frequencies that runs compute."""

    years: dict[str, WrittenYear] = Field(default_factory=dict, description="Prefix → year, e.g. SY.")
    frequencies: list[str] = Field(
        default_factory=lambda: ["month", "quarter", "year"],
        description="day, week, month, quarter, half, year, or a declared year's prefix.",
    )


class WrittenHoliday(Written):
    """Days on which nobody works, whatever the day of the week."""

    first: dt.date = Field(description="First free day.")
    last: dt.date | None = Field(None, description="Last free day; the first when left out.")
    title: WrittenText | None = Field(None, description="Name of the holiday.")

    @model_validator(mode="after")
    def _in_order(self) -> WrittenHoliday:
        if self.last is not None and not 0 <= (self.last - self.first).days <= 366:
            raise ValueError("`last` is not before `first`, and within a year of it")
        return self


class WrittenWorkingDays(Written):
    """Which days are worked: by them corrective actions become due."""

    free: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(
        default=["sat", "sun"], max_length=6, description="Free days of the week."
    )
    holidays: list[WrittenHoliday] = Field(default_factory=list, description="Public holidays.")
    made_up: list[dt.date] = Field(
        default_factory=list, description="Free days of the week that are worked to make up for holidays."
    )


class WrittenProgramme(Described):
    """What the programme is called, who publishes it, and which levels and years it knows."""

    code: Code = Field(description="Short name of the programme.")
    title: WrittenText = Field(description="Name shown to people.")
    publisher: WrittenText | None = Field(None, description="Who publishes the figures.")
    contact: WrittenText | None = Field(None, description="Where a figure can be challenged.")
    levels: list[WrittenLevel] = Field(min_length=1, description="Levels of units, highest first.")
    calendar: WrittenCalendar = Field(
        WrittenCalendar(), description="Declared years, and the frequencies that runs compute."
    )
    working_days: WrittenWorkingDays = Field(
        WrittenWorkingDays(), description="Which days are worked; Monday to Friday when left out."
    )


class WrittenUnitColumns(Written):
    """Which column of the units file says what."""

    unit: str = Field("unit", description="Column with the unit's code.")
    name: str | None = Field(None, description="Column with the name, where there is one for all languages.")
    name_en: str | None = Field("name_en", description="Column with the English name.")
    name_zh: str | None = Field("name_zh", description="Column with the Chinese name.")
    parent: str = Field("parent", description="Column with the code of the unit above.")
    level: str = Field("level", description="Column with the level's code.")
    opened: str | None = Field("opened", description="Column with the first day; empty: it always stood.")
    closed: str | None = Field(
        "closed", description="Column with the day from which it no longer stands; empty: it still stands."
    )


class WrittenUnitShare(Written):
    """A successor and the share of the old unit's figures it takes over."""

    unit: str = Field(description="Code of the successor.")
    weight: float = Field(1.0, ge=0, le=1, description="Share of the old unit's figures that it takes over.")


class WrittenUnitChange(Written):
    """A dated change of boundaries. split: one → several, shares add to 1. merge: several → one. move: new parent."""

    date: dt.date = Field(description="First day on which the change holds.")
    kind: Literal["split", "merge", "move"] = Field(
        description="split: one unit into several; merge: several into one; move: under another parent."
    )
    of: list[str] = Field(min_length=1, description="Units that change.")
    to: list[WrittenUnitShare] = Field(default_factory=list, description="Successors (split, merge).")
    parent: str | None = Field(None, description="New parent (move).")
    of_weights: list[float] | None = Field(
        None,
        description="merge: shares by which later figures are carried back to `of`, in its order; add to 1.",
    )
    reason: WrittenText | None = Field(None, description="Why, for the methods page.")


class WrittenUnits(Written):
    """Where the units come from: a CSV, a sheet of a workbook, or DHIS2 organisationUnits JSON."""

    file: str | None = Field(None, description="File beside the YAML; or write the units under `rows`.")
    format: Literal["csv", "excel", "dhis2"] = Field("csv", description="What the file is.")
    sheet: str | None = Field(None, description="Excel: name of the sheet.")
    header_row: int = Field(1, ge=1, description="Row with the headings, from 1.")
    first_row: int | None = Field(None, ge=2, description="First row of data (1-based).")
    columns: WrittenUnitColumns = Field(WrittenUnitColumns(), description="Which column says what.")
    path: dict[Code, str] | None = Field(
        None,
        description="Level → column, for a sheet that names each row's whole path (country, region, district).",
    )
    attributes: list[str] = Field(
        default_factory=list, description="Further columns to keep (size class, remote…)."
    )
    rows: list[dict[str, str | int | float | dt.date | None]] = Field(
        default_factory=list, description="Units written here."
    )
    changes: list[WrittenUnitChange] = Field(
        default_factory=list, description="Splits, merges and moves written here."
    )
    changes_file: str | None = Field(None, description="CSV: date,kind,of,to,weight,of_weight,parent,reason.")
    geometry: str | None = Field(None, description="GeoJSON whose features carry the unit's code.")
    geometry_key: str | None = Field(
        None, description="Property holding the unit's code; the feature id when absent."
    )

    @model_validator(mode="after")
    def _somewhere(self) -> WrittenUnits:
        if not self.file and not self.rows:
            raise ValueError("say `file:` or write the units under `rows:`")
        return self
