"""Matched and unmatched records of offices that hold the same events, for the page of verification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tallymark.programme.linkages import Linkage
from tallymark.publish.edition import Edition
from tallymark.publish.flows import STATES, Flows
from tallymark.publish.numbers import decimal

PURPOSES = {
    "birth_registration": "Birth registration", "vaccination": "Vaccination", "care_asked_for": "Care asked for",
}  # fmt: skip

CONTRADICTORY = (
    "{n} pairs were taken as one event though a field plainly differs ({fields}): one of the two is wrong, or "
    "they are two."
)
NOT_KNOWN = (
    "Events in all are not known for sure: perhaps {corrected} ({low} to {high}); without regard to linkage errors "
    "{naive}. A check sample linked by hand would tell."
)


@dataclass(frozen=True, slots=True)
class _Titles:
    """What the programme calls a linkage, its lists and fields; their names where it no longer declares them."""

    edition: Edition
    linkage: str

    def whole(self) -> str:
        """The linkage's title; empty where it has none of its own."""
        declared = self._declared()
        said = declared.title[self.edition.language] if declared and declared.title else ""
        return "" if said == self.linkage else said

    def of(self, part: Literal["lists", "fields"], name: str) -> str:
        """The title of a list or field."""
        named = {each.name: each.title for each in getattr(self._declared(), part, ())}
        title = named.get(name)
        return (title[self.edition.language] if title else "") or name

    def _declared(self) -> Linkage | None:
        return self.edition.facts.programme.linkages.get(self.linkage)


def linkage_rows(edition: Edition, one: Flows) -> dict[str, Any]:
    """One linkage in numbers and words."""
    words = edition.words
    titles = _Titles(edition, one.linkage)
    return {
        "title": titles.whole() or words(PURPOSES.get(one.purpose, one.purpose)),
        "name": titles.whole() or one.linkage,
        "rows": [
            {
                "name": titles.of("lists", each.name),
                "cells": [decimal(each.states[state]) for state in STATES],
                "share": "" if each.share is None else f"{100 * each.share:.1f} %",
            }
            for each in one.lists
        ],
        "total": _total(edition, one),
        "contradictory": ""
        if not one.contradictory
        else words(
            CONTRADICTORY,
            n=decimal(one.contradictory),
            fields=", ".join(
                f"{titles.of('fields', name)} {decimal(count)}" for name, count in one.fields.items() if count
            ),
        ),
        "lost": words(
            "About {share} % of the matches are thought lost because nothing brought the two records together.",
            share=f"{100 * one.lost:.1f}",
        ),
        "rounded": words("Counts are rounded to multiples of {step}.", step=str(one.step))
        if one.step > 1
        else "",
    }


def _total(edition: Edition, one: Flows) -> str:
    words = edition.words
    if one.total is None:
        return ""
    counts = {name: decimal(round(value)) for name, value in one.total.items()}
    if not one.known:
        return words(NOT_KNOWN, **counts)
    return words(
        "Events in all: {corrected} ({low} to {high}); without regard to linkage errors {naive}.", **counts
    )
