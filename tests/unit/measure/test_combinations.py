"""Which sets of columns are counted by combination of values: those with enough rows for each."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tallymark.measure.combinations import SHARE, Combinations
from tallymark.measure.spelling import spelled

COLUMNS = {"sex": spelled(pa.array(["f", "m", "f"])), "home": spelled(pa.array([True, None, False]))}
FIELDS = {"sex": pa.field("sex", pa.string()), "home": pa.field("home", pa.bool_())}
MANY = 2 * 3
"""Combinations of what stands in the columns."""


@pytest.mark.parametrize(("cells", "begun"), [(0, True), (10, True), (11, False)])
def test_a_set_that_is_far_too_sparse_is_not_begun(cells: int, begun: bool) -> None:
    rows = 10 * SHARE * MANY // 2  # twice as many combinations as there may be in the end are still begun
    combinations = Combinations([("home", "sex")], FIELDS, 100)
    assert len(combinations.of(COLUMNS, cells=cells, rows=rows)) == begun
    assert len(combinations.of(COLUMNS, cells=1, rows=10 * rows)) == begun  # once given up, it stays so
