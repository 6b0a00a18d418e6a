"""A million records from lists to groups, and 22 million pairs weighed, beside plain Splink: each way alone in a process.

`lists`: both ways get the same two lists as tables in memory and give their groups; plain Splink has the four blocking
rules, comparisons and training that its tutorials would give these fields. `pairs`: both are given the same blocking
rules and keys, so that they weigh the same pairs; the models are trained before the clock starts. Seconds leave out
reading the lists and imports; compiled loops are compiled before, as an installation has them.
"""

from __future__ import annotations

import json
import pickle
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bench.linkage_sets import BIRTHS, BIRTHS_RULES, comparisons, trained
from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.simulate.lists import FIELDS, SimulatedLists, simulate_lists
from tallymark.verify.linkage import candidates, link
from tallymark.verify.linkage.keys import key_table
from tallymark.verify.linkage.link import LEAST, Trained, train, weights_of
from tallymark.verify.linkage.scoring import score_pairs

ROOT = Path(__file__).parent.parent
PAIRS_PER_RECORD = 26.0
"""Such that a million records make 22 million pairs."""


def declared(lists: SimulatedLists, pairs_per_record: float = 30.0) -> Linkage:
    """The linkage of simulated lists."""
    held = tuple(RecordList(name, "record", {field: field for field in FIELDS}) for name in lists.tables)
    fields = tuple(Field(n, k, telling=n in ("child", "sex")) for n, k in BIRTHS.items())  # type: ignore[arg-type]
    return Linkage("births", "birth_registration", held, fields, pairs_per_record=pairs_per_record)


def run(births: int, folder: Path) -> list[dict[str, Any]]:
    """What each way took."""
    small = _written(10_000, folder)
    large = _written(births, folder)
    rows = []
    for way in WAYS:
        _alone(way, small)
        rows.append(_alone(way, large) | {"way": way})
        print(rows[-1], file=sys.stderr, flush=True)
    return rows


def _written(births: int, folder: Path) -> Path:
    """Lists drawn once, kept in a file: drawing them takes longer than linking."""
    path = folder / f"births-{births}.pickle"
    if not path.exists():
        path.write_bytes(pickle.dumps(simulate_lists(births, seed=1, error=0.05)))
    return path


def _alone(way: str, path: Path) -> dict[str, Any]:
    code = f"from bench.linkage_speed import once; once({way!r}, {str(path)!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def once(way: str, path: str) -> None:
    """One way, told as JSON."""
    lists: SimulatedLists = pickle.loads(Path(path).read_bytes())
    do, clock = WAYS[way](lists), (time.perf_counter(), time.process_time())
    found = do()
    took = {"wall": time.perf_counter() - clock[0], "cpu": time.process_time() - clock[1]}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    records = sum(len(table) for table in lists.tables.values())
    print(json.dumps(found() | took | {"peak_mb": peak, "records": records}))


Told = Callable[[], dict[str, Any]]


def lists_ours(lists: SimulatedLists) -> Callable[[], Told]:
    import pypinyin  # noqa: F401 - imports are left out of the seconds, as Splink's is

    def do() -> Told:
        linked = link(declared(lists), lists.tables, within=False)
        taken = linked.pairs.filter(linked.pairs["taken"])
        left, right = taken["record_l"].to_pylist(), taken["record_r"].to_pylist()
        return lambda: {"f1": _f1(lists, set(zip(left, right, strict=True)))}

    return do


