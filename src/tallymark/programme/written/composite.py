"""Composite indicators as written: figures brought to one scale and put together by weights."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tallymark.programme.written.parts import Described, Written


class WrittenPart(Written):
    """A figure that is put in."""

    indicator: str = Field(description="Indicator; which way is better is its own `direction`.")
    weight: float = Field(
        1.0, gt=0, strict=True, description="Its weight; only the proportions of the weights count."
    )
    target: float | None = Field(
        None,
        gt=0,
        strict=True,
        description="For `normalise: target`: the figure from which it counts in full.",
    )


class WrittenComposite(Described):
    """Several figures as one, among units of the same level in the run's own period.

    It has no interval: it says nothing about the noise of its parts, only about the choice of weights.
    """

    parts: list[WrittenPart] = Field(min_length=1, description="What is put in, two at least.")
    normalise: Literal["min-max", "z", "rank", "percentile", "target"] = Field(
        description="Scale that figures are brought to: min-max (0 the worst unit, 1 the best), z (standard deviations "
        "from the mean), rank, percentile (share of units that are worse), target (share of it reached, 1 at most)."
    )
    aggregate: Literal["arithmetic", "geometric", "minimum"] = Field(
        "arithmetic",
        description="arithmetic: a good figure makes up for a bad one; geometric: less so; minimum: not at all.",
    )
    spread: float | None = Field(
        None,
        gt=0,
        lt=1,
        strict=True,
        description="Sensitivity: how units move when each part weighs up to this share of itself more or less; "
        "0.2 when left out.",
    )
    decimals: int = Field(2, ge=0, le=6, description="Decimals shown; nothing is rounded in computing.")
