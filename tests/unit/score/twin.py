"""The slow, obvious twin of scoring: one unit at a time, None for missing, written from the docstrings."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from tallymark.programme.resolved import Contract, Deduction, Line

Row = Mapping[str, Any]
NEAR = 1e-9


def reaches(value: float, bound: float, lower: bool) -> bool:
    """At the bound or better."""
    near = NEAR * max(1.0, abs(bound))
    return value <= bound + near if lower else value >= bound - near


def better_is_lower(line: Line) -> bool:
    """Which way is better."""
    award: Any = line.award
    if award.kind in ("per_incident", "deadline"):
        return True
    if award.kind in ("mark", "checklist"):
        return False
    if award.kind == "proportional" and award.floor != award.target:
        return bool(award.floor > award.target)
    if award.kind == "improvement" and award.target < award.floor:
        return True
    return bool(line.indicator and line.indicator.direction == "lower")


def award_points(line: Line, value: float | None, past: float | None) -> float | None:
    """Points at a value; None when they cannot be said."""
    award: Any = line.award
    points, lower = line.points, better_is_lower(line)
    if value is None:
        return None
    if award.kind == "all_or_nothing":
        return points if reaches(value, award.target, lower) else 0.0
    if award.kind == "proportional":
        return straight(points, value, award.floor, award.target, lower)
    if award.kind == "bands":
        return points * max(
            [band.share for band in award.bands if reaches(value, band.bound, lower)], default=0.0
        )
    if award.kind == "per_incident":
        return min(points, max(award.least, points - award.each * max(0.0, value - award.allowed)))
    if award.kind == "checklist":
        return points * value
    if award.kind == "mark":
        return points * min(1.0, max(0.0, value / award.out_of))
    if award.kind == "deadline":
        by = (award.by - dt.date(1970, 1, 1)).days
        late = math.floor(value + NEAR) - by
        return points if late <= 0 else points * award.late_share if late <= award.grace_days else 0.0
    if award.keep_at is not None and reaches(value, award.keep_at, lower):
        return points
    if past is None:
        return None
    if lower and award.target > award.floor:  # written as an amount to fall by
        return straight(points, past - value, award.floor, award.target, False)
    return straight(points, value - past, award.floor, award.target, lower)


def straight(points: float, value: float, floor: float, target: float, lower: bool) -> float:
    """A straight line between floor and target."""
    if floor == target or reaches(value, target, lower):
        return points if reaches(value, target, lower) else 0.0
    return points * min(1.0, max(0.0, (value - floor) / (target - floor)))


def checklist(line: Line, rows: Mapping[str, Row]) -> float | None:
    """Share of the weights of things done."""
    award: Any = line.award
    known = {
        name: rows[name]["value"] for name in award.things if rows.get(name, {}).get("value") is not None
    }
    if not known or (line.missing == "refuse" and len(known) < len(award.things)):
        return None
    done = sum(weight for name, weight in award.things.items() if name in known and known[name] >= 1 - NEAR)
    names = known if line.missing == "set_aside" else award.things
    return done / sum(award.things[name] for name in names)


def score_line(
    line: Line, rows: Mapping[str, Row], attributes: Row, *, bonus: bool = False
) -> dict[str, Any]:
    """A line's row of the scores table."""
    award: Any = line.award
    row = rows.get(line.indicator.name, {}) if line.indicator else {}
    value, low, high = (row.get(name) for name in ("value", "low", "high"))
    if award.kind == "checklist":
        value, low, high = checklist(line, rows), None, None
    past = row.get(award.over) if award.kind == "improvement" else None
    better, worse = (low, high) if better_is_lower(line) else (high, low)
    end = {"point": value, "benefit_of_doubt": better, "confirmed": worse}[line.uncertain]
    points = award_points(line, value if end is None else end, past) if value is not None else None
    found = {"value": value, "available": line.points, "points": points, "status": "scored"}
    found |= {"points_low": None, "points_high": None}
    if line.when is not None and attributes.get("remote") != "yes":
        return found | {"status": "not_applicable", "available": 0.0, "points": None}
    if points is None:
        rule = "no_points" if bonus and line.missing == "refuse" else line.missing
        return (
            found
            | {
                "no_points": {"status": "missing", "points": 0.0},
                "set_aside": {"status": "set_aside", "available": 0.0},
                "refuse": {"status": "refused"},
            }[rule]
        )
    if low is not None and high is not None:
        found["points_low"] = award_points(line, worse, past)
        found["points_high"] = award_points(line, better, past)
    return found


def spread(row: Row) -> float | None:
    """Standard error of one line."""
    if row["points_low"] is None or row["points_high"] is None:
        return None
    return (row["points_high"] - row["points_low"]) / (2 * 1.96)


