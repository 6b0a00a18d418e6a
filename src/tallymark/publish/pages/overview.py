"""The overview: the finding, the map, what changed, where points are lost, who needs help, how complete it all is."""

from __future__ import annotations

from collections.abc import Sequence

from tallymark.publish.changes import Change, beyond_all, changes
from tallymark.publish.edition import Edition
from tallymark.publish.geography import Outlines
from tallymark.publish.headlines import (
    completeness,
    completeness_sentence,
    may_be_last,
    rank_words,
    ranking_headline,
    sureness,
)
from tallymark.publish.html import Pages
from tallymark.publish.numbers import absent, decimal, plain, share, signed, stretch
from tallymark.publish.pages.tiles import blocks, draw_map, legend_steps, shade_steps, tile
from tallymark.publish.pages.totals import gate_titles
from tallymark.publish.records import Due
from tallymark.publish.scored_lines import strand_worth
from tallymark.publish.words import capital

MOST_CHANGES, MOST_LINES, MOST_HELPED, FEWEST_HELPED = 6, 8, 6, 3
LOW_REPORTING = 0.8


def write_overview(pages: Pages, outlines: Outlines | None) -> None:
    """The first page of an edition."""
    edition = pages.edition
    facts, words = edition.facts, edition.words
    steps = shade_steps(edition)
    tiles = [tile(edition, unit, steps) for unit in edition.facts.compared]
    pages.write(
        "index.html",
        "overview.html",
        page_title=words("Overview"),
        headline=ranking_headline(edition) if facts.contract else facts.programme.title[edition.language],
        standfirst=_standfirst(edition),
        key_figures=_key_figures(edition),
        tiles=tiles if facts.contract else [],
        blocks=blocks(edition, tiles),
        sureness=sureness(edition),
        map=draw_map(edition, outlines, tiles) if outlines and facts.contract else None,
        steps=legend_steps(steps),
        improved=[_changed(edition, c) for c in _first(changes(edition), better=True)],
        worsened=[_changed(edition, c) for c in _first(changes(edition), better=False)],
        change_counts=_change_counts(edition),
        beyond_all=_beyond_all(edition),
        lost=lost_lines(edition)[:MOST_LINES],
        helped=_needing_help(edition),
        reporting=_reporting(edition),
        slow=_slow_reporters(edition),
        top=edition.name(facts.top) if facts.top else "",
        about=facts.programme.description[edition.language],
    )


def _standfirst(edition: Edition) -> str:
    facts, words = edition.facts, edition.words
    said = []
    if facts.contract:
        level = words.counted(len(edition.facts.compared), facts.contract.level.title)
        said.append(
            words(
                "{towns} assessed under “{contract}” for {period} ({days}).",
                towns=capital(level),
                contract=facts.contract.title,
                period=edition.period(facts.period.code),
                days=stretch(facts.period, edition.language),
            )
        )
    return words.sentences([*said, completeness_sentence(edition)])


def _key_figures(edition: Edition) -> list[tuple[str, str, str]]:
    """(figure, what it is, where it is explained)."""
    facts, words = edition.facts, edition.words
    found = []
    totals = [facts.totals[unit].total for unit in facts.scored if not absent(facts.totals[unit].total)]
    if totals and facts.contract:
        full = plain(facts.contract.points)
        said = words("points, lowest to highest, of {full}", full=full)
        low, high = plain(min(totals), 1), plain(max(totals), 1)
        ends = low if low == high else f"{low}{'～' if edition.language == 'zh' else '–'}{high}"
        found.append((ends, said, "scorecard.html"))
    counted = completeness(edition)
    if counted:
        found.append((share(*counted), words("of the reports due were received"), "#reports"))
    better, worse = _change_counts(edition)
    if better + worse:
        said = words("of {n} figures better than a year before", n=better + worse)
        found.append((decimal(better), said, "#changed"))
    errors = sum(finding.severity == "error" for finding in facts.findings)
    said = words.some(errors, "error found in the data", "errors found in the data")
    found.append((decimal(errors), said, "findings.html"))
    return found


def _first(found: Sequence[Change], *, better: bool) -> list[Change]:
    return [change for change in found if change.better == better][:MOST_CHANGES]


def _change_counts(edition: Edition) -> tuple[int, int]:
    found = changes(edition)
    better = sum(change.better for change in found)
    return better, len(found) - better


def _beyond_all(edition: Edition) -> str:
    """What is not compared because it is a share of more than all, in a sentence."""
    found = [indicator.title[edition.language] for indicator in beyond_all(edition)]
    if not found:
        return ""
    return edition.words(
        "Not compared: figures over 100%, where the count or the denominator may be wrong: {names}.",
        names=edition.words.names(found, 12),
    )


def _changed(edition: Edition, change: Change) -> dict[str, object]:
    indicator, figure = change.indicator, change.figure
    return {
        "title": indicator.title[edition.language],
        "href": edition.plan.indicator(indicator.name),
        "before": edition.number(indicator, figure.last_year),
        "now": edition.value(indicator, figure.value),
        "why": edition.plan.figure(figure.unit, indicator.name) or "",
        "change": signed(change.change, indicator.decimals),
        "sure": change.sure,
    }


