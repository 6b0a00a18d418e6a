"""Indicators: the list, and a page each with its definition, spread, funnel, course and every unit's figure."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tallymark.programme.resolved import Indicator
from tallymark.publish.awards import rule
from tallymark.publish.cells import head_cell, link, row, table, text_cell
from tallymark.publish.edition import Edition, statistic_only, symbols
from tallymark.publish.explaining import WHEN_UNCERTAIN, drawn_text, interval_method, pooled_text, small_text
from tallymark.publish.headlines import compared_values, indicator_headline
from tallymark.publish.html import Pages
from tallymark.publish.numbers import Kind, absent, plain, signed
from tallymark.publish.pages.benchmark import against_said, benchmark_said
from tallymark.publish.pages.composites import PAGE as COMPOSITES
from tallymark.publish.pages.differences import differing
from tallymark.publish.pages.figure_tables import figure_cells, figure_head
from tallymark.publish.pages.indicator_charts import interval_chart, multiples, spread_chart
from tallymark.publish.pages.indicator_funnel import funnel_chart
from tallymark.publish.plan import BUDGET, packed
from tallymark.publish.series import LARGE, Past, draw

ROW = 420
CONCERNS = {
    "service_coverage": "Coverage of services",
    "service_quality": "Quality of services",
    "timeliness": "Timeliness",
    "completeness": "Completeness",
    "accuracy": "Accuracy",
    "supply": "Supply",
    "finance": "Money",
    "satisfaction": "Satisfaction",
    "knowledge": "Knowledge",
    "redress": "Complaints and redress",
    "workforce": "Workforce",
    "equity": "Equity",
    "participation": "Participation",
    "births": "Births",
    "deaths": "Deaths",
    "fertility": "Fertility",
    "sex_ratio": "Sex ratio",
    "method_mix": "Family planning methods",
    "pregnancy": "Pregnancy",
    "population": "Population",
}


def write_indicators(pages: Pages, past: Past) -> None:
    """The list of indicators and a page for each."""
    _write_list(pages)
    for indicator in pages.edition.facts.programme.indicators.values():
        _write_one(pages, indicator, past)


def _write_list(pages: Pages) -> None:
    edition, words = pages.edition, pages.edition.words
    entries = [_entry(edition, indicator) for indicator in edition.facts.programme.indicators.values()]
    groups: dict[str, list[dict[str, object]]] = {}
    for entry in entries:
        groups.setdefault(str(entry["concerns"]), []).append(entry)
    scored = [group for concern, group in groups.items() if not group[0]["statistic"]]
    statistics = [group for concern, group in groups.items() if group[0]["statistic"]]
    pages.write(
        "indicators.html",
        "indicators.html",
        page_title=words("Indicators"),
        groups=[(group[0]["group"], group) for group in scored],
        statistics=[(group[0]["group"], group) for group in statistics],
        count=len(entries),
        top=edition.name(edition.facts.top) if edition.facts.top else "",
        composites=[
            (f"{COMPOSITES}#{one.name}", one.title[edition.language])
            for one in edition.facts.programme.composites.values()
        ],
    )


def _entry(edition: Edition, indicator: Indicator) -> dict[str, object]:
    facts, words = edition.facts, edition.words
    top = facts.top or ""
    figure = facts.figures.get(top, {}).get(indicator.name)
    shown = edition.shown(indicator, figure)
    valued = figure is not None and shown.kind in (Kind.VALUE, Kind.ZERO)
    points = [
        declared.points
        for line in facts.lines
        if getattr(declared := line.declared, "indicator", None) is indicator and hasattr(declared, "points")
    ]
    changed = (
        valued and figure is not None and not absent(figure.last_year) and indicator.name not in edition.dates
    )
    return {
        "concerns": indicator.concerns,
        "group": words(CONCERNS.get(indicator.concerns, indicator.concerns)),
        "statistic": statistic_only(indicator),
        "title": indicator.title[edition.language] or indicator.name,
        "href": edition.plan.indicator(indicator.name),
        "value": edition.value(indicator, figure.value) if valued and figure else shown.text,
        "why": edition.plan.figure(top, indicator.name) or "" if top else "",
        "change": signed(figure.value - figure.last_year, indicator.decimals) if changed and figure else "",
        "points": words.some(sum(points), "{n} point", "{n} points") if points else "",
    }


def _write_one(pages: Pages, indicator: Indicator, past: Past) -> None:
    edition, words = pages.edition, pages.edition.words
    units = [unit for unit in edition.plan.full if indicator.name in edition.facts.figures.get(unit, {})]
    others = [unit for unit in edition.facts.compared if unit not in set(units)]
    rows = [_unit_row(edition, indicator, unit) for unit in [*units, *others]]
    numbers = packed([ROW] * len(rows), BUDGET / 2)
    last = numbers[-1] if numbers else 1
    file = edition.plan.indicator_file[indicator.name]
    for number in range(1, last + 1):
        here = [text for text, page in zip(rows, numbers, strict=True) if page == number]
        pages.write(
            f"indicators/{_file(file, number)}",
            "indicator.html",
            page_title=indicator.title[edition.language] or indicator.name,
            section="indicators.html",
            number=number,
            headline=indicator_headline(edition, indicator),
            concerns=words(CONCERNS.get(indicator.concerns, indicator.concerns)),
            **(_about(edition, indicator, past) if number == 1 else {}),
            table=_units_table(edition, indicator, here),
            pager=[(_file(file, n), str(n), n == number) for n in range(1, last + 1)],
        )


def _file(file: str, number: int) -> str:
    return f"{file}.html" if number == 1 else f"{file}.{number}.html"


def _about(edition: Edition, indicator: Indicator, past: Past) -> dict[str, object]:
    facts, words = edition.facts, edition.words
    values = compared_values(edition, indicator)
    statistic = statistic_only(indicator)
    charts, left = multiples(edition, indicator, past)
    return {
        "name": indicator.name,
        "description": indicator.description[edition.language],
        "statistic": statistic,
        "in_words": edition.in_words(indicator),
        "in_symbols": symbols(indicator),
        "better": words(DIRECTIONS[indicator.direction]),
        "missing": words(
            WHEN_PARTIAL[indicator.missing], least=f"{plain(100 * indicator.min_completeness)}%"
        ),
        "interval": words(interval_method(indicator)),
        "drawn": drawn_text(edition, indicator),
        "small": small_text(edition, indicator),
        "pooled": pooled_text(edition, indicator),
        "benchmark": benchmark_said(edition, indicator, values),
        "source": indicator.source or "",
        "lines": [
            (
                line.declared.title[edition.language],
                words.sentences(
                    [
                        rule(line.declared, words, edition.titles),
                        words(WHEN_UNCERTAIN.get(getattr(line.declared, "uncertain", "point"), "")),
                    ]
                ),
            )
            for line in facts.lines
            if getattr(line.declared, "indicator", None) is indicator
        ],
        "measures": [
            (name, edition.titles[name][edition.language] if name in edition.titles else name)
            for name in sorted(indicator.names)
        ],
        "spread": spread_chart(edition, indicator, values),
        "bars": interval_chart(edition, indicator, values),
        "funnel": funnel_chart(edition, indicator, values),
        "differing": differing(edition, indicator),
        "course": draw(
            edition,
            indicator,
            past.drawn(facts.top, indicator.name) if facts.top else (),
            name="course",
            place=edition.name(facts.top) if facts.top else "",
            frame=LARGE,
            target=facts.goals.get(indicator.name),
        ),
        "multiples": charts,
        "more_multiples": left,
        "course_why": f"../{edition.plan.figure(facts.top, indicator.name)}" if facts.top else "",
    }


DIRECTIONS = {
    "higher": "Higher is better.",
    "lower": "Lower is better.",
    "none": "Neither higher nor lower is better: a statistic.",
}
WHEN_PARTIAL = {
    "refuse": "No figure unless every report due was usable.",
    "partial": "With reports missing, the figure is for those that came and is marked partial; "
    "below {least} of them there is none.",
    "estimate": "With reports missing, the figure is scaled up by reports due ÷ usable reports and marked estimated.",
}


def _units_table(edition: Edition, indicator: Indicator, rows: Sequence[str]) -> Markup:
    words = edition.words
    head = figure_head(edition, indicator, words("Unit"))
    head.insert(-2, (words("A year before"), "n"))
    if indicator.benchmark is not None:
        head.insert(-2, (words("Against {value}", value=edition.value(indicator, indicator.benchmark)), ""))
    return table(rows, head, caption=words("Every unit"), css="plain", sortable=not statistic_only(indicator))


def _unit_row(edition: Edition, indicator: Indicator, unit: str) -> str:
    figure = edition.facts.figures.get(unit, {}).get(indicator.name)
    why, page = edition.plan.figure(unit, indicator.name), edition.plan.page(unit)
    cells = figure_cells(edition, indicator, figure, f"../{why}" if why else None)
    before = (
        ""
        if figure is None or absent(figure.last_year) or indicator.name in edition.dates
        else edition.number(indicator, figure.last_year)
    )
    cells.insert(-2, text_cell(before))
    if indicator.benchmark is not None:
        cells.insert(-2, text_cell(against_said(edition, figure)))
    return row([head_cell(link(edition.name(unit), f"../{page}" if page else None)), *cells])
