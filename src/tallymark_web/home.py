"""The first page after signing in: what there is to do today, most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator

from tallymark_web.access import Access
from tallymark_web.actions.models import Action
from tallymark_web.actions.state import DONE, OPEN
from tallymark_web.actions.views import name_of
from tallymark_web.appeals.acts import may_decide
from tallymark_web.appeals.models import Appeal
from tallymark_web.declared.models import PROPOSED, Revision
from tallymark_web.inbox.models import Case
from tallymark_web.inbox.state import ANSWERED, RECOUNT
from tallymark_web.people.models import Person
from tallymark_web.reading.overview import overview
from tallymark_web.reading.runs import opened
from tallymark_web.reporting.entry import standings
from tallymark_web.reporting.models import Report
from tallymark_web.reporting.state import RETURNED, SUBMITTED
from tallymark_web.words import say
from tallymark_web.workplace import calendar_today, newest_run

MOST_PERIODS = 2
"""How many late or open periods of a dataset stand among the tasks."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do, with its page; `urgent` orders the list."""

    title: str
    note: str
    href: str
    state: str
    urgent: int


def home(request: HttpRequest) -> HttpResponse:
    """What there is to do today."""
    access = request.access
    tasks = sorted(tasks_of(access), key=lambda task: task.urgent)
    shown = {"tasks": tasks, "today": calendar_today(), "roles": _roles(access)}
    return render(request, "web/home.html", shown | overview(access))


def _roles(access: Access) -> list[str]:
    return sorted({grant.role for grant in access.grants if grant.holds_on(access.today)})


def tasks_of(access: Access) -> Iterator[Task]:
    """Everything that waits for a person, in no order."""
    if access.anywhere("entry.write"):
        yield from _returned(access)
        yield from _due(access)
    if access.anywhere("entry.decide"):
        yield from _to_decide(access)
    if access.anywhere("findings.view"):
        yield from _findings(access)
    if access.anywhere("scores.view"):
        yield from _figures(access)
    if access.anywhere("actions.view"):
        yield from _actions(access)
    if access.everywhere("programme.approve"):
        yield from _changes(access)
    if access.anywhere("people.manage"):
        bare = (
            Person.objects.filter(is_active=True)
            .exclude(grants__withdrawn_at=None, grants__isnull=False)
            .count()
        )
        if bare:
            yield Task(say("{n} accounts have no role", n=bare), "", reverse("people"), "due", 2)
    if access.anywhere("audit.view"):
        yield Task(
            say("Check the audit log"),
            say("and compare its last hash with the one you wrote down"),
            reverse("audit"),
            "open",
            5,
        )


def _returned(access: Access) -> Iterator[Task]:
    mine = access.units("entry.write")
    for report in Report.objects.filter(state=RETURNED).order_by("pk"):
        if report.unit in mine:
            address = reverse("calendar-sheet", args=[report.dataset, report.period, report.unit])
            yield Task(
                say("Sent back: {what}", what=str(report)), _last_words(report), address, "returned", 0
            )


def _last_words(report: Report) -> str:
    last = report.versions.order_by("-number").first()
    step = last.steps.filter(act="return").last() if last else None
    return step.comment if step else ""


def _due(access: Access) -> Iterator[Task]:
    today = calendar_today()
    for dataset, periods in standings(access, "entry.write"):
        waiting = [row for row in periods if row["missing"] and not row["closed"]]
        for row in sorted(waiting, key=lambda row: row["deadline"].period, reverse=True)[:MOST_PERIODS]:
            due = row["deadline"].due
            address = reverse("calendar-sheet", args=[dataset.name, row["deadline"].period.code, row["unit"]])
            late = row["deadline"].late_on(today)
            title = say(
                "{dataset} {period}: {n} of {due} still to send",
                dataset=dataset.title,
                period=row["deadline"].period.code,
                n=row["missing"],
                due=row["due"],
            )
            note = say("due on {day}", day=due.isoformat()) if due else ""
            yield Task(title, note, address, "late" if late else "due", 1 if late else 2)


