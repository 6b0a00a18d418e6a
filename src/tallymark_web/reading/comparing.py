"""Units and years side by side, and an indicator over time, unit by unit."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tallymark.programme.resolved import Indicator, Line
from tallymark.programme.written.contract import AllOrNothing, Proportional
from tallymark.publish.edition import Edition, statistic_only
from tallymark.publish.html import CLASSES
from tallymark.publish.numbers import Kind
from tallymark.publish.records import Figure
from tallymark.publish.series import FEWEST, LARGE, SMALL, draw
from tallymark.publish.slices import Past, past_of
from tallymark_web.reading.runs import Reading
from tallymark_web.reading.views import about, heard, levels_of, reading_of

A_PAGE, MOST_UNITS, MOST_CHOICES = 24, 4, 400


def trends(request: HttpRequest, indicator: str) -> HttpResponse:
    """An indicator over time: one chart for one unit, small ones beside each other for many."""
    reading = _reading(request)
    known = reading.facts.programme.indicators.get(indicator)
    if known is None:
        raise Http404
    mine = request.access.units("scores.view")
    levels, level = levels_of(reading, mine, request.GET.get("level"))
    asked = [unit for unit in request.GET.getlist("unit") if unit in mine][:A_PAGE]
    places = reading.facts.places.by_code
    units = asked or [code for code, place in places.items() if code in mine and place.level == level]
    page = Paginator(units, A_PAGE).get_page(request.GET.get("page"))
    past = _past(reading, indicator=[indicator], unit=list(page))
    frequencies = _frequencies(past)
    frequency = request.GET.get("frequency", "")
    chosen = frequency if frequency in frequencies else _shortest(past, frequencies)
    edition, frame = reading.edition(), LARGE if len(page) == 1 else SMALL
    charts = [
        {
            "unit": unit,
            "name": edition.name(unit),
            "chart": draw(
                edition,
                known,
                past.get(unit, {}).get(indicator, {}).get(chosen, []),
                name=f"t{at}",
                place=edition.name(unit),
                frame=frame,
                target=_target(reading, known),
            ),
        }
        for at, unit in enumerate(page)
    ]
    shown = about(request, reading) | {
        "indicator": known,
        "in_words": edition.in_words(known),
        "charts": charts,
        "one": len(charts) == 1,
        "page": page,
        "levels": levels,
        "level": level,
        "asked": asked,
        "frequencies": frequencies,
        "frequency": chosen,
        "statistic": statistic_only(known),
    }
    return render(request, "web/trends.html", shown)


def compare(request: HttpRequest) -> HttpResponse:
    """Up to four units beside each other, every figure of three years."""
    reading = _reading(request)
    mine = request.access.units("scores.view")
    levels, level = levels_of(reading, mine, request.GET.get("level"))
    places = reading.facts.places.by_code
    chosen = [unit for unit in request.GET.getlist("unit") if unit in mine and unit in places][:MOST_UNITS]
    edition, frequency = reading.edition(), reading.facts.period.frequency
    asked = request.GET.get("q", "").strip()[:60].casefold()
    there = [code for code, place in places.items() if code in mine and place.level == level]
    fitting = [
        code for code in there if code not in chosen and (not asked or asked in edition.name(code).casefold())
    ]
    choices = [(code, edition.name(code)) for code in (*chosen, *fitting[:MOST_CHOICES])]
    past = _past(reading, unit=chosen, frequency=[frequency]) if chosen else {}
    rows = [
        {
            "indicator": known,
            "cells": [
                _years(edition, known, past.get(unit, {}).get(name, {}).get(frequency, [])) for unit in chosen
            ],
        }
        for name, known in edition.facts.programme.indicators.items()
    ]
    shown = about(request, reading) | {
        "rows": rows if chosen else [],
        "chosen": [(unit, edition.name(unit), _total(reading, unit)) for unit in chosen],
        "picked": chosen,
        "choices": choices,
        "many": len(there) > MOST_CHOICES,
        "asked": request.GET.get("q", ""),
        "levels": levels,
        "level": level,
        "most": MOST_UNITS,
    }
    return render(request, "web/compare.html", shown)


def _reading(request: HttpRequest) -> Reading:
    reading = reading_of(request)
    if reading is None:
        raise Http404
    return reading


def _past(reading: Reading, **wanted: list[str]) -> Past:
    return past_of(reading.run, reading.facts.programme.calendar, **wanted)


def _frequencies(past: Past) -> list[str]:
    """The frequencies that there are, the most periods first."""
    found: dict[str, int] = {}
    for of_unit in past.values():
        for of_indicator in of_unit.values():
            for frequency, figures in of_indicator.items():
                found[frequency] = max(found.get(frequency, 0), len(figures))
    return sorted(found, key=lambda frequency: -found[frequency])


def _shortest(past: Past, frequencies: list[str]) -> str:
    """The shortest frequency in which figures are known for enough periods, else that with most."""
    known: dict[str, int] = dict.fromkeys(frequencies, 0)
    for of_unit in past.values():
        for of_indicator in of_unit.values():
            for frequency, figures in of_indicator.items():
                known[frequency] = max(
                    known[frequency], sum(figure.value == figure.value for figure in figures)
                )
    enough = [frequency for frequency in frequencies if known[frequency] >= FEWEST]
    return (enough or sorted(frequencies, key=lambda frequency: -known[frequency]) or [""])[0]


def _target(reading: Reading, known: Indicator) -> float | None:
    """What the contract asks of the indicator, where one line scores it by a target."""
    scored = [line.declared for line in reading.facts.lines if isinstance(line.declared, Line)]
    targets = [
        line.award.target
        for line in scored
        if line.indicator is not None
        and line.indicator.name == known.name
        and isinstance(line.award, Proportional | AllOrNothing)
    ]
    return targets[0] if len(targets) == 1 else None


def _years(edition: Edition, known: Indicator, figures: list[Figure]) -> list[dict[str, Any]]:
    """The newest year first."""
    return [_year(edition, known, figure) for figure in figures[::-1]]


def _year(edition: Edition, known: Indicator, figure: Figure) -> dict[str, Any]:
    shown = edition.shown(known, figure)
    valued = shown.kind in (Kind.VALUE, Kind.ZERO)
    return {
        "period": figure.period,
        "text": edition.value(known, figure.value) if valued else shown.text,
        "css": CLASSES[shown.kind],
        "interval": edition.interval(known, figure) if valued else "",
        "heard": "" if valued else heard(shown.kind),
    }


def _total(reading: Reading, unit: str) -> str:
    total = reading.facts.totals.get(unit)
    return "" if total is None or total.total != total.total else f"{total.total:.1f}"
