"""Births of a Chinese county as several offices list them, with known truth: names, twins, numbers, and dirty records.

Hospital, civil registration, household register and village each hold a birth with a stated probability and write it
down with errors: homophones and variant characters, digits off, day and month turned, a child not named yet, numbers
with a wrong place, cells left blank. Errors fall on fields independently, or sit together in bad records.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml
from numpy.typing import NDArray

Array = NDArray[np.object_]
NAMES = yaml.safe_load((Path(__file__).parent / "lists.yaml").read_text(encoding="utf-8"))
SURNAMES, GIVEN, CHILD = NAMES["surnames"], NAMES["given"], NAMES["child"]
LOOKALIKE: dict[str, str] = NAMES["lookalike"]
HELD = {"hospital": 0.92, "registry": 0.86, "household": 0.8, "village": 0.75}
"""List → share of births that it holds."""
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
FIELDS = ("mother", "mother_id", "mother_born", "child", "born", "sex", "village", "phone")
TWINS = 0.012
UNNAMED = {"hospital": 0.7, "registry": 0.0, "household": 0.0, "village": 0.35}
BLANK = 0.03
BAD = 0.2
"""Share of records that are bad where errors sit together; nearly all errors are then in them."""


@dataclass(frozen=True, slots=True)
class SimulatedLists:
    """List → its table (record, then FIELDS); `truth`: list → the number of the birth behind each record."""

    tables: Mapping[str, pa.Table]
    truth: Mapping[str, NDArray[np.int64]]
    births: int


def simulate_lists(
    births: int,
    *,
    seed: int,
    error: float = 0.1,
    clustered: bool = False,
    bad_births: bool = False,
    lists: tuple[str, ...] = ("hospital", "registry"),
    duplicates: float = 0.0,
    first: dt.date = dt.date(2025, 1, 1),
    days: int = 365,
) -> SimulatedLists:
    """Lists of the births of some days from `first` on.

    error: share of fields written wrong; clustered: they sit in a fifth of records; bad_births: in those of a fifth of
    the births, whichever list writes them down.
    """
    draw = np.random.default_rng(seed)
    true = _births(births, draw, first, days)
    everywhere = draw.random(births) < BAD if bad_births else None
    tables, truth = {}, {}
    for name in lists:
        held = np.flatnonzero(draw.random(births) < HELD[name])
        again = held[draw.random(len(held)) < duplicates]
        rows = draw.permutation(np.concatenate([held, again]))
        bad = None if not (clustered or bad_births) else _bad(rows, draw, everywhere)
        rate = np.full(len(rows), error) if bad is None else np.where(bad, *_rates(error))
        tables[name] = _written(true, rows, name, draw, rate)
        truth[name] = rows
    return SimulatedLists(tables, truth, births)


def _bad(
    rows: NDArray[np.int64], draw: np.random.Generator, everywhere: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Which records of a list are bad: each by chance, or those of bad births."""
    return draw.random(len(rows)) < BAD if everywhere is None else everywhere[rows]


def _rates(error: float) -> tuple[float, float]:
    """Share of wrong fields in bad records, and in others."""
    return min(0.9, error * 0.9 / BAD), error * 0.1 / (1 - BAD)


def _births(births: int, draw: np.random.Generator, first: dt.date, days: int) -> dict[str, Array]:
    twin = np.flatnonzero(draw.random(births - 1) < TWINS)
    mother = _names(births, draw, GIVEN)
    day = first.toordinal() + draw.integers(0, days, births)
    mother_day = day - draw.integers(18 * 365, 42 * 365, births)
    village = np.array([f"V{1 + at:03}" for at in draw.integers(0, 350, births)], object)
    numbers = _numbers(mother_day, draw)
    phone = np.array([f"1{at:010}" for at in draw.integers(3_000_000_000, 9_999_999_999, births)], object)
    child = np.array(
        [mother[at][0] + name[1:] for at, name in enumerate(_names(births, draw, CHILD))], object
    )
    born = np.array([dt.date.fromordinal(int(at)).isoformat() for at in day], object)
    mother_born = np.array([dt.date.fromordinal(int(at)).isoformat() for at in mother_day], object)
    sex = np.where(draw.random(births) < 0.512, "男", "女").astype(object)
    for column in (mother, numbers, mother_born, born, village, phone):
        column[twin + 1] = column[twin]  # the next birth has the same mother
    return dict(zip(FIELDS, (mother, numbers, mother_born, child, born, sex, village, phone), strict=True))


