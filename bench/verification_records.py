"""How much is found of what people do to records and accounts: corrections, late records, ledgers, ratios."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa

from tallymark.model.periods import Period
from tallymark.programme.written.patterns import WrittenLedger, WrittenMade, WrittenRatio
from tallymark.simulate import record_games as games
from tallymark.simulate.world import World
from tallymark.verify.patterns.accounts import impossible_ratios, ledgers
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import Odd
from tallymark.verify.patterns.records import made_late, of_revisions

YEAR = Period("2024", "year", dt.date(2024, 1, 1), dt.date(2024, 12, 31))
LEDGER = WrittenLedger(
    dataset="supplies", opening="folic_opening", into=["folic_received"], out=["folic_issued", "folic_lost"],
    closing="folic_closing",
)  # fmt: skip
RATIO = WrittenRatio(dataset="monthly", ratio="ratio", of="base")
MADE = WrittenMade(dataset="births", made="made")
BASES = ((5, 50), (50, 200), (200, 500), (500, 1000), (1000, 6000))


def _grid(values: np.ndarray, items: tuple[str, ...], codes: tuple[str, ...]) -> Grid:
    slots = tuple(f"2024-{at + 1:02d}" for at in range(values.shape[1]))
    parent = np.full(len(values), -1, np.int64)
    told = np.ones(len(slots), dtype=bool)
    return Grid("monthly", codes, slots, items, values, (), parent, told, 12, "2024")


def _by_unit(odds: Iterable[Odd]) -> np.ndarray:
    told = {odd.unit for odd in odds}
    return np.array([name in told for name in games.names()])


def _by_cell(odds: Iterable[Odd], grid: Grid) -> np.ndarray:
    told = {(odd.unit, odd.period) for odd in odds}
    return np.array([[(unit, slot) in told for slot in grid.slots] for unit in grid.units])


def looked(seed: int, world: World) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """What was planted, where, and what was told."""
    fixed = games.corrections(seed)
    assert isinstance(fixed.given, pa.Table)
    yield (
        "corrections that always help", fixed.where,
        _by_unit(of_revisions(fixed.given, "monthly", {"calls": 1}, period=YEAR, share=0.05)),
    )  # fmt: skip
    late = games.late_records(seed)
    assert isinstance(late.given, list)
    yield (
        "records made long after", late.where,
        _by_unit(made_late(late.given, MADE, period=YEAR, share=0.05, dataset="births")),
    )  # fmt: skip
    stock = games.accounts(world, seed)
    assert isinstance(stock.given, np.ndarray)
    grid = _grid(stock.given, games.ACCOUNT, world.units)
    yield "account made to balance", stock.where, _by_cell(ledgers(grid, LEDGER), grid)
    typed = games.ratios(seed)
    assert isinstance(typed.given, np.ndarray)
    grid = _grid(typed.given, ("ratio", "base"), tuple(games.names()))
    told = _by_cell(impossible_ratios(grid, RATIO), grid)
    for low, high in BASES:
        of_size = (typed.given[:, :, 1] >= low) & (typed.given[:, :, 1] < high)
        yield f"ratio typed, of {low}–{high}", typed.where & of_size, told & of_size


def records(seeds: Iterable[int], world_of: Callable[[int], World]) -> list[str]:
    """The table."""
    tallies: dict[str, list[int]] = {}
    for seed in seeds:
        for kind, where, told in looked(seed, world_of(seed)):
            tally = tallies.setdefault(kind, [0, 0, 0])
            for at, number in enumerate((where.sum(), (where & told).sum(), (told & ~where).sum())):
                tally[at] += int(number)
    lines = ["| what was done | planted | found | false alarms |", "|---|---:|---:|---:|"]
    for kind, (planted, found, false) in tallies.items():
        lines.append(f"| {kind} | {planted} | {found / max(planted, 1):.0%} | {false} |")
    return lines
