"""Counting by the histogram against counting in SQL: the same programme and rows give the same bytes either way."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallymark.engine.duckdb import Engine
from tallymark.errors import StoreError
from tallymark.measure import Measured, histogram, measure
from tallymark.measure.patterns import TooVaried
from tallymark.model.periods import month_number
from tallymark.store import Batch, Store, dataset_schema, open_store
from tests.drawing import drawn
from tests.property.test_measure_twin import PERIODS, place, some_day
from tests.unit.measure import small

COLUMNS = {
    "sex": "category", "home": "boolean", "age": "integer", "limit": "integer", "weight": "number", "who": "text",
    "seen": "date", "big": "integer", "fee": "number", "debt": "integer",
}  # fmt: skip
VALUES: dict[str, list[Any]] = {
    "sex": ["f", "m", "x", "", None],
    "home": [True, False, None],
    "age": [0, 14, 15, 16, 49, 50, None],
    "limit": [0, 15, 49, None],
    "weight": [2.5, 0.1, -0.0, 0.0, 1e300, None],
    "who": ["a", "b", "Ä", "a'b", "", "很", None],
    "seen": [dt.date(2024, 2, 29), dt.date(2025, 1, 1), dt.date(1969, 12, 31), None],
    "big": [-(2**62), -1, 0, 10**6, 2**62, None],
    "fee": [0.1, 0.2, -0.3, 12.345678901, 1e6, 1e-9, float("inf"), None],
    "debt": [-5, 7_000_000, 0, None],
}
LITERALS: dict[str, list[str]] = {
    "sex": ["'f'", "'m'", "'x'", "''"],
    "age": ["15", "15.5", "49", "-1"],
    "limit": ["15", "49"],
    "weight": ["2.5", "0", "0.1"],
    "who": ["'a'", "'很'", "'a''b'"],
    "seen": ["DATE '2024-02-29'", "DATE '2025-01-01'"],
    "big": ["0", "1000000", "4611686018427387904"],
}


def atom(r: random.Random) -> str:
    """One comparison, of a column with a literal or with another column."""
    if r.random() < 0.15:
        return r.choice(
            ["home", "home = TRUE", "age > limit", "limit <= age", "age + limit > 20", "age = big"]
        )
    if r.random() < 0.1:
        return r.choice(["lower(who) = 'ä'", "length(who) > 1", "year(seen) = 2024", "abs(weight) < 1", "age / limit > 1",
                         "coalesce(sex, 'none') = 'none'", "CASE WHEN age > 14 THEN home ELSE weight > 2 END"])  # fmt: skip
    name = r.choice(list(LITERALS))
    if r.random() < 0.2:
        return f"{name} IS {r.choice(['', 'NOT '])}NULL"
    if r.random() < 0.2:
        return f"{name} {r.choice(['', 'NOT '])}IN ({', '.join(r.sample(LITERALS[name], 2))})"
    return f"{name} {r.choice(['=', '<>', '<', '<=', '>', '>='])} {r.choice(LITERALS[name])}"


def condition(r: random.Random, depth: int = 2) -> str:
    if not depth or r.random() < 0.3:
        return atom(r)
    parts = [f"({condition(r, depth - 1)})" for _ in range(2)]
    return r.choice([" AND ".join(parts), " OR ".join(parts), f"NOT {parts[0]}"])


def declared(r: random.Random) -> Any:
    visits = small.dataset(
        "visits", "events", columns=COLUMNS, breakdowns=r.sample(["sex", "home", "age"], r.randint(0, 2)),
        values={"sex": ("f", "m")}, absence=r.choice(["missing", "zero"]), at=r.choice(["hamlet", None]),
        due_days=r.choice([None, 5]),
    )  # fmt: skip
    measures = [small.counted("all", visits), small.counted("weighed", visits, column="weight")]
    measures += [small.counted(f"c{at}", visits, where=condition(r)) for at in range(r.randint(1, 9))]
    measures.append(small.counted("there", visits, column=r.choice(list(COLUMNS)), where=condition(r)))
    if r.random() < 0.3:
        measures.append(
            small.counted("level", visits, where=condition(r), over_time=r.choice(["last", "average"]))
        )
    for at in range(r.choice([0, 0, 1, 3])):
        of = r.choice(["weight", "age", "limit", "age * 2 + 1", "weight / 3", "fee", "debt"])
        where = condition(r) if r.random() < 0.7 else None
        over_time = r.choice(["sum", "sum", "sum", "last"])
        measures.append(small.counted(f"sum{at}", visits, "sum", column=of, where=where, over_time=over_time))
    if r.random() < 0.3:
        measures.append(small.counted("people", visits, "distinct", column="who", where=condition(r)))
    return small.programme(place(r), [visits], measures)


def rows(r: random.Random, programme: Any, number: int) -> list[dict[str, Any]]:
    leaves = [code for code in programme.units.codes if code.startswith(("H", "N", "S0"))]
    return [
        {"unit": r.choice(leaves), "day": some_day(r)}
        | {name: r.choice(given) for name, given in VALUES.items()}
        for _ in range(number)
    ]


def batch(of: Any, given: list[dict[str, Any]], number: int, replaced: list[tuple[int, int] | None]) -> Batch:
    made = [
        row | {"_unit": row["unit"], "_day": row["day"], "_month": month_number(row["day"])} for row in given
    ]
    schema = pa.schema([field for field in dataset_schema(of) if field.name not in ("_batch", "_row", "_at")])
    table = pa.Table.from_pylist(made, schema=schema)
    for name, at in (("_old_batch", 0), ("_old_row", 1)):
        table = table.append_column(name, pa.array([one and one[at] for one in replaced], pa.int64()))
    table = table.append_column("_reason", pa.array([one and "corrected" for one in replaced], pa.string()))
    when = dt.datetime(2024, 1 + number, 4, tzinfo=dt.UTC)
    return Batch("x", f"{number}.csv", str(number), when, {"visits": table})


def delivered(r: random.Random, programme: Any, folder: Path) -> Store:
    """A store with several deliveries, some of whose rows replace earlier ones."""
    store, of = open_store(folder), programme.datasets["visits"]
    known: list[tuple[int, int]] = []
    for number in range(r.randint(1, 4)):
        given = rows(r, programme, r.randint(1, 40))
        old = [known.pop(r.randrange(len(known))) if known and r.random() < 0.2 else None for _ in given]
        store.append(batch(of, given, number, old))
        known += [(number + 1, at) for at in range(len(given))]
    return store


def measured(programme: Any, store: Any, periods: list[str], *, enough: int, **more: Any) -> Measured:
    spans = [programme.calendar.parse(code) for code in periods]
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'").fetchall()
        if isinstance(store, pa.Table):
            connection.register("given", store)
            store = {"visits": "given"}
        return measure(programme, store, periods=spans, engine=Engine(connection), enough=enough, **more)


def same(one: Measured, other: Measured) -> None:
    for name in ("measures", "indicators", "reports"):
        assert getattr(one, name).equals(getattr(other, name)), name


@pytest.fixture(autouse=True)
def counted_in_memory(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the histogram counted, for each strand that asked it."""
    did: list[bool] = []
    asked = histogram.histogram

    def watched(*given: Any, **more: Any) -> Any:
        found = asked(*given, **more)
        did.append(found is not None)
        return found

    monkeypatch.setattr("tallymark.measure.tally.histogram", watched)
    return did


