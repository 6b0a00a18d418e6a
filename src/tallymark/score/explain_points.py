"""How the points of one line came about, as arithmetic in symbols and words (English, Chinese)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any

from tallymark.programme.resolved import Deduction, Line
from tallymark.score.awards import EPOCH, counts_falls, day_of, lower_is_better, reaches
from tallymark.texts import translate

Row = Mapping[str, Any]
MINUS = "−"
DECIMALS = 4


def arithmetic(declared: Line | Deduction, row: Row, language: str = "en") -> str:
    """The sum that gave a line its points: `8 × (72.1 − 60) ÷ (90 − 60) = 3.23`.

    `row` is the line's row of the scores table; an improvement also reads `previous`, `last_year` or
    `three_year_mean` from it, and shows the change without the past where it is not there. Where no points
    could be given it says why; where an end of the interval earned, it says which.
    """
    why = _why_not(declared, row)
    if why:
        return translate(why, language)
    figure, note = _scored_figure(declared, row)
    if isinstance(declared, Deduction):
        told = _off(declared, figure)
    else:
        told = TOLD[declared.award.kind](declared, figure, row, language)
    said = f"{told} = {number(row['points'], 2)}"
    return f"{said} ({translate(note, language).format(value=number(figure))})" if note else said


def number(value: float, decimals: int = DECIMALS) -> str:
    """A number without needless digits, with a true minus sign and a thin space between thousands."""
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    whole, point, part = text.removeprefix("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", " ") if len(whole) > 4 else whole
    sign = MINUS if text.startswith("-") and text.strip("-0.") else ""
    return f"{sign}{grouped}{point}{part}"


NOT_GIVEN = {
    "missing": "no figure, no points",
    "set_aside": "no figure: the line is set aside, the others count up to the full points",
    "refused": "no figure: there is no total without it",
    "not_applicable": "the line does not apply here",
    "too_small": "the figure rests on too little to be scored: the line is set aside, the others count up to the "
    "full points",
}


def _why_not(declared: Line | Deduction, row: Row) -> str:
    if isinstance(declared, Deduction):
        return "" if row["status"] == "scored" else "no figure, nothing taken off"
    return NOT_GIVEN.get(row["status"], "")


def _scored_figure(declared: Line | Deduction, row: Row) -> tuple[float, str]:
    """The figure that earned, and what it is when it is not the value itself."""
    way = getattr(declared, "uncertain", "point")
    if isinstance(declared, Deduction) or way == "point":
        return float(row["value"]), ""
    better_is_low = lower_is_better(declared)
    end = row["low"] if better_is_low == (way == "benefit_of_doubt") else row["high"]
    if end is None or math.isnan(end):
        return float(row["value"]), ""
    return float(end), ENDS[way]


ENDS = {
    "benefit_of_doubt": "benefit of the doubt: the better end of the interval, {value}, earns the points",
    "confirmed": "only what is certain: the worse end of the interval, {value}, earns the points",
}


def _off(deduction: Deduction, figure: float) -> str:
    told = f"{MINUS}{number(deduction.each)} × {number(max(figure, 0.0))}"
    if deduction.most is not None and deduction.each * figure > deduction.most:
        return f"max({told}, {MINUS}{number(deduction.most)})"
    return told


def _all_or_nothing(line: Any, figure: float, row: Row, language: str) -> str:
    reached = bool(reaches(figure, line.award.target, lower_is_better(line)))
    return f"{number(line.points)} × {int(reached)}{_comparison(line, figure, line.award.target, reached)}"


def _comparison(line: Any, figure: float, bound: float, reached: bool) -> str:
    """How a figure stands to a bound, as a remark: ` [72.1 < 90]`."""
    lower = lower_is_better(line)
    sign = ("≤" if lower else "≥") if reached else (">" if lower else "<")
    return f" [{number(figure)} {sign} {number(bound)}]"


def _between(points: float, figure: float, floor: float, target: float) -> str:
    """points × (figure − floor) ÷ (target − floor), or × 0 or × 1 beyond the ends."""
    if floor == target or (figure - floor) / (target - floor) >= 1:
        return f"{number(points)} × 1"
    if (figure - floor) / (target - floor) <= 0:
        return f"{number(points)} × 0"
    if floor == 0:
        return f"{number(points)} × {number(figure)} ÷ {number(target)}"
    top, bottom = _less(figure, floor), _less(target, floor)
    return f"{number(points)} × ({top}) ÷ ({bottom})"


def _less(left: float, right: float) -> str:
    return f"{number(left)} {MINUS} {number(right)}" if right >= 0 else f"{number(left)} + {number(-right)}"


def _proportional(line: Any, figure: float, row: Row, language: str) -> str:
    award = line.award
    if award.floor == award.target:
        return _all_or_nothing(line, figure, row, language)
    told = _between(line.points, figure, award.floor, award.target)
    if told.endswith(" × 1"):
        return told + _comparison(line, figure, award.target, True)
    if told.endswith(" × 0"):
        return told + _comparison(line, figure, award.floor, False).replace("<", "≤").replace(">", "≥")
    return told


def _bands(line: Any, figure: float, row: Row, language: str) -> str:
    lower = lower_is_better(line)
    reached = [band for band in line.award.bands if reaches(figure, band.bound, lower)]
    if not reached:
        easiest = (max if lower else min)(band.bound for band in line.award.bands)
        return f"{number(line.points)} × 0{_comparison(line, figure, easiest, False)}"
    best = max(reached, key=lambda band: band.share)
    return f"{number(line.points)} × {number(best.share)}{_comparison(line, figure, best.bound, True)}"


def _per_incident(line: Any, figure: float, row: Row, language: str) -> str:
    award = line.award
    over = max(figure - award.allowed, 0.0)
    counted = f"({_less(figure, award.allowed)})" if over and award.allowed else number(over)
    told = f"{number(line.points)} {MINUS} {number(award.each)} × {counted}"
    return f"max({told}, {number(award.least)})" if line.points - award.each * over < award.least else told


def _share_done(line: Any, figure: float, row: Row, language: str) -> str:
    done = figure * sum(line.award.things.values())
    known = abs(done - round(done, 6)) < 1e-9 and row.get("basis") != "partial"
    if not known:
        return f"{number(line.points)} × {number(figure)}"
    return f"{number(line.points)} × {number(done)} ÷ {number(sum(line.award.things.values()))}"


def _mark(line: Any, figure: float, row: Row, language: str) -> str:
    return f"{number(line.points)} × {number(figure)} ÷ {number(line.award.out_of)}"


def _deadline(line: Any, figure: float, row: Row, language: str) -> str:
    award = line.award
    done, days = EPOCH + dt.timedelta(days=math.floor(figure)), math.floor(figure) - day_of(award.by)
    share = 1.0 if days <= 0 else award.late_share if days <= award.grace_days else 0.0
    sign = "≤" if days <= 0 else ">"
    return f"{number(line.points)} × {number(share)} [{done.isoformat()} {sign} {award.by.isoformat()}]"


def _improvement(line: Any, figure: float, row: Row, language: str) -> str:
    award = line.award
    if award.keep_at is not None and bool(reaches(figure, award.keep_at, lower_is_better(line))):
        return f"{number(line.points)} × 1{_comparison(line, figure, award.keep_at, True)}"
    past = row.get(award.over)
    if past is None or math.isnan(past):
        return translate("{points} points by the change over {past}", language).format(
            points=number(line.points), past=translate(OVER[award.over], language)
        )
    change = past - figure if counts_falls(line) else figure - past
    told = _between(line.points, change, award.floor, award.target)
    made = _less(past, figure) if counts_falls(line) else _less(figure, past)
    return f"{told} [{made} = {number(change)}]"


OVER = {
    "previous": "the period before",
    "last_year": "the same period a year before",
    "three_year_mean": "the mean of the same period in the three years before",
}
TOLD: dict[str, Callable[[Any, float, Row, str], str]] = {
    "all_or_nothing": _all_or_nothing,
    "proportional": _proportional,
    "bands": _bands,
    "per_incident": _per_incident,
    "checklist": _share_done,
    "mark": _mark,
    "deadline": _deadline,
    "improvement": _improvement,
}