def together(errors: list[float | None]) -> float | None:
    """Root of the sum of squares of those known."""
    known = [error for error in errors if error is not None]
    return math.sqrt(sum(error**2 for error in known)) if known else None


def take_off(deduction: Deduction, rows: Mapping[str, Row]) -> dict[str, Any]:
    """A deduction's row."""

    def off(count: float | None) -> float | None:
        if count is None:
            return None
        points = deduction.each * max(0.0, count)
        return -(points if deduction.most is None else min(points, deduction.most))

    row = rows.get(deduction.indicator.name, {})
    value, low, high = (row.get(name) for name in ("value", "low", "high"))
    sure = None in (value, low, high)
    return {
        "value": value,
        "points": off(value),
        "points_low": None if sure else off(high),
        "points_high": None if sure else off(low),
        "status": "missing" if value is None else "scored",
    }


def total(contract: Contract, unit: str, rows: Mapping[str, Row], attributes: Row) -> dict[str, Any]:
    """One unit's totals, with its lines under `lines`."""
    lines = {line.code: score_line(line, rows, attributes) for line in contract.lines}
    extra = {line.code: score_line(line, rows, attributes, bonus=True) for line in contract.bonus}
    off = {deduction.code: take_off(deduction, rows) for deduction in contract.deductions}
    if contract.bundle:
        base, se, refused = of_strands(contract, unit, rows, attributes)
    else:
        base, se, refused = of_lines(contract, lines)
    bonus = sum(row["points"] or 0.0 for row in extra.values())
    bonus_se = together([spread(row) for row in extra.values()]) if bonus <= contract.bonus_cap else None
    bonus = min(bonus, contract.bonus_cap)
    taken = -sum(row["points"] or 0.0 for row in off.values())
    se = together([se, bonus_se, together([spread(row) for row in off.values()])])
    before = None if base is None else max(0.0, base + bonus - taken)
    se = None if base is None else se
    low = None if before is None or se is None else max(0.0, before - 1.96 * se)
    high = None if before is None or se is None else before + 1.96 * se
    after, bites = before, []
    for gate in contract.gates:
        value = rows.get(next(iter(gate.when.names)), {}).get("value")
        if value is not None and value > 0:  # every gate of the tests reads `x > 0`
            bites.append(gate.code)
            if gate.effect == "void":
                after = low = high = 0.0
            elif after is not None:
                after = min(after, gate.cap)
                low, high = (None if side is None else min(side, gate.cap) for side in (low, high))
    if after is not None and (before is None or after < before):
        se = None if low is None or high is None else (high - low) / (2 * 1.96)
    return {
        "lines": kinds(line=lines, bonus=extra, deduction=off),
        "base": base, "bonus": bonus, "deductions": taken, "total": after,
        "total_before_gates": before, "low": low, "high": high, "se": se, "gates": ",".join(bites),
        "refused": refused,
    }  # fmt: skip


def kinds(**rows: Mapping[str, Row]) -> dict[tuple[str, str], Row]:
    """Rows by (kind, code): a code may be a line's and a deduction's."""
    return {(kind, code): row for kind, named in rows.items() for code, row in named.items()}


def of_lines(contract: Contract, rows: Mapping[str, Row]) -> tuple[float | None, float | None, bool]:
    """Base, its standard error, whether refused."""
    refused = any(row["status"] == "refused" for row in rows.values())
    counted = [row for row in rows.values() if row["status"] in ("scored", "missing")]
    if refused or not counted:
        return None, None, refused
    scale = sum(line.points for line in contract.lines) / sum(row["available"] for row in counted)
    if len(counted) == len(rows):
        scale = 1.0
    error = together([spread(row) for row in counted])
    return sum(row["points"] for row in counted) * scale, None if error is None else error * scale, False


def of_strands(
    contract: Contract, unit: str, rows: Mapping[str, Row], attributes: Row
) -> tuple[float | None, float | None, bool]:
    """The same for a bundle."""
    parts = []
    for strand, weight in contract.bundle:
        if strand.units is not None and unit not in strand.units:
            continue
        found = total(strand, unit, rows, attributes)
        if found["total"] is None and found["refused"]:
            return None, None, True
        if found["total"] is not None:
            parts.append((weight, found["total"] / strand.points, found["se"], strand.points))
    if not parts:
        return None, None, False
    whole = sum(weight for weight, *_ in parts)
    base = contract.points * sum(weight * share for weight, share, *_ in parts) / whole
    errors = [
        None if se is None else se / of * weight / whole * contract.points for weight, _, se, of in parts
    ]
    return base, together(errors), False
