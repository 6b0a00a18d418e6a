"""Review: what was sent, beside the month before and the version before, with what the checks say; accept or return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark.model.text import Text
from tallymark.programme.resolved import Dataset
from tallymark_web.jobs.queue import ask
from tallymark_web.reporting import steps
from tallymark_web.reporting.cells import Cell
from tallymark_web.reporting.checking import Failed, failures
from tallymark_web.reporting.models import Report, Version
from tallymark_web.reporting.sheets import read_row, texts
from tallymark_web.reporting.state import ACCEPT, RETURN, SUBMITTED
from tallymark_web.reporting.stored import values
from tallymark_web.words import explained, language, say
from tallymark_web.workplace import calendar_today, programme, store

MOST = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that waits for a decision."""

    report: Report
    version: Version
    name: Text
    dataset: Dataset
    doubts: int
    failed: tuple[Failed, ...]
    mine: bool
    """Sent by the reader, who cannot decide on it."""


def review(request: HttpRequest) -> HttpResponse:
    """Every report that waits in the reviewer's units, those with doubts first."""
    found = sorted(
        _waiting(request), key=lambda one: (-len(one.failed), -one.doubts, one.report.period, one.report.unit)
    )
    clean = [one for one in found if not one.failed and not one.doubts and not one.mine]
    return render(request, "web/review.html", {"found": found, "clean": clean})


def accept_clean(request: HttpRequest) -> HttpResponse:
    """Accepts the chosen reports at once, of those without any doubt."""
    chosen = set(request.POST.getlist("version"))
    done = 0
    for one in _waiting(request):
        if str(one.version.pk) in chosen and not one.failed and not one.doubts and not one.mine:
            try:
                steps.decide(one.report, ACCEPT, by=request.user, at=timezone.now(), seen=one.version.number)
                done += 1
            except TallymarkError as error:
                messages.error(request, explained(error))
    if done:
        ask("deliver", by=request.user, at=timezone.now())
        messages.success(request, say("{n} reports accepted; they are on their way into the store.", n=done))
    return redirect("calendar-review")


def report(request: HttpRequest, report: int) -> HttpResponse:
    """One report: its values, versions, steps."""
    return _report(request, _reachable(request, report, "entry.view"))


def decide(request: HttpRequest, report: int) -> HttpResponse:
    """Accepts a report, or sends it back with words."""
    found = _reachable(request, report, "entry.decide")
    act = ACCEPT if request.POST.get("act") == ACCEPT else RETURN
    seen = request.POST.get("version", "")
    try:
        steps.decide(
            found,
            act,
            by=request.user,
            at=timezone.now(),
            comment=request.POST.get("comment", ""),
            seen=int(seen) if seen.isdigit() else 0,
        )
    except TallymarkError as error:
        messages.error(request, explained(error))
        found.refresh_from_db()
        return _report(request, found, status=409)
    if act == ACCEPT:
        ask("deliver", by=request.user, at=timezone.now())
    return redirect("calendar-review")


def _report(request: HttpRequest, found: Report, *, status: int = 200) -> HttpResponse:
    declared = programme()
    dataset = declared.datasets.get(found.dataset)
    if dataset is None:
        raise Http404
    period = declared.calendar.parse(found.period)
    before = declared.calendar.back(period).code
    stored = values(store(), dataset, (found.period, before))
    versions = list(found.versions.select_related("by").prefetch_related("steps__by"))
    last = versions[-1] if versions else None
    earlier = (
        versions[-2].values
        if len(versions) > 1
        else texts(stored.get((found.unit, found.period), {}), dataset)
    )
    sent = last.values if last else {}
    cells, failed = _judged(dataset, sent)
    month_before = texts(stored.get((found.unit, before), {}), dataset)
    shown = {
        "report": found,
        "dataset": dataset,
        "name": declared.units.names[declared.units.index[found.unit]],
        "before": before,
        "rows": list(_rows(dataset, cells, sent, earlier=earlier, before=month_before)),
        "failed": failed,
        "versions": versions[::-1],
        "last": last,
        "may_decide": found.state == SUBMITTED
        and request.access.may("entry.decide", found.unit)
        and last is not None
        and last.by_id != request.user.pk,
        "may_write": request.access.may("entry.write", found.unit),
    }  # fmt: skip
    return render(request, "web/report.html", shown, status=status)


def _rows(
    dataset: Dataset,
    cells: Mapping[str, Cell],
    sent: Mapping[str, str],
    *,
    earlier: Mapping[str, str],
    before: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    for name, item in dataset.items.items():
        now, was = sent.get(name, ""), earlier.get(name, "")
        message = cells[name].message
        yield {
            "title": item.title or Text(name, name),
            "before": before.get(name, ""),
            "was": was if was and was != now else "",
            "now": now,
            "state": cells[name].state.value,
            "message": explained(message) if message else "",
        }


def _judged(dataset: Dataset, sent: Mapping[str, str]) -> tuple[dict[str, Cell], list[Failed]]:
    cells = read_row(sent, dataset, calendar_today())
    return cells, failures(programme(), dataset, cells, language=language())


def _waiting(request: HttpRequest) -> Iterator[Waiting]:
    declared, mine = programme(), request.access.units("entry.decide")
    waiting = Report.objects.filter(state=SUBMITTED).prefetch_related("versions__by").order_by("pk")
    for found in [one for one in waiting if one.unit in mine and one.dataset in declared.datasets][:MOST]:
        dataset = declared.datasets[found.dataset]
        last = list(found.versions.all())[-1]
        cells, failed = _judged(dataset, last.values)
        yield Waiting(
            report=found,
            version=last,
            name=declared.units.names[declared.units.index[found.unit]],
            dataset=dataset,
            doubts=sum(cell.message is not None for cell in cells.values()) + bool(last.note),
            failed=tuple(failed),
            mine=last.by_id == request.user.pk,
        )


def _reachable(request: HttpRequest, number: int, action: str) -> Report:
    found: Report = get_object_or_404(Report, pk=number)
    if not request.access.may(action, found.unit):
        raise Http404
    return found
