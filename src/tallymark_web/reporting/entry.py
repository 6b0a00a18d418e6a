"""Entry: the calendar, the sheet, checks and drafts as one types, sending exactly once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark.programme.resolved import Dataset
from tallymark_web.access import Access
from tallymark_web.reporting import steps
from tallymark_web.reporting.checking import failures
from tallymark_web.reporting.due import Deadline, datasets_entered, deadlines, standing
from tallymark_web.reporting.models import Closing, Report
from tallymark_web.reporting.sheets import closed_units, complete, find, owing, read_row, sheet
from tallymark_web.reporting.stored import values
from tallymark_web.words import explained, language, say
from tallymark_web.workplace import calendar_today, programme, store

MOST_ROWS = 400
KEY = 64


def calendar(request: HttpRequest) -> HttpResponse:
    """What is due from whom by when, for the person's units."""
    access = request.access
    shown = {
        "found": [
            {"dataset": dataset, "periods": periods} for dataset, periods in standings(access, "entry.view")
        ],
        "tops": sorted(access.tops("entry.view")),
        "may_close": access.anywhere("calendar.close"),
        "may_decide": access.anywhere("entry.decide"),
        "today": calendar_today(),
    }
    return render(request, "web/calendar.html", shown)


def standings(access: Access, action: str) -> Iterator[tuple[Dataset, list[dict[str, Any]]]]:
    """The datasets and periods that the units to which one may do `action` owe, and how each stands."""
    tops, mine = sorted(access.tops(action)), access.units(action)
    for dataset in datasets_entered(programme()):
        periods = [row for row in _periods(access, dataset, tops, mine) if row["due"]]
        if periods:
            yield dataset, periods


def _periods(
    access: Access, dataset: Dataset, tops: list[str], mine: frozenset[str]
) -> Iterator[dict[str, Any]]:
    declared, today = programme(), calendar_today()
    dates = deadlines(dataset, declared.calendar, today)
    stored = values(store(), dataset, [due.period.code for due in dates])
    states = {
        (report.unit, report.period): report.state
        for report in Report.objects.filter(dataset=dataset.name, period__in=[d.period.code for d in dates])
    }
    for due in dates:
        code = due.period.code
        units = owing(declared, dataset, due, mine)
        counts = Counter(
            standing(states.get((unit, code)), in_store=(unit, code) in stored) for unit in units
        )
        done = counts["accepted"] + counts["received"]
        yield {
            "deadline": due,
            "due": len(units),
            "counts": counts,
            "done": done,
            "waiting": counts["submitted"],
            "missing": counts["none"] + counts["draft"] + counts["returned"],
            "late": due.late_on(today) and done + counts["submitted"] < len(units),
            "closed": set(units) <= closed_units(dataset.name, code, access.tree) if units else False,
            "unit": next((top for top in tops if set(units) & access.tree.below([top])), ""),
        }


def enter(request: HttpRequest, dataset: str, period: str, unit: str) -> HttpResponse:
    """The sheet of a unit: a form for one report, a grid for several."""
    known, due = _found(dataset, period)
    made = sheet(known, due, unit, request.access.tree)
    if not made.lines or len(made.lines) > MOST_ROWS:
        children = request.access.tree.children.get(unit, ()) if made.lines else ()
        if not children:
            raise Http404
        names = programme().units
        shown = {
            "sheet": made,
            "children": [(code, names.names[names.index[code]]) for code in children],
        }
        return render(request, "web/choose_unit.html", shown)
    shown = {
        "sheet": made,
        "one": len(made.lines) == 1,
        "may_write": request.access.may("entry.write", unit),
        "name": programme().units.names[programme().units.index[unit]],
        "today": calendar_today(),
        "failed": {"lines": {line.unit: _row_said(known, line.typed) for line in made.lines}},
    }
    return render(request, "web/sheet.html", shown)


