"""What stops Tallymark: a small tree of errors, each saying what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallymark.findings import Finding


class TallymarkError(Exception):
    """Tallymark cannot go on; the message says where, what and what to do.

    With `values` the message is a template with named places, and `texts.told` can say it in other languages.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template.format_map(values) if values else template)
        self.template = template
        self.values: Mapping[str, object] = values


class ProgrammeError(TallymarkError):
    """The declared programme cannot be used; `findings` lists every problem, not just the first."""

    def __init__(self, template: str, findings: Sequence[Finding] = (), **values: object) -> None:
        super().__init__(template, **values)
        self.findings = tuple(findings)


class ReceiveError(TallymarkError):
    """A delivery cannot be read at all (no such file, not a workbook, a sheet is missing)."""


class StoreError(TallymarkError):
    """The store cannot be opened, read or written."""


class AssessmentError(TallymarkError):
    """A run cannot be made or read (unknown contract, no data for the period)."""
