"""Saving, sending, returning, accepting: each one transaction, recorded, and safe to be sent twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from tallymark.errors import TallymarkError
from tallymark.programme.resolved import Dataset
from tallymark_web.audit.log import record
from tallymark_web.people.decision import two_people
from tallymark_web.people.models import Person
from tallymark_web.reporting.cells import State
from tallymark_web.reporting.models import Closing, Report, Step, Version
from tallymark_web.reporting.sheets import complete, read_row
from tallymark_web.reporting.state import ACCEPT, DRAFT, RETURN, SUBMIT, after

NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Row:
    """What somebody typed for one unit."""

    dataset: Dataset
    period: str
    unit: str
    typed: Mapping[str, object]
    note: str
    number: int
    """Of the draft that they saw."""


def save(row: Row, *, by: Person, at: dt.datetime) -> Report:
    """The draft saved; somebody else's saving in between is an error, not overwritten.

    Errors: TallymarkError when the draft was changed elsewhere meanwhile.
    """
    with transaction.atomic():
        report = _locked(row)
        if report.draft_number != row.number and report.draft_by_id not in (None, by.pk):
            raise TallymarkError(
                "{who} has changed this row meanwhile; load the page again", who=str(report.draft_by)
            )
        report.draft = {name: str(row.typed.get(name, ""))[:60] for name in row.dataset.items}
        report.note = row.note[:NOTE]
        report.draft_number += 1
        report.draft_by, report.draft_at = by, at
        report.save()
    return report


def submit(row: Row, *, key: str, by: Person, at: dt.datetime) -> Version:
    """The report sent; sending it again with the same key gives the same version.

    Errors: TallymarkError when a cell is empty or cannot be read.
    """
    with transaction.atomic():
        report = _locked(row)
        earlier = Version.objects.filter(key=key).first()
        if earlier is not None:
            if earlier.report_id != report.pk or earlier.by_id != by.pk:
                raise TallymarkError("this number was used for another report")
            return earlier
        cells = read_row(row.typed, row.dataset, at.date())
        if not complete(cells):
            raise TallymarkError("every cell needs a number, 0 for none, or ? for not known")
        report.state = after(report.state, SUBMIT)
        report.version += 1
        report.draft, report.note = {}, ""
        report.draft_number += 1
        report.draft_by, report.draft_at = by, at
        report.save()
        version: Version = Version.objects.create(
            report=report,
            number=report.version,
            key=key,
            values={name: "?" if cell.state is State.UNKNOWN else cell.text for name, cell in cells.items()},
            note=row.note[:NOTE],
            by=by,
            at=at,
        )
        _step(version, SUBMIT, by=by, at=at, comment="")
        record(by.username, "report sent", unit=report.unit, thing=str(version), detail=version.values)
    return version


def decide(report: Report, act: str, *, by: Person, at: dt.datetime, seen: int, comment: str = "") -> None:
    """A version accepted or sent back, by somebody who did not send it.

    Errors: TallymarkError for one's own report, a version that is no longer the last, or a return without words.
    """
    with transaction.atomic():
        report = Report.objects.select_for_update().get(pk=report.pk)
        last = report.versions.order_by("-number").first()
        if last is None or last.number != seen:
            raise TallymarkError("this report was dealt with meanwhile; load the page again")
        if not two_people(last.by_id, by.pk):
            raise TallymarkError("a second person decides on a report; you sent this one")
        if act == RETURN and not comment.strip():
            raise TallymarkError("say what has to be put right, so that the clerk knows")
        report.state = after(report.state, act)
        if act == RETURN:
            report.draft = dict(last.values)
        report.save()
        if act == ACCEPT:
            last.accepted = True
            last.save(update_fields=["accepted"])
        _step(last, act, by=by, at=at, comment=comment[:NOTE])
        record(
            by.username,
            "report accepted" if act == ACCEPT else "report returned",
            unit=report.unit,
            thing=str(last),
            detail={"comment": comment[:200]},
        )


def close(closing: Closing) -> None:
    """A period closed, or opened again, with its reason.

    Errors: TallymarkError without a reason.
    """
    if not closing.reason.strip():
        raise TallymarkError("say why, so that everybody can read it later")
    with transaction.atomic():
        closing.save()
        record(
            closing.by.username,
            "period closed" if closing.closed else "period opened again",
            unit=closing.unit,
            thing=f"{closing.dataset} {closing.period}",
            detail={"reason": closing.reason},
        )


def _locked(row: Row) -> Report:
    report, _ = Report.objects.get_or_create(
        dataset=row.dataset.name, unit=row.unit, period=row.period, defaults={"state": DRAFT}
    )
    locked: Report = Report.objects.select_for_update().get(pk=report.pk)
    return locked


def _step(version: Version, act: str, *, by: Person, at: dt.datetime, comment: str) -> None:
    Step.objects.create(version=version, act=act, by=by, at=at, comment=comment)
