"""An explanation as a page shows it: the engine's value, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallymark.explaining import Explanation
from tallymark.explaining.explanation import PLACE, gate_line, number
from tallymark.publish.cells import HEARD
from tallymark.publish.numbers import SIGNS, Kind, kind_of
from tallymark.texts import told
from tallymark_web.words import say

MOST_ROWS = 25
VALUED = (Kind.VALUE, Kind.ZERO)


def shown(it: Explanation, children: Sequence[Mapping[str, Any]], language: str) -> dict[str, Any]:
    """What the page shows; `children` are the units below that the reader may see."""
    kind = kind_of(
        it.figure["value"],
        basis=it.figure["basis"],
        expected=it.figure["expected"],
        denominator=it.figure["denominator"],
    )
    return {
        "it": it,
        "value": number(it.figure["value"], it.decimals) if kind in VALUED else SIGNS[kind],
        "nothing": "" if kind in VALUED else say(HEARD[kind]),
        "interval": _interval(it),
        "sum": _sum(it.figure, it.decimals),
        "measures": [_measure(row, language) for row in it.measures],
        "children": [
            _part(row, row["name"][language], it.decimals) | {"unit": row["unit"]} for row in children
        ],
        "within": [_part(row, row["period"], it.decimals) for row in it.within],
        "columns": _columns(it.rows),
        "rows": [_row(row, _columns(it.rows)) for row in it.rows[:MOST_ROWS]],
        "findings": [_finding(row, language) for row in it.findings],
        "points": [_points(row, language) for row in it.points],
        "gates": [gate_line(row, language) for row in it.gates],
        "counts": {key: number(it.figure[key]) for key in ("expected", "received", "usable")},
    }


def _interval(it: Explanation) -> str:
    low, high = it.figure["low"], it.figure["high"]
    return "" if low is None or high is None else f"{number(low, it.decimals)} – {number(high, it.decimals)}"


def _sum(figure: Mapping[str, Any], decimals: int) -> str:
    if figure["denominator"] is None:
        return ""
    return f"{number(figure['numerator'], decimals)} ÷ {number(figure['denominator'], decimals)}"


def _measure(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        "title": row["title"][language],
        "value": number(row["value"]),
        "dataset": row["dataset"],
        "counts": told(row["counts"], language),
        "where": row["where"],
        "reports": f"{number(row['usable'])} / {number(row['expected'])}",
    }


def _part(row: Mapping[str, Any], name: str, decimals: int) -> dict[str, Any]:
    return {
        "name": name,
        "value": _value(row, decimals),
        "missing": row["value"] is None and row["denominator"] != 0,
        "sum": _sum(row, 2),
    }


def _value(row: Mapping[str, Any], decimals: int) -> str:
    """A part's value; nothing to divide by is not the same as missing."""
    if row["value"] is not None:
        return number(row["value"], decimals)
    return SIGNS[Kind.UNDEFINED if row["denominator"] == 0 else Kind.MISSING]


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    found = dict.fromkeys(key for row in rows for key, value in row.items() if value is not None)
    return [name for name in found if name not in PLACE and not name.startswith("_")]


def _row(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    place = f"{row['dataset']} · {row['_batch']} · {row['_source_row']}"
    return {"place": place, "cells": ["" if row.get(name) is None else str(row[name]) for name in columns]}


def _finding(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    zh = language == "zh"
    place = " ".join(str(row[key]) for key in ("unit", "period", "item") if row[key])
    message = row["message_zh"] if zh and row["message_zh"] else row["message"]
    return {"severity": row["severity"], "place": place, "message": message}


def _points(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {
        "title": row["title"][language],
        "points": "–" if row["points"] is None else number(row["points"]),
        "available": number(row["available"]),
        "arithmetic": row["arithmetic"][language],
    }
