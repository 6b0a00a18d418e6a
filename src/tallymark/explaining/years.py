"""What each year adds to a figure of several years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tallymark.explaining.explanation import Row
from tallymark.explaining.tables import Question
from tallymark.model.expressions import Expression


def years(ask: Question, used: int) -> Sequence[Row]:
    """Numerator and denominator of each year as reported, the latest first; `used` of them are in the figure.

    Empty for other indicators. A year that the run does not hold, or that is missing, has neither.
    """
    if ask.indicator.pooled == 1:
        return ()
    periods = [ask.period]
    for _ in range(ask.indicator.pooled - 1):
        periods.append(ask.programme.calendar.last_year(periods[-1]))
    found = _known(ask, [period.code for period in periods])
    return [
        {
            "period": period.code,
            "numerator": _value(ask.indicator.numerator, found.get(period.code, {})),
            "denominator": _value(ask.indicator.denominator, found.get(period.code, {})),
            "used": at < used,
        }
        for at, period in enumerate(periods)
    ]


def _known(ask: Question, periods: Sequence[str]) -> dict[str, dict[str, float]]:
    """Period → name in the formula → its value in the run's tables."""
    asked: dict[str, Any] = {
        "unit": ask.unit,
        "periods": list(periods),
        "measures": sorted(name for name in ask.indicator.names if "." not in name),
        "datasets": sorted(name.partition(".")[0] for name in ask.indicator.names if "." in name),
    }
    here = "WHERE unit = $unit AND list_contains($periods, period)"
    rows = ask.query(
        f"SELECT period, measure AS name, value FROM {ask.table('measures', periods=periods)} {here} "
        "AND breakdown = '' AND list_contains($measures, measure)",
        {name: asked[name] for name in ("unit", "periods", "measures")},
    )
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["value"] is not None:
            found.setdefault(row["period"], {})[row["name"]] = row["value"]
    if asked["datasets"]:
        reports = ask.query(
            f"SELECT * FROM {ask.table('reports', periods=periods)} {here} AND list_contains($datasets, dataset)",
            {name: asked[name] for name in ("unit", "periods", "datasets")},
        )
        for row in reports:
            own = found.setdefault(row["period"], {})
            own.update({f"{row['dataset']}.{word}": row[word] for word in ("expected", "received", "on_time")
                        if row[word] is not None})  # fmt: skip
    return found


def _value(expression: Expression | None, known: dict[str, float]) -> float | None:
    if expression is None:
        return None
    values = {name: np.array([known.get(name, np.nan)]) for name in expression.names}
    value = float(np.asarray(expression.evaluate(values), np.float64).ravel()[0])
    return None if np.isnan(value) else value
