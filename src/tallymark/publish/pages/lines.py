"""The lines of a contract on a unit's page: each opens in place to how its points came about."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from tallymark.model.text import Text
from tallymark.publish.cells import heat
from tallymark.publish.edition import KINDS, Edition, symbols
from tallymark.publish.explaining import basis_text, points, points_kind, reports_text, sum_text
from tallymark.publish.html import CLASSES
from tallymark.publish.numbers import Kind, absent, plain, spread
from tallymark.publish.plan import line_anchor
from tallymark.publish.records import Score
from tallymark.publish.scored_lines import ScoredLine


def line_details(edition: Edition, unit: str, lines: Sequence[ScoredLine]) -> list[dict[str, object]]:
    """Sections with their lines, for the template."""
    scores = edition.facts.scores.get(unit, {})
    found = []
    for (_, _, title), group in groupby(
        lines, key=lambda line: (line.contract, line.section, line.section_title)
    ):
        rows = [_line(edition, unit, line, scores.get(line.key)) for line in group]
        counted = [score for line in lines if (score := scores.get(line.key)) and line.section_title == title]
        found.append({"title": title[edition.language], "lines": rows, "sum": _sum(edition, counted)})
    return found


def _sum(edition: Edition, scores: Sequence[Score]) -> str:
    """`12.4 of 18 points` of a section; nothing for deductions, which have no full marks."""
    if any(score.kind == "deduction" for score in scores) or any(
        score.basis == "suppressed" for score in scores
    ):
        return ""
    earned = sum(score.points for score in scores if not absent(score.points))
    full = sum(score.available for score in scores if not absent(score.available))
    return edition.words("{points} of {full}", points=plain(earned), full=plain(full))


def _line(edition: Edition, unit: str, line: ScoredLine, score: Score | None) -> dict[str, object]:
    words, declared = edition.words, line.declared
    scored, kind = points(edition, line, score), points_kind(score)
    indicator = getattr(declared, "indicator", None)
    figure = edition.facts.figures.get(unit, {}).get(indicator.name) if indicator else None
    value = edition.value(indicator, score.value) if indicator and score and not absent(score.value) else ""
    return {
        "id": line_anchor(*line.key),
        "code": line.code,
        "title": scored.title,
        "description": getattr(declared, "description", Text())[edition.language],
        "points": scored.points,
        "available": scored.available,
        "kind": CLASSES[kind],
        "heard": "" if kind in (Kind.VALUE, Kind.ZERO) else words(KINDS[kind]),
        "shade": heat(score) if kind in (Kind.VALUE, Kind.ZERO) else "",
        "value": value,
        "range": spread(score.points_low, score.points_high, 2, edition.language)
        if score and score.points_low != score.points_high
        else "",
        "rule": scored.rule,
        "arithmetic": scored.arithmetic,
        "in_words": edition.in_words(indicator) if indicator else "",
        "in_symbols": symbols(indicator) if indicator else "",
        "sum": sum_text(edition, indicator, figure) if indicator and figure else "",
        "interval": edition.interval(indicator, figure) if indicator and figure else "",
        "reports": reports_text(edition, figure) if figure else "",
        "basis": basis_text(edition, score.basis) if score and score.basis else "",
        "more": f"../{edition.plan.figure(unit, indicator.name)}"
        if indicator and edition.plan.figure(unit, indicator.name)
        else "",
        "about": f"../{edition.plan.indicator(indicator.name)}" if indicator else "",
        "numerator": ""
        if figure is None or indicator is None
        else edition.counted(indicator, figure.numerator),
        "of": words("{points} of {full} points", points=scored.points, full=scored.available),
    }
