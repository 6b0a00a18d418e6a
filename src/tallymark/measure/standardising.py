"""Directly standardised rates: the figures of all ages, made of the rates of each age by a standard's weights.

A rate needs every age group that counts: a group whose events or people are missing makes it missing, never smaller.
Events of an unknown age belong to no group. Where reports are missing the interval covers both readings, as of any
other figure (see `uncertainty`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.interface import Engine, columns_of
from tallymark.engine.sql import Query, column, select
from tallymark.measure.benchmarks import LEVELS
from tallymark.measure.figures import reads
from tallymark.measure.labels import sliced
from tallymark.measure.plan import TOTAL
from tallymark.measure.tally import Tallied
from tallymark.measure.uncertainty import Floats, Reading, stretched
from tallymark.programme.resolved import Indicator, Standardise
from tallymark.statistics.standardise import directly_standardised_rate

Ints = npt.NDArray[np.int64]
Limits = tuple[Floats, Floats]
BASES = ("reported", "corrected", "recounted", "partial", "estimated", "missing")
"""From the best to the worst: a rate rests on the worst of its groups."""
READ = ("num", "scaled_num", "scaled_den", "worst", "denominator", "value", "den", "scale")


@dataclass(frozen=True, slots=True)
class Rates:
    """The standardised figures of one indicator: number of unit and period → value, and limits by level."""

    breakdown: int
    """The only one that its figures are split by."""
    units: Ints
    periods: Ints
    value: Floats
    bases: list[str]
    limits: Mapping[float, Limits]

    def instead(self, plain: Reading, rows: pa.Table) -> Reading:
        """Limits of an indicator's rows: those of the standardised rates in place of the totals' own."""
        of_unit, of_period = (np.asarray(rows.column(name), np.int64) for name in ("unit", "period"))
        total = np.flatnonzero(np.asarray(rows.column("breakdown")) == TOTAL)
        order, size = np.lexsort((self.periods, self.units)), int(self.periods.max(initial=0)) + 1
        keys = self.units[order] * size + self.periods[order]
        at = order[np.searchsorted(keys, of_unit[total] * size + of_period[total])]

        def limits(*, level: float) -> Limits:
            low, high = (side.copy() for side in plain(level=level))
            low[total], high[total] = (side[at] for side in self.limits[level])
            return low, high

        return limits


def rates_by_age(
    engine: Engine, tallied: Tallied, table: str, members: Mapping[int, Indicator]
) -> dict[int, Rates]:
    """The standardised rates of the indicators (by number) whose plain figures are in a table."""
    found = {}
    for number, indicator in members.items():
        if indicator.standardise is not None:
            weights = _weights(engine, tallied, indicator.standardise)
            at = tallied.plan.breakdowns.index(indicator.standardise.breakdown)
            parts = list(_parts(engine, tallied, table, number, indicator, weights))
            found[number] = _joined(at, parts)
    return found


def with_rates(engine: Engine, table: str, rates: Mapping[int, Rates]) -> Query:
    """The rows of a table of plain figures with standardised values, and what they rest on, in place of the totals'."""
    if not rates:
        return select("*").from_(table)
    columns = {
        "named": np.repeat([*rates], [len(one.value) for one in rates.values()]),
        "unit": np.concatenate([one.units for one in rates.values()]),
        "period": np.concatenate([one.periods for one in rates.values()]),
    }
    loaded = pa.table({name: pa.array(values, pa.int32()) for name, values in columns.items()})
    value = np.concatenate([one.value for one in rates.values()])
    loaded = loaded.append_column("rate", pa.array(value, pa.float64(), from_pandas=True))
    basis = pa.array([word for one in rates.values() for word in one.bases], pa.string())
    engine.load(f"{table}_rates", loaded.append_column("rests_on", basis))
    on = " AND ".join(f"r.{key} = v.{key}" for key in ("named", "unit", "period"))
    only = [
        f"v.named <> {number} OR v.breakdown IN ({TOTAL}, {one.breakdown})" for number, one in rates.items()
    ]
    instead = {
        "value": "CASE WHEN r.named IS NULL THEN v.value ELSE r.rate END AS value",
        "basis": "COALESCE(r.rests_on, v.basis) AS basis",
    }
    query = select(*(instead.get(name, column(name, "v")) for name in columns_of(engine, table))).from_(
        f"{table} AS v"
    )
    return query.join(f"{table}_rates AS r", on=f"{on} AND v.breakdown = {TOTAL}", kind="LEFT").where(*only)


def _weights(engine: Engine, tallied: Tallied, one: Standardise) -> tuple[dict[int, int], Floats]:
    """Number of a category → its place among the groups; and weights by period (one row where it is all the same)."""
    plan, labels = tallied.plan, tallied.labels
    numbers = {name: at for at, name in enumerate(labels.categories)}
    if one.measure is None:
        places = {numbers[name]: at for at, name in enumerate(one.weights)}
        return places, np.array([[*one.weights.values()]])
    groups = [*(one.measure.dataset.columns[one.breakdown].values or ())]
    places = {numbers[name]: at for at, name in enumerate(groups)}
    weights = np.full((len(labels.periods), len(groups)), np.nan)
    strand = plan.strands_of(one.measure.dataset.name)[0]
    planned = next(each for each in strand.measures if each.measure.name == one.measure.name)
    unit = labels.units.index(one.unit) if one.unit in labels.units else -1
    query = select("period", "category", f"{reads(strand, planned).value} AS value")
    query = query.from_(tallied.figures[one.measure.dataset.name])
    rows = engine.rows(query.where(f"unit = {unit}", f"breakdown = {plan.breakdowns.index(one.breakdown)}"))
    for row in rows.to_pylist():
        if row["category"] in places and row["value"] is not None:
            weights[row["period"], places[row["category"]]] = row["value"]
    return places, weights


