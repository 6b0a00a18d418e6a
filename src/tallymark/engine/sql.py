"""SQL as values: queries put together from fragments of DuckDB's dialect, printed once, translated by SQLGlot.

User text enters a query only through `column`, `quoted` and `text` (identifiers and literals, escaped) and `formula`
(expressions that were parsed, checked and are printed again from their tree). Fragments are our own SQL. Nothing is
parsed on the way to DuckDB: building the same queries from SQLGlot nodes took longer than running them (see
docs/decisions/0008-sql-fragments.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tallymark.model.expressions import Expression

DIALECT = "duckdb"

DECIMAL = "DECIMAL(38, 9)"
"""Type in which figures are added: exact, so that neither the order of rows nor the number of threads change a sum."""

LIMIT = "1e25"
"""Greatest number that is added; beyond it (and infinite) a value is not usable."""


@dataclass(frozen=True, slots=True)
class Stack:
    """All rows of queries with the same columns, one under the other."""

    parts: tuple[Query, ...]

    def sql(self, dialect: str = DIALECT) -> str:
        """The text in a dialect."""
        return translated(" UNION ALL ".join(part.sql() for part in self.parts), dialect)

    def subquery(self, alias: str) -> str:
        """The rows as a source for another query."""
        return f"({self.sql()}) AS {alias}"


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT statement; every method gives a new one."""

    columns: tuple[str, ...] = ()
    unique: bool = False
    source: str = ""
    joins: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    group_tests: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    def select(self, *columns: str) -> Query:
        """With further columns."""
        return replace(self, columns=(*self.columns, *columns))

    def distinct(self) -> Query:
        """Every row once."""
        return replace(self, unique=True)

    def from_(self, source: str) -> Query:
        """Read from a table or subquery."""
        return replace(self, source=source)

    def join(self, source: str, *, on: str = "", kind: str = "") -> Query:
        """Joined to another source; kind: LEFT, SEMI or CROSS."""
        joined = f"{kind} JOIN {source}" + (f" ON {on}" if on else "")
        return replace(self, joins=(*self.joins, joined.strip()))

    def where(self, *tests: str) -> Query:
        """Only rows that meet further tests."""
        return replace(self, tests=(*self.tests, *tests))

    def group_by(self, *columns: str) -> Query:
        """Grouped by further columns."""
        return replace(self, groups=(*self.groups, *columns))

    def having(self, *tests: str) -> Query:
        """Only groups that meet further tests."""
        return replace(self, group_tests=(*self.group_tests, *tests))

    def order_by(self, *columns: str) -> Query:
        """In this order."""
        return replace(self, order=columns)

    def subquery(self, alias: str) -> str:
        """The rows as a source for another query."""
        return f"({self.sql()}) AS {alias}"

    def sql(self, dialect: str = DIALECT) -> str:
        """The text in a dialect."""
        parts = [f"SELECT {'DISTINCT ' if self.unique else ''}{', '.join(self.columns)}"]
        if self.source:
            parts.append(f"FROM {self.source}")
        parts += self.joins
        for word, given, between in (
            ("WHERE", _apart(self.tests), " AND "),
            ("GROUP BY", self.groups, ", "),
            ("HAVING", _apart(self.group_tests), " AND "),
            ("ORDER BY", self.order, ", "),
        ):
            if given:
                parts.append(f"{word} {between.join(given)}")
        return translated(" ".join(parts), dialect)


AnyQuery = Query | Stack


def select(*columns: str) -> Query:
    """A query for these columns."""
    return Query(columns)


def stacked(queries: Iterable[AnyQuery]) -> Stack:
    """All rows of queries, one under the other."""
    parts: list[Query] = []
    for query in queries:
        parts += query.parts if isinstance(query, Stack) else [query]
    return Stack(tuple(parts))


def _apart(tests: Sequence[str]) -> Sequence[str]:
    """Tests in parentheses; one alone has none, as Spark takes `t WHERE (FALSE)` for a table called WHERE."""
    return tests if len(tests) == 1 else [f"({test})" for test in tests]


def translated(text_: str, dialect: str) -> str:
    """A text of DuckDB's dialect in another one."""
    if dialect == DIALECT:
        return text_
    import sqlglot  # 0.2 s to import, and only other engines need it

    return str(sqlglot.transpile(text_, read=DIALECT, write=dialect)[0])


def quoted(name: str) -> str:
    """An identifier, whatever its name."""
    return '"' + name.replace('"', '""') + '"'


def column(name: str, table: str = "") -> str:
    """A column, whatever its name."""
    return f"{table}.{quoted(name)}" if table else quoted(name)


def text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def double(value: float) -> str:
    """A finite number as a literal of type DOUBLE."""
    written = repr(float(value))
    return written if "e" in written else f"{written}e0"


def formula(expression: Expression, names: Mapping[str, str] | None = None) -> str:
    """A declared expression over the SQL that stands for each name (columns of the same names when not said)."""
    return f"({expression.sql(names or {name: quoted(name) for name in expression.names})})"


def exact(number: str) -> str:
    """A number as decimal with nine places; NULL where it is NULL, not a number, infinite or beyond `LIMIT`."""
    as_double = f"CAST({number} AS DOUBLE)"
    return f"CASE WHEN ABS({as_double}) < {LIMIT} THEN CAST({as_double} AS {DECIMAL}) END"


def among(name: str, words: Iterable[str]) -> str:
    """A test that a column holds one of some texts."""
    listed = ", ".join(text(word) for word in words)
    return f"{name} IN ({listed})" if listed else "FALSE"


def one_of(name: str, numbers: Sequence[int]) -> str:
    """A test that a column holds one of some whole numbers, as a range where they are consecutive."""
    wanted = sorted(set(numbers))
    if not wanted:
        return "FALSE"
    if wanted[-1] - wanted[0] + 1 == len(wanted):
        return f"{name} BETWEEN {wanted[0]} AND {wanted[-1]}"
    return f"{name} IN ({', '.join(map(str, wanted))})"
