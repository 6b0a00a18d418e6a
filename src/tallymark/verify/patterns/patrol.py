"""Every declared pattern over every dataset of reports, for one period: what is odd, told once, chance held in check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine
from tallymark.engine.sql import select
from tallymark.findings import Finding
from tallymark.model.periods import Period
from tallymark.programme.resolved import Dataset, Patterns, Programme, Share, Waiver
from tallymark.store import Store, stored
from tallymark.verify.patterns.accounts import impossible_ratios, ledgers
from tallymark.verify.patterns.alike import alike_items, once
from tallymark.verify.patterns.expected import expect
from tallymark.verify.patterns.grid import LOOKED, Grid, read_grid
from tallymark.verify.patterns.never import never_failing
from tallymark.verify.patterns.odd import Bearable, Odd
from tallymark.verify.patterns.parts import fit_of, over_whole, share_off
from tallymark.verify.patterns.records import entered_twice, late_evidence, reporting, revised_upwards
from tallymark.verify.patterns.repeats import (
    agreements,
    copied_reports,
    in_turn,
    like_neighbours,
    pasted_years,
    same_again,
)
from tallymark.verify.patterns.shares import bunched, even_shares, pair_of, shrinking
from tallymark.verify.patterns.spread import digits, even_counts, round_numbers, rush
from tallymark.verify.patterns.telling import findings_of
from tallymark.verify.patterns.values import empty_rows, odd_values
from tallymark.verify.patterns.widespread import gathered
from tallymark.verify.waivers import of_one

WHOLE_REPORT = ("zeros", "copied", "nearly_copied")
"""Patterns of a whole report: what they cover isn't told again value by value."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where and for when patterns are looked for."""

    programme: Programme
    store: Store
    period: Period
    version: int
    engine: Engine
    waivers: tuple[Waiver, ...] = ()
    """Those in force: what they cover of one unit is told apart."""

    @property
    def months(self) -> tuple[int, int]:
        """First and last integer month of the period."""
        months = self.programme.calendar.months(self.period)
        return months[0], months[-1]


def patrol(asked: Asked, reports: pa.Table) -> list[Finding]:
    """The findings of a period."""
    patterns = asked.programme.patterns
    if patterns is None:
        return []
    odds = list(look(asked, patterns, reports))
    return list(findings_of(asked.programme, odds, most=patterns.most, severity=patterns.severity))


def look(asked: Asked, patterns: Patterns, reports: pa.Table) -> Iterator[Odd]:
    """Everything odd that is looked for."""
    kinds = patterns.kinds
    for dataset in patterns.datasets:
        yield from (odd for odd in _of_dataset(asked, patterns, dataset) if odd.kind in kinds)
    yield from (odd for odd in _of_events(asked, patterns) if odd.kind in kinds)
    looked = {dataset.name for dataset in patterns.datasets}
    yield from (
        odd for odd in reporting(asked.programme, reports, period=asked.period)
        if odd.kind in kinds and odd.dataset in looked
    )  # fmt: skip


def _of_dataset(asked: Asked, patterns: Patterns, dataset: Dataset) -> Iterator[Odd]:
    grid = read_grid(
        asked.programme, asked.store, dataset, period=asked.period, version=asked.version, history=patterns.history,
        skip=patterns.skip, engine=asked.engine,
    )  # fmt: skip
    if grid is None or not grid.told.any():
        return
    shares = [
        each
        for each in patterns.shares
        if each.dataset == dataset.name and {each.part, each.of} <= set(grid.items)
    ]
    found = (odd for odd in in_grid(grid, patterns, shares) if odd.kind in patterns.kinds)
    reporting = int(np.isfinite(grid.values[:, grid.told]).any(axis=(1, 2)).sum())
    apart = [one for one in asked.waivers if one.unit and one.code.startswith("verify.")]
    yield from gathered(
        once(found), reporting,
        apart=lambda odd: any(of_one(asked.programme, each, of_odd(odd)) for each in apart),
    )  # fmt: skip
    helps = {item: way for (name, item), way in patterns.helps.items() if name == dataset.name}
    if "revised_upwards" in patterns.kinds:
        yield from revised_upwards(
            asked.store, dataset, helps, period=asked.period, version=asked.version, engine=asked.engine,
            share=patterns.false_share,
        )  # fmt: skip


