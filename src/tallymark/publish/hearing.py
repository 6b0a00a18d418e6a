"""Nobody is named for a pattern before they were heard: what is public of patterns is how many of each kind there are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.texts import Message, told

PREFIX = "verify."
FACTS = ("missing_reports", "late_reports", "over_reported", "under_reported", "waived", "waiver_expired")
"""What anybody can count, what was counted again, and what was declared: no pattern."""
SAID = "{count} findings of this kind; the units are heard before anything is said of them"
HINT = "the office sees each finding with its unit; verdicts are public, with their reasons, once the units were heard"


def heard_first(findings: pa.Table) -> pa.Table:
    """Findings with those of patterns as one row a kind and dataset: how many, in how many places; no unit, no value."""
    code = findings.column("code")
    pattern = pc.and_(
        pc.starts_with(code, PREFIX), pc.invert(pc.is_in(code, pa.array([PREFIX + name for name in FACTS])))
    )
    pattern = pc.fill_null(pattern, False)
    counted = list(_counted(findings.filter(pattern).to_pylist()))
    rows = pa.Table.from_pylist(counted, schema=findings.schema)
    return pa.concat_tables([findings.filter(pc.invert(pattern)), rows])


def _counted(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["code"], row["dataset"] or ""), []).append(row)
    for (code, dataset), members in sorted(groups.items()):
        count, places = 0, set[str]()
        for row in members:
            evidence = json.loads(row["evidence"] or "{}")
            together = "units" in evidence and "periods" not in evidence
            count += int(evidence.get("count", 1)) if together else 1
            places |= {row["unit"]} if row["unit"] else set(evidence.get("units", ()))
        said, hint = Message(SAID, count=count), Message(HINT)
        yield {
            "code": code, "severity": "note", "dataset": dataset or None,
            "message": told(said, "en"), "message_zh": told(said, "zh"),
            "hint": told(hint, "en"), "hint_zh": told(hint, "zh"),
            "evidence": json.dumps({"count": count, "places": len(places), "units": []}),
        }  # fmt: skip