def typed(request: HttpRequest, dataset: str, period: str, unit: str) -> HttpResponse:
    """Saves drafts and answers what the checks say, row by row."""
    known, due = _found(dataset, period)
    said = _said(request)
    answer = {}
    for row in _rows(request.access, said, known, due, unit):
        found = _row_said(known, row.typed)
        try:
            found["number"] = steps.save(row, by=request.user, at=timezone.now()).draft_number
        except TallymarkError as error:
            found["refused"] = explained(error)
        answer[row.unit] = found
    return JsonResponse({"rows": answer})


def send(request: HttpRequest, dataset: str, period: str, unit: str) -> HttpResponse:
    """Takes reports; the browser's key makes sure that each is taken once, however often it is sent."""
    known, due = _found(dataset, period)
    said = _said(request)
    key = said.get("key")
    if not isinstance(key, str) or not 8 <= len(key) <= KEY:
        return JsonResponse({"message": say("The key is missing.")}, status=400)
    shut = closed_units(known.name, due.period.code, request.access.tree)
    answer = {}
    for row in _rows(request.access, said, known, due, unit):
        try:
            if row.unit in shut:
                raise TallymarkError("this period is closed; ask the statistician to open it again")
            if not row.note.strip() and _must_explain(known, row.typed):
                raise TallymarkError("a check does not hold: put it right, or say in the remark why it is so")
            version = steps.submit(row, key=f"{key}:{row.unit}"[:80], by=request.user, at=timezone.now())
            answer[row.unit] = {"version": version.number}
        except TallymarkError as error:
            answer[row.unit] = {"refused": explained(error)} | _row_said(known, row.typed)
    return JsonResponse({"rows": answer})


def close(request: HttpRequest) -> HttpResponse:
    """Closes a period for a subtree, or opens it again, with a reason."""
    said = request.POST
    unit = said.get("unit", "")
    if find(said.get("dataset", ""), said.get("period", ""), calendar_today()) is None:
        raise Http404
    if not request.access.may("calendar.close", unit):
        raise Http404
    closing = Closing(
        dataset=said["dataset"],
        period=said["period"],
        unit=unit,
        closed=said.get("act") == "close",
        reason=said.get("reason", "")[:2000],
        by=request.user,
        at=timezone.now(),
    )
    try:
        steps.close(closing)
    except TallymarkError as error:
        messages.error(request, explained(error))
    return redirect("calendar")


def _found(dataset: str, period: str) -> tuple[Dataset, Deadline]:
    found = find(dataset, period, calendar_today())
    if found is None:
        raise Http404
    return found


def _said(request: HttpRequest) -> Mapping[str, Any]:
    try:
        said = json.loads(request.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _rows(
    access: Access, said: Mapping[str, Any], dataset: Dataset, due: Deadline, unit: str
) -> Iterator[steps.Row]:
    """The rows that were sent, of units that owe this report below the sheet's unit; others are not there."""
    rows = said.get("rows")
    if not isinstance(rows, dict) or len(rows) > MOST_ROWS:
        return
    known = set(owing(programme(), dataset, due, access.tree.below([unit])))
    for code, row in rows.items():
        if code in known and isinstance(row, dict) and isinstance(row.get("items"), dict):
            number = row.get("number")
            yield steps.Row(
                dataset=dataset,
                period=due.period.code,
                unit=code,
                typed=row["items"],
                note=str(row.get("note") or ""),
                number=number if isinstance(number, int) else 0,
            )


def _must_explain(dataset: Dataset, typed: Mapping[str, object]) -> bool:
    cells = read_row(typed, dataset, calendar_today())
    broken = failures(programme(), dataset, cells, language=language())
    return any(one.severity == "error" for one in broken)


def _row_said(dataset: Dataset, typed: Mapping[str, object]) -> dict[str, Any]:
    """What is said of a row: each cell's state and message, broken checks, whether it can be sent."""
    cells = read_row(typed, dataset, calendar_today())
    broken = failures(programme(), dataset, cells, language=language())
    return {
        "cells": {
            name: {"state": cell.state.value, "message": explained(cell.message) if cell.message else ""}
            for name, cell in cells.items()
            if cell.state.value not in ("blank", "value") or cell.message
        },
        "checks": [
            {"severity": one.severity, "message": one.message, "hint": one.hint, "items": one.items}
            for one in broken
        ],
        "complete": complete(cells),
    }
