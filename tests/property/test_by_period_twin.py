"""Figures kept by period against all of them measured at once: the same rows and the same bytes of files, after every
delivery, correction, withdrawal, change of boundaries and verified value, whatever was deleted or damaged."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallymark.checked import checked
from tallymark.engine.duckdb import Engine, connect
from tallymark.measure import by_period
from tallymark.measure.by_period import NAMES, Figures, figures, with_verified
from tallymark.measure.measuring import Measured, measure
from tallymark.model.expressions import parse_expression
from tallymark.model.text import Text
from tallymark.programme.resolved import Check
from tallymark.store import Batch, Store, open_store
from tallymark.store.partials import Partials
from tallymark.store.runs import _write_periods
from tallymark.verify.rules import check
from tests.property.test_measure_twin import PERIODS, declared, given_rows, place
from tests.property.test_partials_twin import Harmed
from tests.unit.measure import small
from tests.unit.measure.test_again import replaced

ASKED = [code for code in PERIODS if "W" not in code and code.count("-") < 2] + [
    "2024-10",
    "2024-12",
    "2025-01",
]
KINDS = (
    "deliver",
    "deliver",
    "correct",
    "withdraw",
    "boundaries",
    "elsewhere",
    "delete",
    "damage",
    "nothing",
)
DATASETS = ("births", "monthly", "quarterly", "people")


@dataclasses.dataclass
class World(Harmed):
    """A programme, its store, which rows are in force, and those that are still to come."""

    r: random.Random
    programme: Any
    store: Store
    codes: list[str]
    coming: dict[str, list[dict[str, Any]]]
    rows: list[tuple[str, int, int]] = dataclasses.field(default_factory=list)

    @property
    def periods(self) -> list[Any]:
        return [self.programme.calendar.parse(code) for code in self.codes]

    def append(self, tables: dict[str, pa.Table], withdrawn: pa.Table | None = None) -> None:
        number = self.store.version
        at = dt.datetime(2024, 3, 4, tzinfo=dt.UTC) + dt.timedelta(days=31 * number)
        self.store.append(Batch("x", f"{number}.csv", str(number), at, tables, withdrawn))

    def given(
        self, name: str, rows: list[dict[str, Any]], old: list[tuple[int, int]] | None = None
    ) -> pa.Table:
        """Rows as they are delivered, each in the place of an old one if any is said."""
        of, version = self.programme.datasets[name], self.store.version + 1
        table = small.stored(of, rows).drop_columns(["_batch", "_row", "_at"])
        for column, at in (("_old_batch", 0), ("_old_row", 1)):
            told = [one[at] for one in old] if old else [None] * len(rows)
            table = table.append_column(column, pa.array(told, pa.int64()))
        table = table.append_column(
            "_reason", pa.array(["corrected" if old else None] * len(rows), pa.string())
        )
        self.rows += [(name, version, at) for at in range(len(rows))]
        return table

    def some(self, name: str, most: int) -> list[dict[str, Any]]:
        waiting = self.coming[name]
        return [waiting.pop(self.r.randrange(len(waiting))) for _ in range(min(len(waiting), most))]

    def deliver(self) -> None:
        names = self.r.sample(DATASETS, self.r.randint(1, 3))
        rows = {name: self.some(name, self.r.randint(1, 25)) for name in names}
        self.append({name: self.given(name, some) for name, some in rows.items() if some})

    def correct(self) -> None:
        """Other rows in the place of some: they may lie in other months."""
        mine = [one for one in self.rows if one[0] in ("births", "people")]
        old = self.r.sample(mine, min(len(mine), self.r.randint(1, 3)))
        tables = {}
        for name in {one[0] for one in old}:
            of = [one[1:] for one in old if one[0] == name]
            rows = self.some(name, len(of))
            tables[name] = self.given(name, rows, of[: len(rows)])
            self.rows = [one for one in self.rows if one[0] != name or one[1:] not in of[: len(rows)]]
        self.append({name: table for name, table in tables.items() if table.num_rows})

    def withdraw(self) -> None:
        old = self.r.sample(self.rows, min(len(self.rows), self.r.choice([1, 3, 40])))
        self.rows = [one for one in self.rows if one not in old]
        names, batches, numbers = ([one[at] for one in old] for at in range(3))
        reason = pa.array(["deleted"] * len(old), pa.string())
        columns = [
            pa.array(names, pa.string()),
            pa.array(batches, pa.int64()),
            pa.array(numbers, pa.int64()),
            reason,
        ]
        self.append({}, pa.table(columns, names=["dataset", "old_batch", "old_row", "reason"]))

    def boundaries(self) -> None:
        self.programme = dataclasses.replace(self.programme, units=place(self.r), hash=str(self.r.random()))

    def elsewhere(self) -> None:
        self.codes = self.r.sample(ASKED, self.r.randint(2, 5))


@pytest.fixture(autouse=True)
def however_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small results are kept by period, too."""
    monkeypatch.setattr(by_period, "MANY", 0)


