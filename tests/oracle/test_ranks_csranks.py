"""Ranks of integers with ties against csranks' `irank`; the τ-best sets of PISA countries against its rank sets."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import bottom_group, expected_ranks, rank_sets, ranks, top_group

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "csranks"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/oracles/csranks is not here")


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open() as file:
        return list(csv.DictReader(file))


def test_ties() -> None:
    rows = _rows("irank_expected.csv")
    x = [float(row["x"]) for row in rows]
    for column, omega, increasing in (("om0", 0, False), ("om1", 1, False), ("om05", 0.5, False),
                                      ("inc_om04", 0.4, True)):  # fmt: skip
        expected = [float(row[column]) for row in rows]
        np.testing.assert_allclose(ranks(x, omega=omega, increasing=increasing), expected, rtol=1e-12)
    np.testing.assert_allclose(expected_ranks(x, np.zeros(len(x))), [float(row["om05"]) for row in rows])


@pytest.mark.parametrize("k", [1, 3, 10])
def test_top_and_bottom_groups(k: int) -> None:
    """Those whose set begins (ends) within k in csranks' own sets, whichever of its seeds is taken."""
    rows = [row for row in _rows("csranks_pisa_expected.csv")
            if row["data"] == "pisa2018" and (row["simul"], row["stepdown"], row["cstype"], row["coverage"], row["subject"])
            == ("TRUE", "TRUE", "two-sided", "0.95", "math")]  # fmt: skip
    x, se = ([float(row[name]) for row in rows] for name in ("score", "se"))
    top, bottom = top_group(x, se, k=k), bottom_group(x, se, k=k)
    low, high = rank_sets(x, se)
    for at, row in enumerate(rows):
        if int(row["L_max"]) <= k or int(row["L_min"]) > k:
            assert top[at] == (int(row["L_max"]) <= k)
        if int(row["U_min"]) > len(rows) - k or int(row["U_max"]) <= len(rows) - k:
            assert bottom[at] == (int(row["U_min"]) > len(rows) - k)
    assert top.sum() == (low <= k).sum() >= k
    assert bottom.sum() == (high > len(rows) - k).sum() >= k
