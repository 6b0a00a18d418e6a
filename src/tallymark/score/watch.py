"""The watch list: units at the bottom of a permitted line several periods running; they are helped first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.model.periods import Calendar
from tallymark.programme.resolved import Line
from tallymark.score.awards import Floats, lower_is_better
from tallymark.score.figures import gather
from tallymark.score.points import Bools, Known
from tallymark.score.ranking import NOISE
from tallymark.score.totals import Result


def watched(
    result: Result, indicators: pa.Table, group: NDArray[Any], *, known: Known, calendar: Calendar
) -> list[tuple[str, Bools]]:
    """For each line of the watch, where a unit was at the bottom in enough periods running.

    A unit is at the bottom when fewer than `bottom` units of its group have a worse figure; equals at the
    border are all at the bottom (help is not scarce), except where the whole group is equal. A period without
    a figure breaks the run: nobody is listed on what is not known. Periods are those within the contract's.
    """
    watch = result.contract.watch
    if watch is None:
        return []
    periods = [period.code for period in calendar.within(result.contract.period, watch.frequency)]
    history = _concerned(indicators, watch.lines, periods)
    found = []
    for line in watch.lines:
        if line.indicator is None:
            continue
        concerned = result.member if line.when is None else result.member & (known.holds(line.when) == 1)
        runs, listed = np.zeros(len(group), np.int64), np.zeros(len(group), np.bool_)
        for values in _history(line, history, periods, known.units):
            at_bottom = _bottom(
                np.where(concerned, values, np.nan), group, watch.bottom, lower_is_better(line)
            )
            runs = np.where(at_bottom, runs + 1, 0)
            listed |= runs >= watch.periods
        found.append((line.code, listed))
    return found


def _concerned(indicators: pa.Table, lines: Sequence[Line], periods: Sequence[str]) -> pa.Table:
    """The rows of the lines' indicators in the periods, so that the whole table is gone through once."""
    names = [line.indicator.name for line in lines if line.indicator]
    asked = (("indicator", names), ("period", periods))
    masks = [pc.is_in(indicators.column(key), value_set=pa.array(among, pa.string())) for key, among in asked]
    return indicators.filter(pc.and_(*masks))


def _history(
    line: Line, indicators: pa.Table, periods: Sequence[str], units: tuple[str, ...]
) -> list[Floats]:
    """The line's indicator in each period."""
    name = line.indicator.name if line.indicator else ""
    return [
        gather(indicators, "indicator", [name], period=period, units=units, columns=["value"]).of(name)
        for period in periods
    ]


def _bottom(values: Floats, group: NDArray[Any], most: int, lower: bool) -> Bools:
    """Who is at the bottom of its group in one period."""
    merit = np.round(-values if lower else values, NOISE)
    found = np.zeros(len(values), np.bool_)
    for code in np.unique(group.astype(str)):
        inside = np.flatnonzero((group == code) & ~np.isnan(merit))
        order = np.sort(merit[inside])
        if len(order) and order[0] < order[-1]:
            found[inside] = np.searchsorted(order, merit[inside], "left") < most
    return found
