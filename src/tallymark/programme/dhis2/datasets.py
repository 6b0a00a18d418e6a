"""Data sets and elements → datasets of reports, measures, and the source that maps data values to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tallymark.findings import Finding, Severity, Where
from tallymark.model.text import Text
from tallymark.programme.dhis2.metadata import DataSet, Element, Metadata
from tallymark.programme.dhis2.names import slug, unique_names
from tallymark.programme.dhis2.units import YES, UnitTable

FREQUENCIES = {
    "Daily": "day", "Weekly": "week", "Monthly": "month", "Quarterly": "quarter", "SixMonthly": "half",
    "Yearly": "year",
}  # fmt: skip
TYPES = {
    "NUMBER": ("number", None), "INTEGER": ("integer", None), "INTEGER_POSITIVE": ("integer", 1),
    "INTEGER_NEGATIVE": ("integer", None), "INTEGER_ZERO_OR_POSITIVE": ("integer", 0), "PERCENTAGE": ("number", 0),
    "UNIT_INTERVAL": ("number", 0), "BOOLEAN": ("boolean", None), "TRUE_ONLY": ("boolean", None),
    "DATE": ("date", None),
}  # fmt: skip
"""DHIS2 value type → ours, least value."""
OVER_TIME = {
    "SUM": None,
    "AVERAGE_SUM_ORG_UNIT": "average",
    "AVERAGE": "average",
    "LAST": "last",
    "FIRST": "first",
}
"""DHIS2 aggregation type → how an item becomes a longer period's figure (None: added up)."""
SHORT = 40


