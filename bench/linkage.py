"""Linkage: completeness on lists with known truth, accuracy and CPU seconds beside a plain Splink model.

Run: python -m bench.linkage [--births N] [--worlds W] — writes the tables into docs/linkage.md (`--births 0`: only truth).
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np

from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.simulate.lists import FIELDS, SimulatedLists, simulate_lists
from tallymark.verify.linkage import link
from tallymark.verify.linkage.completeness import completeness

PAGE = Path(__file__).parent.parent / "docs" / "linkage.md"
MARKS = {
    name: (f"<!-- {name}: python -m bench.linkage -->", f"<!-- end of {name} -->")
    for name in ("truth", "speed")
}
KINDS = {
    "mother": "name", "mother_id": "identity", "mother_born": "date", "child": "name", "born": "date",
    "sex": "category", "village": "category", "phone": "digits",
}  # fmt: skip
WORLDS = ((0.05, False), (0.1, False), (0.2, False), (0.05, True), (0.1, True), (0.15, True), (0.2, True))
"""Share of fields that are wrong, and whether errors sit together in a fifth of the records."""


class Row(NamedTuple):
    """One kind of world, over several: mean bias of the number of births (%), and how often the interval holds it."""

    error: float
    clustered: bool
    naive: float
    corrected: float
    worst: float
    covered: float
    called_clustered: float


def births(lists: SimulatedLists) -> Linkage:
    """The linkage of simulated lists."""
    held = tuple(RecordList(name, "record", {field: field for field in FIELDS}) for name in lists.tables)
    fields = tuple(Field(name, KINDS[name], telling=name in ("child", "sex")) for name in FIELDS)  # type: ignore[arg-type]
    return Linkage("births", "birth_registration", held, fields)


def truth(worlds: int, many: int = 6_000) -> Iterator[Row]:
    """Bias and coverage by kind of world, errors as in `WORLDS`, one record in a hundred listed twice."""
    for error, clustered in WORLDS:
        naive, corrected, inside, called = [], [], [], []
        for seed in range(worlds):
            lists = simulate_lists(many, seed=seed, error=error, clustered=clustered, duplicates=0.01)
            linked = link(births(lists), lists.tables)
            found = completeness(linked)
            naive.append(100 * (found.naive / many - 1))
            corrected.append(100 * (found.total / many - 1))
            inside.append(found.low <= many <= found.high)
            called.append(linked.trained.clustered)
        yield Row(
            error, clustered, float(np.mean(naive)), float(np.mean(corrected)), float(np.abs(corrected).max()),
            float(np.mean(inside)), float(np.mean(called)),
        )  # fmt: skip


def speed(number: int) -> list[dict[str, Any]]:
    """CPU seconds from lists to groups, each way alone in a process."""
    found = []
    for way in ("tallymark", "plain"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        code = f"from bench.linkage import {way}; print({way}({number}))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        pairs, score = done.stdout.split()[-2:]
        found.append({"way": way, "cpu": cpu, "pairs": int(pairs), "f1": float(score)})
    return found


def tallymark(number: int) -> str:
    """Links two lists of so many births; pairs kept and F1."""
    lists = simulate_lists(number, seed=1, error=0.05)
    linked = link(births(lists), lists.tables, within=False)
    taken = linked.pairs.filter(linked.pairs["taken"])
    found = set(zip(taken["record_l"].to_pylist(), taken["record_r"].to_pylist(), strict=True))
    return f"{len(linked.pairs)} {_f1(lists, found)}"


def plain(number: int) -> str:
    """The same lists by a Splink model as its tutorials write it: four blocking rules, Jaro–Winkler, one to one."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    lists = simulate_lists(number, seed=1, error=0.05)
    api = DuckDBAPI(duckdb.connect())
    frames = [
        api.register(table.rename_columns(["unique_id", *FIELDS]), dataset_display_name=name)
        for name, table in sorted(lists.tables.items())
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("mother", [0.9, 0.7]).configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("mother_id", [1, 2]), cl.LevenshteinAtThresholds("mother_born", [1, 2]),
            cl.JaroWinklerAtThresholds("child", [0.9, 0.7]).configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("born", [1, 2]), cl.ExactMatch("sex"),
            cl.ExactMatch("village").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("phone", [1]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("mother", "born"), block_on("mother_id"), block_on("phone"), block_on("mother_born", "village"),
        ],
        retain_matching_columns=False,
    )  # fmt: skip
    linker = Linker(frames, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("mother", "born", "village")], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("mother_id"), block_on("mother", "born")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    scored = linker.inference.predict(threshold_match_weight=0)
    query = (
        "SELECT unique_id_l, unique_id_r FROM (SELECT *, row_number() OVER (PARTITION BY unique_id_l ORDER BY match_weight DESC, "
        "unique_id_r) AS a, row_number() OVER (PARTITION BY unique_id_r ORDER BY match_weight DESC, unique_id_l) AS b "
        f"FROM {scored.physical_name}) WHERE a = 1 AND b = 1"
    )
    found = set(api.duckdb_con.sql(query).fetchall())
    pairs = api.duckdb_con.sql(f"SELECT COUNT(*) FROM {scored.physical_name}").fetchall()[0][0]
    return f"{pairs} {_f1(lists, found)}"


def _f1(lists: SimulatedLists, found: set[tuple[str, str]]) -> float:
    of = {
        record: int(birth)
        for name in lists.tables
        for record, birth in zip(lists.tables[name]["record"].to_pylist(), lists.truth[name], strict=True)
    }
    true = len(np.intersect1d(lists.truth["hospital"], lists.truth["registry"]))
    right = sum(of[left] == of[right] for left, right in found)
    return 2 * right / (len(found) + true)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--births", type=int, default=580_000)
    parser.add_argument("--worlds", type=int, default=8)
    chosen = parser.parse_args()
    if chosen.worlds:
        _write("truth", [
            "| fields wrong | where errors sit | naive bias | corrected bias | largest error | interval holds the truth | called clustered |",
            "|---:|---|---:|---:|---:|---:|---:|",
            *(f"| {r.error:.0%} | {'a fifth of records' if r.clustered else 'anywhere'} | {r.naive:+.1f} % | {r.corrected:+.1f} % "
              f"| {r.worst:.1f} % | {r.covered:.0%} | {r.called_clustered:.0%} |" for r in truth(chosen.worlds)),
        ])  # fmt: skip
    if chosen.births:
        rows = speed(chosen.births)
        _write("speed", [
            "| way | CPU s | F1 |", "|---|---:|---:|",
            *(f"| {'**Tallymark**' if row['way'] == 'tallymark' else 'plain Splink 5'} | {row['cpu']:.0f} | {row['f1']:.4f} |" for row in rows),
        ])  # fmt: skip


def _write(name: str, lines: list[str]) -> None:
    start, end = MARKS[name]
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(start)
    PAGE.write_text(
        f"{before}{start}\n\n" + "\n".join(lines) + f"\n\n{end}{rest.split(end)[1]}", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
