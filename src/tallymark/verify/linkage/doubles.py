"""Events on a list whose records may double each other: double entries that differ are counted, twins are not.

A record without a match that is beside another of its list, alike in all but what tells twins apart, is a double entry
or a twin. Pairs of which both are matched, to different records, are twins, and say how many others there are; how the
telling fields agree, in matches and by chance, says which of the others they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.verify.linkage.link import Linked, telling_bits

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Doubles:
    """Double entries of a list: how many are expected, and the variance of that."""

    expected: float
    variance: float


def doubles(linked: Linked, name: str, *, found: float) -> Doubles:
    """Double entries of a list. found: share of matches that the linkage takes, as of double entries."""
    mine = linked.records.filter(pc.equal(linked.records.column("list"), name))
    matched = mine.filter(pc.equal(mine.column("state"), "matched")).column("record")
    pairs = linked.pairs
    inside = pc.and_(pc.equal(pairs.column("list_l"), name), pc.equal(pairs.column("list_r"), name))
    pairs = pairs.filter(pc.and_(inside, pc.greater_equal(pairs.column("weight"), linked.linkage.threshold)))
    taken = [_among(pairs.column(f"record_{side}"), matched) for side in "lr"]
    loose = ~(taken[0] & taken[1])
    if not loose.any():
        return Doubles(0.0, 0.0)
    twins = _loose_twins(float((~loose).sum()), min(len(matched) / len(mine) / found, 1.0))
    share = max(1 - twins / float(loose.sum()), 0.5 / float(loose.sum()))
    pairs = pairs.filter(pa.array(loose))
    odds = share / max(1 - share, 1e-6) * np.exp2(telling_bits(linked.trained, pairs))
    # A double entry doubles once: of records that are alike to several, the likeliest counts.
    double = pc.if_else(pa.array(~taken[1][loose]), pairs.column("record_r"), pairs.column("record_l"))
    best = (
        pa.table({"record": double, "share": odds / (1 + odds)})
        .group_by("record")
        .aggregate([("share", "max")])
    )
    chosen = best.column("share_max").to_numpy()
    variance = float((chosen * (1 - chosen)).sum()) + twins**2 / max(float((~loose).sum()), 1.0)
    return Doubles(float(chosen.sum()) / found, variance / found**2)


def _among(records: pa.ChunkedArray, those: pa.ChunkedArray) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = pc.is_in(records, those.combine_chunks()).to_numpy().astype(bool)
    return inside


def _loose_twins(both_matched: float, share: float) -> float:
    """Pairs of twins of which not both are matched, from those of which both are, and the share of records that are."""
    return both_matched * (1 - share**2) / max(share**2, 1e-6)
