"""Every figure explains itself, down to its rows."""

from __future__ import annotations

from tallymark.explaining.explanation import Explanation
from tallymark.explaining.figure import explain

__all__ = ["Explanation", "explain"]
