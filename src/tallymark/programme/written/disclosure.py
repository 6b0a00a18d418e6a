"""What may be made public of counts of people, as written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tallymark.programme.written.parts import Code, Name, Written

Publish = Literal["always", "unless_small", "never"]


class WrittenDisclosure(Written):
    """Which counts of people are too small to publish, and down to which detail figures are published.

    Counts of people are: measures over a register with personal columns, sensitive items, measures of indicators
    that are statistics only, and those named here. Everything else (supplies, money, marks) is published as it is.
    """

    fewest: int = Field(
        5,
        ge=3,
        le=100,
        strict=True,
        description="Smallest count of people that is published; 1 to one less is withheld.",
    )
    zeros: bool = Field(
        False, description="Withhold 0 as well: that nobody is there can tell something, too."
    )
    spread: float = Field(
        2.0,
        ge=1,
        description="Nobody may work out a withheld small count more closely than to bounds this far apart.",
    )
    people: list[Name] = Field(default_factory=list, description="Further measures that count people.")
    offices: list[Name] = Field(
        default_factory=list,
        description="Measures over a register of the office's own staff; never of sensitive columns.",
    )
    finest: dict[Code, str] = Field(
        default_factory=dict,
        description="Level → shortest period published at it for counts of people; the run's own period below the "
        "contract's level when left out.",
    )
