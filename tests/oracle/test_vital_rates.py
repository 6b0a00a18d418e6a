"""Rates of six countries in 2024 as the United Nations publish them, or as derived from their data by others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tallymark.population import (
    crude_rates,
    gross_reproduction,
    life_table,
    net_reproduction,
    total_fertility,
)

WPP = Path(__file__).parents[3] / "shared" / "data" / "wpp"
FILE = WPP / "vital_rates_2024.json"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="../shared/data/wpp is not here")
RATES = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}


@pytest.mark.parametrize("iso", RATES)
def test_crude_rates(iso: str) -> None:
    given = RATES[iso]
    got = crude_rates(given["births"], given["deaths"], given["mid_year_pop"])
    np.testing.assert_allclose(got.birth, given["CBR_calc"], rtol=1e-12)
    np.testing.assert_allclose(got.death, given["CDR_calc"], rtol=1e-12)
    rounded = crude_rates(given["births"], given["deaths"], given["mid_year_pop"], decimals=3)
    np.testing.assert_allclose(rounded.birth, given["CBR_pub"], atol=0.0015)
    np.testing.assert_allclose(rounded.growth, given["NGR_pub"], atol=0.0015)


@pytest.mark.parametrize("iso", RATES)
def test_reproduction(iso: str) -> None:
    given, this = RATES[iso], [("iso3", "=", iso), ("year", "=", 2024)]
    fertility = pq.read_table(WPP / "asfr_age1_2024_2100_six_graduated.parquet", filters=this).sort_by("age")
    mortality = pq.read_table(
        WPP / "mx_age1_2024_2100_six_derived.parquet", filters=[*this, ("sex", "=", 2)]
    ).sort_by("age")
    table = life_table(mortality["mx"].to_numpy(), sex="female")
    rates, ratio = fertility["asfr"].to_numpy(), given["SRB_pub"]
    np.testing.assert_allclose(total_fertility(rates), given["TFR_pub"], rtol=1e-4)
    np.testing.assert_allclose(
        gross_reproduction(rates, sex_ratio_at_birth=ratio), given["GRR_derived"], rtol=1e-4
    )
    net = net_reproduction(rates, table, ages=fertility["age"].to_numpy(), sex_ratio_at_birth=ratio)
    np.testing.assert_allclose(net, given["NRR_derived"], rtol=2e-3)