def _names(many: int, draw: np.random.Generator, pool: str) -> Array:
    rank = 1 / (np.arange(len(SURNAMES)) + 3.0)
    surname = draw.choice(list(SURNAMES), many, p=rank / rank.sum())
    first, second = draw.choice(list(pool), many), draw.choice(list(pool), many)
    short = draw.random(many) < 0.25
    return np.array(
        [a + b + ("" if s else c) for a, b, c, s in zip(surname, first, second, short, strict=True)], object
    )


def _numbers(days: NDArray[np.int64], draw: np.random.Generator) -> Array:
    place = draw.choice(
        ["420281", "420222", "420205", "421123", "360481"], len(days), p=[0.7, 0.1, 0.1, 0.05, 0.05]
    )
    order = draw.integers(1, 499, len(days)) * 2
    made = []
    for where, day, number in zip(place, days, order, strict=True):
        body = f"{where}{dt.date.fromordinal(int(day)):%Y%m%d}{number:03}"
        made.append(body + CHECK[sum(int(a) * w for a, w in zip(body, WEIGHTS, strict=True)) % 11])
    return np.array(made, object)


def _written(
    true: Mapping[str, Array], rows: NDArray[np.int64], name: str, draw: np.random.Generator,
    rate: NDArray[np.float64],
) -> pa.Table:  # fmt: skip
    """A list's table, errors and blanks in place. rate: each record's share of wrong fields."""
    many = len(rows)
    columns: dict[str, Array] = {}
    for field in FIELDS:
        cells = true[field][rows].copy()
        for at in np.flatnonzero(draw.random(many) < rate):
            cells[at] = DAMAGE[field](cells[at], draw)
        cells[draw.random(many) < BLANK] = None
        columns[field] = cells
    unnamed = draw.random(many) < UNNAMED[name]
    columns["child"][unnamed] = [f"{(mother or '')[:3]}之子" for mother in columns["mother"][unnamed]]
    record = pa.array([f"{name[0].upper()}{at:07}" for at in range(many)])
    return pa.table(
        {"record": record, **{field: pa.array(cells, pa.string()) for field, cells in columns.items()}}
    )


def _name_error(name: str, draw: np.random.Generator) -> str:
    """A look-alike where the name has one, else another character, a character left out, or names turned round."""
    alike = [at for at, each in enumerate(name) if each in LOOKALIKE]
    if alike and draw.random() < 0.5:
        at = alike[int(draw.integers(len(alike)))]
        return name[:at] + LOOKALIKE[name[at]] + name[at + 1 :]
    kind = draw.random()
    if kind < 0.1:
        return name[1:] + name[0]
    at = int(draw.integers(1, len(name)))
    if kind < 0.25 and len(name) > 2:
        return name[:at] + name[at + 1 :]
    if kind < 0.85:
        return name[:at] + str(draw.choice(list(GIVEN))) + name[at + 1 :]
    return str(_names(1, draw, GIVEN)[0])


def _date_error(day: str, draw: np.random.Generator) -> str:
    date, kind = dt.date.fromisoformat(day), draw.random()
    if kind < 0.35:
        return (date + dt.timedelta(days=int(draw.choice([-2, -1, 1, 2])))).isoformat()
    if kind < 0.5 and date.day <= 12:
        return date.replace(month=date.day, day=date.month).isoformat()
    if kind < 0.75:
        return (date + dt.timedelta(days=int(draw.choice([-365, -30, -10, 10, 30, 365])))).isoformat()
    return (date + dt.timedelta(days=int(draw.integers(-200, 200)))).isoformat()


def _digit_error(number: str, draw: np.random.Generator) -> str:
    at = int(draw.integers(3, len(number)))
    if draw.random() < 0.25 and at + 1 < len(number):
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if draw.random() < 0.3:
        return number[:3] + "".join(str(each) for each in draw.integers(0, 10, len(number) - 3))
    return number[:at] + str(int(draw.integers(0, 10))) + number[at + 1 :]


def _sex_error(sex: str, draw: np.random.Generator) -> str:
    return "女" if sex == "男" else "男"


def _village_error(village: str, draw: np.random.Generator) -> str:
    return f"V{1 + int(draw.integers(0, 350)):03}"


DAMAGE: dict[str, Callable[[str, np.random.Generator], str]] = {
    "mother": _name_error,
    "mother_id": _digit_error,
    "mother_born": _date_error,
    "child": _name_error,
    "born": _date_error,
    "sex": _sex_error,
    "village": _village_error,
    "phone": _digit_error,
}
