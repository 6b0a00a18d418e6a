"""A wide table as a long one, and rows of numbers in their order, against plain sorting."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tallymark.measure.answers import molten
from tallymark.measure.labels import ORDER, in_order


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("rows", [0, 1, 40])
def test_a_molten_row_stands_where_sorting_would_put_it(many: int, rows: int) -> None:
    rng = np.random.default_rng(rows)
    unit, period = np.sort(rng.integers(0, 5, rows)), rng.integers(0, 3, rows)
    order = np.lexsort((period, unit))
    measure, row = molten(unit[order], period[order], many)
    every = [(unit[order[at]], period[order[at]], m, at) for at in range(rows) for m in range(many)]
    assert list(zip(measure.tolist(), row.tolist(), strict=True)) == [(m, at) for *_, m, at in sorted(every)]


@pytest.mark.parametrize("largest", [6, 1 << 20], ids=["one number a row", "too large for one"])
def test_rows_in_order_are_as_sorted_by_every_key(largest: int) -> None:
    rng = np.random.default_rng(largest)
    rows = pa.table({name: pa.array(rng.integers(0, 4, 200) * (largest // 4)) for name in ORDER})
    rows = rows.append_column("value", pa.array(np.arange(200)))
    found = in_order(rows).to_pylist()
    assert found == sorted(rows.to_pylist(), key=lambda row: [row[name] for name in (*ORDER, "value")])
