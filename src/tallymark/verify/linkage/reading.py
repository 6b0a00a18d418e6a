"""Pairs in a form that people can read: at which level each field agrees, and how many bits that adds to the weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from tallymark.engine.duckdb import connect
from tallymark.verify.linkage.comparisons import Comparison
from tallymark.verify.linkage.keys import decoded
from tallymark.verify.linkage.patterns import sided
from tallymark.verify.linkage.scoring import Weights, looked_at


def levels(comparisons: Sequence[Comparison], keys: Mapping[str, pa.Table], pairs: pa.Table) -> pa.Table:
    """For each pair (list_l, record_l, list_r, record_r) each field's level: lowest 0, −1 where nothing is said."""
    connection = connect()
    connection.register(
        "records", pa.concat_tables([decoded(looked_at(keys[name], comparisons)) for name in sorted(keys)])
    )
    asked = pairs.select(["list_l", "record_l", "list_r", "record_r"])
    connection.register("pairs", asked.append_column("at", pa.array(np.arange(len(asked)))))
    columns = [f"{_level(one)} AS f{at}" for at, one in enumerate(comparisons)]
    found = connection.sql(
        f"SELECT {', '.join(columns)} FROM pairs AS p "
        "JOIN records AS l ON l.source_dataset = p.list_l AND l.unique_id = p.record_l "
        "JOIN records AS r ON r.source_dataset = p.list_r AND r.unique_id = p.record_r ORDER BY p.at"
    ).to_arrow_table()
    return found.rename_columns([one.field.name for one in comparisons])


def bits(comparisons: Sequence[Comparison], weights: Weights, found: pa.Table) -> pa.Table:
    """The bits that each field adds for or against a match, commonness of the value left out; 0 where nothing is said."""
    made = {}
    for at, one in enumerate(comparisons):
        by_level = np.log2(weights.agree[at] / np.maximum(weights.chance[at], 1e-9))
        level = found.column(one.field.name).to_numpy()
        made[one.field.name] = np.where(level < 0, 0.0, by_level[np.maximum(level, 0)])
    return pa.table(made)


def _level(one: Comparison) -> str:
    cases = " ".join(
        f"WHEN {level.condition} THEN {one.count - 1 - number}"
        for number, level in enumerate(one.levels)
        if level.condition != "ELSE"
    )
    return sided(f"CASE WHEN {one.silent} THEN -1 {cases} ELSE 0 END")
