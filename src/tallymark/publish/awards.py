"""How a line earns its points, in words, and the arithmetic of one score where it comes out as published."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tallymark.model.text import Text
from tallymark.programme.resolved import Deduction, Indicator, Line
from tallymark.publish.numbers import MINUS, day_text, plain, share, with_unit
from tallymark.publish.records import Score
from tallymark.publish.words import Words

TOLERANCE = 0.006
"""Points are shown with two decimals: an arithmetic further off than this is not the one that was used."""


def rule(declared: Line | Deduction, words: Words, titles: Mapping[str, Text]) -> str:
    """How points are earned, as a sentence."""
    if isinstance(declared, Deduction):
        if declared.most is None:
            return words("{each} points off for each case.", each=plain(declared.each))
        return words(
            "{each} points off for each case, at most {most}.",
            each=plain(declared.each),
            most=plain(declared.most),
        )
    return _RULES[declared.award.kind](declared, declared.award, words, titles)


def _figure(value: float, indicator: Indicator | None, words: Words) -> str:
    if indicator is None:
        return plain(value)
    return with_unit(plain(value, 4), indicator.unit[words.language], words.language)


def _all_or_nothing(line: Line, award: Any, words: Words, _: Mapping[str, Text]) -> str:
    lower = line.indicator is not None and line.indicator.direction == "lower"
    message = (
        "All {points} points at {target} or below, none above it."
        if lower
        else "All {points} points from {target} on, none below it."
    )
    return words(message, points=plain(line.points), target=_figure(award.target, line.indicator, words))


def _proportional(line: Line, award: Any, words: Words, _: Mapping[str, Text]) -> str:
    return words(
        "In proportion: no points at {floor}, all {points} at {target}, a straight line between.",
        floor=_figure(award.floor, line.indicator, words),
        target=_figure(award.target, line.indicator, words),
        points=plain(line.points),
    )


def _bands(line: Line, award: Any, words: Words, _: Mapping[str, Text]) -> str:
    steps = [
        words(
            "{points} points from {bound}",
            points=plain(line.points * band.share),
            bound=_figure(band.bound, line.indicator, words),
        )
        for band in award.bands
    ]
    return words("By steps: {steps}; none beyond the last.", steps=words.series(steps))


def _per_incident(line: Line, award: Any, words: Words, _: Mapping[str, Text]) -> str:
    return words(
        "{points} points, less {each} for each case beyond {allowed}; never below {least}.",
        points=plain(line.points),
        each=plain(award.each),
        allowed=plain(award.allowed),
        least=plain(award.least),
    )


def _checklist(line: Line, award: Any, words: Words, titles: Mapping[str, Text]) -> str:
    things = [
        words(
            "{thing} (weight {weight})",
            thing=(titles.get(name) or Text(name, name))[words.language],
            weight=plain(weight),
        )
        for name, weight in award.things.items()
    ]
    return words(
        "{points} points × weight of what was done ÷ weight of everything: {things}.",
        points=plain(line.points),
        things=words.series(things),
    )


def _mark(line: Line, award: Any, words: Words, _: Mapping[str, Text]) -> str:
    return words(
        "{points} points × the inspector's mark ÷ {out_of}.",
        points=plain(line.points),
        out_of=plain(award.out_of),
    )


def _deadline(line: Line, award: Any, words: Words, _: Mapping[str, Text]) -> str:
    said = [
        words(
            "All {points} points when done by {day}.",
            points=plain(line.points),
            day=day_text(award.by, words.language),
        )
    ]
    if award.grace_days and award.late_share:
        late = share(award.late_share, 1)
        said.append(words("{share} of them within {n} days after it.", share=late, n=award.grace_days))
    return words.sentences(said)


_OVER = {
    "previous": "the period before",
    "last_year": "the same period a year before",
    "three_year_mean": "the mean of the same period in the three years before",
}


def _improvement(line: Line, award: Any, words: Words, _: Mapping[str, Text]) -> str:
    said = [
        words(
            "By change over {past}: no points at {floor}, all {points} at {target}.",
            past=words(_OVER[award.over]),
            floor=plain(award.floor),
            target=plain(award.target),
            points=plain(line.points),
        )
    ]
    if award.keep_at is not None:
        keep = _figure(award.keep_at, line.indicator, words)
        said.append(words("All points, too, when the figure itself reaches {keep}.", keep=keep))
    return words.sentences(said)


_RULES: dict[str, Callable[[Line, Any, Words, Mapping[str, Text]], str]] = {
    "all_or_nothing": _all_or_nothing,
    "proportional": _proportional,
    "bands": _bands,
    "per_incident": _per_incident,
    "checklist": _checklist,
    "mark": _mark,
    "deadline": _deadline,
    "improvement": _improvement,
}


Sum = tuple[str, float, float]
"""An arithmetic as written, what it comes to, and what is given for it after floors and caps."""


def arithmetic(declared: Line | Deduction, score: Score) -> str:
    """The sum that gives the score, `5 × (86.2 − 60) ÷ (95 − 60) = 3.74`; `… = −6 → 0` where a floor or cap applies.

    Empty for awards that are no sum, and wherever the sum would not come to the points that were published.
    """
    kind = "deduction" if isinstance(declared, Deduction) else declared.award.kind
    value = earning(declared, score)
    if math.isnan(score.points) or math.isnan(value) or kind not in _SUMS:
        return ""
    written, comes_to, given = _SUMS[kind](declared, value)
    if abs(given - score.points) > TOLERANCE:
        return ""
    said = f"{written} = {plain(comes_to)}"
    return said if plain(comes_to) == plain(score.points) else f"{said} → {plain(score.points)}"


def earning(declared: Line | Deduction, score: Score) -> float:
    """The figure that earns the points: the value, or the end of its interval that the line names."""
    indicator, way = declared.indicator, getattr(declared, "uncertain", "point")
    if way == "point" or indicator is None:
        return score.value
    upper = (way == "benefit_of_doubt") == (indicator.direction != "lower")
    end = score.high if upper else score.low
    return score.value if math.isnan(end) else end


def _line_between(line: Any, value: float) -> Sum:
    award = line.award
    if award.target == award.floor:
        return "", math.nan, math.nan
    earned = line.points * (value - award.floor) / (award.target - award.floor)
    shown, floor, target = plain(value, 3), plain(award.floor), plain(award.target)
    above, whole = (
        (shown, target) if award.floor == 0 else (f"({shown} {MINUS} {floor})", f"({target} {MINUS} {floor})")
    )
    return f"{plain(line.points)} × {above} ÷ {whole}", earned, min(max(earned, 0.0), line.points)


def _out_of(line: Any, value: float) -> Sum:
    earned = line.points * value / line.award.out_of
    written = f"{plain(line.points)} × {plain(value)} ÷ {plain(line.award.out_of)}"
    return written, earned, min(max(earned, 0.0), line.points)


def _less_each(line: Any, value: float) -> Sum:
    award = line.award
    beyond = max(value - award.allowed, 0)
    earned = line.points - award.each * beyond
    written = f"{plain(line.points)} {MINUS} {plain(award.each)} × {plain(beyond)}"
    return written, earned, max(earned, award.least)


def _off(deduction: Any, value: float) -> Sum:
    off = deduction.each * value
    most = math.inf if deduction.most is None else deduction.most
    return f"{MINUS}{plain(deduction.each)} × {plain(value)}", -off, -min(off, most)


_SUMS: dict[str, Callable[[Any, float], Sum]] = {
    "proportional": _line_between,
    "mark": _out_of,
    "per_incident": _less_each,
    "deduction": _off,
}
