"""What recounts found in a unit and below it, how each value stands, and what gates of the contract count of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.explaining.explanation import gate_line
from tallymark.explaining.gates import gate_row
from tallymark.publish.numbers import plain
from tallymark_web.reading.runs import Reading
from tallymark_web.words import language, later, say

STANDS = {
    "awaiting_answer": later("may still be answered, until {until}; nothing counts before"),
    "contested": later("contested, and nobody ruled yet; nothing counts before"),
    "ruled": later("ruled"),
    "recount_differs": later("accepted, or not answered in time"),
    "explained": later("explained, and the office agreed"),
    "corrected_when_heard": later("put right in time; it costs nothing"),
    "corrected_late": later("put right late; it costs nothing any more"),
}
"""Reasons of verdicts on values that a recount found different, in the order in which they are shown, and in words."""
MOST = 60


def recounted(reading: Reading, unit: str, mine: Collection[str]) -> dict[str, Any] | None:
    """Recounts of the unit and those of `mine` below it; None where nothing was recounted."""
    found = reading.facts.tables["verdicts"]
    below = [code for code in _below(reading, unit) if code in mine]
    here = pc.and_(
        pc.is_in(found.column("unit"), pa.array(below, pa.string())),
        pc.or_(pc.is_valid(found.column("recounted")), pc.equal(found.column("verdict"), "estimated")),
    )
    rows = found.filter(here).to_pylist()
    if not rows:
        return None
    counts = Counter(row["reason"] for row in rows)
    told = list(_rows(reading, [row for row in rows if row["reason"] in STANDS]))
    return {
        "sentence": say(
            "{n} values were recounted; {agree} agree.", n=len(rows) - counts["factor"], agree=counts["recount_agrees"],
        ),
        "estimated": say("{n} values of units not visited are estimated from them.", n=counts["factor"])
        if counts["factor"] else "",
        "rows": told[:MOST],
        "more": max(len(told) - MOST, 0),
        "gates": list(_gates(reading, unit)),
    }  # fmt: skip


def _below(reading: Reading, unit: str) -> Iterator[str]:
    yield unit
    for child in reading.facts.places.children.get(unit, ()):
        yield from _below(reading, child)


def _rows(reading: Reading, rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Values that differed, those of a unit and item that stand alike in one row."""
    order = {reason: at for at, reason in enumerate(STANDS)}
    together: dict[tuple[int, str, str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        until = json.loads(row["evidence"] or "{}").get("until", "")
        stands = say(STANDS[row["reason"]], until=until)
        if row["counts"] == "falsified":
            stands = say("ruled falsification, the declared evidence met")
        key = (order[row["reason"]], row["unit"], row["item"], stands, row["verification"])
        together.setdefault(key, []).append(row)
    for (_, unit, name, stands, verification), members in sorted(together.items()):
        item = reading.facts.programme.verifications[verification].by.items.get(name)
        yield {
            "unit": unit,
            "name": reading.edition().name(unit),
            "periods": ", ".join(sorted(row["period"] for row in members)),
            "item": item.title[language()] if item else name,
            "reported": _sum(row["reported"] for row in members),
            "recounted": _sum(row["recounted"] for row in members),
            "stands": stands,
            "false": members[0]["counts"] == "falsified",
        }


def _sum(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return plain(sum(known)) if known else "–"


def _gates(reading: Reading, unit: str) -> Iterator[str]:
    """The contract's gates on verdicts, for a unit that it scores."""
    facts = reading.facts
    total = facts.totals.get(unit)
    if total is None or facts.contract is None:
        return
    bitten = [code.strip() for code in total.gates.split(",")]
    for gate in facts.contract.gates:
        if gate.verdict is not None:
            row = gate_row(reading.run, facts.programme, (facts.contract, gate), unit=unit, bitten=bitten)
            yield gate_line(row, language())
