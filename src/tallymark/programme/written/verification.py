"""Verification of reported values by recount, as written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tallymark.programme.written.parts import Described, Name, Written, WrittenText


class WrittenEvidence(Written):
    """When differences ask for an inquiry rather than a correction: all of these together."""

    size: float = Field(
        0.1,
        gt=0,
        description="Reported over recounted differ by at least this share, in all periods together.",
    )
    same_direction: float = Field(
        0.9, gt=0.5, le=1, description="At least this share of the differences help the unit."
    )
    periods: int = Field(3, ge=2, description="In at least so many periods.")


class WrittenVerification(Described):
    """What is recounted, what a recount does to a value, and how a unit is heard before it counts."""

    title: WrittenText = Field(description="What is verified, in words.")
    of: Name = Field(description="Dataset of reports whose values are verified.")
    by: Name = Field(
        description="Dataset of reports that holds what was recounted, under the same names of items."
    )
    items: list[Name] = Field(
        default_factory=list, description="Items; all that both datasets have when left out."
    )
    stratum: str | None = Field(None, description="Level whose units are the strata of verification factors.")
    weight: Name | None = Field(
        None, description="Item of the recounts that holds each unit's sampling weight."
    )
    tolerance: float = Field(
        0.0, ge=0, lt=1, description="A difference of at most this share of the recount is none."
    )
    helps: dict[Name, Literal["higher", "lower"]] = Field(
        default_factory=dict, description="Item → the direction of a wrong value that would help the unit."
    )
    estimate: bool = Field(
        False, description="Correct the values of units not visited by the factor of their stratum."
    )
    least_pairs: int = Field(
        5, ge=2, description="Units recounted that a factor needs before it corrects others."
    )
    answers: Name | None = Field(
        None,
        description="Dataset of events with columns period, item, answer and ruling: what units say to differences.",
    )
    answer_days: int = Field(
        30, ge=0, description="Days that a unit has to answer after a recount is received."
    )
    values: Literal["reported", "verified"] = Field(
        "reported",
        description="What measures count: values as reported, or as the verdicts leave them once units were heard.",
    )
    evidence: WrittenEvidence = Field(WrittenEvidence(), description="When differences ask for an inquiry.")
