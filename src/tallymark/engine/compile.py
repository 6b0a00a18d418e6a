"""The leaf pass: all measures of a dataset in one scan, a row for each unit, slot of time and combination of categories.

Every condition and operand is projected once. A conditional count is `COUNT(CASE WHEN … THEN 1 END)`; several of them
share one sum of doubles where they can: a double adds whole numbers below 2⁵³ exactly, so with 26 bits a counter the
first condition of a pair adds 1 and the second 2²⁶. No counter can overflow, in the leaves or in any sum of them, as it
has room for every row there is. Sums are half as many or fewer, here and all the way up; comparing, casting and
multiplying run over whole vectors where CASE picks rows (docs/decisions/0010).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tallymark.engine.sql import DECIMAL, Query, column, double, exact, formula, one_of, select, text
from tallymark.programme.resolved import Dataset, Measure

WHOLE = 53
"""Bits of the whole numbers that a double holds exactly."""

FEWEST = 4
"""Fewer conditional counts than this are not worth packing."""

MOST = 8
"""Counters that share a sum, at most."""

UNKNOWN = "unknown"
"""Category of events that do not say theirs."""

TEXTS = ("text", "category", "unit", "period")
"""Types of columns that are stored as text."""


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
    """A compiled pass: the grouping query, its columns, and how packed counts are read from them."""

    query: Query
    columns: tuple[str, ...]
    packed: Packed


@dataclass(frozen=True, slots=True)
class Packed:
    """Columns that hold several counts each, and how to read each count; the same for any sum of such rows."""

    columns: tuple[str, ...] = ()
    reads: Mapping[str, str] = field(default_factory=dict)


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
    untidy: frozenset[int] = frozenset()
    """Breakdowns in which one category may be written in two ways."""

    @property
    def keys(self) -> list[str]:
        """What rows are grouped by: unit code, slot and categories."""
        return ["code", "slot", *(f"c{at}" for at, _ in self.breakdowns)]

    def facts(self, columns: Sequence[str]) -> Query:
        """The rows with their keys and further columns."""
        unit = "_unit" if self.dataset.kind == "events" else "unit"
        categories = [
            f"{category(self.dataset, name, tidy=at in self.untidy)} AS c{at}" for at, name in self.breakdowns
        ]
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
    many: int | None = None,
) -> LeafPass:
    """The pass that yields code, slot, c<breakdown>…, n (rows), and columns for the measures (`columns`, `packed`).

    measures: column name → measure (counts and sums). arrivals: also when the first row was received (`arrived`).
    many: how many rows there are at most; counts are packed accordingly (not at all when None).
    A sum is NULL where no row has a value to add; for events `matching(name)` counts the rows that meet its condition,
    as there a sum over none is 0, and one over rows without values is not known.
    """
    inside = _Projected()
    counts: dict[str, str] = {}
    grouped: dict[str, str] = {}
    for name, measure in measures.items():
        test = test_of(rows.dataset, measure)
        if measure.aggregate == "count" and rows.dataset.kind == "events":
            counts[name] = inside.name(test, "w") if test else "TRUE"
            continue
        grouped[name] = _aggregate(rows.dataset, measure, test, inside, count_type)
        if rows.dataset.kind == "events":
            grouped[matching(name)] = _count(inside.name(test, "w") if test else "TRUE", count_type)
    packed = Packed()
    if together(many) > 1 and len(counts) >= FEWEST:
        held, packed = _packed(counts, count_type, many or 0)
        grouped |= held
    else:
        grouped |= {name: _count(test, count_type) for name, test in counts.items()}
    projected = [*inside.columns, *([f"{column('_at')} AS arrived"] if arrivals else [])]
    query = select(*rows.keys, "COUNT(*) AS n", *(f"{sql} AS {name}" for name, sql in grouped.items()))
    query = query.select("MIN(arrived) AS arrived") if arrivals else query
    query = query.from_(rows.facts(projected).subquery("facts")).group_by(*rows.keys)
    plain = tuple(name for name in grouped if name not in packed.columns)
    return LeafPass(query, plain, packed)


def together(many: int | None) -> int:
    """How many counters that have room for so many rows fit a double."""
    return 1 if many is None else max(1, min(MOST, WHOLE // max(1, many.bit_length())))


def matching(name: str) -> str:
    """The column that counts the rows which a sum over events adds up, valued or not."""
    return f"{name}_rows"


def distinct_pass(rows: Rows, of: str, measures: Mapping[str, Measure]) -> Query:
    """Each different value once a unit, slot and categories: code, slot, c<breakdown>…, value, and a column for each
    measure, 1 where a row with the value meets its condition."""
    inside = _Projected()
    value = inside.name(of, "a")
    tests = {name: test_of(rows.dataset, measure) for name, measure in measures.items()}
    flags = [
        f"MAX(CASE WHEN {inside.name(test, 'w') if test else 'TRUE'} THEN 1 ELSE 0 END) AS {name}"
        for name, test in tests.items()
    ]
    query = select(*rows.keys, f"{value} AS value", *flags).from_(
        rows.facts(inside.columns).subquery("facts")
    )
    return query.where(f"NOT {value} IS NULL").group_by(*rows.keys, value)


def category(dataset: Dataset, name: str, *, tidy: bool = True) -> str:
    """A breakdown column as category text; tidy: empty text is NULL in reports, `unknown` (as NULL) in events."""
    stored = dataset.columns.get(name)
    known = column(name) if stored and stored.type in TEXTS else f"CAST({column(name)} AS VARCHAR)"
    if not tidy:
        return known
    return (
        f"COALESCE(NULLIF({known}, ''), {text(UNKNOWN)})"
        if dataset.kind == "events"
        else f"NULLIF({known}, '')"
    )


def test_of(dataset: Dataset, measure: Measure) -> str | None:
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


def _count(test: str, count_type: str) -> str:
    return f"CAST(COUNT(CASE WHEN {test} THEN 1 END) AS {count_type})"


def _packed(counts: Mapping[str, str], count_type: str, many: int) -> tuple[dict[str, str], Packed]:
    """Sums that each hold several counters, and how to take the counters out again."""
    names, size = list(counts), together(many)
    bits = WHOLE // size
    held: dict[str, str] = {}
    reads: dict[str, str] = {}
    for head in range(0, len(names), size):
        column_ = f"p{head // size}"
        added = []
        for at, name in enumerate(names[head : head + size]):
            met = f"CAST({counts[name]} IS NOT DISTINCT FROM TRUE AS DOUBLE)"
            added.append(f"{met} * {double(1 << bits * at)}" if at else met)
            reads[name] = (
                f"CAST(((CAST({column_} AS BIGINT) >> {bits * at}) & {(1 << bits) - 1}) AS {count_type})"
            )
        held[column_] = f"SUM({' + '.join(added)})"
    return held, Packed(tuple(held), reads)
