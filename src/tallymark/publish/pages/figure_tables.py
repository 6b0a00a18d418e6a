"""Tables of a figure: by unit below, by group, by period."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from tallymark.programme.resolved import Indicator
from tallymark.publish.cells import figure_cell, head_cell, link, number_cell, row, table, text_cell
from tallymark.publish.edition import Edition, statistic_only
from tallymark.publish.explaining import (
    SMALL,
    reports_short,
)
from tallymark.publish.numbers import absent, decimal, plain
from tallymark.publish.plan import MOST_CHILDREN
from tallymark.publish.records import Figure


def contributions(edition: Edition, unit: str, indicator: Indicator) -> Markup | None:
    """What each unit below adds to the figure; None where nothing is below."""
    facts, words = edition.facts, edition.words
    children = facts.places.children.get(unit, ())
    if not children:
        return None
    figures = [(child, facts.figures.get(child, {}).get(indicator.name)) for child in children]
    if len(figures) > MOST_CHILDREN:
        figures = sorted(figures, key=lambda entry: -_weight(entry[1]))[:MOST_CHILDREN]
    rows = [_child_row(edition, child, indicator, figure) for child, figure in figures]
    caption = words("What the units below contributed")
    if len(children) > len(figures):
        caption = words(
            "The {n} largest contributions of {all} units below; the data files have all of them",
            n=len(figures),
            all=decimal(len(children)),
        )
    head = figure_head(edition, indicator, words("Unit"))
    return table(rows, head, caption=caption, css="plain dense", sortable=not statistic_only(indicator))


def added_up(edition: Edition, unit: str, indicator: Indicator) -> str:
    """A sentence where the parts of the units below add up to this unit's; empty where they need not."""
    figures = edition.facts.figures
    children = [
        figures.get(child, {}).get(indicator.name) for child in edition.facts.places.children.get(unit, ())
    ]
    whole = figures.get(unit, {}).get(indicator.name)
    known = [child for child in children if child is not None]
    if whole is None or not known or indicator.name in edition.dates:
        return ""
    top = sum(child.numerator for child in known if not absent(child.numerator))
    bottom = sum(child.denominator for child in known if not absent(child.denominator))
    divided = indicator.denominator is not None
    if not math.isclose(top, whole.numerator) or (divided and not math.isclose(bottom, whole.denominator)):
        return ""
    if not divided:
        return edition.words("The parts add up to {top}.", top=plain(top))
    return edition.words(
        "The numerators add up to {top}, the denominators to {bottom}.", top=plain(top), bottom=plain(bottom)
    )


def splits(
    edition: Edition, indicator: Indicator, figures: Sequence[Figure], shares: Mapping[str, float]
) -> Markup | None:
    """The figure by each breakdown, of a standardised one with what each group adds; None where there is none."""
    if not figures:
        return None
    titles = {
        name: column.title[edition.language]
        for dataset in edition.facts.programme.datasets.values()
        for name, column in dataset.columns.items()
        if column.title
    }
    rows = [
        row(
            [
                head_cell(f"{titles.get(figure.breakdown, figure.breakdown)}: {figure.category}"),
                *figure_cells(edition, indicator, figure, None),
                *(_share_cells(indicator, figure, shares) if indicator.standardise else ()),
            ]
        )
        for figure in figures
    ]
    words = edition.words
    head = figure_head(edition, indicator, words("Group"))
    if indicator.standardise:
        head += [(words("Weight"), "n"), (words("Adds to the rate"), "n")]
    return table(rows, head, caption=words("By group"), css="plain dense")


def _share_cells(indicator: Indicator, figure: Figure, shares: Mapping[str, float]) -> list[str]:
    """The group's share of the standard population, and its rate × that share: these add up to the figure."""
    share = shares.get(figure.category, 0.0)
    adds = share * figure.value
    return [
        number_cell("" if absent(share) else plain(share, 4)),
        number_cell("" if absent(adds) or not share else plain(adds, indicator.decimals + 2)),
    ]


def figure_head(edition: Edition, indicator: Indicator, first: str) -> list[tuple[str, str]]:
    """Headings of a table of figures."""
    words = edition.words
    counted = [(words("Numerator"), "n")]
    if indicator.denominator is not None:
        counted.append((words("Denominator"), "n"))
    interval = [] if indicator.interval == "none" else [(words("95% interval"), "n")]
    return [
        (first, ""),
        (words("Figure"), "n"),
        *interval,
        *([] if indicator.shrink == "none" else [(words("Drawn towards like units"), "n")]),
        *counted,
        (words("Usable / received / due"), "n"),
        (words("Basis"), ""),
    ]


def figure_cells(
    edition: Edition, indicator: Indicator, figure: Figure | None, href: str | None
) -> list[str]:
    """Cells of a table of figures, without the row's heading."""
    cells = [figure_cell(edition.shown(indicator, figure), edition.words, href)]
    if indicator.interval != "none":
        cells.append(number_cell(edition.interval(indicator, figure) if figure else ""))
    if indicator.shrink != "none":
        drawn = figure is not None and not absent(figure.shrunk)
        cells.append(number_cell(edition.number(indicator, figure.shrunk) if figure and drawn else ""))
    cells.append(number_cell("" if figure is None else edition.counted(indicator, figure.numerator)))
    if indicator.denominator is not None:
        cells.append(number_cell("" if figure is None else edition.counted(indicator, figure.denominator)))
    cells.append(number_cell("" if figure is None else reports_short(figure)))
    cells.append(text_cell(basis_word(edition, figure), "text"))
    return cells


def basis_word(edition: Edition, figure: Figure | None) -> str:
    """The basis in one word."""
    if figure is None or not figure.basis:
        return ""
    said = [edition.words(figure.basis)]
    return edition.words.series(
        [*said, edition.words(SMALL[figure.small])] if figure.small in SMALL else said
    )


def _child_row(edition: Edition, child: str, indicator: Indicator, figure: Figure | None) -> str:
    href = edition.plan.figure(child, indicator.name)
    page = edition.plan.page(child)
    name = head_cell(link(edition.name(child), f"../{page}" if page else None))
    return row([name, *figure_cells(edition, indicator, figure, f"../{href}" if href else None)])


def _weight(figure: Figure | None) -> float:
    if figure is None:
        return 0.0
    size = figure.numerator if absent(figure.denominator) else figure.denominator
    return 0.0 if absent(size) else abs(size)


def periods(edition: Edition, indicator: Indicator, rows: Mapping[str, Sequence[Figure]]) -> Markup | None:
    """Every period of a figure, shortest periods last; the latest first."""
    if not rows:
        return None
    ordered = sorted(rows.values(), key=len)
    lines = [
        row([head_cell(figure.period), *figure_cells(edition, indicator, figure, None)])
        for figures in ordered
        for figure in reversed(figures)
    ]
    return table(
        lines,
        figure_head(edition, indicator, edition.words("Period")),
        caption=edition.words("Every period"),
        css="plain dense",
    )
