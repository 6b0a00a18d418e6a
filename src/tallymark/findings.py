"""Findings: what is wrong with a programme or its data, as values that are collected, stored and shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rapidfuzz import fuzz, process

from tallymark.texts import Message, filled


class Severity(StrEnum):
    """How much a finding matters: an error makes `tallymark` exit 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Where:
    """The place a finding speaks of: in a declared file (file, line), a delivery (file, sheet, cell, row), the data."""

    file: str | None = None
    line: int | None = None
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    dataset: str | None = None
    item: str | None = None
    unit: str | None = None
    period: str | None = None
    page: int | None = None
    paragraph: int | None = None

    def __str__(self) -> str:
        place = self.file or ""
        if self.page is not None:
            place += f"[p. {self.page}]"
        if self.paragraph is not None:
            place += f"[¶ {self.paragraph}]"
        if self.line is not None:
            place += f":{self.line}"
        if self.sheet is not None:
            place += f"[{self.sheet}{'!' + self.cell if self.cell else ''}]"
        elif self.cell is not None:
            place += f"[{self.cell}]"
        elif self.row is not None:
            place += f":{self.row}"
        data = " ".join(part for part in (self.dataset, self.item, self.unit, self.period) if part)
        return " ".join(part for part in (place, data) if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found wrong.

    `template` and `hint_template` are English gettext messages with `{named}` places filled from `values`,
    so that the same finding reads in every language. `code` is stable and documented
    (`programme.unknown_name`, `rights.birth_quota`, `receive.not_a_number`, `check.<declared code>`).
    """

    code: str
    severity: Severity
    template: str
    hint_template: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    where: Where = field(default_factory=Where)
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def message(self, language: str = "en") -> str:
        """What is wrong, in `language`."""
        return filled(self.template, self.values, language)

    def hint(self, language: str = "en") -> str:
        """What to do about it, in `language`; empty when there is nothing to add."""
        return filled(self.hint_template, self.values, language) if self.hint_template else ""

    def __str__(self) -> str:
        hint = self.hint()
        return f"{self.where}: {self.severity} {self.code}: {self.message()}" + (f" — {hint}" if hint else "")


def errors_among(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that stop a programme from loading."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def known_words(word: str, known: Iterable[str], *, most: int = 12) -> Message:
    """What may have been meant by a word that is not known, or else what there is (the first ones of many)."""
    names = list(known)
    near = did_you_mean(word, names)
    if near:
        return Message("did you mean {near}?", near=", ".join(near))
    if len(names) > most:
        return Message("there are {count}, such as {names}", count=len(names), names=", ".join(names[:most]))
    return Message("there are: {names}", names=", ".join(names) or "–")


def did_you_mean(word: str, known: Iterable[str], *, cutoff: float = 70.0, most: int = 3) -> list[str]:
    """The known words nearest to a misspelt one, best first; empty when none is near."""
    # A short name is no guess for a long one, although it may lie inside it.
    alike = [name for name in known if min(len(name), len(word)) >= 0.4 * max(len(name), len(word))]
    found = process.extract(
        word, alike, scorer=fuzz.WRatio, processor=str.lower, score_cutoff=cutoff, limit=most
    )
    return [name for name, _, _ in found]
