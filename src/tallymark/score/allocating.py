"""Totals given out to units so that the parts add up exactly: largest remainder, in whole steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tallymark.errors import AssessmentError
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Allocation, Contract, Programme
from tallymark.score.figures import gather

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Allocated:
    """What each unit's exact share is, and what it is given, in the units' order."""

    share: tuple[Fraction, ...]
    amount: tuple[Decimal, ...]


def allocate(
    total: Number, weights: Sequence[Number], *, least: Number = 0, step: Number = 1, name: str = "allocation"
) -> Allocated:
    """`total` given out by weight in whole steps, at least `least` each; the amounts add up to it exactly.

    Share: total × weight ÷ weights of all; those below `least` are raised to it and the others share the rest.
    Amount: the share rounded down to steps, the steps left over to the largest remainders (Hamilton); among
    equal remainders to the larger weight, then to the first in order. Exact in fractions and decimals:
    numbers are read as written (0.1 is a tenth). Without any weight, all weigh the same.
    Errors: AssessmentError when the total is no whole number of steps, `least` cannot be given to all, a
    weight is negative or not finite, or there is nobody to give to.
    """
    weigh, one = [_exact(weight, name) for weight in weights], _exact(step, name)
    if one <= 0:
        raise AssessmentError(f"{name}: the step is {step}; it must be above 0")
    steps, floor = _exact(total, name) / one, math.ceil(_exact(least, name) / one)
    _possible(name, steps, floor, weigh, shown=(total, least, step))
    quotas = _quotas(int(steps), floor, weigh)
    whole = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(weigh)), key=lambda at: (whole[at] - quotas[at], -weigh[at], at))
    for at in by_remainder[: int(steps) - sum(whole)]:
        whole[at] += 1
    size = Decimal(str(step))
    return Allocated(tuple(quota * one for quota in quotas), tuple(count * size for count in whole))


def _quotas(steps: int, floor: int, weights: Sequence[Fraction]) -> list[Fraction]:
    """Exact shares in steps; whoever falls below the floor is raised to it, until nobody does.

    Those not yet raised share at least the floor on average, so that one of them with a weight always stays.
    """
    raised: set[int] = set()
    if not any(weights):
        weights = [Fraction(1)] * len(weights)
    while True:
        rest = steps - floor * len(raised)
        of = sum((weight for at, weight in enumerate(weights) if at not in raised), Fraction(0))
        rate = rest / of
        below = {at for at, weight in enumerate(weights) if at not in raised and weight * rate < floor}
        if not below:
            break
        raised |= below
    return [Fraction(floor) if at in raised else weight * rate for at, weight in enumerate(weights)]


def _exact(number: Number, name: str) -> Fraction:
    """The number as it is written in decimals."""
    if isinstance(number, float) and not math.isfinite(number):
        raise AssessmentError(f"{name}: {number} is no number to give out by; every unit needs a weight")
    return Fraction(str(number))


def _possible(
    name: str,
    steps: Fraction,
    floor: int,
    weights: Sequence[Fraction],
    *,
    shown: tuple[Number, Number, Number],
) -> None:
    total, least, step = shown
    if not weights:
        raise AssessmentError(f"{name}: there is no unit to give {total} to; look at its level and period")
    if steps.denominator != 1 or steps < 0:
        raise AssessmentError(f"{name}: {total} is not a whole number of steps of {step}; use a smaller step")
    if min(weights) < 0:
        raise AssessmentError(f"{name}: a weight is below 0; weights must be 0 or more")
    if floor * len(weights) > steps:
        raise AssessmentError(
            f"{name}: {len(weights)} units cannot each have at least {least} (in steps of {step}) out of {total}; "
            f"lower `least` to {float(steps / len(weights)) * float(step):g} or less, or raise the total"
        )


def allocate_all(programme: Programme, contract: Contract, measures: pa.Table) -> pa.Table:
    """Every declared allocation for the contract's period (or its own), as the `allocations` table.

    An allocation in which a unit's weight is missing is not made: its shares and amounts are NULL for all.
    """
    parts = [_allocation(programme, contract, each, measures) for each in programme.allocations.values()]
    return pa.concat_tables(parts) if parts else TABLES["allocations"].schema.empty_table()


def _allocation(
    programme: Programme, contract: Contract, declared: Allocation, measures: pa.Table
) -> pa.Table:
    period = declared.period or contract.period
    units = tuple(sorted(programme.units.at_level(declared.level.code, period.end)))
    if declared.by == "measure" and declared.measure is not None:
        name = declared.measure.name
        weights = gather(measures, "measure", [name], period=period.code, units=units, columns=("value",)).of(
            name
        )
    else:
        weights = _weights(programme, declared, units)
    share, amount = np.full(len(units), np.nan), np.full(len(units), np.nan)
    if not np.isnan(weights).any():
        given = allocate(
            declared.total, weights.tolist(), least=declared.least, step=declared.step, name=declared.code
        )
        share[:], amount[:] = [float(each) for each in given.share], [float(each) for each in given.amount]
    columns = [[declared.code] * len(units), units, weights, share, amount]
    schema = TABLES["allocations"].schema
    arrays = [pa.array(c, f.type, from_pandas=True) for c, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _weights(programme: Programme, declared: Allocation, units: Sequence[str]) -> NDArray[np.float64]:
    """Weights by a unit's attribute (a number), its class, or equal."""
    if declared.by == "equal":
        return np.ones(len(units))
    values = programme.units.attributes.get(declared.attribute or "", (None,) * len(programme.units))
    own = [values[programme.units.index[unit]] for unit in units]
    if declared.by == "classes":
        return np.array([declared.classes.get(value or "", np.nan) for value in own], np.float64)
    return np.array([_number(value) for value in own], np.float64)


def _number(text: str | None) -> float:
    try:
        return float(text) if text is not None else math.nan
    except ValueError:
        return math.nan
