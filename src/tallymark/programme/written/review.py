"""A ready-made data quality review, as written."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tallymark.programme.written.parts import Name, Written

Metric = Literal[
    "reporting", "timeliness", "data", "outliers_extreme", "outliers_moderate", "outliers_modified_z", "over_time",
    "related", "equal", "dropout", "external",
]  # fmt: skip


class WrittenPair(Written):
    """Two figures that go together."""

    first: Name = Field(description="Measure or indicator, such as first antenatal visits.")
    second: Name = Field(description="The one that it is held against, such as first doses.")


class WrittenReview(Written):
    """A named set of checks of a year's data with its own thresholds, summed up in the table `quality`.

    who_dqr: the desk review of the WHO data quality review (2017), as WHO's Data Quality Tool works it out.
    """

    use: Literal["who_dqr"] = Field(description="Which set.")
    level: str = Field(description="Level whose units are reviewed (districts in WHO's words).")
    datasets: list[Name] = Field(
        default_factory=list,
        description="Datasets of reports: completeness and timeliness; all when left out.",
    )
    values: list[Name] = Field(
        default_factory=list, description="Measures: outliers, completeness of data, consistency over time."
    )
    related: list[WrittenPair] = Field(
        default_factory=list,
        description="Figures that move together: their ratio is held against that of all.",
    )
    equal: list[WrittenPair] = Field(
        default_factory=list, description="Figures that should be the same: their ratio is held against 1."
    )
    dropout: list[WrittenPair] = Field(
        default_factory=list, description="First and last of a series: the last is not above the first."
    )
    external: list[WrittenPair] = Field(
        default_factory=list, description="Routine figure, and the same from a survey or another source."
    )
    thresholds: dict[Metric, float] = Field(
        default_factory=dict,
        description="Metric → threshold for a unit, where not as usual (WHO leaves them to the user).",
    )
