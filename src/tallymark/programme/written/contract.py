"""The annual responsibility contract as written: sections, lines, awards, bonus, deductions, gates, ranking."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from tallymark.programme.written.parts import Code, Described, Name, Written, WrittenText


class AllOrNothing(Written):
    """All points when the value reaches `target` (or is not above it, for `direction: lower`), else none."""

    kind: Literal["all_or_nothing"]
    target: float = Field(description="Value from which all points are earned.")


class Proportional(Written):
    """points × (value − floor) ÷ (target − floor), between 0 and all; floor above target when lower is better."""

    kind: Literal["proportional"]
    floor: float = Field(0.0, description="Value up to which nothing is earned.")
    target: float = Field(description="Value from which all points are earned.")


class Band(Written):
    """A step: from this value on (in the better direction) this share of the points."""

    bound: float = Field(description="Value from which the step counts.")
    share: float = Field(ge=0, le=1, description="Share of the points.")


class Bands(Written):
    """The share of the best band that the value reaches; none below the last."""

    kind: Literal["bands"]
    bands: list[Band] = Field(min_length=1, description="Steps in any order.")


class PerIncident(Written):
    """Full points less `each` for every incident (the indicator's value), never below `least`."""

    kind: Literal["per_incident"]
    each: float = Field(gt=0, description="Points off for every incident.")
    allowed: float = Field(0, ge=0, description="Incidents that cost nothing.")
    least: float = Field(0.0, description="Points that are never gone below.")


class Checklist(Written):
    """points × (weights of things done) ÷ (weights of all): each an indicator or measure that is 1 when done."""

    kind: Literal["checklist"]
    things: dict[Name, float] = Field(min_length=1, description="Indicator or measure → weight.")


class Mark(Written):
    """An inspector's mark: points × value ÷ out_of."""

    kind: Literal["mark"]
    out_of: float = Field(gt=0, description="The best mark.")


class Deadline(Written):
    """All points when done by `by` (the indicator is a date); `late_share` within `grace_days` after it."""

    kind: Literal["deadline"]
    by: dt.date = Field(description="Last day for all points.")
    grace_days: int = Field(0, ge=0, description="Days after it in which `late_share` is earned.")
    late_share: float = Field(0.0, ge=0, le=1, description="Share of the points within the days of grace.")


class Improvement(Written):
    """points × (change over one's own past − floor) ÷ (target − floor); all points at or beyond `keep_at`.

    Where lower is better, a target above the floor is an amount to fall by.
    """

    kind: Literal["improvement"]
    over: Literal["previous", "last_year", "three_year_mean"] = Field(
        "last_year", description="The past that is improved on."
    )
    floor: float = Field(0.0, description="Change up to which nothing is earned.")
    target: float = Field(description="Change from which all points are earned.")
    keep_at: float | None = Field(
        None, description="Value at or beyond which all points are earned whatever the change."
    )


WrittenAward = Annotated[
    AllOrNothing | Proportional | Bands | PerIncident | Checklist | Mark | Deadline | Improvement,
    Field(discriminator="kind"),
]
WhenMissing = Literal["no_points", "set_aside", "refuse"]
WhenUncertain = Literal["point", "benefit_of_doubt", "confirmed"]


class WrittenLine(Described):
    """A scored item. `indicator` may be left out for a checklist."""

    code: Code = Field(description="Code of the line, unique in the contract.")
    title: WrittenText = Field(description="Name shown to people.")
    points: float = Field(gt=0, description="Points to be had.")
    indicator: Name | None = Field(None, description="Indicator that is scored.")
    award: WrittenAward = Field(description="How points are earned.")
    missing: WhenMissing | None = Field(
        None,
        description="no_points; set_aside (line left out, the others count up to the full total); refuse (no total).",
    )
    uncertain: WhenUncertain | None = Field(
        None, description="Which end of the interval earns: the value itself, the better end, the worse end."
    )
    when: str | None = Field(
        None, description="Expression over unit attributes: for whom the line applies; else set aside."
    )


class WrittenSection(Described):
    """A part of the contract."""

    code: Code = Field(description="Code of the section.")
    title: WrittenText = Field(description="Name shown to people.")
    lines: list[WrittenLine] = Field(min_length=1, description="Its scored items.")


class WrittenBonus(Written):
    """Extra points, capped together."""

    cap: float = Field(gt=0, description="Most points that all bonus lines earn together.")
    lines: list[WrittenLine] = Field(min_length=1, description="What earns them.")


class WrittenDeduction(Described):
    """Points off: `each` × the indicator's value (incidents), at most `most`."""

    code: Code = Field(description="Code of the deduction.")
    title: WrittenText = Field(description="Name shown to people.")
    indicator: Name = Field(description="Indicator that counts the incidents.")
    each: float = Field(gt=0, description="Points off for every incident.")
    most: float | None = Field(None, gt=0, description="Most points taken off; no limit when left out.")


class WrittenGate(Described):
    """A condition over indicators, or verdicts that stand, that caps or voids the total.

    An unknown condition leaves the gate open and is noted. A verdict counts only once the unit was heard.
    """

    code: Code = Field(description="Code of the gate.")
    title: WrittenText = Field(description="Name shown to people.")
    when: str | None = Field(None, description="Condition over indicators under which it bites.")
    verdict: str | None = Field(
        None,
        description="Instead of `when`: bites by values whose verdict is this. falsified: ruled falsification, evidence "
        "rules met; recounted: put right by a recount. Both only after the unit was heard.",
    )
    verification: Name | None = Field(
        None, description="For `verdict`: whose verdicts; every verification's when left out."
    )
    items: list[Name] = Field(default_factory=list, description="For `verdict`: items; all when left out.")
    least: int = Field(1, ge=1, strict=True, description="For `verdict`: values from which it bites.")
    share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="For `verdict`: and at least this share of the values recounted and settled.",
    )
    effect: Literal["cap", "void"] = Field(
        description="cap: the total is at most `cap`; void: the total is 0."
    )
    cap: float | None = Field(None, ge=0, description="The most that a total can be, for `effect: cap`.")
    reason: WrittenText = Field(description="Why, shown where it bites.")
    appeal: WrittenText | None = Field(None, description="How it can be appealed.")


