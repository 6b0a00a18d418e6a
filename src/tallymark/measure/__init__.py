"""Measures, roll-ups, indicators: what was received becomes counted figures for every unit and period."""

from __future__ import annotations

from tallymark.measure.measuring import Measured, measure

__all__ = ["Measured", "measure"]
