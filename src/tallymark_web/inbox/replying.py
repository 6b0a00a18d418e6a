"""Replies and waivers given in the inbox into the store, as rows of the declared answers: runs made afterwards know.

Of a reply only its kind goes there, its words stay in the inbox. Of a waiver its reason, who gave it and its last day
go, too: they are shown with the finding.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb
from django.conf import settings

import tallymark as tm
from tallymark.errors import TallymarkError
from tallymark.programme.resolved import Dataset
from tallymark.publish.records import Found
from tallymark.verify.waivers import REOPENED, WAIVED, holds_waivers, waivable
from tallymark_web.audit.log import record
from tallymark_web.inbox.found import key_of
from tallymark_web.inbox.models import Remark
from tallymark_web.inbox.state import REOPEN, REPLIES, WAIVE
from tallymark_web.reading.runs import opened
from tallymark_web.workplace import newest_run, programme, store

MARK = "inbox-"
FOLDER = "deliveries"
WRITTEN = ("code", "period", "answer")


def keeps_waivers(found: Found) -> bool:
    """Whether a finding can be waived here: its kind can, it is about a unit, and the declared answers hold waivers."""
    return (
        bool(found.unit) and waivable(programme(), found.code) and holds_waivers(programme().hearing.answers)
    )


def deliver_replies() -> int:
    """How many replies, waivers and ends of waivers came into the store.

    Which are in the store, the store says: done twice or broken off, nothing is lost or doubled.
    Errors: TallymarkError where the declared answers cannot hold a reply.
    """
    said, run = programme().hearing.answers, newest_run()
    if said is None or run is None:
        return 0
    there = _delivered(said)
    acts = (*REPLIES, WAIVE, REOPEN) if holds_waivers(said) else REPLIES
    remarks = Remark.objects.filter(act__in=acts).select_related("case", "by").order_by("pk")
    waived = {one.case_id for one in remarks if one.until}
    open_ones = [one for one in remarks if f"{MARK}{one.pk}" not in there and _goes(one, waived)]
    if not open_ones:
        return 0
    about = {key_of(found): found for found in opened(run).facts.findings}
    known = [one for one in open_ones if one.case.unit and one.case.key in about]
    if not known:
        return 0
    key, date = _columns(said)
    rows = [
        {key: f"{MARK}{one.pk}", said.unit: one.case.unit, date: one.at.date().isoformat(), "code": one.case.code,
         "period": about[one.case.key].period} | _words(one, about[one.case.key], acts)
        for one in known
    ]  # fmt: skip
    place = _written(rows, known[-1].pk)
    receipt = tm.receive(programme(), store(), said.name, place, received_at=max(one.at for one in known))
    record(
        "tallymark",
        "replies delivered",
        thing=place.name,
        detail={"batch": receipt.batch, "replies": len(rows)},
    )
    return len(rows)


def _goes(one: Remark, waived: Collection[int]) -> bool:
    """Replies do, waivers with a last day, and their end."""
    return one.act in REPLIES or bool(one.until) or (one.act == REOPEN and one.case_id in waived)


def _words(one: Remark, found: Found, acts: Sequence[str]) -> dict[str, str]:
    """What a row says beside whom and what it is about; the same columns in every row."""
    if WAIVE not in acts:
        return {"answer": one.act}
    ruling = {WAIVE: WAIVED, REOPEN: REOPENED}.get(one.act, "")
    waived = one.act == WAIVE
    return {
        "answer": "" if ruling else one.act, "dataset": found.dataset, "item": found.item, "ruling": ruling,
        "reason": one.text if waived else "", "waived_by": str(one.by) if waived else "",
        "waived_until": one.until.isoformat() if waived and one.until else "",
    }  # fmt: skip


def _columns(said: Dataset) -> tuple[str, str]:
    """The columns for a reply's number and its day."""
    given = {*WRITTEN, *said.key, said.unit, said.date}
    required = {name for name, column in said.columns.items() if column.required}
    if len(said.key) != 1 or said.date is None or required - given:
        raise TallymarkError(
            "the dataset {name} cannot hold replies from the inbox; it needs a date, one column as its key, and no "
            "other required column than code, period and answer",
            name=said.name,
        )
    return said.key[0], said.date


def _delivered(said: Dataset) -> set[str]:
    """Numbers of the replies that the store has."""
    if not store().open_columns(said.name).names:
        return set()
    key, _ = _columns(said)
    with duckdb.connect() as connection:
        rows = connection.execute(f'SELECT "{key}" FROM {store().relation(said)}').fetchall()
    return {str(value) for (value,) in rows}


def _written(rows: Sequence[dict[str, str]], last: int) -> Path:
    folder = settings.INSTALLATION.web / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    place: Path = folder / f"web-replies-{last:06d}.csv"
    fresh = place.with_suffix(".new")
    with fresh.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    fresh.replace(place)
    return place
