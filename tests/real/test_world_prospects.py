"""World Population Prospects 2024, made again from 1 January 2024: every year to 2100, and its life expectancies.

United Nations, DESA, Population Division (2024), CC BY 3.0 IGO. The mortality of the United Kingdom and India is by
single ages; that of the others, and all fertility, was graduated from five-year groups.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tallymark.population import group_ages, life_table, project

WPP = Path(__file__).parents[3] / "shared" / "data" / "wpp"
pytestmark = pytest.mark.skipif(not WPP.is_dir(), reason="../shared/data/wpp is not here")
CODES = {"gbr": 826, "ind": 356, "chn": 156, "bra": 76, "nga": 566, "sle": 694}
YEARS, AGES = 77, 101


def _array(file: str, column: str, keys: list[str], filters: list) -> np.ndarray:
    table = pq.read_table(WPP / file, filters=filters).sort_by([(key, "ascending") for key in keys])
    return table[column].to_numpy().astype(float).reshape([len(table[key].unique()) for key in keys])


def inputs(iso: str) -> dict[str, np.ndarray]:
    """Population at the start, death rates, fertility, sex ratios and migration of a country."""
    this = [("iso3", "=", iso)]
    fertility = np.zeros((YEARS, AGES))
    graduated = _array("asfr_age1_2024_2100_six_graduated.parquet", "asfr", ["year", "age"], this)
    fertility[:, 10 : 10 + graduated.shape[1]] = graduated
    later = [("country_code", "=", CODES[iso]), ("year", ">=", 2024)]
    moved = [
        _array("mig_age1_2023_2100_six.parquet", column, ["year", "age"], later)
        for column in ("migM", "migF")
    ]
    return {
        "population": _array(
            "jan1_age1_2024_2101_six_recovered.parquet", "pop", ["sex", "age"], [*this, ("year", "=", 2024)]
        ),
        "mx": _array("mx_age1_2024_2100_six_derived.parquet", "mx", ["year", "sex", "age"], this),
        "fertility": fertility,
        "sex_ratio_at_birth": published(iso, "srb"),
        "migration": 1000 * np.stack(moved, axis=1),
    }


def published(iso: str, column: str) -> np.ndarray:
    """An indicator of 2024–2100."""
    return _array(
        "indicators_annual_all.parquet",
        column,
        ["year"],
        [("country_code", "=", CODES[iso]), ("year", ">=", 2024)],
    )


@pytest.mark.parametrize(
    ("iso", "percent"),
    [("gbr", 0.02), ("ind", 0.02), ("chn", 0.102), ("bra", 0.1), ("nga", 0.45), ("sle", 0.45)],
)
def test_total_population_in_every_year_to_2100(iso: str, percent: float) -> None:
    given = inputs(iso)
    table = life_table(given.pop("mx"), sex=("male", "female"))
    got = project(survival=table.survival(), **given).populations.sum((1, 2))[1:]
    total = 1000 * (published(iso, "dec31_popM") + published(iso, "dec31_popF"))
    off = 100 * np.abs(got / total - 1)
    assert off.max() < percent
    assert off[-1] < min(percent, 0.45 if iso in ("nga", "sle") else 0.1)


def test_five_year_steps_come_close() -> None:
    """Five-year groups and steps with mean rates: within 0.3 % of the yearly projection's published totals."""
    given, years = inputs("gbr"), 75
    fives = {
        name: given[name][:years].reshape(years // 5, 5, *given[name].shape[1:])
        for name in ("mx", "fertility", "migration", "sex_ratio_at_birth")
    }
    width = np.append(np.full(20, 5), 1)
    got = project(
        group_ages(given["population"])[0],
        life_table(fives["mx"].mean(1), sex=("male", "female")).survival(5),
        group_ages(fives["fertility"].mean(1))[0] / width,
        fives["sex_ratio_at_birth"].mean(1),
        group_ages(fives["migration"].sum(1))[0],
        migration_timing="even",
        step=5,
    ).populations.sum((1, 2))[1:]
    total = 1000 * (published("gbr", "dec31_popM") + published("gbr", "dec31_popF"))[4:years:5]
    np.testing.assert_allclose(got, total, rtol=0.003)


@pytest.mark.parametrize(("iso", "years"), [("gbr", 0.03), ("ind", 0.03), ("chn", 0.03), ("sle", 0.05)])
def test_life_expectancy_at_birth(iso: str, years: float) -> None:
    got = life_table(inputs(iso)["mx"], sex=("male", "female")).e0
    for sex, column in enumerate(("e0M", "e0F")):
        assert np.abs(got[:, sex] - published(iso, column)).max() < years
