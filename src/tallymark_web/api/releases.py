"""Releases for programs: what everybody may read on the pages, as JSON and CSV, without a token."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from tallymark.publish.downloads import csv_bytes
from tallymark.releasing import Released, open_release
from tallymark_web.api.answers import Problem
from tallymark_web.releases.files import kept
from tallymark_web.releases.models import PUBLIC, WITHDRAWN, Release

MOST_ROWS = 5_000
router = Router(auth=None)


class Listed(Schema):
    """A release; `reason` says why it was withdrawn."""

    release: str
    contract: str
    period: str
    released_at: str
    state: str
    reason: str
    tables: dict[str, int]
    """Table → rows."""
    attacked: dict[str, float]
    """How the attack on small counts went: `exposed` is 0 in every release."""


class Rows(Schema):
    """Rows of a released table; NULL is missing, or withheld where `basis` is `suppressed`, never zero."""

    columns: list[str]
    rows: list[list[Any]]
    total: int


class Part(Schema):
    """Which rows: of a unit, a period, from where, and how many."""

    unit: str = ""
    period: str = ""
    start: int = 0
    rows: int = 1000


@router.get("", response=list[Listed], summary="Releases")
def releases(request: HttpRequest) -> list[dict[str, Any]]:
    """Every release, newest first, withdrawn ones among them."""
    return [_listed(one) for one in Release.objects.filter(state__in=(PUBLIC, WITHDRAWN))]


@router.get("/{code}", response={200: Listed, 404: Problem}, summary="One release")
def release(request: HttpRequest, code: str) -> dict[str, Any]:
    """What is in a release, and how it was tested."""
    return _listed(_found(code, (PUBLIC, WITHDRAWN)))


@router.get("/{code}/tables/{table}", response={200: Rows, 404: Problem}, summary="Rows of a table")
def table(request: HttpRequest, code: str, table: str, part: Query[Part]) -> dict[str, Any]:
    """Rows of a released table, at most 5,000 at once."""
    found = _table(code, table)
    for name, value in (("unit", part.unit), ("period", part.period)):
        if value and name in found.column_names:
            found = found.filter(pc.equal(found.column(name), value))
    start, many = max(part.start, 0), min(max(part.rows, 0), MOST_ROWS)
    rows = [list(row.values()) for row in found.slice(min(start, found.num_rows), many).to_pylist()]
    return {"columns": found.column_names, "rows": rows, "total": found.num_rows}


@router.get("/{code}/tables/{table}/csv", response={200: None, 404: Problem}, summary="A table as CSV")
def as_csv(request: HttpRequest, code: str, table: str) -> HttpResponse:
    """A whole released table as CSV."""
    return HttpResponse(csv_bytes(_table(code, table), code), content_type="text/csv; charset=utf-8")


def _found(code: str, states: tuple[str, ...]) -> Release:
    found = Release.objects.filter(code=code, state__in=states).first()
    if found is None:
        raise HttpError(404, "there is no such release")
    return found


def _table(code: str, name: str) -> Any:
    made: Released = open_release(kept(_found(code, (PUBLIC,)).code))
    if name not in made.manifest["tables"]:
        raise HttpError(404, "the release has no such table")
    return made.table(name)


def _listed(one: Release) -> dict[str, Any]:
    manifest = open_release(kept(one.code)).manifest
    return {
        "release": one.code,
        "contract": manifest["contract"],
        "period": manifest["period"],
        "released_at": one.decided_at.isoformat() if one.decided_at else "",
        "state": one.state,
        "reason": one.reason,
        "tables": {name: entry["rows"] for name, entry in manifest["tables"].items()},
        "attacked": one.attacked,
    }
