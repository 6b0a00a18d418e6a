"""What the figures of a period rest on: the months of each dataset that they reach into, and what else rows say there is.

Figures of the same period, of the same programme and code, that rest on the same are the same, whatever other periods
were measured beside it. Names of what they rest on are therefore names of the figures (docs/decisions/0049).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallymark.engine.interface import Engine
from tallymark.measure.categories import spelt
from tallymark.measure.plan import Plan, Strand, plan
from tallymark.measure.presence import ever, silent_slots
from tallymark.measure.tally import Sources, view_rows
from tallymark.model.periods import Period, month_number
from tallymark.programme.resolved import Dataset, Programme
from tallymark.store import Store
from tallymark.store.partials import digest
from tallymark.store.touching import Content, content_of

Reach = Mapping[str, frozenset[int]]
"""Dataset → months that figures reach into; stocks reach into all that are stored."""


@dataclass(frozen=True, slots=True)
class Rested:
    """What figures of every period rest on."""

    names: Mapping[str, str]
    """Period → a hash of it."""
    reaches: Mapping[str, Reach]
    """Period → the months that its figures reach into."""


def rested(
    engine: Engine, programme: Programme, store: Store, sources: Sources, *, periods: Sequence[Period], version: int
) -> Rested | None:  # fmt: skip
    """What the figures of each period rest on; None where files do not say what they hold."""
    planned = plan(programme, periods)
    contents = _contents(store, planned, version, {name: one.content for name, one in sources.known.items()})
    if contents is None:
        return None
    try:
        views = view_rows(engine, planned, sources)
        shared = _shared(engine, planned, views)
        silent = {
            strand.prefix: set(silent_slots(engine, strand, views[strand.dataset.name], None))
            for strand in planned.strands
            if strand.frequency and strand.dataset.absence == "zero"
        }
    finally:
        engine.clear()
    by_kind = {
        (strand.dataset.name, strand.frequency): silent.get(strand.prefix) for strand in planned.strands
    }
    names, reaches = dict[str, str](), dict[str, Reach]()
    for period in periods:
        alone = plan(programme, (period,))
        reaches[period.code] = reach = _reach(alone, contents)
        held = [
            (name, month, contents[name].name(month))
            for name in sorted(reach)
            for month in sorted(reach[name])
        ]
        zeros = [_zeros(strand, by_kind) for strand in alone.strands]
        names[period.code] = digest(period.code, shared, held, zeros)
    return Rested(names, reaches)


def _contents(
    store: Store, planned: Plan, version: int, known: Mapping[str, Content]
) -> dict[str, Content] | None:
    """The months of every dataset that anything is counted from, or whose silence is asked about; some are known."""
    found = dict(known)
    for dataset in _read(planned):
        if dataset.name in found:
            continue
        content = (
            content_of(store, dataset, version) if store.open_columns(dataset.name).names else Content({}, {})
        )
        if content is None:
            return None
        found[dataset.name] = content
    return found


def _read(planned: Plan) -> list[Dataset]:
    known = planned.programme.datasets
    mine = {strand.dataset.name: strand.dataset for strand in planned.strands}
    mine |= {one.absence: known[one.absence] for one in mine.values() if one.absence in known}
    return [mine[name] for name in sorted(mine)]


def _reach(alone: Plan, contents: Mapping[str, Content]) -> Reach:
    """The months of each dataset that a plan's slots lie in."""
    found: dict[str, set[int]] = {name: set() for name in contents}
    known, calendar = alone.programme.datasets, alone.programme.calendar
    for strand in alone.strands:
        dataset = strand.dataset
        if not strand.frequency:
            found[dataset.name] |= contents[dataset.name].names.keys()
        for slot in strand.slots:
            found[dataset.name].update(range(month_number(slot.start), month_number(slot.end) + 1))
            if dataset.kind == "events" and dataset.absence in known:
                other = known[dataset.absence]
                report = calendar.containing(slot.start, str(other.frequency))
                found[other.name].update(range(month_number(report.start), month_number(report.end) + 1))
    return {name: frozenset(months) for name, months in found.items()}


def _shared(engine: Engine, planned: Plan, views: Mapping[str, str]) -> str:
    """A hash of what rows of any month say: which categories there are, how they are written, who ever reported."""
    written = [
        (name, column, one.names, one.silent, one.untidy)
        for (name, column), one in sorted(spelt(engine, planned, views).items())
    ]
    reported = []
    for dataset in {strand.dataset.name: strand.dataset for strand in planned.strands}.values():
        if dataset.level is None:
            codes = engine.rows(ever(engine, dataset, views[dataset.name])).column(0).to_pylist()
            reported.append((dataset.name, sorted(code for code in codes if code is not None)))
    return digest(written, reported)


def _zeros(strand: Strand, silent: Mapping[tuple[str, str], set[int] | None]) -> list[int]:
    """Which of a strand's slots are zero where nothing was received."""
    known = silent.get((strand.dataset.name, strand.frequency))
    return [] if known is None else [slot.number for slot in strand.slots if slot.number in known]
