"""Linkage: accuracy, seconds and memory beside a plain Splink model. How good completeness is: bench/completeness.py.

Run: python -m bench.linkage [--births N] [--sets FOLDER] — writes sets with known truth and speed into bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import linkage_sets, linkage_speed

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADING = "## Linkage\n"
MARKS = {
    name: (f"<!-- {name}: python -m bench.linkage -->", f"<!-- end of {name} -->")
    for name in ("sets", "speed")
}


def speed(births: int, folder: Path) -> list[str]:
    """Both measurements of speed as tables."""
    rows = {row["way"]: row for row in linkage_speed.run(births, folder)}
    lists, pairs = rows["lists_ours"], rows["pairs_ours"]
    lines = [
        f"### {lists['records']:,} records, from two lists to groups", "",
        "| way | CPU s | × plain | wall s | × plain | peak MB | F1 |", "|---|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for way, name in (("lists_ours", "**Tallymark**"), ("lists_plain", "plain Splink 5")):
        lines.append(f"| {name} | {_took(rows[way], rows['lists_plain'])} | {rows[way]['f1']:.4f} |")
    lines += [
        "", f"### {pairs['pairs']:,} pairs, brought together and weighed", "",
        "| way | pairs | CPU s | × plain | wall s | × plain | peak MB | kept |", "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    for way, name in (("pairs_ours", "**Tallymark**"), ("pairs_plain", "plain Splink 5")):
        row = rows[way]
        lines.append(f"| {name} | {row['pairs']:,} | {_took(row, rows['pairs_plain'])} | {row['kept']:,} |")
    return lines


def _took(row: dict[str, Any], plain: dict[str, Any]) -> str:
    return (
        f"{row['cpu']:.1f} | {row['cpu'] / plain['cpu']:.2f} | {row['wall']:.1f} | {row['wall'] / plain['wall']:.2f} "
        f"| {row['peak_mb']:,.0f}"
    )


def parity(folder: Path | None) -> list[str]:
    """Every set that is there: Tallymark and plain Splink, at even odds and at their best."""
    lines = [
        "### Sets with known truth", "",
        "| set | ours: precision, recall | F1 | plain: precision, recall | F1 | best F1, ours (bits) | plain (bits) | not below |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]  # fmt: skip
    for make in linkage_sets.sets(folder):
        one = make()
        here, there = linkage_sets.ours(one), linkage_sets.plain(one)
        fine = here.plainly.f1 >= there.plainly.f1 and here.best.f1 >= there.best.f1
        lines.append(
            f"| {one.name} | {here.plainly.precision:.4f}, {here.plainly.recall:.4f} | **{here.plainly.f1:.4f}** "
            f"| {there.plainly.precision:.4f}, {there.plainly.recall:.4f} | {there.plainly.f1:.4f} "
            f"| {here.best.f1:.4f} ({here.at}) | {there.best.f1:.4f} ({there.at}) | {'yes' if fine else '**no**'} |"
        )
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--births", type=int, default=580_000, help="of the two lists; 0: no speed")
    parser.add_argument(
        "--sets", type=Path, help="folder with febrl1.csv to febrl3.csv and historical_50k.parquet"
    )
    parser.add_argument("--no-sets", action="store_true")
    parser.add_argument("--folder", type=Path, help="where lists are kept between runs")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if not chosen.no_sets:
        _write(RESULTS, "sets", parity(chosen.sets))
    if chosen.births:
        with tempfile.TemporaryDirectory() as own:
            load = f"Load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
            _write(RESULTS, "speed", [*speed(chosen.births, chosen.folder or Path(own)), "", load])


def kept() -> list[str]:
    """The section of RESULTS.md that this benchmark wrote, for the one that writes the rest."""
    text = RESULTS.read_text(encoding="utf-8")
    return [HEADING + text.split(HEADING)[1].split("\n## ")[0].rstrip()] if HEADING in text else []


def _write(page: Path, name: str, lines: list[str]) -> None:
    start, end = MARKS[name]
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(start)
    page.write_text(
        f"{before}{start}\n\n" + "\n".join(lines) + f"\n\n{end}{rest.split(end)[1]}", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
