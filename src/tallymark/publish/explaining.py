"""Where a figure comes from, as the page says it: formula, parts, reports, basis, comparisons, findings, points."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tallymark.model.text import Text
from tallymark.programme.resolved import Indicator
from tallymark.publish.awards import arithmetic, rule
from tallymark.publish.edition import Edition
from tallymark.publish.numbers import SIGNS, Kind, absent, decimal, plain, share, signed, spread
from tallymark.publish.records import Counted, Delivered, Figure, Found, Score
from tallymark.publish.scored_lines import ScoredLine

EXACT = 1e-6
MOST_BATCHES = 6
SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Part:
    """A measure (or count of reports) that the figure is made from."""

    title: str
    name: str
    value: str
    source: str
    reports: str


def sum_text(edition: Edition, indicator: Indicator, figure: Figure) -> str:
    """The figure as arithmetic, `100 × 1,204 ÷ 1,444 = 83.4`; with ≈ where an estimate changed it."""
    if absent(figure.value) or absent(figure.numerator) or indicator.name in edition.dates:
        return ""
    if indicator.standardise is not None:
        return ""
    factor = "" if indicator.factor == 1 else f"{plain(indicator.factor, 4)} × "
    text, value = f"{factor}{plain(figure.numerator)}", indicator.factor * figure.numerator
    if indicator.denominator is not None:
        if absent(figure.denominator) or figure.denominator == 0:
            return ""
        text, value = f"{text} ÷ {plain(figure.denominator)}", value / figure.denominator
    if indicator.annualise:
        times = edition.facts.programme.calendar.per_year(_frequency(edition, figure.period))
        text, value = (f"{text} × {plain(times)}", value * times) if times != 1 else (text, value)
    if text == plain(figure.numerator):
        return ""
    same = math.isclose(value, figure.value, rel_tol=EXACT, abs_tol=EXACT)
    return f"{text} {'=' if same else '≈'} {edition.number(indicator, figure.value)}"


def _frequency(edition: Edition, period: str) -> str:
    return edition.facts.programme.calendar.parse(period).frequency


def parts(edition: Edition, unit: str, indicator: Indicator) -> list[Part]:
    """What the figure is made from, with this unit's numbers for the run's period."""
    counted = edition.facts.counted.get(unit, {})
    measures = edition.facts.programme.measures
    found = []
    for name in sorted(indicator.names):
        measure = measures.get(name)
        row = counted.get(name)
        source = measure.dataset.title or Text(measure.dataset.name) if measure else Text()
        found.append(
            Part(
                title=(edition.titles.get(name) or Text(name))[edition.language],
                name=name,
                value=_counted_text(row) if row else _report_count(edition, unit, name),
                source=source[edition.language],
                reports="" if row is None else reports_short(row),
            )
        )
    return found


def _counted_text(row: Counted) -> str:
    if row.basis == "suppressed":
        return SIGNS[Kind.SUPPRESSED]
    return SIGNS[Kind.MISSING] if absent(row.value) else plain(row.value)


def _report_count(edition: Edition, unit: str, name: str) -> str:
    """`monthly.expected` and the like, from the table of reports."""
    dataset, _, count = name.partition(".")
    for due in edition.facts.due.get(unit, ()):
        if due.dataset == dataset and count in due._fields:
            value = getattr(due, count)
            return SIGNS[Kind.MISSING] if absent(value) else plain(value)
    return SIGNS[Kind.NOT_EXPECTED]


def reports_short(row: Figure | Counted) -> str:
    """`usable / received / expected`, empty when reports were not counted."""
    if absent(row.expected):
        return ""
    return f"{decimal(_zero(row.usable))} / {decimal(_zero(row.received))} / {decimal(row.expected)}"


def _zero(value: float) -> float:
    return 0.0 if absent(value) else value


def reports_text(edition: Edition, row: Figure | Counted) -> str:
    """How many reports were due, came and could be used."""
    if absent(row.expected) or row.expected == 0:
        return edition.words("No report was due.")
    return edition.words(
        "{expected} reports due, {received} received, {usable} usable ({share}).",
        expected=decimal(row.expected),
        received=decimal(_zero(row.received)),
        usable=decimal(_zero(row.usable)),
        share=share(_zero(row.usable), row.expected),
    )


BASES = {
    "reported": "Reported: every report due came in and was used as it was sent.",
    "corrected": "Corrected: some reports were put right after they were first sent; the latest version counts.",
    "recounted": "Recounted: checked against the records on the spot.",
    "partial": "Partial: only the reports that came in are counted; the figure does not stand for the others.",
    "estimated": "Estimated: missing reports were filled in as value × reports due ÷ usable reports.",
    "missing": "Missing: nothing usable was received. Missing is not zero.",
    "suppressed": "Suppressed: withheld because few people are behind it, or because it would tell of a figure "
    "with few people.",
}
INTERVALS = {
    "wilson": "95% interval for a share (Wilson 1927): other figures that the counts are compatible with.",
    "clopper-pearson": "95% interval for a share (Clopper and Pearson 1934), exact.",
    "jeffreys": "95% interval for a share (Jeffreys).",
    "ratio": "95% interval for a ratio of two counts, from the share of the first in both (Wilson 1927).",
    "poisson": "95% interval for a count of events (exact Poisson).",
    "byar": "95% interval for a count of events (Byar).",
    "dobson": "95% interval for a directly standardised rate (Dobson and others 1991, exact Poisson limits).",
    "fay-feuer": "95% interval for a directly standardised rate (Fay and Feuer 1997).",
    "none": "No interval is declared for this figure.",
}


def interval_method(indicator: Indicator) -> str:
    """How an indicator's interval is made, as a message."""
    return INTERVALS[indicator.standardise.interval if indicator.standardise else indicator.interval]


