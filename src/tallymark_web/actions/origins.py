"""What an action can come from, in words: gaps and watched lines of the newest run, findings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tallymark.publish.numbers import absent
from tallymark.publish.pages.gaps import gap_rows
from tallymark_web.actions.state import FINDING, GAP, HELP
from tallymark_web.inbox.found import one as finding_of
from tallymark_web.reading.runs import Reading, opened
from tallymark_web.words import language, say
from tallymark_web.workplace import newest_run

MOST_HELPERS = 5


@dataclass(frozen=True, slots=True)
class Origin:
    """What an action comes from: of what kind, found again by `ref`, said in words; what to do, to begin with."""

    source: str
    ref: str
    said_of: str
    text: str = ""


def reading() -> Reading | None:
    """The newest run, opened."""
    run = newest_run()
    return None if run is None else opened(run)


def origin(source: str, ref: str, unit: str) -> Origin:
    """The origin that a link names; an empty one when the newest run has no such thing."""
    known = reading()
    if known is None:
        return Origin(source, "", "")
    if source == FINDING:
        found = finding_of(known, ref)
        if found is not None and found.found.unit == unit:
            return Origin(source, ref, found.message(language())[:300], found.hint(language()))
    if source in (GAP, HELP):
        line = next((line for line in known.facts.lines if line.code == ref), None)
        if line is not None:
            title = line.declared.title[language()]
            row = next((row for row in gap_rows(known.edition(), unit) if row["title"] == title), None)
            said = say("{title}: {lost} points lost", title=title, lost=row["lost"]) if row else title
            return Origin(source, ref, said[:300], str(row["back"]) if row else "")
    return Origin(source, ref if source not in (FINDING, GAP, HELP) else "", "")


def watched(units: Collection[str]) -> list[dict[str, Any]]:
    """The units on the watch list, with their lines and who of their peers does best on the first of them."""
    known = reading()
    if known is None:
        return []
    edition, facts = known.edition(), known.facts
    titles = {line.code: line.declared.title[language()] for line in facts.lines}
    found = []
    for unit, total in facts.totals.items():
        if total.watch and unit in units:
            lines = [code.strip() for code in total.watch.split(",") if code.strip()]
            helpers = [(code, edition.name(code)) for code in _best(known, unit, lines[0])]
            found.append(
                {
                    "unit": unit,
                    "name": edition.name(unit),
                    "lines": [(code, titles.get(code, code)) for code in lines],
                    "helpers": helpers,
                }
            )
    return found


def _best(known: Reading, unit: str, line: str) -> list[str]:
    """The peers that earn most on a line; of equals the one with the better total."""
    facts = known.facts
    group = getattr(facts.ranks.get(unit), "peer_group", None)
    key = next((one.key for one in facts.lines if one.code == line), None)
    earned = []
    for peer, total in facts.totals.items():
        score = facts.scores.get(peer, {}).get(key) if key else None
        same = getattr(facts.ranks.get(peer), "peer_group", None) == group
        if peer != unit and same and score is not None and not absent(score.points) and not total.watch:
            earned.append((-score.points, -total.total if not absent(total.total) else 0.0, peer))
    return [peer for _, _, peer in sorted(earned)[:MOST_HELPERS]]