@dataclass(frozen=True, slots=True)
class Declared:
    """Parts of the programme's files, and our names for DHIS2's things."""

    datasets: Mapping[str, dict[str, Any]]
    source: Mapping[str, Any]
    measures: Mapping[str, dict[str, Any]]
    dataset_names: Mapping[str, str]
    element_names: Mapping[str, str]
    """Data element → its item and measure; only those that can be measured."""
    breakdowns: Mapping[str, str]
    """Category → breakdown column."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Making:
    said: Metadata
    units: UnitTable
    names: Mapping[str, str]
    """Data element → item."""
    breakdowns: Mapping[str, str]


def declare(said: Metadata, units: UnitTable, file: str) -> Declared:
    """Datasets of reports for the data sets of an export, each element in the first data set that has it."""
    notes: list[Finding] = []
    usable = [one for one in said.data_sets if _frequency_known(one, notes)]
    dataset_names = unique_names((one.uid, one.title.en) for one in usable)
    homes = _homes(said, usable, dataset_names, notes)
    element_names = unique_names(
        [(uid, said.elements[uid].title.en) for uid in homes], dataset_names.values()
    )
    making = _Making(said, units, element_names, unique_names(said.categories.items()))
    datasets, tables, measures = {}, [], {}
    for one in usable:
        name = dataset_names[one.uid]
        own = [said.elements[uid] for uid, home in homes.items() if home == name]
        if not own:
            continue
        datasets[name] = _dataset(making, one, own)
        tables.append(_table(making, name, own))
        for element in own:
            measure = _measure(element, name, element_names[element.uid], notes)
            if measure is not None:
                measures[element_names[element.uid]] = measure
    return Declared(
        datasets=datasets,
        source={"title": "DHIS2 data values", "format": "dhis2", "tables": tables},
        measures=measures,
        dataset_names=dataset_names,
        element_names={uid: name for uid, name in element_names.items() if name in measures},
        breakdowns=making.breakdowns,
        findings=tuple(replace(note, where=Where(file=file)) for note in notes),
    )


def written_title(title: Text) -> str | dict[str, str]:
    """A title as YAML says it."""
    return {"en": title.en, "zh": title.zh} if title.zh else title.en


def _frequency_known(one: DataSet, notes: list[Finding]) -> bool:
    if one.period_type in FREQUENCIES:
        return True
    template = "the data set “{name}” is reported {period_type}, which is not supported; it was left out"
    notes.append(_note("dhis2.period_type", template, name=one.title.en, period_type=one.period_type))
    return False


def _homes(
    said: Metadata, usable: list[DataSet], names: Mapping[str, str], notes: list[Finding]
) -> dict[str, str]:
    """Data element → our name of the first data set that has it."""
    homes: dict[str, str] = {}
    for one in usable:
        for uid in one.elements:
            element = said.elements.get(uid)
            if element is None or element.domain != "AGGREGATE" or uid in homes:
                continue
            if element.value_type not in TYPES:
                template = "the data element “{name}” holds {value_type}, not numbers; it was left out"
                notes.append(
                    _note("dhis2.value_type", template, name=element.title.en, value_type=element.value_type)
                )
                continue
            homes[uid] = names[one.uid]
    somewhere = {uid for one in said.data_sets for uid in one.elements}
    for element in said.elements.values():
        if element.domain == "AGGREGATE" and element.uid not in somewhere:
            template = "the data element “{name}” is in no data set; it was left out"
            notes.append(_note("dhis2.no_data_set", template, name=element.title.en))
    return homes


def _dataset(making: _Making, one: DataSet, own: list[Element]) -> dict[str, Any]:
    said, units, breakdowns = making.said, making.units, making.breakdowns
    categories = dict.fromkeys(category for element in own for category in said.combos.get(element.combo, ()))
    written: dict[str, Any] = {
        "title": written_title(one.title),
        "kind": "reports",
        "level": units.levels[-1][0],
        "frequency": FREQUENCIES[one.period_type],
    }
    if one.timely_days > 0:
        written["due"] = {"days": one.timely_days}
    if one.uid in units.reporting:
        written["reporters"] = f"{units.reporting[one.uid]} = '{YES}'"
    if categories:
        written["breakdowns"] = [breakdowns[category] for category in categories]
        written["columns"] = {breakdowns[category]: _category(said, category) for category in categories}
    written["items"] = {making.names[element.uid]: _item(element) for element in own}
    return written


def _category(said: Metadata, category: str) -> dict[str, Any]:
    return {"type": "category", "title": said.categories[category], "values": list(said.options[category])}


def _item(element: Element) -> dict[str, Any]:
    kind, least = TYPES[element.value_type]
    written: dict[str, Any] = {"title": written_title(element.title), "type": kind}
    if least is not None:
        written["min"] = least
    return written


def _table(making: _Making, name: str, own: list[Element]) -> dict[str, Any]:
    """The source's table of a data set. Combinations of other data sets are named too: all come in one file."""
    said = making.said
    mine = {category for element in own for category in said.combos.get(element.combo, ())}
    combos = {element.combo for element in said.elements.values() if element.uid in making.names}
    categories = {
        one.uid: {
            making.breakdowns[category]: option
            for category, option in one.options.items()
            if category in mine
        }
        for one in said.combinations.values()
        if one.combo in combos
    }
    items = {element.uid: making.names[element.uid] for element in own}
    return {"dataset": name, "items": items, "categories": categories}


def _measure(element: Element, dataset: str, item: str, notes: list[Finding]) -> dict[str, Any] | None:
    name = element.title.en
    if element.aggregation not in OVER_TIME:
        template = (
            "“{name}” is aggregated by {aggregation}, which is not supported; it is stored but not measured"
        )
        notes.append(_note("dhis2.aggregation", template, name=name, aggregation=element.aggregation))
        return None
    if element.aggregation == "AVERAGE":
        template = (
            "“{name}” is averaged over units in DHIS2; here it is averaged over time and added up over units"
        )
        notes.append(_note("dhis2.average", template, name=name))
    written: dict[str, Any] = {"dataset": dataset, "item": item, "title": written_title(element.title)}
    over_time = OVER_TIME[element.aggregation]
    return {**written, "over_time": over_time} if over_time else written


def _note(code: str, template: str, **values: str) -> Finding:
    return Finding(code, Severity.WARNING, template, "", values)


def combination_name(item: str, combination: str) -> str:
    """The measure of one category option combination of an item."""
    return f"{item[:SHORT]}_{slug(combination)[: 78 - SHORT]}"
