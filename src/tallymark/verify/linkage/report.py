"""What a linkage came to: tables to keep, and a summary in which what was counted stands beside what is estimated."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.verify.linkage.completeness import Completeness
from tallymark.verify.linkage.link import Linked, levels_of, weights_of
from tallymark.verify.linkage.reading import bits, levels
from tallymark.verify.linkage.several import TwoAndTwo

DECIMALS = 4


def pair_table(linked: Linked) -> pa.Table:
    """Each pair with its weight, probability, whether it was taken, and each field's level in words and bits.

    `contradicts`: the fields in which a pair that was taken plainly differs.
    """
    trained, found = linked.trained, levels(linked.trained.comparisons, linked.trained.keys, linked.pairs)
    added = bits(trained.comparisons, weights_of(trained), found)
    columns = {name: linked.pairs.column(name) for name in linked.pairs.column_names}
    for name in ("weight", "probability"):
        columns[name] = pc.round(columns[name], DECIMALS)
    for at, one in enumerate(trained.comparisons):
        words = ["nothing said", *levels_of(trained, at)]
        level = found.column(one.field.name).to_pylist()
        columns[one.field.name] = pa.array([words[each + 1] for each in level], pa.string())
        columns[f"{one.field.name}_bits"] = pc.round(added.column(one.field.name), 2)
    columns["contradicts"] = _contradictions(found, linked.pairs.column("taken"))
    return pa.table(columns).sort_by(
        [("weight", "descending"), ("record_l", "ascending"), ("record_r", "ascending")]
    )


def _contradictions(found: pa.Table, taken: pa.ChunkedArray) -> pa.Array:
    """Names of the fields at their lowest level, for pairs taken; empty text for all others."""
    nothing = pa.scalar("")
    apart = [
        pc.if_else(pc.and_(taken, pc.equal(found.column(name), 0)), f"{name} ", nothing)
        for name in found.column_names
    ]
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(*apart, "")) if apart else None


def contradictory(pairs: pa.Table) -> dict[str, Any]:
    """How many pairs were taken though a field plainly differs, and how often each field does."""
    fields: Counter[str] = Counter()
    odd = pairs.filter(pc.greater(pc.utf8_length(pairs.column("contradicts")), 0))
    for names in odd.column("contradicts").to_pylist():
        fields.update(names.split())
    return {"pairs": odd.num_rows, "fields": dict(sorted(fields.items()))}


def summary(
    linked: Linked, pairs: pa.Table, found: Completeness | None, several: TwoAndTwo | None = None
) -> dict[str, Any]:
    """Sizes, states by list, what the model learnt, and completeness, naive and corrected, where it was estimated.

    pairs: the table of `pair_table`.
    """
    trained = linked.trained
    states = linked.records.group_by(["list", "state"]).aggregate([([], "count_all")])
    by_list: dict[str, dict[str, int]] = {}
    for row in states.sort_by([("list", "ascending"), ("state", "ascending")]).to_pylist():
        by_list.setdefault(row["list"], {})[row["state"]] = row["count_all"]
    said: dict[str, Any] = {
        "linkage": linked.linkage.name,
        "purpose": linked.linkage.purpose,
        "records": by_list,
        "contradictory": contradictory(pairs),
        "rules": [[key.column for key in rule.keys] for rule in trained.narrowed.rules],
        "errors_sit_together": trained.clustered,
        "lost_to_blocking": round(trained.lost, DECIMALS),
    }
    if found is not None:
        said["completeness"] = _completeness(sorted(linked.trained.keys), found)
    if several is not None:
        said["two_and_two"] = {
            "totals": [
                {"lists": list(names), **_completeness(sorted(names), one)}
                for names, one in several.totals.items()
            ],
            "nothing_in_common": [list(names) for names in several.apart],
            "agree": several.agree,
        }
    return said


def _completeness(names: list[str], found: Completeness) -> dict[str, Any]:
    return {
        "events_on": {
            name: {"naive": naive, "corrected": round(size, 1)}
            for name, naive, size in zip(names, found.counted, found.sizes, strict=True)
        },
        "on_both": {"put_together": found.naive_both, "corrected": round(found.both, 1)},
        "events_in_all": {
            "naive": round(found.naive, 1), "corrected": round(found.total, 1),
            "low": round(found.low, 1), "high": round(found.high, 1),
        },
        "share_held": {
            name: round(share, DECIMALS) for name, share in zip(names, found.coverage, strict=True)
        },
        "standard_error": {
            "sampling": round(found.sampling, 6), "linkage": round(found.linkage, 6),
            "blocking": round(found.blocking, 6),
        },
        "lost": round(found.lost, DECIMALS),
        "known": found.known,
        "doubt": found.doubt,
    }  # fmt: skip
