"""How much of what people do to figures is found, and how often honest figures alarm, on the simulated county.

Run: python -m bench.verification — plants each kind alone, and mixes of all kinds, into the last year of the county's
monthly reports, looks with the demo programme's patterns, and writes the tables into docs/verification.md (a
quarter of an hour). Thresholds were chosen on the seeds TUNED, and anew on 9001 to 9016; what is published comes from UNSEEN
ones.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bench.verification_ceiling import LEVEL, SOURCES, ceiling, mix_ceiling, ratios_of
from bench.verification_other import OTHERS
from bench.verification_records import records
from tallymark.programme.load import load
from tallymark.programme.resolved import Patterns
from tallymark.simulate.faults import Fault
from tallymark.simulate.gaming import GAMES, Reports, true_reports
from tallymark.simulate.mixes import plant, plant_mix
from tallymark.simulate.place import make_place
from tallymark.simulate.rates import load_rates
from tallymark.simulate.world import World, make_world
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import Odd
from tallymark.verify.patterns.patrol import in_grid

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "verification.md"
START, END = "<!-- measured: python -m bench.verification -->", "<!-- end of measured -->"
SIZES = ((0, 2), (2, 5), (5, 10), (10, 20), (20, 50), (50, 10_000))
TUNED, UNSEEN = (1, 2, 3, 301, 302), (1301, 1302, 1303, 1304)
MIXES = 3
ALARMS = (0.25, 0.5, 1.0, 2.0, 4.0)


def world_of(seed: int) -> World:
    """The county under a seed."""
    return make_world(make_place(14, 350), load_rates(), seed=seed, months=36)


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
        and (odd.item in ("", fault.item) or odd.values.get("of_item") == fault.item)
    )


@dataclass
class Tally:
    """What was planted of a kind, found, and findable at best; its size where it is one figure."""

    found: list[bool] = field(default_factory=list)
    best: list[bool] = field(default_factory=list)
    size: list[float] = field(default_factory=list)


@dataclass
class Mixed:
    """What was found in mixes at a declared rate of alarms, and what alarmed in honest years."""

    planted: int = 0
    found: int = 0
    best: int = 0
    findings: int = 0
    false: int = 0
    honest: int = 0
    values: int = 0


def hits(odds: list[Odd], planted: list[list[Fault]]) -> list[bool]:
    """Of each planting, whether a finding points at one of its figures."""
    return [any(covers(odd, fault) for odd in odds for fault in one) for one in planted]


def alone(seeds: tuple[int, ...], patterns: Patterns) -> dict[str, Tally]:
    """Each kind planted alone."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for seed in seeds:
        world = world_of(seed)
        true = true_reports(world)
        honest, values = ratios_of(world, true), values_of(true)
        for kind in GAMES:
            given, planted = plant(kind, true, seed=seed)
            tally = tallies[kind]
            tally.found += hits(looked(given, patterns), planted)
            if kind in LEVEL:
                tally.best += ceiling(honest, values, ratios_of(world, given), given, planted, kind)
            if kind in SOURCES:
                tally.size += [_true(true, one[0]) for one in planted]
    return tallies


def values_of(reports: Reports) -> int:
    """How many figures the last year has."""
    return int(np.isfinite(reports.values[:, -12:]).sum())


def mixed(seeds: tuple[int, ...], patterns: Patterns) -> dict[float, Mixed]:
    """Mixes of all kinds, at several declared rates of false alarms; at best at 2 in 1,000."""
    tallies: dict[float, Mixed] = defaultdict(Mixed)
    for seed in seeds:
        world = world_of(seed)
        true = true_reports(world)
        values, honest = values_of(true), ratios_of(world, true)
        mixes = [plant_mix(true, seed=seed + 1000 * mix) for mix in range(MIXES)]
        for given, planted in mixes:
            best = mix_ceiling(honest, values, ratios_of(world, given), given, planted)
            tallies[2.0].best += sum(best)
        for alarms in ALARMS:
            some, tally = replace(patterns, false_alarms=alarms), tallies[alarms]
            tally.honest += len(looked(true, some))
            tally.values += values
            for given, planted in mixes:
                odds, figures = looked(given, some), [fault for one in planted for fault in one]
                tally.planted += len(planted)
                tally.found += sum(hits(odds, planted))
                tally.findings += len(odds)
                tally.false += sum(not any(covers(odd, fault) for fault in figures) for odd in odds)
    return dict(sorted(tallies.items()))


