"""How a line earns its points, in words, and the arithmetic of one score where it comes out as published."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tallymark.model.text import Text
from tallymark.programme.resolved import Deduction, Indicator, Line
from tallymark.publish.numbers import MINUS, day_text, decimal, plain, share, with_unit
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


def arithmetic(declared: Line | Deduction, score: Score) -> str:
    """The sum that gives the score, in figures; empty where it was scored otherwise (another end of the interval…)."""
    if math.isnan(score.points) or math.isnan(score.value):
        return ""
    sums: dict[str, Callable[[], tuple[str, float]]] = {
        "proportional": lambda: _line_between(declared, score),
        "mark": lambda: _out_of(declared, score),
        "per_incident": lambda: _less_each(declared, score),
        "deduction": lambda: _off(declared, score),
    }
    kind = "deduction" if isinstance(declared, Deduction) else declared.award.kind
    if kind not in sums:
        return ""
    written, points = sums[kind]()
    return f"{written} = {plain(score.points)}" if abs(points - score.points) <= TOLERANCE else ""


def _line_between(line: Any, score: Score) -> tuple[str, float]:
    award = line.award
    gain = (
        (score.value - award.floor) / (award.target - award.floor)
        if award.target != award.floor
        else math.nan
    )
    value, floor, target = plain(score.value, 3), plain(award.floor), plain(award.target)
    if gain >= 1:
        return f"{plain(line.points)} × 1", line.points
    if gain <= 0:
        return f"{plain(line.points)} × 0", 0.0
    if award.floor == 0:
        return f"{plain(line.points)} × {value} ÷ {target}", line.points * gain
    return (
        f"{plain(line.points)} × ({value} {MINUS} {floor}) ÷ ({target} {MINUS} {floor})",
        line.points * gain,
    )


def _out_of(line: Any, score: Score) -> tuple[str, float]:
    out_of = line.award.out_of
    return (
        f"{plain(line.points)} × {plain(score.value)} ÷ {plain(out_of)}",
        line.points * score.value / out_of,
    )


def _less_each(line: Any, score: Score) -> tuple[str, float]:
    award = line.award
    beyond = max(score.value - award.allowed, 0)
    return (
        f"{plain(line.points)} {MINUS} {plain(award.each)} × {plain(beyond)}",
        max(line.points - award.each * beyond, award.least),
    )


def _off(deduction: Any, score: Score) -> tuple[str, float]:
    points = deduction.each * score.value
    return f"{MINUS}{plain(deduction.each)} × {decimal(score.value)}", -min(points, deduction.most or points)
