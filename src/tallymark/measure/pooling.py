"""Several years put together: a small area's cases of the same period in some years, counted as one.

Numerators and denominators are added, not figures averaged: a year with more cases counts for more. A year that is not
known ends it: no year is left out in between, none is read as zero, and `years` says how many there are. A year
without any case is known; it adds nothing. Without the period's own year there is no figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.engine.sql import Query, Stack, double, one_of, select, stacked
from tallymark.measure.plan import Plan
from tallymark.programme.resolved import Indicator

ADDED = ("num", "den", "scaled_num", "scaled_den", "den_sd", "numerator", "denominator")
COUNTED = ("expected", "received", "usable")
KEYS = ("unit", "breakdown", "category", "named")
KEPT = ("unit", "period", "breakdown", "category", "scale", "named")


def load_pools(engine: Engine, plan: Plan) -> None:
    """For each number of years a table(period, ago_1, …) of the same period in the years before; NULL where none is."""
    for years, pools in plan.timeline.pools.items():
        columns = {"period": pa.array(list(pools), pa.int32())}
        for ago in range(1, years):
            found = [before[ago - 1] if ago <= len(before) else None for before in pools.values()]
            columns[f"ago_{ago}"] = pa.array(found, pa.int32())
        engine.load(f"tm_pool_{years}", pa.table(columns))


def with_pools(table: str, members: Mapping[int, Indicator], least: Mapping[int, float]) -> Stack:
    """The rows of a table of plain figures, with those of pooled indicators (by number) over their years.

    least: share of reports from which an indicator's year is known.
    """
    by_years: dict[int, list[int]] = {}
    for number, indicator in members.items():
        by_years.setdefault(indicator.pooled, []).append(number)
    parts = [
        _alone(table, numbers) if years == 1 else _together(table, years, numbers, least)
        for years, numbers in sorted(by_years.items())
    ]
    return stacked(parts)


def _alone(table: str, numbers: Sequence[int]) -> Query:
    columns = (*KEPT, *ADDED, *COUNTED, "worst", "value", "basis", "CAST(NULL AS BIGINT) AS years")
    return select(*columns).from_(table).where(one_of("named", numbers))


def _together(table: str, years: int, numbers: Sequence[int], least: Mapping[int, float]) -> Query:
    known = _known(table, numbers, least)
    joined = select(*[f"p0.{name}" for name in KEPT]).from_(known.subquery("p0"))
    joined = joined.join(f"tm_pool_{years} AS q", on="q.period = p0.period")
    for ago in range(1, years):
        same = " AND ".join(f"p{ago}.{key} = p0.{key}" for key in KEYS)
        on = f"{same} AND p{ago}.period = q.ago_{ago}"
        joined = joined.join(known.subquery(f"p{ago}"), on=on, kind="LEFT")
    in_a_row = [
        " AND ".join(f"COALESCE(p{at}.known, FALSE)" for at in range(ago + 1)) for ago in range(years)
    ]
    joined = joined.select(" + ".join(f"CASE WHEN {so} THEN 1 ELSE 0 END" for so in in_a_row) + " AS years")
    joined = joined.select(*[f"{_added(name, in_a_row)} AS {name}" for name in (*ADDED, *COUNTED)])
    for name in ("worst", "rank"):
        choose = "LEAST" if name == "worst" else "GREATEST"
        each = ", ".join(f"CASE WHEN {so} THEN p{at}.{name} END" for at, so in enumerate(in_a_row))
        joined = joined.select(f"{choose}({each}) AS {name}")
    return _valued(joined, years)


def _known(table: str, numbers: Sequence[int], least: Mapping[int, float]) -> Query:
    """The rows of some indicators: whether the year can be added, and what it rests on as a number, worse being more."""
    enough = " ".join(f"WHEN {number} THEN {double(least[number])}" for number in numbers)
    known = f"worst >= CASE named {enough} END AND NOT numerator IS NULL AND NOT denominator IS NULL"
    rank = "CASE basis WHEN 'estimated' THEN 4 WHEN 'partial' THEN 3 WHEN 'recounted' THEN 2 WHEN 'corrected' THEN 1"
    rank += " WHEN 'missing' THEN CASE WHEN worst < 1 THEN 3 ELSE 0 END ELSE 0 END"  # a year without cases
    return select("*", f"{known} AS known", f"{rank} AS rank").from_(table).where(one_of("named", numbers))


def _added(name: str, in_a_row: Sequence[str]) -> str:
    """The sum over years in a row, in one order; of the period itself where not even that is known."""
    later = "".join(f" + CASE WHEN {so} THEN p{at}.{name} ELSE 0 END" for at, so in enumerate(in_a_row) if at)
    return f"p0.{name}{later}"


def _valued(joined: Query, years: int) -> Query:
    value = "CASE WHEN years > 0 THEN scale * numerator / NULLIF(denominator, 0) END AS value"
    columns = (*KEPT, *ADDED, *COUNTED, "COALESCE(worst, 1e0) AS worst", value)
    valued = select(*columns, "rank", "CAST(years AS BIGINT) AS years").from_(joined.subquery("added"))
    basis = (
        "CASE WHEN value IS NULL THEN 'missing' WHEN rank = 4 THEN 'estimated' "
        f"WHEN rank = 3 OR years < {years} THEN 'partial' WHEN rank = 2 THEN 'recounted' "
        "WHEN rank = 1 THEN 'corrected' ELSE 'reported' END AS basis"
    )
    kept = (*KEPT, *ADDED, *COUNTED, "worst", "value")
    return select(*kept, basis, "years").from_(valued.subquery("valued"))
