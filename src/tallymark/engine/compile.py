"""The leaf pass: all measures of a dataset in one scan, a row for each unit, slot of time and combination of categories.

Every condition and operand is projected once, then counted with `COUNT(CASE WHEN … THEN 1 END)`. Where groups are
small, four counters share one sum of doubles: each condition adds 1, 2¹³, 2²⁶ or 2³⁹, whole numbers that a double adds
exactly. Ten sums then do the work of forty counts, and comparing, casting and multiplying run over whole vectors where
CASE picks rows (measured in bench/RESULTS.md). A group with more rows than a counter holds makes the caller compile
again without packing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tallymark.engine.sql import DECIMAL, Query, column, double, exact, formula, one_of, select, text
from tallymark.programme.resolved import Dataset, Measure

BITS, TOGETHER = 13, 4
MOST = 2**BITS - 1
"""Greatest count that a packed counter holds."""

FEWEST = 4
"""Fewer conditional counts than this are not worth packing."""

UNKNOWN = "unknown"
"""Category of events that do not say theirs."""


@dataclass(frozen=True, slots=True)
class Slotting:
    """How rows find their slot: a column that holds its number, or a table(_slot, _key) to join on a column."""

    column: str
    """Column with the slot's number, or with the key."""
    among: Sequence[int] = ()
    """Numbers wanted, where there is no table."""
    table: str | None = None


@dataclass(frozen=True, slots=True)
class LeafPass:
    """A compiled pass: the grouping query, and how each column is read from its rows."""

    query: Query
    columns: Mapping[str, str]
    packed: bool


