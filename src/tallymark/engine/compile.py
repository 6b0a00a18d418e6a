"""The leaf pass: all measures of a dataset in one scan, a row for each unit, slot of time and categories.

Every condition and operand is projected once, then counted with `COUNT(CASE WHEN … THEN 1 END)`. Where groups
are small, five counters share one 64-bit sum (each condition adds 1 in its own twelve bits): eight sums then do
the work of forty counts. A group with more rows than a counter holds makes the caller compile again, unpacked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp, select

from tallymark.engine.sql import (
    DECIMAL,
    Node,
    cast,
    column,
    exact,
    formula,
    listed,
    named,
    number,
    quoted,
    text,
    total,
    when,
)
from tallymark.programme.resolved import Dataset, Measure

BITS, TOGETHER = 12, 5
MOST = 2**BITS - 1
"""Greatest count that a packed counter holds."""

FEWEST = 4
"""Fewer conditional counts than this are not worth packing."""

UNKNOWN = "unknown"
"""Category of events that do not say theirs."""


@dataclass(frozen=True, slots=True)
class Slotting:
    """How rows find their slot: a column that holds it, or a join to a table of slots."""

    column: str | None = None
    """Column with the slot's number."""
    among: Sequence[int] = ()
    """Numbers wanted, when `column` is given."""
    table: str | None = None
    """Table(_slot, _key) to join otherwise."""
    on: str | None = None
    """Column of the dataset that equals the table's key."""


@dataclass(frozen=True, slots=True)
class LeafPass:
    """A compiled pass: the grouping query, and how each column is read from its rows."""

    query: exp.Select
    columns: Mapping[str, Node]
    packed: bool


@dataclass(slots=True)
class _Projected:
    """Expressions projected under short names, each once."""

    names: dict[str, str] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)

    def name(self, node: Node, letter: str) -> str:
        """The short name under which an expression is projected."""
        written = node.sql("duckdb")
        if written not in self.names:
            self.names[written] = f"{letter}{len(self.names)}"
            self.nodes.append(named(node, self.names[written]))
        return self.names[written]


def leaf_pass(
    dataset: Dataset,
    measures: Mapping[str, Measure],
    *,
    source: str,
    slotting: Slotting,
    breakdowns: Sequence[tuple[int, str]] = (),
    arrivals: bool = False,
    count_type: str = "BIGINT",
    pack: bool = False,
) -> LeafPass:
    """The pass over `source`: columns code, slot, c<breakdown>…, n (rows), and one for each measure.

    measures: column name → measure (counts and sums). arrivals: also when the first row came (`arrived`).
    """
    inside = _Projected()
    counts: dict[str, str] = {}
    read: dict[str, Node] = {}
    grouped: list[Node] = []
    for name, measure in measures.items():
        test = _test(dataset, measure)
        if measure.aggregate == "count" and dataset.kind == "events":
            if test is None:
                read[name] = cast("n", count_type)
            else:
                counts[name] = inside.name(test, "w")
            continue
        grouped.append(named(_aggregate(dataset, measure, test, inside, count_type), name))
        read[name] = exp.column(name)
    packed = pack and len(counts) >= FEWEST
    for node, reads in (_packed if packed else _plain)(counts, count_type):
        grouped.append(node)
        read.update(reads)
    keys = [exp.column(name) for name in ("code", "slot", *(f"c{at}" for at, _ in breakdowns))]
    query = (
        select(*keys, named(exp.Count(this=exp.Star()), "n"), *grouped)
        .from_(_projection(dataset, inside, source, slotting, breakdowns, arrivals).subquery("facts"))
        .group_by(*[key.copy() for key in keys])
    )
    if arrivals:
        query = query.select("MIN(arrived) AS arrived")
    return LeafPass(query, read, packed)


def distinct_pass(
    dataset: Dataset,
    of: Node,
    measures: Mapping[str, Measure],
    *,
    source: str,
    slotting: Slotting,
    breakdowns: Sequence[tuple[int, str]] = (),
) -> exp.Select:
    """Each different value once a unit, slot and categories: code, slot, c<breakdown>…, value, and for each
    measure 1 where a row with the value meets its condition."""
    inside = _Projected()
    value = exp.column(inside.name(of, "a"))
    met = {name: _test(dataset, measure) for name, measure in measures.items()}
    flags = [
        named(
            exp.Max(
                this=when(exp.column(inside.name(test, "w")) if test is not None else exp.true(), "1", "0")
            ),
            name,
        )
        for name, test in met.items()
    ]
    keys = [exp.column(name) for name in ("code", "slot", *(f"c{at}" for at, _ in breakdowns))]
    facts = _projection(dataset, inside, source, slotting, breakdowns, False).subquery("facts")
    return (
        select(*keys, named(value, "value"), *flags)
        .from_(facts)
        .where(exp.Not(this=exp.Is(this=value.copy(), expression=exp.null())))
        .group_by(*[key.copy() for key in keys], value.copy())
    )


