"""What a scenario file may say, exactly."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from tallymark.programme.written.parts import Described, Name, Written, WrittenText

Year = Annotated[int, Field(ge=1900, le=2300)]
Course = Annotated[dict[Year, float], Field(min_length=1)]


class WrittenTable(Written):
    """A CSV file beside the scenario file."""

    file: str = Field(description="Its name; in the scenario's folder.")


class WrittenGeometry(WrittenTable):
    """Outlines of the units, as GeoJSON."""

    key: str | None = Field(
        None, description="The property that holds the unit's code; its id when left out."
    )


class WrittenCensus(WrittenTable):
    """People by unit, sex and age at the start."""

    smooth: Literal["none", "carrier-farrag", "karup-king-newton", "arriaga", "united-nations", "strong"] = (
        Field("none", description="How five-year groups are smoothed where ages were told in round numbers.")
    )
    graduate: Literal["monotone", "sprague", "beers", "beers-modified", "pclm", "uniform"] = Field(
        "monotone", description="How age groups become single years; single years are left as they are."
    )


class WrittenEarlier(WrittenCensus):
    """An earlier census, from which the same rates are projected to the start: a back-test."""

    date: dt.date = Field(description="Its day, whole years before the start.")


class WrittenEvents(Written):
    """How a table of events becomes rates: divided by the people counted, and steadied where few are seen."""

    years: Annotated[float, Field(gt=0, le=20)] = Field(
        description="Of how many years until the start the events are."
    )
    toward: Literal["none", "together", "neighbours"] = Field(
        "together",
        description="Whose level a unit's rates are drawn to, as far as chance explains the difference.",
    )
    neighbours: WrittenTable | None = Field(
        None, description="Which units lie side by side: unit, neighbour."
    )
    bands: list[Annotated[int, Field(ge=0, le=100)]] = Field(
        [0], min_length=1, description="First ages of the bands that have levels of their own: [0, 15, 60]."
    )


class WrittenRates(WrittenTable):
    """Rates, or events from which rates are made."""

    events: WrittenEvents | None = Field(
        None, description="Where the table holds numbers of deaths or births instead of rates."
    )


class WrittenHistory(Written):
    """Past years, from which rates to come are made and how far they wander: no rates need be declared."""

    population: WrittenTable = Field(
        description="People by unit, year, sex and age, on the start's day of each year."
    )
    mortality: WrittenTable = Field(description="Death rates by unit, year, sex and age.")
    fertility: WrittenTable = Field(description="Births a woman by unit, year and age.")
    migration: WrittenTable | None = Field(
        None,
        description="Net migrants by unit, year, sex and age; what the balance leaves over when left out.",
    )
    method: Literal["usual", "chosen"] = Field(
        "chosen", description="`chosen`: by what would have done best on these years; `usual`: the defaults."
    )


class WrittenFertility(Written):
    """How fertility goes on from the table."""

    total: Course | None = Field(
        None, description="Children a woman in declared years, straight between them."
    )
    factor: Course | None = Field(
        None, description="Times the table's rates in declared years, straight between them."
    )


class WrittenMortality(Written):
    """How mortality goes on from the table."""

    decline: Annotated[float, Field(ge=-0.1, le=0.1)] = Field(
        0.0, description="Part by which death rates fall each year: 0.01 is one per cent."
    )
    factor: Course | None = Field(
        None, description="Times the table's rates in declared years, straight between them."
    )


class WrittenMigration(Written):
    """How net migrants go on from the table."""

    factor: Course | None = Field(
        None, description="Times the table's migrants in declared years, straight between them."
    )


class WrittenChange(Described):
    """Something that changes rates from a year on, such as a policy's date."""

    start: Year = Field(alias="from", description="First year in which it holds.")
    until: Year | None = Field(None, description="Last year in which it holds; no end when left out.")
    fertility: Annotated[float, Field(gt=0, le=5)] = Field(1.0, description="Times fertility.")
    mortality: Annotated[float, Field(gt=0, le=5)] = Field(1.0, description="Times death rates.")
    migration: Annotated[float, Field(ge=-5, le=5)] = Field(1.0, description="Times net migrants.")


