"""Beside the figures themselves: values drawn towards those of like units, and which figures rest on too little.

Like units are those of one level. Only totals are drawn towards each other, not categories of a breakdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import special

from tallymark.model.periods import Calendar
from tallymark.programme.resolved import Indicator
from tallymark.statistics.shrinkage import (
    beta_binomial,
    eb_binomial,
    eb_poisson,
    normal_normal,
    poisson_gamma,
)
from tallymark.statistics.small import REASONS, too_small

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shrunk = tuple[Floats, Floats, Floats]
Z95 = float(special.ndtri(0.975))
COLUMNS = ("shrunk", "shrunk_low", "shrunk_high", "small")
COUNTS = ("poisson", "byar")
"""Intervals of counts: cases without the event have no meaning there."""


def with_judgement(rows: pa.Table, indicators: Mapping[str, Indicator], calendar: Calendar) -> pa.Table:
    """The table of indicators with its columns shrunk, shrunk_low, shrunk_high and small filled where declared."""
    declared = [one for one in indicators.values() if one.shrink != "none" or one.too_small is not None]
    if not declared or not rows.num_rows:
        return rows
    named = pc.index_in(rows.column("indicator"), value_set=pa.array([one.name for one in declared]))
    number = pc.fill_null(named, -1).to_numpy()
    found = {name: np.full(rows.num_rows, np.nan) for name in COLUMNS[:-1]}
    small = np.zeros(rows.num_rows, np.int8)
    for at, indicator in enumerate(declared):
        mine = np.flatnonzero(number == at)
        part = rows.take(pa.array(mine))
        if indicator.too_small is not None:
            small[mine] = _small(indicator, part)
        if indicator.shrink != "none":
            for group in _alike(part):
                values = _shrunk(indicator, part.take(pa.array(group)), calendar)
                for name, column in zip(COLUMNS[:-1], values, strict=True):
                    found[name][mine[group]] = column
    filled = {name: pa.array(values, pa.float64(), from_pandas=True) for name, values in found.items()}
    filled["small"] = pa.array([None, *REASONS[1:]], pa.string()).take(pa.array(small))
    for name, column in filled.items():
        at = rows.column_names.index(name)
        rows = rows.set_column(at, rows.schema.field(at), column)
    return rows


def _small(indicator: Indicator, rows: pa.Table) -> npt.NDArray[np.int8]:
    """Reasons; none where there is no figure, which is missing, not small."""
    rule = indicator.too_small
    assert rule is not None
    value, events, cases = (_floats(rows, name) for name in ("value", "numerator", "denominator"))
    if indicator.denominator is None:
        cases = events
    codes = too_small(
        events,
        np.full_like(cases, np.inf) if indicator.interval in COUNTS else cases,
        _floats(rows, "low"),
        _floats(rows, "high"),
        least_events=rule.events,
        widest=np.inf if rule.width is None else rule.width,
    )
    few = too_small(events, cases, least_cases=rule.cases)
    codes = np.where(few == REASONS.index("few_cases"), few, codes)
    unknown = np.isnan(value) | (codes == REASONS.index("unknown"))
    return np.where(unknown, 0, codes).astype(np.int8)


def _alike(rows: pa.Table) -> Iterator[Ints]:
    """Positions of the totals of one level and period, group by group."""
    total = np.asarray(pc.equal(pc.fill_null(rows.column("breakdown"), ""), "").to_numpy())
    places = np.flatnonzero(total)
    keys = [
        pc.fill_null(rows.column(name), "").combine_chunks().dictionary_encode().indices.to_numpy()
        for name in ("period", "level")
    ]
    order = places[np.lexsort((keys[1][places], keys[0][places]))]
    cuts = np.flatnonzero(np.diff(keys[0][order]) | np.diff(keys[1][order])) + 1
    yield from np.split(order, cuts)


def _shrunk(indicator: Indicator, rows: pa.Table, calendar: Calendar) -> Shrunk:
    value = _floats(rows, "value")
    if indicator.shrink == "normal":
        se = (_floats(rows, "high") - _floats(rows, "low")) / (2 * Z95)
        shrunk, _, low, high = normal_normal(value, se)
        return shrunk, low, high
    scale = indicator.factor
    if indicator.annualise:
        scale *= calendar.per_year(str(rows.column("frequency")[0].as_py()))
    events = np.where(np.isnan(value), np.nan, _floats(rows, "numerator"))
    return tuple(scale * part for part in SHRINK[indicator.shrink](events, _floats(rows, "denominator")))  # type: ignore[return-value]


def _by_moments(
    shrink: Callable[[Floats, Floats], tuple[Floats, Floats]],
) -> Callable[[Floats, Floats], Shrunk]:
    def drawn(events: Floats, exposure: Floats) -> Shrunk:
        shrunk, variance = shrink(events, exposure)
        reach = Z95 * np.sqrt(variance)
        return shrunk, np.maximum(shrunk - reach, 0.0), shrunk + reach

    return drawn


def _by_likelihood(
    shrink: Callable[[Floats, Floats], tuple[Floats, ...]],
) -> Callable[[Floats, Floats], Shrunk]:
    def drawn(events: Floats, exposure: Floats) -> Shrunk:
        shrunk, _, low, high = shrink(events, exposure)
        return shrunk, low, high

    return drawn


SHRINK: dict[str, Callable[[Floats, Floats], Shrunk]] = {
    "poisson-gamma": _by_likelihood(poisson_gamma),
    "beta-binomial": _by_likelihood(beta_binomial),
    "eb-poisson": _by_moments(eb_poisson),
    "eb-binomial": _by_moments(eb_binomial),
}


def _floats(rows: pa.Table, name: str) -> Floats:
    return np.asarray(rows.column(name).to_numpy(), dtype=np.float64)
