"""Sets with known truth, linked by Tallymark and by a plain Splink model, each at even odds and at its best threshold.

Plain Splink: the comparisons of its library and tutorials on the same fields, u from random pairs, m by
expectation–maximisation over two blocking rules; groups are connected components in one list and best matches of both
sides between two. The best threshold is chosen with the truth in hand, which nobody has.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import splink.comparison_library as cl
from numpy.typing import NDArray
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.simulate.lists import FIELDS, simulate_lists
from tallymark.verify.linkage import link
from tallymark.verify.linkage.assign import best_pairs, groups
from tallymark.verify.linkage.link import weights_of
from tallymark.verify.linkage.twos import grouped as of_any_size

THRESHOLDS = range(-8, 31)
SHARED = Path(__file__).parents[2] / "shared" / "data" / "linkage"
Ints = NDArray[np.int64]
FEBRL = {
    "given_name": "name", "surname": "name", "street_number": "digits", "address_1": "text", "address_2": "text",
    "suburb": "text", "postcode": "digits", "state": "category", "date_of_birth": "date",
}  # fmt: skip
FAKE = {"first_name": "name", "surname": "name", "dob": "date", "city": "category", "email": "text"}
HISTORICAL = {
    "first_name": "name", "surname": "name", "dob": "date", "birth_place": "text", "postcode_fake": "text",
    "gender": "category", "occupation": "text",
}  # fmt: skip
BIRTHS = {
    "mother": "name", "mother_id": "identity", "mother_born": "date", "child": "name", "born": "date",
    "sex": "category", "village": "category", "phone": "digits",
}  # fmt: skip


class Rules(NamedTuple):
    """Fields that records must share to be compared, and to be trained on, in the plain model."""

    blocking: tuple[tuple[str, ...], ...]
    training: tuple[tuple[str, ...], ...]
    sure: tuple[tuple[str, ...], ...]


class Set(NamedTuple):
    """A set: list → records (unique_id, fields, cluster)."""

    name: str
    tables: dict[str, pa.Table]
    kinds: dict[str, str]
    rules: Rules
    pairs_per_record: float = 30.0


class Score(NamedTuple):
    precision: float
    recall: float
    f1: float


FEBRL_RULES = Rules(
    (("given_name",), ("surname",), ("date_of_birth",), ("postcode",), ("suburb",)),
    (("date_of_birth",), ("surname", "given_name")),
    (("given_name", "surname", "date_of_birth"), ("date_of_birth", "postcode", "surname")),
)
FAKE_RULES = Rules(
    (("first_name", "surname"), ("dob",), ("email",), ("city", "surname")),
    (("dob",), ("first_name", "surname")), (("first_name", "surname", "dob"), ("email",)),
)  # fmt: skip
HISTORICAL_RULES = Rules(
    (("first_name", "dob"), ("surname", "dob"), ("first_name", "surname"), ("dob", "birth_place"), ("postcode_fake",),
     ("surname", "birth_place"), ("dob", "occupation")),
    (("first_name", "surname"), ("dob",)), (("first_name", "surname", "dob"), ("first_name", "surname", "postcode_fake")),
)  # fmt: skip
BIRTHS_RULES = Rules(
    (("mother", "born"), ("mother_id",), ("phone",), ("mother_born", "village")),
    (("mother_id",), ("mother", "born")), (("mother", "born", "village"),),
)  # fmt: skip


def sets(folder: Path | None) -> list[Callable[[], Set]]:
    """The sets that are there: in the shared data, in a folder of others' files, and made here."""
    made: list[Callable[[], Set]] = []
    for number in (1, 2, 3):
        if folder and (folder / f"febrl{number}.csv").exists():
            made.append(lambda n=number: _febrl_one(folder / f"febrl{n}.csv", f"FEBRL {n}"))  # type: ignore[misc]
    if SHARED.is_dir():
        made += [_febrl_two, _fake]
    if folder and (folder / "historical_50k.parquet").exists():
        made.append(lambda: _historical(folder / "historical_50k.parquet"))
    for error, clustered in ((0.05, False), (0.2, False), (0.1, True), (0.2, True)):
        made.append(lambda e=error, c=clustered: _births(e, c))  # type: ignore[misc]
    return made


