"""Counting: every strand from its rows to its wide table, step by step, each step a table that can be looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from tallymark.engine.interface import Engine, Stored
from tallymark.engine.sql import select, stacked
from tallymark.measure.ascent import Slope, ascend
from tallymark.measure.attendance import attend, owed, seen_besides
from tallymark.measure.categories import number_categories
from tallymark.measure.cells import flows, lay_cells
from tallymark.measure.corrections import corrections, find_corrected
from tallymark.measure.distinct import count_distinct
from tallymark.measure.figures import spread
from tallymark.measure.histogram import ENOUGH, Leaves, countable, histogram
from tallymark.measure.labels import Labels, labels_of
from tallymark.measure.leaf_parts import Codes
from tallymark.measure.leaves import Gathered, count_rows, gather, load_slots, stand
from tallymark.measure.levels import level_up, load_periods
from tallymark.measure.patterns import TooVaried
from tallymark.measure.places import Tree, lay
from tallymark.measure.plan import TOTAL, Plan, Strand
from tallymark.measure.presence import PRESENT, account, owe, see
from tallymark.measure.recall import Recall, recall_attendance, recall_figures
from tallymark.measure.recalled_leaves import leaves_of
from tallymark.measure.rollup import Rolled, roll_up
from tallymark.measure.seen import Known, look, rows_by_month
from tallymark.measure.spans import Step, load_steps, steps_over_time
from tallymark.measure.verified import mark_verified, with_verdicts
from tallymark.model.periods import month_number
from tallymark.programme.resolved import Dataset
from tallymark.store import Portion, Store, portion, stored
from tallymark.store.partials import Partials
from tallymark.store.touching import content_of


@dataclass(frozen=True, slots=True)
class Sources:
    """Where rows are read: dataset → table expression, and what was corrected in each."""

    relations: Mapping[str, Stored | str]
    corrected: Mapping[str, pa.Table]
    portions: Mapping[str, Portion]
    """The same rows as files and queries."""
    verified: Mapping[str, pa.Table] = field(default_factory=dict)
    """What replaces reported values (see `verified`)."""
    known: Mapping[str, Known] = field(default_factory=dict)
    """What is kept of datasets that are counted by month."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        store: Store | Mapping[str, str],
        version: int | None,
        partials: Partials | None = None,
    ) -> Sources:
        """The sources of a plan's datasets in a store at a version, or in given relations (without history).

        partials: of the store, where what was counted before may be used.
        """
        datasets = {strand.dataset.name: strand.dataset for strand in plan.strands}
        if not isinstance(store, Store):
            rows = {name: store[name] for name in datasets}
            return cls(rows, {}, {name: Portion(rest=relation) for name, relation in rows.items()})
        superseded, receipts = store.system("_superseded", version), store.receipts(version)
        return cls(
            {name: stored(store, dataset, version) for name, dataset in datasets.items()},
            {name: corrections(superseded, receipts, name) for name in datasets},
            {name: portion(store, dataset, version) for name, dataset in datasets.items()},
            known={} if partials is None else _known(datasets.values(), store, version, partials),
        )

    def large(self, plan: Plan, enough: int) -> Sources:
        """The same, where datasets are counted by month only if rows × measures are enough."""
        measures = {name: max(len(strand.counted) for strand in plan.strands_of(name)) for name in self.known}
        known = {
            name: one
            for name, one in self.known.items()
            if one.content.most(one.content.names) * measures[name] >= enough
        }
        return replace(self, known=known)


def _known(
    datasets: Iterable[Dataset], store: Store, version: int | None, partials: Partials
) -> dict[str, Known]:
    found = {}
    for dataset in datasets:
        if dataset.kind == "events":
            content = content_of(store, dataset, version)
            if content is not None:
                found[dataset.name] = Known(partials, content)
    return found


@dataclass(frozen=True, slots=True)
class Ready:
    """What counting starts from: the plan with what was seen of its categories, the tree, views of rows, labels."""

    plan: Plan
    tree: Tree
    views: Mapping[str, str]
    labels: Labels


@dataclass(frozen=True, slots=True)
class Tallied:
    """What was counted: the plan, dataset → the table or view of its wide figures, and what numbers stand for."""

    plan: Plan
    figures: Mapping[str, str]
    labels: Labels


