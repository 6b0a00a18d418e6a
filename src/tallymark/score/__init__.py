"""Scoring: awards, totals, ranks, gaps, and totals given out to units."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallymark.score.allocating import allocate, allocate_all
    from tallymark.score.scoring import Scored, score

_PUBLIC = {
    "Scored": "tallymark.score.scoring",
    "allocate": "tallymark.score.allocating",
    "allocate_all": "tallymark.score.allocating",
    "score": "tallymark.score.scoring",
}

__all__ = ["Scored", "allocate", "allocate_all", "score"]


def __getattr__(name: str) -> Any:
    """A public name, imported when first used: explaining points needs no ranks, whose SciPy is slow to import."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