def _febrl_one(path: Path, name: str) -> Set:
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), skipinitialspace=True))
    columns = {field: pa.array([row[field] or None for row in rows], pa.string()) for field in FEBRL}
    records = [row["rec_id"].strip() for row in rows]
    table = pa.table({"unique_id": records, **columns, "cluster": [each.split("-")[1] for each in records]})
    return Set(name, {"people": table}, FEBRL, FEBRL_RULES)


def _febrl_two() -> Set:
    tables = {}
    for side in "ab":
        table = parquet.read_table(SHARED / f"febrl_dataset4{side}.parquet")
        columns = {field: table.column(field).cast(pa.string()) for field in FEBRL}
        tables[side] = pa.table(
            {
                "unique_id": table.column("rec_id"),
                **columns,
                "cluster": table.column("cluster").cast(pa.string()),
            }
        )
    return Set("FEBRL 4, without its identity number", tables, FEBRL, FEBRL_RULES)


def _fake() -> Set:
    table = parquet.read_table(SHARED / "fake_1000.parquet")
    columns = {name: table.column(name).cast(pa.string()) for name in ("unique_id", *FAKE, "cluster")}
    return Set("fake_1000", {"people": pa.table(columns)}, FAKE, FAKE_RULES)


def _historical(path: Path) -> Set:
    table = parquet.read_table(path).select(["unique_id", *HISTORICAL, "cluster"])
    return Set("historical, 50,578 records", {"people": table}, HISTORICAL, HISTORICAL_RULES, 100.0)


def _births(error: float, clustered: bool) -> Set:
    lists = simulate_lists(6_000, seed=11, error=error, clustered=clustered)
    tables = {
        name: table.rename_columns(["unique_id", *FIELDS]).append_column("cluster", pa.array(lists.truth[name].astype(str)))
        for name, table in lists.tables.items()
    }  # fmt: skip
    where = "in a fifth of records" if clustered else "anywhere"
    return Set(f"births, Chinese names and twins, {error:.0%} wrong {where}", tables, BIRTHS, BIRTHS_RULES)


class Scores(NamedTuple):
    """At the threshold as it comes (even odds), and at the one that suits the truth best."""

    plainly: Score
    best: Score
    at: int


def ours(one: Set) -> Scores:
    """Tallymark's groups; rules as they come."""
    alone = len(one.tables) == 1
    lists = tuple(RecordList(n, "unique_id", {f: f for f in one.kinds}, unique=not alone) for n in one.tables)
    fields = tuple(Field(n, k, telling=n in ("child", "sex")) for n, k in one.kinds.items())  # type: ignore[arg-type]
    declared = Linkage("set", "care_asked_for", lists, fields, pairs_per_record=one.pairs_per_record)
    linked = link(declared, one.tables, within=alone)
    left, right = (_places(one, linked.pairs, side) for side in "lr")
    weight, truth = linked.pairs.column("weight").to_numpy(), _truth(one)
    of = np.repeat(np.arange(len(one.tables)), [len(one.tables[name]) for name in sorted(one.tables)])

    def grouped(threshold: int) -> Ints:
        if alone:
            prior = weights_of(linked.trained).prior
            return of_any_size(
                left, right, weight, lists=of, unique=np.zeros(1, bool), threshold=threshold, prior=prior
            )
        which = np.flatnonzero(weight >= threshold)
        taken = which[best_pairs(left[which], right[which], weight[which])]
        return groups(left[taken], right[taken], weight[taken], lists=of, unique=np.ones(2, bool))

    scores = _by_threshold(grouped, truth)
    number = {record: at for at, record in enumerate(_records(one))}
    made = linked.records.column("group").to_numpy()
    order = [
        number[each]
        for each in zip(*(linked.records.column(c).to_pylist() for c in ("list", "record")), strict=True)
    ]
    group = np.empty(len(made), np.int64)
    group[order] = made
    return scores._replace(plainly=_score(group, truth))


def plain(one: Set) -> Scores:
    """The plain model's: connected components, or each record's best match where both agree."""
    rows, truth = _predicted(one), _truth(one)
    left, right = (_places(one, rows, side) for side in "lr")
    weight = rows.column("match_weight").to_numpy()

    def grouped(threshold: int) -> Ints:
        which = weight >= threshold
        if len(one.tables) > 1:
            which &= _leads(left, weight) & _leads(right, weight)
        none = np.zeros(len(truth), np.int64)
        return groups(left[which], right[which], weight[which], lists=none, unique=np.zeros(1, bool))

    return _by_threshold(grouped, truth)


