"""Meetings: the pack for a month as a page to print, and decisions that become actions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.publish.numbers import absent, plain
from tallymark.publish.pages.gaps import gap_rows
from tallymark.publish.records import Gap
from tallymark_web.actions.acts import call_meeting, write_down
from tallymark_web.actions.models import Action, Meeting
from tallymark_web.actions.origins import reading, watched
from tallymark_web.actions.state import OPEN, days_late
from tallymark_web.actions.views import name_of
from tallymark_web.reading.runs import Reading
from tallymark_web.reading.since import changed_figures, changed_totals
from tallymark_web.words import say
from tallymark_web.workplace import calendar_today, programme

LONGEST, SHOWN = 8_000, 100
MOST_GAPS, MOST_CHANGES, MOST_UNITS = 10, 8, 12


def meetings(request: HttpRequest) -> HttpResponse:
    """The meetings of the person's offices, newest first."""
    mine = request.access.units("actions.view")
    found = [one for one in Meeting.objects.select_related("by")[:SHOWN] if one.unit in mine]
    month = programme().calendar.containing(calendar_today(), "month")
    shown = {
        "rows": [(one, name_of(one.unit), one.actions.count()) for one in found],
        "tops": [(unit, name_of(unit)) for unit in sorted(request.access.tops("meetings.hold"))],
        "month": programme().calendar.back(month).code,
        "today": calendar_today(),
    }
    return render(request, "web/meetings.html", shown)


def new(request: HttpRequest) -> HttpResponse:
    """A meeting on a month of an office."""
    said, unit = request.POST, request.POST.get("unit", "")
    if not request.access.may("meetings.hold", unit):
        raise Http404
    try:
        held = dt.date.fromisoformat(said.get("held_on", ""))
        period = programme().calendar.parse(said.get("period", ""))
    except ValueError:
        messages.error(request, say("say the day of the meeting, and its month such as 2025-10"))
        return redirect("actions-meetings")
    made = call_meeting(
        Meeting(
            unit=unit,
            period=period.code,
            held_on=held,
            title=said.get("title", "").strip()[:200],
            agenda=said.get("agenda", "")[:LONGEST],
            by=request.user,
            at=timezone.now(),
        )
    )
    return redirect("actions-meeting", meeting=made.pk)


def meeting(request: HttpRequest, meeting: int) -> HttpResponse:
    """The pack: what changed, worst gaps, overdue actions, whom to help, agenda, decisions."""
    one = _visible(request, meeting)
    units = request.access.tree.below([one.unit]) & request.access.units("actions.view")
    today = calendar_today()
    late = [
        action
        for action in Action.objects.filter(state=OPEN, due__lt=today).select_related("owner")
        if action.unit in units
    ]
    waiting = [
        action
        for action in Action.objects.filter(state="done").select_related("owner")
        if action.unit in units
    ]
    shown: dict[str, Any] = {
        "meeting": one,
        "name": name_of(one.unit),
        "late": [
            (action, name_of(action.unit), days_late(action.due, today, programme().working_days))
            for action in late
        ],
        "waiting": [(action, name_of(action.unit)) for action in waiting],
        "watched": watched(units),
        "decisions": [(action, name_of(action.unit)) for action in one.actions.select_related("owner")],
        "may_hold": request.access.may("meetings.hold", one.unit),
        "may_open": request.access.may("actions.open", one.unit),
        "today": today,
    }
    known = reading()
    if known is not None:
        shown |= {
            "run": known.run,
            "behind": max(known.behind, 0),
            "totals": changed_totals(known, units)[:MOST_UNITS],
            "figures": changed_figures(known, one.unit)[:MOST_CHANGES],
            "gaps": worst_gaps(known, units),
        }
    return render(request, "web/meeting.html", shown)


def notes(request: HttpRequest, meeting: int) -> HttpResponse:
    """Keeps the agenda and what was said."""
    one = _visible(request, meeting)
    if not request.access.may("meetings.hold", one.unit):
        raise Http404
    said = request.POST
    write_down(
        one, agenda=said.get("agenda", "")[:LONGEST], notes=said.get("notes", "")[:LONGEST], by=request.user
    )
    return redirect("actions-meeting", meeting=meeting)


def _visible(request: HttpRequest, number: int) -> Meeting:
    one = get_object_or_404(Meeting.objects.select_related("by"), pk=number)
    if not request.access.may("actions.view", one.unit):
        raise Http404
    return one


def worst_gaps(known: Reading, units: frozenset[str]) -> list[dict[str, Any]]:
    """The lines on which the most points are lost, each where it was lost most."""
    edition = known.edition()
    rows = []
    for unit in units:
        for row, gap in zip(gap_rows(edition, unit), _known_gaps(known, unit), strict=True):
            if not absent(gap.lost):
                rows.append((gap.lost, unit, gap.line, row))
    worst = sorted(rows, key=lambda entry: (-entry[0], entry[1], entry[2]))[:MOST_GAPS]
    return [
        {
            "unit": unit,
            "name": edition.name(unit),
            "line": line,
            "title": row["title"],
            "lost": plain(lost),
            "back": row["back"],
        }
        for lost, unit, line, row in worst
    ]


def _known_gaps(known: Reading, unit: str) -> list[Gap]:
    """The gaps on lines that the contract has, as `gap_rows` gives them."""
    lines = {line.key for line in known.facts.lines}
    return [gap for gap in known.facts.gaps.get(unit, []) if (gap.contract, gap.line) in lines]