def others(seeds: tuple[int, ...], patterns: Patterns) -> list[str]:
    """Kinds of faults that nothing was chosen on, each planted alone."""
    tallies: dict[str, list[bool]] = defaultdict(list)
    for seed in seeds:
        true = true_reports(world_of(seed))
        for kind in OTHERS:
            given, planted = plant(kind, true, seed=seed, games=OTHERS)
            tallies[kind] += hits(looked(given, patterns), planted)
    lines = ["| what was done | planted | found |", "|---|---:|---:|"]
    return [
        *lines,
        *(f"| {kind} | {len(hit)} | {per_cent(sum(hit), len(hit))} |" for kind, hit in tallies.items()),
    ]


def _true(true: Reports, fault: Fault) -> float:
    """What the unit usually reports of the item."""
    unit, item = true.units.index(fault.unit), true.items.index(fault.item)
    return float(np.nanmean(true.values[unit, :, item]))


def per_cent(part: int, whole: int) -> str:
    """A share as people read it."""
    return f"{part / whole:.0%}" if whole else ""


def table_alone(tallies: dict[str, Tally]) -> list[str]:
    """Kinds, how many were planted, found and findable."""
    lines = ["| what was done | planted | found | at best |", "|---|---:|---:|---:|"]
    for kind, t in tallies.items():
        best = per_cent(sum(t.best), len(t.best))
        lines.append(f"| {kind} | {len(t.found)} | {per_cent(sum(t.found), len(t.found))} | {best} |")
    number, found = (
        sum(map(of, tallies.values())) for of in (lambda t: len(t.found), lambda t: sum(t.found))
    )
    return [*lines, f"| **all** | {number} | {per_cent(found, number)} | |"]


def table_sizes(tallies: dict[str, Tally]) -> list[str]:
    """Found (and findable) by the size of the unit's usual figure."""
    heads = [f"{a}–{b}" if b < 1000 else f"{a} and more" for a, b in SIZES]
    lines = ["| what was done | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(SIZES)]
    for kind in SOURCES:
        t, cells = tallies[kind], []
        for low, high in SIZES:
            at = [i for i, size in enumerate(t.size) if low <= size < high]
            found, best = sum(t.found[i] for i in at), sum(t.best[i] for i in at)
            cells.append(f"{per_cent(found, len(at))} ({per_cent(best, len(at))}) of {len(at)}" if at else "")
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return lines


def table_mixed(tallies: dict[float, Mixed]) -> list[str]:
    """The curve: alarms declared, alarms of honest years, found, findings that point at something planted."""
    lines = [
        "| `false_alarms` declared | false alarms per 1,000 honest values | planted | found | at best | findings that point at something planted |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for alarms, t in tallies.items():
        right = per_cent(t.findings - t.false, t.findings)
        lines.append(
            f"| {alarms:g} | {1000 * t.honest / t.values:.2f} | {t.planted} | {per_cent(t.found, t.planted)} | "
            f"{per_cent(t.best, t.planted) if t.best else ''} | {right} |"
        )
    return lines


def main() -> None:
    """Measure, and write into the page."""
    patterns = load(ROOT / "programmes" / "demo").patterns
    assert patterns is not None
    kinds = alone(UNSEEN, patterns)
    text = "\n".join(
        [
            f"Seeds {', '.join(map(str, UNSEEN))}, none of them used before: 350 villages × 12 months × 18 items each, two years "
            "before are known. Each kind alone; “at best” is what nobody can surpass (see below):",
            "", *table_alone(kinds), "", "Single figures by how large the unit's usual figure is, found (at best):",
            "", *table_sizes(kinds), "", f"All kinds of units and towns mixed, {MIXES} mixes a seed in proportions drawn at random:",
            "", *table_mixed(mixed(UNSEEN, patterns)), "", "Kinds that nothing was chosen on, each alone:", "", *others(UNSEEN, patterns), "", "Records and accounts:", "", *records(UNSEEN, world_of),
        ]
    )  # fmt: skip
    print(text)
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