def _by_threshold(grouped: Callable[[int], Ints], truth: Ints) -> Scores:
    scores = {threshold: _score(grouped(threshold), truth) for threshold in THRESHOLDS}
    at = max(scores, key=lambda threshold: scores[threshold].f1)
    return Scores(scores[0], scores[at], at)


def _records(one: Set) -> list[tuple[str, str]]:
    return [
        (name, each)
        for name in sorted(one.tables)
        for each in one.tables[name].column("unique_id").to_pylist()
    ]


def _places(one: Set, rows: pa.Table, side: str) -> Ints:
    """Each pair's record of a side by its number among all records."""
    place = {record: at for at, record in enumerate(_records(one))}
    lists = rows.column(f"list_{side}").to_pylist()
    records = rows.column(f"record_{side}").to_pylist()
    return np.array([place[each] for each in zip(lists, records, strict=True)])


def comparisons(kinds: dict[str, str]) -> list[Any]:
    """A plain model's comparisons by kind of field."""
    by_kind: dict[str, Callable[[str], Any]] = {
        "name": lambda name: cl.JaroWinklerAtThresholds(name, [0.9, 0.7]).configure(
            term_frequency_adjustments=True
        ),
        "text": lambda name: cl.JaroWinklerAtThresholds(name, [0.9, 0.7]),
        "date": lambda name: cl.LevenshteinAtThresholds(name, [1, 2]),
        "identity": lambda name: cl.LevenshteinAtThresholds(name, [1, 2]),
        "digits": lambda name: cl.LevenshteinAtThresholds(name, [1, 2]),
        "category": lambda name: cl.ExactMatch(name).configure(term_frequency_adjustments=True),
    }
    return [by_kind[kind](name) for name, kind in kinds.items()]


def trained(api: Any, frames: Any, kinds: dict[str, str], rules: Rules, link_type: str) -> Linker:
    """A plain model, trained as its tutorials do it."""
    settings = SettingsCreator(
        link_type=link_type,  # type: ignore[arg-type]
        comparisons=comparisons(kinds),
        blocking_rules_to_generate_predictions=[block_on(*each) for each in rules.blocking],
        retain_matching_columns=False,
    )
    linker = Linker(frames, settings, log_level=None)
    sure = [block_on(*each) for each in rules.sure]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in rules.training:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    return linker


def _predicted(one: Set) -> pa.Table:
    api = DuckDBAPI(duckdb.connect())
    names = sorted(one.tables)
    frames = [api.register(one.tables[name], dataset_display_name=name) for name in names]
    alone = len(frames) == 1
    linker = trained(
        api, frames[0] if alone else frames, one.kinds, one.rules, "dedupe_only" if alone else "link_only"
    )
    scored = linker.inference.predict(threshold_match_weight=-10)
    lists = (f"'{names[0]}'",) * 2 if alone else ("source_dataset_l", "source_dataset_r")
    return api.duckdb_con.sql(
        f"SELECT {lists[0]} AS list_l, unique_id_l AS record_l, {lists[1]} AS list_r, unique_id_r AS record_r, "
        f"match_weight FROM {scored.physical_name}"
    ).to_arrow_table()


def _leads(record: Ints, weight: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a pair is its record's first best."""
    order = np.lexsort((-weight, record))
    first = np.zeros(len(record), bool)
    first[order[np.flatnonzero(np.diff(record[order], prepend=-1))]] = True
    return first


def _truth(one: Set) -> Ints:
    clusters = [
        each for name in sorted(one.tables) for each in one.tables[name].column("cluster").to_pylist()
    ]
    return np.unique(clusters, return_inverse=True)[1]


def _score(group: Ints, truth: Ints) -> Score:
    """Precision, recall and F1 of the pairs that groups hold."""
    _, place = np.unique(group, return_inverse=True)
    found, true = _pairs(place), _pairs(truth)
    both = _pairs(place.astype(np.int64) * (int(truth.max()) + 1) + truth)
    return Score(both / max(found, 1), both / true, 2 * both / (found + true))


def _pairs(of: Ints) -> int:
    many = np.unique(of, return_counts=True)[1]
    return int((many * (many - 1) // 2).sum())
