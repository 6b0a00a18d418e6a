"""Scorecards: the contract as a heat map, a unit with its gaps, an indicator, and any figure explained in place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tallymark.errors import TallymarkError
from tallymark.explaining.figure import explain as explain_figure
from tallymark.model.text import Text
from tallymark.programme.resolved import Level
from tallymark.publish.cells import heat
from tallymark.publish.edition import Edition
from tallymark.publish.explaining import points_kind, points_text
from tallymark.publish.html import CLASSES
from tallymark.publish.numbers import Kind, absent, decimal
from tallymark.publish.pages.gaps import gap_rows
from tallymark.publish.pages.lines import line_details
from tallymark.publish.pages.scorecard import ranks_text
from tallymark.publish.pages.totals import total_view
from tallymark.publish.records import Score
from tallymark.publish.scored_lines import ScoredLine
from tallymark_web.declared.views import amended_since
from tallymark_web.reading.explanation import shown as explanation_shown
from tallymark_web.reading.listing import ORDERS, Asked, listed, parents
from tallymark_web.reading.recounted import recounted
from tallymark_web.reading.runs import Reading, chosen, opened
from tallymark_web.words import explained, language, say
from tallymark_web.workplace import runs

A_PAGE = 100
MOST_RUNS = 30


def scores(request: HttpRequest) -> HttpResponse:
    """The heat map of the person's units, a hundred to a page: found by name or below a unit, in an order."""
    reading = reading_of(request)
    if reading is None:
        return render(request, "web/no_run.html", {"runs": []})
    edition, facts = reading.edition(), reading.facts
    mine = request.access.units("scores.view")
    asked = Asked.of(request.GET)
    units = listed(edition, mine, request.access.tree, asked)
    page = Paginator(units, A_PAGE).get_page(request.GET.get("page"))
    shown = about(request, reading) | {
        "sections": _sections(edition),
        "lines": facts.lines,
        "rows": [_row(edition, unit) for unit in page],
        "page": page,
        "asked": asked,
        "orders": [(word, title) for word, (title, _) in ORDERS.items()],
        "parents": parents(edition, mine),
        "elsewhere": sum(unit not in mine for unit in facts.totals),
        "others": _others(request, reading),
    }
    return render(request, "web/scores.html", shown)


def unit(request: HttpRequest, unit: str) -> HttpResponse:
    """A unit: total, ranks, gaps in the order of points, every line opening to how its points came about."""
    reading = reading_of(request)
    if reading is None or unit not in reading.facts.places.by_code:
        raise Http404
    edition, facts = reading.edition(), reading.facts
    scored = facts.scores.get(unit, {})
    lines = [line for line in facts.lines if line.key in scored]
    shown = about(request, reading) | {
        "unit": unit,
        "name": edition.name(unit),
        "scored_lines": lines,
        "may_appeal": bool(lines) and request.access.may("appeals.open", unit),
        "level": edition.level(unit),
        "total": total_view(edition, unit) if unit in facts.totals else None,
        "gaps": _gaps(edition, unit),
        "may_act": request.access.may("actions.open", unit),
        "sections": line_details(edition, unit, lines),
        "indicator_of": _indicators(lines),
        "figures": list(_figures(edition, unit)),
        "recounted": recounted(reading, unit, request.access.units("scores.view")),
        "children": [
            (code, edition.name(code))
            for code in facts.places.children.get(unit, ())
            if request.access.may("scores.view", code)
        ],
        "path": [(code, edition.name(code), request.access.may("scores.view", code)) for code in facts.places.path(unit)],
    }  # fmt: skip
    return render(request, "web/unit.html", shown)


def indicator(request: HttpRequest, indicator: str) -> HttpResponse:
    """An indicator: what it means, and the figures of the person's units of one level."""
    reading = reading_of(request)
    if reading is None or indicator not in reading.facts.programme.indicators:
        raise Http404
    edition, places = reading.edition(), reading.facts.places
    known = reading.facts.programme.indicators[indicator]
    mine = request.access.units("scores.view")
    levels, level = levels_of(reading, mine, request.GET.get("level"))
    units = [code for code, place in places.by_code.items() if code in mine and place.level == level]
    page = Paginator(units, A_PAGE).get_page(request.GET.get("page"))
    rows = [_figure(edition, code, indicator) | {"unit": code, "name": edition.name(code)} for code in page]
    shown = about(request, reading) | {
        "indicator": known,
        "in_words": edition.in_words(known),
        "rows": rows,
        "page": page,
        "levels": levels,
        "level": level,
    }
    return render(request, "web/indicator.html", shown)


def explain(request: HttpRequest, indicator: str, unit: str) -> HttpResponse:
    """Any figure explained, down to rows whose personal columns are covered."""
    reading = reading_of(request)
    if reading is None:
        raise Http404
    period = request.GET.get("period") or None
    try:
        found = explain_figure(
            reading.run, indicator=indicator, unit=unit, period=period, frozen=reading.facts.programme
        )
    except TallymarkError as error:
        return render(request, "web/no_figure.html", {"message": explained(error)}, status=404)
    below = [row for row in found.children if request.access.may("scores.view", row["unit"])]
    shown = about(request, reading) | explanation_shown(found, below, language())
    return render(request, "web/explain.html", shown)


