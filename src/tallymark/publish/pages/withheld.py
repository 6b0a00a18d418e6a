"""What was withheld from a release and why, how it was attacked, and how to complain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallymark.model.text import Text
from tallymark.publish.edition import Edition
from tallymark.publish.html import Pages
from tallymark.publish.numbers import decimal, share

TITLES = {
    "small": "Small counts",
    "difference": "All but a few",
    "protecting": "To protect others",
    "detail": "Too fine a detail",
    "earlier": "Earlier releases",
    "unreliable": "Too little to judge",
}
WHY = {
    "small": "Between 1 and {few} people: whoever knows the place might recognise them.",
    "difference": "All but 1 to {few} of a group: the few who are left could be recognised as well.",
    "protecting": "Not small themselves, but with them a small count could be worked out from sums over places, periods "
    "or groups.",
    "detail": "Tables in which most numbers would be small, such as villages month by month. They are withheld whole.",
    "earlier": "Together with what was published before, a small count or a change by a few people could be worked out.",
    "unreliable": "The programme declares that so small a figure says nothing.",
}
PART, WHOLE, OPEN = "in part", "whole", "nothing withheld"


def write_withheld(pages: Pages) -> None:
    """The page of what is withheld; only releases have one."""
    edition, words, facts = pages.edition, pages.edition.words, pages.edition.facts
    if facts.withheld is None:
        return
    manifest = facts.manifest
    attacked: Mapping[str, Any] = manifest["attacked"]
    reasons: Mapping[str, int] = manifest["reasons"]
    rule = facts.programme.disclosure
    pages.write(
        "withheld.html",
        "withheld.html",
        page_title=words("What is withheld"),
        section="withheld.html",
        figures=[
            (words(title), decimal(reasons[code]), words(WHY[code], few=rule.fewest - 1))
            for code, title in TITLES.items()
            if reasons.get(code)
        ],
        attack=words(
            "Before this was published, a computer tried to work out the {n} small counts from everything on these "
            "pages and in these files, and from {before} earlier releases: all sums over places, periods and groups, "
            "and that no count is negative or larger than what it is a part of. For every one of them at least two "
            "different answers, {spread} or more apart, agree with all that is public. A release for which that "
            "fails is not written.",
            n=decimal(attacked["targets"]),
            before=len(manifest["after"]),
            spread=decimal(attacked["spread"]),
        ),
        already=words(
            "{n} small counts had been published before as they are and cannot be taken back.",
            n=decimal(attacked["already_public"]),
        )
        if attacked.get("already_public")
        else "",
        tables=_tables(edition),
        totals=[edition.name(unit) for unit in sorted(facts.totals) if facts.total_is_withheld(unit)],
    )


def _tables(edition: Edition) -> list[dict[str, str]]:
    """A row a measure: of its totals and groups together, at each level and frequency how much is published."""
    withheld = edition.facts.withheld
    found: dict[tuple[str, str, str], list[int]] = {}
    for row in withheld.to_pylist() if withheld is not None else []:
        sums = found.setdefault((row["level"], row["frequency"], row["measure"]), [0, 0])
        sums[0] += row["figures"]
        sums[1] += row["withheld"]
    depth = {level.code: level.depth for level in edition.facts.programme.levels}
    return [
        {
            "measure": (edition.titles.get(measure) or Text(measure))[edition.language],
            "level": edition.facts.level(level).title[edition.language],
            "frequency": _frequency(edition, frequency),
            "published": decimal(figures - hidden),
            "share": share(figures - hidden, figures),
            "kind": edition.words(OPEN if not hidden else WHOLE if hidden == figures else PART),
            "css": "open" if not hidden else "shut" if hidden == figures else "part",
        }
        for (level, frequency, measure), (figures, hidden) in sorted(
            found.items(), key=lambda item: (depth.get(item[0][0], 99), item[0])
        )
    ]


def _frequency(edition: Edition, frequency: str) -> str:
    year = edition.facts.programme.calendar.years.get(frequency)
    return year.title[edition.language] if year is not None and year.title else edition.words(frequency)
