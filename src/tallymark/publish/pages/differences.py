"""What differs from a year before and between groups, in words and by unit."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tallymark.programme.resolved import Indicator
from tallymark.publish.cells import head_cell, link, row, table, text_cell
from tallymark.publish.edition import Edition, statistic_only
from tallymark.publish.numbers import absent, decimal, plain, signed, with_unit
from tallymark.publish.records import Difference

MOST = 120
"""Units in a table of differences, those told apart first; the data files have all."""
LARGER = {"higher": "higher", "lower": "lower"}


def changed_said(edition: Edition, indicator: Indicator, unit: str) -> str:
    """A unit's change from a year before with its interval; empty where it is not known."""
    found = [one for one in differences(edition, indicator, unit) if not one.breakdown]
    return _said(edition, indicator, found[0], edition.words("a year before")) if found else ""


def gaps_said(edition: Edition, indicator: Indicator, unit: str) -> list[str]:
    """A unit's gaps between groups, a sentence each."""
    return [
        edition.words("{group}: {said}", group=one.category, said=_said(edition, indicator, one, one.against))
        for one in differences(edition, indicator, unit)
        if one.breakdown
    ]


def differences(edition: Edition, indicator: Indicator, unit: str) -> Sequence[Difference]:
    """A unit's differences that have an interval."""
    if indicator.name in edition.dates:
        return ()
    found = edition.facts.differences.get(unit, {}).get(indicator.name, ())
    return [one for one in found if not absent(one.low)]


def _said(edition: Edition, indicator: Indicator, one: Difference, than: str) -> str:
    """`8.2 points lower than residents (5.1 to 11.3); ratio 0.90 (0.87 to 0.94)`."""
    words, places = edition.words, indicator.decimals
    if one.told not in LARGER:
        said = words(
            "cannot be told apart from {than} (difference {difference}, {low} to {high})",
            than=than,
            difference=signed(one.difference, places),
            low=signed(one.low, places),
            high=signed(one.high, places),
        )
        return str(said)
    lower = one.told == "lower"
    ends = (-one.high, -one.low) if lower else (one.low, one.high)
    said = words(
        "{size} lower than {than} ({low} to {high})"
        if lower
        else "{size} higher than {than} ({low} to {high})",
        size=_size(edition, indicator, abs(one.difference)),
        than=than,
        low=decimal(ends[0], places),
        high=decimal(ends[1], places),
    )
    if absent(one.ratio) or absent(one.ratio_high) or not one.breakdown:
        return str(said)
    ratio = words(
        "ratio {ratio} ({low} to {high})",
        ratio=plain(one.ratio),
        low=plain(one.ratio_low),
        high=plain(one.ratio_high),
    )
    return words.series([said, ratio])


def _size(edition: Edition, indicator: Indicator, size: float) -> str:
    """A difference with what it is in: of two percentages, points."""
    text, unit = decimal(size, indicator.decimals), indicator.unit[edition.language]
    if unit.strip() == "%":
        return edition.words("{size} points", size=text)
    return with_unit(text, unit, edition.language)


def differing(edition: Edition, indicator: Indicator) -> dict[str, object] | None:
    """The section of an indicator's page: the whole's own differences, and every unit's; None where there are none."""
    facts, words = edition.facts, edition.words
    top = facts.top or ""
    kinds = _kinds(edition, indicator)
    if not kinds:
        return None
    said = [changed_said(edition, indicator, top), *gaps_said(edition, indicator, top)]
    units = [unit for unit in facts.compared if differences(edition, indicator, unit)]
    told = sum(one.told in LARGER for unit in units for one in differences(edition, indicator, unit))
    made = sum(len(differences(edition, indicator, unit)) for unit in units)
    return {
        "said": [f"{edition.name(top)} · {one}" for one in said if one],
        "note": words(
            "Of {made} comparisons of units made here, {told} are told apart; at most 5% of those are expected to be "
            "false alarms (false discovery rate). What is not told apart may still differ.",
            made=decimal(made),
            told=decimal(told),
        )
        if made
        else "",
        "table": _by_unit(edition, indicator, units, kinds) if units else None,
    }


def _kinds(edition: Edition, indicator: Indicator) -> list[tuple[str, str, str]]:
    """(breakdown, group, against) of all comparisons there are, the change first."""
    found: dict[tuple[str, str, str], None] = {}
    for unit in dict.fromkeys((edition.facts.top or "", *edition.facts.compared)):
        for one in differences(edition, indicator, unit):
            found[one.breakdown, one.category, one.against] = None
    return sorted(found)


def _by_unit(
    edition: Edition, indicator: Indicator, units: Sequence[str], kinds: Sequence[tuple[str, str, str]]
) -> Markup:
    words = edition.words
    ordered = units
    if len(units) > MOST:
        ordered = sorted(units, key=lambda unit: min(one.q for one in differences(edition, indicator, unit)))[
            :MOST
        ]
    rows = []
    for unit in ordered:
        cells = {(one.breakdown, one.category): one for one in differences(edition, indicator, unit)}
        why = edition.plan.figure(unit, indicator.name)
        rows.append(
            row(
                [
                    head_cell(link(edition.name(unit), f"../{why}" if why else None)),
                    *(text_cell(_cell(edition, indicator, cells.get(kind[:2]))) for kind in kinds),
                ]
            )
        )
    head = [(words("Unit"), "")]
    for breakdown, group, against in kinds:
        said = (
            words("{group} less {reference}", group=group, reference=against)
            if breakdown
            else words("Change from a year before")
        )
        head.append((said, "n"))
    caption = words("Differences with 95% intervals; * told apart")
    if len(units) > len(ordered):
        caption = words(
            "Differences with 95% intervals; * told apart. {n} of {all} units, those told apart first; "
            "the data files have all",
            n=len(ordered),
            all=len(units),
        )
    return table(rows, head, caption=caption, css="plain dense", sortable=not statistic_only(indicator))


def _cell(edition: Edition, indicator: Indicator, one: Difference | None) -> str:
    """`−8.2 (−11.3 to −5.1) *`."""
    if one is None:
        return ""
    places = indicator.decimals
    text = edition.words(
        "{difference} ({low} to {high})",
        difference=signed(one.difference, places),
        low=signed(one.low, places),
        high=signed(one.high, places),
    )
    return f"{text} *" if one.told in LARGER else text
