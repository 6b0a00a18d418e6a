"""Small declared programmes around one text, for the tests of the rights gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallymark.findings import Finding, Severity
from tallymark.programme.rights import rights_findings_raw

Raw = dict[str, Any]
NOWHERE: dict[tuple[str | int, ...], tuple[str, int]] = {}


def programme(**sections: Any) -> Raw:
    """A programme with a plain monthly report, on which the sections are laid."""
    base: Raw = {
        "programme": {"code": "test", "title": "Test", "levels": [{"code": "top", "title": "Top"}, {"code": "town", "title": "Town"}]},
        "units": {"rows": [{"unit": "A", "level": "top"}, {"unit": "B", "level": "town", "parent": "A"}]},
        "datasets": {"monthly": {"kind": "reports", "frequency": "month", "level": "town", "items": {"done": {}, "due": {}}}},
        "measures": {"done": {"dataset": "monthly", "item": "done"}, "due": {"dataset": "monthly", "item": "due"}},
        "indicators": {"share_done": indicator("Done of due")},
    }  # fmt: skip
    for section, content in sections.items():
        base[section] = {**base.get(section, {}), **content}
    return base


def indicator(title: Any, concerns: str = "service_coverage", **more: Any) -> Raw:
    """A share of the plain report, under any title."""
    return {
        "title": title,
        "numerator": "done",
        "denominator": "due",
        "factor": 100,
        "direction": "higher",
        "concerns": concerns,
        **more,
    }


def line(title: Any, counts: str = "share_done", code: str = "l1", **more: Any) -> Raw:
    """A scored line."""
    return {
        "code": code,
        "title": title,
        "points": 5,
        "indicator": counts,
        "award": {"kind": "proportional", "target": 95},
        **more,
    }


def contract(*lines: Raw, **more: Any) -> Raw:
    """A contract of one plain section."""
    sections = [{"code": "s1", "title": "Work", "lines": list(lines) or [line("Done of due")]}]
    return {"title": "Contract", "level": "town", "period": "2025", "points": 5, "sections": sections, **more}


def scored_line(title: Any) -> Raw:
    """A programme that scores a line of this title; what it counts has a plain name."""
    return programme(contracts={"c": contract(line(title))})


def scored_throughout(title: Any, concerns: str = "service_coverage") -> Raw:
    """A programme that scores a line of this title, and uses it for the indicator, the measure and the item as well."""
    return programme(
        datasets={
            "d": {"kind": "reports", "frequency": "month", "items": {"i1": {"title": title}, "i2": {}}}
        },
        measures={"m1": {"dataset": "d", "item": "i1", "title": title}, "m2": {"dataset": "d", "item": "i2"}},
        indicators={"x": indicator(title, concerns, numerator="m1", denominator="m2")},
        contracts={"c": contract(line(title, "x"))},
    )


def deduction(title: Any) -> Raw:
    return programme(
        contracts={
            "c": contract(deductions=[{"code": "d1", "title": title, "indicator": "share_done", "each": 1}])
        }
    )


def gate(title: Any) -> Raw:
    written = {
        "code": "g1",
        "title": title,
        "when": "share_done < 50",
        "effect": "void",
        "reason": "As said.",
    }
    return programme(contracts={"c": contract(gates=[written])})


def bonus(title: Any) -> Raw:
    return programme(contracts={"c": contract(bonus={"cap": 5, "lines": [line(title, code="b1")]})})


def allocation(title: Any) -> Raw:
    return programme(allocations={"a": {"title": title, "total": 94, "level": "town", "by": "equal"}})


def statistic(title: Any, concerns: str = "births") -> Raw:
    """A statistic of this title that stands in no contract."""
    return programme(indicators={"x": indicator(title, concerns, direction="none")})


def check(title: Any) -> Raw:
    return programme(checks={"k": {"title": title, "expect": "done <= due"}})


def item(title: Any) -> Raw:
    return programme(
        datasets={"d": {"kind": "reports", "frequency": "month", "items": {"i1": {"title": title}}}}
    )


def column(title: Any) -> Raw:
    return programme(datasets={"d": {"kind": "events", "columns": {"c1": {"type": "text", "title": title}}}})


def benefit(title: Any) -> Raw:
    """A benefit's payments, counted as finance."""
    return programme(indicators={"x": indicator(title, "finance")})


def heading(title: Any) -> Raw:
    written = contract()
    written["sections"][0]["title"] = title
    return programme(contracts={"c": written})


FORMS = {
    "line": scored_line, "throughout": scored_throughout, "deduction": deduction, "gate": gate, "bonus": bonus,
    "allocation": allocation, "statistic": statistic, "check": check, "item": item, "column": column, "benefit": benefit,
    "heading": heading,
}  # fmt: skip


def refusals(raw: Mapping[str, Any]) -> list[Finding]:
    """What the gate refuses in a programme."""
    return [finding for finding in rights_findings_raw(raw, NOWHERE) if finding.severity is Severity.ERROR]


def rules(raw: Mapping[str, Any]) -> set[str]:
    """The rules that refuse a programme."""
    return {finding.code.removeprefix("rights.") for finding in refusals(raw)}


def shown(raw: Mapping[str, Any]) -> list[str]:
    """Rule and words of each refusal, for a test's message."""
    return [f"{finding.code}: {finding.evidence['matched']}" for finding in refusals(raw)]
