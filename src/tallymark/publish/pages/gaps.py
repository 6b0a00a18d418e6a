"""Gaps: points lost, most first, with what would win them back."""

from __future__ import annotations

from tallymark.publish.edition import Edition
from tallymark.publish.explaining import points
from tallymark.publish.numbers import absent, plain
from tallymark.publish.records import Gap

REASONS = {
    "below_target": "below target",
    "missing": "no usable report",
    "incidents": "cases",
    "undone": "not done",
    "late": "late",
}


def gap_rows(edition: Edition, unit: str) -> list[dict[str, object]]:
    """Points lost, most first, with what would win them back."""
    facts = edition.facts
    lines = {line.key: line for line in facts.lines}
    gaps = facts.gaps.get(unit, [])
    most = max((gap.lost for gap in gaps if not absent(gap.lost)), default=1.0)
    found: list[dict[str, object]] = []
    for gap in gaps:
        line = lines.get((gap.contract, gap.line))
        if line is None:
            continue
        scored = points(edition, line, facts.scores.get(unit, {}).get(line.key))
        found.append(
            {
                "title": line.declared.title[edition.language],
                "section": line.section_title[edition.language],
                "lost": "✱" if absent(gap.lost) else plain(gap.lost),
                "width": 0 if absent(gap.lost) else round(100 * gap.lost / most, 1),
                "back": win_back(edition, gap, getattr(line.declared, "indicator", None)),
                "href": f"../{edition.plan.line(unit, *line.key)}#".removesuffix("#"),
                "of": scored.available,
            }
        )
    return found


PROVEN = ("Each case costs points; one was counted.", "Each case costs points; {n} were counted.")
MORE, FEWER = "{n} more in the numerator would reach it.", "{n} fewer in the numerator would reach it."
RISE, FALL = "From {now} to {needed}.", "From {now} down to {needed}."


def win_back(edition: Edition, gap: Gap, indicator: object) -> str:
    """What would win the points of a gap back, in words."""
    from_indicator = edition.facts.programme.indicators.get(getattr(indicator, "name", ""))
    words = edition.words
    if gap.reason == "missing":
        return words("Nothing usable was reported: send the reports that are due.")
    if gap.reason == "incidents":
        return "" if absent(gap.value) else words.some(gap.value, *PROVEN)
    if gap.reason == "undone":
        return words("Do what is not yet done.")
    if gap.reason == "late":
        return words("Be in time.")
    if from_indicator is None or absent(gap.needed):
        return words(REASONS.get(gap.reason, "below target"))
    now = "" if absent(gap.value) else edition.value(from_indicator, gap.value)
    message = "Reach {needed}." if not now else FALL if gap.needed < gap.value else RISE
    said = words(message, now=now, needed=edition.value(from_indicator, gap.needed))
    if absent(gap.events_needed) or gap.events_needed == 0:
        return said
    n = abs(gap.events_needed)
    more = FEWER if gap.events_needed < 0 else MORE
    return words.sentences([said, words.some(n, more, more)])