DRAWN = "Drawn towards like units by how noisy it is"
SHRINKAGE = {
    "poisson-gamma": "Beside it stands the value drawn towards the others of its level by how noisy it is "
    "(Poisson–gamma, maximum likelihood).",
    "beta-binomial": "Beside it stands the value drawn towards the others of its level by how noisy it is "
    "(beta–binomial, maximum likelihood).",
    "eb-poisson": "Beside it stands the value drawn towards the others of its level by how noisy it is "
    "(Marshall 1991, counts).",
    "eb-binomial": "Beside it stands the value drawn towards the others of its level by how noisy it is "
    "(Marshall 1991, shares).",
    "normal": "Beside it stands the value drawn towards the others of its level by the width of its interval "
    "(normal–normal, REML).",
}
SMALL = {
    "few_cases": "too few cases to be scored",
    "few_events": "too few events, or too few cases without one, to be scored",
    "wide_interval": "the interval is too wide for it to be scored",
}


def drawn_text(edition: Edition, indicator: Indicator) -> str:
    """How the value beside the value is made; empty where there is none."""
    return edition.words(SHRINKAGE[indicator.shrink]) if indicator.shrink in SHRINKAGE else ""


def small_text(edition: Edition, indicator: Indicator) -> str:
    """When a figure is too small to be scored; empty where there is no rule."""
    rule, words = indicator.too_small, edition.words
    if rule is None:
        return ""
    said = []
    if rule.cases:
        said.append(words("fewer than {n} cases", n=plain(rule.cases)))
    if rule.events:
        said.append(words("fewer than {n} events or cases without one", n=plain(rule.events)))
    if rule.width is not None:
        width = edition.value(indicator, rule.width)
        said.append(words("an interval wider than {width}", width=width))
    return words("Not scored, the line set aside: {when}.", when=words.series(said))


def pooled_text(edition: Edition, indicator: Indicator) -> str:
    """How years are put together; empty where they are not."""
    if indicator.pooled == 1:
        return ""
    return edition.words(
        "Cases of {years} years put together, the same period in each; a year that is missing ends it, and is never read "
        "as none.",
        years=indicator.pooled,
    )


def basis_text(edition: Edition, basis: str) -> str:
    """What a figure rests on, as a sentence; an unknown word stands as it is."""
    return edition.words(BASES[basis]) if basis in BASES else basis


