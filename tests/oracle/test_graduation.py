"""Single years out of groups, and groups gathered and rescaled, against DemoTools 01.14."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from tallymark.population import graduate, group_ages, rescale_groups

ORACLES = Path(__file__).parents[3] / "shared" / "data" / "oracles"
pytestmark = pytest.mark.skipif(not ORACLES.is_dir(), reason="../shared/data/oracles is not here")
COLUMNS = {
    "uniform": "uniform",
    "sprague": "sprague",
    "beers_ord": "beers",
    "beers_mod": "beers-modified",
    "grabill": "grabill",
    "mono": "monotone",
}


def india() -> np.ndarray:
    """Men of India's census of 1991, by single years."""
    text = (ORACLES / "lifetable" / "demotools_heaping.json").read_text(encoding="utf-8")
    return np.array(json.loads(text)["input_pop1m_ind"], dtype=float)


def demotools(kind: str, name: str) -> dict[str, list[float]]:
    """Inputs by variable (kind `inputs`) or what is expected (kind `expected`) of a test of DemoTools."""
    found = defaultdict(list)
    with (ORACLES / "demotools" / f"{kind}_long.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["id"] == name:
                text = row.get("value", row.get("expected"))
                found[row.get("var", "expected")].append(float(text) if text not in ("", "NA") else np.nan)
    return found


@pytest.mark.parametrize("column", COLUMNS)
def test_five_year_groups_of_india(column: str) -> None:
    with (ORACLES / "lifetable" / "demotools_graduation_india1991_male.csv").open(encoding="utf-8") as file:
        expected = np.array([float(row[column]) for row in csv.DictReader(file)])
    groups, ages = group_ages(india())
    np.testing.assert_allclose(graduate(groups, ages=ages, method=COLUMNS[column]), expected, rtol=1e-10)


def test_infants_kept() -> None:
    """Johnson's spreadsheet BEERSP, to whole numbers."""
    groups = [184499, 567625, 582662, 463534, 369976, 286946, 235867, 199561, 172133, 151194]
    groups += [131502, 113439, 95614, 78777, 60157, 40960, 21318, 25451]
    got = graduate(groups, ages=[0, 1, *range(5, 85, 5)], method="beers-infants")
    np.testing.assert_allclose(got[:13], demotools("inputs", "test-graduate.R#004")["output"], atol=1)


@pytest.mark.parametrize("test", range(10, 16))
def test_groups(test: int) -> None:
    name = f"test-utilsage.R#0{test}"
    expected = demotools("expected", name)["expected"]
    shift = test - 10
    if test == 15:
        got, ages = group_ages(demotools("inputs", name)["pop1m_ind"], open_age=80)
        assert ages[-1] == 80
        np.testing.assert_array_equal(got[-3:], expected)
        return
    people = np.array(demotools("inputs", name)["pop1m_ind"])
    # DemoTools shifts the starts of groups down; its first group is what is left of one
    shifted = np.concatenate([np.zeros(shift), people])
    np.testing.assert_array_equal(group_ages(shifted, open_age=100)[0][:3], expected)


def test_rescaled_within_groups() -> None:
    values, totals = np.arange(1.0, 11), [30.0, 80.0]
    got = rescale_groups(values, totals, group_ages=[0, 5])
    np.testing.assert_allclose(np.add.reduceat(got, [0, 5]), totals)
    np.testing.assert_allclose(got[1] / got[0], 2)
