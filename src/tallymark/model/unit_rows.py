"""Units as declared in rows → columns, with everything that is wrong with them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tallymark.findings import Finding, Severity, Where, did_you_mean
from tallymark.model.text import Text

KNOWN = frozenset({"unit", "name", "name_en", "name_zh", "parent", "level", "opened", "closed", "attributes"})
"""Keys of a row that are not attributes; keys that start with `_` say where the row was written."""


@dataclass(slots=True)
class UnitRows:
    """Units in the order written, one list a column; `parent` and `level` are indices, None where unusable."""

    codes: list[str] = field(default_factory=list)
    names: list[Text] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    parents: list[int | None] = field(default_factory=list)
    opened: list[dt.date | None] = field(default_factory=list)
    closed: list[dt.date | None] = field(default_factory=list)
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)


def wrong(
    code: str,
    where: Where,
    template: str,
    hint: str = "",
    *,
    severity: Severity = Severity.ERROR,
    **values: object,
) -> Finding:
    """A finding about declared units."""
    return Finding(f"units.{code}", severity, template, hint, values, where)


def where_written(row: object, unit: str | None = None) -> Where:
    """The place a row or change was written, as far as it says."""
    return Where(file=value_of(row, "_file"), line=value_of(row, "_line"), unit=unit)


def value_of(thing: object, name: str) -> Any:
    """A named value of a mapping or an object; None when it has none."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def text_of(value: object) -> str | None:
    """A cell as text: trimmed, 12.0 as `12`, None when empty."""
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def date_of(value: object) -> dt.date | None:
    """A date from a date, a timestamp or text such as `2025-03-14` or `2025/3/14`; None when empty.

    Errors: ValueError when it is no date.
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = text_of(value)
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ].*)?", text)
    if not match:
        raise ValueError(text)
    return dt.date(*map(int, match.groups()))


def nearest(word: str, known: Iterable[str]) -> str:
    """Known names near a misspelt one, as text for a hint."""
    return ", ".join(did_you_mean(word, known))


def name_of(row: Mapping[str, Any], code: str) -> Text:
    """The unit's name; the code where none is written."""
    english, chinese, plain = (text_of(row.get(key)) or "" for key in ("name_en", "name_zh", "name"))
    if re.search("[㐀-鿿]", plain):
        chinese = chinese or plain
    else:
        english = english or plain
    return Text(english, chinese) if english or chinese else Text(code)


def read_rows(rows: Iterable[Mapping[str, Any]], levels: Sequence[str]) -> tuple[UnitRows, list[Finding]]:
    """Declared rows as columns; what cannot stand is left out of them and reported."""
    found, problems = UnitRows(), list[Finding]()
    depths = {level: depth for depth, level in enumerate(levels)}
    for row in rows:
        code = text_of(row.get("unit"))
        if code is None:
            problems.append(wrong("no_code", where_written(row), "a unit has no code", "fill its `unit`"))
        elif code in found.index:
            problems.append(_duplicate(row, code, found.rows[found.index[code]]))
        else:
            _add(found, problems, row, code, depths)
    for at, row in enumerate(found.rows):
        found.parents.append(_parent(found, problems, row, at))
    _cut_cycles(found, problems)
    _cut_misplaced(found, problems, levels)
    _report_rootless(found, problems)
    return found, problems


def _add(
    found: UnitRows, problems: list[Finding], row: Mapping[str, Any], code: str, depths: Mapping[str, int]
) -> None:
    where = where_written(row, code)
    found.index[code] = len(found.codes)
    found.codes.append(code)
    found.rows.append(row)
    found.names.append(name_of(row, code))
    level = text_of(row.get("level"))
    if level not in depths:
        problems.append(
            wrong("unknown_level", where, "“{unit}” is at level “{level}”, which is not declared", "levels are {known}",
                  unit=code, level=level or "", known=nearest(level or "", depths) or ", ".join(depths))
        )  # fmt: skip
    found.levels.append(depths.get(level or "", len(depths) - 1))
    opened, closed = _date(problems, row, code, "opened"), _date(problems, row, code, "closed")
    if opened and closed and closed <= opened:
        problems.append(
            wrong("closed_before_opened", where, "“{unit}” closes on {closed}, not after it opens on {opened}",
                  "`closed` is the first day it no longer stands", unit=code, opened=opened, closed=closed)
        )  # fmt: skip
        closed = None
    found.opened.append(opened)
    found.closed.append(closed)


