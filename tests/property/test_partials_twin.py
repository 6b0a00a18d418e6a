"""Counting from what is kept against counting everything: the same bytes after every delivery, correction, withdrawal,
change of boundaries and edit of the programme, and whatever was deleted or damaged of what is kept."""

from __future__ import annotations

import dataclasses
import random
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallymark.engine.duckdb import Engine, connect
from tallymark.lineage import lineage_table
from tallymark.measure import combinations, recall, recalled_leaves
from tallymark.store import Batch, Store, open_store
from tallymark.store.partials import MOST_PACKS, Partials, partials_of
from tests.drawing import drawn
from tests.property.test_histogram_twin import COLUMNS, batch, condition, declared, measured, rows, same
from tests.property.test_measure_twin import PERIODS, place
from tests.unit.measure import small

MONTHLY = [code for code in PERIODS if "W" not in code and code.count("-") < 2]
KINDS = (
    "deliver",
    "correct",
    "withdraw",
    "boundaries",
    "programme",
    "try_conditions",
    "look_elsewhere",
    "delete",
    "damage",
    "nothing",
)


class Harmed:
    """What may happen to what is kept."""

    r: random.Random
    store: Store

    @property
    def partials(self) -> Partials:
        return partials_of(self.store, code="1")

    def files(self) -> list[Path]:
        return sorted(self.partials.folder.glob("*/*/*"))

    def delete(self) -> None:
        for path in self.files():
            if self.r.random() < 0.3:
                path.unlink()

    def damage(self) -> None:
        for path in self.r.sample(self.files(), min(5, len(self.files()))):
            path.write_bytes(path.read_bytes()[: self.r.randrange(200)])

    def nothing(self) -> None:
        """The same again."""


@dataclasses.dataclass
class World(Harmed):
    """A programme, its store, and which rows are in force."""

    r: random.Random
    programme: Any
    store: Store
    periods: list[str]
    rows: list[tuple[int, int]] = dataclasses.field(default_factory=list)

    def append(self, given: list[dict[str, Any]], old: list[tuple[int, int] | None]) -> None:
        number = self.store.version
        self.store.append(batch(self.programme.datasets["visits"], given, number % 9, old))
        self.rows += [(number + 1, at) for at in range(len(given))]

    def taken(self) -> tuple[int, int]:
        return self.rows.pop(self.r.randrange(len(self.rows)))

    def deliver(self) -> None:
        given = rows(self.r, self.programme, self.r.randint(1, 30))
        self.append(given, [None] * len(given))

    def correct(self) -> None:
        old = [self.taken() for _ in range(min(len(self.rows), self.r.randint(1, 4)))]
        self.append(rows(self.r, self.programme, len(old) or 1), [*old] or [None])

    def withdraw(self) -> None:
        if not self.rows:
            return
        of, row = self.taken()
        gone = pa.table({"dataset": ["visits"], "old_batch": [of], "old_row": [row], "reason": ["deleted"]})
        empty = batch(self.programme.datasets["visits"], [], self.store.version % 9, [])
        self.store.append(Batch("x", "withdrawn", str(self.store.version), empty.at, withdrawn=gone))

    def boundaries(self) -> None:
        self.programme = dataclasses.replace(self.programme, units=place(self.r))

    def programme_(self) -> None:
        """Other measures of the same dataset; some of them stay."""
        visits = self.programme.datasets["visits"]
        kept = {name: one for name, one in self.programme.measures.items() if self.r.random() < 0.6}
        more = declared(self.r).measures
        new = {name: dataclasses.replace(one, dataset=visits) for name, one in more.items()}
        self.programme = dataclasses.replace(self.programme, measures=new | kept)

    def try_conditions(self) -> None:
        """Other conditions, of measures that are asked for alone, as somebody does who tries them."""
        visits = self.programme.datasets["visits"]
        tried = small.counted("tried", visits, where=condition(self.r))
        programme = dataclasses.replace(self.programme, measures=self.programme.measures | {"tried": tried})
        one, other = (
            measured(programme, self.store, self.periods, only={"tried"}, **how)
            for how in ({"enough": 0, "partials": self.partials}, {"enough": 10**12})
        )
        same(one, other)

    def look_elsewhere(self) -> None:
        self.periods = self.r.sample(MONTHLY, 3)


