"""Laws of measuring: what must hold whatever the data."""

from __future__ import annotations

import random
from typing import Any

import duckdb
import pytest

from tallymark.engine.duckdb import Engine
from tallymark.measure import Measured, measure
from tests.property.test_measure_twin import declared, given_rows, place
from tests.unit.measure import small

CODES = ("2024-11", "2024-Q4", "SY2025")


def world(seed: int) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    r = random.Random(seed)
    programme = declared(r, place(r))
    return programme, given_rows(r, programme)


def same(one: Measured, other: Measured) -> bool:
    return all(
        getattr(one, name).equals(getattr(other, name)) for name in ("measures", "indicators", "reports")
    )


@pytest.mark.parametrize("seed", [3, 8])
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    programme, rows = world(seed)
    mixed = {name: random.Random(seed).sample(given, len(given)) for name, given in rows.items()}
    assert same(small.run(programme, rows, CODES), small.run(programme, mixed, CODES))


@pytest.mark.parametrize("seed", [5])
def test_the_order_of_periods_and_threads_change_no_byte(seed: int) -> None:
    programme, rows = world(seed)
    first = small.run(programme, rows, CODES, threads=1)
    for threads in (2, 4):
        assert same(first, small.run(programme, rows, CODES[::-1], threads=threads))


def test_fractions_add_up_to_the_same_bytes_on_any_number_of_threads() -> None:
    """Two hundred thousand weights with decimals, which floating-point sums would add differently each time."""
    births = small.dataset("births", "events", columns={"weight": "number"})
    places = small.units(small.tree(*(f"H{i}" for i in range(30))))
    of = small.programme(places, [births], [small.counted("weight", births, "sum", column="weight * 1.1")])
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE rows AS SELECT 'H' || (i % 30) AS unit, DATE '2024-01-01' + CAST(i % 366 AS INTEGER) AS day, "
            "unit AS _unit, day AS _day, CAST(2024 * 12 + month(day) - 1 AS INTEGER) AS _month, "
            "sin(i) * 1000 AS weight FROM range(200000) t(i)"
        ).fetchall()
        spans = [small.CALENDAR.parse(code) for code in ("2024-03", "2024")]
        found = []
        for threads in (1, 2, 4, 3):
            connection.execute(f"SET threads = {threads}").fetchall()
            found.append(measure(of, {"births": "rows"}, periods=spans, engine=Engine(connection)))
        assert all(same(found[0], other) for other in found[1:])
        (exact,) = connection.execute("SELECT fsum(weight * 1.1) FROM rows").fetchall()[0]
    assert small.values(found[0].measures, "weight")["L", "2024", "", ""] == pytest.approx(exact, abs=1e-4)


@pytest.mark.parametrize("seed", [2, 9])
def test_a_batch_split_in_two_changes_nothing(seed: int) -> None:
    programme, rows = world(seed)
    whole = small.run(programme, rows, CODES)
    with duckdb.connect() as connection:
        relations = {}
        for name, of in programme.datasets.items():
            half = len(rows[name]) // 3
            for part, given in (("first", rows[name][half:]), ("second", rows[name][:half])):
                connection.register(f"{part}_{name}", small.stored(of, given))
            relations[name] = f"(SELECT * FROM first_{name} UNION ALL SELECT * FROM second_{name})"
        spans = [programme.calendar.parse(code) for code in CODES]
        assert same(whole, measure(programme, relations, periods=spans, engine=Engine(connection)))


