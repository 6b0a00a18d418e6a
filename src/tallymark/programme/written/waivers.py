"""Findings waived because somebody knows why the figures look so, as written."""

from __future__ import annotations

import datetime as dt

from pydantic import Field, model_validator

from tallymark.programme.written.parts import Name, Written
from tallymark.programme.written.patterns import PatternKind


class WrittenWaiver(Written):
    """A check or pattern waived for a unit, period or item: with a reason, by whom, and until when.

    The finding stays in the run as a note that says so. From the day after `until` it counts as before.
    """

    check: Name | None = Field(None, description="The check.")
    pattern: PatternKind | None = Field(None, description="Or the kind of pattern.")
    dataset: Name | None = Field(None, description="Only findings about this dataset.")
    unit: str | None = Field(None, description="Only this unit.")
    period: str | None = Field(None, description="Only this period, and those inside it.")
    item: Name | None = Field(None, description="Only this item (of a check: when it reads it).")
    reason: str = Field(min_length=8, description="Why, in words; shown with the finding.")
    by: str = Field(min_length=2, description="Who waives it: name and office.")
    until: dt.date = Field(description="Last day on which it holds; none is for ever.")

    @model_validator(mode="after")
    def _says_what(self) -> WrittenWaiver:
        if (self.check is None) == (self.pattern is None):
            raise ValueError("a waiver names a check or a pattern, one of them")
        if not (self.unit or self.period or self.item):
            raise ValueError("a waiver names a unit, a period or an item; what nobody needs is taken out")
        return self
