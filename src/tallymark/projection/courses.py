"""A scenario's rates: the tables' rates, moved along what the scenario declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tallymark.model.text import Text
from tallymark.population.arrays import Floats
from tallymark.programme.texts import text_of
from tallymark.projection.written import WrittenScenario

MAIN = "main"


@dataclass(frozen=True, slots=True)
class Course:
    """One scenario's rates: mortality and migration (unit, year, sex, age), fertility (unit, year, age)."""

    title: Text
    description: Text
    mortality: Floats
    fertility: Floats
    migration: Floats


def course_of(base: Course, written: WrittenScenario, name: str, years: Sequence[int]) -> Course:
    """The course of a scenario."""
    first, at = years[0] - 1, np.asarray(years)
    fertility, mortality, migration = (along(course, first, at) for course in (
        written.fertility.factor, written.mortality.factor, written.migration.factor))  # fmt: skip
    mortality = mortality * (1 - written.mortality.decline) ** np.arange(1, len(years) + 1)
    if written.fertility.total is not None:
        now = float(base.fertility[:, 0].sum(-1).mean())
        fertility = fertility * along(written.fertility.total, first, at, now) / now
    for change in written.changes:
        holds = (at >= change.start) & (at <= (change.until or at[-1]))
        fertility = np.where(holds, fertility * change.fertility, fertility)
        mortality = np.where(holds, mortality * change.mortality, mortality)
        migration = np.where(holds, migration * change.migration, migration)
    return Course(
        title=text_of(written.title, name)
        if written.title
        else base.title
        if name == MAIN
        else Text(name, name),
        description=text_of(written.description, ""),
        mortality=base.mortality * mortality[:, None, None],
        fertility=base.fertility * fertility[:, None],
        migration=base.migration * migration[:, None, None],
    )


def along(course: Mapping[int, float] | None, first: int, years: Floats, start: float = 1.0) -> Floats:
    """A declared course: straight lines from `start` in the year before the first to the declared years, then level."""
    if course is None:
        return np.full(len(years), start)
    known = {first: start, **course} if min(course) > first else dict(course)
    ordered = sorted(known)
    return np.interp(years, ordered, [known[year] for year in ordered])
