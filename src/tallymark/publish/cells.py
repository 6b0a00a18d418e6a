"""Table cells as short HTML: a figure with its link to where it is explained, the kinds of nothing never alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from tallymark.publish.explaining import points_kind, points_text
from tallymark.publish.html import CLASSES
from tallymark.publish.numbers import Kind, Shown, absent
from tallymark.publish.records import Score
from tallymark.publish.words import Words

STEPS = ((0.9995, "h5"), (0.85, "h4"), (0.70, "h3"), (0.50, "h2"), (1e-9, "h1"))
"""Share of the points earned → shade; nothing earned is h0."""


def figure_cell(shown: Shown, words: Words, href: str | None = "", extra: str = "") -> str:
    """A cell with a figure. End tags are left out: HTML closes cells itself, and pages stay small."""
    return f"<td{_css(CLASSES[shown.kind], extra)}>{figure(shown, words, href)}"


def figure(shown: Shown, words: Words, href: str | None = "") -> str:
    """A figure with its link; what has no number is named for those who don't see its sign.

    `href` is one of the plan's addresses, which hold no character that HTML would misread.
    """
    label = str(escape(shown.text))
    if shown.kind not in (Kind.VALUE, Kind.ZERO):
        label = f"{label}<i>{words(HEARD[shown.kind])}</i>"
    return f'<a class="fig" href="{href}">{label}</a>' if href else label


HEARD = {
    Kind.MISSING: "missing",
    Kind.NOT_EXPECTED: "not expected",
    Kind.SUPPRESSED: "suppressed",
    Kind.UNDEFINED: "no cases to divide by",
}


def text_cell(text: str, css: str = "") -> str:
    """A cell with text or a number that needs no link."""
    return f"<td{_css(css)}>{escape(text)}"


def number_cell(text: str) -> str:
    """A cell with text that was made from numbers here and therefore needs no escaping."""
    return f"<td>{text}"


def points_cell(score: Score | None, words: Words, href: str | None) -> str:
    """A cell of the scorecard: points on a shade by the share earned."""
    kind = points_kind(score)
    shade = heat(score) if kind in (Kind.VALUE, Kind.ZERO) else ""
    return figure_cell(Shown(kind, points_text(score, 1)), words, href, shade)


def heat(score: Score | None) -> str:
    """The shade of a score; a deduction is either clean or lost."""
    if score is None or absent(score.points):
        return ""
    if score.kind == "deduction":
        return "h5" if score.points == 0 else "h1"
    return shade(score.points, score.available)


def shade(points: float, available: float) -> str:
    """The shade for a share of points."""
    if not available or not math.isfinite(points):
        return ""
    share = points / available
    return next((name for bound, name in STEPS if share >= bound), "h0")


def row(cells: Iterable[str], css: str = "") -> str:
    """A table row."""
    return f"<tr{_css(css)}>{''.join(cells)}\n"


def table(
    rows: Iterable[str],
    head: Sequence[tuple[str, str]],
    *,
    caption: str,
    css: str = "",
    sortable: bool = False,
) -> Markup:
    """A table with a caption and column headings (label, class) over rows that are markup already."""
    headings = "".join(f'<th scope="col"{_css(kind)}>{escape(label)}' for label, kind in head)
    mark = " data-sort" if sortable else ""
    return Markup(
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f"<table{_css(css)}{mark}><caption>{escape(caption)}</caption><thead><tr>{headings}</thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def head_cell(content: Markup | str) -> str:
    """A row's heading."""
    return f'<th scope="row">{escape(content)}'


def link(text: str, href: str | None) -> Markup:
    """A plain link, or the text alone."""
    return Markup(f'<a href="{escape(href)}">{escape(text)}</a>') if href else escape(text)


def _css(*names: str) -> str:
    used = " ".join(name for name in names if name)
    return f' class="{used}"' if used else ""