def comparisons(edition: Edition, indicator: Indicator, figure: Figure) -> list[tuple[str, str, str]]:
    """(what it is compared with, its value, the change) for each comparison that there is."""
    found = []
    for name, said in (
        ("previous", "Period before"),
        ("last_year", "Same period a year before"),
        ("three_year_mean", "Mean of the same period in the three years before"),
    ):
        value = getattr(figure, name)
        if not absent(value) and indicator.name not in edition.dates:
            change = "" if absent(figure.value) else signed(figure.value - value, indicator.decimals)
            found.append((edition.words(said), edition.value(indicator, value), change))
    if indicator.pooled > 1 and not absent(figure.years):
        used = edition.words("{some} of {all}", some=plain(figure.years), all=indicator.pooled)
        found.append((edition.words("Years put together"), used, ""))
    if not absent(figure.shrunk):
        limits = spread(figure.shrunk_low, figure.shrunk_high, indicator.decimals, edition.language)
        found.append((edition.words(DRAWN), edition.value(indicator, figure.shrunk), limits))
    if len(found) > 1 and found[0][1] == found[1][1] and figure.previous == figure.last_year:
        del found[0]
    return found


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The batches behind a figure, and how many of their rows in force correct earlier ones."""

    rows: str
    corrected: str
    batches: tuple[str, ...]
    more: int
    """Batches that are not listed."""


def deliveries(edition: Edition, unit: str, indicator: Indicator) -> Deliveries | None:
    """What the unit's data for this indicator came in during the run's period; None when the run does not say."""
    datasets = datasets_of(edition, indicator)
    rows = [row for row in edition.facts.delivered.get(unit, ()) if row.dataset in datasets]
    rows.sort(key=lambda row: (row.dataset, -row.batch))
    if not rows:
        return None
    return Deliveries(
        rows=decimal(sum(row.rows for row in rows)),
        corrected=decimal(sum(row.corrected for row in rows)),
        batches=tuple(_batch_text(edition, row) for row in rows[:MOST_BATCHES]),
        more=max(len(rows) - MOST_BATCHES, 0),
    )


def _batch_text(edition: Edition, row: Delivered) -> str:
    number = int(row.batch)
    batch = edition.facts.batches.get(number)
    text = edition.words(
        "batch {batch}: {rows} rows of {dataset}",
        batch=number,
        rows=decimal(row.rows),
        dataset=edition.facts.programme.datasets[row.dataset].title or Text(row.dataset),
    )
    return (
        f"{text}（{batch.received_at[:10]}）"
        if batch and edition.language == "zh"
        else (f"{text} ({batch.received_at[:10]})" if batch else text)
    )


def datasets_of(edition: Edition, indicator: Indicator) -> frozenset[str]:
    """The datasets that an indicator is counted from."""
    measures = edition.facts.programme.measures
    return frozenset(
        measures[name].dataset.name if name in measures else name.partition(".")[0]
        for name in indicator.names
    )


@dataclass(frozen=True, slots=True)
class Points:
    """What a figure earned on one line of the contract."""

    line: ScoredLine
    title: str
    points: str
    available: str
    rule: str
    arithmetic: str
    href: str


STATUSES = {
    "scored": "",
    "missing": "The figure is missing: {rule}",
    "set_aside": "The figure is missing and the line is set aside: the other lines count up to the full total.",
    "refused": "Refused: without this figure there is no total.",
    "not_applicable": "Not applicable here.",
    "too_small": "The figure rests on too little to be scored: the line is set aside and the other lines count up to "
    "the full total.",
}
WHEN_MISSING = {
    "no_points": "no points are given.",
    "set_aside": "the line is set aside and the others count up to the full total.",
    "refuse": "there is no total.",
}
WHEN_UNCERTAIN = {
    "point": "The figure itself earns the points.",
    "benefit_of_doubt": "Benefit of the doubt: the better end of the interval earns the points.",
    "confirmed": "Only what is certain counts: the worse end of the interval earns the points.",
}


def points(edition: Edition, line: ScoredLine, score: Score | None) -> Points:
    """How a line's points came about for one unit."""
    words, declared = edition.words, line.declared
    status = score.status if score else "not_applicable"
    missing = getattr(declared, "missing", "no_points")
    return Points(
        line=line,
        title=declared.title[edition.language],
        points=points_text(score),
        available=plain(score.available if score else math.nan),
        rule=words.sentences(
            [
                rule(declared, words, edition.titles),
                *_uncertain(edition, declared),
                words(STATUSES.get(status, ""), rule=words(WHEN_MISSING.get(missing, ""))),
            ]
        ),
        arithmetic=arithmetic(declared, score) if score else "",
        href=edition.plan.line(score.unit, *line.key) or "" if score else "",
    )


def _uncertain(edition: Edition, declared: object) -> Iterable[str]:
    way = getattr(declared, "uncertain", "point")
    if way != "point":
        yield edition.words(WHEN_UNCERTAIN[way])


def points_text(score: Score | None, most: int = 2) -> str:
    """Points as a cell shows them, or the sign of why there are none; short of full marks never looks like full."""
    kind = points_kind(score)
    if score is None or kind in SIGNS:
        return SIGNS[kind]
    text = plain(score.points, most)
    if 0 < score.points < score.available and text == plain(score.available, most):
        text = plain(score.points - 0.5 * 10.0**-most, most)
    return text


def points_kind(score: Score | None) -> Kind:
    """The kind of a score's cell: a line without data is missing, whether it counts 0, is set aside or refuses."""
    if score is None or score.status in ("not_applicable", "too_small"):
        return Kind.NOT_EXPECTED
    if score.basis == "suppressed":
        return Kind.SUPPRESSED
    if score.status != "scored" or absent(score.points):
        return Kind.MISSING
    return Kind.ZERO if score.points == 0 else Kind.VALUE


def count_by_severity(findings: Iterable[Found]) -> Mapping[str, int]:
    """How many findings there are of each severity, worst first."""
    counts = Counter(found.severity for found in findings)
    return {severity: counts[severity] for severity in SEVERITIES if counts[severity]}
