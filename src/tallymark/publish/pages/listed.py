"""Units without a full page: every figure of the period in a compact table, each row its own explanation."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from tallymark.programme.resolved import Indicator
from tallymark.publish.cells import figure_cell, number_cell, row, table, text_cell
from tallymark.publish.edition import Edition
from tallymark.publish.explaining import reports_short, sum_text
from tallymark.publish.html import Pages
from tallymark.publish.numbers import absent
from tallymark.publish.records import Figure
from tallymark.publish.slugs import anchor


def indicator_rows(edition: Edition, unit: str, number: int) -> Markup:
    """The table of a light page (its n-th): a row an indicator, with an id to link to."""
    plan, facts = edition.plan, edition.facts
    here = [
        indicator
        for name, indicator in facts.programme.indicators.items()
        if plan.light_page.get(name, 1) == number
    ]
    return _table(edition, unit, here, ids=True)


def _table(edition: Edition, unit: str, indicators: Sequence[Indicator], *, ids: bool) -> Markup:
    words, figures = edition.words, edition.facts.figures.get(unit, {})
    head = [
        (words("Figure"), ""),
        (words("Value"), "n"),
        (words("95% interval"), "n"),
        (words("How it came about"), ""),
        (words("A year before"), "n"),
        (words("Usable / received / due"), "n"),
        (words("Basis"), ""),
    ]
    rows = [_row(edition, indicator, figures.get(indicator.name), ids) for indicator in indicators]
    caption = words(
        "Figures of {name}, {period}",
        name=edition.name(unit),
        period=edition.period(edition.facts.period.code),
    )
    return table(rows, head, caption=caption, css="plain dense")


def _row(edition: Edition, indicator: Indicator, figure: Figure | None, ids: bool) -> str:
    title = indicator.title[edition.language] or indicator.name
    about = f"../{edition.plan.indicator(indicator.name)}#definition"
    mark = f' id="{anchor("i", indicator.name)}"' if ids else ""
    name = f'<th scope="row"{mark}><a class="fig" href="{about}">{escape(title)}</a>'
    if figure is None:
        return row([name, figure_cell(edition.shown(indicator, None), edition.words), '<td colspan="5">'])
    last_year = "" if absent(figure.last_year) else edition.number(indicator, figure.last_year)
    return row(
        [
            name,
            _value(edition, indicator, figure),
            number_cell(edition.interval(indicator, figure)),
            text_cell(sum_text(edition, indicator, figure), "sum"),
            number_cell(last_year),
            number_cell(reports_short(figure)),
            text_cell(edition.words(figure.basis) if figure.basis else "", "text"),
        ]
    )


def _value(edition: Edition, indicator: Indicator, figure: Figure) -> str:
    if absent(figure.value) or figure.basis == "suppressed":
        return figure_cell(edition.shown(indicator, figure), edition.words)
    return text_cell(edition.value(indicator, figure.value), "z" if figure.value == 0 else "")


def write_listed(pages: Pages, host: str) -> None:
    """Pages of the units below a host that have no page of their own."""
    edition, plan = pages.edition, pages.edition.plan
    file = plan.unit_file[host]
    units = plan.hosted[host]
    indicators = list(edition.facts.programme.indicators.values())
    last = max(plan.listed_page[unit] for unit in units)
    for number in range(1, last + 1):
        pages.write(
            f"below/{file}.{number}.html",
            "below.html",
            page_title=edition.words("Units below {name}", name=edition.name(host)),
            section="units.html",
            name=edition.name(host),
            back=f"../units/{file}.html",
            units=[
                {
                    "id": anchor("u", unit),
                    "name": edition.name(unit),
                    "level": edition.level(unit)[edition.language],
                    "table": _table(edition, unit, indicators, ids=False),
                }
                for unit in units
                if plan.listed_page[unit] == number
            ],
            pager=[(f"{file}.{n}.html", str(n), n == number) for n in range(1, last + 1)],
        )
