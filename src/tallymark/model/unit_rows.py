"""Units as declared in rows → columns, with everything that is wrong with them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tallymark.findings import Finding, Severity, Where, did_you_mean
from tallymark.model.text import Text

KNOWN = frozenset({"unit", "name", "name_en", "name_zh", "parent", "level", "opened", "closed", "attributes"})
"""Keys of a row that are not attributes; those that start with `_` say where it was written."""

MOST_GUESSES = 20
"""Unknown parents for which near names are looked up: a whole wrong column would take minutes."""


@dataclass(slots=True)
class UnitRows:
    """Units in the order written, one list a column; `levels` and `parents` are indices."""

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
    values: Mapping[str, Any],
) -> Finding:
    """A finding about declared units."""
    return Finding(f"units.{code}", severity, template, hint, values, where)


def where_written(row: object, unit: str | None = None) -> Where:
    """The place where a row or change was written, as far as it says."""
    return Where(file=value_of(row, "_file"), line=value_of(row, "_line"), unit=unit)


def value_of(thing: object, name: str) -> Any:
    """A named value of a mapping or an object; None when it has none."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def text_of(value: object) -> str | None:
    """A cell as text: trimmed, 12.0 as `12`, None when empty or not a number."""
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
    return dt.date(int(match[1]), int(match[2]), int(match[3]))


def name_of(row: Mapping[str, Any], code: str) -> Text:
    """The unit's name; the code where none is written."""
    english, chinese, plain = (text_of(row.get(key)) or "" for key in ("name_en", "name_zh", "name"))
    if re.search("[\u3400-\u9fff]", plain):
        chinese = chinese or plain
    else:
        english = english or plain
    return Text(english, chinese) if english or chinese else Text(code)


def attributes_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str | None, ...]]:
    """Further declared columns, each with one text a unit; None where a row has none."""
    own = [
        {key: value for key, value in row.items() if key not in KNOWN and not key.startswith("_")}
        | dict(row.get("attributes") or {})
        for row in rows
    ]
    names = dict.fromkeys(name for values in own for name in values)
    return {name: tuple(text_of(values.get(name)) for values in own) for name in names}


def read_rows(rows: Iterable[Mapping[str, Any]], levels: Sequence[str]) -> tuple[UnitRows, list[Finding]]:
    """Declared rows as columns; what cannot stand is left out of them and reported."""
    found, problems = UnitRows(), list[Finding]()
    depths = {level: depth for depth, level in enumerate(levels)}
    for row in rows:
        code = text_of(row.get("unit"))
        if code is None:
            problems.append(
                wrong("no_code", where_written(row), "a unit has no code", "fill its `unit`", values={})
            )
        elif code in found.index:
            problems.append(_duplicate(row, code, found.rows[found.index[code]]))
        else:
            problems.extend(_add(found, row, code, depths))
    problems.extend(_find_parents(found))
    problems.extend(_cut_rings(found))
    problems.extend(_cut_misplaced(found, levels))
    problems.extend(_rootless(found))
    return found, problems


def _duplicate(row: Mapping[str, Any], code: str, first: Mapping[str, Any]) -> Finding:
    place = str(where_written(first))
    return wrong(
        "duplicate",
        where_written(row, code),
        "unit “{unit}” is declared twice, first at {first}" if place else "unit “{unit}” is declared twice",
        "give each unit a code of its own; what happened to it belongs under `changes`",
        values={"unit": code, "first": place},
    )


