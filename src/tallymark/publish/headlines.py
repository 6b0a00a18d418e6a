"""Headlines that state the finding: who is first and who cannot be told apart, what changed, where points are lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tallymark.programme.resolved import Indicator, Line
from tallymark.publish.edition import Edition, statistic_only
from tallymark.publish.numbers import Kind, absent, plain, share
from tallymark.publish.records import Figure, Rank
from tallymark.publish.words import capital


def alike(rank: Rank, group: Sequence[Rank]) -> list[Rank]:
    """The others whose set of possible ranks meets this one's: the data cannot tell them apart."""
    if absent(rank.rank_low):
        return []
    return [
        other
        for other in group
        if other.unit != rank.unit
        and not absent(other.rank_low)
        and other.rank_low <= rank.rank_high
        and rank.rank_low <= other.rank_high
    ]


def alone(rank: Rank) -> bool:
    """Whether nobody else is ranked with it: then it is neither first nor last."""
    return rank.of == 1


def may_be_first(group: Sequence[Rank]) -> list[Rank]:
    """Those that the data allow to be first."""
    return [rank for rank in group if rank.rank_low == 1 and not alone(rank)]


def may_be_last(group: Sequence[Rank]) -> list[Rank]:
    """Those that the data allow to be last."""
    return [
        rank for rank in group if not absent(rank.rank_high) and rank.rank_high == rank.of and not alone(rank)
    ]


def knot(group: Sequence[Rank]) -> list[Rank]:
    """The largest set of units that could all hold one and the same rank."""
    best: list[Rank] = []
    for place in sorted({rank.rank_low for rank in group if not absent(rank.rank_low)}):
        here = [rank for rank in group if rank.rank_low <= place <= rank.rank_high]
        best = here if len(here) > len(best) else best
    return best


def ranking_headline(edition: Edition) -> str:
    """Who is first, in one sentence that does not claim more than the data allow."""
    groups = {name: group for name, group in edition.facts.groups.items() if _ranked(group)}
    if not groups:
        return edition.words("No unit has a total yet")
    compared = {name: group for name, group in groups.items() if not alone(_ranked(group)[0])} or groups
    if len(compared) > 1:
        return _groups_headline(edition, compared)
    return group_headline(edition, next(iter(compared.values())))


def _ranked(group: Sequence[Rank]) -> list[Rank]:
    return [rank for rank in group if not absent(rank.rank)]


def group_headline(edition: Edition, group: Sequence[Rank]) -> str:
    """The headline of one group of equals."""
    words, level = edition.words, edition.level(group[0].unit)
    if not _ranked(group):
        return words("No unit here has a public total")
    first, best = may_be_first(group), _ranked(group)[0]
    if alone(best):
        return words(
            "{name} has {points} points; nobody is ranked with it",
            name=edition.name(best.unit),
            points=plain(best.total),
        )
    if not first or not _sure(edition):
        equals = [edition.name(rank.unit) for rank in group if rank.rank == best.rank]
        if 1 < len(equals) == len(_ranked(group)):
            towns = words.counted(len(equals), level)
            return capital(words("all {towns} have {points} points", towns=towns, points=plain(best.total)))
        return words.some(
            len(equals),
            "{names} is first with {points} points",
            "{names} are first with {points} points",
            names=words.names(equals),
            points=plain(best.total),
        )
    if len(first) == 1:
        rest = [rank for rank in knot(group) if rank.unit != first[0].unit]
        name = edition.name(first[0].unit)
        if len(rest) < 2:
            return words("{name} is clearly first", name=name)
        return words(
            "{name} is clearly first; {towns} cannot be told apart",
            name=name,
            towns=words.counted(len(rest), level),
        )
    if len(first) == len(_ranked(group)):
        return capital(
            words(
                "all {towns} may be first: the data cannot tell them apart",
                towns=words.counted(len(first), level),
            )
        )
    return capital(
        words(
            "{towns} may be first: the data cannot tell them apart",
            towns=words.counted(len(first), level),
        )
    )


def _groups_headline(edition: Edition, groups: Mapping[str, Sequence[Rank]]) -> str:
    words = edition.words
    if not _sure(edition):
        best = [edition.name(_ranked(group)[0].unit) for group in groups.values()]
        return words("{names} have most points in their peer groups", names=words.names(best))
    clear = [may_be_first(group)[0] for group in groups.values() if len(may_be_first(group)) == 1]
    if not clear:
        return words(
            "In none of the {n} peer groups can the first place be told from the next", n=len(groups)
        )
    names = words.names([edition.name(rank.unit) for rank in clear])
    if len(clear) == len(groups):
        return words.some(
            len(clear),
            "{names} is clearly first",
            "{names} are clearly first in their peer groups",
            names=names,
        )
    return words.some(
        len(clear),
        "{names} is clearly first in its peer group; in the others first places cannot be told apart",
        "{names} are clearly first in their peer groups; elsewhere first places cannot be told apart",
        names=names,
    )


ENOUGH_SURE = 0.5
"""Share of the points on lines with an interval from which on a headline may say that someone is clearly first."""


