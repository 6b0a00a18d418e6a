"""The people of the simulated place by town, sex and age at its last day, as a projection to run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tallymark.simulate.world import World

DECLARED = Path(__file__).with_name("census.yaml")
SCENARIO = "county.yaml"
YOUNG, OLD = 4, 13
"""Places of the age groups 20–24 and 65–69."""


def write_projection(world: World, folder: Path) -> Path:
    """Writes the scenario and its tables (census, mortality, fertility, migration); the scenario's path."""
    said = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    towns = world.place.towns
    at = world.town_of_cells(int(world.months[-1]))
    people = np.bincount(at, weights=world.residents[:, -1], minlength=len(towns))
    census = {
        town.code: _by_age(said, float(count), remote=town.remote == "yes")
        for town, count in zip(towns, people, strict=True)
    }
    _write(folder / "census.csv", ("unit", "sex", "age", "population"), _rows(said["ages"], census))
    _write(
        folder / "migration.csv",
        ("unit", "sex", "age", "migrants"),
        _rows(said["ages"], _moves(said, census, {town.code for town in towns if town.remote == "yes"})),
    )
    _write(folder / "fertility.csv", ("age", "rate"), said["fertility"].items())
    _write(
        folder / "mortality.csv",
        ("sex", "age", "rate"),
        ((sex, age, rate) for sex, rates in said["mortality"].items()
         for age, rate in zip(said["mortality_ages"], rates, strict=True)),
    )  # fmt: skip
    units = {town.code: {"en": town.name.en, "zh": town.name.zh} for town in towns}
    declared = said["projection"]
    declared["projection"] |= {"start": world.last_day, "units": units}
    scenario = folder / SCENARIO
    scenario.write_text(yaml.safe_dump(declared, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return scenario


Sexes = Mapping[str, Sequence[int]]
"""Sex → people by age group."""


def _by_age(said: Mapping[str, Any], people: float, *, remote: bool) -> Sexes:
    """A town's people by sex and age group, whole numbers."""
    shape = np.asarray(said["remote" if remote else "usual"], dtype=np.float64)
    every = people * shape / shape.sum()
    men = np.full(len(shape), 0.5)
    men[:YOUNG], men[OLD:] = said["boys"], said["men_old"]
    return {
        "male": np.rint(every * men).astype(int).tolist(),
        "female": np.rint(every * (1 - men)).astype(int).tolist(),
    }


def _moves(said: Mapping[str, Any], census: Mapping[str, Sexes], remote: set[str]) -> dict[str, Sexes]:
    """Net migrants a year: young adults leave remote towns, half of them for the county's other towns."""
    rates = np.array([said["leaving"].get(age, 0.0) for age in said["ages"]])
    found: dict[str, Sexes] = {}
    for sex in ("male", "female"):
        gone = {code: np.rint(rates * np.asarray(census[code][sex])) for code in sorted(remote)}
        come = sum(gone.values(), np.zeros(len(rates))) / 2
        there = {
            code: np.asarray(sexes[sex], dtype=np.float64)
            for code, sexes in census.items()
            if code not in remote
        }
        whole = np.maximum(sum(there.values(), np.zeros(len(rates))), 1.0)
        for code in census:
            moves = -gone[code] if code in remote else np.rint(come * there[code] / whole)
            found[code] = {**found.get(code, {}), sex: moves.astype(int).tolist()}
    return found


def _rows(ages: Sequence[str], tables: Mapping[str, Sexes]) -> Iterable[tuple[object, ...]]:
    for code, sexes in tables.items():
        for sex, values in sexes.items():
            yield from ((code, sex, age, value) for age, value in zip(ages, values, strict=True))


def _write(path: Path, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(heading)
        writer.writerows(rows)
