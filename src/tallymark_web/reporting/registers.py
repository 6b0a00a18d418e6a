"""Registers, stocks and broken-down reports typed in: rows become a file of the dataset's headings, looked through."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from tallymark.errors import TallymarkError
from tallymark.model.periods import PeriodError
from tallymark.programme.resolved import Column, Dataset
from tallymark.sources.readers import DATASET
from tallymark_web.reporting.due import entered_here
from tallymark_web.reporting.looking import Looked, look
from tallymark_web.reporting.models import Upload
from tallymark_web.reporting.uploads import action_for, inside
from tallymark_web.words import explained, language
from tallymark_web.workplace import calendar_today, programme

ROWS, MORE, MOST_ROWS, MOST_UNITS = 8, 10, 200, 120
NOT_KNOWN = ("?", "？")
EVENTS, STOCKS = "events", "stocks"


@dataclass(frozen=True, slots=True)
class Head:
    """A column of the form. `kind` is how it is typed; `fixed` ones are said by the row itself."""

    name: str
    title: Any
    kind: str
    values: tuple[str, ...] = ()
    fixed: bool = False
    required: bool = False
    personal: bool = False


def register(request: HttpRequest, dataset: str) -> HttpResponse:
    """The form; sent, what was typed is looked through as a file is, and waits to be sent on."""
    known = programme().datasets.get(dataset)
    if (
        known is None
        or entered_here(known)
        or not request.access.anywhere(action_for(known.name, programme()))
    ):
        raise Http404
    said = request.POST if request.method == "POST" else request.GET
    units = _units(request, known, said.get("unit", ""))
    heads, rows = heads_of(known), _rows(known, units, said)
    if request.method == "GET":
        return _form(request, known, heads, rows, said)
    try:
        content = as_csv(known, heads, rows, said)
        when = said.get("when", "").strip() or calendar_today().isoformat()
        found = look(
            programme(), f"{DATASET}{known.name}", f"{known.name}-{when}.csv", content, at=timezone.now()
        )
        if not any(counts["refused"] for counts in found.counts.values()):
            inside(request.access, found.units, [known.name])
    except TallymarkError as error:
        return _form(request, known, heads, rows, said, error=explained(error))
    if any(counts["refused"] for counts in found.counts.values()):
        return _form(request, known, heads, rows, said, found=found)
    made = Upload.objects.create(
        source=f"{DATASET}{known.name}", name=found.name, sha256=found.sha256, size=len(content), units=found.units,
        counts=found.counts, findings=found.findings, personal=found.personal, by=request.user, at=timezone.now(),
    )  # fmt: skip
    return redirect("calendar-upload", upload=made.pk)


def heads_of(known: Dataset) -> list[Head]:
    """The columns: of a register every declared one; of stocks and reports unit, breakdowns and items."""
    if known.kind == EVENTS:
        return [_head(column, fixed=False) for column in known.columns.values()]
    groups = [_head(known.columns[name], fixed=True) for name in known.breakdowns]
    items = [
        Head(item.name, item.title, "number" if item.type in ("integer", "number") else item.type)
        for item in known.items.values()
    ]
    return [Head(known.unit or "unit", None, "unit", fixed=True), *groups, *items]


def _head(column: Column, *, fixed: bool) -> Head:
    kind = {"integer": "number", "category": "choice", "boolean": "choice"}.get(column.type, column.type)
    values = column.values or (("yes", "no") if column.type == "boolean" else ())
    personal = column.sensitivity in ("personal", "sensitive")
    return Head(column.name, column.title, kind, tuple(values), fixed, column.required, personal)


def as_csv(
    known: Dataset, heads: Sequence[Head], rows: Sequence[Mapping[str, str]], said: Mapping[str, str]
) -> bytes:
    """What was typed as a file: rows without any answer are left out; what is not known stays empty.

    Errors: TallymarkError without rows, or without the day or period of a sheet.
    """
    when = said.get("when", "").strip()
    extra = (
        {} if known.kind == EVENTS else {("date" if known.kind == STOCKS else "period"): _when(known, when)}
    )
    open_ones = [head for head in heads if not head.fixed]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow([*extra, *(head.name for head in heads)])
    count = 0
    for row in rows:
        if any(row[head.name] for head in open_ones if head.kind != "unit"):
            table.writerow(
                [*extra.values(), *("" if row[head.name] in NOT_KNOWN else row[head.name] for head in heads)]
            )
            count += 1
    if not count:
        raise TallymarkError("nothing is typed yet")
    return out.getvalue().encode()


def _when(known: Dataset, text: str) -> str:
    if known.kind == STOCKS:
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError:
            raise TallymarkError("say the day for which the numbers hold") from None
    try:
        period = programme().calendar.parse(text)
    except PeriodError:
        raise TallymarkError("say the period, such as 2025-10") from None
    if period.frequency != known.frequency or period.end > calendar_today():
        raise TallymarkError("the period is not over yet, or not one that is reported")
    return period.code


def _units(request: HttpRequest, known: Dataset, asked: str) -> list[str]:
    """The units that owe rows, in the order declared: the person's own, below the one that was chosen."""
    access, units = request.access, programme().units
    mine = access.units(action_for(known.name, programme()))
    if asked:
        if asked not in mine:
            raise Http404
        mine &= access.tree.below([asked])
    level = known.level.code if known.level else None
    return [
        code
        for code, at in zip(units.codes, units.levels, strict=True)
        if code in mine and level in (None, at)
    ]


