"""Categories by number: which there are in each breakdown, and how stored rows write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from tallymark.engine.compile import UNKNOWN, category
from tallymark.engine.interface import Engine
from tallymark.engine.sql import select
from tallymark.measure.plan import Plan
from tallymark.measure.seen import WRITTEN
from tallymark.programme.resolved import Dataset


@dataclass(frozen=True, slots=True)
class Spelt:
    """The categories of one breakdown column, as rows write them."""

    names: tuple[str, ...]
    """Declared values, and any others that ever occur; `unknown` where events do not say theirs."""
    silent: bool
    """Whether rows without a category count as `unknown`."""
    untidy: bool
    """Whether rows write one category in two ways: as an empty text, and as nothing or as `unknown`."""


def number_categories(engine: Engine, plan: Plan, sources: Mapping[str, str]) -> tuple[Plan, list[str]]:
    """The plan with what was seen of its breakdowns, and all categories in order (the first, empty, is the total's).

    Makes `<prefix>_k<breakdown>`(category, number) for every strand; a NULL category stands for rows that say none.
    """
    seen = spelt(engine, plan, sources)
    every = ["", *sorted({name for one in seen.values() for name in one.names})]
    number = {name: at for at, name in enumerate(every)}
    strands = []
    for strand in plan.strands:
        found = {at: seen[strand.dataset.name, name] for at, name in strand.breakdowns}
        for at, one in found.items():
            names: list[str | None] = [*one.names, *([None] if one.silent else [])]
            numbers = [number[name or UNKNOWN] for name in names]
            columns = [pa.array(names, pa.string()), pa.array(numbers, pa.int32())]
            engine.lend(f"{strand.prefix}_k{at}", pa.Table.from_arrays(columns, names=["category", "number"]))
        strands.append(replace(strand, untidy=frozenset(at for at, one in found.items() if one.untidy)))
    return replace(plan, strands=tuple(strands)), every


def spelt(engine: Engine, plan: Plan, sources: Mapping[str, str]) -> dict[tuple[str, str], Spelt]:
    """The categories of every dataset's breakdowns: (dataset, column) → how they are written."""
    seen: dict[tuple[str, str], Spelt] = {}
    for strand in plan.strands:
        for _, name in strand.breakdowns:
            if (strand.dataset.name, name) not in seen:
                source = sources[strand.dataset.name]
                seen[strand.dataset.name, name] = _look(engine, strand.dataset, name, source)
    return seen


def _look(engine: Engine, dataset: Dataset, name: str, source: str) -> Spelt:
    if source + WRITTEN in engine.kept:
        query = select(f"b{dataset.breakdowns.index(name)} AS category").distinct().from_(source + WRITTEN)
    else:
        query = select(f"{category(dataset, name, tidy=False)} AS category").distinct().from_(source)
    written = set(engine.rows(query).column(0).to_pylist())
    column = dataset.columns.get(name)
    names = {value for value in written if value} | set((column.values if column else None) or ())
    silent = dataset.kind == "events" and bool(written & {None, ""})
    if silent:
        names.add(UNKNOWN)
    ways = {None, "", UNKNOWN} if dataset.kind == "events" else {None, ""}
    return Spelt(tuple(sorted(names)), silent, untidy="" in written or len(written & ways) > 1)
