"""Age-sex accuracy against DemoTools (United Nations 1952, 1955) and its published tests."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import (
    age_ratio_score,
    dissimilarity,
    relative_difference,
    sex_ratio_score,
    un_age_sex_accuracy,
)

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "oracles" / "demotools"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/oracles/demotools is not here")
METHOD = {"UN": "un", "Zelnick": "zelnik", "Ramachandran": "ramachandran", "das gupta": "das-gupta"}


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sexes() -> tuple[np.ndarray, np.ndarray]:
    rows = _rows("peer_agesex_input.csv")
    return tuple(np.array([float(row[sex]) for row in rows]) for sex in ("Males", "Females"))


def test_accuracy_by_every_method(sexes: tuple[np.ndarray, np.ndarray]) -> None:
    cases = [row for row in _rows("peer_indices.csv") if row["fn"] == "ageSexAccuracy"]
    assert len(cases) == 18
    for row in cases:
        method, *rest = row["arg"].removeprefix("method=").split(",")
        divisor = float(rest[-1].split()[-1]) if row["pop"] == "agesex/small" else 1.0
        found = un_age_sex_accuracy(
            sexes[0] / divisor, sexes[1] / divisor, method=METHOD[method], adjust="adjust=TRUE" in rest, open_ended="OAG=FALSE" not in rest
        )  # fmt: skip
        assert found == pytest.approx(float(row["value"]), rel=1e-12), row


def test_scores(sexes: tuple[np.ndarray, np.ndarray]) -> None:
    expected = {row["fn"]: float(row["value"]) for row in _rows("peer_indices.csv") if row["pop"] == "agesex"}
    assert sex_ratio_score(*sexes) == pytest.approx(expected["sexRatioScore"], rel=1e-12)
    assert age_ratio_score(sexes[0]) == pytest.approx(expected["ageRatioScore_M"], rel=1e-12)
    assert age_ratio_score(sexes[1]) == pytest.approx(expected["ageRatioScore_F"], rel=1e-12)


@pytest.mark.parametrize("name", ["pasex", "ind", "rus2002"])
def test_age_ratios_of_five_year_groups(name: str) -> None:
    people = np.array([float(row["Value"]) for row in _rows(f"peer_pop_{name}.csv")])
    groups = np.add.reduceat(people, np.arange(0, len(people), 5))
    for row in _rows("peer_indices.csv"):
        if row["pop"] == name and row["fn"] == "ageRatioScore":
            found = age_ratio_score(groups, method=METHOD[row["arg"].removesuffix(",5y")])
            assert found == pytest.approx(float(row["value"]), rel=1e-12), row


def test_published_differences_of_two_populations() -> None:
    long = [row for row in _rows("inputs_long.csv") if row["id"] == "test-IRDID.R#001"]
    one, other = ([float(row["value"]) for row in long if row["var"] == name] for name in ("pop1", "pop2"))
    expected = {
        row["id"]: float(row["demotools_actual"])
        for row in _rows("expected_long.csv")
        if row["id"].startswith("test-IRDID")
    }
    assert dissimilarity(one, other) == pytest.approx(expected["test-IRDID.R#001"], rel=1e-12)
    assert relative_difference(one, other) == pytest.approx(expected["test-IRDID.R#002"], rel=1e-12)
    assert relative_difference(np.multiply(one, 7), other) == pytest.approx(expected["test-IRDID.R#004"])
    assert dissimilarity(one, one) == relative_difference(one, one) == 0
