"""Linkages as written: which lists hold the same births, vaccinations or care, and what they say of each."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tallymark.programme.written.data import Purpose
from tallymark.programme.written.parts import Described, Name


class WrittenLinkedField(Described):
    """Something that several lists say of a record."""

    kind: Literal["name", "date", "identity", "digits", "category", "text"] = Field(
        description="name: a person's name, Chinese or Latin; date; identity: an identity number (GB 11643 and others); "
        "digits: a telephone or register number; category: sex, village, birth order; text: an address."
    )
    telling: bool = Field(
        False, description="Whether it tells twins apart: the child's name, sex, birth order, weight."
    )


class WrittenLinkedList(Described):
    """One office's list."""

    record: str = Field(
        description="Column that identifies the list's records, each with a value of its own."
    )
    dataset: Name | None = Field(
        None,
        description="Dataset of events whose rows are the list, read from the vault where no file is given; it has to be "
        "`opened_for` the linkage's purpose.",
    )
    columns: dict[Name, str] = Field(
        min_length=1, description="Field → the column that says it. Fields left out are not on this list."
    )
    unique: bool = Field(
        True,
        description="Whether an event should be on it once: two records of one event are then duplicates.",
    )


class WrittenLinkage(Described):
    """Lists whose records are set against each other, for a purpose that the people in them were told of."""

    purpose: Purpose = Field(description="What for: nothing else may be linked.")
    lists: dict[Name, WrittenLinkedList] = Field(min_length=1, description="Name → list.")
    fields: dict[Name, WrittenLinkedField] = Field(
        min_length=2, description="Name → what lists have in common."
    )
    threshold: float = Field(
        0.0, description="Match weight in bits from which a pair is taken; 0 is even odds."
    )
    pairs_per_record: float = Field(
        30.0,
        gt=0,
        le=1000,
        description="Pairs compared for each record: the more, the fewer matches are lost.",
    )
