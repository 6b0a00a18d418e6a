"""A unit's figures in full: formula, parts, contributions of the units below, every period, what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from tallymark.model.text import Text
from tallymark.programme.resolved import Indicator
from tallymark.programme.waived import waived_text
from tallymark.publish.edition import KINDS, Edition, statistic_only, symbols
from tallymark.publish.explaining import (
    basis_text,
    comparisons,
    datasets_of,
    deliveries,
    interval_method,
    parts,
    points,
    reports_text,
    sum_text,
)
from tallymark.publish.guard import holds_people
from tallymark.publish.html import Pages
from tallymark.publish.numbers import Kind
from tallymark.publish.pages.differences import changed_said, gaps_said
from tallymark.publish.pages.figure_tables import added_up, contributions, periods, splits
from tallymark.publish.records import Found, by
from tallymark.publish.series import LARGE, Past, draw
from tallymark.publish.slugs import anchor

MOST_FINDINGS = 5


class Told(Protocol):
    """What `tallymark.explaining` knows beyond the run's tables: corrections, and the run before."""

    @property
    def corrections(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def change(self) -> Mapping[str, Any] | None: ...


Explain = Callable[[str, str, str], Told]


def write_figures(
    pages: Pages,
    unit: str,
    past: Past,
    findings: Mapping[str, Sequence[Found]],
    *,
    explain: Explain | None,
) -> None:
    """All figures of a unit with a full page, on as many numbered pages as the plan says.

    findings: unit → what was found there in the run's period.
    """
    edition, plan = pages.edition, pages.edition.plan
    numbers = plan.figure_page[unit]
    file, last = plan.unit_file[unit], max(numbers.values(), default=0)
    indicators = edition.facts.programme.indicators
    below = [unit, *edition.facts.places.below(unit)]
    found = by([finding for code in below for finding in findings.get(code, ())], "dataset")
    for number in range(1, last + 1):
        names = [name for name, page in numbers.items() if page == number]
        pages.write(
            f"figures/{file}.{number}.html",
            "figures.html",
            page_title=edition.words("{name}: figures", name=edition.name(unit)),
            section="units.html",
            name=edition.name(unit),
            back=f"../units/{file}.html",
            articles=[
                article(edition, unit, indicators[name], past=past, found=found)
                | history(edition, unit, indicators[name], explain)
                for name in names
            ],
            pager=[
                (f"{file}.{n}.html", _range(edition, numbers, n), n == number) for n in range(1, last + 1)
            ],
        )


def _range(edition: Edition, numbers: Mapping[str, int], number: int) -> str:
    first = next(name for name, page in numbers.items() if page == number)
    return str(edition.titles.get(first, Text(first))[edition.language])


def article(
    edition: Edition, unit: str, indicator: Indicator, *, past: Past, found: Mapping[str, Sequence[Found]]
) -> dict[str, object]:
    """The explanation of one figure of a unit."""
    facts, words = edition.facts, edition.words
    figure = facts.figures.get(unit, {}).get(indicator.name)
    shown = edition.shown(indicator, figure)
    valued = shown.kind in (Kind.VALUE, Kind.ZERO)
    findings = [
        finding for name in sorted(datasets_of(edition, indicator)) for finding in found.get(name, ())
    ]
    return {
        "id": anchor("i", indicator.name),
        "title": indicator.title[edition.language] or indicator.name,
        "href": f"../{edition.plan.indicator(indicator.name)}",
        "value": edition.value(indicator, figure.value) if figure and valued else words(KINDS[shown.kind]),
        "interval": edition.interval(indicator, figure) if figure and valued else "",
        "description": indicator.description[edition.language],
        "statistic": statistic_only(indicator),
        "in_words": edition.in_words(indicator),
        "in_symbols": symbols(indicator),
        "sum": sum_text(edition, indicator, figure) if figure else "",
        "parts": parts(edition, unit, indicator),
        "reports": reports_text(edition, figure) if figure else words("No report was due."),
        "basis": basis_text(edition, figure.basis) if figure else "",
        "interval_method": words(interval_method(indicator)),
        "comparisons": comparisons(edition, indicator, figure) if figure else [],
        "changed": changed_said(edition, indicator, unit) if valued else "",
        "gaps": gaps_said(edition, indicator, unit) if valued else [],
        "deliveries": deliveries(edition, unit, indicator),
        "findings": [finding_text(edition, finding) for finding in findings[:MOST_FINDINGS]],
        "more_findings": max(len(findings) - MOST_FINDINGS, 0),
        "points": [
            points(edition, line, facts.scores.get(unit, {}).get(line.key))
            for line in facts.lines
            if getattr(line.declared, "indicator", None) is not None
            and line.declared.indicator.name == indicator.name  # type: ignore[union-attr]
            and line.key in facts.scores.get(unit, {})
        ],
        "chart": draw(
            edition,
            indicator,
            past.drawn(unit, indicator.name),
            name=anchor("c", indicator.name),
            place=edition.name(unit),
            frame=LARGE,
            target=facts.goals.get(indicator.name),
        ),
        "children": contributions(edition, unit, indicator),
        "added_up": added_up(edition, unit, indicator),
        "splits": splits(
            edition,
            indicator,
            past.split(unit, indicator.name),
            past.shares.get(indicator.name, {}),
        ),
        "periods": periods(edition, indicator, past.of(unit, indicator.name)),
    }


def history(edition: Edition, unit: str, indicator: Indicator, explain: Explain | None) -> dict[str, object]:
    """Corrections and what changed since the last run, where there is someone to ask.

    Corrections of registers that hold personal columns are counted, never shown.
    """
    if explain is None or unit not in edition.facts.figures:
        return {"corrections": [], "change": ""}
    words, datasets = edition.words, edition.facts.programme.datasets
    told = explain(unit, indicator.name, edition.facts.period.code)
    private = any(
        name in datasets and holds_people(datasets[name]) for name in datasets_of(edition, indicator)
    )
    shown = () if private else told.corrections
    change = told.change
    return {
        "corrections": [corrected(edition, row) for row in shown],
        "change": ""
        if change is None or change["before"] is None or change["now"] is None
        else words(
            "In run {run} it was {before}; now it is {now}.",
            run=change["run"],
            before=edition.value(indicator, change["before"]),
            now=edition.value(indicator, change["now"]),
        ),
    }


def corrected(edition: Edition, row: Mapping[str, Any]) -> str:
    """What was replaced or withdrawn, as a sentence."""
    values = {key: row[key] for key in ("where", "old", "new", "batch", "reason")}
    if row["new"] is None:
        return edition.words("{where}: {old} was withdrawn with batch {batch} ({reason})", **values)
    return edition.words("{where}: {old} became {new} with batch {batch} ({reason})", **values)


def finding_text(edition: Edition, finding: Found) -> dict[str, str]:
    """A finding as a line of a list."""
    zh = edition.language == "zh"
    place = edition.name(finding.unit) if finding.unit else ""
    message = finding.message_zh if zh and finding.message_zh else finding.message
    waived = waived_text(finding.waived, edition.language)
    return {
        "severity": finding.severity,
        "said": edition.words(finding.severity),
        "where": " ".join(part for part in (place, finding.period) if part),
        "message": f"{message} [{waived}]" if waived else message,
        "hint": finding.hint_zh if zh and finding.hint_zh else finding.hint,
        "code": finding.code,
    }