def lost_lines(edition: Edition) -> list[dict[str, object]]:
    """Points lost on each line by all units together, most first; in points of the whole where contracts are bundled."""
    facts = edition.facts
    worth = strand_worth(facts.contract)
    lost: dict[tuple[str, str], float] = {}
    units: dict[tuple[str, str], int] = {}
    for gaps in facts.gaps.values():
        for gap in gaps:
            if not absent(gap.lost) and gap.lost > 0:
                key = (gap.contract, gap.line)
                lost[key] = lost.get(key, 0.0) + gap.lost * worth.get(gap.contract, 1.0)
                units[key] = units.get(key, 0) + 1
    most = max(lost.values(), default=1.0)
    found = []
    for line in sorted(facts.lines, key=lambda line: -lost.get(line.key, 0.0)):
        if line.key in lost:
            indicator = getattr(line.declared, "indicator", None)
            found.append(
                {
                    "title": line.declared.title[edition.language],
                    "lost": plain(lost[line.key], 1),
                    "width": round(100 * lost[line.key] / most, 1),
                    "units": units[line.key],
                    "href": edition.plan.indicator(indicator.name) if indicator else "scorecard.html",
                }
            )
    return found


def _needing_help(edition: Edition) -> list[dict[str, object]]:
    """Units with a gate, on the watch list, that may be last, or with the lowest totals: what they lose most on."""
    facts = edition.facts
    titles = {line.key: line.declared.title[edition.language] for line in facts.lines}
    last = {rank.unit for group in facts.groups.values() for rank in may_be_last(group)}
    lowest = _lowest(edition)
    found = []
    for unit in reversed(facts.scored):
        reasons = _reasons(edition, unit, may_be_last=unit in last, lowest=unit in lowest)
        if not reasons:
            continue
        gaps = [gap for gap in facts.gaps.get(unit, ()) if not absent(gap.lost)][:3]
        found.append(
            {
                "gated": bool(facts.totals[unit].gates),
                "name": edition.name(unit),
                "href": edition.plan.page(unit) or "",
                "said": _help_said(edition, unit, reasons),
                "gaps": [(titles.get((gap.contract, gap.line), gap.line), plain(gap.lost)) for gap in gaps],
            }
        )
    return sorted(found, key=lambda entry: not entry["gated"])[:MOST_HELPED]


def _lowest(edition: Edition) -> frozenset[str]:
    """The units with the lowest totals; none where there are few, or where all have the same."""
    facts = edition.facts
    public = [unit for unit in facts.scored if not facts.total_is_withheld(unit)]
    totals = {facts.totals[unit].total for unit in public}
    few = len(public) <= 2 * FEWEST_HELPED or len(totals) < 2
    return frozenset() if few else frozenset(public[-FEWEST_HELPED:])


def _reasons(edition: Edition, unit: str, *, may_be_last: bool, lowest: bool) -> list[str]:
    words, total = edition.words, edition.facts.totals[unit]
    reasons = []
    if total.gates:
        reasons.append(words("a gate bites: {gates}", gates=gate_titles(edition, total.gates)))
    if total.watch:
        reasons.append(words("on the watch list"))
    if may_be_last:
        reasons.append(words("may be last"))
    elif lowest:
        reasons.append(words("among the lowest totals"))
    return reasons


def _help_said(edition: Edition, unit: str, reasons: Sequence[str]) -> str:
    """`45 points; 5th of 5; on the watch list`."""
    words, total = edition.words, edition.facts.totals[unit].total
    rank = edition.facts.ranks.get(unit)
    said = [] if absent(total) else [words("{points} points", points=plain(total, 1))]
    if rank is not None and not absent(rank.rank):
        said.append(rank_words(edition, rank))
    return words.series([*said, *reasons])


def _reporting(edition: Edition) -> list[dict[str, object]]:
    facts = edition.facts
    rows = facts.reports_due(facts.top) if facts.top else []
    return [_dataset(edition, row) for row in sorted(rows, key=lambda row: row.dataset)]


def _dataset(edition: Edition, row: Due) -> dict[str, object]:
    """A dataset's bar; how much was late is said only where the programme declares when reports are due."""
    words = edition.words
    dataset = edition.facts.programme.datasets.get(row.dataset)
    title = dataset.title[edition.language] if dataset and dataset.title else row.dataset
    received = 0.0 if absent(row.received) else row.received
    timed = dataset is not None and dataset.due_days is not None and not absent(row.on_time)
    in_time = min(row.on_time, received) if timed else received
    message = (
        "{received} of {expected} received, {on_time} in time"
        if timed
        else "{received} of {expected} received"
    )
    return {
        "title": title,
        "share": share(received, row.expected),
        "in_time": round(100 * in_time / row.expected, 1),
        "late": round(100 * (received - in_time) / row.expected, 1),
        "said": words(
            message, received=decimal(received), expected=decimal(row.expected), on_time=decimal(in_time)
        ),
    }


def _slow_reporters(edition: Edition) -> str:
    """Units of the contract's level from which fewer than four in five reports came in."""
    words, low = edition.words, []
    for unit in edition.facts.compared:
        rows = edition.facts.reports_due(unit)
        due = sum(row.expected for row in rows)
        if due and sum(row.received for row in rows) / due < LOW_REPORTING:
            low.append(edition.name(unit))
    if not low:
        return words("Every one of them sent at least four in five of its reports.")
    return words("Fewer than four in five reports came from {names}.", names=words.names(low, 5))
