"""Pairs for people to look at: doubtful ones and a check sample of all, in an order that gives nothing away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.verify.linkage.link import Linked

DOUBTFUL = (0.05, 0.95)
"""Between these probabilities a pair is doubtful."""


def review_list(linked: Linked, lists: Mapping[str, pa.Table], *, many: int, seed: int) -> pa.Table:
    """So many pairs in random order, half doubtful, half drawn from those taken: pair, what both records say, same.

    Blind: no weight, no verdict, and which list stands on the left is drawn by lot. `same` is left for the reviewer.
    """
    draw = np.random.default_rng([seed, 4])
    pairs, probability = linked.pairs, linked.pairs.column("probability").to_numpy()
    doubtful = np.flatnonzero((probability > DOUBTFUL[0]) & (probability < DOUBTFUL[1]))
    taken = np.flatnonzero(linked.pairs.column("taken").to_numpy(zero_copy_only=False))
    some = draw.permutation(doubtful)[: many // 2]
    rest = draw.permutation(np.setdiff1d(taken, some))[: many - len(some)]
    rows = draw.permutation(np.concatenate([some, rest]).astype(np.int64))
    chosen, turned = pairs.take(pa.array(rows)), draw.random(len(rows)) < 0.5
    columns: dict[str, pa.Array] = {"pair": pa.array(np.arange(1, len(rows) + 1))}
    for side, other in (("one", "lr"), ("other", "rl")):
        where = np.where(turned, other[1], other[0])
        columns |= _side(linked, lists, chosen, where, side)
    return pa.table({**columns, "same": pa.nulls(len(rows), pa.string())})


def _side(
    linked: Linked, lists: Mapping[str, pa.Table], pairs: pa.Table, where: np.ndarray, side: str
) -> dict[str, pa.Array]:  # fmt: skip
    left = pa.array(where == "l")
    names = pc.if_else(left, pairs.column("list_l"), pairs.column("list_r")).to_pylist()
    records = pc.if_else(left, pairs.column("record_l"), pairs.column("record_r")).to_pylist()
    said: dict[str, list[str | None]] = {field.name: [None] * len(names) for field in linked.linkage.fields}
    for one in linked.linkage.lists:
        rows = lists[one.name]
        place = {
            record: at for at, record in enumerate(rows.column(one.record).cast(pa.string()).to_pylist())
        }
        cells = {field: rows.column(column).cast(pa.string()) for field, column in one.columns.items()}
        for at, (name, record) in enumerate(zip(names, records, strict=True)):
            if name == one.name:
                for field, column in cells.items():
                    said[field][at] = column[place[record]].as_py()
    columns = {f"{side}_list": pa.array(names, pa.string()), f"{side}_record": pa.array(records, pa.string())}
    return columns | {f"{side}_{field}": pa.array(cells, pa.string()) for field, cells in said.items()}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check sample says of the pairs taken: share that are matches, with its standard error."""

    looked_at: int
    same: int

    @property
    def precision(self) -> tuple[float, float]:
        share = self.same / self.looked_at
        return share, sqrt(share * (1 - share) / self.looked_at)
