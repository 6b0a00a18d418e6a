"""Which conditions a row meets, found by its values' classes: every combination of classes is judged once.

The measures of a strand are bound into *books*. A book has a page for each combination of the classes of the columns
that its conditions read, and a page says which of its measures count a row. The judging is done in SQL, on values that
stand for their classes, so that a book says what the leaf pass in SQL would say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.compile import matching, test_of
from tallymark.engine.duckdb import each
from tallymark.engine.sql import exact, formula
from tallymark.measure.classes import Classes, Ints, atoms
from tallymark.measure.plan import Strand
from tallymark.measure.spelling import Lookup, Spelled
from tallymark.model.expressions.tree import Call, Name, Node, walk
from tallymark.store import dataset_schema

PAGES, MOST_PAGES = 1 << 15, 1 << 20
"""A book is bound with so many pages, and may grow to so many as rare values turn up."""


class TooVaried(Exception):
    """The columns that conditions read have too many combinations of classes to judge them all."""


@dataclass(frozen=True, slots=True)
class Test:
    """What a row must meet for a measure to count it."""

    sql: str
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Book:
    """Measures bound together: those from number `first` on, and what their conditions read."""

    first: int
    tests: tuple[Test, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """A book's pages: page → 1 for each measure that counts a row there, and how far apart classes of a column are."""

    table: npt.NDArray[np.uint64]
    """A byte a measure, eight to a number: page × numbers."""
    strides: Mapping[str, int]
    sizes: tuple[int, ...]
    """Classes of each column that are in it."""


def bind(tests: Sequence[Test], classes: Mapping[str, Classes]) -> list[Book]:
    """Books for tests, in order; as many together as have few combinations by the classes seen so far."""
    books: list[Book] = []
    start, together = 0, frozenset[str]()
    for at, test in enumerate(tests):
        wider = together | test.reads
        if at > start and _many(wider, classes) > PAGES:
            books.append(Book(start, tuple(tests[start:at]), tuple(sorted(together))))
            start, wider = at, test.reads
        together = wider
    return [*books, Book(start, tuple(tests[start:]), tuple(sorted(together)))]


def ordered(tests: Mapping[str, Test]) -> list[str]:
    """The measures in an order in which those that read the same columns stand together."""
    return sorted(tests, key=lambda name: (sorted(tests[name].reads), name))


def _many(columns: frozenset[str], classes: Mapping[str, Classes]) -> int:
    many = 1
    for name in columns:
        many *= max(1, classes[name].many)
    return many


