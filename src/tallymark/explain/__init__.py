"""Every figure explains itself, down to its rows."""

from __future__ import annotations

from tallymark.explain.explanation import Explanation
from tallymark.explain.figure import explain

__all__ = ["Explanation", "explain"]
