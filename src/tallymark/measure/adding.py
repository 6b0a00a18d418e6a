"""Exact sums of the histogram: what a row adds, as whole numbers of the smallest decimal that any value needs.

SQL adds `DECIMAL(38, 9)` (docs/decisions/0009); here a value is that decimal as a whole number, without the zeros at the
end that all values have, so that sums fit 64 bits. What might not fit is left to SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.compile import matching
from tallymark.engine.duckdb import each
from tallymark.engine.sql import DECIMAL, exact, formula
from tallymark.measure.patterns import TooVaried
from tallymark.measure.plan import Planned, Strand
from tallymark.measure.spelling import Lookup, Spelled
from tallymark.store import dataset_schema

Ints = npt.NDArray[np.int64]

PLACES = 9
"""Decimal places of `DECIMAL`."""


@dataclass(frozen=True, slots=True)
class Summed:
    """A sum that was made: the measure's value column, and how many places its whole numbers have behind the point."""

    name: str
    places: int

    @property
    def rows(self) -> str:
        """The column of rows that meet its condition."""
        return matching(self.name)

    @property
    def sql(self) -> str:
        """The sum as SQL over the column of whole numbers; NULL where no row had a value."""
        unit = f"CAST('{10.0**-self.places:.9f}' AS DECIMAL(10, 9))"
        value = f"CAST(CAST({self.whole} AS DECIMAL(19, 0)) * {unit} AS {DECIMAL})"
        return f"CASE WHEN {self.name} > 0 THEN {value} END"

    @property
    def whole(self) -> str:
        """The column of whole numbers."""
        return f"{self.name}_whole"


def summable(planned: Planned) -> bool:
    """Whether what a sum over events adds is read from one column."""
    return planned.measure.of is not None and len(planned.measure.of.names) == 1


class Sums:
    """The sums of a strand: what each value of their columns adds, and places behind the point so far."""

    def __init__(self, strand: Strand, asked: duckdb.DuckDBPyConnection, rows: int) -> None:
        """rows: how many are added, at most."""
        self._rows, self._asked, schema = rows, asked, dataset_schema(strand.dataset)
        self._measures = [p for p in strand.counted if p.measure.aggregate == "sum"]
        self.names = [p.value for p in self._measures]
        self.columns = [next(iter(p.measure.of.names)) for p in self._measures if p.measure.of is not None]
        self.fields = {name: schema.field(name) for name in self.columns}
        self._values = [exact(formula(p.measure.of)) for p in self._measures if p.measure.of is not None]
        self._lookups = [
            Lookup(self.fields[name].type, partial(self._ask, at)) for at, name in enumerate(self.columns)
        ]
        self.places, self._greatest = [0] * len(self.names), [0] * len(self.names)

    @property
    def made(self) -> tuple[Summed, ...]:
        """The sums as they stand."""
        return tuple(Summed(name, places) for name, places in zip(self.names, self.places, strict=True))

    def added(self, columns: Mapping[str, Spelled], sums: Ints) -> list[Ints]:
        """For each sum what the values of its column add. `sums` so far are brought to the places that these need;
        TooVaried where sums might leave 64 bits."""
        found = []
        for at, name in enumerate(self.columns):
            whole, places = self._lookups[at].of(columns[name]), self.places[at]
            while (whole % 10 ** (PLACES - places)).any():
                places += 1
            if self._rows * self._greatest[at] >= 10 ** (PLACES - places) << 62:
                raise TooVaried
            if places > self.places[at]:
                sums[at] *= 10 ** (places - self.places[at])
                self.places[at] = places
            found.append(whole // 10 ** (PLACES - places))
        return found

    def _ask(self, at: int, values: pa.Array) -> Ints:
        """What values add, as whole numbers of the ninth place; 0 where they cannot be added."""
        given = pa.table([values], schema=pa.schema([self.fields[self.columns[at]]]))
        exactly = each(self._asked, given, [self._values[at]]).column(0)
        numbers = exactly.combine_chunks().fill_null(0)
        if not len(numbers):
            return np.zeros(0, np.int64)
        parts = np.frombuffer(numbers.buffers()[1], np.int64)[2 * numbers.offset :].reshape(-1, 2)
        low, high = parts[: len(numbers)].copy().T  # 128 bits, the lower ones first
        if (high != low >> 63).any():
            raise TooVaried
        self._greatest[at] = max(self._greatest[at], int(low.max()), -int(low.min()))
        found: Ints = low.copy()
        return found