def prepare(engine: Engine, plan: Plan, sources: Sources, *, boundaries: dt.date | None = None) -> Ready:
    """Makes the views of rows and the tables of places, periods, categories."""
    views = view_rows(engine, plan, sources)
    partials = next((known.partials for known in sources.known.values()), None)
    tree = lay(engine, plan.programme.units, months=months_of(plan), boundaries=boundaries, partials=partials)
    load_periods(engine, plan.timeline.periods)
    plan, categories = number_categories(engine, plan, views)
    return Ready(plan, tree, views, labels_of(engine, plan, categories))


def view_rows(engine: Engine, plan: Plan, sources: Sources) -> dict[str, str]:
    """Makes the views of rows, and looks at what is kept by month; dataset → the name of its view."""
    views = {name: f"tm_rows_{at}" for at, name in enumerate(sorted(sources.relations))}
    for name, view in views.items():
        rows = sources.verified.get(name)
        reported = f"{view}_reported" if rows else view
        engine.relation(reported, sources.relations[name])
        if rows:
            with_verdicts(engine, view, reported, rows)
    for name, known in sources.known.items():
        look(engine, views[name], plan.programme.datasets[name], known, portion=sources.portions[name])
    return views


def tally(
    engine: Engine,
    ready: Ready,
    sources: Sources,
    *,
    home: Engine,
    horizon: dt.date | None = None,
    enough: int = ENOUGH,
) -> Tallied:
    """Counts everything planned: leaves, roll-ups, levels, wide tables; these stand on `home` afterwards."""
    for strand in ready.plan.strands:
        count(engine, ready, strand, sources, horizon=horizon, enough=enough)
        spread(engine, strand)
        if home is not engine:
            for name in _made(strand):
                home.lend(name, engine.rows(select("*").from_(name)))
        _clean(engine, strand, home=home)
    return Tallied(ready.plan, _by_dataset(home, ready.plan), ready.labels)


def count(
    engine: Engine,
    ready: Ready,
    strand: Strand,
    sources: Sources,
    *,
    horizon: dt.date | None = None,
    enough: int = ENOUGH,
) -> None:
    """Counts and rolls up one strand: the leaf pass, who reported, what adds, levels, distinct counts.

    enough: rows × measures from which counts are made by the histogram instead of SQL.
    """
    plan, tree, source = ready.plan, ready.tree, ready.views[strand.dataset.name]
    units, known = plan.programme.units, sources.known.get(strand.dataset.name)
    if strand.frequency:
        owe(engine, strand, units, source)
        load_slots(engine, strand)
    if rows := sources.corrected.get(strand.dataset.name):
        find_corrected(engine, strand, source=source, rows=rows, known=known)
    if rows := sources.verified.get(strand.dataset.name):
        mark_verified(engine, strand, rows)
    if strand.frequency:
        steps = steps_over_time(strand, [period.frequency for period in plan.timeline.periods])
        recall = _recall(engine, ready, strand, sources, steps)
        if not _recalled(ready, recall, horizon):
            _count_whole(
                engine, ready, strand, sources, steps=steps, recall=recall, horizon=horizon, enough=enough
            )
        account(engine, strand, plan.timeline.periods)
    if strand.levels or not strand.frequency:
        periods = len(plan.timeline.periods)
        level_up(engine, strand, source=source, units=units, periods=periods, restated=tree.restated)
    if strand.distinct and strand.frequency:
        count_distinct(engine, strand, source=source)


def _recall(
    engine: Engine, ready: Ready, strand: Strand, sources: Sources, steps: Sequence[Step]
) -> Recall | None:
    """The strand by month, where what was counted before may be used."""
    name = strand.dataset.name
    if name not in sources.known or not countable(strand) or strand.frequency != "month":
        return None
    return Recall.of(
        engine,
        strand,
        slope=Slope.of(engine, strand, steps),
        codes=Codes.of(ready.labels.units, ready.labels.categories),
        known=sources.known[name],
        portion=sources.portions[name],
        written=rows_by_month(engine, ready.views[name]),
    )


