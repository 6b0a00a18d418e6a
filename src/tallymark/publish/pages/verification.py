"""Verification: which reports came, what is odd in them by kind and by unit, what recounts found; each in plain words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.programme.resolved import VerdictGate
from tallymark.publish.edition import Edition
from tallymark.publish.html import Pages
from tallymark.publish.numbers import decimal
from tallymark.publish.pages.figures import finding_text
from tallymark.publish.pages.linkages import linkage_rows
from tallymark.publish.pages.quality import quality_rows
from tallymark.publish.pages.totals import gate_text
from tallymark.publish.records import Found, only

PREFIX = "verify."
MOST_UNITS, MOST_EXAMPLES, MOST_MONTHS = 80, 3, 12
READINGS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("values", ("slipped", "high", "low", "zero", "share_off"), "Values that do not fit",
     "A figure far from what the unit's other months, and other units in that month, lead one to expect. Usually a "
     "slipped digit, a campaign, a closed clinic, or a 0 written where nothing was counted."),
    ("whole", ("zeros", "copied", "nearly_copied", "neighbours"), "Reports that repeat",
     "A whole report that is 0 throughout, or the same as another month's or another unit's. Usually a form filled in "
     "without the register at hand."),
    ("years", ("last_year", "same_again", "in_turn", "even_counts", "even_shares", "round_numbers", "digits"),
     "Series too regular to be counted",
     "Counting has a spread of its own. Series that repeat last year, stay the same, vary less than chance allows or end "
     "in 0 and 5 too often may have been planned or estimated, not counted."),
    ("targets", ("above_target", "bunched", "perfect", "shrinking", "rush", "revised_upwards"),
     "Figures that move with the target",
     "Shares that never miss a target, lists that shrink as rates rise, a rise just before the year ends, corrections "
     "that all help. Better work looks like this, too: the registers show which."),
    ("accounts", ("ledger", "impossible_ratio", "over_whole", "alike"), "Accounts that do not balance",
     "Arithmetic that cannot be right whatever happened: what came in and went out does not give what is left, or no "
     "whole number gives the share. A digit read wrong explains nearly all."),
    ("records", ("entered_twice", "late_evidence"), "Records",
     "Events that stand twice under different numbers, and records made long after the event."),
    ("reports", ("missing_reports", "late_reports"), "Reports missing or late",
     "Missing is not zero: figures of these units rest on fewer reports."),
    ("recounts", ("over_reported", "under_reported"), "Recounts that differ",
     "Where reports were counted again, the recount found more or less."),
)  # fmt: skip


def write_verification(pages: Pages) -> None:
    """The page, when the programme looks for patterns or recounts, or reports are due by month."""
    edition, words = pages.edition, pages.edition.words
    found = [each for each in edition.facts.findings if each.code.startswith(PREFIX)]
    months, rows = _calendar(edition)
    groups, (named, units) = list(_groups(edition, found)), _by_unit(edition, found)
    pages.write(
        "verification.html",
        "verification.html",
        page_title=words("Verification"),
        headline=_headline(edition, found),
        came=_came(edition),
        months=months,
        calendar=rows,
        fewest=decimal(MOST_UNITS) if len(rows) == MOST_UNITS < len(edition.facts.compared) else "",
        groups=groups,
        unnamed=next((group["hint"] for group in groups if not group["examples"]), ""),
        kinds=[words(title) for code, _, title, _ in READINGS if code in named],
        units=units,
        factors=_factors(edition),
        verdicts=_verdicts(edition),
        gates=list(_gates(edition)),
        waivers=_waivers(edition),
        quality=quality_rows(edition),
        linkages=[linkage_rows(edition, one) for one in edition.facts.flows],
    )


def _number(finding: Found) -> int:
    """How many findings a row stands for: the last of a kind may stand for all that were not told singly."""
    evidence = json.loads(finding.evidence) if finding.evidence else {}
    together = "units" in evidence and "periods" not in evidence
    return int(evidence.get("count", 1)) if together else 1


def _headline(edition: Edition, found: Sequence[Found]) -> str:
    words = edition.words
    odd = [each for each in found if each.code not in ("verify.missing_reports", "verify.late_reports")]
    if not odd:
        return words("Nothing odd was found in the reports")
    number = sum(_number(each) for each in odd)
    return words("{n} things to look at again", n=decimal(number))


def _monthly(edition: Edition) -> pa.Table:
    """Reports due by month of the units set side by side; without what inspectors bring."""
    table = edition.facts.tables["reports"]
    theirs = pa.array(sorted(edition.facts.programme.of_inspections), pa.string())
    due = pc.invert(pc.is_in(table.column("dataset"), theirs))
    table = table.filter(pc.and_(due, pc.equal(table.column("frequency"), "month")))
    return only(table, unit=list(edition.facts.compared))


def _calendar(edition: Edition) -> tuple[list[str], list[dict[str, Any]]]:
    """Months of the period, and for each unit the share of reports that came in each."""
    facts = edition.facts
    spans = facts.programme.calendar.within(facts.period, "month")[-MOST_MONTHS:]
    table = _monthly(edition)
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    for row in table.select(["unit", "period", "expected", "received"]).to_pylist():
        due, came = cells.get((row["unit"], row["period"]), (0, 0))
        cells[row["unit"], row["period"]] = due + (row["expected"] or 0), came + (row["received"] or 0)
    rows: list[dict[str, Any]] = []
    for unit in facts.compared:
        own = [cells.get((unit, span.code), (0, 0)) for span in spans]
        if any(due for due, _ in own):
            rows.append({
                "name": edition.name(unit), "href": edition.plan.page(unit) or "",
                "cells": [_cell(edition, due, came) for due, came in own],
                "all": share_text(sum(due for due, _ in own), sum(came for _, came in own)),
                "part": sum(came for _, came in own) / sum(due for due, _ in own),
            })  # fmt: skip
    if len(rows) > MOST_UNITS:
        rows = sorted(rows, key=lambda row: row["part"])[:MOST_UNITS]
    return [f"{span.start.month}" for span in spans] if rows else [], rows


def share_text(due: int, came: int) -> str:
    """Reports received in whole per cent of those due: 100 only when all came, 0 only when none did."""
    if not due:
        return ""
    if came in (0, due):
        return "100" if came else "0"
    return f"{min(max(round(100 * came / due), 1), 99)}"


def _cell(edition: Edition, due: int, came: int) -> dict[str, str]:
    if not due:
        return {"css": "u", "text": "·", "title": edition.words("not expected")}
    share = came / due
    css = (
        "h5"
        if came == due
        else "h4"
        if share >= 0.95
        else "h3"
        if share >= 0.85
        else "h2"
        if share >= 0.7
        else "h1"
    )
    said = edition.words("{n} of {all} reports", n=decimal(came), all=decimal(due))
    said = "" if came == due else said
    return {"css": css if came else "h0", "text": share_text(due, came), "title": said}


def _came(edition: Edition) -> str:
    table = _monthly(edition)
    table = only(
        table, period=[s.code for s in edition.facts.programme.calendar.within(edition.facts.period, "month")]
    )
    due, came = (int(pc.sum(table.column(name)).as_py() or 0) for name in ("expected", "received"))
    if not due:
        return ""
    return edition.words("{n} of {all} monthly reports came in ({share} %).",
                         n=decimal(came), all=decimal(due), share=f"{100 * came / due:.1f}")  # fmt: skip


def _groups(edition: Edition, found: Sequence[Found]) -> Iterator[dict[str, Any]]:
    """Findings by kind of reading, with the surest as examples."""
    words = edition.words
    for code, kinds, title, reading in READINGS:
        members = [each for each in found if each.code.removeprefix(PREFIX) in kinds]
        if not members:
            continue
        told = [each for each in members if each.unit]
        told.sort(key=lambda each: _chance(each))
        yield {
            "id": f"v-{code}",
            "title": words(title),
            "reading": words(reading),
            "n": decimal(sum(_number(each) for each in members)),
            "units": decimal(_places(members)),
            "hint": finding_text(edition, (told or members)[0])["hint"],
            "examples": [_example(edition, each) for each in told[:MOST_EXAMPLES]],
        }


def _places(members: Sequence[Found]) -> int:
    """In how many units; of patterns only the number is public."""
    counted = [
        json.loads(each.evidence).get("places", 0) for each in members if each.evidence and not each.unit
    ]
    return len({each.unit for each in members if each.unit}) + int(sum(counted))


def _example(edition: Edition, finding: Found) -> dict[str, str]:
    where = " · ".join(
        [edition.name(finding.unit), *([edition.period(finding.period)] if finding.period else [])]
    )
    return finding_text(edition, finding) | {"where": where, "href": edition.plan.page(finding.unit) or ""}


def _chance(finding: Found) -> tuple[float, float, str, str]:
    """The surest first, then those with the largest effect."""
    evidence = json.loads(finding.evidence) if finding.evidence else {}
    return (
        float(evidence.get("chance", 1.0)),
        -float(evidence.get("effect", 0.0)),
        finding.unit,
        finding.period,
    )


def _by_unit(edition: Edition, found: Sequence[Found]) -> tuple[list[str], list[dict[str, Any]]]:
    """Readings that name units; of the units set side by side: how many findings of each they and those below have."""
    facts = edition.facts
    compared = set(facts.compared)
    counts: dict[str, Counter[str]] = {}
    for each in found:
        above = (
            [unit for unit in (each.unit, *facts.places.path(each.unit)) if unit in compared]
            if each.unit
            else []
        )
        for code, kinds, _, _ in READINGS:
            if above and each.code.removeprefix(PREFIX) in kinds:
                counts.setdefault(above[0], Counter())[code] += 1
    ordered = sorted(counts, key=lambda unit: (-sum(counts[unit].values()), unit))[:MOST_UNITS]
    named = [code for code, _, _, _ in READINGS if any(count[code] for count in counts.values())]
    return named, [
        {
            "name": edition.name(unit),
            "href": edition.plan.page(unit) or "",
            "cells": [decimal(counts[unit][code]) if counts[unit][code] else "" for code in named],
            "all": decimal(sum(counts[unit].values())),
        }
        for unit in ordered
    ]


def _factors(edition: Edition) -> dict[str, Any]:
    """Recounted ÷ reported of each item with what its band means: over all, and where it differs."""
    rows = _factor_rows(edition)
    told = [row for row in rows if row["whole"] or not row["agrees"]]
    return {
        "rows": told[:MOST_UNITS],
        "agreeing": decimal(len(rows) - len(told)) if len(rows) > len(told) else "",
        "numbers": any(row["factor"] for row in told),
    }


def _factor_rows(edition: Edition) -> list[dict[str, Any]]:
    programme = edition.facts.programme
    rows: list[dict[str, Any]] = []
    for row in edition.facts.tables["factors"].to_pylist():
        declared = programme.verifications.get(row["verification"])
        item = declared.by.items.get(row["item"]) if declared else None
        low, high = row["low"], row["high"]
        rows.append({
            "item": item.title[edition.language] if item and item.title else row["item"],
            "stratum": edition.name(row["stratum"]) if row["stratum"] else edition.words("all"),
            "whole": not row["stratum"],
            "agrees": row["band"] == "agrees",
            "units": decimal(row["units"]),
            "factor": "" if row["factor"] is None else f"{row['factor']:.3f}",
            "interval": "" if low is None or high is None else f"{low:.3f}–{high:.3f}",
            "band": edition.words(BANDS.get(row["band"], "unknown")),
        })  # fmt: skip
    return rows


BANDS = {
    "agrees": "reports and recounts agree (within 5 %)", "tolerable": "within 10 %, tolerable",
    "over_reported": "recounts find less than was reported", "under_reported": "recounts find more than was reported",
    "unknown": "unknown",
}  # fmt: skip
VERDICTS = {
    "accepted": "Nothing speaks against the value, a recount found the same, or the office agreed with the explanation.",
    "corrected": "The place put it right itself. In time, also after a recount, this costs nothing.",
    "recounted": "A recount found another value; the place accepted it, let its days pass, or was ruled against.",
    "estimated": "Not visited: recounts of its area differ beyond chance, and it was multiplied by their factor.",
    "disputed": "The place may still answer, or contests it. The value stands as reported, and nobody is named.",
    "missing": "Nothing was reported. Never estimated, never zero.",
}
"""Verdicts, and what each means."""


def _verdicts(edition: Edition) -> list[dict[str, str]]:
    """How many values each verdict was given to, and what it means."""
    counts = Counter(edition.facts.tables["verdicts"].column("verdict").to_pylist())
    return [
        {"word": edition.words(word), "n": decimal(counts[word]), "reading": edition.words(reading)}
        for word, reading in VERDICTS.items() if counts[word]
    ]  # fmt: skip


def _gates(edition: Edition) -> Iterator[dict[str, str]]:
    """Gates of the contract that count verdicts: how many values, where, what they do, how to appeal."""
    facts, words = edition.facts, edition.words
    for gate in facts.contract.gates if facts.contract else ():
        if gate.verdict is None:
            continue
        where = _counted(edition, gate.verdict)
        bitten = [unit for unit, total in facts.totals.items() if gate.code in total.gates.split(",")]
        told = [
            words("{n} values count: {where}.", n=decimal(sum(where.values())), where=_names(edition, where))
            if where
            else words("No value counts.")
        ]
        if bitten:
            told.append(words("It bites: {where}.", where=_names(edition, bitten)))
        yield {
            "title": gate.title[edition.language],
            "where": words.sentences(told),
            "said": gate_text(edition, gate),
        }


def _names(edition: Edition, units: Iterable[str]) -> str:
    return edition.words.names([edition.name(unit) for unit in sorted(units)], 5)


def _counted(edition: Edition, gate: VerdictGate) -> Counter[str]:
    """Values that a gate counts, by the compared unit that they lie in."""
    facts = edition.facts
    compared, found = set(facts.compared), Counter[str]()
    rows = only(facts.tables["verdicts"], counts=gate.verdict)
    for row in rows.select(["verification", "unit", "item"]).to_pylist():
        here = row["verification"] in (gate.verifications or facts.programme.verifications)
        if here and (not gate.items or row["item"] in gate.items) and row["unit"]:
            found.update(
                [unit for unit in (row["unit"], *facts.places.path(row["unit"])) if unit in compared][:1]
            )
    return found


def _waivers(edition: Edition) -> list[dict[str, str]]:
    """Waivers in force: those declared, and those that findings carry. The units stay with the findings."""
    facts = edition.facts
    today = max((batch.received_at[:10] for batch in facts.batches.values()), default="")
    rows = {(one.until.isoformat(), one.by, one.reason) for one in facts.programme.waivers}
    carried = [json.loads(each.waived) for each in facts.findings if each.waived]
    rows |= {(told["until"], told["by"], told["reason"]) for told in carried}
    return [
        {"until": until, "by": by, "reason": reason} for until, by, reason in sorted(rows) if until >= today
    ]
