"""Classes of values: two values of a column are alike when no condition can tell them apart.

A condition is AND, OR and NOT over *atoms*. An atom that reads one column (`age >= 15`) tells only some of its values
apart; of a column that is read together with others (`age > limit`), every value is told apart. Values that agree in all
atoms of all conditions make one class, and one value stands for all of it. What an atom is for a value is asked of
DuckDB, once a value, so that it means what it means in SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.duckdb import each
from tallymark.engine.sql import quoted
from tallymark.model.expressions.sql import to_sql
from tallymark.model.expressions.tree import Call, Name, Node, walk

Ints = npt.NDArray[np.int64]


def atoms(conditions: Iterable[Node]) -> Mapping[str, tuple[str, ...]]:
    """Column → SQL of what conditions see of it."""
    found: dict[str, dict[str, None]] = {}
    for condition in conditions:
        for name, seen in _atoms(condition):
            found.setdefault(name, {})[seen] = None
    return {name: tuple(seen) for name, seen in found.items()}


def _atoms(node: Node) -> Iterator[tuple[str, str]]:
    names = sorted({one.name for one in walk(node) if isinstance(one, Name)})
    if len(names) == 1 and not isinstance(node, Name):
        yield names[0], to_sql(node, quoted)
    elif isinstance(node, Call) and node.op in ("and", "or", "not"):
        for part in node.args:
            yield from _atoms(part)
    else:
        yield from ((name, quoted(name)) for name in names)


class Classes:
    """The classes of one column's values, as they come to be known."""

    def __init__(self, field: pa.Field, parts: tuple[str, ...], asked: duckdb.DuckDBPyConnection) -> None:
        self.field = field
        self._parts, self._asked = parts, asked
        self._numbers: dict[str, int] = {}
        self._standing: list[pa.Array] = []

    @property
    def many(self) -> int:
        """How many there are so far."""
        return len(self._numbers)

    @property
    def values(self) -> pa.Array:
        """For each class a value that stands for it."""
        return pa.concat_arrays(self._standing)

    def of(self, values: pa.Array) -> Ints:
        """The number of each value's class; new ones are added."""
        seen = each(self._asked, pa.table([values], schema=pa.schema([self.field])), self._parts)
        at = np.zeros(len(values), np.int64)
        for column in seen.columns:
            spelled = pc.dictionary_encode(column, null_encoding="encode").combine_chunks()
            wide = at * len(spelled.dictionary) + spelled.indices.to_numpy()
            _, first, at = np.unique(wide, return_index=True, return_inverse=True)
        numbers = []
        for one in first.tolist():
            alike = repr([column[one].as_py() for column in seen.columns])
            if alike not in self._numbers:
                self._numbers[alike] = len(self._numbers)
                self._standing.append(values.slice(one, 1))
            numbers.append(self._numbers[alike])
        return np.asarray(numbers, np.int64)[at]