@dataclass(slots=True)
class _Projected:
    """Expressions projected under short names, each once."""

    names: dict[str, str] = field(default_factory=dict)

    def name(self, expression: str, letter: str) -> str:
        """The short name under which an expression is projected."""
        return self.names.setdefault(expression, f"{letter}{len(self.names)}")

    @property
    def columns(self) -> list[str]:
        """All of them, for a SELECT."""
        return [f"{expression} AS {name}" for expression, name in self.names.items()]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that a pass reads: of a dataset, from a source, into slots, with breakdown columns by number."""

    dataset: Dataset
    source: str
    slotting: Slotting
    breakdowns: Sequence[tuple[int, str]] = ()

    @property
    def keys(self) -> list[str]:
        """What rows are grouped by: unit code, slot and categories."""
        return ["code", "slot", *(f"c{at}" for at, _ in self.breakdowns)]

    def facts(self, columns: Sequence[str]) -> Query:
        """The rows with their keys and further columns."""
        unit = "_unit" if self.dataset.kind == "events" else "unit"
        categories = [f"{category(self.dataset, name)} AS c{at}" for at, name in self.breakdowns]
        query = select(f"{column(unit)} AS code", *categories, *columns).from_(self.source)
        key = column(self.slotting.column)
        if self.slotting.table is None:
            return query.select(f"{key} AS slot").where(one_of(key, self.slotting.among))
        return query.select("slots._slot AS slot").join(
            f"{self.slotting.table} AS slots", on=f"slots._key = {key}"
        )


def leaf_pass(
    rows: Rows,
    measures: Mapping[str, Measure],
    *,
    arrivals: bool = False,
    count_type: str = "BIGINT",
    pack: bool = False,
) -> LeafPass:
    """The pass that yields columns code, slot, c<breakdown>…, n (rows), and one for each measure.

    measures: column name → measure (counts and sums). arrivals: also when the first row was received (`arrived`).
    A sum is NULL where no row has a value to add; for events `matching(name)` counts the rows that meet its condition,
    as there a sum over none is 0, and one over rows without values is not known.
    """
    inside = _Projected()
    counts: dict[str, str] = {}
    grouped: list[str] = []
    read: dict[str, str] = {}
    for name, measure in measures.items():
        test = _test(rows.dataset, measure)
        read[name] = name
        if measure.aggregate != "count" or rows.dataset.kind != "events":
            grouped.append(f"{_aggregate(rows.dataset, measure, test, inside, count_type)} AS {name}")
            if rows.dataset.kind == "events":
                read[matching(name)] = matching(name)
                met = inside.name(test, "w") if test else "TRUE"
                grouped.append(f"CAST(COUNT(CASE WHEN {met} THEN 1 END) AS {count_type}) AS {matching(name)}")
        elif test is None:
            read[name] = f"CAST(n AS {count_type})"
        else:
            counts[name] = inside.name(test, "w")
    packed = pack and len(counts) >= FEWEST
    for aggregate, reads in (_packed if packed else _plain)(counts, count_type):
        grouped.append(aggregate)
        read.update(reads)
    projected = [*inside.columns, *([f"{column('_at')} AS arrived"] if arrivals else [])]
    query = select(*rows.keys, "COUNT(*) AS n", *grouped, *(["MIN(arrived) AS arrived"] if arrivals else []))
    query = query.from_(rows.facts(projected).subquery("facts")).group_by(*rows.keys)
    return LeafPass(query, read, packed)


def matching(name: str) -> str:
    """The column that counts the rows which a sum over events adds up, valued or not."""
    return f"{name}_rows"


def distinct_pass(rows: Rows, of: str, measures: Mapping[str, Measure]) -> Query:
    """Each different value once a unit, slot and categories: code, slot, c<breakdown>…, value, and a column for each
    measure, 1 where a row with the value meets its condition."""
    inside = _Projected()
    value = inside.name(of, "a")
    tests = {name: _test(rows.dataset, measure) for name, measure in measures.items()}
    flags = [
        f"MAX(CASE WHEN {inside.name(test, 'w') if test else 'TRUE'} THEN 1 ELSE 0 END) AS {name}"
        for name, test in tests.items()
    ]
    query = select(*rows.keys, f"{value} AS value", *flags).from_(
        rows.facts(inside.columns).subquery("facts")
    )
    return query.where(f"NOT {value} IS NULL").group_by(*rows.keys, value)


def category(dataset: Dataset, name: str) -> str:
    """A breakdown column as category text. Events that do not say theirs are `unknown`; reports are then not split."""
    known = f"NULLIF(CAST({column(name)} AS VARCHAR), '')"
    return f"COALESCE({known}, {text(UNKNOWN)})" if dataset.kind == "events" else known


def _test(dataset: Dataset, measure: Measure) -> str | None:
    """What a row must meet to be counted; None when every row counts."""
    tests = []
    if dataset.kind != "events" and measure.item is not None:
        tests.append(f"{column('item')} = {text(measure.item)}")
    if measure.where is not None:
        tests.append(formula(measure.where))
    if measure.aggregate == "count" and measure.of is not None:
        tests.append(f"NOT {formula(measure.of)} IS NULL")
    return " AND ".join(tests) or None


def _aggregate(
    dataset: Dataset, measure: Measure, test: str | None, inside: _Projected, count_type: str
) -> str:
    """The aggregate of a sum, or of a count over reports; NULL where nothing usable was there to add."""
    met = inside.name(test, "w") if test else "TRUE"
    value = inside.name(exact(formula(measure.of) if measure.of is not None else column("value")), "a")
    if measure.aggregate == "count":
        there = inside.name(f"{column('item')} = {text(measure.item)}", "w") if measure.item else "TRUE"
        usable = f"{there} AND NOT {value} IS NULL"
        return (
            f"CASE WHEN COUNT(CASE WHEN {usable} THEN 1 END) > 0 "
            f"THEN CAST(COUNT(CASE WHEN {met} AND {usable} THEN 1 END) AS {count_type}) END"
        )
    return f"CAST(SUM(CASE WHEN {met} THEN {value} END) AS {DECIMAL})"


def _plain(counts: Mapping[str, str], count_type: str) -> list[tuple[str, dict[str, str]]]:
    """One conditional count a measure."""
    return [
        (f"CAST(COUNT(CASE WHEN {test} THEN 1 END) AS {count_type}) AS {name}", {name: name})
        for name, test in counts.items()
    ]


def _packed(counts: Mapping[str, str], count_type: str) -> list[tuple[str, dict[str, str]]]:
    """Sums that each hold several counters, and how to take the counters out again."""
    names = list(counts)
    made: list[tuple[str, dict[str, str]]] = []
    for head in range(0, len(names), TOGETHER):
        members = list(enumerate(names[head : head + TOGETHER]))
        added = " + ".join(
            f"CAST({counts[name]} IS NOT DISTINCT FROM TRUE AS DOUBLE) * {double(1 << BITS * at)}"
            for at, name in members
        )
        held = f"p{head // TOGETHER}"
        reads = {
            name: f"CAST(((CAST({held} AS BIGINT) >> {BITS * at}) & {MOST}) AS {count_type})"
            for at, name in members
        }
        made.append((f"SUM({added}) AS {held}", reads))
    return made
