"""Ranks: who is ahead of whom, and of whom the data cannot say."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tallymark.publish.cells import figure_cell, head_cell, link, row, table, text_cell
from tallymark.publish.charts.caterpillar import Bar, caterpillar
from tallymark.publish.edition import Edition
from tallymark.publish.headlines import (
    alike,
    group_headline,
    may_be_first,
    may_be_last,
    ranking_headline,
    sureness,
)
from tallymark.publish.html import Pages
from tallymark.publish.numbers import absent, decimal, plain, spread
from tallymark.publish.pages.scorecard import ranks_text, total_shown
from tallymark.publish.pages.standing import (
    moved_sentence,
    moved_table,
    standing_cells,
    standing_head,
    tiers,
    together,
)
from tallymark.publish.plan import BUDGET, packed
from tallymark.publish.records import Moved, Rank, Total
from tallymark.publish.slugs import anchor

ROW, MOVED_ROW = 900, 300
"""Bytes that one unit takes in chart and table together, and in the table of other weights, at most."""


def write_ranks(pages: Pages) -> None:
    """Ranks by group of equals, on as many pages as needed."""
    edition = pages.edition
    facts, words = edition.facts, edition.words
    if facts.contract is None:
        return
    groups = list(facts.groups.items())
    each = ROW + (MOVED_ROW if facts.moved else 0)
    chunks = [(name, group, part) for name, group in groups for part in _chunks(group, each)]
    numbers = packed([each * len(part) + 1_500 for _, _, part in chunks], BUDGET)
    last = numbers[-1] if numbers else 1
    for number in range(1, last + 1):
        here = [chunk for chunk, page in zip(chunks, numbers, strict=True) if page == number]
        pages.write(
            page_path(number),
            "ranks.html",
            page_title=words("Ranks"),
            section="ranks.html",
            headline=ranking_headline(edition),
            groups=[
                _group(edition, i, name, group, part, len(groups) > 1)
                for i, (name, group, part) in enumerate(here)
            ],
            pager=[(page_path(n), str(n), n == number) for n in range(1, last + 1)],
            level=words.noun(2, facts.contract.level.title),
            method=ranking_method(edition),
            sureness=sureness(edition),
        )


def _has_sets(group: Sequence[Rank]) -> bool:
    return any(not absent(rank.rank_low) for rank in group)


def _chunks(group: Sequence[Rank], each: int) -> list[Sequence[Rank]]:
    most = BUDGET // each
    return [group[start : start + most] for start in range(0, len(group), most)]


def page_path(number: int) -> str:
    """The file of one of the pages about ranks."""
    return "ranks.html" if number == 1 else f"ranks.{number}.html"


METHODS = {
    "stepdown": "Sets of ranks that hold for all units together, {level} confidence, step-down "
    "(Mogstad, Romano, Shaikh and Wilhelm 2024).",
    "single-step": "Sets of ranks that hold for all units together, {level} confidence, single step "
    "(Mogstad, Romano, Shaikh and Wilhelm 2024).",
    "marginal": "Sets of ranks for each unit by itself, {level} confidence (Mogstad, Romano, Shaikh and Wilhelm 2024).",
    "tukey": "Sets of ranks by Tukey’s comparison of all pairs, {level} confidence.",
    "none": "Ranks without intervals: how sure they are was not computed.",
}


def ranking_method(edition: Edition) -> str:
    """How the sets of ranks were made."""
    contract = edition.facts.contract
    ranking = contract.ranking if contract else None
    if ranking is None:
        return ""
    return edition.words(METHODS[ranking.intervals], level=f"{plain(100 * ranking.level)}%")


def _group(
    edition: Edition, number: int, name: str, group: Sequence[Rank], part: Sequence[Rank], named: bool
) -> dict[str, object]:
    words = edition.words
    return {
        "id": anchor("group", name or "all"),
        "title": words("Peer group: {name}", name=name) if named else "",
        "headline": group_headline(edition, group) if named else "",
        "together": together(edition, group) if _has_sets(group) else "",
        "tiers": tiers(edition, group),
        "chart": rank_chart(edition, group, part, name=f"ranks{number}") if _has_sets(group) else None,
        "totals": total_chart(edition, part, f"totals{number}"),
        "table": _table(edition, group, part),
        "moved": moved_table(edition, _moved(edition, name, part)),
        "moved_said": moved_sentence(edition, edition.facts.moved.get(name, ())),
    }


def _moved(edition: Edition, name: str, part: Sequence[Rank]) -> list[Moved]:
    """The units of a part of a group under other weights."""
    here = {rank.unit for rank in part}
    return [one for one in edition.facts.moved.get(name, ()) if one.unit in here]


def rank_chart(edition: Edition, group: Sequence[Rank], part: Sequence[Rank], *, name: str) -> Markup:
    """Sets of ranks, best first; those that may be first and those that may be last stand out."""
    words = edition.words
    first = {rank.unit for rank in may_be_first(group)}
    last = {rank.unit for rank in may_be_last(group)}
    bars = [
        Bar(
            label=edition.name(rank.unit),
            at=rank.rank,
            low=rank.rank_low,
            high=rank.rank_high,
            note=ranks_text(edition, rank),
            href=edition.plan.page(rank.unit) or "",
            kind="lead" if rank.unit in first else "tail" if rank.unit in last else "",
        )
        for rank in part
    ]
    return caterpillar(
        bars,
        name=name,
        title=words("Ranks that the data allow"),
        description=words(
            "A line from the best to the worst rank of each unit; the dot is its rank by points. "
            "The table below has the same figures."
        ),
        axis=words("rank, 1 = best"),
        decimals=0,
        whole=True,
        limits=(0.6, max((rank.of for rank in group if not absent(rank.of)), default=1) + 0.4),
    )


def total_chart(edition: Edition, part: Sequence[Rank], name: str) -> Markup | None:
    """Totals with their intervals; None where no total has one."""
    words, facts = edition.words, edition.facts
    totals = [facts.totals[rank.unit] for rank in part if rank.unit in facts.totals]
    if not any(not absent(total.low) for total in totals):
        return None
    bars = [
        Bar(
            label=edition.name(total.unit),
            at=total.total,
            low=total.low,
            high=total.high,
            note=decimal(total.total, 1),
            href=edition.plan.page(total.unit) or "",
        )
        for total in totals
    ]
    return caterpillar(
        bars,
        name=name,
        title=words("Totals with 95% intervals"),
        description=words(
            "A line from the lower to the upper limit of each total; the dot is the total. "
            "The table below has the same figures."
        ),
        axis=words("points"),
    )


def _table(edition: Edition, group: Sequence[Rank], part: Sequence[Rank]) -> Markup:
    words, facts = edition.words, edition.facts
    head = [
        (facts.contract.level.title[edition.language] if facts.contract else "", ""),
        (words("Total"), "n"),
        (words("95% interval"), "n"),
        (words("Rank"), "n"),
        (words("Ranks that the data allow"), "n"),
        (words("Cannot be told apart from"), "n"),
        *standing_head(edition),
        (words("Grade"), ""),
    ]
    rows = [_row(edition, rank, group) for rank in part]
    return table(rows, head, caption=words("Ranks and totals"), css="plain", sortable=True)


def _row(edition: Edition, rank: Rank, group: Sequence[Rank]) -> str:
    words, total = edition.words, edition.facts.totals.get(rank.unit)
    page = edition.plan.page(rank.unit)
    why = f"{page}#total" if page else ""
    return row(
        [
            head_cell(link(edition.name(rank.unit), page)),
            figure_cell(total_shown(edition, rank.unit, rank.total), words, why),
            text_cell(spread(total.low, total.high, 1, edition.language) if total else ""),
            text_cell(ranks_text(edition, rank) if absent(rank.rank) else plain(rank.rank)),
            text_cell("" if absent(rank.rank_low) else ranks_text(edition, rank)),
            text_cell("" if absent(rank.rank_low) else _others(edition, len(alike(rank, group)))),
            *standing_cells(edition, rank),
            text_cell(grade_title(edition, total), "text"),
        ]
    )


def _others(edition: Edition, n: int) -> str:
    return edition.words("none") if n == 0 else edition.words.some(n, "{n} other", "{n} others")


def grade_title(edition: Edition, total: Total | None) -> str:
    """A total's grade by its declared title."""
    contract = edition.facts.contract
    if total is None or not total.grade or contract is None:
        return ""
    titles = {grade.code: grade.title[edition.language] for grade in contract.grades}
    return titles.get(total.grade, total.grade)