def category(dataset: Dataset, name: str, table: str | None = None) -> Node:
    """A breakdown column as category text: events that do not say theirs are `unknown`, reports not split."""
    known = exp.Nullif(this=cast(column(name, table), "VARCHAR"), expression=text(""))
    return exp.Coalesce(this=known, expressions=[text(UNKNOWN)]) if dataset.kind == "events" else known


def month_filter(name: str, among: Sequence[int]) -> Node:
    """A test that a column holds one of some whole numbers, as a range where they are consecutive."""
    low, high = min(among), max(among)
    wanted = exp.column(name, quoted=True)
    if high - low + 1 == len(set(among)):
        return exp.Between(this=wanted, low=number(low), high=number(high))
    return exp.In(this=wanted, expressions=listed(sorted(set(among))))


def _projection(
    dataset: Dataset,
    inside: _Projected,
    source: str,
    slotting: Slotting,
    breakdowns: Sequence[tuple[int, str]],
    arrivals: bool,
) -> exp.Select:
    unit = "_unit" if dataset.kind == "events" else "unit"
    query = select(named(column(unit), "code"), *inside.nodes).from_(source)
    if slotting.column is not None:
        query = query.select(named(column(slotting.column), "slot"))
        query = query.where(month_filter(slotting.column, slotting.among))
    else:
        on = f"slots._key = {quoted(str(slotting.on))}"
        query = query.select("slots._slot AS slot").join(f"{slotting.table} AS slots", on=on)
    query = query.select(*[named(category(dataset, name), f"c{at}") for at, name in breakdowns])
    return query.select(named(column("_at"), "arrived")) if arrivals else query


def _test(dataset: Dataset, measure: Measure) -> Node | None:
    """What a row must meet to be counted; None when every row counts."""
    tests: list[Node] = []
    if dataset.kind != "events" and measure.item is not None:
        tests.append(exp.EQ(this=column("item"), expression=text(measure.item)))
    if measure.where is not None:
        tests.append(formula(measure.where))
    if measure.aggregate == "count" and measure.of is not None:
        tests.append(exp.Not(this=exp.Is(this=exp.paren(formula(measure.of)), expression=exp.null())))
    return exp.and_(*tests, dialect="duckdb") if tests else None


def _aggregate(
    dataset: Dataset, measure: Measure, test: Node | None, inside: _Projected, count_type: str
) -> Node:
    """The aggregate of a sum, or of a count over reports; NULL where nothing usable was there to add."""
    met = exp.column(inside.name(test, "w")) if test is not None else exp.true()
    operand = formula(measure.of) if measure.of is not None else column("value")
    value = exp.column(inside.name(exact(operand), "a"))
    if measure.aggregate == "count":
        item = exp.EQ(this=column("item"), expression=text(measure.item)) if measure.item else exp.true()
        there = exp.column(inside.name(item, "w"))
        usable = exp.and_(there, exp.Not(this=exp.Is(this=value, expression=exp.null())))
        some = exp.GT(this=exp.Count(this=when(usable, "1")), expression=number(0))
        return when(some, cast(exp.Count(this=when(exp.and_(met, usable.copy()), "1")), count_type))
    added = total(when(met, value), DECIMAL)
    if dataset.kind != "events":
        return added
    none = exp.EQ(this=exp.Count(this=when(met.copy(), "1")), expression=number(0))
    return when(none, cast("0", DECIMAL), added)


def _plain(counts: Mapping[str, str], count_type: str) -> list[tuple[Node, dict[str, Node]]]:
    """One conditional count a measure."""
    return [
        (named(f"CAST(COUNT(CASE WHEN {test} THEN 1 END) AS {count_type})", name), {name: exp.column(name)})
        for name, test in counts.items()
    ]


def _packed(counts: Mapping[str, str], count_type: str) -> list[tuple[Node, dict[str, Node]]]:
    """Sums that each hold several counters, and how to take the counters out again."""
    names = list(counts)
    made: list[tuple[Node, dict[str, Node]]] = []
    for head in range(0, len(names), TOGETHER):
        members = names[head : head + TOGETHER]
        sums = " + ".join(
            f"CASE WHEN {counts[name]} THEN CAST({1 << BITS * at} AS BIGINT) ELSE CAST(0 AS BIGINT) END"
            for at, name in enumerate(members)
        )
        held = f"p{head // TOGETHER}"
        reads = {
            name: cast(f"(({held} >> {BITS * at}) & {MOST})", count_type) for at, name in enumerate(members)
        }
        made.append((named(f"CAST(SUM({sums}) AS BIGINT)", held), reads))
    return made
