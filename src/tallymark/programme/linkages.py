"""A linkage as stages see it: what for, which lists, which fields they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tallymark.model.text import Text

Kind = Literal["name", "date", "identity", "digits", "category", "text"]
Purpose = Literal["birth_registration", "vaccination", "care_asked_for"]


@dataclass(frozen=True, slots=True)
class Field:
    """Something that several lists say of a record."""

    name: str
    kind: Kind
    telling: bool = False
    """Whether two records that differ here contradict each other when all else says they are one (sex, birth order)."""
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class RecordList:
    """One office's list: the column that identifies its records, and the column of each field it has."""

    name: str
    record: str
    columns: Mapping[str, str]
    unique: bool = True
    """Whether each event should be there once: two records of one event are then duplicates."""
    dataset: str | None = None
    """Dataset whose rows are the list, where no file is given."""
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class Linkage:
    """Lists to be linked for a purpose."""

    name: str
    purpose: Purpose
    lists: tuple[RecordList, ...]
    fields: tuple[Field, ...]
    threshold: float = 0.0
    """Match weight (bits) from which a pair counts as a match: 0 is even odds once how many pairs there are is known."""
    pairs_per_record: float = 30.0
    """How many pairs may be compared for each record: the wider, the fewer matches are lost to blocking."""
    title: Text | None = None
