"""Ranks made anew among the units whose totals are public, so that a rank left out tells nothing of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Contract
from tallymark.score.awards import Floats
from tallymark.score.ranking import ranked
from tallymark.score.results import ranks_table


@dataclass(frozen=True, slots=True)
class _Public:
    contract: Contract
    member: NDArray[np.bool_]
    total: Floats
    se: Floats


def rank_again(
    contracts: Mapping[str, Contract], ranks: pa.Table, totals: pa.Table, *, seed: int = 0
) -> pa.Table:
    """The ranks table for the totals that are there: every contract and peer group of `ranks`, each ranked by itself."""
    parts = [TABLES["ranks"].schema.empty_table()]
    for code in sorted(pc.unique(ranks.column("contract")).to_pylist()):
        own = ranks.filter(pc.equal(ranks.column("contract"), code)).to_pylist()
        known = {row["unit"]: row for row in totals.to_pylist() if row["contract"] == code}
        units = [row["unit"] for row in own]
        public = _Public(
            contracts[code],
            np.ones(len(units), np.bool_),
            _numbers(known, units, "total"),
            _numbers(known, units, "se"),
        )
        group = np.array([row["peer_group"] or "" for row in own], object)
        parts.append(ranks_table([(public, ranked(public, group, seed=seed))], units))
    return pa.concat_tables(parts)


def _numbers(rows: Mapping[str, Mapping[str, Any]], units: list[str], column: str) -> Floats:
    values = [rows.get(unit, {}).get(column) for unit in units]
    return np.array([np.nan if value is None else value for value in values], np.float64)
