"""What stops a system of equations."""

from __future__ import annotations

from tallymark.errors import AssessmentError


class EquationError(AssessmentError):
    """An equation cannot be read, or the system has no solution; the message names the variable and its text."""