def _recalled(ready: Ready, recall: Recall | None, horizon: dt.date | None) -> bool:
    """Counts and rolls up a strand that only has what adds, from what was counted before; whether it could."""
    if recall is None or recall.strand.levels or ready.tree.restated:
        return False
    engine, strand = recall.engine, recall.strand
    try:
        counted = recall_figures(recall)
        if counted is None:
            return False
        due = owed(engine, strand, len(recall.codes.units))
        besides = seen_besides(engine, ready.plan, strand, sources=ready.views, horizon=horizon)
        return recall_attendance(recall, due, besides, counted)
    except TooVaried:
        return False


def _count_whole(
    engine: Engine,
    ready: Ready,
    strand: Strand,
    sources: Sources,
    *,
    steps: Sequence[Step],
    recall: Recall | None,
    horizon: dt.date | None,
    enough: int,
) -> None:
    """Counts and rolls up a strand: the leaf pass, who reported, what adds."""
    plan, tree = ready.plan, ready.tree
    gathered, leaves = _leaves(engine, ready, strand, sources.portions, recall=recall, enough=enough)
    if gathered is not None:
        see(engine, plan, strand, sources=ready.views, horizon=horizon)
        load_steps(engine, strand, steps)
        roll_up(engine, strand, tree, steps=steps, rolled=PRESENT)
    if leaves is not None and not tree.restated:
        slope = Slope.of(engine, strand, steps)
        if gathered is None:
            attend(engine, plan, strand, leaves, slope=slope, sources=ready.views, horizon=horizon)
        elif any(strand.own_usable(level) for level in strand.levels):
            lay_cells(engine, strand, TOTAL, gathered)  # levels ask it where a sum is not usable
        ascend(engine, strand, slope, leaves)
    elif gathered is not None:
        for at in (TOTAL, *(number for number, _ in strand.breakdowns)):
            lay_cells(engine, strand, at, gathered)
            rolled = Rolled(str(at), flows(strand, gathered), gathered.packed)
            roll_up(engine, strand, tree, steps=steps, rolled=rolled)


def _leaves(
    engine: Engine,
    ready: Ready,
    strand: Strand,
    portions: Mapping[str, Portion],
    *,
    recall: Recall | None,
    enough: int,
) -> tuple[Gathered | None, Leaves | None]:
    """The leaf pass of a strand: by the histogram where it is worth it, else in SQL; as tables (Gathered) where
    anything reads them."""
    source, units = ready.views[strand.dataset.name], len(ready.plan.programme.units)
    many = count_rows(engine, strand, source)
    leaves = None
    if countable(strand) and many * len(strand.counted) >= enough:
        if recall is not None:
            leaves = _leaves_recalled(recall)
        if leaves is None:
            leaves = histogram(engine, strand, portions[strand.dataset.name], rows=many, units=units)
    if leaves is None:
        return gather(engine, strand, source=source, many=many), None
    if strand.levels or ready.tree.restated:
        return stand(engine, strand, leaves), leaves
    return None, leaves


def _leaves_recalled(recall: Recall) -> Leaves | None:
    try:
        return leaves_of(recall)
    except TooVaried:
        return None


def months_of(plan: Plan) -> tuple[int, int]:
    """First and last month that anything planned reaches into."""
    days = [day for period in plan.timeline.periods for day in (period.start, period.end)]
    days += [day for strand in plan.strands for slot in strand.slots for day in (slot.start, slot.end)]
    return month_number(min(days)), month_number(max(days))


def _made(strand: Strand) -> tuple[str, str]:
    """What stays of a strand: its wide table, and who reported."""
    return f"{strand.prefix}_fig", f"{strand.prefix}_pres"


def _clean(engine: Engine, strand: Strand, *, home: Engine) -> None:
    """Forgets a strand's steps, all but what stays where it is."""
    keep = (
        (*_made(strand), f"{strand.prefix}_fp") if home is engine else ()
    )  # fp is what pres may be a view of
    mine = [
        name for name in engine.kept if name.startswith(f"{strand.prefix}_") and not name.startswith(keep)
    ]
    engine.drop(mine[::-1])


def _by_dataset(engine: Engine, plan: Plan) -> dict[str, str]:
    found = {}
    for dataset in sorted({strand.dataset.name for strand in plan.strands}):
        tables = [f"{strand.prefix}_fig" for strand in plan.strands_of(dataset)]
        found[dataset] = tables[0]
        if len(tables) > 1:
            found[dataset] = f"{tables[0]}_all"
            engine.view(found[dataset], stacked([select("*").from_(table) for table in tables]))
    return found
