"""The annual responsibility contract as written: sections, lines, awards, bonus, deductions, gates, ranking."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from tallymark.programme.written.parts import Code, Described, Name, Written, WrittenText


class AllOrNothing(Written):
    """All points when the value reaches `target` (or is not above it, for `direction: lower`), else none."""

    kind: Literal["all_or_nothing"]
    target: float


class Proportional(Written):
    """points × (value − floor) ÷ (target − floor), between 0 and all; floor above target when lower is better."""

    kind: Literal["proportional"]
    floor: float = 0.0
    target: float


class Band(Written):
    """A step: from this value on (in the better direction) this share of the points."""

    bound: float
    share: float = Field(ge=0, le=1)


class Bands(Written):
    """The share of the best band that the value reaches; none below the last."""

    kind: Literal["bands"]
    bands: list[Band] = Field(min_length=1)


class PerIncident(Written):
    """Full points less `each` for every incident (the indicator's value), never below `least`."""

    kind: Literal["per_incident"]
    each: float = Field(gt=0)
    allowed: float = Field(0, ge=0)
    least: float = 0.0


class Checklist(Written):
    """points × (weights of things done) ÷ (weights of all): each an indicator or measure that is 1 when done."""

    kind: Literal["checklist"]
    things: dict[Name, float] = Field(min_length=1, description="Indicator or measure → weight.")


class Mark(Written):
    """An inspector's mark: points × value ÷ out_of."""

    kind: Literal["mark"]
    out_of: float = Field(gt=0)


class Deadline(Written):
    """All points when done by `by` (the indicator is a date); `late_share` within `grace_days` after it."""

    kind: Literal["deadline"]
    by: dt.date
    grace_days: int = Field(0, ge=0)
    late_share: float = Field(0.0, ge=0, le=1)


class Improvement(Written):
    """points × (change over one's own past − floor) ÷ (target − floor); all points at or beyond `keep_at`.

    Where lower is better, a target above the floor is an amount to fall by.
    """

    kind: Literal["improvement"]
    over: Literal["previous", "last_year", "three_year_mean"] = "last_year"
    floor: float = 0.0
    target: float
    keep_at: float | None = None


WrittenAward = Annotated[
    AllOrNothing | Proportional | Bands | PerIncident | Checklist | Mark | Deadline | Improvement,
    Field(discriminator="kind"),
]
WhenMissing = Literal["no_points", "set_aside", "refuse"]
WhenUncertain = Literal["point", "benefit_of_doubt", "confirmed"]


class WrittenLine(Described):
    """A scored item. `indicator` may be left out for a checklist."""

    code: Code
    title: WrittenText
    points: float = Field(gt=0)
    indicator: Name | None = None
    award: WrittenAward
    missing: WhenMissing | None = Field(
        None, description="no_points; set_aside (line left out, the others count up to the full total); refuse (no total)."
    )
    uncertain: WhenUncertain | None = Field(
        None, description="Which end of the interval earns: the value itself, the better end, the worse end."
    )
    when: str | None = Field(None, description="Expression over unit attributes: for whom the line applies; else set aside.")


class WrittenSection(Described):
    """A part of the contract."""

    code: Code
    title: WrittenText
    lines: list[WrittenLine] = Field(min_length=1)


class WrittenBonus(Written):
    """Extra points, capped together."""

    cap: float = Field(gt=0)
    lines: list[WrittenLine] = Field(min_length=1)


class WrittenDeduction(Described):
    """Points off: `each` × the indicator's value (incidents), at most `most`."""

    code: Code
    title: WrittenText
    indicator: Name
    each: float = Field(gt=0)
    most: float | None = Field(None, gt=0)


class WrittenGate(Described):
    """A condition over indicators that caps or voids the total; unknown leaves the gate open and is noted."""

    code: Code
    title: WrittenText
    when: str
    effect: Literal["cap", "void"]
    cap: float | None = Field(None, ge=0)
    reason: WrittenText
    appeal: WrittenText | None = None


class WrittenGrade(Written):
    """A grade from this total on."""

    code: str
    title: WrittenText
    bound: float


class WrittenRanking(Written):
    """How units are ordered. min: equal totals share the best rank (1, 1, 3); dense: 1, 1, 2; average: 1.5, 1.5, 3."""

    ties: Literal["min", "dense", "average"] = "min"
    intervals: Literal["stepdown", "single-step", "marginal", "tukey", "none"] = "stepdown"
    level: float = Field(0.95, gt=0.5, lt=1)
    round_to: int = Field(2, ge=0, le=6, description="Decimals at which totals count as equal.")


class WrittenWatch(Written):
    """Units at the bottom on a permitted line `periods` times running: help first."""

    lines: list[Code] = Field(min_length=1)
    frequency: str = "month"
    bottom: int = Field(1, ge=1)
    periods: int = Field(3, ge=2)


class WrittenStrand(Written):
    """A contract bundled into this one's total, by weight (leadership line, department line, grass-roots line)."""

    contract: Code
    weight: float = Field(gt=0)


class WrittenContract(Described):
    """An annual responsibility contract between an office and the units of one level."""

    title: WrittenText
    level: Code
    period: str
    parties: WrittenText | None = None
    signed: dt.date | None = None
    legal_reference: str | None = None
    points: float = Field(100, gt=0, description="What all lines must add up to.")
    units: list[str] | None = Field(None, description="Units that signed; all of the level when absent.")
    peers: str | None = Field(None, description="Unit attribute: units are ranked within groups of equals.")
    missing: WhenMissing = "no_points"
    uncertain: WhenUncertain = "point"
    sections: list[WrittenSection] = Field(default_factory=list)
    bonus: WrittenBonus | None = None
    deductions: list[WrittenDeduction] = Field(default_factory=list)
    gates: list[WrittenGate] = Field(default_factory=list)
    bundle: list[WrittenStrand] = Field(default_factory=list, description="Instead of sections: weighted contracts.")
    ranking: WrittenRanking | None = WrittenRanking()
    grades: list[WrittenGrade] = Field(default_factory=list)
    commend: int | None = Field(None, ge=1, description="How many of the best are named.")
    watch: WrittenWatch | None = None


class WrittenAllocation(Described):
    """A total given out to units so that the parts add up to it exactly (largest remainder)."""

    title: WrittenText
    total: float = Field(ge=0)
    level: Code
    period: str | None = None
    by: Literal["equal", "measure", "attribute", "classes"]
    measure: Name | None = None
    attribute: str | None = None
    classes: dict[str, float] = Field(default_factory=dict, description="Value of `attribute` → weight.")
    least: float = 0.0
    step: float = Field(1.0, gt=0, description="Smallest unit given out.")
    concerns: str | None = None
