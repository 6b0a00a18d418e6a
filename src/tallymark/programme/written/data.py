"""Datasets and sources as written: what facts there are, and how files say them."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from tallymark.programme.written.parts import Code, Described, Name, Written

ColumnType = Literal["text", "integer", "number", "date", "boolean", "category", "unit", "period"]
Sensitivity = Literal["public", "internal", "personal", "sensitive"]
Purpose = Literal["birth_registration", "vaccination", "care_asked_for"]
"""What people may be told apart by name for; nothing else passes the rights gate."""


class WrittenColumn(Described):
    """A typed column of an events dataset, or a breakdown column of reports and stocks."""

    type: ColumnType = Field(description="What its values are.")
    values: list[str] | None = Field(None, description="What a category may be.")
    sensitivity: Sensitivity = Field(
        "internal",
        description="public and internal are shown in explanations; personal and sensitive are covered. What personal "
        "columns say (and sensitive texts) goes to the vault; the store has a keyed digest.",
    )
    required: bool = Field(False, description="A row without a value is refused.")
    min: float | None = Field(None, description="A lower value is kept and found (warning).")
    max: float | None = Field(None, description="A higher value is kept and found (warning).")


class WrittenItem(Described):
    """A thing reported: one number per unit and period (reports) or unit and date (stocks)."""

    type: Literal["integer", "number", "date", "boolean"] = Field(
        "integer",
        description="What its values are; a date is carried as days since 1970-01-01, a boolean as 1 or 0.",
    )
    min: float | None = Field(None, description="A lower value is kept and found (warning).")
    max: float | None = Field(None, description="A higher value is kept and found (warning).")
    sensitivity: Sensitivity = Field("internal", description="As for columns.")


class WrittenDue(Written):
    """When a report is due: days after its period ends; later ones are marked late, ones before the end early."""

    days: int = Field(ge=0, description="Days after the period's last day.")


class WrittenDataset(Described):
    """A declared table of facts.

    events: a row per birth, visit, test. reports: unit × period × item → value. stocks: unit × date × item → value.
    """

    kind: Literal["events", "reports", "stocks"] = Field(description="events, reports or stocks.")
    level: Code | None = Field(None, description="Level of the units that report; checked at receipt.")
    unit: str = Field("unit", description="events: the column holding the unit.")
    date: str | None = Field(None, description="events: the column holding the event's date.")
    key: list[str] = Field(default_factory=list, description="events: columns that identify a row.")
    frequency: str | None = Field(
        None, description="reports: day, week, month, quarter, year or a declared year."
    )
    columns: dict[Name, WrittenColumn] = Field(
        default_factory=dict,
        description="events: the row's columns; reports and stocks: breakdown columns. Name → declaration.",
    )
    items: dict[Name, WrittenItem] = Field(
        default_factory=dict, description="reports and stocks: what is reported. Name → declaration."
    )
    breakdowns: list[str] = Field(
        default_factory=list, description="Category columns by which measures are split."
    )
    due: WrittenDue | None = Field(None, description="When reports are due; without it none is late.")
    absence: Literal["missing", "zero"] | Code = Field(
        "missing",
        description="events: what a unit-month without rows means: missing; zero (the register is complete); "
        "or the code of a reports dataset whose report for the month says that the unit reported.",
    )
    purpose: str | None = Field(
        None, description="Why personal columns are held; required when there are any."
    )
    opened_for: list[Purpose] = Field(
        default_factory=list,
        description="What the vault may be opened for, to read personal columns in the clear; for nothing when left out.",
    )
    reporters: str | None = Field(
        None,
        description="Expression over unit attributes that says which units must report; all of the level when absent.",
    )


class WrittenTable(Written):
    """How one sheet (or the whole file) maps to a dataset. Rows and columns are as people count them, from 1."""

    dataset: Code = Field(description="Dataset that the table feeds.")
    sheet: str | None = Field(None, description="Excel: sheet name.")
    header_row: int = Field(1, ge=1, description="Row with the headings.")
    first_row: int | None = Field(
        None, ge=2, description="First row of data; instruction rows between are skipped and noted."
    )
    layout: Literal["wide", "long", "events"] | None = Field(
        None, description="wide: a column an item; long: item and value columns; events: a row an event."
    )
    unit: str | None = Field(None, description="Column that names the unit.")
    match: Literal["code", "name"] = Field("code", description="How `unit` names units: by code or by name.")
    aliases: dict[str, str] = Field(default_factory=dict, description="Spelling in the file → unit code.")
    period: str | None = Field(None, description="Column with the period (2025-03, 202503, March 2025…).")
    year: str | None = Field(None, description="Column with the year, beside `month`.")
    month: str | None = Field(
        None, description="Column with the month: number or name, English, French or Chinese."
    )
    date: str | None = Field(None, description="stocks: column with the date.")
    day: str | None = Field(
        None, description="stocks by year: MM-DD that the year's figure stands for, e.g. 07-01."
    )
    item: str | None = Field(None, description="long: column with the item.")
    value: str | None = Field(None, description="long: column with the value.")
    items: dict[str, Name] = Field(
        default_factory=dict, description="Column (wide) or spelling (long) → item."
    )
    columns: dict[str, Name] = Field(
        default_factory=dict, description="Column in the file → column of the dataset."
    )
    categories: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="DHIS2: category option combination → breakdown values. Other files: column → spelling → value.",
    )
    ignore: list[str] = Field(
        default_factory=list,
        description='Columns left out on purpose, "*" for every other one; others left out are noted.',
    )
    date_order: Literal["ymd", "dmy", "mdy"] = Field(
        "ymd", description="How dates written with numbers only are read."
    )
    received: dt.date | None = Field(
        None,
        description="When it was received, where that is known and not the day of receipt; late and early go by it.",
    )


class WrittenSource(Described):
    """How a file that people send maps to datasets; one file is one batch, taken whole or not at all."""

    format: Literal["csv", "excel", "parquet", "dhis2"] = Field(description="What the file is.")
    tables: list[WrittenTable] = Field(
        min_length=1, description="What is read from it; several tables may feed one dataset."
    )
