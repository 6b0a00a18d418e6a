"""Patterns looked for in reported values, as written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from tallymark.programme.written.parts import Name, Written

PatternKind = Literal[
    "high", "low", "slipped", "zero", "zeros", "copied", "nearly_copied", "last_year", "same_again", "in_turn",
    "neighbours", "above_target", "bunched", "perfect", "even_counts", "even_shares", "shrinking", "rush",
    "round_numbers", "digits", "revised_upwards", "ledger", "impossible_ratio", "entered_twice", "late_evidence",
    "missing_reports", "late_reports", "over_whole", "share_off", "alike",
]  # fmt: skip
KINDS: tuple[str, ...] = PatternKind.__args__  # type: ignore[attr-defined]


class WrittenShare(Written):
    """A part of a whole within one dataset, for instance requests answered of those received."""

    dataset: Name = Field(description="Dataset of reports.")
    part: Name = Field(description="Item: the part.")
    of: Name = Field(description="Item: the whole.")
    target: float | None = Field(None, gt=0, le=1, description="Share that a contract asks for: 0.95.")


class WrittenLedger(Written):
    """opening + Σ in − Σ out = closing, and the next opening is this closing. Without `closing`: the next opening."""

    dataset: Name = Field(description="Dataset of reports.")
    opening: Name = Field(description="Item: what there was.")
    into: list[Name] = Field(description="Items that came in.")
    out: list[Name] = Field(description="Items that went out or were lost.")
    closing: Name | None = Field(
        None, description="Item: what is left; the opening of the next period when left out."
    )


class WrittenRatio(Written):
    """A ratio that is reported ready-made: some whole number over its base must give it."""

    dataset: Name = Field(description="Dataset of reports.")
    ratio: Name = Field(description="Item: the ratio as reported.")
    of: Name = Field(description="Item: the count that it is a ratio of.")
    factor: float = Field(100.0, gt=0, description="100 for per cent.")
    decimals: int = Field(1, ge=0, le=6, description="Decimals to which it is reported.")


class WrittenMade(Written):
    """A dataset of events with the day on which a record, photograph or signature was made."""

    dataset: Name = Field(description="Dataset of events.")
    made: Name | None = Field(
        None, description="Column with that day; the day on which the row was received when left out."
    )
    days: int = Field(30, ge=0, description="So many days after the event are no wonder.")


class WrittenPatterns(Written):
    """Patterns looked for in what was reported. `standard: true` looks for all of them in every dataset of reports.

    Parts of wholes and targets are read from the indicators and contracts; others can be added. A finding says what
    is odd and what would settle it; it never says why.
    """

    standard: bool = Field(False, description="Look for every kind.")
    kinds: list[PatternKind] = Field(default_factory=list, description="Look for these, without `standard`.")
    without: list[PatternKind] = Field(default_factory=list, description="Do not look for these.")
    datasets: list[Name] = Field(
        default_factory=list, description="Datasets looked at; every dataset of reports when left out."
    )
    skip: list[Name] = Field(default_factory=list, description="Items not looked at.")
    false_share: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="Share of a kind's findings that may be due to chance (Benjamini–Hochberg).",
    )
    false_alarms: float = Field(
        2.0,
        ge=0,
        le=20,
        description="False alarms in 1,000 reported values that offices can bear; more finds more.",
    )
    most: int = Field(
        200, ge=1, description="Findings of a kind and dataset told one by one; the others in one sentence."
    )
    history: int = Field(
        36, ge=6, description="Months before the end of the period that figures are compared with."
    )
    severity: dict[PatternKind, Literal["error", "warning", "note"]] = Field(
        default_factory=dict, description="How much a kind matters, where not as usual."
    )
    shares: list[WrittenShare] = Field(
        default_factory=list, description="Parts of wholes beside those of the indicators."
    )
    ledgers: list[WrittenLedger] = Field(default_factory=list, description="Accounts that must balance.")
    ratios: list[WrittenRatio] = Field(default_factory=list, description="Ratios reported ready-made.")
    evidence: list[WrittenMade] = Field(
        default_factory=list, description="Records that can be made too late."
    )

    @model_validator(mode="before")
    @classmethod
    def _says_where_waivers_are(cls, said: object) -> object:
        if isinstance(said, dict) and "waivers" in said:
            raise ValueError(
                "waivers are no longer written here; write them under `waivers:` at the top, with `pattern:` for `kind:`"
            )
        return said
