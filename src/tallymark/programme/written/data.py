"""Datasets and sources as written: what facts there are, and how files say them."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from tallymark.programme.written.parts import Code, Described, Name, Written

ColumnType = Literal["text", "integer", "number", "date", "boolean", "category", "unit", "period"]
Sensitivity = Literal["public", "internal", "personal", "sensitive"]


class WrittenColumn(Described):
    """A typed column of an events dataset, or a breakdown column of reports and stocks."""

    type: ColumnType
    values: list[str] | None = Field(None, description="What a category may be.")
    sensitivity: Sensitivity = "internal"
    required: bool = False
    min: float | None = None
    max: float | None = None


class WrittenItem(Described):
    """A thing reported: one number per unit and period (reports) or unit and date (stocks)."""

    type: Literal["integer", "number", "date", "boolean"] = "integer"
    min: float | None = Field(None, description="A lower value is kept and found (warning).")
    max: float | None = None
    sensitivity: Sensitivity = "internal"


class WrittenDue(Written):
    """When a report is due: days after its period ends; later ones are marked late, ones before the end early."""

    days: int = Field(ge=0)


class WrittenDataset(Described):
    """A declared table of facts.

    events: a row per birth, visit, test. reports: unit × period × item → value. stocks: unit × date × item → value.
    """

    kind: Literal["events", "reports", "stocks"]
    level: Code | None = Field(None, description="Level of the units that report; checked at receipt.")
    unit: str = Field("unit", description="events: the column holding the unit.")
    date: str | None = Field(None, description="events: the column holding the event's date.")
    key: list[str] = Field(default_factory=list, description="events: columns that identify a row.")
    frequency: str | None = Field(None, description="reports: day, week, month, quarter, year or a declared year.")
    columns: dict[Name, WrittenColumn] = Field(default_factory=dict)
    items: dict[Name, WrittenItem] = Field(default_factory=dict)
    breakdowns: list[str] = Field(default_factory=list, description="Category columns by which measures are split.")
    due: WrittenDue | None = None
    absence: Literal["missing", "zero"] | Code = Field(
        "missing",
        description="events: what a unit-month without rows means: missing; zero (the register is complete); "
        "or the code of a reports dataset whose report for the month says that the unit reported.",
    )
    purpose: str | None = Field(None, description="Why personal columns are held; required when there are any.")
    reporters: str | None = Field(
        None, description="Expression over unit attributes that says which units must report; all of the level when absent."
    )


class WrittenTable(Written):
    """How one sheet (or the whole file) maps to a dataset. Rows and columns are as people count them, from 1."""

    dataset: Code
    sheet: str | None = Field(None, description="Excel: sheet name.")
    header_row: int = Field(1, ge=1)
    first_row: int | None = Field(None, ge=2, description="First row of data; instruction rows between are skipped and noted.")
    layout: Literal["wide", "long", "events"] | None = Field(
        None, description="wide: a column an item; long: item and value columns; events: a row an event."
    )
    unit: str | None = Field(None, description="Column that names the unit.")
    match: Literal["code", "name"] = "code"
    aliases: dict[str, str] = Field(default_factory=dict, description="Spelling in the file → unit code.")
    period: str | None = Field(None, description="Column with the period (2025-03, 202503, March 2025…).")
    year: str | None = Field(None, description="Column with the year, beside `month`.")
    month: str | None = Field(None, description="Column with the month: number or name, English, French or Chinese.")
    date: str | None = Field(None, description="stocks: column with the date.")
    day: str | None = Field(None, description="stocks by year: MM-DD that the year's figure stands for, e.g. 07-01.")
    item: str | None = Field(None, description="long: column with the item.")
    value: str | None = Field(None, description="long: column with the value.")
    items: dict[str, Name] = Field(default_factory=dict, description="Column (wide) or spelling (long) → item.")
    columns: dict[str, Name] = Field(default_factory=dict, description="Column in the file → column of the dataset.")
    categories: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="DHIS2 category option combination → breakdown values."
    )
    ignore: list[str] = Field(default_factory=list, description="Columns left out on purpose; others left out are noted.")
    date_order: Literal["ymd", "dmy", "mdy"] = "ymd"
    received: dt.date | None = None


class WrittenSource(Described):
    """How a file that people send maps to datasets; one file is one batch, taken whole or not at all."""

    format: Literal["csv", "excel", "parquet", "dhis2"]
    tables: list[WrittenTable] = Field(min_length=1)
