"""Measures, indicators and checks as written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from tallymark.programme.written.disclosure import Publish
from tallymark.programme.written.parts import Code, Described, Name, Written, WrittenText

SCOREABLE = (
    "service_coverage",
    "service_quality",
    "timeliness",
    "completeness",
    "accuracy",
    "supply",
    "finance",
    "satisfaction",
    "knowledge",
    "redress",
    "workforce",
    "equity",
    "participation",
)
STATISTICS_ONLY = ("births", "deaths", "fertility", "sex_ratio", "method_mix", "pregnancy", "population")
Concern = Literal[
    "service_coverage",
    "service_quality",
    "timeliness",
    "completeness",
    "accuracy",
    "supply",
    "finance",
    "satisfaction",
    "knowledge",
    "redress",
    "workforce",
    "equity",
    "participation",
    "births",
    "deaths",
    "fertility",
    "sex_ratio",
    "method_mix",
    "pregnancy",
    "population",
]
Shrinkage = Literal["none", "poisson-gamma", "beta-binomial", "eb-poisson", "eb-binomial", "normal"]
Comparison = Literal["previous", "last_year", "three_year_mean"]


class WrittenMeasure(Described):
    """An additive quantity over a dataset.

    aggregate: count rows (events); sum a column or item; distinct values of a column (exact);
    stock: an item's level. `over_time` says how a stock, or an item that does not add up over months,
    becomes a longer period's figure: sum, last, first, average (of all), mid_period (mean of the
    levels at start and end, as average population is defined).
    """

    dataset: str = Field(description="Dataset that it is counted from.")
    aggregate: Literal["count", "sum", "distinct", "stock"] | None = Field(
        None, description="count for events, sum for items, stock for stocks when left out."
    )
    of: str | None = Field(None, description="Column (sum, distinct; an expression for sum of events).")
    item: Name | None = Field(None, description="Item of a reports or stocks dataset.")
    where: str | None = Field(None, description="Condition over the dataset's columns.")
    over_time: Literal["sum", "last", "first", "average", "mid_period"] | None = Field(
        None,
        description="How months become longer periods; sum for events and reports, mid_period for stocks when left out.",
    )


class WrittenEstimate(Written):
    """How a gap is filled: scale = value × expected ÷ usable reports (assumes absent units are like present ones)."""

    method: Literal["scale"] = Field("scale", description="scale: value × expected ÷ usable reports.")
    min_completeness: float = Field(
        0.5, ge=0, le=1, description="Below this share of reports nothing is estimated."
    )


class WrittenTooSmall(Written):
    """When a figure rests on too little to be published or scored: it is marked, and its lines are set aside."""

    cases: float = Field(0, ge=0, strict=True, description="Fewest cases (denominator).")
    events: float = Field(
        0, ge=0, strict=True, description="Fewest events; for shares also fewest cases without the event."
    )
    width: float | None = Field(
        None,
        gt=0,
        strict=True,
        description="Widest interval, upper less lower limit, in the figure's own unit.",
    )


Weight = Annotated[float, Field(strict=True)]


def _no_list(value: object) -> object:
    if isinstance(value, list):
        raise ValueError("`standard` is a name, or a mapping with a weight for each group")
    return value


class WrittenStandardise(Written):
    """Directly standardised: each age group's rate counts by the group's weight in a standard population.

    The value is that of all ages; the figures by group are the rates of each age.
    """

    breakdown: str = Field(description="Breakdown with the age groups, of numerator and denominator alike.")
    standard: Annotated[str | dict[str, Weight], BeforeValidator(_no_list)] = Field(
        description="A named standard (who-2000-2025, esp-2013), group → weight, or a measure of people: "
        "its groups in the top unit and the figure's own period are the weights."
    )
    unit: Code | None = Field(
        None,
        description="Unit whose people are the standard, where it is a measure; the top one when left out.",
    )
    interval: Literal["dobson", "fay-feuer"] = Field(
        "dobson", description="dobson; fay-feuer where events are few and weights uneven."
    )


class WrittenGaps(Written):
    """Figures of groups set against those of one of them: differences and ratios, with intervals."""

    breakdown: str = Field(description="Breakdown with the groups, e.g. residence or sex.")
    reference: str = Field(description="Group that the others are set against.")


def _listed(value: object) -> object:
    """One is as good as a list of one."""
    return [value] if isinstance(value, Mapping) else value


class WrittenIndicator(Described):
    """A numerator, a denominator, a factor, a direction and what it concerns.

    Expressions are over measures, and over `<dataset>.expected`, `.received`, `.on_time` (reports due,
    received, received in time).
    """

    title: WrittenText = Field(description="Name shown to people.")
    numerator: str = Field(description="Expression over measures.")
    denominator: str | None = Field(None, description="None: the numerator itself is the figure.")
    denominator_sd: str | None = Field(
        None,
        description="Standard deviation of an estimated denominator (a projected population): the interval widens by it. "
        "Of units together it is added up, as if they erred together.",
    )
    denominator_variance: str | None = Field(
        None,
        description="Variance of an estimated denominator that units do not share: added up over units, and to the "
        "square of `denominator_sd`, which is then of what they share.",
    )
    factor: float = Field(1.0, description="What the ratio is multiplied by: 100 for per cent.")
    unit: WrittenText | None = Field(None, description="What the figure is in: %, per 1 000, days…")
    decimals: int = Field(1, ge=0, le=6, description="Decimals shown; nothing is rounded in computing.")
    direction: Literal["higher", "lower", "none"] = Field(description="Which way is better.")
    concerns: Concern = Field(
        description="What it is about; decides whether it may be scored (see the rights gate)."
    )
    interval: Literal["wilson", "clopper-pearson", "jeffreys", "ratio", "poisson", "byar", "none"] = Field(
        "none",
        description="Of a share (wilson …), of two counts of one total (ratio), of a count (poisson, byar).",
    )
    shrink: Shrinkage = Field(
        "none",
        description="How a value is drawn towards those of like units (same level), shown beside the value itself.",
    )
    too_small: WrittenTooSmall | None = Field(
        None, description="When a figure rests on too little to be published or scored; never when left out."
    )
    publish: Publish = Field(
        "unless_small",
        description="In releases: unless_small: not where `too_small` says so; always: even then; never: the office's "
        "own figure. Disclosure control withholds small counts of people in any case.",
    )
    annualise: bool = Field(False, description="Multiply by periods a year (rates of events per population).")
    missing: Literal["refuse", "partial", "estimate"] = Field(
        "partial",
        description="refuse: no figure unless complete; partial: what there is, marked; estimate: see `estimate`.",
    )
    min_completeness: float = Field(
        0.0, ge=0, le=1, description="partial: below this share of reports there is no figure."
    )
    estimate: WrittenEstimate = Field(
        WrittenEstimate(), description="How a gap is filled, for `missing: estimate`."
    )
    compare: list[Comparison] = Field(
        default=["previous", "last_year"], description="Comparisons computed beside the figure."
    )
    benchmark: float | None = Field(
        None,
        strict=True,
        description="What figures are compared with: better, similar or worse at 95 % and 99.8 %. "
        "Needs an interval, a denominator and a direction.",
    )
    standardise: WrittenStandardise | None = Field(
        None,
        description="Directly standardised rate: numerator ÷ denominator of each group, by a standard's weights.",
    )
    gaps: Annotated[list[WrittenGaps], BeforeValidator(_listed)] = Field(
        default_factory=list,
        description="Gaps between groups: a breakdown and the group that others are set against; or a list of such.",
    )
    pooled: Literal["2 years", "3 years", "4 years", "5 years"] | None = Field(
        None,
        description="Small areas: cases of the period and of the same one in the years before are put together. "
        "A year that is missing ends it; `years` in the table says how many there are.",
    )
    source: str | None = Field(None, description="Where the definition comes from (WHO, DHIS2, law).")
    legal_reference: str | None = Field(None, description="Law or document that demands it.")
    lineage: Literal["sum", "none"] = Field("sum", description="Not used yet.")

    @property
    def has_interval(self) -> bool:
        """Whether its figures have an interval."""
        return self.interval != "none" or self.standardise is not None


class WrittenTolerance(Written):
    """How far apart the two sides of a comparison may be; the largest of those declared counts."""

    absolute: float | None = Field(None, ge=0, description="So much.")
    relative: float | None = Field(None, ge=0, description="This share of the right side: 0.05 is 5 %.")
    scaled: float | None = Field(
        None,
        ge=0,
        description="So many standard deviations of the difference of two counts as large as the sides: scaled × "
        "√(left + right). Small units may be apart by more of themselves.",
    )


class WrittenCheck(Described):
    """A condition that measures must meet, per unit and period; a failure is a finding.

    `expect` is over measures and indicators; unknown (a value is missing) is not a failure. A figure x can be compared
    with `previous.x`, `last_year.x`, `past.x` (median of the year before), `parent.x`, `children.x` (their sum),
    `siblings.x` (median of the units of its level below the same parent) and `siblings_spread.x` (1.4826 × MAD).
    """

    title: WrittenText = Field(description="What is checked, in words.")
    expect: str = Field(description="Condition that must hold.")
    at: str = Field("month", description="Frequency of the periods checked.")
    level: str | None = Field(None, description="Level of the units checked; all when absent.")
    severity: Literal["error", "warning", "note"] = Field(
        "warning", description="How much a failure matters; error makes `tallymark` exit 1."
    )
    hint: WrittenText | None = Field(None, description="What to do when it fails.")
    tolerance: WrittenTolerance | None = Field(
        None, description="How far the sides of a comparison may be apart; the largest counts."
    )
    value: Literal["keep", "dispute"] | None = Field(
        None,
        description="What a failure does to the values it reads where they are verified: dispute (the usual of severity "
        "error) until explained or corrected, or keep.",
    )
    show: list[str] = Field(
        default_factory=list, description="Measures quoted as evidence; those of `expect` when absent."
    )


class WrittenExample(Written):
    """A test that programme authors write: rows in, figures out."""

    name: str = Field(description="What is shown.")
    given: dict[str, list[dict[str, object]]] = Field(description="Dataset → rows.")
    units: list[dict[str, object]] | None = Field(
        None, description="A small tree instead of the programme's."
    )
    expect: list[dict[str, object]] = Field(
        min_length=1, description="{indicator|measure, unit, period, value | missing: true, tolerance?}"
    )

    @model_validator(mode="after")
    def _expects_figures(self) -> WrittenExample:
        for row in self.expect:
            if not ({"indicator", "measure"} & row.keys()) or not ({"value", "missing"} & row.keys()):
                raise ValueError(
                    "each expectation names an indicator or measure and a `value` (or `missing: true`)"
                )
        return self