@pytest.fixture(autouse=True)
def however_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Combinations of values are kept where there are as many as rows, too."""
    monkeypatch.setattr(combinations, "SHARE", 0)


def agrees(world: World) -> Partials:
    """What was found and made while counting the same in two ways."""
    partials = world.partials
    fresh = measured(world.programme, world.store, world.periods, enough=10**12)
    same(measured(world.programme, world.store, world.periods, enough=0, partials=partials), fresh)
    assert lineage(world, partials).equals(lineage(world, None))
    return partials


def lineage(world: World, partials: Partials | None) -> pa.Table:
    year = world.programme.calendar.parse("2024")
    with connect() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tallymark.lineage.MANY", 0)
        return lineage_table(
            world.programme,
            world.store,
            year,
            world.store.version,
            engine=Engine(connection),
            partials=partials,
        )


def world(r: random.Random, folder: Path) -> World:
    programme = declared(r)
    made = World(r, programme, open_store(folder), r.sample(MONTHLY, 3))
    made.deliver()
    return made


@settings(max_examples=drawn(7), deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=5),
)
def test_whatever_happens_figures_are_those_of_a_full_count(seed: int, kinds: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="h-incr-") as folder:
        made = world(random.Random(seed), Path(folder) / "store")
        agrees(made)
        for kind in kinds:
            getattr(made, "programme_" if kind == "programme" else kind)()
            agrees(made)


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_counted_twice(seed: int, tmp_path: Path) -> None:
    made = world(random.Random(seed), tmp_path / "store")
    first, again = agrees(made), agrees(made)
    assert first.used.made
    assert again.used.found
    assert not again.used.made


TRIED = (
    ("age > 15", "age < 16 OR age IS NULL"),
    ("sex = 'f' AND home", "NOT (sex = 'm' OR sex = '') AND coalesce(home, FALSE) = FALSE"),
)
"""A condition that was counted, and another over the same columns."""


@pytest.mark.parametrize("seed", range(len(TRIED)))
def test_another_condition_over_the_same_columns_reads_no_rows(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    r, (first, other) = random.Random(seed), TRIED[seed]
    visits = small.dataset(
        "visits", "events", columns=COLUMNS, breakdowns=["sex"], values={"sex": ("f", "m")}
    )
    units = place(r)

    def declaring(where: str) -> Any:
        return small.programme(units, [visits], [small.counted("one", visits, where=where)])

    made = World(r, declaring(first), open_store(tmp_path / "store"), ["2024"])
    made.deliver()
    made.correct()
    measured(made.programme, made.store, made.periods, enough=0, partials=made.partials)
    before = made.files()
    expected = measured(declaring(other), made.store, made.periods, enough=10**12)
    monkeypatch.setattr(recalled_leaves, "histogram", None)  # reading rows would call it
    how = {"enough": 0, "partials": made.partials, "only": {"one"}}
    same(measured(declaring(other), made.store, made.periods, **how), expected)
    assert made.files() == before


def test_what_was_tried_does_not_pile_up(tmp_path: Path) -> None:
    partials = Partials(tmp_path)
    key = partials.key("month")
    partials.keep(key, pa.table({"unit": range(100)} | {f"n{at}": range(100) for at in range(40)}))
    for at in range(2 * MOST_PACKS):
        partials.keep(key, pa.table({"unit": range(100), f"tried{at}": range(100)}))
    names = [table.column_names for table in partials.packs(key)]
    assert len(names) == MOST_PACKS
    assert ["unit", *(f"n{at}" for at in range(40))] in names
    assert [one.column_names for one in partials.packs(key, {"tried15"})] == [["unit", "tried15"]]


@pytest.mark.parametrize("seed", range(2))
def test_month_after_month_the_year_is_what_it_was_and_the_new_month(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year's sum is not made of all its months again, and says the same."""
    r = random.Random(seed)
    made = World(r, declared(r), open_store(tmp_path / "store"), ["2024", "2024-Q1", "2024-03", "SY2024"])
    fewest, asked = [], recall._fewest

    def watched(*given: Any) -> Any:
        fewest.append(asked(*given))
        return fewest[-1]

    monkeypatch.setattr(recall, "_fewest", watched)
    for month in range(1, 6):
        given = rows(r, made.programme, r.randint(5, 30))
        made.append(
            [row | {"day": row["day"].replace(year=2024, month=month, day=3)} for row in given],
            [None] * len(given),
        )
        fewest.clear()
        agrees(made)
        if month in (3, 4) and fewest:  # else the programme has what is not counted by month
            assert any(len(parts) == 2 for parts in fewest)
        if month == 4:
            made.correct()
            agrees(made)
