"""What simulated offices send: the same for the same seed, equal to the truth without faults, different only where
a fault is listed."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet
import pytest

from tallymark.simulate import Truth, load_rates, simulate_county
from tallymark.simulate.files import MONTHLY_HEADER
from tallymark.simulate.place import make_place
from tallymark.simulate.reports import supplies
from tallymark.simulate.world import make_world

SMALL = {"towns": 4, "villages": 40, "months": 12}
ITEM_OF = {heading: item for item, heading in MONTHLY_HEADER.items()}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return simulate_county(tmp_path_factory.mktemp("clean"), seed=5, faults=False, **SMALL)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    return simulate_county(tmp_path_factory.mktemp("faulty"), seed=5, faults=True, **SMALL)


def hashes(truth: Truth) -> dict[str, str]:
    files = (path for path in truth.out.rglob("*") if path.is_file())
    return {str(path.relative_to(truth.out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def monthly_sent(truth: Truth, pattern: str = "monthly/2*.csv") -> dict[tuple[str, str, str], float]:
    """(unit, period, item) → the number sent last, read row by row."""
    sent = {}
    for delivery in truth.deliveries:
        if not Path(delivery.file).match(pattern):
            continue
        with (truth.out / delivery.file).open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                for heading, item in ITEM_OF.items():
                    sent[row["村代码"], row["月份"], item] = float(row[heading])
    return sent


def true_counts(truth: Truth) -> dict[tuple[str, str, str], float]:
    table = truth.counts()
    keys = zip(*(table[name].to_pylist() for name in ("unit", "period", "measure")), strict=True)
    return dict(zip(keys, table["value"].to_pylist(), strict=True))


def births_sent(truth: Truth) -> list[dict[str, str]]:
    rows = []
    for path in sorted((truth.out / "births").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows += list(csv.DictReader(file))
    return rows


def test_the_same_seed_gives_the_same_bytes(faulty: Truth, tmp_path: Path) -> None:
    again = simulate_county(tmp_path, seed=5, faults=True, **SMALL)
    assert hashes(again) == hashes(faulty)
    assert again.faults == faulty.faults


def test_another_seed_gives_another_year(clean: Truth, tmp_path: Path) -> None:
    other = hashes(simulate_county(tmp_path, seed=6, faults=False, **SMALL))
    mine = hashes(clean)
    assert other.keys() == mine.keys()
    place = {"units.csv", "changes.csv", "geometry.geojson"}
    assert not [
        name
        for name in mine
        if name.startswith(("births", "monthly", "supplies")) and mine[name] == other[name]
    ]
    assert all(mine[name] == other[name] for name in place)


def test_faults_change_what_is_sent_and_never_the_truth(clean: Truth, faulty: Truth) -> None:
    assert clean.counts().equals(faulty.counts()) or true_counts(clean) == true_counts(faulty)
    assert clean.events == faulty.events
    assert not clean.faults
    assert not [
        delivery for delivery in clean.deliveries if "late" in delivery.file or "corrected" in delivery.file
    ]


def test_without_faults_every_monthly_number_is_true(clean: Truth) -> None:
    truth = true_counts(clean)
    sent = monthly_sent(clean)
    assert len(sent) == 40 * 12 * len(ITEM_OF)
    assert {key: truth[key] for key in sent} == sent


def test_without_faults_counting_the_births_row_by_row_gives_the_truth(clean: Truth) -> None:
    truth = true_counts(clean)
    counted: Counter[tuple[str, str, str]] = Counter()
    for row in births_sent(clean):
        place = (row["unit"], row["born_on"][:7])
        counted[*place, "births"] += 1
        counted[*place, "boys"] += row["sex"] == "male"
        counted[*place, "notified_24h"] += int(row["notice_hours"]) <= 24
        counted[*place, "contacts_5"] += row["contacts"] != "" and int(row["contacts"]) >= 5
        counted[*place, "home_visited_7d"] += (
            row["home_visit_days"] != "" and int(row["home_visit_days"]) <= 7
        )
        counted[*place, "low_weight"] += row["weight_g"] != "" and int(row["weight_g"]) < 2500
        counted[*place, "hearing_screened"] += row["hearing_screened"] == "true"
    for measure in (
        "births",
        "boys",
        "notified_24h",
        "contacts_5",
        "home_visited_7d",
        "low_weight",
        "hearing_screened",
    ):
        for (unit, period, name), value in truth.items():
            if name == measure:
                assert counted[unit, period, measure] == value, (unit, period, measure)


def test_every_difference_from_the_truth_is_a_listed_fault(faulty: Truth) -> None:
    truth, sent = true_counts(faulty), monthly_sent(faulty)
    listed = {(fault.unit, fault.period) for fault in faulty.faults if fault.dataset == "monthly"}
    wrong = {
        (unit, period) for (unit, period, item), value in sent.items() if truth[unit, period, item] != value
    }
    missing = {(unit, period) for unit, period, item in truth if item == "deaths"} - {key[:2] for key in sent}
    assert wrong <= listed
    assert missing == {(fault.unit, fault.period) for fault in faulty.faults if fault.kind == "missing"}
    for fault in faulty.faults:
        there = {
            item: value
            for (unit, period, item), value in sent.items()
            if (unit, period) == (fault.unit, fault.period)
        }
        true = {item: truth[fault.unit, fault.period, item] for item in there}
        if fault.kind == "zeros":
            assert not any(there.values())
            assert fault.size == sum(true.values())
        elif fault.kind == "inflation" and there and (fault.unit, fault.period) not in silenced(faulty):
            assert there[fault.item] - true[fault.item] == fault.size > 0
        elif fault.kind == "copied" and there:
            assert fault.size == sum(there[item] != true[item] for item in there)
        elif fault.kind == "slipped_corrected":
            assert there[fault.item] == true[fault.item]  # put right by a later delivery


def silenced(truth: Truth) -> set[tuple[str, str]]:
    """Village-months where a later fault overwrote an earlier one."""
    return {
        (fault.unit, fault.period) for fault in truth.faults if fault.kind in ("zeros", "copied", "missing")
    }


def test_births_left_out_and_sent_twice_are_listed_with_their_number(faulty: Truth) -> None:
    truth = true_counts(faulty)
    sent = Counter((row["unit"], row["born_on"][:7]) for row in births_sent(faulty))
    expected = Counter({key[:2]: int(value) for key, value in truth.items() if key[2] == "births"})
    for fault in faulty.faults:
        if fault.dataset == "births":
            expected[fault.unit, fault.period] += int(
                -fault.size if fault.kind == "under_reporting" else fault.size
            )
    assert +sent == +expected
    kinds = Counter(fault.kind for fault in faulty.faults)
    assert kinds["duplicate"] >= 1
    numbers = Counter(row["birth_id"] for row in births_sent(faulty))
    assert sum(count - 1 for count in numbers.values()) == kinds["duplicate"]


def test_late_reports_come_in_after_they_were_due(faulty: Truth) -> None:
    late = {(fault.unit, fault.period): fault.size for fault in faulty.faults if fault.kind == "late"}
    assert late
    for delivery in faulty.deliveries:
        if "late" not in delivery.file:
            continue
        with (faulty.out / delivery.file).open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                days = late.pop((row["村代码"], row["月份"]))
                end = np.datetime64(row["月份"], "M") + 1
                due = end.astype("datetime64[D]") + 4
                assert (np.datetime64(delivery.received_at.date()) - due).astype(int) == days > 0
    assert not late


def test_inspectors_recount_the_truth_and_what_was_put_right_is_true(faulty: Truth) -> None:
    truth = true_counts(faulty)
    recounted = {
        (row["unit"], row["period"], item): float(value)
        for path in sorted((faulty.out / "recounts").glob("*.csv"))
        for row in csv.DictReader(path.read_text("utf-8").splitlines())
        for item, value in row.items()
        if item not in ("unit", "period")
    }
    assert len(recounted) > 300
    assert {key: truth[key] for key in recounted} == recounted
    put_right = {(fault.unit, fault.period) for fault in faulty.faults if fault.kind == "zeros_corrected"}
    again = monthly_sent(faulty, "heard/*.csv")
    assert put_right == {key[:2] for key in again}
    assert put_right <= {key[:2] for key in recounted}
    assert {key: truth[key] for key in again} == again


def test_villages_answer_only_what_differed_and_the_last_quarter_is_not_heard_yet(faulty: Truth) -> None:
    truth, sent = true_counts(faulty), monthly_sent(faulty)
    rows = [
        row
        for path in sorted((faulty.out / "replies").glob("*.csv"))
        for row in csv.DictReader(path.read_text("utf-8").splitlines())
    ]
    about = {(row["unit"], row["period"], row["item"]) for row in rows if not row["code"]}
    assert about
    assert not [key for key in about if truth[key] == sent[key]]
    assert max(period for _, period, _ in about) < "2023-07"


def test_every_kind_of_fault_is_planted(tmp_path: Path) -> None:
    truth = simulate_county(tmp_path, seed=2, villages=120, months=24)
    kinds = Counter(fault.kind for fault in truth.faults)
    assert kinds.keys() == {
        "under_reporting", "inflation", "copied", "slipped_decimal", "slipped_corrected", "duplicate",
        "registered_twice", "late", "missing", "zeros", "zeros_corrected", "typo", "words_for_number",
    }  # fmt: skip
    listed = arrow_csv.read_csv(tmp_path / "truth" / "faults.csv")
    assert listed.num_rows == len(truth.faults)
    assert listed.column_names == ["kind", "dataset", "unit", "period", "item", "size", "note"]


def test_the_ledger_always_adds_up_and_stock_is_never_negative() -> None:
    world = make_world(make_place(4, 40), load_rates(), seed=3, months=18)
    before = None
    for month in supplies(world):
        for product in ("folic", "iron"):
            ledger = {
                name: month.items[f"{product}_{name}"]
                for name in ("opening", "received", "issued", "lost", "closing")
            }
            rest = ledger["opening"] + ledger["received"] - ledger["issued"] - ledger["lost"]
            assert (rest == ledger["closing"]).all()
            assert min(values.min() for values in ledger.values()) >= 0
            if before is not None:
                assert (ledger["opening"] == before.items[f"{product}_closing"]).all()
            assert month.items[f"{product}_stockout_days"].max() <= 28
        before = month


def test_stated_rates_come_back_from_many_events(tmp_path: Path) -> None:
    """Flat rates, many births: every share within four standard errors of what was stated."""
    rates = load_rates().constant()
    truth = simulate_county(tmp_path, seed=11, faults=False, rates=rates, events=150_000, **SMALL)
    sums: Counter[str] = Counter()
    for (_, _, measure), value in true_counts(truth).items():
        sums[measure] += value or 0
    pairs = {
        "boys": ("births", "boy"), "notified_24h": ("births", "notified_24h"),
        "contacts_5": ("contacts_known", "contacts_5"),
        "home_visited_7d": ("births", "home_7d"), "visits_in_time": ("visits", "visit_7d"),
        "visits_consent": ("visits", "consent"), "checks_told": ("checks", "told_10d"),
        "queries_answered": ("queries_received", "query_answered"), "satisfied": ("answers", "satisfied"),
    }  # fmt: skip
    for part, (whole, share) in pairs.items():
        p, n = rates.shares[share].base, sums[whole]
        assert n > 300, whole
        assert abs(sums[part] / n - p) < 4 * np.sqrt(p * (1 - p) / n), part
    assert abs(truth.events - 150_000) < 150_000 * 0.02


def test_a_large_place_comes_as_parquet_month_by_month(tmp_path: Path) -> None:
    truth = simulate_county(tmp_path, seed=1, towns=2, villages=20, months=2, events=2_000_000, faults=False)
    files = sorted(path.name for path in (tmp_path / "visits").iterdir())
    assert files == ["2022-10.parquet", "2022-11.parquet"]
    rows = sum(
        parquet.read_metadata(path).num_rows
        for path in tmp_path.glob("*/2*.parquet")
        if path.parent.name != "truth"
    )
    others = [
        path for name in ("complaints", "survey", "training") for path in (tmp_path / name).glob("*.csv")
    ]
    rows += sum(arrow_csv.read_csv(path).num_rows for path in others)
    assert rows == truth.events
    assert abs(truth.events - 2_000_000) < 20_000


def test_the_projection_starts_from_the_towns_residents(clean: Truth) -> None:
    rows = list(csv.DictReader((clean.out / "projection" / "census.csv").read_text("utf-8").splitlines()))
    people: Counter[str] = Counter()
    for row in rows:
        people[row["unit"]] += int(row["population"])
    truth = true_counts(clean)
    towns = make_place(4, 40)
    last = "2023-10-01"
    for number, town in enumerate(towns.towns):
        villages = [code for code, of in zip(towns.codes, towns.town_of, strict=True) if of == number]
        residents = sum(truth.get((code, last, "residents"), 0) for code in villages)
        assert abs(people[town.code] - residents) <= 40  # rounding of villages, sexes and ages
    moved = csv.DictReader((clean.out / "projection" / "migration.csv").read_text("utf-8").splitlines())
    assert {int(row["migrants"]) for row in moved if row["unit"] == "T01"} == {0}  # four towns, none remote