def world(r: random.Random, folder: Path) -> World:
    programme = declared(r, place(r))
    compare, words = r.choice([(), ("previous",), ("last_year", "previous", "three_year_mean")]), {}
    for name, one in programme.indicators.items():
        more: dict[str, Any] = {"compare": compare if r.random() < 0.7 else ()}
        if one.denominator is not None and r.random() < 0.3:
            more["pooled"] = 2
        words[name] = dataclasses.replace(one, **more)
    programme = dataclasses.replace(programme, indicators=words, checks=checks(r), hash=str(r.random()))
    made = World(r, programme, open_store(folder), [], {})
    made.coming = {name: 2 * rows for name, rows in given_rows(r, programme).items()}
    made.elsewhere()
    made.deliver()
    return made


def checks(r: random.Random) -> dict[str, Check]:
    names = ["a", "b", "born", "previous.a", "past.born", "last_year.b", "children.a", "siblings.a"]
    texts = (
        "a >= previous.a",
        "born <= past.born",
        "b < 5 OR b > last_year.b",
        "a = children.a",
        "a <= siblings.a",
    )
    return {
        f"c{at}": Check(
            name=f"c{at}", title=Text(f"c{at}"), expect=parse_expression(text, names), severity="warning", at="month",
            level=None, show=(), hint=Text(),
        )
        for at, text in enumerate(r.sample(texts, r.randint(0, 3)))
    }  # fmt: skip


def same(one: Figures, other: Measured, folder: Path) -> None:
    """The same rows, and files of the same bytes."""
    for name in NAMES:
        assert one.table(name).equals(getattr(other, name)), name
        whole = by_period.by_period(getattr(other, name))
        assert one.rows(name) == getattr(other, name).num_rows
        ways = [one.pieces(name), whole]
        with tempfile.TemporaryDirectory(dir=folder) as inside:
            kept, written = (_write_periods(Path(inside) / str(at), name, way) for at, way in enumerate(ways))
        assert kept == written


def agrees(made: World, folder: Path) -> Partials:
    """What was found and made while measuring the same in two ways, with and without verified values."""
    partials, at = made.partials, made.store.version
    with connect() as connection:
        engine = Engine(connection)
        asked: dict[str, Any] = {"version": at, "engine": engine}
        found = figures(made.programme, made.store, periods=made.periods, partials=partials, **asked)
        whole = measure(made.programme, made.store, periods=made.periods, **asked)
        same(found, whole, folder)
        failed = checked(made.programme, found, connection=connection, partials=partials)
        expected = check(made.programme, whole, connection=connection)
        keys = [(name, "ascending") for name in ("code", "unit", "period")]
        assert failed.sort_by(keys).equals(expected.sort_by(keys))
        if made.r.random() < 0.6:
            return partials
        reported = [
            row for row in given_rows(random.Random(1), made.programme)["monthly"] if made.r.random() < 0.1
        ]
        verified = {"monthly": replaced(random.Random(at), reported)}
        again = with_verified(found, made.programme, made.store, verified, partials=partials, **asked)
        same(
            again,
            measure(made.programme, made.store, periods=made.periods, verified=verified, **asked),
            folder,
        )
    return partials


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 10**6), kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=4))
def test_whatever_happens_figures_are_those_measured_at_once(seed: int, kinds: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="h-period-") as folder:
        made = world(random.Random(seed), Path(folder) / "store")
        agrees(made, Path(folder))
        for kind in kinds:
            getattr(made, kind)()
            agrees(made, Path(folder))


def test_a_month_is_measured_alone(tmp_path: Path) -> None:
    """A delivery of one month makes that month and what is made of it, and nothing besides."""
    r = random.Random(5)
    made = world(r, tmp_path / "store")
    births = dataclasses.replace(
        made.programme.datasets["births"], absence="missing", level=small.level("hamlet")
    )
    measures = {"born": dataclasses.replace(made.programme.measures["born"], dataset=births)}
    made.programme = dataclasses.replace(
        made.programme, datasets={"births": births}, measures=measures, indicators={}, checks={}, hash="one"
    )
    made.codes = ["2024-10", "2024-11", "2024-12", "2024-Q4", "2024", "2025-01", "2025-Q1"]
    rows = [
        {"unit": "H0", "day": dt.date(2024, 10, 1), "sex": "f", "place": "home", "weight": 3.0, "who": "a"}
    ]
    made.append({"births": made.given("births", rows)})

    def used() -> tuple[int, int]:
        partials = made.partials
        with connect() as connection:
            figures(
                made.programme, made.store, periods=made.periods, version=made.store.version,
                engine=Engine(connection), partials=partials,
            )  # fmt: skip
        return partials.used.found, partials.used.made

    assert used() == (0, len(made.codes) + 1)
    assert used() == (len(made.codes), 0)
    made.append({"births": made.given("births", [rows[0] | {"day": dt.date(2024, 11, 2)}])})
    assert used() == (4, 3)
