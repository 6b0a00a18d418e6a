"""Verdicts that a contract counts: for every gate and unit how many values, of how many that were recounted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.model.units import Units
from tallymark.programme.resolved import Contract, VerdictGate
from tallymark.score.awards import Floats

Ints = NDArray[np.int64]
Counted = Mapping[VerdictGate, tuple[Ints, Ints]]
"""Gate → values it counts and values recounted and settled, for every unit."""
SETTLED = ("accepted", "corrected", "recounted")


@dataclass(frozen=True, slots=True)
class Standing:
    """Verdicts with the units above those that they speak of."""

    verdicts: pa.Table
    units: tuple[str, ...]

    def count(self, gate: VerdictGate) -> tuple[Ints, Ints]:
        """How many values the gate counts against each unit, and of how many that were recounted and settled."""
        rows = self.verdicts
        for column, wanted in (("verification", gate.verifications), ("item", gate.items)):
            if wanted:
                rows = rows.filter(pc.is_in(rows.column(column), pa.array(wanted)))
        recounted = rows.filter(pc.is_valid(rows.column("recounted")))
        settled = recounted.filter(pc.is_in(recounted.column("verdict"), pa.array(SETTLED)))
        counted = rows.filter(pc.equal(pc.fill_null(rows.column("counts"), ""), gate.verdict))
        return self._by_unit(counted), self._by_unit(settled)

    def _by_unit(self, rows: pa.Table) -> Ints:
        places = pc.index_in(rows.column("ancestor"), pa.array(self.units, pa.string()))
        return np.bincount(places.to_numpy(), minlength=len(self.units)).astype(np.int64)


def counted(
    contract: Contract, verdicts: pa.Table | None, units: Units, codes: Sequence[str]
) -> Counted | None:
    """What the verdict gates of a contract and its strands count; None where verdicts are not known."""
    gates = list(_gates(contract))
    if not gates:
        return {}
    if verdicts is None:
        return None
    standing = standing_of(verdicts, units, codes, contract)
    return {gate: standing.count(gate) for gate in gates}


def standing_of(verdicts: pa.Table, units: Units, codes: Sequence[str], contract: Contract) -> Standing:
    """Verdicts about the units of a contract and of every unit below them on the period's last day."""
    tree = units.ancestry_on(contract.period.end).select(["unit", "ancestor"])
    tree = tree.filter(pc.is_in(tree.column("ancestor"), pa.array(list(codes), pa.string())))
    wanted = ["verification", "unit", "period", "item", "recounted", "verdict", "reason", "counts"]
    rows = verdicts.select(wanted)
    tree = tree.cast(pa.schema([("unit", pa.string()), ("ancestor", pa.string())]))
    return Standing(rows.join(tree, "unit", join_type="inner", use_threads=False), tuple(codes))


def holds(gate: VerdictGate, found: Counted | None, n: int) -> Floats:
    """1 where so many values stand against a unit that the gate bites, 0 where not, NaN where it is not known."""
    if found is None:
        return np.full(n, np.nan)
    against, settled = found[gate]
    enough = (against >= gate.least) & (against >= gate.share * settled)
    return enough.astype(np.float64)


def _gates(contract: Contract) -> list[VerdictGate]:
    found = [gate.verdict for gate in contract.gates if gate.verdict is not None]
    for strand, _ in contract.bundle:
        found += _gates(strand)
    return list(dict.fromkeys(found))