def _rows(known: Dataset, units: list[str], said: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows with what was typed: numbered ones of a register; one for each unit and group of the others."""
    heads = heads_of(known)
    if known.kind == EVENTS:
        asked = said.get("rows", "")
        count = min(int(asked) if asked.isdigit() else ROWS, MOST_ROWS)
        return [
            {head.name: said.get(f"{at}.{head.name}", "").strip() for head in heads} for at in range(count)
        ]
    if len(units) > MOST_UNITS:
        return []
    groups = [known.columns[name].values or () for name in known.breakdowns]
    return list(_fixed_rows(known, units, groups, heads, said))[:MOST_ROWS]


def _fixed_rows(
    known: Dataset,
    units: list[str],
    groups: list[tuple[str, ...]],
    heads: list[Head],
    said: Mapping[str, str],
) -> Iterator[dict[str, str]]:
    for at, (unit, *categories) in enumerate(product(units, *groups)):
        fixed = dict(zip([known.unit or "unit", *known.breakdowns], [unit, *categories], strict=True))
        yield {head.name: fixed.get(head.name) or said.get(f"{at}.{head.name}", "").strip() for head in heads}


def _form(
    request: HttpRequest, known: Dataset, heads: list[Head], rows: list[dict[str, str]], said: Mapping[str, str],
    *, error: str = "", found: Looked | None = None,
) -> HttpResponse:  # fmt: skip
    units, access = programme().units, request.access
    asked = said.get("unit", "")
    mine = _units(request, known, asked)
    tops = [asked] if asked else sorted(access.tops(action_for(known.name, programme())))
    below = (
        [code for top in tops for code in access.tree.children.get(top, ())]
        if known.kind != EVENTS and not rows
        else []
    )
    names = {code: units.names[units.index[code]][language()] or code for code in {*mine, *below, *tops}}
    shown = {
        "dataset": known,
        "heads": heads,
        "rows": [
            {
                "at": at,
                "cells": [
                    {
                        "head": head,
                        "name": f"{at}.{head.name}",
                        "text": row[head.name],
                        "said": names.get(row[head.name], row[head.name]),
                    }
                    for head in heads
                ],
            }
            for at, row in enumerate(rows)
        ],
        "units": [(code, names[code]) for code in mine[:2_000]],
        "below": [(code, names[code]) for code in below],
        "asked": asked,
        "count": len(rows),
        "more": min(len(rows) + MORE, MOST_ROWS),
        "events": known.kind == EVENTS,
        "stocks": known.kind == STOCKS,
        "when": said.get("when", "") or _usual(known),
        "error": error,
        "counts": list(found.counts.values()) if found else [],
        "findings": [
            one | {"message": one[language()], "hint": one[f"hint_{language()}"]} for one in found.findings
        ]
        if found
        else [],
    }
    return render(request, "web/register.html", shown, status=422 if error or found else 200)


def _usual(known: Dataset) -> str:
    """The day or period that is most likely meant."""
    today = calendar_today()
    if known.kind == STOCKS:
        return today.replace(day=1).isoformat()
    if known.kind == EVENTS or not known.frequency:
        return ""
    calendar = programme().calendar
    running = calendar.containing(today, known.frequency)
    return running.code if running.end <= today else calendar.back(running).code
