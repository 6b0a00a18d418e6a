"""DHIS2 metadata as we use it: data elements, category option combinations, data sets, indicators, groups."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tallymark.errors import ReceiveError
from tallymark.model.text import Text

Json = Mapping[str, Any]
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Element:
    uid: str
    title: Text
    domain: str
    value_type: str
    aggregation: str
    combo: str


@dataclass(frozen=True, slots=True)
class Combination:
    """A category option combination: which option in which category; empty for the default one."""

    uid: str
    name: str
    combo: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DataSet:
    uid: str
    title: Text
    period_type: str
    timely_days: int
    elements: tuple[str, ...]
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class Formula:
    """An indicator, or a program indicator (then `denominator` is empty and `program` true)."""

    uid: str
    title: Text
    description: str
    numerator: str
    denominator: str
    factor: float
    annualised: bool
    decimals: int | None
    program: bool = False


@dataclass(frozen=True, slots=True)
class Metadata:
    elements: Mapping[str, Element]
    categories: Mapping[str, str]
    """Category → name, the default one left out."""
    options: Mapping[str, tuple[str, ...]]
    """Category → names of its options."""
    combos: Mapping[str, tuple[str, ...]]
    """Category combination → its categories, the default one left out."""
    combinations: Mapping[str, Combination]
    data_sets: tuple[DataSet, ...]
    formulas: tuple[Formula, ...]
    constants: Mapping[str, float]
    levels: tuple[str, ...]
    groups: Mapping[str, tuple[str, frozenset[str]]]
    """Unit group → name, members."""
    group_sets: Mapping[str, tuple[str, tuple[str, ...]]]
    """Group set → name, groups."""


def read_metadata(path: Path) -> Metadata:
    """What a DHIS2 metadata export (JSON) says."""
    said = _json(path)
    if not isinstance(said, dict):
        raise ReceiveError(
            "{file} is not a DHIS2 metadata export: an object with `dataElements` and so on is needed",
            file=path,
        )
    options = {one["id"]: str(one["name"]).strip() for one in _list(said, "categoryOptions")}
    categories = [one for one in _list(said, "categories") if one["name"] != DEFAULT]
    of = {one["id"]: tuple(option["id"] for option in one.get("categoryOptions", ())) for one in categories}
    combos = {
        one["id"]: tuple(part["id"] for part in one.get("categories", ()) if part["id"] in of)
        for one in _list(said, "categoryCombos")
    }
    return Metadata(
        elements={one["id"]: _element(one) for one in _list(said, "dataElements")},
        categories={one["id"]: one["name"] for one in categories},
        options={uid: tuple(options[option] for option in chosen if option in options) for uid, chosen in of.items()},
        combos=combos,
        combinations={one["id"]: _combination(one, options, of) for one in _list(said, "categoryOptionCombos")},
        data_sets=tuple(_data_set(one) for one in _list(said, "dataSets")),
        formulas=_formulas(said),
        constants={one["id"]: float(one["value"]) for one in _list(said, "constants")},
        levels=tuple(one["name"] for one in sorted(_list(said, "organisationUnitLevels"), key=lambda one: one["level"])),
        groups={
            one["id"]: (one["name"], frozenset(unit["id"] for unit in one.get("organisationUnits", ())))
            for one in _list(said, "organisationUnitGroups")
        },
        group_sets={
            one["id"]: (one["name"], tuple(group["id"] for group in one.get("organisationUnitGroups", ())))
            for one in _list(said, "organisationUnitGroupSets")
        },
    )  # fmt: skip


def read_units(path: Path) -> Sequence[Json]:
    """The organisation units of an export: a list, or an object with `organisationUnits`."""
    said = _json(path)
    units = said.get("organisationUnits") if isinstance(said, dict) else said
    if not isinstance(units, list):
        raise ReceiveError("{file} has no list of organisation units", file=path)
    return units


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReceiveError("{file} cannot be read: {reason}", file=path, reason=error.strerror) from None
    except ValueError as error:
        raise ReceiveError("{file} is not JSON: {reason}", file=path, reason=error) from None


def _list(said: Json, key: str) -> Sequence[Json]:
    return said.get(key) or ()


def _title(one: Json) -> Text:
    zh = [
        translation["value"]
        for translation in one.get("translations") or ()
        if translation.get("property") == "NAME" and str(translation.get("locale", "")).startswith("zh")
    ]
    return Text(" ".join(str(one["name"]).split()), zh[0] if zh else "")


def _element(one: Json) -> Element:
    return Element(
        one["id"], _title(one), one.get("domainType", "AGGREGATE"), one.get("valueType", "NUMBER"),
        one.get("aggregationType", "SUM"), (one.get("categoryCombo") or {}).get("id", ""),
    )  # fmt: skip


def _combination(one: Json, options: Mapping[str, str], of: Mapping[str, tuple[str, ...]]) -> Combination:
    where = {option: category for category, chosen in of.items() for option in chosen}
    chosen = {
        where[option["id"]]: options[option["id"]]
        for option in one.get("categoryOptions", ())
        if option["id"] in where
    }
    return Combination(one["id"], one["name"], (one.get("categoryCombo") or {}).get("id", ""), chosen)


def _data_set(one: Json) -> DataSet:
    return DataSet(
        uid=one["id"],
        title=_title(one),
        period_type=one.get("periodType", ""),
        timely_days=int(one.get("timelyDays") or 0),
        elements=tuple(part["dataElement"]["id"] for part in one.get("dataSetElements", ())),
        units=frozenset(unit["id"] for unit in one.get("organisationUnits", ())),
    )


def _formulas(said: Json) -> tuple[Formula, ...]:
    factors = {one["id"]: float(one.get("factor", 1)) for one in _list(said, "indicatorTypes")}
    own = [
        Formula(
            uid=one["id"],
            title=_title(one),
            description=one.get("description") or "",
            numerator=one.get("numerator") or "",
            denominator=one.get("denominator") or "1",
            factor=factors.get((one.get("indicatorType") or {}).get("id", ""), 1.0),
            annualised=bool(one.get("annualized")),
            decimals=one.get("decimals"),
        )
        for one in _list(said, "indicators")
    ]
    of_programs = [
        Formula(
            one["id"], _title(one), one.get("description") or "", one.get("expression") or "", "", 1.0, False,
            one.get("decimals"), program=True,
        )
        for one in _list(said, "programIndicators")
    ]  # fmt: skip
    return (*own, *of_programs)
