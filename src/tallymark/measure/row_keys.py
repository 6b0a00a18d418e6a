"""Rows of result tables told apart by numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]


def row_keys(columns: Sequence[str], *tables: pa.Table) -> Ints:
    """A number for each row of the tables, one after the other, that orders rows as their keys do."""
    whole = np.zeros(sum(table.num_rows for table in tables), np.int64)
    for column in columns:
        texts = pa.chunked_array(
            [chunk for table in tables for chunk in table.column(column).chunks], pa.string()
        )
        codes = texts.dictionary_encode().unify_dictionaries().combine_chunks()
        place = np.argsort(np.argsort(np.array(codes.dictionary.to_pylist(), object)))
        whole = whole * max(1, len(place)) + place[codes.indices.to_numpy()]
    return whole