def covered(edition: Edition) -> tuple[float, float]:
    """Points of the lines whose figures have an interval, and of all lines."""
    lines = [
        line.declared
        for line in edition.facts.lines
        if line.kind == "line" and isinstance(line.declared, Line)
    ]
    known = sum(d.points for d in lines if d.indicator is not None and d.indicator.interval != "none")
    return known, sum(d.points for d in lines)


def _sure(edition: Edition) -> bool:
    known, whole = covered(edition)
    return whole == 0 or known >= ENOUGH_SURE * whole


def sureness(edition: Edition) -> str:
    """What the ranges of ranks leave out: lines whose figures have no interval; empty when all have one."""
    known, whole = covered(edition)
    if known >= whole:
        return ""
    if not known:
        return edition.words(
            "No line has an interval: figures are taken as exact, so the ranks are too sure."
        )
    return edition.words(
        "Only lines worth {known} of {whole} points have an interval; the others are taken as exact, "
        "so the ranges are too narrow.",
        known=plain(known),
        whole=plain(whole),
    )


def unit_headline(edition: Edition, unit: str) -> str:
    """A unit's total, rank and whom it cannot be told apart from."""
    words, total = edition.words, edition.facts.totals.get(unit)
    contract = edition.facts.contract
    name = edition.name(unit)
    if total is None or contract is None:
        return name
    if edition.facts.total_is_withheld(unit):
        return words("{name}: total withheld, as it would tell of few people", name=name)
    if absent(total.total):
        return words("{name}: no total", name=name)
    said = words(
        "{name}: {points} of {full} points", name=name, points=plain(total.total), full=plain(contract.points)
    )
    rank = edition.facts.ranks.get(unit)
    if rank is None or absent(rank.rank):
        return said
    return words("{said}, {rank}", said=said, rank=rank_words(edition, rank))


def rank_words(edition: Edition, rank: Rank) -> str:
    """`6th of 14`, `第6名（共14个）`; one alone has no rank to speak of."""
    if alone(rank):
        return edition.words("alone in its group")
    return edition.words("{rank} of {of}", rank=ordinal(rank.rank, edition.language), of=plain(rank.of))


def ordinal(rank: float, language: str) -> str:
    """A rank in words: `1st`, `第1名`; a shared rank may be a half."""
    if language == "zh":
        return f"第{plain(rank)}名"
    if rank != int(rank):
        return plain(rank)
    number = int(rank)
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def apart_sentence(edition: Edition, rank: Rank, group: Sequence[Rank]) -> str:
    """Whom a unit cannot be told apart from, and which ranks the data allow it."""
    words = edition.words
    if absent(rank.rank_low):
        return ""
    others = alike(rank, group)
    if alone(rank):
        return words("Nobody is ranked with it: it is alone in its group.")
    if not others:
        return words("The data tell it apart from every other.") if _sure(edition) else ""
    names = words.names([edition.name(other.unit) for other in others], 4)
    level = edition.level(rank.unit)
    said = words(
        "It cannot be told apart from {towns}: {names}.",
        towns=words.counted(len(others), level),
        names=names,
    )
    return words.sentences(
        [
            said,
            words(
                "The data allow every rank from {low} to {high}.",
                low=plain(rank.rank_low),
                high=plain(rank.rank_high),
            ),
        ]
    )


def indicator_headline(edition: Edition, indicator: Indicator) -> str:
    """What there is to see: the whole, and its spread; statistics that may not be ranked name no extremes."""
    words, top = edition.words, edition.facts.top
    whole = edition.facts.figures.get(top, {}).get(indicator.name) if top else None
    title = indicator.title[edition.language] or indicator.name
    if top is None or whole is None or edition.shown(indicator, whole).kind not in (Kind.VALUE, Kind.ZERO):
        return title
    said = words(
        "{title}: {value} in {place}",
        title=title,
        value=edition.value(indicator, whole.value),
        place=edition.name(top),
    )
    spread = compared_values(edition, indicator)
    if statistic_only(indicator) or len(spread) < 3 or indicator.name in edition.dates:
        return said
    low, high = spread[0], spread[-1]
    return words(
        "{said}, from {low} ({low_name}) to {high} ({high_name})",
        said=said,
        low=edition.number(indicator, low.value),
        low_name=edition.name(low.unit),
        high=edition.number(indicator, high.value),
        high_name=edition.name(high.unit),
    )


def compared_values(edition: Edition, indicator: Indicator) -> list[Figure]:
    """Figures of the compared units that have a value, lowest first."""
    rows = [edition.facts.figures.get(unit, {}).get(indicator.name) for unit in edition.facts.compared]
    known = [row for row in rows if row is not None and not absent(row.value)]
    return sorted(known, key=lambda row: (row.value, row.unit))


def completeness(edition: Edition) -> tuple[float, float] | None:
    """Reports (received, due) over all datasets of the top unit; None when none was due."""
    top = edition.facts.top
    rows = edition.facts.reports_due(top) if top else []
    due = sum(row.expected for row in rows if not absent(row.expected))
    return (sum(row.received for row in rows if not absent(row.received)), due) if due else None


def completeness_sentence(edition: Edition) -> str:
    """How much of what was due came in."""
    counted = completeness(edition)
    if counted is None:
        return ""
    return edition.words(
        "{share} of the {n} reports due were received.", share=share(*counted), n=plain(counted[1])
    )
