"""The receipt: what the giver of a file gets back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tallymark.findings import Finding, Severity
from tallymark.texts import translate
from tallymark.vault.places import KEY_FILE

KEY_MADE = (
    "What identifies people went to the vault. No key was set, so one was made: {key}. Move it away from store and "
    "vault, keep a copy under lock, and set {variable} to where it is."
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a dataset's rows (events) or values (reports, stocks).

    read = taken + corrected + unchanged + refused. Beside these: cells left blank, cells that say there is no value,
    and rows left to no table on purpose.
    """

    read: int = 0
    taken: int = 0
    corrected: int = 0
    unchanged: int = 0
    refused: int = 0
    blank: int = 0
    missing: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery: what it was, what became of it, and what was found."""

    batch: int
    """Number of the batch; for a file received before, the batch in which it was."""
    again: bool
    """Whether the same file had been received before, so that nothing changed."""
    source: str
    file: str
    hash: str
    """SHA-256 of the file's bytes."""
    size: int
    received_at: dt.datetime
    datasets: Mapping[str, Counts]
    findings: tuple[Finding, ...]
    key_made: Path | None = None
    """Where the vault's key was made just now, because nobody had said where it is."""

    def as_dict(self) -> dict[str, Any]:
        """The receipt without its findings, ready for JSON."""
        return {
            "batch": self.batch,
            "again": self.again,
            "source": self.source,
            "file": self.file,
            "hash": self.hash,
            "size": self.size,
            "received_at": self.received_at.isoformat(),
            "datasets": {name: asdict(counts) for name, counts in self.datasets.items()},
            "key_made": None if self.key_made is None else str(self.key_made),
            "found": {severity.value: self._found(severity) for severity in Severity},
        }

    def summary(self, language: str = "en") -> str:
        """A few lines for the giver, in `language`."""
        lines = [self._counted(language)]
        if self.key_made is not None:
            said = translate(KEY_MADE, language)
            lines.append(said.format(key=self.key_made, variable=KEY_FILE))
        return "\n".join(lines)

    def _counted(self, language: str) -> str:
        if self.again:
            again = translate("{file} was received before, as batch {batch}: nothing changed.", language)
            return again.format(file=self.file, batch=self.batch)
        head = translate("{file} received as batch {batch}.", language)
        lines = [head.format(file=self.file, batch=self.batch)]
        row = translate(
            "{dataset}: {read} read: {taken} taken, {corrected} corrected, {unchanged} unchanged, {refused} refused.",
            language,
        )
        for name, counts in self.datasets.items():
            shown = {key: f"{value:,}" for key, value in asdict(counts).items()}
            lines.append(row.format(dataset=name, **shown))
        found = translate("Findings: {error} errors, {warning} warnings, {note} notes.", language)
        lines.append(found.format(**{severity.value: self._found(severity) for severity in Severity}))
        return "\n".join(lines)

    def _found(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)
