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
LATER = ("third.yaml", "fourth.yaml")
"""Two more, with the kind of each error."""
LAST = ("fifth.yaml", "sixth.yaml", "seventh.yaml")
"""Thirty reports with 61 errors and fifteen without, frozen before they were tried; fifteen and ten more, each after mending."""

LINKED = ("eighth_development.yaml", "ninth.yaml", "tenth.yaml")
"""One to mend with (124 errors), and two frozen before they were tried: 86 errors and fifteen reports without, 45 and six."""


def told(text: str) -> list[Finding]:
    """Findings that say something is wrong (no notes)."""
    return [finding for finding in check_text(text).findings if finding.severity != Severity.NOTE]


def words_of(finding: Finding) -> str:
    """What a finding says itself, without the whole sentence it stands in."""
    evidence = finding.evidence if isinstance(finding.evidence, dict) else {}
    return f"{finding.message('en')} {evidence.get('arithmetic', '')} {evidence.get('repairs', '')}"


def by_kind(files: tuple[str, ...]) -> dict[str, list[bool]]:
    """Of each kind of error in the files that name kinds, whether each was found."""
    kinds: dict[str, list[bool]] = {}
    for file in files:
        for report in yaml.safe_load((HOME / file).read_text(encoding="utf-8")):
            said = [words_of(finding) for finding in told(report["text"])]
            for error in report.get("errors", []):
                hit = any(error["mark"].rstrip("%倍") in each for each in said)
                kinds.setdefault(error["kind"], []).append(hit)
    return kinds


def measured(files: tuple[str, ...] = FILES) -> tuple[int, int, list[str], list[str]]:
    """Errors planted, errors found, what was missed, what was told wrongly."""
    planted = found = 0
    missed: list[str] = []
    false: list[str] = []
    for file in files:
        for report in yaml.safe_load((HOME / file).read_text(encoding="utf-8")):
            findings = told(report["text"])
            marks = [mark["mark"] if isinstance(mark, dict) else mark for mark in report.get("errors", [])]
            said = [words_of(finding) for finding in findings]
            for mark in marks:
                planted += 1
                hit = any(mark.rstrip("%倍") in each for each in said)
                found += hit
                missed += [] if hit else [f"{report['name']}: {mark}"]
            for finding, each in zip(findings, said, strict=True):
                if not any(mark.rstrip("%倍") in each for mark in marks):
                    false.append(f"{report['name']}: {finding.code} {each[:300]}")
    return planted, found, missed, false


def main() -> None:
    """Print it, set by set, and by kind where kinds are named."""
    for files in (
        FILES[:2],
        FILES[2:],
        LATER[:1],
        LATER[1:],
        LAST[:1],
        LAST[1:2],
        LAST[2:],
        LINKED[:1],
        LINKED[1:2],
        LINKED[2:],
    ):
        planted, found, missed, false = measured(files)
        print(f"{', '.join(files)}: {found} of {planted} errors found; {len(false)} false")
        print("\n".join(["missed:", *missed, "false:", *false, ""]))
    for kind, hits in sorted(by_kind((*LATER, *LAST, *LINKED)).items()):
        print(f"{kind}: {sum(hits)} of {len(hits)}")


if __name__ == "__main__":
    main()
