"""Nobody is named for a finding before they were heard: until then only how many of each kind there are is public."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.programme.resolved import Hearing
from tallymark.texts import Message, told

CHECKS, PATTERNS = "check.", "verify."
FACTS = ("missing_reports", "late_reports", "over_reported", "under_reported", "waived", "waiver_expired")
"""What anybody can count, what was counted again, and what was declared: no pattern."""
HEARD = ("answered", "silent")
"""The unit answered, or its days to answer are over; where the office agreed with its answer it is never named."""
SAID = "{count} findings of this kind; the units are heard before anything is said of them"
HINT = "the office sees each finding with its unit; verdicts are public, with their reasons, once the units were heard"


def heard_first(findings: pa.Table, hearing: Hearing) -> pa.Table:
    """Findings with those nobody may be named for as one row a kind and dataset: how many, in how many places.

    A check that fails names its unit once that was heard; a pattern only where the programme says so, too.
    """
    code = findings.column("code")
    heard = _where(pc.is_in(findings.column("heard"), pa.array(HEARD)))
    facts = _where(pc.is_in(code, pa.array([PATTERNS + name for name in FACTS])))
    pattern = _where(pc.starts_with(code, PATTERNS)) & ~facts
    check = _where(pc.starts_with(code, CHECKS)) & _where(pc.is_valid(findings.column("unit")))
    named = np.zeros(findings.num_rows, np.bool_)
    for kind, mask in (("checks", check), ("patterns", pattern)):
        if kind in hearing.named:
            named |= mask & heard
    counted = (pattern | check) & ~named & ~_told(findings)
    rows = list(_counted(findings.filter(pa.array(counted)).to_pylist()))
    kept = findings.filter(pa.array(~counted))
    return pa.concat_tables([kept, pa.Table.from_pylist(rows, schema=findings.schema)])


def _where(condition: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(condition, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _told(findings: pa.Table) -> npt.NDArray[np.bool_]:
    """Rows that are counts already: a release is read through the same guard."""
    places = pc.match_substring(findings.column("evidence"), '"places": ')
    return _where(pc.is_null(findings.column("unit"))) & _where(places)


def _counted(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        severity = row["severity"] if row["code"].startswith(CHECKS) else "note"
        groups.setdefault((row["code"], row["dataset"] or "", severity), []).append(row)
    for (code, dataset, severity), members in sorted(groups.items()):
        count, places = 0, set[str]()
        for row in members:
            evidence = json.loads(row["evidence"] or "{}")
            together = "units" in evidence and "periods" not in evidence
            count += int(evidence.get("count", 1)) if together else 1
            places |= {row["unit"]} if row["unit"] else set(evidence.get("units", ()))
        said, hint = Message(SAID, count=count), Message(HINT)
        yield {
            "code": code, "severity": severity, "dataset": dataset or None,
            "message": told(said, "en"), "message_zh": told(said, "zh"),
            "hint": told(hint, "en"), "hint_zh": told(hint, "zh"),
            "evidence": json.dumps({"count": count, "places": len(places), "units": []}),
        }  # fmt: skip
