"""Failures of one declared check, told once: its sentence, then a row for each unit and period with the figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby

from tallymark.model.text import Text
from tallymark.programme.resolved import Check
from tallymark.publish.edition import Edition
from tallymark.publish.numbers import plain
from tallymark.publish.records import Found

FEWEST, PREFIX = 3, "check."
Listed = dict[str, object]


def told_together(edition: Edition, findings: Sequence[Found]) -> list[tuple[Check | None, list[Found]]]:
    """Neighbouring failures of one check together, everything else by itself; in the order given."""
    found: list[tuple[Check | None, list[Found]]] = []
    for _, run in groupby(findings, key=lambda finding: (finding.code, finding.severity)):
        members = list(run)
        check = edition.facts.programme.checks.get(members[0].code.removeprefix(PREFIX))
        if check is None or len(members) < FEWEST or not all(map(_figures, members)):
            found += [(None, [finding]) for finding in members]
        else:
            found.append((check, members))
    return found


def failed_check(edition: Edition, check: Check, findings: Sequence[Found]) -> Listed:
    """A check that failed: what it says, and a table of where and with which figures."""
    programme, language = edition.facts.programme, edition.language
    titles: dict[str, Text] = {name: each.title for name, each in programme.measures.items()}
    titles |= {name: each.title for name, each in programme.indicators.items()}
    names = list(_figures(findings[0]))
    return {
        "severity": findings[0].severity,
        "said": edition.words(findings[0].severity),
        "code": findings[0].code,
        "title": check.title[language] or check.name,
        "expect": check.in_words(titles, language),
        "hint": check.hint[language],
        "columns": [(titles[name][language] or name) if name in titles else name for name in names],
        "rows": [_row(edition, finding, names) for finding in findings],
    }


def _row(edition: Edition, finding: Found, names: Sequence[str]) -> Listed:
    figures = _figures(finding)
    return {
        "unit": edition.name(finding.unit) if finding.unit else "",
        "href": (edition.plan.page(finding.unit) if finding.unit else "") or "",
        "period": finding.period,
        "figures": ["–" if figures.get(name) is None else plain(float(figures[name] or 0)) for name in names],
    }


def _figures(finding: Found) -> dict[str, float | None]:
    """The figures that a check quotes; empty when the finding is of another kind or tells none."""
    if not finding.code.startswith(PREFIX) or not finding.evidence:
        return {}
    said = json.loads(finding.evidence)
    whole = isinstance(said, dict) and all(
        value is None or isinstance(value, int | float) for value in said.values()
    )
    return said if whole else {}
