"""Measures, roll-ups, indicators: what was received becomes counted figures for every unit and period."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallymark.measure.measuring import Measured, measure

__all__ = ["Measured", "measure"]


def __getattr__(name: str) -> Any:
    """A public name, imported when first used: counting alone needs no statistics, which are slow to import."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("tallymark.measure.measuring"), name)