class WrittenScenario(Described):
    """One course of the future; what it leaves out stays as the tables say."""

    fertility: WrittenFertility = Field(default_factory=lambda: WrittenFertility())
    mortality: WrittenMortality = Field(default_factory=lambda: WrittenMortality())
    migration: WrittenMigration = Field(default_factory=lambda: WrittenMigration())
    changes: list[WrittenChange] = Field(
        default_factory=list, description="What changes rates from a year on."
    )


class WrittenPath(Written):
    """How far something wanders from the scenario's course."""

    sd: Annotated[float, Field(ge=0, le=1)] = Field(0.0, description="Standard deviation of a year's change.")
    persistence: Annotated[float, Field(ge=0, le=1)] = Field(
        1.0, description="What of it is left the year after: 1 is a random walk."
    )
    shared: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0, description="The part of the variance that all units have together."
    )
    slope_sd: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0, description="Standard deviation of a trend that is not known."
    )
    level_sd: Annotated[float, Field(ge=0, le=1)] = Field(
        0.0, description="Standard deviation of a level that is not known."
    )


class WrittenUncertainty(Written):
    """What is not known, and how many futures are drawn."""

    fertility: WrittenPath | None = Field(None, description="Log of fertility.")
    mortality: WrittenPath | None = Field(None, description="Log of death rates.")
    migration: WrittenPath | None = Field(None, description="Net migrants a year per head at the start.")
    futures: Annotated[int, Field(ge=100, le=100_000)] = Field(
        1000, description="How many futures are drawn."
    )
    seed: Annotated[int, Field(ge=0)] = Field(1, description="The same seed gives the same futures.")


class WrittenGroup(Described):
    """An age group that planners ask for."""

    ages: list[int | None] = Field(
        min_length=2, max_length=2, description="First and last age; null: no last one."
    )
    sex: Literal["male", "female"] | None = Field(None, description="Only one sex.")


class WrittenProjection(Described):
    """A projection: where it starts, its tables, its scenarios."""

    start: dt.date = Field(
        description="Day of the census or register; populations are for this day of later years."
    )
    years: Annotated[int, Field(ge=1, le=150)] = Field(description="How many years it goes on.")
    population: WrittenCensus = Field(description="People by unit, sex and age.")
    earlier: WrittenEarlier | None = Field(
        None,
        description="An earlier census: what the same rates would have said of the start, as a back-test.",
    )
    method: Literal["cohort_component", "hamilton_perry"] = Field(
        "cohort_component",
        description="`hamilton_perry`: change ratios between `earlier` and `population`, where rates are not known.",
    )
    step: Literal[1, 5] = Field(
        1, description="Years in a step and an age group; years between are straight lines."
    )
    history: WrittenHistory | None = Field(
        None, description="Past years, from which rates and their uncertainty are made."
    )
    mortality: WrittenRates | None = Field(
        None, description="Death rates by sex and age, of units or of all together."
    )
    fertility: WrittenRates | None = Field(
        None, description="Births a woman a year by age, of units or of all together."
    )
    migration: WrittenTable | None = Field(
        None, description="Net migrants a year by sex and age; none when left out."
    )
    moves: WrittenTable | None = Field(
        None,
        description="Part of those in a unit who move to another in a year, by sex and age: unit, to, sex, age, share.",
    )
    sex_ratio_at_birth: Annotated[float, Field(gt=0.8, lt=1.3)] = Field(1.05, description="Boys per girl.")
    whole: WrittenTable | None = Field(
        None,
        description="A projection of all units together by year, sex and age, to which the main scenario is brought.",
    )
    uncertainty: WrittenUncertainty | None = Field(
        None, description="What is not known; no intervals when left out."
    )
    geometry: WrittenGeometry | None = Field(
        None, description="Outlines of the units for a map of change; tiles when left out."
    )
    units: dict[str, WrittenText] = Field(default_factory=dict, description="Names of units, by their codes.")
    groups: dict[Name, WrittenGroup] = Field(
        default_factory=dict, description="Age groups beside the usual ones."
    )
    scenarios: dict[Name, WrittenScenario] = Field(
        default_factory=dict, description="Other courses of the future, beside the main one."
    )
    main: WrittenScenario = Field(
        default_factory=lambda: WrittenScenario(),
        description="The course that intervals, stocks and pages are of.",
    )
