"""Findings: what was found wrong in the data, counted by kind, then one by one."""

from __future__ import annotations

from collections.abc import Sequence

from tallymark.publish.charts.drawing import shortened
from tallymark.publish.edition import Edition
from tallymark.publish.explaining import SEVERITIES, count_by_severity
from tallymark.publish.html import Pages
from tallymark.publish.numbers import decimal
from tallymark.publish.pages.failed_checks import failed_check, told_together
from tallymark.publish.pages.figures import finding_text
from tallymark.publish.plan import BUDGET, packed
from tallymark.publish.records import Found

MOST_LISTED = 4_000
"""Findings shown one by one; the data files have all of them."""
MOST_KINDS = 200
LONGEST = 170.0
"""Length of an example, in widths of a Chinese character."""


def write_findings(pages: Pages) -> None:
    """The summary and the list, on as many pages as it needs."""
    edition, words = pages.edition, pages.edition.words
    ordered = sorted(edition.facts.findings, key=_order)
    shown = ordered[:MOST_LISTED]
    numbers = packed([_weight(finding) for finding in shown], BUDGET * 0.8)
    last = numbers[-1] if numbers else 1
    for number in range(1, last + 1):
        here = [finding for finding, page in zip(shown, numbers, strict=True) if page == number]
        pages.write(
            page_path(number),
            "findings.html",
            page_title=words("Findings"),
            section="findings.html",
            number=number,
            headline=_headline(edition),
            kinds=_kinds(edition, ordered) if number == 1 else [],
            findings=[
                failed_check(edition, check, members)
                if check
                else {**finding_text(edition, members[0]), **_place(edition, members[0])}
                for check, members in told_together(edition, here)
            ],
            more=decimal(len(ordered) - len(shown)) if len(ordered) > len(shown) else "",
            pager=[(page_path(n), str(n), n == number) for n in range(1, last + 1)],
        )


def page_path(number: int) -> str:
    """The file of one of the pages of findings."""
    return "findings.html" if number == 1 else f"findings.{number}.html"


def _order(finding: Found) -> tuple[int, str, str, str, str]:
    severity = SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else len(SEVERITIES)
    return severity, finding.code, finding.unit, finding.period, finding.item


def _weight(finding: Found) -> int:
    texts = (finding.message, finding.message_zh, finding.hint, finding.hint_zh, finding.file, finding.code)
    return 330 + sum(len(text.encode()) for text in texts)


def _headline(edition: Edition) -> str:
    words, counts = edition.words, count_by_severity(edition.facts.findings)
    if not counts:
        return words("Nothing wrong was found")
    said = [
        words.some(counts[severity], *PHRASES[severity], n_=counts[severity])
        for severity in SEVERITIES
        if severity in counts
    ]
    return words("Found in the data: {counts}", counts=words.names(said, 3))


PHRASES = {
    "error": ("{n} error", "{n} errors"),
    "warning": ("{n} warning", "{n} warnings"),
    "note": ("{n} note", "{n} notes"),
}


def _kinds(edition: Edition, findings: Sequence[Found]) -> list[dict[str, str]]:
    """One row for each code and dataset, with its first message as an example."""
    groups: dict[tuple[str, str, str], list[Found]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code, finding.dataset), []).append(finding)
    found = []
    for (severity, code, dataset), members in list(groups.items())[:MOST_KINDS]:
        declared = edition.facts.programme.datasets.get(dataset)
        found.append(
            {
                "severity": severity,
                "said": edition.words(severity),
                "code": code,
                "dataset": declared.title[edition.language] if declared and declared.title else dataset,
                "n": decimal(len(members)),
                "example": shortened(finding_text(edition, members[0])["message"], LONGEST, 1.0),
            }
        )
    return found


def _place(edition: Edition, finding: Found) -> dict[str, str]:
    page = edition.plan.page(finding.unit) if finding.unit else None
    cell = f"{finding.sheet}!{finding.cell}" if finding.sheet and finding.cell else finding.cell
    row = "" if finding.row != finding.row or cell else edition.words("row {n}", n=decimal(finding.row))
    return {"href": page or "", "file": " ".join(part for part in (finding.file, cell, row) if part)}
