"""Composite indicators: what they are made of, every unit's value and rank, and how other weights would move it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tallymark.programme.resolved import Composite
from tallymark.publish.cells import head_cell, link, number_cell, row, table, text_cell
from tallymark.publish.edition import Edition
from tallymark.publish.html import Pages
from tallymark.publish.numbers import SIGNS, Kind, absent, decimal, plain, spread
from tallymark.publish.pages.standing import chance, from_to
from tallymark.publish.records import Composed

PAGE = "composites.html"
MOST = 300
"""Units in a table, the best first; the data files have all."""
MEANS = {
    "arithmetic": "Weighted mean: a good figure makes up for a bad one in full.",
    "geometric": "Weighted geometric mean: a good figure makes up for a bad one in part, the less the worse that is.",
    "minimum": "The least of the figures: nothing makes up for a bad one.",
}
SCALED = {
    "min-max": "Each figure from 0 for the worst unit of the level to 1 for the best.",
    "z": "Each figure in standard deviations better than the mean of the level.",
    "rank": "Each figure by its rank in the level, 0 for the last and 1 for the first.",
    "percentile": "Each figure as the share of units of the level that are worse.",
    "target": "Each figure as the share of its target that is reached, 1 at most.",
}


def write_composites(pages: Pages) -> None:
    """One page about all composites; none where none is declared."""
    edition, words = pages.edition, pages.edition.words
    composites = edition.facts.programme.composites
    if composites:
        pages.write(
            PAGE,
            PAGE,
            page_title=words("Composite indicators"),
            section="indicators.html",
            composites=[_about(edition, one) for one in composites.values()],
        )


def _about(edition: Edition, composite: Composite) -> dict[str, object]:
    words, facts = edition.words, edition.facts
    compared = set(facts.compared)
    rows = [one for one in facts.composites.get(composite.name, ()) if one.unit in compared]
    whole = sum(part.weight for part in composite.parts)
    return {
        "name": composite.name,
        "title": composite.title[edition.language],
        "description": composite.description[edition.language],
        "parts": [
            (
                edition.plan.indicator(part.indicator.name),
                part.indicator.title[edition.language],
                f"{plain(100 * part.weight / whole)}%",
            )
            for part in composite.parts
        ],
        "how": words.sentences([words(SCALED[composite.normalise]), words(MEANS[composite.aggregate])]),
        "moved": _moved_sentence(edition, composite, rows),
        "table": _table(edition, composite, rows[:MOST]) if rows else None,
    }


def _moved_sentence(edition: Edition, composite: Composite, rows: Sequence[Composed]) -> str:
    known = [one for one in rows if not absent(one.rank_low)]
    if not known or composite.aggregate == "minimum":
        return ""
    fixed = sum(one.rank_low == one.rank_high for one in known)
    widest = max(known, key=lambda one: (one.rank_high - one.rank_low, one.unit))
    said = edition.words(
        "If every part weighed up to {spread} more or less, {fixed} of {n} would keep their rank with 95% of the "
        "weights.",
        spread=f"{plain(100 * composite.spread)}%",
        fixed=plain(fixed),
        n=plain(len(known)),
    )
    if widest.rank_low == widest.rank_high:
        return said
    most = edition.words(
        "{name} moves most: between {low} and {high} with 95% of the weights.",
        name=edition.name(widest.unit),
        low=plain(widest.rank_low),
        high=plain(widest.rank_high),
    )
    return edition.words.sentences([said, most])


def _table(edition: Edition, composite: Composite, rows: Sequence[Composed]) -> Markup:
    words = edition.words
    head = [
        (
            edition.facts.contract.level.title[edition.language]
            if edition.facts.contract
            else words("Place"),
            "",
        ),
        (words("Value"), "n"),
        (words("Rank"), "n"),
        (words("Ranks with 95% of the weights"), "n"),
        (words("Ranks with any weights"), "n"),
        (words("Keeps its rank"), "n"),
        (words("Values with 95% of the weights"), "n"),
    ]
    made = [_row(edition, composite, one) for one in rows]
    return table(made, head, caption=composite.title[edition.language], css="plain", sortable=True)


def _row(edition: Edition, composite: Composite, one: Composed) -> str:
    places = composite.decimals
    return row(
        [
            head_cell(link(edition.name(one.unit), edition.plan.page(one.unit))),
            text_cell(SIGNS[Kind.MISSING] if absent(one.value) else decimal(one.value, places)),
            text_cell(SIGNS[Kind.MISSING] if absent(one.rank) else plain(one.rank)),
            text_cell(from_to(one.rank_low, one.rank_high)),
            text_cell(from_to(one.rank_best, one.rank_worst)),
            text_cell("" if absent(one.same_rank) else chance(one.same_rank)),
            number_cell(spread(one.value_low, one.value_high, places, edition.language)),
        ]
    )