@pytest.mark.parametrize("seed", range(20, 26))
def test_children_add_up_to_their_parent(seed: int) -> None:
    """In every month, whoever stands under whom: all units at the foot of the tree add up to its top."""
    programme, rows = world(seed)
    measured = small.run(programme, rows, ("2024-11", "2024"))
    adding = [name for name, one in programme.measures.items() if one.aggregate != "distinct"]
    leaves = {
        code
        for code, level in zip(programme.units.codes, programme.units.levels, strict=True)
        if level == "hamlet"
    }
    leaves |= {"S0"} if any(row["unit"] == "S0" for given in rows.values() for row in given) else set()
    for name in adding:
        found = small.values(measured.measures, name, "value", "usable")
        for period in ("2024-11", "2024"):
            top = found.get(("L", period, "", ""))
            if top is None or any(u == "S0" for u in leaves):
                continue
            parts = [found[u, period, "", ""] for u in leaves if (u, period, "", "") in found]
            assert sum(usable for _, usable in parts) == top[1], (name, period)
            known = [value for value, _ in parts if value is not None]
            assert (top[0] is None) == (not known), (name, period)
            assert top[0] is None or top[0] == pytest.approx(sum(known), abs=1e-6), (name, period)


@pytest.mark.parametrize("boundaries", [None, "today"])
def test_restated_figures_add_up_to_the_same_whole(boundaries: str | None) -> None:
    programme, rows = world(41)
    assert any(change.kind == "split" for change in programme.units.changes)
    plain = small.run(programme, rows, ("2024",))
    moved = small.run(programme, rows, ("2024",), boundaries=boundaries)
    for name in ("born", "a", "b", "people_last", "people_mid_period"):
        one, other = (small.values(m.measures, name)["L", "2024", "", ""] for m in (plain, moved))
        assert one == pytest.approx(other, abs=1e-6)


METHODS = ("wilson", "clopper-pearson", "jeffreys", "poisson", "byar")


def width(missing: str, interval: str, absent: int, denominator: str) -> tuple[float | None, float | None]:
    """Value and width of an indicator over eight like reports of which some are absent."""
    monthly = small.dataset("monthly", "reports", frequency="month", items=("a", "b"))
    people = small.dataset("people", "stocks", items=("all",))
    hamlets = [f"H{i}" for i in range(8)]
    measures = [small.counted(n, monthly, item=n) for n in "ab"] + [
        small.counted("people", people, item="all")
    ]
    share = small.indicator(
        "share",
        "a",
        denominator,
        names=["a", "b", "people"],
        interval=interval,
        missing=missing,
        estimate_from=0.0,
    )
    of = small.programme(small.units(small.tree(*hamlets)), [monthly, people], measures, [share])
    rows = [
        {"unit": unit, "period": "2024-11", "item": item, "value": value}
        for unit in hamlets[absent:]
        for item, value in (("a", 6.0), ("b", 20.0))
    ]
    stock = [
        {"unit": unit, "date": small.day("2024-01-01"), "item": "all", "value": 20.0} for unit in hamlets
    ]
    measured = small.run(of, {"monthly": rows, "people": stock}, ("2024-11",))
    (row,) = [row for row in measured.indicators.to_pylist() if row["unit"] == "L"]
    (lost,) = [row for row in measured.indicators.to_pylist() if row["unit"] == "H0"]
    assert not absent or (lost["value"] is None and lost["basis"] == "missing")
    return row["value"], None if row["low"] is None else row["high"] - row["low"]


@pytest.mark.parametrize("interval", METHODS)
@pytest.mark.parametrize("missing", ["partial", "estimate"])
@pytest.mark.parametrize("denominator", ["b", "people"])
def test_a_missing_report_never_becomes_zero_and_never_narrows(
    interval: str, missing: str, denominator: str
) -> None:
    widths = [width(missing, interval, absent, denominator)[1] for absent in (0, 1, 3, 6)]
    assert all(one is not None for one in widths)
    assert widths == sorted(widths)  # type: ignore[type-var]


@pytest.mark.parametrize("denominator", ["b", "people"])
def test_an_estimate_of_like_reports_is_what_all_of_them_would_give(denominator: str) -> None:
    assert width("estimate", "wilson", 3, denominator)[0] == pytest.approx(
        width("estimate", "wilson", 0, denominator)[0]
    )


def test_nothing_received_gives_no_figure_and_no_interval() -> None:
    assert width("partial", "wilson", 8, "b") == (None, None)
