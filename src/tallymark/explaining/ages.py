"""What each age group adds to a directly standardised rate."""

from __future__ import annotations

from collections.abc import Sequence

from tallymark.explaining.explanation import Row
from tallymark.explaining.tables import Question
from tallymark.programme.resolved import Standardise


def ages(ask: Question) -> Sequence[Row]:
    """Rate, weight and share of the figure of each group that counts; empty for other indicators, and while unknown."""
    standard = ask.indicator.standardise
    if standard is None:
        return ()
    weights = standard.weights or _weights_of(ask, standard)
    rows = ask.query(
        "SELECT category, numerator, denominator, value, basis "
        f"FROM {ask.table('indicators', periods=[ask.period.code])} WHERE unit = $unit "
        "AND period = $period AND indicator = $indicator AND breakdown = $breakdown",
        ask.names | {"breakdown": standard.breakdown},
    )
    found = {row["category"]: row for row in rows}
    total = sum(weights.values())
    return [
        _group(group, weight / total, found.get(group, {})) for group, weight in weights.items() if weight > 0
    ]


def _group(group: str, share: float, row: Row) -> Row:
    known = {name: row.get(name) for name in ("numerator", "denominator", "value", "basis")}
    value = known["value"]
    return known | {"category": group, "weight": share, "adds": None if value is None else value * share}


def _weights_of(ask: Question, standard: Standardise) -> dict[str, float]:
    """The people of each group in the standard's unit; none where one of them is unknown."""
    assert standard.measure is not None
    rows = ask.query(
        f"SELECT category, value FROM {ask.table('measures', periods=[ask.period.code])} "
        "WHERE unit = $unit AND period = $period "
        "AND measure = $measure AND breakdown = $breakdown",
        {"unit": standard.unit, "period": ask.period.code, "measure": standard.measure.name,
         "breakdown": standard.breakdown},
    )  # fmt: skip
    people = {row["category"]: row["value"] for row in rows}
    groups = standard.measure.dataset.columns[standard.breakdown].values or ()
    if any(people.get(group) is None for group in groups):
        return {}
    return {group: people[group] for group in groups}
