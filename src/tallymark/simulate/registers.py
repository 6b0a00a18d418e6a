"""Registers of one month: a row an event, drawn from the world, with what each row counts towards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.model.periods import month_code, month_start
from tallymark.simulate.world import Positions, World

Array = NDArray[Any]
DAYS = np.dtype("datetime64[D]")
NOTICE_LATE_HOURS = 60.0
AS_OF_DAYS = 31
"""Complaints are reported as they stand so many days after the year's end."""
ASKED_MONTH = 4
"""The household survey is in the field in April."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A register's rows in a month. tallies: measure → what each row adds to it."""

    table: pa.Table
    unit: Positions
    tallies: Mapping[str, Array]

    def counts(self, units: int) -> dict[str, Array]:
        """Every measure added up by unit; NaN where there are rows and none says anything (weights all NaN)."""
        rows = np.bincount(self.unit, minlength=units)
        found: dict[str, Array] = {}
        for name, weights in self.tallies.items():
            known = weights.astype(np.float64)
            says = ~np.isnan(known)
            sums = np.bincount(self.unit[says], weights=known[says], minlength=units)
            silent = (rows > 0) & (np.bincount(self.unit[says], minlength=units) == 0)
            found[name] = np.where(silent, np.nan, sums)
        return found


def births(world: World, at: int) -> Rows:
    """The birth register of the month at position `at`."""
    rng = world.rng("births", int(world.months[at]))
    cell, unit, day = _events(world, rng, ("births",), at)[:3]
    chance = _Chances(world, rng, cell, at)
    amounts = world.rates.amounts
    n = len(cell)
    male, hospital, clinic = chance("boy"), chance("hospital"), chance("clinic_else")
    place = np.where(hospital, 0, np.where(clinic, 1, 2))
    skill = [amounts[f"skilled_{where}"] for where in ("hospital", "clinic", "elsewhere")]
    skilled = rng.random(n) < np.array(skill)[place]
    weighed = chance("weighed")
    weight = _weights(rng, n, amounts)
    soon = chance("notified_24h")
    late_hours = np.minimum(25 + rng.exponential(NOTICE_LATE_HOURS, n), 8000)
    notice = np.where(soon, rng.integers(1, 25, n), late_hours).astype(np.int32)
    booklet, contacts = chance("booklet"), _contacts(rng, chance("contacts_5"))
    week, ever = chance("home_7d"), chance("home_ever")
    visit = np.minimum(np.where(week, rng.integers(0, 8, n), 7 + rng.geometric(0.12, n)), 180).astype(
        np.int32
    )
    hearing = chance("hearing")
    table = _table(
        world, "B", at, unit,
        born_on=day,
        sex=_words(male.astype(np.int64), ("female", "male")),
        place=_words(place, ("hospital", "town_clinic", "other")),
        skilled=skilled,
        weight_g=pa.array(weight, mask=~weighed),
        notice_hours=notice,
        contacts=pa.array(contacts, mask=~booklet),
        home_visit_days=pa.array(visit, mask=~(week | ever)),
        hearing_screened=hearing,
    ).rename_columns({"id": "birth_id"})  # fmt: skip
    return Rows(table, unit, {
        "births": np.ones(n), "boys": male, "girls": ~male, "born_skilled": skilled, "notified_24h": soon,
        "contacts_known": booklet, "contacts_5": booklet & (contacts >= 5),
        "contacts_total": np.where(booklet, contacts, np.nan), "home_visited_7d": week,
        "hearing_screened": hearing, "weighed": weighed, "low_weight": weighed & (weight < 2500),
    })  # fmt: skip


def _weights(rng: np.random.Generator, count: int, amounts: Mapping[str, float]) -> Array:
    grams = rng.normal(amounts["birth_weight_mean"], amounts["birth_weight_sd"], count)
    return np.clip(grams, 500, 6000).astype(np.int32)


def _contacts(rng: np.random.Generator, five: NDArray[np.bool_]) -> Array:
    """Antenatal contacts: five to twelve, or fewer than five."""
    count = len(five)
    return np.where(five, 5 + rng.binomial(7, 0.25, count), rng.integers(0, 5, count)).astype(np.int32)


VISITS = ("antenatal", "postnatal", "newborn", "child", "older_person")


