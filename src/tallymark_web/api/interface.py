"""The interface itself: what is due, one's reports, sending them exactly once. Described at /api/openapi.json."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, NinjaAPI, Schema
from ninja.errors import HttpError

from tallymark.errors import TallymarkError
from tallymark.programme.resolved import Dataset
from tallymark_web.api.answers import Problem
from tallymark_web.api.releases import router as releases
from tallymark_web.api.tokens import ByToken
from tallymark_web.reporting import steps
from tallymark_web.reporting.due import Deadline, datasets_entered, deadlines
from tallymark_web.reporting.models import Report
from tallymark_web.reporting.sheets import closed_units, find, owing
from tallymark_web.words import explained
from tallymark_web.workplace import calendar_today, programme

MOST = 400
api = NinjaAPI(
    title="Tallymark",
    version="1",
    auth=ByToken(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
api.add_router("/releases", releases)


class Due(Schema):
    """A period of a dataset and the units that owe it."""

    dataset: str
    period: str
    due: str | None
    units: list[str]
    items: list[str]


class Row(Schema):
    """One unit's report: item → text, `0` for none, `?` for not known."""

    unit: str = Field(max_length=200)
    items: dict[str, str] = Field(max_length=500)
    note: str = Field("", max_length=2000)


class Sent(Schema):
    """Reports of a dataset for a period; `key` makes sending again harmless."""

    key: str = Field(min_length=8, max_length=64, pattern=r"^[\x21-\x7e]+$")
    rows: list[Row] = Field(max_length=MOST)


class Taken(Schema):
    """What became of one unit's report."""

    unit: str
    version: int | None = None
    refused: str | None = None


class Standing(Schema):
    """How a unit's report stands."""

    unit: str
    state: str
    version: int


@api.get("/due", response={200: list[Due], 401: Problem}, summary="What is due from one's units")
def due(request: HttpRequest) -> list[dict[str, Any]]:
    """The periods that can be reported, newest first, with the units that owe them."""
    declared, mine = programme(), request.auth.units("entry.view")
    found = []
    for dataset in datasets_entered(declared):
        for each in deadlines(dataset, declared.calendar, calendar_today()):
            units = owing(declared, dataset, each, mine)
            if units:
                day = each.due.isoformat() if each.due else None
                found.append(
                    {
                        "dataset": dataset.name,
                        "period": each.period.code,
                        "due": day,
                        "units": units,
                        "items": list(dataset.items),
                    }
                )
    return found


@api.get(
    "/reports/{dataset}/{period}",
    response={200: list[Standing], 401: Problem, 404: Problem},
    summary="How reports stand",
)
def reports(request: HttpRequest, dataset: str, period: str) -> list[dict[str, Any]]:
    """The reports of one's units that were entered or sent."""
    known, each = _known(dataset, period)
    mine = request.auth.units("entry.view")
    found = Report.objects.filter(dataset=known.name, period=each.period.code).order_by("unit")
    return [
        {"unit": one.unit, "state": one.state, "version": one.version} for one in found if one.unit in mine
    ]


@api.post(
    "/reports/{dataset}/{period}",
    response={200: list[Taken], 401: Problem, 404: Problem, 422: Problem},
    summary="Send reports",
)
def send(request: HttpRequest, dataset: str, period: str, sent: Sent) -> list[dict[str, Any]]:
    """Each report is taken or refused by itself; sent again with the same key nothing is doubled."""
    known, each = _known(dataset, period)
    access = request.auth
    owed = set(owing(programme(), known, each, access.units("entry.write")))
    shut = closed_units(known.name, each.period.code, access.tree)
    return [_taken(request, known, each, row, sent.key, owed=owed, shut=shut) for row in sent.rows]


def _taken(
    request: HttpRequest,
    known: Dataset,
    each: Deadline,
    row: Row,
    key: str,
    *,
    owed: set[str],
    shut: frozenset[str],
) -> dict[str, Any]:
    try:
        if row.unit not in owed:
            raise TallymarkError("the unit owes no such report, or is not yours")
        if row.unit in shut:
            raise TallymarkError("this period is closed; ask the statistician to open it again")
        typed = steps.Row(known, each.period.code, row.unit, row.items, row.note, 0)
        version = steps.submit(typed, key=f"{key}:{row.unit}"[:80], by=request.user, at=timezone.now())
        return {"unit": row.unit, "version": version.number}
    except TallymarkError as error:
        return {"unit": row.unit, "refused": explained(error)}


def _known(dataset: str, period: str) -> tuple[Dataset, Deadline]:
    found = find(dataset, period, calendar_today())
    if found is None:
        raise HttpError(404, "there is no such report, or its period is not over")
    return found
