"""Figures that checks compare with: a unit's own past, the unit above, those below and those beside it. As SQL."""

from __future__ import annotations

from collections.abc import Iterable
from string import Template

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp, parse_one

from tallymark.model.periods import PeriodError
from tallymark.programme.comparing import RELATIVES, base_of
from tallymark.programme.resolved import Programme

LEAST_SIBLINGS, LEAST_PAST = 5, 3
"""Figures that a median needs; with fewer there is nothing to compare with, and the condition is unknown."""
TREE, SPANS = "checked_tree", "checked_spans"
QUERIES = {
    "previous": "SELECT b.unit, s.period, b.value FROM ($figure) AS b JOIN checked_spans AS s "
    "ON s.earlier = b.period AND s.kind = 'previous'",
    "last_year": "SELECT b.unit, s.period, b.value FROM ($figure) AS b JOIN checked_spans AS s "
    "ON s.earlier = b.period AND s.kind = 'last_year'",
    "past": "SELECT b.unit, s.period, CASE WHEN COUNT(b.value) >= $past THEN MEDIAN(b.value) END AS value "
    "FROM ($figure) AS b JOIN checked_spans AS s ON s.earlier = b.period AND s.kind = 'past' GROUP BY b.unit, s.period",
    "parent": "SELECT t.unit, t.period, b.value FROM ($figure) AS b JOIN checked_tree AS t "
    "ON t.parent = b.unit AND t.period = b.period",
    "children": "SELECT t.parent AS unit, t.period, CASE WHEN COUNT(b.value) = COUNT(*) THEN SUM(b.value) END AS value "
    "FROM checked_tree AS t LEFT JOIN ($figure) AS b ON b.unit = t.unit AND b.period = t.period "
    "WHERE t.parent IS NOT NULL GROUP BY t.parent, t.period",
    "siblings": "SELECT t.unit, t.period, m.middle AS value FROM checked_tree AS t JOIN ($middles) AS m "
    "ON m.parent = t.parent AND m.level = t.level AND m.period = t.period WHERE m.known >= $siblings",
    "siblings_spread": "SELECT t.unit, t.period, w.spread AS value FROM checked_tree AS t JOIN ("
    "SELECT t.parent, t.level, t.period, 1.4826 * MEDIAN(ABS(b.value - m.middle)) AS spread "
    "FROM checked_tree AS t JOIN ($figure) AS b ON b.unit = t.unit AND b.period = t.period JOIN ($middles) AS m "
    "ON m.parent = t.parent AND m.level = t.level AND m.period = t.period WHERE m.known >= $siblings "
    "GROUP BY t.parent, t.level, t.period) AS w ON w.parent = t.parent AND w.level = t.level AND w.period = t.period",
}
MIDDLES = (
    "SELECT t.parent, t.level, t.period, MEDIAN(b.value) AS middle, COUNT(b.value) AS known FROM checked_tree AS t "
    "JOIN ($figure) AS b ON b.unit = t.unit AND b.period = t.period GROUP BY t.parent, t.level, t.period"
)


def is_relative(name: str) -> bool:
    """Whether a name is a figure of another time or unit."""
    return base_of(name) != name


def compared(name: str, figure: exp.Select) -> exp.Select:
    """unit, period and value of what a figure is compared with; `figure` gives the figure itself.

    A sum over children is missing when one of theirs is: missing is never zero.
    """
    text = figure.sql("duckdb")
    query = Template(QUERIES[name.partition(".")[0]]).substitute(
        figure=text,
        middles=Template(MIDDLES).substitute(figure=text),
        past=LEAST_PAST,
        siblings=LEAST_SIBLINGS,
    )
    found: exp.Select = parse_one(query, dialect="duckdb")
    return found


def load(programme: Programme, periods: Iterable[str], connection: duckdb.DuckDBPyConnection) -> None:
    """Registers who is above whom in each period, and which periods come before it."""
    known = sorted(set(periods))
    earlier = [row for code in known for row in _earlier(programme, code)]
    kinds = [(name, pa.string()) for name in ("period", "kind", "earlier")]
    connection.register(SPANS, pa.Table.from_pylist(earlier, schema=pa.schema(kinds)))
    months = [(code, programme.calendar.months(programme.calendar.parse(code))[-1]) for code in known]
    ends = pa.table(
        {
            "period": pa.array([code for code, _ in months], pa.string()),
            "month": pa.array([m for _, m in months], pa.int64()),
        }
    )
    connection.register("checked_ends", ends)
    connection.register("checked_ancestry", programme.units.ancestry())
    units = programme.units
    levels = pa.table(
        {"unit": pa.array(units.codes, pa.string()), "level": pa.array(units.levels, pa.string())}
    )
    connection.register("checked_levels", levels)
    tree = connection.sql(
        """
        WITH above AS (SELECT e.period, a.unit, a.ancestor FROM checked_ends AS e JOIN checked_ancestry AS a
                       ON e.month BETWEEN a.first_month AND a.last_month),
             depths AS (SELECT period, unit, COUNT(*) AS depth FROM above GROUP BY period, unit),
             parents AS (SELECT a.period, a.unit, a.ancestor FROM above AS a
                         JOIN depths AS own ON own.period = a.period AND own.unit = a.unit
                         JOIN depths AS up ON up.period = a.period AND up.unit = a.ancestor
                         WHERE up.depth = own.depth - 1)
        SELECT d.unit, d.period, l.level, p.ancestor AS parent
        FROM depths AS d JOIN checked_levels AS l ON l.unit = d.unit
        LEFT JOIN parents AS p ON p.period = d.period AND p.unit = d.unit"""
    ).to_arrow_table()
    for name in ("checked_ends", "checked_ancestry", "checked_levels"):
        connection.unregister(name)
    connection.register(TREE, tree)


def unload(connection: duckdb.DuckDBPyConnection) -> None:
    """Forgets what `load` registered."""
    for name in (TREE, SPANS):
        connection.unregister(name)


def periods_of(programme: Programme, tables: Iterable[pa.Table]) -> set[str]:
    """Every period that the tables have figures of, at the frequencies of checks that compare."""
    at = [one.at for one in programme.checks.values() if any(map(is_relative, one.expect.names))]
    chosen = [table.filter(pc.is_in(table.column("frequency"), pa.array(at))) for table in tables]
    return {code for table in chosen for code in pc.unique(table.column("period")).to_pylist()}


def periods_before(programme: Programme, code: str) -> set[str]:
    """Periods before one that checks may compare it with."""
    return {row["earlier"] for row in _earlier(programme, code)}


def _earlier(programme: Programme, code: str) -> list[dict[str, str]]:
    calendar = programme.calendar
    try:
        one = calendar.parse(code)
        before = [calendar.back(one)]
        year_before = calendar.last_year(one)
        while len(before) < calendar.per_year(one.frequency):
            before.append(calendar.back(before[-1]))
    except PeriodError:
        return []
    found = [{"period": code, "kind": "previous", "earlier": before[0].code}]
    found.append({"period": code, "kind": "last_year", "earlier": year_before.code})
    return found + [{"period": code, "kind": "past", "earlier": each.code} for each in before]


assert set(QUERIES) == set(RELATIVES)
