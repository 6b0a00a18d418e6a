"""Runs the tests that programme authors write: rows in, expected figures out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tallymark.findings import Finding, Severity, Where
from tallymark.model.units import build_units
from tallymark.programme.resolved import Example, Programme

Key = tuple[str, str, str, str, str, str]
"""measure or indicator, its name, unit, period, breakdown, category (the last two empty for totals)."""
Figures = Mapping[Key, float | None]
Measure = Callable[[Programme, Example], Figures]
TOLERANCE = 1e-6
"""How far a figure may be off, relative to it (absolute below 1), where a test says nothing."""


def run_examples(programme: Programme, measure: Measure) -> list[Finding]:
    """A finding for every expected figure that is not found.

    `measure` gives the figures made of an example's rows alone; the programme it gets has the example's
    own units where it declares some. A key that is absent is a missing figure, like None and NaN.
    """
    found: list[Finding] = []
    for example in programme.examples:
        fitted, problems = _with_units(programme, example)
        found += problems
        if not problems:
            figures = measure(fitted, example)
            found += [
                finding
                for at, expected in enumerate(example.expect, start=1)
                if (finding := _compare(example, at, expected, figures))
            ]
    return found


def periods_of(programme: Programme, example: Example) -> tuple[str, ...]:
    """The periods whose figures an example expects, in order of time."""
    codes = {str(expected["period"]) for expected in example.expect}
    return tuple(period.code for period in sorted(map(programme.calendar.parse, codes)))


def _with_units(programme: Programme, example: Example) -> tuple[Programme, list[Finding]]:
    if example.units is None:
        return programme, []
    where = {"_file": example.file, "_line": example.line}
    rows = [{**row, **where} for row in example.units]
    units, problems = build_units(rows, (), [level.code for level in programme.levels])
    return replace(programme, units=units), problems


def _compare(example: Example, at: int, expected: Mapping[str, Any], figures: Figures) -> Finding | None:
    kind = "indicator" if "indicator" in expected else "measure"
    key = (
        kind,
        str(expected[kind]),
        str(expected["unit"]),
        str(expected["period"]),
        str(expected.get("breakdown", "")),
        str(expected.get("category", "")),
    )
    value = figures.get(key)
    if value is not None and math.isnan(value):
        value = None
    wanted = None if expected.get("missing") or expected.get("value") is None else float(expected["value"])
    if _same(value, wanted, expected.get("tolerance")):
        return None
    return Finding(
        "programme.example",
        Severity.ERROR,
        "test '{test}', figure {at}: {name} of {unit} in {period} is {found}, not {wanted}",
        "correct the declaration or the test",
        {
            "test": example.name,
            "at": at,
            "name": key[1] + (f" ({key[4]} {key[5]})" if key[4] else ""),
            "unit": key[2],
            "period": key[3],
            "found": _shown(value),
            "wanted": _shown(wanted),
        },
        Where(file=example.file, line=example.line, item=key[1], unit=key[2], period=key[3]),
    )


def _same(value: float | None, wanted: float | None, tolerance: float | None) -> bool:
    if value is None or wanted is None:
        return value is wanted
    return abs(value - wanted) <= (TOLERANCE * max(1.0, abs(wanted)) if tolerance is None else tolerance)


def _shown(value: float | None) -> str:
    return "missing" if value is None else f"{value:.10g}"
