"""The programme as every stage sees it: frozen, references bound, expressions parsed. Stages check nothing again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tallymark.model.expressions import Expression
from tallymark.model.periods import Calendar, Period
from tallymark.model.text import Text
from tallymark.model.units import Units
from tallymark.model.working_days import WorkingDays
from tallymark.programme.comparing import base_of, in_words
from tallymark.programme.linkages import Linkage
from tallymark.programme.written.contract import WrittenAward, WrittenRanking
from tallymark.programme.written.data import WrittenColumn, WrittenDataset, WrittenTable
from tallymark.programme.written.disclosure import WrittenDisclosure
from tallymark.programme.written.figures import WrittenEstimate, WrittenGaps, WrittenTooSmall
from tallymark.programme.written.patterns import WrittenLedger, WrittenMade, WrittenRatio
from tallymark.programme.written.review import WrittenReview
from tallymark.programme.written.verification import WrittenEvidence


@dataclass(frozen=True, slots=True)
class Level:
    code: str
    title: Text
    depth: int
    """1 = the top."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    title: Text
    values: tuple[str, ...] | None
    sensitivity: str
    required: bool
    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    type: str
    title: Text
    min: float | None
    max: float | None
    sensitivity: str


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    kind: str
    title: Text
    level: Level | None
    unit: str
    date: str | None
    key: tuple[str, ...]
    frequency: str | None
    columns: Mapping[str, Column]
    items: Mapping[str, Item]
    breakdowns: tuple[str, ...]
    due_days: int | None
    absence: str
    """`missing`, `zero`, or the name of the reports dataset that says who reported."""
    reporters: Expression | None
    opened_for: tuple[str, ...] = ()
    """What its personal columns may be read in the clear for."""
    told_apart: frozenset[str] = frozenset()
    """Columns whose values are compared over the whole dataset: the key, and what is counted distinct."""

    @property
    def vaulted(self) -> tuple[str, ...]:
        """Columns that the vault holds, and of which the store has a keyed digest."""
        return tuple(name for name, column in self.columns.items() if is_vaulted(self, name, column))


