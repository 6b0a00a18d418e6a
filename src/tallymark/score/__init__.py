"""Scoring: awards, totals, ranks, gaps, and totals given out to units."""

from __future__ import annotations

from tallymark.score.allocate import allocate, allocate_all
from tallymark.score.scoring import Scored, score

__all__ = ["Scored", "allocate", "allocate_all", "score"]
