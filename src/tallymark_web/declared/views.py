"""The declared programme as it is in force: contracts with their rules in words, indicators, datasets, checks."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tallymark.model.text import Text
from tallymark.programme.files import read_folder
from tallymark.programme.gates import condition
from tallymark.programme.resolved import Check, Contract, Gate, Indicator, Programme
from tallymark.publish.awards import rule
from tallymark.publish.edition import formula, statistic_only
from tallymark.publish.numbers import plain
from tallymark.publish.words import Words
from tallymark.store.runs import Run
from tallymark.texts import translate
from tallymark_web.declared.acts import in_force
from tallymark_web.declared.models import PROPOSED, Revision
from tallymark_web.words import language
from tallymark_web.workplace import calendar_today, programme, runs

MOST_RUNS = 20


def declared(request: HttpRequest) -> HttpResponse:
    """The programme's contents: contracts, and every indicator, dataset and check in words."""
    known = programme()
    titles = _titles(known)
    shown = {
        "programme": known,
        "contracts": [{"contract": one, "in_force": _binds(one)} for one in known.contracts.values()],
        "indicators": [_indicator(one, titles) for one in known.indicators.values()],
        "datasets": [_dataset(one) for one in known.datasets.values()],
        "checks": [_check(one, titles) for one in known.checks.values()],
        "counts": {"units": len(known.units.codes), "files": len(known.files)},
        "may_write": request.access.everywhere("programme.write"),
        "waiting": Revision.objects.filter(state=PROPOSED).count(),
    }
    return render(request, "web/programme.html", shown)


def contract(request: HttpRequest, contract: str) -> HttpResponse:
    """A contract in words: lines, bonus, deductions, gates, grades; what was changed while in force; its scores."""
    known = programme()
    if contract not in known.contracts:
        raise Http404
    one = known.contracts[contract]
    words, titles = Words(language()), _titles(known)
    shown = {
        "contract": one,
        "in_force": _binds(one),
        "sections": _sections(one, words, titles),
        "deductions": [(part, rule(part, words, titles)) for part in one.deductions],
        "gates": [_gate(gate, titles) for gate in one.gates],
        "grades": [(grade.title, plain(grade.bound)) for grade in one.grades],
        "runs": [_run(run, one) for run in runs()[::-1] if run.manifest["contract"] == contract][:MOST_RUNS],
        "may_write": request.access.everywhere("programme.write"),
        "may_see": request.access.anywhere("scores.view"),
        "waiting": Revision.objects.filter(state=PROPOSED, subject=contract),
    }
    return render(request, "web/contract.html", shown)


def _binds(one: Contract) -> bool:
    return in_force(one, runs(), calendar_today())


def _titles(known: Programme) -> dict[str, Text]:
    titles = {name: measure.title or Text(name) for name, measure in known.measures.items()}
    return titles | {name: one.title or Text(name) for name, one in known.indicators.items()}


def _sections(one: Contract, words: Words, titles: dict[str, Text]) -> list[dict[str, Any]]:
    parts = [(section.title, section.lines, "") for section in one.sections]
    if one.bonus:
        parts.append((Text("Bonus", "加分"), one.bonus, plain(one.bonus_cap)))
    return [
        {
            "title": title,
            "cap": cap,
            "points": plain(sum(line.points for line in lines)),
            "lines": [
                {
                    "line": line,
                    "rule": rule(line, words, titles),
                    "indicator": line.indicator,
                    "when": line.when.in_words(titles, language()) if line.when else "",
                }
                for line in lines
            ],
        }
        for title, lines, cap in parts
    ]


def _gate(gate: Gate, titles: dict[str, Text]) -> dict[str, Any]:
    return {"gate": gate, "when": condition(gate, titles, language())}


def _run(run: Run, now: Contract) -> dict[str, Any]:
    """A run of the contract; `older` when the contract was changed since."""
    return {
        "id": run.id,
        "made_at": str(run.manifest["made_at"]),
        "mode": str(run.manifest["mode"]),
        "period": str(run.manifest["period"]),
        "older": len(now.amendments) > amendments_in(run.programme_folder, now.code),
    }


def amended_since(run: Run, code: str) -> list[tuple[dt.date, Text]]:
    """What was changed in a contract while it was in force after a run was made by it: day and reason."""
    one = programme().contracts.get(code)
    return (
        [(part.on, part.reason) for part in one.amendments[amendments_in(run.programme_folder, code) :]]
        if one
        else []
    )


@lru_cache(maxsize=64)
def amendments_in(folder: Path, code: str) -> int:
    """How many changes of a contract in force stand in the files of a run, which never change."""
    declared = read_folder(folder).sections.get("contracts", {}).get(code)
    return len(declared.get("amendments") or ()) if isinstance(declared, dict) else 0


def _dataset(one: Any) -> dict[str, Any]:
    return {
        "dataset": one,
        "kind": str(one.kind),
        "covered": sum(column.sensitivity in ("personal", "sensitive") for column in one.columns.values()),
    }


def _check(one: Check, titles: dict[str, Text]) -> dict[str, Any]:
    return {
        "title": one.title or Text(one.name),
        "expect": one.in_words(titles, language()),
        "severity": one.severity,
        "hint": one.hint,
    }


def _indicator(one: Indicator, titles: dict[str, Text]) -> dict[str, Any]:
    yearly = translate("periods a year", language())
    said = formula(one, lambda expression: expression.in_words(titles, language()), yearly)
    return {"indicator": one, "formula": said, "statistic": statistic_only(one)}