def _indicators(lines: Sequence[ScoredLine]) -> dict[str, str]:
    """Line → the indicator that it scores."""
    scored = {line.code: getattr(line.declared, "indicator", None) for line in lines}
    return {code: known.name for code, known in scored.items() if known is not None}


def _gaps(edition: Edition, unit: str) -> list[dict[str, object]]:
    """The gaps with the codes of their lines, in the order of points."""
    lines = {line.key: line.code for line in edition.facts.lines}
    codes = [
        lines[gap.contract, gap.line]
        for gap in edition.facts.gaps.get(unit, [])
        if (gap.contract, gap.line) in lines
    ]
    return [row | {"code": code} for row, code in zip(gap_rows(edition, unit), codes, strict=True)]


def levels_of(reading: Reading, mine: frozenset[str], asked: str | None) -> tuple[list[Level], str]:
    """The levels of the person's units, and the chosen one: the contract's when nothing was chosen."""
    facts = reading.facts
    held = {place.level for code, place in facts.places.by_code.items() if code in mine}
    levels = [level for level in facts.programme.levels if level.code in held]
    codes = [level.code for level in levels]
    usual = facts.contract.level.code if facts.contract else ""
    chosen = next((code for code in (asked, usual, *codes[::-1]) if code in codes), "")
    return levels, chosen


def reading_of(request: HttpRequest) -> Reading | None:
    """The run that is asked for, or the newest; None when there is none."""
    name = request.GET.get("run")
    run = chosen(name)
    if run is None and name:
        raise Http404
    return None if run is None else opened(run)


def about(request: HttpRequest, reading: Reading) -> dict[str, Any]:
    """What every page of a run says about it."""
    facts = reading.facts
    return {
        "run": reading.run,
        "run_query": f"?run={reading.run.id}" if request.GET.get("run") else "",
        "period": reading.edition().period(facts.period.code),
        "contract": facts.contract,
        "rehearsal": facts.rehearsal,
        "behind": max(reading.behind, 0),
        "amended": amended_since(reading.run, facts.contract.code) if facts.contract else [],
    }


def _others(request: HttpRequest, reading: Reading) -> list[dict[str, Any]]:
    """The other runs one can look at, newest first."""
    return [
        {
            "id": run.id,
            "made_at": str(run.manifest["made_at"]),
            "mode": str(run.manifest["mode"]),
            "here": run.id == reading.run.id,
        }
        for run in runs()[::-1][:MOST_RUNS]
    ]


def _sections(edition: Edition) -> list[tuple[Text, int]]:
    grouped = groupby(edition.facts.lines, key=lambda line: (line.contract, line.section, line.section_title))
    return [(key[2], len(list(lines))) for key, lines in grouped]


def _row(edition: Edition, unit: str) -> dict[str, Any]:
    facts = edition.facts
    total, scored = facts.totals[unit].total, facts.scores.get(unit, {})
    return {
        "unit": unit,
        "name": edition.name(unit),
        "total": "—" if absent(total) else decimal(total, 1),
        "missing": absent(total),
        "ranks": ranks_text(edition, facts.ranks.get(unit)),
        "cells": [_cell(scored.get(line.key), line.code) for line in facts.lines],
    }


def _cell(score: Score | None, code: str) -> dict[str, Any]:
    kind = points_kind(score)
    shade = heat(score) if kind in (Kind.VALUE, Kind.ZERO) else ""
    return {
        "text": points_text(score, 1),
        "css": f"{CLASSES[kind]} {shade}".strip(),
        "indicator": score.indicator if score else "",
        "line": code,
        "heard": "" if kind in (Kind.VALUE, Kind.ZERO) else heard(kind),
    }


_HEARD = {
    Kind.MISSING: "missing",
    Kind.NOT_EXPECTED: "not expected",
    Kind.SUPPRESSED: "suppressed",
    Kind.UNDEFINED: "no cases to divide by",
}


def heard(kind: Kind) -> str:
    """What is said aloud where there is no figure."""
    return say(_HEARD[kind])


def _figures(edition: Edition, unit: str) -> Iterator[dict[str, Any]]:
    for name, known in edition.facts.programme.indicators.items():
        yield _figure(edition, unit, name) | {"indicator": name, "title": known.title}


def _figure(edition: Edition, unit: str, name: str) -> dict[str, Any]:
    """An indicator's figure of a unit as cells show it."""
    known = edition.facts.programme.indicators[name]
    figure = edition.facts.figures.get(unit, {}).get(name)
    shown = edition.shown(known, figure)
    valued = shown.kind in (Kind.VALUE, Kind.ZERO)
    return {
        "text": edition.value(known, figure.value) if figure and valued else shown.text,
        "css": CLASSES[shown.kind],
        "interval": edition.interval(known, figure) if figure and valued else "",
        "reports": f"{_whole(figure.usable)} / {_whole(figure.expected)}" if figure else "",
        "before": edition.number(known, figure.last_year) if figure and not absent(figure.last_year) else "",
        "known": valued,
        "heard": "" if valued else heard(shown.kind),
    }


def _whole(value: float) -> str:
    return "–" if math.isnan(value) else decimal(value)
