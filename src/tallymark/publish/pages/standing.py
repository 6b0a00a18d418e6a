"""How units stand with noise and other weights in mind: who cannot be told apart, tiers, chances, how far they move."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tallymark.programme.written.contract import WrittenRanking
from tallymark.publish.cells import head_cell, link, number_cell, row, table, text_cell
from tallymark.publish.edition import Edition
from tallymark.publish.headlines import knot
from tallymark.publish.numbers import SIGNS, Kind, absent, plain, spread
from tallymark.publish.records import Moved, Rank

MOST_NAMED = 12


def ranking_of(edition: Edition) -> WrittenRanking | None:
    """How the run's contract orders its units."""
    contract = edition.facts.contract
    return contract.ranking if contract else None


def together(edition: Edition, group: Sequence[Rank]) -> str:
    """`These 11 towns cannot be told apart: …`; empty where every two can."""
    alike = knot(group)
    if len(alike) < 2:
        return ""
    words, level = edition.words, edition.level(group[0].unit)
    low, high = max(rank.rank_low for rank in alike), min(rank.rank_high for rank in alike)
    return words.sentences(
        [
            words(
                "These {towns} cannot be told apart: {names}.",
                towns=words.counted(len(alike), level),
                names=words.names([edition.name(rank.unit) for rank in alike], MOST_NAMED),
            ),
            words(
                "The data allow each of them any rank from {low} to {high}.", low=plain(low), high=plain(high)
            )
            if low < high
            else words("The data allow each of them rank {rank}.", rank=plain(low)),
        ]
    )


def tiers(edition: Edition, group: Sequence[Rank]) -> str:
    """How many tiers the data allow, and what that promises; empty where none were asked for."""
    ranking, known = ranking_of(edition), [rank.tier for rank in group if not absent(rank.tier)]
    if ranking is None or ranking.wrong_orders is None or not known:
        return ""
    if max(known) == 1:
        return edition.words("The data allow no tiers: nobody can be told from anybody else surely enough.")
    return edition.words(
        "The data allow {n} tiers: of every 100 pairs in different tiers at most {wrong} are expected to stand in the "
        "wrong order.",
        n=plain(max(known)),
        wrong=plain(100 * ranking.wrong_orders),
    )


def standing_head(edition: Edition) -> list[tuple[str, str]]:
    """Headings of what the ranking asks for beside the rank."""
    words, ranking = edition.words, ranking_of(edition)
    head = []
    if ranking is not None and ranking.by == "expected":
        head.append((words("Expected rank"), "n"))
    if ranking is not None and ranking.wrong_orders is not None:
        head.append((words("Tier"), "n"))
    if ranking is not None and ranking.group is not None:
        many, one = plain(ranking.group), ranking.group == 1
        head.append((words("Chance of being first") if one else words("Chance of the best {n}", n=many), "n"))
        head.append((words("Chance of being last") if one else words("Chance of the last {n}", n=many), "n"))
    return head


def standing_cells(edition: Edition, rank: Rank) -> list[str]:
    """The cells under `standing_head`."""
    ranking, cells = ranking_of(edition), []
    if ranking is not None and ranking.by == "expected":
        cells.append(text_cell(plain(rank.expected_rank, 1)))
    if ranking is not None and ranking.wrong_orders is not None:
        cells.append(text_cell(plain(rank.tier)))
    if ranking is not None and ranking.group is not None:
        cells += [text_cell(chance(rank.top_probability)), text_cell(chance(rank.bottom_probability))]
    return cells


def chance(probability: float) -> str:
    """A probability in whole per cent; never 0 or 100 unless it is certain to a hundredth of one."""
    if absent(probability):
        return ""
    if probability <= 1e-4:
        return "0%"
    if probability >= 1 - 1e-4:
        return "100%"
    return "<1%" if probability < 0.005 else ">99%" if probability > 0.995 else f"{100 * probability:.0f}%"


def moved_sentence(edition: Edition, rows: Sequence[Moved]) -> str:
    """How many units keep their rank whatever the weights, and how far the others move."""
    words, facts = edition.words, edition.facts
    known = [one for one in rows if not absent(one.rank)]
    if not known or facts.contract is None:
        return ""
    fixed = sum(one.rank_best == one.rank_worst for one in known)
    widest = max(known, key=lambda one: (one.rank_high - one.rank_low, one.unit))
    said = words(
        "If every line weighed up to {spread} more or less, {fixed} of {n} {towns} would keep their rank whatever the "
        "weights.",
        spread=f"{plain(100 * known[0].spread)}%",
        fixed=plain(fixed),
        n=plain(len(known)),
        towns=words.noun(len(known), facts.contract.level.title),
    )
    if widest.rank_low == widest.rank_high:
        return said
    return words.sentences(
        [
            said,
            words(
                "{name} moves most: between {low} and {high} with 95% of the weights.",
                name=edition.name(widest.unit),
                low=plain(widest.rank_low),
                high=plain(widest.rank_high),
            ),
        ]
    )


def moved_table(edition: Edition, rows: Sequence[Moved]) -> Markup | None:
    """Ranks and totals under other weights; None where the contract does not ask for them."""
    if not rows:
        return None
    words = edition.words
    head = [
        (edition.facts.contract.level.title[edition.language] if edition.facts.contract else "", ""),
        (words("Rank"), "n"),
        (words("Ranks with 95% of the weights"), "n"),
        (words("Ranks with any weights"), "n"),
        (words("Keeps its rank"), "n"),
        (words("Totals with 95% of the weights"), "n"),
    ]
    caption = words("Ranks and totals if the lines weighed a little more or less")
    return table(
        [_moved_row(edition, one) for one in rows], head, caption=caption, css="plain", sortable=True
    )


def _moved_row(edition: Edition, one: Moved) -> str:
    page = edition.plan.page(one.unit)
    return row(
        [
            head_cell(link(edition.name(one.unit), page)),
            text_cell(SIGNS[Kind.MISSING] if absent(one.rank) else plain(one.rank)),
            text_cell(from_to(one.rank_low, one.rank_high)),
            text_cell(from_to(one.rank_best, one.rank_worst)),
            text_cell(chance(one.same_rank)),
            number_cell(spread(one.total_low, one.total_high, 1, edition.language)),
        ]
    )


def from_to(low: float, high: float) -> str:
    """Ranks from the better to the worse, one where they are the same; empty where unknown."""
    if absent(low):
        return ""
    return plain(low) if low == high else f"{plain(low)}–{plain(high)}"
