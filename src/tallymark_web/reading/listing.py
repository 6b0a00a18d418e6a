"""Which units a scorecard lists and in which order: by name or code, below a unit, by total, name or code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from tallymark.publish.edition import Edition
from tallymark.publish.numbers import absent
from tallymark_web.words import later
from tallymark_web.workplace import Tree

LONGEST, MOST_CHOICES = 60, 1_000
ORDERS: Mapping[str, tuple[str, Callable[[Edition, str], tuple[object, ...]]]] = {
    "best": (later("best first"), lambda edition, unit: (absent(_total(edition, unit)), -_known(edition, unit), unit)),
    "worst": (later("worst first"), lambda edition, unit: (absent(_total(edition, unit)), _known(edition, unit), unit)),
    "name": (later("by name"), lambda edition, unit: (edition.name(unit).casefold(), unit)),
    "code": (later("by code"), lambda edition, unit: (unit,)),
}  # fmt: skip
"""Word in the address → what the page calls it, and what it sorts by; units without a total come last."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for."""

    name: str = ""
    below: str = ""
    order: str = "best"

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Asked:
        """From a page's address; what is not known is not asked."""
        order = said.get("sort", "")
        name = said.get("q", "").strip()[:LONGEST]
        return cls(name, said.get("below", ""), order if order in ORDERS else "best")


def listed(edition: Edition, mine: frozenset[str], tree: Tree, asked: Asked) -> list[str]:
    """The scored units of `mine` that fit, in the order asked for."""
    units: Collection[str] = mine & tree.below([asked.below]) if asked.below else mine
    wanted = asked.name.casefold()
    found = [
        unit
        for unit in edition.facts.totals
        if unit in units
        and (not wanted or wanted in edition.name(unit).casefold() or wanted == unit.casefold())
    ]
    by = ORDERS[asked.order][1]
    return sorted(found, key=lambda unit: by(edition, unit))


def parents(edition: Edition, mine: frozenset[str]) -> list[tuple[str, str]]:
    """The units of `mine` under which scored ones stand, upper levels first; none when they are too many."""
    places = edition.facts.places
    above = dict.fromkeys(
        place.parent for unit in edition.facts.totals if (place := places.by_code.get(unit)) and place.parent
    )
    upper = {code for parent in above if parent for code in (parent, *places.path(parent))}
    found = [code for code in places.by_code if code in upper and code in mine]
    return [(code, edition.name(code)) for code in found] if len(found) <= MOST_CHOICES else []


def _total(edition: Edition, unit: str) -> float:
    return edition.facts.totals[unit].total


def _known(edition: Edition, unit: str) -> float:
    return 0.0 if absent(_total(edition, unit)) else _total(edition, unit)
