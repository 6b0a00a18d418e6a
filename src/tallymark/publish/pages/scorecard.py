"""The scorecard: units × lines as a heat map, sections grouped, every cell a link to how it came about."""

from __future__ import annotations

from itertools import groupby

from markupsafe import Markup, escape

from tallymark.model.text import Text
from tallymark.publish.cells import figure_cell, head_cell, link, points_cell, row, text_cell
from tallymark.publish.edition import Edition
from tallymark.publish.headlines import ranking_headline
from tallymark.publish.html import Pages
from tallymark.publish.numbers import SIGNS, Kind, Shown, absent, decimal, plain, spread
from tallymark.publish.plan import BUDGET, packed
from tallymark.publish.records import Rank
from tallymark.publish.scored_lines import ScoredLine

CELL, ROW_HEAD = 92, 420


def write_scorecard(pages: Pages) -> None:
    """The heat map on as many pages as its rows need, best first."""
    edition = pages.edition
    facts, words = edition.facts, edition.words
    if facts.contract is None:
        return
    rows = {unit: unit_row(edition, unit) for unit in facts.scored}
    weights = [ROW_HEAD + CELL * len(facts.lines)] * len(rows)
    numbers = packed(weights, BUDGET)
    last = numbers[-1] if numbers else 1
    for number in range(1, last + 1):
        units = [unit for unit, page in zip(rows, numbers, strict=True) if page == number]
        pages.write(
            page_path(number),
            "scorecard.html",
            page_title=words("Scorecard"),
            section="scorecard.html",
            headline=ranking_headline(edition),
            head=Markup(_head(edition)),
            rows=Markup("".join(rows[unit] for unit in units)),
            level=words.noun(2, facts.contract.level.title),
            pager=[
                (
                    page_path(n),
                    words(
                        "{from_} to {to}",
                        from_=numbers.index(n) + 1,
                        to=len(numbers) - numbers[::-1].index(n),
                    ),
                    n == number,
                )
                for n in range(1, last + 1)
            ],
            lines=len(facts.lines),
        )


def page_path(number: int) -> str:
    """The file of one of the scorecard's pages."""
    return "scorecard.html" if number == 1 else f"scorecard.{number}.html"


def unit_row(edition: Edition, unit: str) -> str:
    """A unit's row: name, total with its range of ranks, points on every line."""
    facts, plan = edition.facts, edition.plan
    scores, total = facts.scores.get(unit, {}), facts.totals[unit]
    rank = facts.ranks.get(unit)
    page = plan.page(unit)
    cells = [
        head_cell(link(edition.name(unit), page)),
        figure_cell(
            total_shown(edition, unit, total.total), edition.words, f"{page}#total" if page else "", "total"
        ),
        text_cell(ranks_text(edition, rank), "ranks"),
    ]
    cells += [
        points_cell(scores.get(line.key), edition.words, plan.line(unit, *line.key)) for line in facts.lines
    ]
    return row(cells)


def total_shown(edition: Edition, unit: str, total: float) -> Shown:
    """A unit's total as a cell shows it."""
    if edition.facts.total_is_withheld(unit):
        return Shown(Kind.SUPPRESSED, SIGNS[Kind.SUPPRESSED])
    return Shown(Kind.MISSING, SIGNS[Kind.MISSING]) if absent(total) else Shown(Kind.VALUE, decimal(total, 1))


def ranks_text(edition: Edition, rank: Rank | None) -> str:
    """The ranks that the data allow, `2–9`, or the rank where no set was computed."""
    if rank is None or absent(rank.rank):
        withheld = rank is not None and edition.facts.total_is_withheld(rank.unit)
        return SIGNS[Kind.SUPPRESSED if withheld else Kind.MISSING]
    if absent(rank.rank_low) or rank.rank_low == rank.rank_high:
        return plain(rank.rank if absent(rank.rank_low) else rank.rank_low)
    return spread(rank.rank_low, rank.rank_high, 0, edition.language)


def _head(edition: Edition) -> str:
    words, facts = edition.words, edition.facts
    contract = facts.contract
    level = contract.level.title[edition.language] if contract else ""
    fixed = "".join(
        f'<th rowspan="2" scope="col">{escape(label)}' for label in (level, words("Total"), words("Ranks"))
    )
    sections = "".join(
        f'<th scope="colgroup" colspan="{len(list(lines))}">{escape(title[edition.language])}'
        for title, lines in ((key[2], list(group)) for key, group in groupby(facts.lines, key=_section))
    )
    return f"<tr>{fixed}{sections}<tr>{''.join(_line_head(edition, line) for line in facts.lines)}"


def _section(line: ScoredLine) -> tuple[str, str, Text]:
    return line.contract, line.section, line.section_title


def _line_head(edition: Edition, line: ScoredLine) -> str:
    title = line.declared.title[edition.language] or line.code
    full = getattr(line.declared, "points", None)
    most = getattr(line.declared, "most", None)
    said = plain(full) if full is not None else f"−{plain(most)}" if most is not None else "−"
    return f'<th scope="col" class="line"><span>{escape(title)}</span><small>{escape(said)}</small>'