def visits(world: World, at: int) -> Rows:
    """Visits of the month."""
    rng = world.rng("visits", int(world.months[at]))
    cell, unit, day, kind = _events(world, rng, tuple(f"{name}_visits" for name in VISITS), at)
    chance = _Chances(world, rng, cell, at)
    soon, consent = chance("visit_7d"), chance("consent")
    wait = np.where(soon, rng.integers(0, 8, len(cell)), 7 + rng.geometric(0.15, len(cell))).astype(np.int32)
    table = _table(
        world,
        "A",
        at,
        unit,
        visited_on=day,
        kind=_words(kind, VISITS),
        wait_days=np.minimum(wait, 120),
        consent=consent,
    ).rename_columns({"id": "visit_id"})
    tallies = {"visits": np.ones(len(cell)), "visits_in_time": soon, "visits_consent": consent}
    return Rows(table, unit, tallies)


CHECKS = ("rti", "cervical", "newborn")


def screenings(world: World, at: int) -> Rows:
    """Voluntary health checks of the month."""
    rng = world.rng("screenings", int(world.months[at]))
    cell, unit, day, kind = _events(world, rng, tuple(f"{name}_checks" for name in CHECKS), at)
    chance = _Chances(world, rng, cell, at)
    n = len(cell)
    odds = np.stack([world.chance[f"{name}_positive"][:, at] for name in CHECKS])
    drawn = rng.random(n)
    positive = drawn < odds[kind, cell]
    result = np.where(positive, 1, np.where(drawn > 0.985, 2, 0))
    told, followed = chance("told_10d"), chance("followed_up")
    days = np.where(told, rng.integers(1, 11, n), 10 + rng.geometric(0.1, n)).astype(np.int32)
    table = _table(
        world, "C", at, unit,
        checked_on=day,
        kind=_words(kind, CHECKS),
        result=_words(result, ("clear", "positive", "unclear")),
        result_days=np.minimum(days, 150),
        followed_up=pa.array(followed, mask=~positive),
    ).rename_columns({"id": "screening_id"})  # fmt: skip
    return Rows(table, unit, {
        "checks": np.ones(n), "checks_told": told, "rti_checks": kind == 0, "cervical_checks": kind == 1,
        "positives": positive, "positives_followed": positive & followed,
    })  # fmt: skip


SUBJECTS = ("waiting", "fees", "conduct", "information", "benefit")
OUTCOMES = ("upheld", "partly", "not_upheld")


def complaints(world: World, at: int) -> Rows:
    """Complaints opened in the month, as they will stand when every one is closed."""
    rng = world.rng("complaints", int(world.months[at]))
    cell, unit, day, _ = _events(world, rng, ("complaints",), at)
    chance = _Chances(world, rng, cell, at)
    n = len(cell)
    soon = chance("closed_15d")
    days = np.where(soon, rng.integers(1, 16, n), 15 + rng.geometric(0.05, n))
    subject = rng.choice(5, n, p=(0.34, 0.08, 0.12, 0.22, 0.24))
    outcome = rng.choice(3, n, p=(0.18, 0.14, 0.68))
    closed = day + days.astype("timedelta64[D]")
    table = _table(
        world, "G", at, unit,
        opened_on=day, closed_on=closed, subject=_words(subject, SUBJECTS), outcome=_words(outcome, OUTCOMES),
    ).rename_columns({"id": "complaint_id"})  # fmt: skip
    conduct = (subject == 1) | (subject == 2)
    decided = closed <= np.datetime64(world.last_day, "D") + AS_OF_DAYS
    return Rows(table, unit, {
        "complaints": np.ones(n), "complaints_closed_15d": soon, "complaints_upheld": conduct & (outcome < 2) & decided,
    })  # fmt: skip


AGES = ("15-29", "30-44", "45-59", "60+")