def in_grid(grid: Grid, patterns: Patterns, shares: Sequence[Share]) -> Iterator[Odd]:
    """Everything odd in one dataset's figures."""
    bear = Bearable(
        patterns.false_share, patterns.false_alarms, int(np.isfinite(grid.values[:, grid.told]).sum())
    )
    expected = {name: expect(grid.item(name)) for name in grid.items}
    pairs = [pair_of(grid, each) for each in shares]
    agree = agreements(grid, expected, pairs)
    whole = [*empty_rows(grid, expected, bear=bear), *copied_reports(grid, agree, bear=bear)]
    accounts = [odd for one in patterns.ledgers if one.dataset == grid.dataset for odd in ledgers(grid, one)]
    yield from whole
    yield from accounts
    covered = {(odd.unit, slot, odd.item) for odd in (*whole, *accounts) for slot in odd.slots}
    # Stocks rise and fall with deliveries; their accounts are exact.
    stocks = {
        name
        for one in patterns.ledgers
        for name in (one.opening, one.closing)
        if one.dataset == grid.dataset and name is not None
    }
    fits = [fit_of(grid, pair) for pair in pairs]
    over = [odd for each in shares for odd in over_whole(grid, each)]
    for odd in (
        *over,
        *odd_values(grid, expected, fits, bear=bear, without=stocks),
        *share_off(grid, fits, bear=bear),
    ):
        named = {"", odd.item, odd.values.get("of_item", "")}
        if not {(odd.unit, odd.period, name) for name in named} & covered:
            covered.add((odd.unit, odd.period, odd.item))
            yield odd
    yield from leading(pasted_years(grid, agree, bear=bear), shares)
    yield from leading(in_turn(grid, agree, bear=bear), shares)
    yield from leading(same_again(grid, expected, bear=bear), shares)
    yield from like_neighbours(grid, bear=bear)
    yield from leading(even_counts(grid, expected, bear=bear), shares)
    helping = {item for (name, item), way in patterns.helps.items() if name == grid.dataset and way > 0}
    yield from rush(grid, expected, helping, bear=bear)
    yield from round_numbers(grid, bear=bear)
    yield from digits(grid)
    for one in patterns.ratios:
        if one.dataset == grid.dataset:
            yield from impossible_ratios(grid, one)
    yield from alike_items(grid, shares)
    yield from never_failing(grid, pairs, bear=bear)
    for pair in pairs:
        yield from bunched(grid, pair)
    yield from even_shares(grid, pairs, bear=bear)
    yield from shrinking(grid, pairs, expected, bear=bear)


def of_odd(odd: Odd) -> tuple[str, str, str | None, str | None, str | None]:
    """Code, unit, period, dataset and item of the finding that it will be."""
    return f"verify.{odd.kind}", odd.unit, odd.period or None, odd.dataset, odd.item or None


def leading(odds: Iterable[Odd], shares: Sequence[Share]) -> Iterator[Odd]:
    """Without what a part only has from its whole: the same, of the same unit and period, told of the whole."""
    listed = list(odds)
    wholes = {(odd.unit, odd.period, odd.item) for odd in listed}
    above = {(each.part, each.of) for each in shares}
    for odd in listed:
        if not any(part == odd.item and (odd.unit, odd.period, of) in wholes for part, of in above):
            yield odd


def _of_events(asked: Asked, patterns: Patterns) -> Iterator[Odd]:
    held = set(pc.unique(asked.store.receipts(asked.version).column("source")).to_pylist())
    for dataset in asked.programme.datasets.values():
        if dataset.kind != "events" or not held or not _has_rows(asked, dataset):
            continue
        if "entered_twice" in patterns.kinds:
            yield from entered_twice(
                asked.store, dataset, months=asked.months, version=asked.version, engine=asked.engine
            )
        for one in patterns.evidence:
            if one.dataset == dataset.name and "late_evidence" in patterns.kinds:
                yield from late_evidence(
                    asked.store, one, period=asked.period, months=asked.months, version=asked.version,
                    engine=asked.engine, share=patterns.false_share, dataset=dataset,
                )  # fmt: skip


def _has_rows(asked: Asked, dataset: Dataset) -> bool:
    rows = stored(asked.store, dataset, asked.version)
    if rows.clean or not (rows.touched or rows.later):
        return bool(rows.clean)
    asked.engine.relation(LOOKED, rows)
    many = asked.engine.value(select("COUNT(*)").from_(LOOKED))
    asked.engine.drop([LOOKED])
    return bool(many)
