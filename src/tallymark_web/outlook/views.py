"""Pages of a projection: a map of one's own units' change, and each unit's fan, pyramid and Lexis surface."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tallymark.publish.numbers import decimal, spread
from tallymark.publish.planning_pictures import change_map, pictures
from tallymark.publish.planning_record import RECORD, Place, Planning, read_recorded
from tallymark_web.words import language
from tallymark_web.workplace import folder

PROJECTIONS = "projections"
"""Folder of the workplace with one folder a projection, as `tallymark project` writes it."""
ACTION = "outlook.view"


def outlook(request: HttpRequest) -> HttpResponse:
    """The person's own places: how much each changes; all together for those who may see every place of it."""
    planning = _newest()
    if planning is None:
        return render(request, "web/outlook.html", {"planning": None})
    mine = [place for place in _places(planning) if request.access.may(ACTION, place.code)]
    every = len(mine) == len(_places(planning))
    hrefs = {place.code: reverse("outlook-unit", kwargs={"unit": place.code}) for place in mine}
    shown = {
        "planning": planning,
        "rows": [_row(place) | {"href": hrefs[place.code]} for place in mine],
        "map": change_map(planning, mine, hrefs, language()) if mine else "",
        "pictures": pictures(planning, planning.whole, language()) if every else None,
        "table": _table(planning, planning.whole) if every else None,
    }
    return render(request, "web/outlook.html", shown | _years(planning))


def unit(request: HttpRequest, unit: str) -> HttpResponse:
    """One unit's projection; 404 where the newest one does not have it."""
    planning = _newest()
    found = [place for place in _places(planning) if place.code == unit] if planning else []
    if planning is None or not found:
        raise Http404
    shown = {
        "planning": planning,
        "place": found[0],
        "pictures": pictures(planning, found[0], language()),
        "table": _table(planning, found[0]),
    }
    return render(request, "web/outlook_unit.html", shown | _years(planning))


def any_projection() -> bool:
    """Whether there is one at all: without, the navigation leaves the page out."""
    return next(folder().glob(f"{PROJECTIONS}/*/{RECORD}"), None) is not None


def _newest() -> Planning | None:
    """The projection written last; None while there is none."""
    files = sorted(
        folder().glob(f"{PROJECTIONS}/*/{RECORD}"), key=lambda path: (path.stat().st_mtime_ns, path)
    )
    return _read(files[-1], files[-1].stat().st_mtime_ns) if files else None


@lru_cache(maxsize=2)
def _read(file: Path, stamp: int) -> Planning:
    del stamp  # a file written again is read again
    return read_recorded(file)


def _places(planning: Planning) -> tuple[Place, ...]:
    return planning.places or (planning.whole,)


def _years(planning: Planning) -> dict[str, int]:
    return {"first": planning.years[0], "last": planning.years[-1]}


def _row(place: Place) -> dict[str, str]:
    total = place.sums["total"]
    return {
        "title": place.title[language()],
        "first": decimal(total[0]),
        "last": decimal(total[-1]),
        "children": decimal(place.sums["under_five"][-1]),
        "elders": decimal(place.sums["elders_65"][-1]),
    }


def _table(planning: Planning, place: Place) -> list[dict[str, str]]:
    """A row a group: people on the first and the last day, and eight futures in ten of the last."""
    rows = []
    for group, title in planning.groups.items():
        values, around = place.sums[group], place.quantiles.get(group)
        rows.append(
            {
                "title": title[language()],
                "first": "—" if values[0] != values[0] else decimal(values[0]),
                "last": "—" if values[-1] != values[-1] else decimal(values[-1]),
                "between": spread(around[0][-1], around[-1][-1], 0, language()) if around else "",
            }
        )
    return rows
