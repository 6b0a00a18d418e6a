"""Figures against their indicator's benchmark: better, similar or worse, at 95 % and at 99.8 %."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tallymark.measure.uncertainty import Reading
from tallymark.programme.resolved import Indicator
from tallymark.statistics.comparisons import against_benchmark

LEVELS = {"against_95": 0.95, "against_998": 0.998}
"""Column → level of the interval that the benchmark is compared with."""
WORDS = pa.array(["worse", "similar", "better"])
"""Of −1, 0 and 1."""


class Benchmarks:
    """The columns of a table of indicators that say how figures stand to their benchmarks, filled one by one."""

    def __init__(self, rows: int) -> None:
        self._benchmark = np.full(rows, np.nan)
        self._sides = {name: np.full(rows, np.nan) for name in LEVELS}

    def compare(self, indicator: Indicator, rows: np.ndarray, limits: Reading) -> None:
        """Sets the rows of one indicator by their limits; nothing where it has no benchmark."""
        if indicator.benchmark is None:
            return
        self._benchmark[rows] = indicator.benchmark
        for name, level in LEVELS.items():
            low, high = limits(level=level)
            self._sides[name][rows] = against_benchmark(
                low, high, indicator.benchmark, direction=indicator.direction
            )

    def columns(self) -> dict[str, pa.Array]:
        """The columns; NULL where there is no benchmark, or no interval."""
        found = {"benchmark": pa.array(self._benchmark, pa.float64(), from_pandas=True)}
        for name, side in self._sides.items():
            nothing = np.isnan(side)
            found[name] = WORDS.take(pa.array(np.where(nothing, 0, side).astype(np.int8) + 1, mask=nothing))
        return found
