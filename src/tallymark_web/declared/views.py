"""The declared programme as it is in force: contracts with their rules in words, indicators, datasets, checks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tallymark.model.text import Text
from tallymark.programme.resolved import Check, Contract, Indicator, Programme
from tallymark.publish.awards import rule
from tallymark.publish.edition import formula, statistic_only
from tallymark.publish.words import Words
from tallymark_web.words import language
from tallymark_web.workplace import programme


def declared(request: HttpRequest) -> HttpResponse:
    """The whole programme on one page, by its own order."""
    known = programme()
    words, titles = Words(language()), _titles(known)
    shown = {
        "programme": known,
        "contracts": [_contract(contract, words, titles) for contract in known.contracts.values()],
        "indicators": [_indicator(one, titles) for one in known.indicators.values()],
        "datasets": list(known.datasets.values()),
        "checks": [_check(one, titles) for one in known.checks.values()],
        "counts": {"units": len(known.units.codes), "files": len(known.files)},
    }
    return render(request, "web/programme.html", shown)


def _titles(known: Programme) -> dict[str, Text]:
    titles = {name: measure.title or Text(name) for name, measure in known.measures.items()}
    return titles | {name: one.title or Text(name) for name, one in known.indicators.items()}


def _contract(contract: Contract, words: Words, titles: dict[str, Text]) -> dict[str, Any]:
    sections = [
        {
            "title": section.title,
            "lines": [
                {"line": line, "rule": rule(line, words, titles), "indicator": line.indicator}
                for line in section.lines
            ],
        }
        for section in contract.sections
    ]
    return {"contract": contract, "sections": sections}


def _check(one: Check, titles: dict[str, Text]) -> dict[str, Any]:
    return {
        "title": one.title or Text(one.name),
        "expect": one.expect.in_words(titles, language()),
        "severity": one.severity,
        "hint": one.hint,
    }


def _indicator(one: Indicator, titles: dict[str, Text]) -> dict[str, Any]:
    said = formula(one, lambda expression: expression.in_words(titles, language()), "×")
    return {"indicator": one, "formula": said, "statistic": statistic_only(one)}
