"""What stops Tallymark: a small tree of errors, each saying what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallymark.findings import Finding


class TallymarkError(Exception):
    """Tallymark cannot go on; the message says where, what and what to do."""


class ProgrammeError(TallymarkError):
    """The declared programme cannot be used; `findings` lists every problem, not just the first."""

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class ReceiveError(TallymarkError):
    """A delivery cannot be read at all (no such file, not a workbook, a sheet is missing)."""


class StoreError(TallymarkError):
    """The store cannot be opened, read or written."""


class AssessmentError(TallymarkError):
    """A run cannot be made or read (unknown contract, no data for the period)."""
