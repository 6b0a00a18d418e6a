"""How much of what people do to figures is found, and how often honest figures alarm, on the simulated county.

Run: python -m bench.verification [SEEDS] — plants each kind into the last year of the county's monthly reports, looks
with the demo programme's patterns, and writes the table and the curve into docs/verification.md (three minutes).
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tallymark.programme.load import load
from tallymark.programme.resolved import Patterns
from tallymark.simulate.faults import Fault
from tallymark.simulate.gaming import GAMES, Reports, plant, true_reports
from tallymark.simulate.place import make_place
from tallymark.simulate.rates import load_rates
from tallymark.simulate.world import make_world
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import Odd
from tallymark.verify.patterns.patrol import in_grid

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "verification.md"
START, END = "<!-- measured: python -m bench.verification -->", "<!-- end of measured -->"
SIZES = ((0, 2), (2, 5), (5, 10), (10, 20), (20, 50), (50, 10_000))
CURVE = ("ten times", "four times", "a quarter", "one figure 0 for missing")


class Tally(NamedTuple):
    planted: int
    found: int
    findings: int
    false: int
    values: int


def reports(seed: int) -> Reports:
    """True monthly reports of the county under a seed."""
    return true_reports(make_world(make_place(14, 350), load_rates(), seed=seed, months=36))


def grid_of(given: Reports) -> Grid:
    """The grid of reports, the last year told."""
    order = np.lexsort((np.arange(len(given.units)), given.towns))
    told = np.zeros(len(given.months), dtype=bool)
    told[-12:] = True
    return Grid(
        "monthly", tuple(given.units[at] for at in order), given.months, given.items, given.values[order],
        tuple(f"T{at + 1:02d}" for at in range(int(given.towns.max()) + 1)), given.towns[order], told, 12, "SY2025",
    )  # fmt: skip


def looked(given: Reports, patterns: Patterns) -> list[Odd]:
    """Everything odd in the reports."""
    shares = [share for share in patterns.shares if share.dataset == "monthly"]
    return list(in_grid(grid_of(given), patterns, shares))


def covers(odd: Odd, fault: Fault) -> bool:
    """Whether a finding points at a figure: its unit (or the unit above, with its members), period and item."""
    return (
        (fault.unit == odd.unit or fault.unit in odd.units)
        and fault.period in (odd.slots or (odd.period,))
        and odd.item in ("", fault.item)
    )


def measured(seeds: int) -> tuple[dict[str, Tally], dict[tuple[str, tuple[int, int]], list[int]], list[Odd]]:
    """By kind: plantings, found, findings, false ones; the curve by the size of the true figure; alarms of honest years."""
    patterns = load(ROOT / "programmes" / "demo").patterns
    assert patterns is not None
    tallies: dict[str, Tally] = {}
    curve: dict[tuple[str, tuple[int, int]], list[int]] = defaultdict(lambda: [0, 0])
    honest: list[Odd] = []
    for seed in range(1, seeds + 1):
        true = reports(seed)
        values = int(np.isfinite(true.values[:, -12:]).sum())
        quiet = looked(true, patterns)
        honest += quiet
        for kind in GAMES:
            given, planted = plant(kind, true, seed=seed)
            odds = looked(given, patterns)
            hit = [any(covers(odd, fault) for odd in odds for fault in one) for one in planted]
            figures = [fault for one in planted for fault in one]
            false = sum(not any(covers(odd, fault) for fault in figures) for odd in odds)
            old = tallies.get(kind, Tally(0, 0, 0, 0, 0))
            tallies[kind] = Tally(
                *(a + b for a, b in zip(old, (len(hit), sum(hit), len(odds), false, values), strict=True))
            )
            if kind in CURVE:
                for one, was in zip(planted, hit, strict=True):
                    size = _true(true, one[0])
                    band = next(each for each in SIZES if each[0] <= size < each[1])
                    curve[kind, band][0] += was
                    curve[kind, band][1] += 1
    tallies["(honest years)"] = Tally(0, 0, len(honest), len(honest), values * seeds)
    return tallies, curve, honest


def _true(true: Reports, fault: Fault) -> float:
    """What the unit usually reports of the item."""
    unit, item = true.units.index(fault.unit), true.items.index(fault.item)
    return float(np.nanmean(true.values[unit, :, item]))


def table(tallies: dict[str, Tally], curve: dict[tuple[str, tuple[int, int]], list[int]], seeds: int) -> str:
    """The page's part that is measured."""
    lines = [
        f"{seeds} seeds × 350 villages × 12 months × 18 items, {tallies['(honest years)'].values:,} honest values; two years before are known.",
        "", "| what was done | planted | found | findings that point at it | false alarms per 1,000 honest values |",
        "|---|---:|---:|---:|---:|",
    ]  # fmt: skip
    for kind, t in tallies.items():
        recall = f"{t.found / t.planted:.0%}" if t.planted else ""
        precision = f"{1 - t.false / t.findings:.0%}" if t.findings and t.planted else ""
        lines.append(
            f"| {kind} | {t.planted or ''} | {recall} | {precision} | {1000 * t.false / t.values:.2f} |"
        )
    lines += ["", "How much is found depends on how large a unit's figure usually is:", "",
              "| what was done | " + " | ".join(f"{a}–{b}" if b < 1000 else f"{a} and more" for a, b in SIZES) + " |",
              "|---|" + "---:|" * len(SIZES)]  # fmt: skip
    for kind in CURVE:
        cells = [f"{k / n:.0%} of {n}" if n else "" for k, n in (curve[kind, band] for band in SIZES)]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(seeds: int) -> None:
    """Measure, and write into the page."""
    tallies, curve, _ = measured(seeds)
    text = table(tallies, curve, seeds)
    print(text)
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
