"""Every place: the tree of units, with a filter where there is a script."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from tallymark.publish.edition import Edition
from tallymark.publish.html import Pages
from tallymark.publish.numbers import absent, plain
from tallymark.publish.plan import BUDGET, packed

ITEM = 190


def write_places(pages: Pages) -> None:
    """The list of places, on as many pages as it needs."""
    edition, words = pages.edition, pages.edition.words
    entries = list(_walk(edition))
    numbers = packed([ITEM] * len(entries), BUDGET)
    last = numbers[-1] if numbers else 1
    for number in range(1, last + 1):
        here = [entry for entry, page in zip(entries, numbers, strict=True) if page == number]
        pages.write(
            page_path(number),
            "places.html",
            page_title=words("Places"),
            section="units.html",
            count=len(entries),
            items=Markup("").join(_item(edition, unit, depth) for unit, depth in here),
            pager=[(page_path(n), str(n), n == number) for n in range(1, last + 1)],
        )


def page_path(number: int) -> str:
    """The file of one of the pages of places."""
    return "units.html" if number == 1 else f"units.{number}.html"


def _walk(edition: Edition) -> Iterator[tuple[str, int]]:
    """Units with their depth in the tree, each followed by those below it."""
    places = edition.facts.places
    stack = [(unit, 0) for unit in reversed(places.roots)]
    while stack:
        unit, depth = stack.pop()
        yield unit, depth
        stack.extend((child, depth + 1) for child in reversed(places.children.get(unit, ())))


def _item(edition: Edition, unit: str, depth: int) -> Markup:
    page, total = edition.plan.page(unit), edition.facts.totals.get(unit)
    name = edition.name(unit)
    label = Markup('<a href="{}">{}</a>').format(page, name) if page else Markup("{}").format(name)
    points = (
        ""
        if total is None or absent(total.total)
        else edition.words("{points} points", points=plain(total.total, 1))
    )
    return Markup('<li class="d{}">{} <small>{}</small>{}</li>\n').format(
        min(depth, 5), label, unit, Markup(" <b>{}</b>").format(points) if points else ""
    )
