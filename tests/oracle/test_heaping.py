"""Digit preference against DemoTools on three populations by single year of age."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tallymark.statistics import (
    bachi,
    coale_li,
    jdanov,
    kannisto,
    myers,
    noumbissi,
    sawtooth,
    spoorenberg,
    whipple,
)

ORACLES = Path(__file__).parents[3] / "shared" / "data" / "oracles"
pytestmark = pytest.mark.skipif(
    not (ORACLES / "demotools").is_dir(), reason="../shared/data/oracles/demotools is not here"
)
METHOD = {"orig": "original", "pasex": "pasex"}
INDEX = {
    "whipple": lambda p, a: whipple(p, digits=[int(one) for one in a["digit"].split("|")], **_ages(a)),
    "myers": lambda p, a: myers(p, method=METHOD[a["method"]], **_ages(a)),
    "bachi": lambda p, a: bachi(p, method=METHOD[a["method"]], **_ages(a)),
    "noumbissi": lambda p, a: noumbissi(p, digit=int(a["digit"])),
    "spoorenberg": lambda p, a: spoorenberg(p, **_ages(a)),
    "coale_li": lambda p, a: coale_li(p, terms=int(a["terms"]), digit=int(a["digit"]), **_ages(a)),
    "kannisto": lambda p, a: kannisto(p, age=int(a["Agei"])),
    "jdanov": lambda p, a: jdanov(p, heaps=[int(a["Agei"])]),
    "sawtooth": lambda p, a: sawtooth(p, **_ages(a)),
}


def _ages(arguments: dict[str, str]) -> dict[str, int]:
    return {"first": int(arguments["ageMin"]), "last": int(arguments["ageMax"])}


def _rows(name: str) -> list[dict[str, str]]:
    with (ORACLES / "demotools" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _population(name: str) -> np.ndarray:
    return np.array([float(row["Value"]) for row in _rows(f"peer_pop_{name}.csv")])


def test_every_index_of_every_population() -> None:
    people = {name: _population(name) for name in ("pasex", "ind", "rus2002")}
    seen = 0
    for row in _rows("peer_indices.csv"):
        if row["pop"] in people and row["fn"] in INDEX:
            arguments = dict(part.split("=") for part in row["arg"].split(","))
            found = INDEX[row["fn"]](people[row["pop"]], arguments)
            assert found == pytest.approx(float(row["value"]), rel=1e-12), row
            seen += 1
    assert seen == 3 * (13 + 6 + 4 + 10 + 2 + 1 + 1 + 1 + 1)


def test_own_age_ranges() -> None:
    oracle = json.loads((ORACLES / "lifetable" / "demotools_heaping.json").read_text())
    people = np.array(oracle["input_pop1m_ind"])
    ages = oracle["age"]
    found = {
        "whipple_0_5_25_60": whipple(people, ages),
        "whipple_0": whipple(people, ages, first=25, last=65, digits=[0]),
        "myers_20_90": myers(people, ages, first=20, last=90),
        "bachi_20_80": bachi(people, ages, first=20, last=80),
        "noumbissi_0": noumbissi(people, ages, first=25, last=65),
        "spoorenberg": spoorenberg(people, ages),
        "coale_li": coale_li(people, ages, first=60, last=89),
    }
    for name, value in found.items():
        assert value == pytest.approx(oracle[name], rel=1e-12), name


def test_the_published_test_cases() -> None:
    """The package's own tests: 2.34 for the PASEX males, and an even population with a gap before the open age."""
    inputs = [row for row in _rows("inputs_long.csv") if row["id"] == "test-AGEHEAP.R#001"]
    males = [float(row["value"]) for row in inputs if row["var"] == "pop1m_pasex"]
    assert whipple(males, np.arange(100), first=25, last=60) == pytest.approx(2.34, rel=0.01)
    even, ages = np.full(92, 10.0), [*range(91), 100]
    assert whipple(even, ages, first=25, last=65) == 1
    assert myers(even, ages, first=25, last=65) == pytest.approx(0, abs=1e-12)
    assert bachi(even, ages, first=25, last=65) == pytest.approx(0, abs=1e-12)
    assert coale_li(even, ages, first=60, last=89) == pytest.approx(1)
    assert noumbissi(even, ages, first=25, last=65) == 1
    assert spoorenberg(even, ages, first=25, last=65) == pytest.approx(0, abs=1e-12)