@settings(max_examples=drawn(24), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_the_histogram_says_what_sql_says(seed: int, counted_in_memory: list[bool]) -> None:
    r = random.Random(seed)
    programme = declared(r)
    table = small.stored(programme.datasets["visits"], rows(r, programme, r.randint(0, 120)))
    periods = r.sample(PERIODS, 4)
    more = {"boundaries": dt.date(2025, 6, 30)} if r.random() < 0.2 else {}
    same(
        measured(programme, table, periods, enough=0, **more),
        measured(programme, table, periods, enough=10**12, **more),
    )
    assert all(counted_in_memory)
    assert counted_in_memory


@pytest.mark.parametrize("like", ["sex", "who", "home", "age", "weight", "seen"])
def test_so_it_does_of_a_column_that_came_to_be_declared_later(
    like: str, tmp_path: Path, counted_in_memory: list[bool]
) -> None:
    """Files that were delivered before do not have it: their rows say nothing there."""
    r = random.Random(like)
    before = declared(r)
    store = delivered(r, before, tmp_path / "store")
    of = before.datasets["visits"]
    of = replace(of, columns={**of.columns, "later": of.columns[like]}, breakdowns=("later",))
    measures = [small.counted("all", of), small.counted("silent", of, where="later IS NULL"),
                small.counted("told", of, column="later"), small.counted("alike", of, where="later = " + like)]  # fmt: skip
    programme = small.programme(before.units, [of], measures)
    periods = r.sample(PERIODS, 3)
    same(
        measured(programme, store, periods, enough=0),
        measured(programme, store, periods, enough=10**12),
    )
    assert counted_in_memory
    assert all(counted_in_memory)


@pytest.mark.parametrize("seed", range(8))
def test_so_it_does_of_stores_with_corrections(
    seed: int, tmp_path: Path, counted_in_memory: list[bool]
) -> None:
    r = random.Random(seed)
    programme = declared(r)
    store = delivered(r, programme, tmp_path / "store")
    periods = r.sample(PERIODS, 3)
    for version in {None, r.randint(1, store.version)}:
        same(
            measured(programme, store, periods, enough=0, version=version),
            measured(programme, store, periods, enough=10**12, version=version),
        )
    assert counted_in_memory


def test_what_is_too_varied_is_counted_in_sql(
    monkeypatch: pytest.MonkeyPatch, counted_in_memory: list[bool]
) -> None:
    r = random.Random(1)
    programme = declared(r)
    table = small.stored(programme.datasets["visits"], rows(r, programme, 80))
    whole = measured(programme, table, ["2024", "2024-11"], enough=10**12)
    monkeypatch.setattr("tallymark.measure.patterns.MOST_PAGES", 0)
    same(measured(programme, table, ["2024", "2024-11"], enough=0), whole)
    monkeypatch.undo()
    monkeypatch.setattr("tallymark.measure.histogram.MOST_BYTES", 100)
    same(measured(programme, table, ["2024", "2024-11"], enough=0), whole)
    assert not any(counted_in_memory)
    assert issubclass(TooVaried, Exception)


def test_values_that_turn_up_late_are_judged_anew(counted_in_memory: list[bool], tmp_path: Path) -> None:
    """Every delivery brings values that no earlier one had, so that books grow while they are used."""
    visits = small.dataset("visits", "events", columns=COLUMNS, breakdowns=("sex",))
    tests = [f"age >= {at * 10}" for at in range(9)] + [
        "who = 'w3'",
        "age > limit",
        "weight < 2 OR who = 'w1'",
    ]
    measures = [small.counted(f"c{at}", visits, where=test) for at, test in enumerate(tests)]
    programme = small.programme(small.units(small.tree("H0", "H1")), [visits], measures)
    store, r = open_store(tmp_path / "store"), random.Random(4)
    for number in range(5):
        given = rows(r, programme, 30)
        for row in given:
            row |= {"age": number * 20 + r.randrange(9), "who": f"w{number}", "unit": f"H{r.randrange(2)}"}
        store.append(batch(visits, given, number, [None] * len(given)))
    periods = ["2024-11", "2024", "2024-Q4"]
    same(measured(programme, store, periods, enough=0), measured(programme, store, periods, enough=10**12))
    assert all(counted_in_memory)


@pytest.mark.parametrize(
    ("last", "in_memory"), [(0.000000001, True), (9e9, True), (1e10, False), (3e24, False)]
)
def test_sums_grow_places_as_they_need_them_and_leave_what_is_too_long_to_sql(
    last: float, in_memory: bool, counted_in_memory: list[bool], tmp_path: Path
) -> None:
    """Every delivery brings values with more places behind the point; the last one is very small, or large."""
    visits = small.dataset("visits", "events", columns=COLUMNS, breakdowns=("sex", "home"))
    measures = [
        small.counted("fees", visits, "sum", column="fee"),
        small.counted("of_old", visits, "sum", column="fee", where="age >= 49"),
        small.counted("debts", visits, "sum", column="debt * 2", where="fee > 0"),
        small.counted("all", visits),
    ]
    programme = small.programme(small.units(small.tree("H0", "H1", "H2")), [visits], measures)
    store, r = open_store(tmp_path / "store"), random.Random(7)
    for number, fees in enumerate([(3.0, None), (0.5, -2.25), (0.1, 12.125), (1.5, last)]):
        given = rows(r, programme, 30)
        for row in given:
            row |= {"fee": r.choice(fees), "unit": f"H{r.randrange(3)}", "day": dt.date(2024, 11, 5)}
        store.append(batch(visits, given, number, [None] * len(given)))
    periods = ["2024-11", "2024", "2024-Q4"]
    same(measured(programme, store, periods, enough=0), measured(programme, store, periods, enough=10**12))
    assert counted_in_memory == [in_memory]


@pytest.mark.parametrize(("room", "in_memory"), [(1 << 30, True), (1 << 12, False)])
def test_counts_that_leave_16_bits_are_widened_or_left_to_sql(
    room: int, in_memory: bool, counted_in_memory: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One village has 140,000 rows of few sorts on a day, and of most of them more than a byte or 16 bits can count."""
    visits = small.dataset(
        "visits", "events", columns=COLUMNS, breakdowns=("sex",), values={"sex": ("f", "m")}
    )
    measures = [small.counted("all", visits), small.counted("fees", visits, "sum", column="debt")]
    measures += [small.counted(f"c{at}", visits, where=f"age >= {at * 7}") for at in range(9)]
    programme = small.programme(small.units(small.tree("H0", "H1")), [visits], measures)
    few = rows(random.Random(3), programme, 70)
    for at, row in enumerate(few):
        row |= {"unit": "H1" if at else "H0", "day": dt.date(2024, 11, 5), "sex": "f" if at % 9 else "m"}
    table = pa.concat_tables([small.stored(visits, few)] * 2000)
    periods = ["2024-11", "2024", "2024-Q4"]
    whole = measured(programme, table, periods, enough=10**12)
    monkeypatch.setattr("tallymark.measure.histogram.MOST_WIDENED", room)
    same(measured(programme, table, periods, enough=0), whole)
    assert counted_in_memory == [in_memory]


def test_values_outside_what_a_file_says_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    visits = small.dataset("visits", "events", columns=COLUMNS)
    measures = [small.counted("old", visits, where="age >= 50")]
    programme = small.programme(small.units(small.tree("H0", "H1")), [visits], measures)
    store = open_store(tmp_path / "store")
    # All ages differ, so that the column has no dictionary and is read by what is said of it.
    monkeypatch.setattr("tallymark.store.delta.SMALL", 5)
    given = [row | {"unit": "H1", "age": at} for at, row in enumerate(rows(random.Random(2), programme, 20))]
    store.append(batch(visits, given, 0, [None] * len(given)))
    monkeypatch.setattr("tallymark.measure.stream._ends", lambda group, names: {"age": (15, 16)})
    with pytest.raises(StoreError, match=r"part-.*outside the range"):
        measured(programme, store, ["2024"], enough=0)