def judge(book: Book, classes: Mapping[str, Classes], asked: duckdb.DuckDBPyConnection) -> Pages:
    """The pages of a book for the classes seen so far; TooVaried when there would be too many."""
    sizes = tuple(classes[name].many for name in book.columns)
    many = _many(frozenset(book.columns), classes)
    if many > MOST_PAGES:
        raise TooVaried
    strides = dict(zip(book.columns, _strides(sizes), strict=True))
    met = _met(book, classes, asked)
    page, table = np.arange(many), np.zeros((many, -(-len(book.tests) // 8) * 8), np.uint8)
    place: dict[frozenset[str], Ints] = {}
    for at, test in enumerate(book.tests):
        if test.reads not in place:
            names = sorted(test.reads)
            apart = _strides([classes[name].many for name in names])
            place[test.reads] = sum(
                (
                    page // strides[name] % classes[name].many * by
                    for name, by in zip(names, apart, strict=True)
                ),
                np.zeros(1, np.int64),
            )
        table[:, at] = met[at][place[test.reads]]
    return Pages(table.view(np.uint64), strides, sizes)


def _met(
    book: Book, classes: Mapping[str, Classes], asked: duckdb.DuckDBPyConnection
) -> list[npt.NDArray[np.uint8]]:
    """For each test of a book whether it is met, by combination of the classes of the columns that it reads (by name, the
    first one changing fastest): a test asks nothing about others, so that few combinations tell what all pages are."""
    sets = list(dict.fromkeys(test.reads for test in book.tests))
    pieces, ends = [], [0]
    for reads in sets:
        names = sorted(reads)
        sizes = [classes[name].many for name in names]
        place = np.arange(math.prod(sizes))
        columns = {
            name: classes[name].values.take(pa.array(place // apart % size))
            for name, apart, size in zip(names, _strides(sizes), sizes, strict=True)
        }
        kinds = {name: classes[name].field.type for name in book.columns}
        pieces.append(
            pa.table(
                {n: columns.get(n, pa.nulls(len(place), kind)) for n, kind in kinds.items()} | {"_set": place}
            )
        )
        ends.append(ends[-1] + len(place))
    sql = [f"CAST(({test.sql}) IS NOT DISTINCT FROM TRUE AS UTINYINT)" for test in book.tests]
    found = each(asked, pa.concat_tables(pieces), sql).columns
    of = {reads: slice(low, high) for reads, (low, high) in zip(sets, pairwise(ends), strict=True)}
    return [one.to_numpy()[of[test.reads]] for one, test in zip(found, book.tests, strict=True)]


def _strides(sizes: Sequence[int]) -> list[int]:
    """How far apart neighbours are along axes of these sizes, of which the first changes fastest."""
    return [math.prod(sizes[:at]) for at in range(len(sizes))]


class Judged:
    """What the conditions make of rows: the classes seen so far, and the books that were judged for them."""

    def __init__(
        self, tests: Mapping[str, Test], fields: Mapping[str, pa.Field], classes: Mapping[str, Classes],
        asked: duckdb.DuckDBPyConnection,
    ) -> None:  # fmt: skip
        self.tests, self.fields = tests, fields
        self._classes, self._asked = classes, asked
        self._lookups = {name: Lookup(field.type, classes[name].of) for name, field in fields.items()}
        self._books: list[Book] = []
        self._pages: dict[int, Pages] = {}

    @classmethod
    def of(cls, strand: Strand, asked: duckdb.DuckDBPyConnection) -> Judged:
        """The conditions of a strand's counts; `asked` says what they are in SQL."""
        schema, tests = dataset_schema(strand.dataset), tests_of(strand)
        seen = {name: dict.fromkeys(parts) for name, parts in atoms(_trees(strand)).items()}
        for name, there in _usable(strand):
            seen.setdefault(name, {})[there] = None
        fields = {name: schema.field(name) for name in sorted(seen)}
        classes = {name: Classes(field, tuple(seen[name]), asked) for name, field in fields.items()}
        return cls({name: tests[name] for name in ordered(tests)}, fields, classes, asked)

    def pages(
        self, columns: Mapping[str, Spelled]
    ) -> list[tuple[Book, npt.NDArray[np.uint64], dict[str, Ints]]]:
        """The books with their pages for all that stands in these columns, and what each value of a column adds to the
        number of a row's page."""
        seen = {name: self._lookups[name].of(columns[name]) for name in self.fields}
        self._books = self._books or bind(tuple(self.tests.values()), self._classes)
        found = []
        for at, book in enumerate(self._books):
            sizes = tuple(self._classes[name].many for name in book.columns)
            if at not in self._pages or self._pages[at].sizes != sizes:
                self._pages[at] = judge(book, self._classes, self._asked)
            pages = self._pages[at]
            found.append(
                (book, pages.table, {name: seen[name] * pages.strides[name] for name in book.columns})
            )
        return found


def tests_of(strand: Strand) -> dict[str, Test]:
    """Column of counts → what a row must meet. A sum has two: of the rows that it adds, and of those without a value,
    too."""
    found: dict[str, Test] = {}
    for p in strand.counted:
        met, tree = test_of(strand.dataset, p.measure), p.measure.where
        reads = _names([tree.tree] if tree is not None else [])
        of = p.measure.of
        if p.measure.aggregate == "sum" and of is not None:
            found[matching(p.value)] = Test(met or "TRUE", reads)
            there = f"NOT {exact(formula(of))} IS NULL"
            met = there if met is None else f"({met}) AND {there}"
        found[p.value] = Test(met or "TRUE", reads | _names([of.tree] if of is not None else []))
    return found


def _trees(strand: Strand) -> list[Node]:
    """The conditions of counts and sums, and that what a count counts is there."""
    found: list[Node] = [p.measure.where.tree for p in strand.counted if p.measure.where is not None]
    counts = [p.measure for p in strand.counted if p.measure.aggregate == "count"]
    return [*found, *(Call("is null", (one.of.tree,)) for one in counts if one.of is not None)]


def _usable(strand: Strand) -> list[tuple[str, str]]:
    """Column that a sum reads, and SQL of whether its value can be added."""
    of = [p.measure.of for p in strand.counted if p.measure.aggregate == "sum"]
    return [(next(iter(one.names)), f"{exact(formula(one))} IS NULL") for one in of if one is not None]


def _names(trees: list[Node]) -> frozenset[str]:
    return frozenset(one.name for tree in trees for one in walk(tree) if isinstance(one, Name))
