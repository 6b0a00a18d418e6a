"""What programme files may say, exactly: one pydantic model a declared thing, unknown keys refused."""

from __future__ import annotations

from pydantic import Field

from tallymark.programme.written.composite import WrittenComposite
from tallymark.programme.written.contract import WrittenAllocation, WrittenContract
from tallymark.programme.written.data import WrittenDataset, WrittenSource
from tallymark.programme.written.disclosure import WrittenDisclosure
from tallymark.programme.written.figures import WrittenCheck, WrittenExample, WrittenIndicator, WrittenMeasure
from tallymark.programme.written.hearing import WrittenHearing
from tallymark.programme.written.linkage import WrittenLinkage
from tallymark.programme.written.parts import Code, Name, Written
from tallymark.programme.written.patterns import WrittenPatterns
from tallymark.programme.written.place import WrittenProgramme, WrittenUnits
from tallymark.programme.written.review import WrittenReview
from tallymark.programme.written.verification import WrittenVerification
from tallymark.programme.written.waivers import WrittenWaiver


class WrittenFolder(Written):
    """Everything a programme folder declares, whichever files it is spread over."""

    programme: WrittenProgramme
    units: WrittenUnits
    datasets: dict[Name, WrittenDataset] = Field(default_factory=dict)
    sources: dict[Name, WrittenSource] = Field(default_factory=dict)
    measures: dict[Name, WrittenMeasure] = Field(default_factory=dict)
    indicators: dict[Name, WrittenIndicator] = Field(default_factory=dict)
    composites: dict[Name, WrittenComposite] = Field(default_factory=dict)
    checks: dict[Name, WrittenCheck] = Field(default_factory=dict)
    verifications: dict[Name, WrittenVerification] = Field(default_factory=dict)
    patterns: WrittenPatterns | None = None
    disclosure: WrittenDisclosure | None = None
    hearing: WrittenHearing | None = None
    review: WrittenReview | None = None
    waivers: list[WrittenWaiver] = Field(default_factory=list)
    contracts: dict[Code, WrittenContract] = Field(default_factory=dict)
    allocations: dict[Code, WrittenAllocation] = Field(default_factory=dict)
    linkages: dict[Name, WrittenLinkage] = Field(default_factory=dict)
    tests: list[WrittenExample] = Field(default_factory=list)
