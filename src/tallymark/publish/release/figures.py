"""Indicators and what rests on them, without what the withheld measures would give away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.programme.resolved import Indicator, Programme
from tallymark.publish.guard import COMPOSITE
from tallymark.publish.release.cells import Ints, Mask

SUPPRESSED = "suppressed"
PLACE = ("unit", "period", "breakdown", "category")
DENSE = 8
"""Numbers of rows may be so many times as large as there are rows before they are made denser."""
SHRUNK = ("shrunk", "shrunk_low", "shrunk_high")


def placed(tables: Iterable[pa.Table], columns: tuple[str, ...] = PLACE) -> list[Ints]:
    """For every table the number of each row's values in some columns; the same values have the same number in all."""
    tables = list(tables)
    code = np.zeros(sum(table.num_rows for table in tables), np.int64)
    for column in columns:
        parts = [pc.fill_null(table.column(column), "").cast(pa.string()) for table in tables]
        together = pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.string())
        encoded = together.combine_chunks().dictionary_encode()
        code = code * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy()
        if len(code) and code.max() > DENSE * len(code):
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
    ends = np.cumsum([table.num_rows for table in tables])[:-1]
    return [np.asarray(part) for part in np.split(code, ends)]


def among(codes: Ints, others: Ints) -> Mask:
    """Which numbers of rows stand among others; numbers are small enough to be looked up."""
    flags = np.zeros(max(int(codes.max(initial=0)), int(others.max(initial=0))) + 1, np.bool_)
    flags[others] = True
    return flags[codes]


def words(table: pa.Table, column: str, wanted: Iterable[str]) -> Mask:
    """Rows in which a column has one of some words."""
    found = pc.is_in(table.column(column), pa.array(sorted(set(wanted)), pa.string()))
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), np.bool_)


def numbers(table: pa.Table, column: str) -> npt.NDArray[np.float64]:
    """A column of numbers, NaN where there is none."""
    return np.asarray(table.column(column).to_numpy(zero_copy_only=False), np.float64)


def put(table: pa.Table, column: str, mask: Mask, value: object) -> pa.Table:
    """The table with `value` in a column where the mask is true."""
    at = table.column_names.index(column)
    field = table.schema.field(at)
    filled = pc.if_else(pa.array(mask), pa.scalar(value, field.type), table.column(column))
    return table.set_column(at, field, filled)


def hide(table: pa.Table, columns: Iterable[str], mask: Mask) -> pa.Table:
    """The table with nothing in some columns where the mask is true."""
    for column in columns:
        table = put(table, column, mask, None)
    return table


def unreliable(measures: pa.Table, indicators: pa.Table, programme: Programme) -> Mask:
    """Rows of the numerators of figures that are not published where they are too small to judge."""
    found = np.zeros(measures.num_rows, np.bool_)
    asked = [one for one in programme.indicators.values() if one.too_small and one.publish == "unless_small"]
    if not asked:
        return found
    of_measures, of_indicators = placed([measures, indicators])
    small = np.asarray(
        pc.greater(pc.utf8_length(pc.fill_null(indicators.column("small"), "")), 0).to_numpy(
            zero_copy_only=False
        )
    )
    for indicator in asked:
        rows = of_indicators[small & words(indicators, "indicator", [indicator.name])]
        found |= words(measures, "measure", indicator.numerator.names) & among(of_measures, rows)
    return found


def kept_inside(programme: Programme) -> frozenset[str]:
    """Measures that only indicators of the office's own are made of."""
    inside, outside = set[str](), set[str]()
    for indicator in programme.indicators.values():
        (inside if indicator.publish == "never" else outside).update(indicator.names)
    return frozenset(inside - outside)


