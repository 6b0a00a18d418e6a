"""Which measures count people, and what exactly each of their cells counts.

Two cells that count the same rows are one cell, whatever they are called: boys born, and births whose sex is male. A
cell is therefore known by its *key*: dataset, quantity, and the set of conditions that its rows meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tallymark.model.expressions.sql import to_sql
from tallymark.model.expressions.tree import COMPARISONS, Call, Name, Node, Value, walk
from tallymark.programme.resolved import Dataset, Measure, Programme
from tallymark.programme.written.figures import STATISTICS_ONLY

COVERED = frozenset({"personal", "sensitive"})
ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Key:
    """What a cell counts: `quantity` is `rows`, an item, or an expression added up or counted distinct."""

    dataset: str
    quantity: str
    conditions: frozenset[str]


def people_measures(programme: Programme) -> frozenset[str]:
    """Measures that count people: see `WrittenDisclosure`. A measure of a sensitive column always does."""
    declared = programme.disclosure
    found = set(declared.people)
    for name, measure in programme.measures.items():
        used = _sensitivities(measure)
        if "sensitive" in used or (COVERED & used and name not in declared.offices):
            found.add(name)
    for indicator in programme.indicators.values():
        if indicator.concerns in STATISTICS_ONLY:
            found |= {name for name in indicator.names if name in programme.measures}
    return frozenset(found)


def _sensitivities(measure: Measure) -> set[str]:
    """How sensitive what a measure uses is: its columns, its item, and for a register whatever the register holds."""
    dataset = measure.dataset
    if measure.item is not None:
        return {dataset.items[measure.item].sensitivity} if measure.item in dataset.items else set()
    used = frozenset[str]().union(*(part.names for part in (measure.of, measure.where) if part is not None))
    own = {column.sensitivity for name, column in dataset.columns.items() if name in used}
    return own | ({"personal"} if _holds_people(dataset) else set())


def _holds_people(dataset: Dataset) -> bool:
    return any(column.sensitivity in COVERED for column in dataset.columns.values())


def key_of(measure: Measure, breakdown: str, category: str) -> Key:
    """What a row of the measures table counts."""
    conditions = set(_conditions(measure.where.tree)) if measure.where is not None else set[str]()
    if breakdown:
        conditions.add(equals(breakdown, category))
    of = measure.item or (f"{measure.aggregate} {measure.of.text}" if measure.of is not None else ROWS)
    return Key(measure.dataset.name, of, frozenset(conditions))


def equals(column: str, value: str) -> str:
    """The condition that a column has a value."""
    return f"{column} = {value}"


def impossible(key: Key) -> bool:
    """Whether nothing can meet all conditions: one column would have two values. Such cells are 0 and tell nothing."""
    columns = [condition.split(" = ")[0] for condition in key.conditions if " = " in condition]
    return len(columns) > len(set(columns))


def _conditions(node: Node) -> Iterator[str]:
    """What has to hold, one by one: the parts of an `and`."""
    if isinstance(node, Call) and node.op == "and":
        for part in node.args:
            yield from _conditions(part)
        return
    pair = _column_and_text(node)
    if pair is not None:
        yield equals(*pair)
    else:
        yield to_sql(node, lambda name: name)
        if isinstance(node, Call) and node.op in COMPARISONS:
            yield from (f"NOT {one.name} IS NULL" for one in walk(node) if isinstance(one, Name))


def _column_and_text(node: Node) -> tuple[str, str] | None:
    if not isinstance(node, Call) or node.op != "=":
        return None
    one, other = node.args
    if isinstance(one, Name) and isinstance(other, Value) and isinstance(other.value, str):
        return one.name, other.value
    return None


def exhaustive(dataset: Dataset, column: str) -> tuple[str, ...]:
    """The values that a column can have; empty when they are not declared."""
    declared = dataset.columns.get(column)
    return (declared.values or ()) if declared is not None else ()


def within(keys: Mapping[Key, int]) -> list[tuple[int, int]]:
    """Pairs (part, whole) of counts of rows where whatever the part counts the whole does too, nothing between them."""
    found = []
    of_rows = [key for key in keys if key.quantity == ROWS]
    for part in of_rows:
        wholes = [
            whole for whole in of_rows if whole.dataset == part.dataset and whole.conditions < part.conditions
        ]
        for whole in wholes:
            if not any(whole.conditions < other.conditions for other in wholes):
                found.append((keys[part], keys[whole]))
    return found
