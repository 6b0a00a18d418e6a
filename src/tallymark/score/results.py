"""Scored contracts as the result tables scores, totals, ranks and gaps, in the order of units and lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Line
from tallymark.score.gaps import REASONS, Gap, ordered
from tallymark.score.points import STATUSES, Bools, LinePoints
from tallymark.score.ranking import Ranked, Totalled, commended, grades
from tallymark.score.sensitivity import Sensitivity
from tallymark.score.totals import Result

Ints = NDArray[np.int64]


def scores_table(result: Result, units: Sequence[str], bases: Sequence[str]) -> pa.Table:
    """A row for every unit and every line of the contract and its strands that the unit signed."""
    parts = [(part, line) for part in result.everything for line in part.lines]
    if not parts:
        return _table("scores", {})
    unit, line = np.nonzero(np.stack([part.member for part, _ in parts], axis=1))
    numbers = {
        name: _stack([getattr(each, name) for _, each in parts])[unit, line]
        for name in ("value", "low", "high", "available", "points", "points_low", "points_high")
    }
    words = {name: _pick([told(part, each) for part, each in parts], line) for name, told in _TOLD.items()}
    status = _stack([each.status for _, each in parts])[unit, line]
    basis = _stack([each.basis for _, each in parts])[unit, line]
    own = {"unit": _pick(units, unit), "status": _pick(STATUSES, status), "basis": _pick(bases, basis)}
    return _table("scores", {**own, **words, **numbers})


_TOLD: dict[str, Callable[[Result, LinePoints], str | None]] = {
    "contract": lambda part, line: part.contract.code,
    "section": lambda part, line: line.section,
    "line": lambda part, line: line.declared.code,
    "kind": lambda part, line: line.kind,
    "indicator": lambda part, line: line.declared.indicator.name if line.declared.indicator else None,
    "award": lambda part, line: _award(line),
}


def _award(line: LinePoints) -> str:
    return line.declared.award.kind if isinstance(line.declared, Line) else "per_incident"


def totals_table(
    scored: Sequence[tuple[Result, Ranked, Sequence[tuple[str, Bools]]]], units: Sequence[str]
) -> pa.Table:
    """A row for every unit and contract it signed, strands after the bundle."""
    unit, part = np.nonzero(np.stack([result.member for result, _, _ in scored], axis=1))
    results = [result for result, _, _ in scored]
    numbers = {
        name: _stack([getattr(result, of) for result in results])[unit, part]
        for name, of in (
            ("base", "base"), ("bonus", "bonus"), ("deductions", "deductions"), ("total", "total"),
            ("total_before_gates", "before"), ("low", "low"), ("high", "high"), ("se", "se"),
        )
    }  # fmt: skip
    gates = [[(bite.gate.code, bite.bites) for bite in result.gates] for result in results]
    columns: dict[str, Any] = {
        "unit": _pick(units, unit),
        "contract": _pick([result.contract.code for result in results], part),
        "gates": _stack([_codes(held, len(units)) for held in gates])[unit, part],
        "grade": _stack([grades(result) for result in results])[unit, part],
        "commended": _stack([commended(result, ranks) for result, ranks, _ in scored])[unit, part],
        "watch": _stack([_codes(watch, len(units)) for _, _, watch in scored])[unit, part],
    }
    return _table("totals", columns | numbers)


def _codes(held: Sequence[tuple[str, Bools]], n: int) -> NDArray[Any]:
    """The codes that hold for each unit, comma-separated."""
    found = np.full(n, "", object)
    for code, where in held:
        found = np.where(where, np.where(found == "", code, found + ("," + code)), found)
    return found


def ranks_table(scored: Sequence[tuple[Totalled, Ranked]], units: Sequence[str]) -> pa.Table:
    """A row for every unit and contract that ranks its units; no rank without a total."""
    if not scored:
        return _table("ranks", {})
    unit, part = np.nonzero(np.stack([result.member for result, _ in scored], axis=1))
    ranks = [each for _, each in scored]

    def of(name: str) -> NDArray[Any]:
        found: NDArray[Any] = _stack([getattr(each, name) for each in ranks])[unit, part]
        return found

    columns = {
        "unit": _pick(units, unit),
        "contract": _pick([result.contract.code for result, _ in scored], part),
        "peer_group": of("group"),
        "total": _stack([result.total for result, _ in scored])[unit, part],
        "rank": of("rank"),
        "rank_low": of("low"),
        "rank_high": of("high"),
        "of": of("of"),
    }
    for column, name in STANDING.items():
        columns[column] = _stack([getattr(each.standing, name) for each in ranks])[unit, part]
    return _table("ranks", columns)


STANDING = {
    "expected_rank": "expected",
    "top_probability": "top",
    "bottom_probability": "bottom",
    "tier": "tier",
}


def sensitivity_table(found: Sequence[Sensitivity], units: Sequence[str]) -> pa.Table:
    """A row for every unit with a total and every contract that asks how units move under other weights."""
    if not found:
        return _table("sensitivity", {})
    results = [each.result for each in found]
    having = [result.member & ~np.isnan(result.total) for result in results]
    unit, part = np.nonzero(np.stack(having, axis=1))
    columns: dict[str, Any] = {
        "unit": _pick(units, unit),
        "contract": _pick([result.contract.code for result in results], part),
        "peer_group": _stack([each.ranks.group for each in found])[unit, part],
        "spread": np.array([each.spread for each in found])[part],
        "total": _stack([result.total for result in results])[unit, part],
        "rank": _stack([each.place for each in found])[unit, part],
    }
    for column, name in MOVED.items():
        columns[column] = _stack([getattr(each.moved, name) for each in found])[unit, part]
    return _table("sensitivity", columns)


MOVED = {
    "total_low": "score_low",
    "total_high": "score_high",
    "rank_low": "rank_low",
    "rank_high": "rank_high",
    "rank_best": "best",
    "rank_worst": "worst",
    "same_rank": "same",
}


def gaps_table(found: list[Gap], units: Sequence[str]) -> pa.Table:
    """A row for every loss, unit by unit, most points first."""
    if not found:
        return _table("gaps", {})
    gap, unit = ordered(found)
    firsts = np.searchsorted(unit, unit, "left")

    def of(name: str) -> NDArray[Any]:
        values: NDArray[Any] = np.stack([getattr(each, name) for each in found])[gap, unit]
        return values

    columns = {
        "unit": _pick(units, unit),
        "contract": _pick([each.contract for each in found], gap),
        "line": _pick([each.line for each in found], gap),
        "lost": of("lost"),
        "order": np.arange(len(unit)) - firsts + 1,
        "value": of("value"),
        "needed": of("needed"),
        "events_needed": of("events"),
        "reason": _pick(REASONS, of("reason")),
    }
    return _table("gaps", columns)


def _stack(arrays: Sequence[ArrayLike]) -> NDArray[Any]:
    """Arrays over units as the columns of one, so that reading it row by row goes unit by unit."""
    return np.stack([np.asarray(array) for array in arrays], axis=1)


def _pick(words: Sequence[str | None], at: Ints) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(at))


def _table(name: str, columns: Mapping[str, Any]) -> pa.Table:
    """The columns in the order and types of the table's schema; NaN becomes NULL."""
    schema = TABLES[name].schema
    if not columns:
        return schema.empty_table()
    return pa.Table.from_arrays([_typed(columns[field.name], field.type) for field in schema], schema=schema)


def _typed(column: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(column, pa.Array):
        return column
    if pa.types.is_integer(kind) and column.dtype.kind == "f":
        return pa.array(column, pa.float64(), from_pandas=True).cast(kind)
    return pa.array(column, kind, from_pandas=True)
