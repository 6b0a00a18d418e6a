"""How units are heard on findings before they are named in public, as written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tallymark.programme.written.parts import Name, Written


class WrittenHearing(Written):
    """A finding names its unit in public only once the unit answered, or its days to answer are over.

    Until then the public sees how many findings of a kind there are. Offices see all of them at once.
    """

    answer_days: int = Field(
        30,
        ge=1,
        le=366,
        strict=True,
        description="Days to answer, from the day on which the last of the figures in question was received.",
    )
    answers: Name | None = Field(
        None,
        description="Dataset of events with columns code, period, answer and ruling: what units say to findings.",
    )
    named: list[Literal["checks", "patterns"]] = Field(
        default_factory=lambda: ["checks"],  # type: ignore[arg-type]
        description="Findings that name their unit once it was heard; of patterns only numbers are public unless said.",
    )
