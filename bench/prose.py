"""How many errors of reports are found, and how many false ones, on reports written before the code was looked at.

Run: python -m bench.prose — prints precision and recall, and what was missed or wrongly told.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from tallymark.findings import Finding, Severity
from tallymark.verify.prose import check_text

HOME = Path(__file__).parent / "prose_reports"
FILES = ("clean.yaml", "faulty.yaml", "second.yaml")


def told(text: str) -> list[Finding]:
    """Findings that say something is wrong (no notes)."""
    return [finding for finding in check_text(text).findings if finding.severity != Severity.NOTE]


def measured(files: tuple[str, ...] = FILES) -> tuple[int, int, list[str], list[str]]:
    """Errors planted, errors found, what was missed, what was told wrongly."""
    planted = found = 0
    missed: list[str] = []
    false: list[str] = []
    for file in files:
        for report in yaml.safe_load((HOME / file).read_text(encoding="utf-8")):
            findings, marks = told(report["text"]), report.get("errors", [])
            said = [f"{finding.message('en')} {finding.evidence}" for finding in findings]
            for mark in marks:
                planted += 1
                hit = any(mark.rstrip("%") in each for each in said)
                found += hit
                missed += [] if hit else [f"{report['name']}: {mark}"]
            for finding, each in zip(findings, said, strict=True):
                if not any(mark.rstrip("%") in each for mark in marks):
                    false.append(f"{report['name']}: {finding.code} {each[:300]}")
    return planted, found, missed, false


def main() -> None:
    """Print it, the first set (used for mending) and the second."""
    for files in (FILES[:2], FILES[2:]):
        planted, found, missed, false = measured(files)
        print(f"{', '.join(files)}: {found} of {planted} errors found; {len(false)} false")
        print("\n".join(["missed:", *missed, "false:", *false, ""]))


if __name__ == "__main__":
    main()