def is_vaulted(dataset: Dataset | WrittenDataset, name: str, column: Column | WrittenColumn) -> bool:
    """Whether a column identifies people: all that is personal but lists of words, and sensitive texts.

    The unit and the day of an event are what is counted: they stay.
    """
    if dataset.kind != "events" or name in (dataset.unit, dataset.date):
        return False
    if column.sensitivity == "personal":
        return column.type not in ("category", "boolean")
    return column.sensitivity == "sensitive" and column.type == "text"


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    title: Text
    format: str
    tables: tuple[WrittenTable, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    title: Text
    description: Text
    dataset: Dataset
    aggregate: str
    """count, sum, distinct or stock."""
    of: Expression | None
    item: str | None
    where: Expression | None
    over_time: str
    """sum, last, first, average or mid_period."""


@dataclass(frozen=True, slots=True)
class Standardise:
    """How a directly standardised rate is made."""

    breakdown: str
    title: Text
    """The standard, in words."""
    weights: Mapping[str, float]
    """Age group → weight, those that count; empty where `measure` says."""
    measure: Measure | None
    unit: str | None
    """Unit whose people are the standard, where it is a measure."""
    interval: str
    """dobson or fay-feuer."""


@dataclass(frozen=True, slots=True)
class Indicator:
    name: str
    title: Text
    description: Text
    numerator: Expression
    denominator: Expression | None
    factor: float
    unit: Text
    decimals: int
    direction: str
    concerns: str
    interval: str
    annualise: bool
    missing: str
    min_completeness: float
    estimate: WrittenEstimate
    compare: tuple[str, ...]
    source: str | None
    shrink: str = "none"
    too_small: WrittenTooSmall | None = None
    benchmark: float | None = None
    denominator_sd: Expression | None = None
    """What is not known of the denominator, as far as units err together."""
    denominator_variance: Expression | None = None
    """The rest of it, as variance: what each unit errs by itself."""
    standardise: Standardise | None = None
    gaps: tuple[WrittenGaps, ...] = ()
    publish: str = "unless_small"
    """unless_small, always or never."""
    pooled: int = 1
    """Years put together: the period and the same one in the years before."""

    @property
    def unsure(self) -> bool:
        """Whether the denominator is an estimate."""
        return self.denominator_sd is not None or self.denominator_variance is not None

    @property
    def names(self) -> frozenset[str]:
        """Measures (and `dataset.expected` …) that the figure is made from."""
        parts = (self.numerator, self.denominator, self.denominator_sd, self.denominator_variance)
        return frozenset[str]().union(*(part.names for part in parts if part is not None))


@dataclass(frozen=True, slots=True)
class Part:
    """A figure that is put into a composite."""

    indicator: Indicator
    weight: float
    target: float | None


@dataclass(frozen=True, slots=True)
class Composite:
    """Several figures as one."""

    name: str
    title: Text
    description: Text
    parts: tuple[Part, ...]
    normalise: str
    aggregate: str
    spread: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Verification:
    """What is recounted, and what a recount does to a value."""

    name: str
    title: Text
    of: Dataset
    by: Dataset
    items: tuple[str, ...]
    stratum: Level | None
    weight: str | None
    tolerance: float
    helps: Mapping[str, str]
    """Item → `higher` or `lower`: the direction of a wrong value that would help the unit."""
    estimate: bool
    least_pairs: int
    answers: Dataset | None
    answer_days: int
    evidence: WrittenEvidence
    values: str = "reported"
    """What measures count: `reported`, or `verified` as the verdicts leave them."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """How long units may answer a finding before it names them in public, and which findings ever do."""

    answer_days: int = 30
    answers: Dataset | None = None
    named: tuple[str, ...] = ("checks",)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole within a dataset; `helps`: whether more of it is better. The target is a share."""

    dataset: str
    part: str
    of: str
    target: float | None = None
    helps: bool = True


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns looked for in reported values."""

    kinds: frozenset[str]
    datasets: tuple[Dataset, ...]
    skip: tuple[str, ...] = ()
    false_share: float = 0.05
    false_alarms: float = 2.0
    most: int = 200
    history: int = 36
    severity: Mapping[str, str] = field(default_factory=dict)
    shares: tuple[Share, ...] = ()
    helps: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Dataset and item → 1 where more helps the unit, −1 where less does."""
    ledgers: tuple[WrittenLedger, ...] = ()
    ratios: tuple[WrittenRatio, ...] = ()
    evidence: tuple[WrittenMade, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiver:
    """A kind of finding that is waived, where, why, by whom, and its last day. None: any."""

    code: str
    """`check.name` or `verify.kind`, as findings have it."""
    reason: str
    by: str
    until: dt.date
    dataset: str | None = None
    unit: str | None = None
    period: str | None = None
    item: str | None = None
    one: bool = False
    """Waives the one finding with exactly these, none meaning none: waived where it stands, not in the programme."""


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold. `expect` has the tolerance in it; `written` is the condition as people wrote it."""

    name: str
    title: Text
    expect: Expression
    at: str
    level: Level | None
    severity: str
    hint: Text
    show: tuple[str, ...]
    written: Expression | None = None
    tolerance: Mapping[str, float] = field(default_factory=dict)
    value: str = ""
    """What a failure does to the values it reads: keep or dispute."""

    @property
    def reads(self) -> frozenset[str]:
        """The figures that it reads, those of other times and units by their own name."""
        return frozenset(map(base_of, self.expect.names))

    @property
    def disputes(self) -> bool:
        """Whether a failure leaves the values it reads disputed."""
        return self.value == "dispute" or (not self.value and self.severity == "error")

    def in_words(self, titles: Mapping[str, Text], language: str) -> str:
        """The condition in words, with its tolerance."""
        return in_words(self.written or self.expect, self.tolerance, titles, language)


@dataclass(frozen=True, slots=True)
class Line:
    code: str
    section: str
    title: Text
    description: Text
    points: float
    indicator: Indicator | None
    award: WrittenAward
    missing: str
    uncertain: str
    when: Expression | None


@dataclass(frozen=True, slots=True)
class Section:
    code: str
    title: Text
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Deduction:
    code: str
    title: Text
    indicator: Indicator
    each: float
    most: float | None


@dataclass(frozen=True, slots=True)
class VerdictGate:
    """Bites by values with this verdict: `least` of them, and at least `share` of those recounted."""

    verdict: str
    verifications: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    least: int = 1
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition over figures (`when`), or verdicts that stand (`verdict`): one of the two."""

    code: str
    title: Text
    when: Expression | None
    effect: str
    cap: float | None
    reason: Text
    appeal: Text
    verdict: VerdictGate | None = None

    @property
    def names(self) -> frozenset[str]:
        """Figures that the gate reads."""
        return frozenset(self.when.names) if self.when is not None else frozenset()


@dataclass(frozen=True, slots=True)
class Grade:
    code: str
    title: Text
    bound: float


@dataclass(frozen=True, slots=True)
class Watch:
    lines: tuple[Line, ...]
    frequency: str
    bottom: int
    periods: int


@dataclass(frozen=True, slots=True)
class Amendment:
    on: dt.date
    reason: Text
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    code: str
    title: Text
    description: Text
    parties: Text
    level: Level
    period: Period
    points: float
    units: tuple[str, ...] | None
    peers: str | None
    sections: tuple[Section, ...]
    bonus_cap: float
    bonus: tuple[Line, ...]
    deductions: tuple[Deduction, ...]
    gates: tuple[Gate, ...]
    bundle: tuple[tuple[Contract, float], ...]
    ranking: WrittenRanking | None
    grades: tuple[Grade, ...]
    commend: int | None
    watch: Watch | None
    legal_reference: str | None
    amendments: tuple[Amendment, ...] = ()
    signed: dt.date | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every scored line in order, bonus lines not among them."""
        return tuple(line for section in self.sections for line in section.lines)


@dataclass(frozen=True, slots=True)
class Allocation:
    code: str
    title: Text
    total: float
    level: Level
    period: Period | None
    by: str
    measure: Measure | None
    attribute: str | None
    classes: Mapping[str, float]
    least: float
    step: float


@dataclass(frozen=True, slots=True)
class Example:
    name: str
    given: Mapping[str, tuple[Mapping[str, object], ...]]
    units: tuple[Mapping[str, object], ...] | None
    expect: tuple[Mapping[str, object], ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Programme:
    """A declared programme, ready to run. `hash` covers every declared file's content, in name order."""

    code: str
    title: Text
    description: Text
    publisher: Text
    contact: Text
    root: Path
    files: tuple[str, ...]
    hash: str
    levels: tuple[Level, ...]
    calendar: Calendar
    units: Units
    geometry: Path | None
    geometry_key: str | None
    datasets: Mapping[str, Dataset]
    sources: Mapping[str, Source]
    measures: Mapping[str, Measure]
    indicators: Mapping[str, Indicator]
    checks: Mapping[str, Check]
    contracts: Mapping[str, Contract]
    allocations: Mapping[str, Allocation]
    examples: tuple[Example, ...]
    verifications: Mapping[str, Verification] = field(default_factory=dict)
    linkages: Mapping[str, Linkage] = field(default_factory=dict)
    composites: Mapping[str, Composite] = field(default_factory=dict)
    patterns: Patterns | None = None
    working_days: WorkingDays = field(default_factory=WorkingDays)
    disclosure: WrittenDisclosure = field(default_factory=WrittenDisclosure)
    hearing: Hearing = field(default_factory=lambda: Hearing())
    waivers: tuple[Waiver, ...] = ()
    review: WrittenReview | None = None

    @property
    def of_inspections(self) -> frozenset[str]:
        """The datasets that hold recounts, and what units say and is ruled: not for units to hand in about themselves."""
        of = self.verifications.values()
        answers = [self.hearing.answers, *(one.answers for one in of)]
        return frozenset({*(one.name for one in answers if one), *(one.by.name for one in of)})