def _parts(
    engine: Engine,
    tallied: Tallied,
    table: str,
    number: int,
    indicator: Indicator,
    weights: tuple[dict[int, int], Floats],
) -> Iterator[Rates]:
    """Some units' rates at a time."""
    assert indicator.standardise is not None
    at = tallied.plan.breakdowns.index(indicator.standardise.breakdown)
    mine = select("*").from_(table).where(f"named = {number}", f"breakdown IN ({TOTAL}, {at})")
    columns = ("unit", "period", "breakdown", "category", "basis", *READ)

    def query(of_units: str) -> Query:
        return select(*columns).from_(table).where(*mine.tests, of_units).order_by(*columns[:4])

    for rows in sliced(engine, tallied.labels, [mine], query):
        yield _rates(indicator, rows, at, *weights)


def _rates(
    indicator: Indicator, rows: pa.Table, at: int, places: Mapping[int, int], weights: Floats
) -> Rates:
    """The rates of rows in the order of their keys, each total before its groups."""
    standard = indicator.standardise
    assert standard is not None
    numbers = {
        name: np.asarray(rows.column(name), np.int64) for name in ("unit", "period", "breakdown", "category")
    }
    total = np.flatnonzero(numbers["breakdown"] == TOTAL)
    owner = np.cumsum(numbers["breakdown"] == TOTAL) - 1
    group = np.array(
        [places.get(one, -1) for one in range(int(numbers["category"].max(initial=0)) + 1)], np.int64
    )
    cells = np.flatnonzero((numbers["breakdown"] == at) & (group[numbers["category"]] >= 0))
    place = owner[cells], group[numbers["category"][cells]]
    given = {name: np.asarray(rows.column(name).to_numpy(zero_copy_only=False), np.float64) for name in READ}
    events, people = _events_and_people(indicator, {name: values[cells] for name, values in given.items()})
    weight = np.broadcast_to(weights if len(weights) == 1 else weights[numbers["period"][total]],
                             (len(total), weights.shape[1]))  # fmt: skip
    readings = [_laid(weight, place, *reading) for reading in zip(events, people, strict=True)]
    scale, known = given["scale"][total], ~np.isnan(given["value"][total])

    def kernel(reading: Limits, level: float) -> tuple[Floats, ...]:
        rate = directly_standardised_rate(
            *reading, weight, level=level, method=standard.interval, counts="exact"
        )
        return tuple(np.where(known, scale * part, np.nan) for part in rate)

    limits = {}
    for level in LEVELS.values():
        made = [kernel(reading, level) for reading in readings]
        value = made[0][0]
        limits[level] = (
            np.minimum.reduce([low for _, low, _ in made]),
            np.maximum.reduce([high for _, _, high in made]),
        )
    bases = _bases(rows, total, cells, place[0], np.isnan(value))
    return Rates(at, numbers["unit"][total], numbers["period"][total], value, bases, limits)


def _events_and_people(
    indicator: Indicator, cells: Mapping[str, Floats]
) -> tuple[list[Floats], list[Floats]]:
    """Events and people of each group as they are read: as reported, and where that is not all as if all had come."""
    incomplete = cells["worst"] < 1
    known = ~np.isnan(cells["value"])
    events = np.where(known, cells["num"], np.nan)
    full = cells["scaled_den"] / stretched(cells)
    if indicator.missing == "estimate":
        return [events], [np.where(incomplete, full, cells["denominator"])]
    return [events, events], [cells["denominator"], np.where(incomplete, full, cells["denominator"])]


def _laid(weight: Floats, place: tuple[Ints, Ints], events: Floats, people: Floats) -> Limits:
    """Events and people by rate and group; missing where there is no cell, none where a group does not count."""
    laid = []
    for values in (events, people):
        whole = np.full(weight.shape, np.nan)
        whole[place] = values
        laid.append(np.where(weight == 0, 0.0, whole))
    return laid[0], laid[1]


def _bases(
    rows: pa.Table, total: Ints, cells: Ints, owner: Ints, missing: npt.NDArray[np.bool_]
) -> list[str]:
    words = rows.column("basis").combine_chunks().dictionary_encode()
    order = np.array([BASES.index(word) for word in words.dictionary.to_pylist()], np.int64)
    rank = order[words.indices.to_numpy()]
    worst = rank[total]
    np.maximum.at(worst, owner, rank[cells])
    return [BASES[one] for one in np.where(missing, BASES.index("missing"), worst)]


def _joined(at: int, parts: list[Rates]) -> Rates:
    return Rates(
        at,
        np.concatenate([one.units for one in parts]),
        np.concatenate([one.periods for one in parts]),
        np.concatenate([one.value for one in parts]),
        [word for one in parts for word in one.bases],
        {
            level: (
                np.concatenate([one.limits[level][0] for one in parts]),
                np.concatenate([one.limits[level][1] for one in parts]),
            )
            for level in LEVELS.values()
        },
    )
