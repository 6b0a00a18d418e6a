"""Quantile groups against PHEindicatormethods' spreadsheet: RANK.EQ within region, within indicator and over all."""

from __future__ import annotations

import numpy as np
from tests.oracle.columns import groups, numbers, oracle, rows

from tallymark.statistics import quantile_groups

PHE, here = oracle("phe")
pytestmark = here
WITHIN = {"IndSexReg": ("IndSexRef", "ParentCode"), "IndSex": ("IndSexRef",), "None": ()}


def test_groups_of_every_row() -> None:
    names = {row["qname"]: int(row["quantiles"]) for row in rows(PHE / "quantile_names.csv")}
    checked = 0
    for (scope,), table in groups(rows(PHE / "Quantiles__good_input_expected.csv"), "GroupSet").items():
        for own in groups(table, "QuantileNm", *WITHIN[scope]).values():
            # Over all, the sheet ranks high to low whatever the polarity; else that says which end is first.
            high = scope == "None" or own[0]["Polarity"] == "TRUE"
            got = quantile_groups(
                numbers(own, "Value"), names[own[0]["QuantileNm"]], first="highest" if high else "lowest"
            )
            np.testing.assert_array_equal(got, numbers(own, "QuantileInGrp"))
            checked += len(own)
    assert checked == 982
