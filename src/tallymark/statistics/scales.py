"""What is known of scales without computing anything: light to import, for those who only check what is declared."""

from __future__ import annotations

REACH_ZERO = {"min-max": "0", "z": "a number below 0", "rank": "0"}
"""Scales whose figures are not all above 0, and what the worst unit has."""