def hidden_figures(measures: pa.Table, withheld: Mask, indicators: pa.Table, programme: Programme) -> Mask:
    """Rows of indicators made from a withheld figure, or that are never published."""
    of_measures, of_indicators = placed([measures, indicators])
    hidden = np.zeros(indicators.num_rows, np.bool_)
    there = withheld & ~np.isnan(numbers(measures, "value"))
    gone = {name: of_measures[there & words(measures, "measure", [name])] for name in programme.measures}
    for indicator in programme.indicators.values():
        own = np.flatnonzero(words(indicators, "indicator", [indicator.name]))
        if indicator.publish == "never":
            hidden[own] = True
            continue
        places = [gone[name] for name in indicator.names if name in gone and len(gone[name])]
        if places:
            hidden[own] = among(of_indicators[own], np.concatenate(places))
        hidden[own] |= _in_years_before(measures, there, indicators.take(pa.array(own)), indicator, programme)
        if indicator.standardise is not None:
            hidden[own] |= _by_age(measures, there, indicators.take(pa.array(own)), indicator)
    return hidden


def _in_years_before(
    measures: pa.Table, there: Mask, own: pa.Table, indicator: Indicator, programme: Programme
) -> Mask:
    """Figures of several years put together of which one year is withheld."""
    found = np.zeros(own.num_rows, np.bool_)
    gone = there & words(measures, "measure", indicator.names)
    at = own.column_names.index("period")
    for _ in range(indicator.pooled - 1):
        periods = own.column("period").combine_chunks().dictionary_encode()
        before = [
            programme.calendar.last_year(programme.calendar.parse(code)).code
            for code in periods.dictionary.to_pylist()
        ]
        earlier = pa.array(before, pa.string()).take(periods.indices)
        own = own.set_column(at, own.schema.field(at), earlier)
        of_measures, of_figures = placed([measures, own])
        found |= among(of_figures, of_measures[gone])
    return found


def _by_age(measures: pa.Table, there: Mask, own: pa.Table, indicator: Indicator) -> Mask:
    """Standardised figures of a unit and period with a withheld age group: the total rests on each of them."""
    assert indicator.standardise is not None
    groups = there & words(measures, "measure", indicator.names)
    groups &= words(measures, "breakdown", [indicator.standardise.breakdown])
    of_measures, of_figures = placed([measures, own], ("unit", "period"))
    return among(of_figures, of_measures[groups])


def without(indicators: pa.Table, hidden: Mask) -> pa.Table:
    """The indicators with the hidden ones suppressed, and nothing drawn towards a mean that hidden ones are in.

    Only figures that are there are suppressed: what is missing, or was not expected, stays so.
    """
    indicators = put(indicators, "basis", hidden, SUPPRESSED)
    group = ("level", "period", "indicator", "breakdown", "category")
    (code,) = placed([indicators], group)
    return hide(indicators, SHRUNK, among(code, code[hidden]))


def without_composites(
    composites: pa.Table, indicators: pa.Table, hidden: Mask, programme: Programme
) -> pa.Table:
    """Composites of levels in which some unit's part is hidden emptied: the scale they share would tell of it."""
    gone = indicators.filter(pa.array(hidden)).group_by(["level", "period", "indicator"]).aggregate([])
    keys = {(row["level"], row["period"], row["indicator"]) for row in gone.to_pylist()}
    parts = {name: {part.indicator.name for part in one.parts} for name, one in programme.composites.items()}
    rows = composites.select(["level", "period", "composite"]).to_pylist()
    mask = [
        any((row["level"], row["period"], part) in keys for part in parts.get(row["composite"], ()))
        for row in rows
    ]
    return hide(composites, COMPOSITE, np.array(mask, np.bool_)) if rows else composites


def total_of(table: pa.Table, mask: Mask, name: str, period: str) -> Mapping[str, frozenset[str]]:
    """Unit → names of masked rows of the total (no breakdown) in a period."""
    rows = (
        mask
        & words(table, "period", [period])
        & words(pa.table({"b": pc.fill_null(table.column("breakdown"), "")}), "b", [""])
    )
    found: dict[str, set[str]] = {}
    chosen = table.filter(pa.array(rows))
    for unit, word in zip(chosen.column("unit").to_pylist(), chosen.column(name).to_pylist(), strict=True):
        found.setdefault(unit, set()).add(word)
    return {unit: frozenset(names) for unit, names in found.items()}
