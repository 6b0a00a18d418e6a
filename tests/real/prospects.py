"""World Population Prospects 2024 as inputs of `project`, read from ../shared/data/wpp: by single ages, or graduated.

United Nations, DESA, Population Division (2024), CC BY 3.0 IGO.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from tallymark.population import graduate, graduate_rates, life_table, project

WPP = Path(__file__).parents[3] / "shared" / "data" / "wpp"
SIX = {"gbr": 826, "ind": 356, "chn": 156, "bra": 76, "nga": 566, "sle": 694}
FIRST, YEARS, AGES = 2024, 77, 101
FERTILE = np.arange(10.0, 55.0, 5.0)
ABRIDGED = np.array([0.0, 1.0, *range(5, 101, 5)])
BOTH = ("male", "female")

Inputs = dict[str, np.ndarray]


def array(file: str, column: str, keys: list[str], filters: list) -> np.ndarray:
    """A column as an array by its keys."""
    table = pq.read_table(WPP / file, filters=filters).sort_by([(key, "ascending") for key in keys])
    return table[column].to_numpy().astype(float).reshape([len(table[key].unique()) for key in keys])


def published(code: int, column: str) -> np.ndarray:
    """An indicator of 2024–2100."""
    later = [("country_code", "=", code), ("year", ">=", FIRST)]
    return array("indicators_annual_all.parquet", column, ["year"], later)


def totals(code: int) -> np.ndarray:
    """Published people on 31 December of 2024–2100."""
    return 1000 * (published(code, "dec31_popM") + published(code, "dec31_popF"))


def single(iso: str) -> Inputs:
    """Inputs of one of the six by single ages: death rates `mx`, fertility as it was graduated by the oracle's maker."""
    this, code = [("iso3", "=", iso)], SIX[iso]
    fertility = np.zeros((YEARS, AGES))
    graduated = array("asfr_age1_2024_2100_six_graduated.parquet", "asfr", ["year", "age"], this)
    fertility[:, 10 : 10 + graduated.shape[1]] = graduated
    later = [("country_code", "=", code), ("year", ">=", FIRST)]
    moved = [
        array("mig_age1_2023_2100_six.parquet", column, ["year", "age"], later) for column in ("migM", "migF")
    ]
    return {
        "population": array(
            "jan1_age1_2024_2101_six_recovered.parquet", "pop", ["sex", "age"], [*this, ("year", "=", FIRST)]
        ),
        "mx": array("mx_age1_2024_2100_six_derived.parquet", "mx", ["year", "sex", "age"], this),
        "fertility": fertility,
        "sex_ratio_at_birth": published(code, "srb"),
        "migration": 1000 * np.stack(moved, axis=1),
    }


def groups_of_fertility(code: int) -> np.ndarray:
    """Children a woman has in each five-year group (year, group): shares × total fertility."""
    later = [("country_code", "=", code), ("year", ">=", FIRST)]
    shares = array("pasfr5_annual_all.parquet", "pasfr", ["year", "age"], later)
    return shares / shares.sum(axis=1, keepdims=True) * published(code, "tfr")[:, None]


def populations(given: Inputs, groups: np.ndarray) -> np.ndarray:
    """Populations with fertility graduated from groups by the women of the projection itself, in three rounds."""
    inputs = dict(given)
    survival = life_table(inputs.pop("mx"), sex=BOTH).survival()
    women = np.ones((len(groups), 45))
    for _ in range(3):
        inputs["fertility"] = np.zeros((len(groups), AGES))
        inputs["fertility"][:, 10:55] = graduate_rates(groups, women, ages=FERTILE, total=groups.sum(axis=1))
        people = project(survival=survival, **inputs).populations
        women = ((people[:-1, 1] + people[1:, 1] - inputs["migration"][:, 1]) / 2)[:, 10:55]
    return people


def any_country(iso: str, code: int) -> Inputs:
    """Inputs of any country, nothing of which is published by single years but the population at mid-year.

    1 January 2024 is the mean of mid-2023 and mid-2024, scaled to the published balance of the year. Rates and migrants
    of five-year periods (from mid-2025 on: what was before is estimated otherwise) stand for their middles, and are
    brought to the published life expectancy and net migrants of each year.
    """
    middle = [
        array(
            "pop_age1_midyear_selected_years_all.parquet",
            "population",
            ["sex", "age"],
            [("iso3", "=", iso), ("year", "=", year)],
        )
        for year in (FIRST - 1, FIRST)
    ]
    people = (middle[0] + middle[1]) / 2
    events = {column: 1000 * published(code, column)[0] for column in ("births", "deaths", "mig")}
    start = totals(code)[0] - events["births"] + events["deaths"] - events["mig"]
    return {
        "population": people * start / people.sum(),
        "mx": _mortality(code),
        "sex_ratio_at_birth": published(code, "srb"),
        "migration": _migrants(code),
    }


def _periods(
    file: str, code: int, columns: tuple[str, str], heads: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Middles of five-year periods from mid-2025 on, and values (period, sex, group)."""
    rows = pq.read_table(
        WPP / file, filters=[("country_code", "=", code), ("year", ">", FIRST + 1)]
    ).to_pylist()
    years = sorted({row["year"] for row in rows})
    found = np.zeros((len(years), 2, len(heads)))
    for row in rows:
        at = np.searchsorted(heads, int(str(row["age"]).rstrip("+").split("-")[0]))
        found[years.index(row["year"]), :, at] = [row[column] for column in columns]
    return np.array(years, dtype=float), found


def _each_year(middles: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Straight between middles and on beyond the last, level before the first."""
    at = np.arange(FIRST, FIRST + YEARS) + 0.5
    low = np.clip(np.searchsorted(middles, at) - 1, 0, len(middles) - 2)
    part = np.maximum((at - middles[low]) / (middles[low + 1] - middles[low]), 0.0)
    return values[low] + (values[low + 1] - values[low]) * part[:, None, None]


def _mortality(code: int) -> np.ndarray:
    middles, rates = _periods("mx_abridged_5yperiod_all.parquet", code, ("mxM", "mxF"), ABRIDGED)
    yearly = np.exp(_each_year(middles, np.log(rates)))
    alike = np.ones(100)  # a life table's rates: its own people hardly differ within a group
    closed = graduate_rates(yearly[..., :-1], alike, ages=ABRIDGED[:-1])
    mx = np.concatenate([closed, yearly[..., -1:]], axis=-1)
    wanted = np.stack([published(code, "e0M"), published(code, "e0F")], axis=1)
    low, high = np.full(wanted.shape, -1.0), np.full(wanted.shape, 1.0)
    for _ in range(40):
        level = (low + high) / 2
        above = life_table(mx * np.exp(level)[..., None], sex=BOTH).e0 > wanted
        low, high = np.where(above, level, low), np.where(above, high, level)
    return mx * np.exp(low)[..., None]


def _migrants(code: int) -> np.ndarray:
    heads = np.arange(0.0, 101.0, 5.0)
    middles, moved = _periods("mig_age5_5yperiod_all.parquet", code, ("migM", "migF"), heads)
    found = graduate(_each_year(middles, moved / 5), method="beers")
    size = np.abs(found).sum(axis=(1, 2))
    gap = published(code, "mig") - found.sum(axis=(1, 2))
    tilt = gap / np.where(size > 0, size, 1.0)
    return 1000 * (found + np.abs(found) * tilt[:, None, None])
