"""What is true, kept beside what offices send: counts of every unit and month, rates, planted faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from tallymark.model.periods import month_code
from tallymark.simulate.faults import Fault, fault_table
from tallymark.simulate.files import Delivery
from tallymark.simulate.world import World

Array = NDArray[Any]
COUNTS = pa.schema(
    [("unit", pa.string()), ("period", pa.string()), ("measure", pa.string()), ("value", pa.float64())]
)


@dataclass(frozen=True, slots=True)
class Truth:
    """A simulated place: where its files are, what comes in when, how many events, what is true of it."""

    out: Path
    seed: int
    events: int
    deliveries: tuple[Delivery, ...]
    faults: tuple[Fault, ...]

    def counts(self) -> pa.Table:
        """True counts: unit, period (month, quarter, declared year, or day of a stock), measure, value.

        NULL where rows exist and none says anything (no booklet, so no contacts are known).
        """
        return parquet.read_table(self.out / "truth" / "counts.parquet")

    def rates(self) -> pa.Table:
        """True probabilities and expected events: town, period, rate, kind (share, expected), value."""
        return parquet.read_table(self.out / "truth" / "rates.parquet")


class TruthWriter:
    """Writes counts as they are made, so that memory does not grow with the number of months."""

    def __init__(self, out: Path) -> None:
        self.folder = out / "truth"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file = parquet.ParquetWriter(self.folder / "counts.parquet", COUNTS)

    def counts(self, codes: Array, period: str, measures: Mapping[str, Array]) -> None:
        """Add what is true of those units in a period: measure → one number a unit."""
        if not measures or not len(codes):
            return
        names, rows = list(measures), len(codes) * len(measures)
        values = np.concatenate([np.asarray(measures[name], dtype=np.float64) for name in names])
        self._file.write_table(pa.table({
            "unit": pa.array(np.tile(codes, len(names)).tolist(), pa.string()),
            "period": pa.array([period] * rows, pa.string()),
            "measure": pa.array(np.repeat(names, len(codes)).tolist(), pa.string()),
            "value": pa.array(values, mask=np.isnan(values)),
        }, schema=COUNTS))  # fmt: skip

    def finish(self, world: World, faults: list[Fault]) -> None:
        """Write rates and faults, and close."""
        self._file.close()
        parquet.write_table(rate_table(world), self.folder / "rates.parquet")
        arrow_csv.write_csv(fault_table(faults), self.folder / "faults.csv")


def rate_table(world: World) -> pa.Table:
    """Every town's probabilities (means weighted by residents) and expected events by month."""
    towns = len(world.place.towns)
    parts = []
    for at, month in enumerate(int(m) for m in world.months):
        town, weight = world.town_of_cells(month), world.residents[:, at]
        people = np.bincount(town, weights=weight, minlength=towns)
        columns = [
            (name, "share", np.bincount(town, weights=chance[:, at] * weight, minlength=towns) / people)
            for name, chance in world.chance.items()
        ] + [
            (name, "expected", np.bincount(town, weights=expected[:, at], minlength=towns))
            for name, expected in world.expected.items()
        ]
        parts.append(pa.table({
            "unit": pa.array([t.code for t in world.place.towns] * len(columns)),
            "period": pa.array([month_code(month)] * (towns * len(columns))),
            "rate": pa.array(np.repeat([name for name, _, _ in columns], towns).tolist()),
            "kind": pa.array(np.repeat([kind for _, kind, _ in columns], towns).tolist()),
            "value": np.concatenate([values for _, _, values in columns]),
        }))  # fmt: skip
    return pa.concat_tables(parts)
