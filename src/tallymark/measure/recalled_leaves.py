"""The leaves of a strand that is counted by month: those that are kept, those that combinations of values say, and the
others counted and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tallymark.measure import combinations, leaf_parts
from tallymark.measure.combinations import Combined
from tallymark.measure.grid import grid_of
from tallymark.measure.histogram import Leaves, histogram
from tallymark.measure.leaf_parts import Leaf
from tallymark.measure.names import Names
from tallymark.measure.patterns import Test, tests_of
from tallymark.store.touching import within

if TYPE_CHECKING:
    from tallymark.measure.recall import Recall


def leaves_of(recall: Recall) -> Leaves | None:
    """The leaves of all slots: those that are kept, and the others counted and kept. None where they cannot be counted
    outside SQL.

    Errors: TooVaried where sums might leave 64 bits.
    """
    names, partials = Names.of(recall.strand), recall.known.partials
    found = _kept_leaves(recall, names)
    partials.used.found += len(found)
    units = len(recall.codes.units)
    missing = [at for at in range(len(recall.strand.slots)) if at not in found]
    if missing:
        part = recall.only(missing)
        rows, portion = recall.known.content.most(part.months), within(recall.portion, part.months)
        counted = histogram(recall.engine, part.strand, portion, rows=rows, units=units, combined=True)
        if counted is None:
            return None
        found |= dict(zip(missing, _keep_leaves(part, counted, names), strict=True))
        if len(missing) == len(recall.strand.slots):
            return counted
    grid = grid_of(recall.engine, recall.strand, units)
    gathered = leaf_parts.gathered([found[at] for at in range(len(found))], names, grid)
    return replace(gathered, read=bool(missing))


def _keep_leaves(part: Recall, counted: Leaves, names: Names) -> list[Leaf]:
    """The leaves of each slot; what was counted is kept."""
    partials, found = part.known.partials, leaf_parts.months_of(counted, names)
    combined = (
        counted.combinations.months(leaf_parts.places_of(counted)) if counted.combinations else [[]] * len(found)
    )  # fmt: skip
    for at, leaf in enumerate(found):
        key, rows = part.leaf_keys[at], part.written.get(part.months[at], 0)
        cells = leaf_parts.keep(partials, key, leaf, part.codes, rows=rows)
        if combined[at]:
            combinations.keep(partials, partials.key("combined", key), cells, combined[at])
    return found


def _kept_leaves(recall: Recall, names: Names) -> dict[int, Leaf]:
    """The leaves of slots that are kept with all columns, or with combinations of values that say what they lack."""
    partials, needed = recall.known.partials, {*names.leaves.values(), *names.wholes.values()}
    found: dict[int, Leaf] = {}
    lacking: dict[int, Leaf] = {}
    for at, key in enumerate(recall.leaf_keys):
        leaf = leaf_parts.read(partials, key, recall.codes)
        if leaf is not None and not len(leaf.rows):
            places = dict.fromkeys(names.wholes.values(), 0)
            leaf = replace(leaf, columns=dict.fromkeys(needed, leaf.rows), places=places)
        if leaf is not None:
            (found if needed <= leaf.columns.keys() else lacking)[at] = leaf
    tests = tests_of(recall.strand) if lacking else {}
    reads = {test.reads for test in tests.values()}
    said = {
        at: combinations.read(partials, partials.key("combined", recall.leaf_keys[at]), leaf.cells, reads)
        for at, leaf in lacking.items()
    }
    for name, test in tests.items():
        lacking |= _judged(recall, {at: said[at] for at in lacking}, lacking, (names.leaves[name], test))
    return found | {at: leaf for at, leaf in lacking.items() if needed <= leaf.columns.keys()}


def _judged(
    recall: Recall, said: Mapping[int, Sequence[Combined]], lacking: Mapping[int, Leaf], wanted: tuple[str, Test]
) -> dict[int, Leaf]:  # fmt: skip
    """Leaves with a column that they lack, where combinations of values say it."""
    name, test = wanted
    alike: dict[tuple[str, ...], dict[int, Combined]] = {}
    for at, leaf in lacking.items():
        one = combinations.fewest(said[at], test.reads) if name not in leaf.columns else None
        if one is not None:
            alike.setdefault(tuple(one.values.column_names), {})[at] = one
    made: dict[int, Leaf] = {}
    for given in alike.values():
        assert recall.engine.near is not None, "leaves are only kept by an engine that is near"
        for at, column in combinations.judged(given, test, recall.engine.near).items():
            leaf = lacking[at]
            made[at] = replace(leaf, columns={**leaf.columns, name: column[leaf.there]})
    return made
