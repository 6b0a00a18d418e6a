"""An explanation as a page shows it: the engine's value, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallymark.explaining import Explanation
from tallymark.explaining.explanation import PLACE, number
from tallymark.texts import told

MOST_ROWS = 25
COVERED = "•••"


def shown(it: Explanation, children: Sequence[Mapping[str, Any]], language: str) -> dict[str, Any]:
    """What the page shows; `children` are the units below that the reader may see."""
    return {
        "it": it,
        "value": number(it.figure["value"], it.decimals) if it.figure["value"] is not None else "—",
        "missing": it.figure["value"] is None,
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
        "value": "—" if row["value"] is None else number(row["value"], decimals),
        "missing": row["value"] is None,
        "sum": _sum(row, 2),
    }


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
