"""The statistics functions: signature and docstring."""

from __future__ import annotations

from docs.pages.markdown import page
from docs.pages.signatures import described

from tallymark import statistics

INTRO = """`from tallymark.statistics import …`. Arrays in, arrays out, broadcast together; `level` is the confidence
level; NaN where something is not defined, never 0."""


def statistics_page() -> str:
    """docs/reference/statistics.md."""
    parts = [part for name in statistics.__all__ for part in described(name, getattr(statistics, name))]
    return page("Statistics", INTRO, *parts)
