"""Linking people with true matches known: FEBRL 4 without its identity number, and fake_1000, beside a plain Splink model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.verify.linkage import Linked, link

DATA = Path(__file__).parents[3] / "shared" / "data" / "linkage"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/linkage is not here")
Pairs = set[tuple[str, str]]


def pairs_of(groups: Mapping[object, Iterable[str]]) -> Pairs:
    return {pair for members in groups.values() for pair in combinations(sorted(members), 2)}


def f1(found: Pairs, true: Pairs) -> float:
    return 2 * len(found & true) / (len(found) + len(true))


def found_by(linked: Linked) -> Pairs:
    groups = defaultdict(list)
    for row in linked.records.to_pylist():
        groups[row["group"]].append(row["record"])
    return pairs_of(groups)


def truth_of(*tables: pa.Table, record: str) -> Pairs:
    groups = defaultdict(list)
    for table in tables:
        for name, cluster in zip(table[record].to_pylist(), table["cluster"].to_pylist(), strict=True):
            groups[cluster].append(name)
    return pairs_of(groups)


def test_febrl_without_its_identity_number() -> None:
    """F1 ≥ 0.9987, the aim, and no false match."""
    kinds = {
        "given_name": "name", "surname": "name", "street_number": "digits", "address_1": "text", "address_2": "text",
        "suburb": "text", "postcode": "digits", "state": "category", "date_of_birth": "date",
    }  # fmt: skip
    tables = {side: parquet.read_table(DATA / f"febrl_dataset4{side}.parquet") for side in "ab"}
    lists = tuple(RecordList(side, "rec_id", {name: name for name in kinds}) for side in "ab")
    fields = tuple(Field(name, kind) for name, kind in kinds.items())
    linked = link(Linkage("febrl", "care_asked_for", lists, fields), tables, within=False)
    found, true = found_by(linked), truth_of(*tables.values(), record="rec_id")
    assert len(true) == 5_000
    assert f1(found, true) >= 0.9987
    assert not found - true
    assert linked.trained.model.matches == pytest.approx(5_000, rel=0.002)


def test_one_list_with_many_records_of_a_person() -> None:
    """fake_1000: groups at least as good as the connected components of a plain Splink model at its best threshold."""
    rows = parquet.read_table(DATA / "fake_1000.parquet")
    kinds = {"first_name": "name", "surname": "name", "dob": "date", "city": "category", "email": "text"}
    only = RecordList("people", "unique_id", {name: name for name in kinds}, unique=False)
    fields = tuple(Field(name, kind) for name, kind in kinds.items())
    linked = link(Linkage("fake", "care_asked_for", (only,), fields), {"people": rows})
    true = truth_of(rows, record="unique_id")
    assert f1(found_by(linked), true) >= plain(rows, true)


def plain(rows: pa.Table, true: Pairs) -> float:
    """The tutorial's model for this set, at the threshold that suits the truth best."""
    api = DuckDBAPI(duckdb.connect())
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("first_name", [0.9, 0.7]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("surname", [0.9, 0.7]).configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("dob", [1, 2]),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("email", [0.9, 0.7]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("first_name", "surname"), block_on("dob"), block_on("email"), block_on("city", "surname"),
        ],
    )  # fmt: skip
    linker = Linker(api.register(rows, dataset_display_name="people"), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("first_name", "surname", "dob"), block_on("email")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e5, seed=1)
    for rule in (block_on("dob"), block_on("first_name", "surname")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    scored = linker.inference.predict(threshold_match_weight=-10)
    query = f"SELECT unique_id_l, unique_id_r, match_weight FROM {scored.physical_name}"
    weighed = api.duckdb_con.sql(query).fetchall()
    best = 0.0
    for threshold in range(-6, 12):
        parent = {name: name for name in rows["unique_id"].to_pylist()}

        def root(name: str, parent: dict[str, str] = parent) -> str:
            while parent[name] != name:
                name = parent[name]
            return name

        for left, right, weight in weighed:
            if weight >= threshold:
                parent[root(left)] = root(right)
        groups = defaultdict(list)
        for name in parent:
            groups[root(name)].append(name)
        best = max(best, f1(pairs_of(groups), true))
    return best