def _duplicate(row: Mapping[str, Any], code: str, first: Mapping[str, Any]) -> Finding:
    return wrong(
        "duplicate", where_written(row, code), "unit “{unit}” is declared twice, first at {first}",
        "give each unit a code of its own; a boundary change belongs under `changes`",
        unit=code, first=str(where_written(first)) or "an earlier row",
    )  # fmt: skip


def _date(problems: list[Finding], row: Mapping[str, Any], code: str, name: str) -> dt.date | None:
    try:
        return date_of(row.get(name))
    except ValueError:
        problems.append(
            wrong("not_a_date", where_written(row, code), "`{column}` of “{unit}” is “{value}”, which is no date",
                  "write 2025-03-14", unit=code, column=name, value=row.get(name))
        )  # fmt: skip
        return None


def _parent(found: UnitRows, problems: list[Finding], row: Mapping[str, Any], at: int) -> int | None:
    parent = text_of(row.get("parent"))
    if parent is None or parent in found.index:
        return found.index[parent] if parent else None
    near = nearest(parent, found.index)
    problems.append(
        wrong("unknown_parent", where_written(row, found.codes[at]),
              "“{unit}” stands under “{parent}”, which is no declared unit",
              "did you mean {near}?" if near else "declare it, or correct `parent`",
              unit=found.codes[at], parent=parent, near=near)
    )  # fmt: skip
    return None


def _cut_cycles(found: UnitRows, problems: list[Finding]) -> None:
    """Reports each ring of units that stand under one another once, and takes the ring's links away."""
    state = [0] * len(found.codes)
    for start in range(len(state)):
        path, at = [], start
        while at is not None and state[at] == 0:
            state[at] = 1
            path.append(at)
            at = found.parents[at]
        if at is not None and state[at] == 1:
            ring = path[path.index(at) :]
            problems.append(_ring(found, ring))
            for member in ring:
                found.parents[member] = None
        for member in path:
            state[member] = 2


def _ring(found: UnitRows, ring: list[int]) -> Finding:
    first = ring.index(min(ring))
    codes = [found.codes[member] for member in ring[first:] + ring[:first]]
    return wrong(
        "cycle", where_written(found.rows[ring[first]], codes[0]), "units stand under one another: {ring}",
        "correct the `parent` of one of them", ring=" → ".join([*codes, codes[0]]),
    )  # fmt: skip


def _cut_misplaced(found: UnitRows, problems: list[Finding], levels: Sequence[str]) -> None:
    for at, parent in enumerate(found.parents):
        if parent is not None and found.levels[parent] >= found.levels[at]:
            unit, above = found.codes[at], found.codes[parent]
            problems.append(
                wrong("level_order", where_written(found.rows[at], unit),
                      "“{unit}” ({level}) stands under “{parent}” ({parent_level}), which is not a level above",
                      "levels, highest first, are {levels}", unit=unit, level=levels[found.levels[at]], parent=above,
                      parent_level=levels[found.levels[parent]], levels=", ".join(levels))
            )  # fmt: skip
            found.parents[at] = None


def _report_rootless(found: UnitRows, problems: list[Finding]) -> None:
    top = min(found.levels, default=0)
    for at, row in enumerate(found.rows):
        if found.levels[at] > top and text_of(row.get("parent")) is None:
            problems.append(
                wrong("no_parent", where_written(row, found.codes[at]),
                      "“{unit}” stands under no unit, so its figures count in no total", "fill its `parent`",
                      severity=Severity.WARNING, unit=found.codes[at])
            )  # fmt: skip


def attributes_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str | None, ...]]:
    """Further declared columns, each with one text a unit; NULL where a row has none."""
    own = [
        {key: value for key, value in row.items() if key not in KNOWN and not key.startswith("_")}
        | dict(row.get("attributes") or {})
        for row in rows
    ]
    names = dict.fromkeys(name for values in own for name in values)
    return {name: tuple(text_of(values.get(name)) for values in own) for name in names}
