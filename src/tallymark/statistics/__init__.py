"""Numeric kernels: pure NumPy and SciPy, arrays in, arrays out, NaN where not defined.

Names are looked up when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallymark.statistics.intervals import mean_interval, poisson_interval, proportion_interval
    from tallymark.statistics.ranking import expected_ranks, rank_sets

_HOMES = {
    "proportion_interval": "intervals",
    "poisson_interval": "intervals",
    "mean_interval": "intervals",
    "rank_sets": "ranking",
    "expected_ranks": "ranking",
}

__all__ = ["expected_ranks", "mean_interval", "poisson_interval", "proportion_interval", "rank_sets"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