def _add(found: UnitRows, row: Mapping[str, Any], code: str, depths: Mapping[str, int]) -> Iterable[Finding]:
    found.index[code] = len(found.codes)
    found.codes.append(code)
    found.rows.append(row)
    found.names.append(name_of(row, code))
    level = text_of(row.get("level")) or ""
    if level not in depths:
        yield wrong(
            "unknown_level",
            where_written(row, code),
            "“{unit}” is at level “{level}”, which is not declared",
            "did you mean {near}?" if did_you_mean(level, depths) else "the levels are {near}",
            values={"unit": code, "level": level, "near": ", ".join(did_you_mean(level, depths) or depths)},
        )
    found.levels.append(depths.get(level, len(depths) - 1))
    dates: dict[str, dt.date | None] = {}
    for column in ("opened", "closed"):
        try:
            dates[column] = date_of(row.get(column))
        except ValueError:
            dates[column] = None
            yield _no_date(row, code, column)
    opened, closed = dates["opened"], dates["closed"]
    if opened and closed and closed <= opened:
        yield wrong(
            "closed_before_opened",
            where_written(row, code),
            "“{unit}” closes on {closed}, not after it opens on {opened}",
            "`opened` is its first day, `closed` the first day it no longer stands",
            values={"unit": code, "opened": opened, "closed": closed},
        )
        closed = None
    found.opened.append(opened)
    found.closed.append(closed)


def _no_date(row: Mapping[str, Any], code: str, column: str) -> Finding:
    return wrong(
        "not_a_date",
        where_written(row, code),
        "`{column}` of “{unit}” is “{value}”, which is no date",
        "write it as 2025-03-14, or leave it empty",
        values={"unit": code, "column": column, "value": row.get(column)},
    )


def _find_parents(found: UnitRows) -> Iterable[Finding]:
    near: dict[str, str] = {}
    for row, code in zip(found.rows, found.codes, strict=True):
        parent = text_of(row.get("parent"))
        found.parents.append(found.index.get(parent) if parent else None)
        if parent is None or parent in found.index:
            continue
        if parent not in near:
            near[parent] = nearest(parent, found.index) if len(near) < MOST_GUESSES else ""
        yield wrong(
            "unknown_parent",
            where_written(row, code),
            "“{unit}” stands under “{parent}”, which is no declared unit",
            "did you mean {near}?" if near[parent] else "declare it, or correct `parent`",
            values={"unit": code, "parent": parent, "near": near[parent]},
        )


def nearest(word: str, known: Collection[str]) -> str:
    """Known names near a misspelt one, as text for a hint."""
    return ", ".join(did_you_mean(word, known))


def _cut_rings(found: UnitRows) -> Iterable[Finding]:
    """Reports each ring of units that stand under one another once, and takes its links away."""
    seen: set[int] = set()
    for start in range(len(found.codes)):
        path = dict[int, None]()
        at: int | None = start
        while at is not None and at not in seen:
            seen.add(at)
            path[at] = None
            at = found.parents[at]
        if at is not None and at in path:
            members = list(path)
            ring = members[members.index(at) :]
            yield _ring(found, ring)
            for member in ring:
                found.parents[member] = None


def _ring(found: UnitRows, ring: list[int]) -> Finding:
    first = ring.index(min(ring, key=found.codes.__getitem__))
    members = [*ring[first:], *ring[:first], ring[first]]
    return wrong(
        "cycle",
        where_written(found.rows[ring[first]], found.codes[ring[first]]),
        "units stand under one another: {ring}",
        "correct the `parent` of one of them",
        values={"ring": " → ".join(found.codes[member] for member in members)},
    )


def _cut_misplaced(found: UnitRows, levels: Sequence[str]) -> Iterable[Finding]:
    for at, parent in enumerate(found.parents):
        if parent is None or found.levels[parent] < found.levels[at]:
            continue
        found.parents[at] = None
        yield wrong(
            "level_order",
            where_written(found.rows[at], found.codes[at]),
            "“{unit}” ({level}) stands under “{parent}” ({above}), which is not at a level above",
            "the levels, highest first, are {levels}",
            values={
                "unit": found.codes[at], "level": levels[found.levels[at]], "parent": found.codes[parent],
                "above": levels[found.levels[parent]], "levels": ", ".join(levels),
            },
        )  # fmt: skip


def _rootless(found: UnitRows) -> Iterable[Finding]:
    top = min(found.levels, default=0)
    for at, row in enumerate(found.rows):
        if found.levels[at] > top and text_of(row.get("parent")) is None:
            yield wrong(
                "no_parent",
                where_written(row, found.codes[at]),
                "“{unit}” stands under no unit, so its figures count in no total above it",
                "fill its `parent`",
                severity=Severity.WARNING,
                values={"unit": found.codes[at]},
            )
