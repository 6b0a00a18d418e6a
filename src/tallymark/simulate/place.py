"""The simulated place: units with bilingual names, sizes and dated changes, the same for every seed."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from tallymark.model.text import Text

Counts = NDArray[np.int64]
PLACE = Path(__file__).with_name("place.yaml")
UNIT_COLUMNS = (
    "unit", "name_en", "name_zh", "parent", "level", "opened", "closed", "size_class", "remote", "terrain",
)  # fmt: skip
CHANGE_COLUMNS = ("date", "kind", "of", "to", "weight", "parent", "reason")
FEWEST_FOR_CHANGES = 300


@dataclass(frozen=True, slots=True)
class Town:
    code: str
    name: Text
    terrain: str
    remote: str


@dataclass(frozen=True, slots=True)
class Change:
    """villages: positions of those that change; to: position of the successor, or of the new town."""

    date: dt.date
    kind: str
    villages: tuple[int, ...]
    to: int


@dataclass(frozen=True, slots=True)
class Place:
    """Towns and villages as arrays; the last `merged` villages succeed others and open later."""

    levels: tuple[str, ...]
    top_code: str
    top_name: Text
    first_day: dt.date
    towns: tuple[Town, ...]
    codes: tuple[str, ...]
    names: tuple[Text, ...]
    town_of: Counts
    population: Counts
    households: Counts
    opened: tuple[dt.date | None, ...]
    closed: tuple[dt.date | None, ...]
    changes: tuple[Change, ...]
    size_class: tuple[str, ...]

    def cells(self) -> Counts:
        """Positions of the villages that people were first counted in (successors left out)."""
        return np.array([i for i, day in enumerate(self.opened) if day is None], dtype=np.int64)

    def standing(self, month: int) -> Counts:
        """For every village its standing unit in the integer month: itself, or what it was merged into."""
        standing = np.arange(len(self.codes))
        for change in self.changes:
            if change.kind == "merge" and month >= change.date.year * 12 + change.date.month - 1:
                standing[list(change.villages)] = change.to
        return standing

    def towns_in(self, month: int) -> Counts:
        """The town of every village in the integer month."""
        towns = self.town_of.copy()
        for change in self.changes:
            if change.kind == "move" and month >= change.date.year * 12 + change.date.month - 1:
                towns[list(change.villages)] = change.to
        return towns


def make_place(towns: int = 14, villages: int = 350) -> Place:
    """The place with that many towns and villages; populations fall with distance from the first town."""
    declared = yaml.safe_load(PLACE.read_text(encoding="utf-8"))
    rng = np.random.default_rng(declared["seed"])
    patterns = [declared["towns"][i % len(declared["towns"])] for i in range(towns)]
    made = tuple(_town(i, towns, len(declared["towns"]), pattern) for i, pattern in enumerate(patterns))
    town_of = np.repeat(np.arange(towns), _shares(np.array([p["weight"] for p in patterns]), villages))
    spread = declared["village_spread"]
    size = np.array([p["size"] for p in patterns])[town_of]
    people = declared["mean_village_population"] * size * rng.lognormal(-(spread**2) / 2, spread, villages)
    population = np.maximum(60, np.rint(people)).astype(np.int64)
    changes = _changes(declared["changes"], town_of) if villages >= FEWEST_FOR_CHANGES and towns >= 14 else ()
    names = _names(declared, villages + 8, rng)
    return _with_successors(
        declared, made, town_of=town_of, population=population, changes=changes, names=names
    )


def _town(position: int, towns: int, patterns: int, pattern: Mapping[str, Any]) -> Town:
    again = position // patterns
    mark = f" {again + 1}" if again else ""
    code = f"T{position + 1:0{max(2, len(str(towns)))}d}"
    return Town(
        code, Text(pattern["en"] + mark, pattern["zh"] + mark.strip()), pattern["terrain"], pattern["remote"]
    )


def _shares(weights: NDArray[np.float64], total: int) -> Counts:
    """Whole numbers in proportion to the weights that add to the total, at least one each."""
    exact = weights / weights.sum() * (total - len(weights))
    whole = np.floor(exact).astype(np.int64)
    most = np.argsort(whole - exact, kind="stable")[: total - len(weights) - whole.sum()]
    whole[most] += 1
    shares: Counts = whole + 1
    return shares


def _names(declared: Mapping[str, Any], count: int, rng: np.random.Generator) -> tuple[Text, ...]:
    firsts, lasts = declared["firsts"], declared["lasts"]
    pairs = [
        Text(first + last, zh + end + "村") for zh, first in firsts.items() for end, last in lasts.items()
    ]
    names = [pairs[i] for i in rng.permutation(len(pairs))[:count]]
    for position in range(len(names), count):
        name = pairs[position % len(pairs)]
        group = position // len(pairs) + 1
        names.append(Text(f"{name.en} {group}", f"{name.zh[:-1]}{group}村"))
    return tuple(names)


def _changes(declared: list[dict[str, Any]], town_of: Counts) -> tuple[Change, ...]:
    made, successor = [], len(town_of)
    for change in declared:
        there = np.flatnonzero(town_of == change["town"])
        villages = tuple(int(there[i]) for i in change["villages"])
        if change["kind"] == "merge":
            made.append(Change(change["date"], "merge", villages, successor))
            successor += 1
        else:
            made.append(Change(change["date"], "move", villages, int(change["to_town"])))
    return tuple(made)


def _with_successors(
    declared: Mapping[str, Any], towns: tuple[Town, ...], *, town_of: Counts, population: Counts,
    changes: tuple[Change, ...], names: tuple[Text, ...],
) -> Place:  # fmt: skip
    merges = [change for change in changes if change.kind == "merge"]
    count = len(town_of) + len(merges)
    opened: list[dt.date | None] = [None] * count
    closed: list[dt.date | None] = [None] * count
    for merge in merges:
        opened[merge.to] = merge.date
        for village in merge.villages:
            closed[village] = merge.date
    people = np.append(population, [population[list(merge.villages)].sum() for merge in merges]).astype(
        np.int64
    )
    homes = np.append(town_of, [town_of[merge.villages[0]] for merge in merges]).astype(np.int64)
    residents = np.bincount(town_of, weights=population, minlength=len(towns))
    width = max(3, len(str(count)))
    return Place(
        levels=tuple(declared["levels"]),
        top_code=declared["top"]["code"],
        top_name=Text(declared["top"]["en"], declared["top"]["zh"]),
        first_day=declared["first_day"],
        towns=towns,
        codes=tuple(f"V{i + 1:0{width}d}" for i in range(count)),
        names=names[:count],
        town_of=homes,
        population=people,
        households=np.rint(people / declared["persons_per_household"]).astype(np.int64),
        opened=tuple(opened),
        closed=tuple(closed),
        changes=changes,
        size_class=tuple(_size_class(declared["size_classes"], float(n)) for n in residents),
    )


def _size_class(classes: Mapping[str, float], residents: float) -> str:
    return next(name for name, bound in classes.items() if residents >= bound)


def write_units(place: Place, out: Path) -> None:
    """Write `units.csv` and `changes.csv` as a programme folder declares them."""
    top, middle, lowest = place.levels
    first = place.first_day.isoformat()
    rows: list[tuple[str, ...]] = [
        (place.top_code, place.top_name.en, place.top_name.zh, "", top, first, "", "", "", "")
    ]
    for town, size in zip(place.towns, place.size_class, strict=True):
        rows.append(
            (
                town.code,
                town.name.en,
                town.name.zh,
                place.top_code,
                middle,
                first,
                "",
                size,
                town.remote,
                town.terrain,
            )
        )
    for i, (code, name) in enumerate(zip(place.codes, place.names, strict=True)):
        opened, closed, town = place.opened[i], place.closed[i], place.towns[place.town_of[i]]
        dates = (opened.isoformat() if opened else first, closed.isoformat() if closed else "")
        rows.append((code, name.en, name.zh, town.code, lowest, *dates, "", town.remote, town.terrain))
    _write_csv(out / "units.csv", UNIT_COLUMNS, rows)
    _write_csv(out / "changes.csv", CHANGE_COLUMNS, _change_rows(place))


def _change_rows(place: Place) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for change in place.changes:
        for village in change.villages:
            to = place.codes[change.to] if change.kind == "merge" else ""
            parent = place.towns[change.to].code if change.kind == "move" else ""
            weight = "1" if to else ""
            reason = (
                "Villages merged by decision of their residents" if to else "Boundary between towns redrawn"
            )
            rows.append(
                (change.date.isoformat(), change.kind, place.codes[village], to, weight, parent, reason)
            )
    return rows


def _write_csv(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