def survey(world: World, at: int) -> Rows:
    """Answers of the household survey, in the month in which it is in the field; none in others."""
    month = int(world.months[at])
    rng = world.rng("survey", month)
    each = int(world.rates.amounts["answers_per_village"]) if month % 12 + 1 == ASKED_MONTH else 0
    cell = np.repeat(np.arange(len(world.cells)), each)
    unit, day = world.standing(month)[cell], _days_of(rng, month, len(cell))
    chance = _Chances(world, rng, cell, at)
    n = len(cell)
    pleased, respected, charged = chance("satisfied"), chance("respected"), chance("charged")
    mark = np.where(
        pleased, 4 + (rng.random(n) < 0.45), rng.choice((1, 2, 3), n, p=(0.1, 0.25, 0.65))
    ).astype(np.int32)
    right = rng.binomial(10, world.chance["knows"][cell, at]).astype(np.int32)
    table = _table(
        world, "F", at, unit,
        asked_on=day,
        sex=_words((rng.random(n) < 0.47).astype(np.int64), ("female", "male")),
        age_group=_words(rng.choice(4, n, p=(0.17, 0.27, 0.29, 0.27)), AGES),
        satisfaction=mark, right_answers=right, charged=charged, treated_with_respect=respected,
    ).rename_columns({"id": "answer_id"})  # fmt: skip
    return Rows(table, unit, {
        "answers": np.ones(n), "satisfied": pleased, "respected": respected, "uncharged": ~charged, "charged": charged,
        "right_answers": right,
    })  # fmt: skip


COURSES = ("counselling", "newborn_care", "registers", "rights")


def training(world: World, at: int) -> Rows:
    """Course attendances of the month: a post attends at most one course a month."""
    month = int(world.months[at])
    rng = world.rng("training", month)
    cell = np.repeat(np.arange(len(world.cells)), world.posts)
    number = np.arange(len(cell)) - np.repeat(np.cumsum(world.posts) - world.posts, world.posts) + 1
    goes = rng.random(len(cell)) < world.chance["trained"][cell, at]
    cell, number = cell[goes], number[goes]
    unit = world.standing(month)[cell]
    passed = rng.random(len(cell)) < world.chance["passed"][cell, at]
    post = pc.binary_join_element_wise(
        pa.array(world.units).take(pa.array(world.cells[cell])), pa.array(number).cast(pa.string()), "-P"
    )
    table = _table(
        world, "K", at, unit,
        held_on=_days_of(rng, month, len(cell)),
        post=post, course=_words(rng.integers(0, 4, len(cell)), COURSES), passed=passed,
    ).rename_columns({"id": "attendance_id"})  # fmt: skip
    ones = np.ones(len(cell))
    return Rows(table, unit, {"attendances": ones, "trained_posts": ones, "attendances_passed": passed})


REGISTERS: dict[str, Callable[[World, int], Rows]] = {
    "births": births, "visits": visits, "screenings": screenings,
    "complaints": complaints, "survey": survey, "training": training,
}  # fmt: skip


class _Chances:
    """Draws yes or no for every event with its village's probability."""

    def __init__(self, world: World, rng: np.random.Generator, cell: Positions, at: int) -> None:
        self.world, self.rng, self.cell, self.at = world, rng, cell, at

    def __call__(self, name: str) -> NDArray[np.bool_]:
        return np.asarray(self.rng.random(len(self.cell)) < self.world.chance[name][self.cell, self.at])


def _events(
    world: World, rng: np.random.Generator, names: tuple[str, ...], at: int
) -> tuple[Positions, Positions, Array, Positions]:
    """Cell, standing unit, day and kind of every event of the month, in order of day."""
    month = int(world.months[at])
    counts = rng.poisson(np.stack([world.expected[name][:, at] for name in names]))
    kind, cell = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), counts.shape[1])
    day = _days_of(rng, month, len(cell))
    order = np.argsort(day, kind="stable")
    cell = cell[order]
    return cell, world.standing(month)[cell], day[order], kind[order]


def _days_of(rng: np.random.Generator, month: int, count: int) -> Array:
    first = np.datetime64(month_start(month), "D")
    length = int((np.datetime64(month_start(month + 1), "D") - first).astype(int))
    return np.asarray(first + rng.integers(0, length, count).astype("timedelta64[D]"))


def _words(index: Array, words: tuple[str, ...]) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(index))


def _table(world: World, letter: str, at: int, unit: Positions, **columns: Any) -> pa.Table:
    """The register's columns with a number for every row: letter, month, position."""
    prefix = letter + month_code(int(world.months[at])).replace("-", "") + "-"
    number = pc.binary_join_element_wise(prefix, pa.array(np.arange(1, len(unit) + 1)).cast(pa.string()), "")
    codes = pa.array(world.units, pa.string()).take(pa.array(unit))
    return pa.table({"id": number, "unit": codes, **columns})