def lists_plain(lists: SimulatedLists) -> Callable[[], Told]:
    from splink import DuckDBAPI

    def do() -> Told:
        api = DuckDBAPI(duckdb.connect())
        tables = {
            name: table.rename_columns(["unique_id", *FIELDS]) for name, table in sorted(lists.tables.items())
        }
        frames = [api.register(table, dataset_display_name=name) for name, table in tables.items()]
        linker = trained(api, frames, BIRTHS, BIRTHS_RULES, "link_only")
        scored = linker.inference.predict(threshold_match_weight=0)
        query = (
            "SELECT unique_id_l, unique_id_r FROM (SELECT *, row_number() OVER (PARTITION BY unique_id_l ORDER BY "
            "match_weight DESC, unique_id_r) AS a, row_number() OVER (PARTITION BY unique_id_r ORDER BY match_weight "
            f"DESC, unique_id_l) AS b FROM {scored.physical_name}) WHERE a = 1 AND b = 1"
        )
        pairs = set(api.duckdb_con.sql(query).fetchall())
        return lambda: {"f1": _f1(lists, pairs)}

    return do


def _ready(lists: SimulatedLists) -> tuple[dict[str, Any], Trained]:
    """Keys, and rules and model of a share of the records."""
    linkage = declared(lists, PAIRS_PER_RECORD)
    keys = {one.name: key_table(linkage, one, lists.tables[one.name]) for one in linkage.lists}
    return keys, train(linkage, keys, seed=0)


def pairs_ours(lists: SimulatedLists) -> Callable[[], Told]:
    keys, model = _ready(lists)
    count: list[int] = []
    together = candidates.pairs_together

    def counted(*args: Any, **kwargs: Any) -> Any:
        made = together(*args, **kwargs)
        count.append(made.seen)
        return made

    def do() -> Told:
        from tallymark.verify.linkage import scoring

        scoring.pairs_together = counted  # type: ignore[assignment]
        found = score_pairs(
            model.comparisons, model.rules, keys, weights_of(model), least=LEAST, within=False
        )
        return lambda: {"pairs": count[-1], "kept": len(found.left)}

    return do


def pairs_plain(lists: SimulatedLists) -> Callable[[], Told]:
    """Plain comparisons of what is written, on our keys' blocking rules; probabilities are the library's defaults."""
    import splink

    keys, model = _ready(lists)
    used = {"unique_id"} | {key.column for rule in model.rules for key in rule.keys} | set(BIRTHS)
    tables = {
        name: table.select([c for c in table.column_names if c in used]) for name, table in keys.items()
    }

    def do() -> Told:
        api = splink.DuckDBAPI(duckdb.connect())
        frames = [api.register(tables[name], dataset_display_name=name) for name in sorted(tables)]
        settings = splink.SettingsCreator(
            link_type="link_only", comparisons=comparisons(BIRTHS), retain_matching_columns=False,
            blocking_rules_to_generate_predictions=[{"blocking_rule": rule.sql} for rule in model.rules],
            probability_two_random_records_match=weights_of(model).prior,
        )  # fmt: skip
        linker = splink.Linker(frames, settings, log_level=None)
        blocked = linker.inference.compute_blocked_pairs_for_predict()
        many = api.duckdb_con.sql(f"SELECT COUNT(*) FROM {blocked.physical_name}").fetchall()[0][0]
        found = linker.inference.predict(threshold_match_weight=LEAST, warning_mode="never")
        kept = api.duckdb_con.sql(f"SELECT COUNT(*) FROM {found.physical_name}").fetchall()[0][0]
        return lambda: {"pairs": many, "kept": kept}

    return do


WAYS: dict[str, Callable[[SimulatedLists], Callable[[], Told]]] = {
    "lists_ours": lists_ours, "lists_plain": lists_plain, "pairs_ours": pairs_ours, "pairs_plain": pairs_plain,
}  # fmt: skip


def _f1(lists: SimulatedLists, found: set[tuple[str, str]]) -> float:
    of = {
        record: int(birth)
        for name in lists.tables
        for record, birth in zip(lists.tables[name]["record"].to_pylist(), lists.truth[name], strict=True)
    }
    true = len(np.intersect1d(lists.truth["hospital"], lists.truth["registry"]))
    right = sum(of[left] == of[right] for left, right in found)
    return 2 * right / (len(found) + true)
