"""What planning pages tell of a projection, and its file: for pages made here and for those made elsewhere from it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tallymark.model.text import Text
from tallymark.publish.geography import Outlines

RECORD = "planning-data.json"
Series = Sequence[float]


@dataclass(frozen=True, slots=True)
class Place:
    """One unit, or all together: series by year of each group (with quantiles from the lowest), and five-year groups.

    sums: group → values. quantiles: group → values of each level; empty without futures. others: scenario → totals.
    fives: (year, sex, five-year group). bands: (level, sex, five-year group) of the last year, lowest and highest.
    """

    code: str
    title: Text
    sums: Mapping[str, Series]
    quantiles: Mapping[str, Sequence[Series]]
    others: Mapping[str, Series]
    fives: Sequence[Sequence[Series]]
    bands: Sequence[Sequence[Series]] | None


@dataclass(frozen=True, slots=True)
class Planning:
    """What the pages tell of a projection; `whole` is all places together."""

    title: Text
    description: Text
    years: tuple[int, ...]
    groups: Mapping[str, Text]
    scenarios: Mapping[str, Text]
    whole: Place
    places: tuple[Place, ...]
    futures: int
    notes: tuple[Text, ...]
    hash: str
    outlines: Outlines | None = None


def recorded(planning: Planning) -> dict[str, Any]:
    """The projection's series as JSON can hold them; what is missing is null. Outlines are left out."""
    return {
        "title": _both(planning.title),
        "description": _both(planning.description),
        "years": list(planning.years),
        "groups": {name: _both(title) for name, title in planning.groups.items()},
        "scenarios": {name: _both(title) for name, title in planning.scenarios.items()},
        "whole": _place(planning.whole),
        "places": [_place(place) for place in planning.places],
        "futures": planning.futures,
        "notes": [_both(note) for note in planning.notes],
        "hash": planning.hash,
    }


def read_recorded(file: Path) -> Planning:
    """The projection that a file of `tallymark project` holds."""
    held = json.loads(file.read_text(encoding="utf-8"))
    return Planning(
        title=Text(**held["title"]),
        description=Text(**held["description"]),
        years=tuple(held["years"]),
        groups={name: Text(**title) for name, title in held["groups"].items()},
        scenarios={name: Text(**title) for name, title in held["scenarios"].items()},
        whole=_read(held["whole"]),
        places=tuple(_read(place) for place in held["places"]),
        futures=held["futures"],
        notes=tuple(Text(**note) for note in held["notes"]),
        hash=held["hash"],
    )


def _both(text: Text) -> dict[str, str]:
    return {"en": text["en"], "zh": text["zh"]}


def _place(place: Place) -> dict[str, Any]:
    series = ("sums", "quantiles", "others", "fives", "bands")
    told = {name: _plain(getattr(place, name)) for name in series}
    return {"code": place.code, "title": _both(place.title), **told}


def _read(held: Mapping[str, Any]) -> Place:
    series = {name: _known(held[name]) for name in ("sums", "quantiles", "others", "fives", "bands")}
    return Place(code=held["code"], title=Text(**held["title"]), **series)


def _plain(values: Any) -> Any:
    """Numbers to two decimals, missing ones as None."""
    if isinstance(values, Mapping):
        return {name: _plain(value) for name, value in values.items()}
    if isinstance(values, Sequence):
        return [_plain(value) for value in values]
    return values if values is None else round(values, 2) if math.isfinite(values) else None


def _known(values: Any) -> Any:
    """Lists with NaN for None; None alone stays."""
    if isinstance(values, Mapping):
        return {name: _known(value) for name, value in values.items()}
    if isinstance(values, list):
        return [math.nan if value is None else _known(value) for value in values]
    return values
