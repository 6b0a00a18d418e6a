"""Pages of units: total, rank, gaps with what would win them back, lines, trends, findings, units below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tallymark.publish.edition import Edition
from tallymark.publish.headlines import unit_headline
from tallymark.publish.html import MOST_BYTES, Pages
from tallymark.publish.numbers import absent, decimal, plain
from tallymark.publish.pages.figures import finding_text
from tallymark.publish.pages.gaps import gap_rows
from tallymark.publish.pages.lines import line_details
from tallymark.publish.pages.listed import indicator_rows
from tallymark.publish.pages.totals import total_strip, total_view
from tallymark.publish.plan import LINE
from tallymark.publish.records import Found
from tallymark.publish.series import Past, draw

MOST_CHARTS, MOST_FINDINGS, MOST_CHILDREN = 36, 25, 150
FRAME, GAP, CHILD, FINDING, CHART = 12_000, 470, 150, 420, 2_300
"""Bytes that a page's parts take at most: as many charts are drawn as still fit."""


def write_unit(pages: Pages, unit: str, past: Past | None, findings: Mapping[str, Sequence[Found]]) -> None:
    """A unit's page (and the further ones that many lines need); without `past` it is a light one.

    findings: unit → what was found there in the run's period.
    """
    edition, plan = pages.edition, pages.edition.plan
    facts = edition.facts
    lines = [line for line in facts.lines if line.key in facts.scores.get(unit, {})]
    last = max([plan.line_page[line.key] for line in lines] or [1])
    if past is None:
        last = max([last, *plan.light_page.values()])
    found = findings_below(findings, [unit, *facts.places.below(unit)])
    for number in range(1, last + 1):
        here = [line for line in lines if plan.line_page[line.key] == number]
        pages.write(
            plan.unit_page(unit, number),
            "unit.html",
            page_title=edition.name(unit),
            section="units.html",
            number=number,
            name=edition.name(unit),
            code=unit,
            level=edition.level(unit)[edition.language],
            crumbs=[
                (edition.name(code), f"../{plan.page(code)}" if plan.page(code) else "")
                for code in facts.places.path(unit)
            ],
            headline=unit_headline(edition, unit)
            if unit in facts.totals
            else _plain_headline(edition, unit, found),
            total=total_view(edition, unit) if number == 1 else None,
            strip=total_strip(edition, unit) if number == 1 else None,
            bundled=bool(facts.contract and facts.contract.bundle),
            gaps=gap_rows(edition, unit) if number == 1 else [],
            sections=line_details(edition, unit, here),
            charts=_charts(edition, unit, past, _room(edition, unit, len(here)))
            if past and number == 1
            else [],
            rows=indicator_rows(edition, unit, number) if past is None else None,
            figures_href=f"../figures/{plan.unit_file[unit]}.1.html" if past else "",
            findings=[finding_text(edition, finding) for finding in found[:MOST_FINDINGS]]
            if number == 1
            else [],
            more_findings=max(len(found) - MOST_FINDINGS, 0),
            children=_children(edition, unit) if number == 1 else [],
            more_children=max(len(facts.places.children.get(unit, ())) - MOST_CHILDREN, 0),
            listed=_listed_pages(edition, unit),
            pager=[
                (plan.unit_page(unit, n).removeprefix("units/"), str(n), n == number)
                for n in range(1, last + 1)
            ],
        )


def _plain_headline(edition: Edition, unit: str, found: Sequence[Found]) -> str:
    """A headline for a unit without a total: its reports and findings."""
    words, facts = edition.words, edition.facts
    rows = facts.reports_due(unit)
    due, received = sum(r.expected for r in rows), sum(r.received for r in rows if not absent(r.received))
    if not due:
        return edition.name(unit)
    return words(
        "{name}: {received} of {due} reports received, {found}",
        name=edition.name(unit),
        received=decimal(received),
        due=decimal(due),
        found=words.some(len(found), "{n} finding", "{n} findings"),
    )


def _room(edition: Edition, unit: str, lines: int) -> int:
    """How many charts fit beside the rest of the page."""
    facts = edition.facts
    children = min(len(facts.places.children.get(unit, ())), MOST_CHILDREN)
    used = (
        FRAME
        + LINE * lines
        + GAP * len(facts.gaps.get(unit, ()))
        + CHILD * children
        + FINDING * MOST_FINDINGS
    )
    return min(MOST_CHARTS, max(int((MOST_BYTES * 0.95 - used) / CHART), 0))


def _charts(edition: Edition, unit: str, past: Past, most: int) -> list[dict[str, object]]:
    """Small charts: the contract's figures first."""
    facts = edition.facts
    scored = [getattr(line.declared, "indicator", None) for line in facts.lines]
    names = dict.fromkeys([indicator.name for indicator in scored if indicator is not None])
    names |= dict.fromkeys(facts.programme.indicators)
    goals = facts.goals
    found: list[dict[str, object]] = []
    for i, name in enumerate(names):
        if len(found) == most:
            break
        indicator = facts.programme.indicators[name]
        chart = draw(
            edition,
            indicator,
            past.drawn(unit, name),
            name=f"t{i}",
            place=edition.name(unit),
            target=goals.get(name),
        )
        if chart is None:
            continue
        figure = facts.figures.get(unit, {}).get(name)
        shown = edition.shown(indicator, figure)
        found.append(
            {
                "title": indicator.title[edition.language],
                "value": edition.value(indicator, figure.value)
                if figure and not absent(figure.value)
                else shown.text,
                "href": f"../{edition.plan.figure(unit, name)}",
                "chart": chart,
            }
        )
    return found


def _children(edition: Edition, unit: str) -> list[dict[str, str]]:
    """The units below, with their reports."""
    facts = edition.facts
    found = []
    for child in facts.places.children.get(unit, ())[:MOST_CHILDREN]:
        rows = facts.reports_due(child)
        due, received = sum(r.expected for r in rows), sum(r.received for r in rows if not absent(r.received))
        page = edition.plan.page(child)
        total = facts.totals.get(child)
        found.append(
            {
                "name": edition.name(child),
                "href": f"../{page}" if page else "",
                "reports": f"{decimal(received)} / {decimal(due)}" if due else "",
                "total": plain(total.total, 1) if total and not absent(total.total) else "",
            }
        )
    return found


def _listed_pages(edition: Edition, unit: str) -> list[tuple[str, str]]:
    """Pages with the figures of units below that have no page of their own."""
    plan = edition.plan
    last = max([plan.listed_page[child] for child in plan.hosted.get(unit, ())] or [0])
    return [(f"../below/{plan.unit_file[unit]}.{n}.html", str(n)) for n in range(1, last + 1)]


def findings_below(findings: Mapping[str, Sequence[Found]], units: Sequence[str]) -> list[Found]:
    """Findings in the units given, worst first."""
    order = {"error": 0, "warning": 1, "note": 2}
    found = [finding for unit in units for finding in findings.get(unit, ())]
    return sorted(found, key=lambda f: (order.get(f.severity, 3), f.unit, f.period, f.code))