def _to_decide(access: Access) -> Iterator[Task]:
    mine = access.units("entry.decide")
    waiting = [
        report for report in Report.objects.filter(state=SUBMITTED).only("unit") if report.unit in mine
    ]
    if waiting:
        yield Task(
            say("{n} reports wait for your decision", n=len(waiting)),
            "",
            reverse("calendar-review"),
            "submitted",
            1,
        )


def _findings(access: Access) -> Iterator[Task]:
    mine = access.units("findings.view")
    cases = [case for case in Case.objects.filter(state__in=(ANSWERED, RECOUNT)) if case.unit in mine]
    answered = sum(case.state == ANSWERED for case in cases)
    recount = sum(case.state == RECOUNT for case in cases)
    if answered and access.anywhere("findings.decide"):
        address = reverse("inbox") + "?state=answered"
        yield Task(say("{n} findings were answered", n=answered), "", address, "submitted", 2)
    if recount:
        yield Task(
            say("{n} findings wait for a recount", n=recount),
            "",
            reverse("inbox") + "?state=recount",
            "due",
            2,
        )
    run = newest_run()
    if run is not None and access.anywhere("findings.reply"):
        errors = sum(row.severity == "error" and row.unit in mine for row in opened(run).facts.findings)
        if errors:
            address = reverse("inbox") + "?severity=error"
            yield Task(say("{n} errors found in your data", n=errors), "", address, "open", 3)


def _actions(access: Access) -> Iterator[Task]:
    """One's own open actions, those that wait for one's check, those that came up to one's unit."""
    today, tops = calendar_today(), access.tops("actions.check")
    checked = access.units("actions.check")
    waiting = 0
    for one in Action.objects.filter(state__in=(OPEN, DONE)):
        own, late = one.owner_id == access.person.pk, one.due < today
        title = say("Action: {what}", what=Truncator(one.text).chars(100))
        if own and one.state == OPEN:
            note = say("due on {day}", day=one.due.isoformat())
            yield Task(
                title,
                note,
                reverse("actions-one", args=[one.pk]),
                "late" if late else "due",
                0 if late else 2,
            )
        elif one.state == OPEN and one.escalated and one.escalated in tops:
            note = say("overdue; came up from {unit}", unit=name_of(one.unit))
            yield Task(title, note, reverse("actions-one", args=[one.pk]), "late", 1)
        waiting += one.state == DONE and not own and one.unit in checked
    if waiting:
        title = say("Actions that wait for your check: {n}", n=waiting)
        yield Task(title, "", reverse("actions") + "?state=done", "submitted", 1)


def _changes(access: Access) -> Iterator[Task]:
    """Changes of the programme that somebody else proposed."""
    for one in Revision.objects.filter(state=PROPOSED).exclude(by=access.person):
        address = reverse("programme-version", args=[one.pk])
        yield Task(
            say("Decide on a change of the programme: {what}", what=one.subject),
            one.reason[:120],
            address,
            "submitted",
            1,
        )


def _figures(access: Access) -> Iterator[Task]:
    run = newest_run()
    if run is None:
        if access.everywhere("runs.make"):
            yield Task(say("Nothing was assessed yet"), "", reverse("jobs"), "due", 2)
        return
    behind = opened(run).behind
    if behind > 0 and access.everywhere("runs.make"):
        yield Task(
            say("{n} deliveries are not in the figures yet", n=behind),
            say("assess again when the month is in"),
            reverse("jobs"),
            "due",
            3,
        )
    waiting = [one for one in Appeal.objects.filter(state="open") if may_decide(access, one.unit)]
    if waiting:
        yield Task(
            say("{n} appeals wait for a decision", n=len(waiting)), "", reverse("appeals"), "submitted", 1
        )
    yield Task(say("See the scorecard"), str(run.manifest["period"]), reverse("scores"), "open", 6)