class WrittenGrade(Written):
    """A grade from this total on."""

    code: str = Field(description="Code of the grade.")
    title: WrittenText = Field(description="Name shown to people.")
    bound: float = Field(description="Total from which it is given.")


class WrittenRanking(Written):
    """How units are ordered. min: equal totals share the best rank (1, 1, 3); dense: 1, 1, 2; average: 1.5, 1.5, 3."""

    ties: Literal["min", "dense", "average"] = Field("min", description="Which rank equal totals get.")
    intervals: Literal["stepdown", "single-step", "marginal", "tukey", "none"] = Field(
        "stepdown", description="How sets of ranks that cannot be told apart are made; none leaves them out."
    )
    level: float = Field(0.95, gt=0.5, lt=1, strict=True, description="Confidence level of the sets.")
    round_to: int = Field(2, ge=0, le=6, description="Decimals at which totals count as equal.")
    by: Literal["total", "expected"] = Field(
        "total",
        description="total: the points; expected: the expected rank, noisy totals drawn towards the mean first.",
    )
    group: int | None = Field(
        None,
        strict=True,
        ge=1,
        description="Size of the top and of the bottom group whose probability is told for every unit.",
    )
    wrong_orders: float | None = Field(
        None,
        strict=True,
        ge=0,
        lt=0.5,
        description="Tiers: units are told apart as long as at most this share of the orders between tiers is wrong.",
    )
    weights: float | None = Field(
        None,
        strict=True,
        gt=0,
        lt=1,
        description="Sensitivity: how units move when each line weighs up to this share of itself more or less.",
    )


