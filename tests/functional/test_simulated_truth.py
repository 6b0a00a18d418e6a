"""Without faults, what is received and measured is the truth, exactly: for every unit, month and measure."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest

from tallymark.engine.duckdb import Engine, connect
from tallymark.findings import Finding, Severity
from tallymark.measure import Measured, measure
from tallymark.model.periods import month_code
from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.simulate import Truth, simulate_county
from tallymark.sources.receive import receive
from tallymark.store import Store, open_store

DEMO = Path(__file__).parents[2] / "programmes" / "demo"
PLACE = ("units.csv", "changes.csv", "geometry.geojson")
FIRST = 2022 * 12 + 9


def received(
    folder: Path, *, faults: bool, months: int = 12
) -> tuple[Programme, Store, Truth, list[Finding]]:
    """A small place with the demo's declarations, and everything its offices sent."""
    truth = simulate_county(folder / "sent", seed=7, towns=3, villages=24, months=months, faults=faults)
    shutil.copytree(DEMO, folder / "programme")
    for name in PLACE:
        shutil.copyfile(truth.out / name, folder / "programme" / name)
    for name in (
        "tests.yaml",
        "allocations.yaml",
        "waivers.yaml",
    ):  # they name units and size classes of the full place
        (folder / "programme" / name).unlink()
    programme, store = load(folder / "programme"), open_store(folder / "store")
    findings: list[Finding] = []
    for delivery in truth.deliveries:
        at = delivery.received_at.replace(tzinfo=dt.UTC)
        findings += receive(
            programme, store, delivery.source, truth.out / delivery.file, received_at=at
        ).findings
    return programme, store, truth, findings


def measured(programme: Programme, store: Store, codes: list[str]) -> Measured:
    return measure(
        programme, store, periods=[programme.calendar.parse(code) for code in codes], engine=Engine(connect())
    )


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Programme, Store, Truth, list[Finding]]:
    return received(tmp_path_factory.mktemp("clean"), faults=False)


PERIODS = [*(month_code(FIRST + i) for i in range(12)), "2022-Q4", "2023-Q1", "2023-Q2", "2023-Q3", "SY2023"]


def test_a_messy_but_honest_delivery_is_taken_whole(
    clean: tuple[Programme, Store, Truth, list[Finding]],
) -> None:
    *_, findings = clean
    assert {finding.code for finding in findings} == {"receive.number_cleaned"}


def test_measured_is_true_for_every_unit_period_and_measure(
    clean: tuple[Programme, Store, Truth, list[Finding]],
) -> None:
    programme, store, truth, _ = clean
    found = measured(programme, store, PERIODS)
    true, measures = truth.counts(), found.measures
    connection = duckdb.connect()
    connection.register("true", true)
    connection.register("measures", measures)
    compared, wrong = connection.execute(
        """select count(*), count(*) filter (m.value is distinct from t.value or m.unit is null)
           from "true" t left join (select * from measures where breakdown = '') m using (unit, period, measure)
           where not regexp_matches(t.period, '^\\d{4}-\\d{2}-\\d{2}$')"""
    ).fetchone()  # type: ignore[misc]
    assert wrong == 0
    assert compared > 15_000
    stated = {row[0] for row in connection.execute('select distinct measure from "true"').fetchall()}
    assert stated == set(programme.measures), "every measure of the demo has its truth"


def test_the_year_is_the_sum_of_its_months_and_residents_the_mean_of_both_ends(
    clean: tuple[Programme, Store, Truth, list[Finding]],
) -> None:
    programme, store, truth, _ = clean
    found = measured(programme, store, ["SY2023"])
    connection = duckdb.connect()
    connection.register("true", truth.counts())
    connection.register("measures", found.measures)

    def of(measure: str) -> float:
        query = "select value from measures where unit = 'JC' and measure = ? and breakdown = ''"
        return float(connection.execute(query, [measure]).fetchone()[0])  # type: ignore[index]

    for name in ("births", "visits_in_time", "deaths", "folic_issued", "answers", "complaints_upheld"):
        (sum_of_months,) = connection.execute(
            'select sum(value) from "true" where measure = ?', [name]
        ).fetchone()  # type: ignore[misc]
        assert of(name) == sum_of_months, name
    ends = "select sum(value) / 2 from \"true\" where measure = 'residents' and period in ('2022-10-01', '2023-10-01')"
    assert of("residents") == connection.execute(ends).fetchone()[0]  # type: ignore[index]


def test_faults_that_can_be_seen_at_the_door_are_found_there(tmp_path: Path) -> None:
    *_, truth, findings = received(tmp_path, faults=True)
    codes = {finding.code for finding in findings}
    kinds = {fault.kind for fault in truth.faults}
    expected = {
        "typo": "receive.unknown_unit",
        "words_for_number": "receive.not_a_number",
        "duplicate": "receive.repeated",
        "late": "receive.late",
    }
    assert {code for kind, code in expected.items() if kind in kinds} <= codes
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    typos = {fault.note for fault in truth.faults if fault.kind == "typo"}
    assert all(any(name in str(finding) for finding in errors) for name in typos)
