"""Life tables against DemoTools 01.14: the United Nations' tables of 1982, Mortpak's example, countries of WPP 2024."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from tallymark.population import LifeTable, life_table

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "lifetable"
FILE = FOLDER / "demotools_lifetables.csv"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="../shared/data/oracles/lifetable is not here")
COLUMNS = {"nAx": "ax", "nqx": "qx", "lx": "lx", "ndx": "dx", "nLx": "Lx", "Tx": "Tx", "ex": "ex"}
RULES = {"ak": "andreev-kingkade", "cd": "coale-demeny"}


def _tables() -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    if FILE.is_file():
        with FILE.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                found[row["id"]].append(row)
    return found


def _column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] not in ("NA", "") else np.nan for row in rows])


def _made(name: str, rows: list[dict[str, str]], **changes: object) -> LifeTable:
    ages, parts = _column(rows, "Age"), name.split("_")
    older = "mortpak" if not name.startswith("WPP") else "greville"
    chosen = {
        "sex": "male" if {"m", "M"} & set(parts) else "female",
        "a0": RULES[parts[-1]],
        "ax": older if "un" in parts else "midpoint",
        "closing": "kannisto" if ages[-1] >= 90 else "makeham",
        **changes,
    }
    return life_table(_column(rows, "nMx"), ages=ages, radix=100_000, **chosen)


@pytest.mark.parametrize("name", _tables())
def test_every_column(name: str) -> None:
    """Exact up to the ages that the fitted law touches; the law itself as near as the peer's optimiser comes."""
    rows = _tables()[name]
    table = _made(name, rows)
    exact = len(rows) - 2
    for theirs, ours in COLUMNS.items():
        got, expected = getattr(table, ours), _column(rows, theirs)
        np.testing.assert_allclose(got, expected, rtol=1e-3, err_msg=theirs)
        if ours not in ("Tx", "ex"):
            np.testing.assert_allclose(got[:exact], expected[:exact], rtol=1e-11, err_msg=theirs)
    assert abs(table.e0 - _column(rows, "ex")[0]) < 0.02


@pytest.mark.parametrize("name", _tables())
def test_years_above_the_open_group_taken_from_the_peer_make_all_exact(name: str) -> None:
    rows = _tables()[name]
    table = _made(name, rows, ax=_column(rows, "nAx"), closing="open")
    for theirs, ours in COLUMNS.items():
        np.testing.assert_allclose(getattr(table, ours), _column(rows, theirs), rtol=1e-11, err_msg=theirs)
    if "single" in name:
        np.testing.assert_allclose(table.survival(), _column(rows, "Sx"), rtol=1e-11)


def _published(test: str) -> dict[str, np.ndarray]:
    """Variables of a published example (PAS 1994, UN 1982 page 34, Mortpak 1988 page 82)."""
    found = defaultdict(list)
    with (FOLDER.parent / "demotools" / "lifetable_published_long.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if test in row["test"]:
                found[row["var"]].append(float(row["value"]) if row["value"] not in ("", "NA") else np.nan)
    return {name: np.array(values) for name, values in found.items()}


@pytest.mark.parametrize(
    ("test", "ages", "chosen", "printed", "within"),
    [
        ("PAS", 19, {"a0": "coale-demeny", "ax": "midpoint", "sex": "male"}, "excheck", 0.011),
        ("UN 1982", 14, {"a0": "coale-demeny", "ax": "greville", "sex": "male", "closing": "makeham"}, "excheckUN", 0.045),
        ("Mortpak", 15, {"a0": "coale-demeny", "ax": "mortpak", "sex": "female", "closing": "kannisto"}, "MPexcheck", 0.03),
    ],
)  # fmt: skip
def test_life_expectancies_as_they_were_printed(
    test: str, ages: int, chosen: dict, printed: str, within: float
) -> None:
    given = _published(test)
    mx = given.get("Mx", given.get("MPnMx"))
    if mx is None:
        mx = given["Deaths"] / given["Exposures"]
    got = life_table(mx, ages=given["Age"], **chosen).ex
    first = 1 if test == "PAS" else 0  # its infant mortality comes from elsewhere than its deaths
    assert np.abs(got[first:ages] - given[printed][first:ages]).max() < within