class WrittenWatch(Written):
    """Units at the bottom on a permitted line `periods` times running: help first."""

    lines: list[Code] = Field(min_length=1, description="Lines whose bottom is watched.")
    frequency: str = Field("month", description="Periods that are looked at.")
    bottom: int = Field(1, ge=1, description="How many units of a group count as its bottom.")
    periods: int = Field(3, ge=2, description="Periods running before a unit is listed.")


class WrittenStrand(Written):
    """A contract bundled into this one's total, by weight (leadership line, department line, grass-roots line)."""

    contract: Code = Field(description="Code of the contract.")
    weight: float = Field(gt=0, description="Its weight among the strands that a unit takes part in.")


class WrittenAmendment(Written):
    """A change of the contract while it was in force, said openly wherever the contract is shown."""

    on: dt.date = Field(description="Day from which the contract reads so.")
    reason: WrittenText = Field(description="Why it was changed, shown to everybody.")
    lines: list[Code] = Field(
        default_factory=list, description="Codes of the lines that it changed, also of those taken out."
    )


class WrittenContract(Described):
    """An annual responsibility contract between an office and the units of one level."""

    title: WrittenText = Field(description="Name shown to people.")
    level: Code = Field(description="Level of the units that sign.")
    period: str = Field(description="Period that is assessed.")
    parties: WrittenText | None = Field(None, description="Who signs with whom.")
    signed: dt.date | None = Field(None, description="When it was signed.")
    legal_reference: str | None = Field(None, description="Law or document it rests on.")
    points: float = Field(100, gt=0, description="What all lines must add up to.")
    units: list[str] | None = Field(None, description="Units that signed; all of the level when absent.")
    peers: str | None = Field(None, description="Unit attribute: units are ranked within groups of equals.")
    missing: WhenMissing = Field(
        "no_points", description="What a missing figure does, where a line says nothing of its own."
    )
    uncertain: WhenUncertain = Field(
        "point", description="Which end of an interval earns, where a line says nothing of its own."
    )
    sections: list[WrittenSection] = Field(default_factory=list, description="Its parts with their lines.")
    bonus: WrittenBonus | None = Field(None, description="Extra points.")
    deductions: list[WrittenDeduction] = Field(default_factory=list, description="Points off.")
    gates: list[WrittenGate] = Field(
        default_factory=list, description="Conditions that cap or void the total."
    )
    bundle: list[WrittenStrand] = Field(
        default_factory=list, description="Instead of sections: weighted contracts."
    )
    ranking: WrittenRanking | None = Field(
        WrittenRanking(), description="How units are ordered; null: not at all."
    )
    grades: list[WrittenGrade] = Field(default_factory=list, description="Grades by total.")
    commend: int | None = Field(None, ge=1, description="How many of the best are named.")
    watch: WrittenWatch | None = Field(None, description="Whom to help first.")
    amendments: list[WrittenAmendment] = Field(
        default_factory=list, description="Changes while it was in force, each with its reason."
    )


class WrittenAllocation(Described):
    """A total given out to units so that the parts add up to it exactly (largest remainder)."""

    title: WrittenText = Field(description="Name shown to people.")
    total: float = Field(ge=0, description="What is given out.")
    level: Code = Field(description="Level of the units that get a part.")
    period: str | None = Field(
        None, description="Period of the measure, and whose units count; the contract's when left out."
    )
    by: Literal["equal", "measure", "attribute", "classes"] = Field(
        description="What parts are proportional to: nothing, a measure, a numeric attribute, weights of classes."
    )
    measure: Name | None = Field(None, description="Measure, for `by: measure`.")
    attribute: str | None = Field(None, description="Unit attribute, for `by: attribute` and `by: classes`.")
    classes: dict[str, float] = Field(default_factory=dict, description="Value of `attribute` → weight.")
    least: float = Field(0.0, description="What every unit gets at least.")
    step: float = Field(1.0, gt=0, description="Smallest unit given out.")
    concerns: str | None = Field(None, description="What it is about, as for indicators.")
