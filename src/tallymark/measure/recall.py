"""Counting with what was counted before: only months of which the rows, or the way up, are others are done again.

Says the same as `histogram`, `attendance` and `ascent` over all months at once (docs/decisions/0034).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.measure import parts
from tallymark.measure.adding import Summed
from tallymark.measure.ascent import Slope, by_axis, raise_up
from tallymark.measure.attendance import COLUMNS, NAMES, Times, attendance
from tallymark.measure.grid import Figures
from tallymark.measure.histogram import Leaves
from tallymark.measure.leaf_parts import Codes
from tallymark.measure.leaves import due_days
from tallymark.measure.lending import Columns, Lent, lend
from tallymark.measure.names import Names, shape
from tallymark.measure.parts import Part
from tallymark.measure.patterns import TooVaried
from tallymark.measure.plan import TOTAL, Strand
from tallymark.measure.recalled_leaves import leaves_of
from tallymark.measure.seen import Known
from tallymark.store import Portion
from tallymark.store.partials import digest

LATEST = 3
"""Slots, the last ones that have rows, of which one may be new: others that come so late cost a sum over all."""
LAYERS = ("low", "high")
"""Units that have none below them, and all above: their counts differ in size."""


@dataclass(frozen=True, slots=True)
class Recall:
    """A strand that is counted by month."""

    engine: Engine
    strand: Strand
    slope: Slope
    codes: Codes
    known: Known
    portion: Portion
    written: Mapping[int, int]
    """Month → how many rows it has."""

    leaf_keys: tuple[str, ...]
    """Under what name each slot's leaves are kept."""
    trees: tuple[str, ...]
    """For each slot a hash of the way up in its month."""

    @classmethod
    def of(
        cls, engine: Engine, strand: Strand, *, slope: Slope, codes: Codes, known: Known, portion: Portion,
        written: Mapping[int, int],
    ) -> Recall:  # fmt: skip
        """A strand with the names of what may be kept of it."""
        levels = digest(slope.depth.tobytes())
        keys = [_leaf(strand, known, known.content.name(slot.number)) for slot in strand.slots]
        trees = [
            digest(slope.parents[:, at].tobytes(), levels, codes.known) for at in range(len(strand.slots))
        ]
        return cls(engine, strand, slope, codes, known, portion, written, tuple(keys), tuple(trees))

    @property
    def bare(self) -> list[str]:
        """The name that each slot's leaves have while no row of it was delivered."""
        return [_leaf(self.strand, self.known, "")] * len(self.leaf_keys)

    @property
    def months(self) -> list[int]:
        """The month of each slot."""
        return [slot.number for slot in self.strand.slots]

    @property
    def tried(self) -> Recall:
        """The same; where a definition is tried, it keeps nothing."""
        return replace(self, known=replace(self.known, partials=self.known.partials.tried))

    def only(self, slots: Sequence[int], numbers: Sequence[int] | None = None) -> Recall:
        """Some of its slots, as they follow each other, and measures."""
        mine = {self.strand.slots[at].number for at in slots}
        strand = replace(
            self.strand,
            slots=tuple(self.strand.slots[at] for at in slots),
            spans=tuple(pair for pair in self.strand.spans if pair[1] in mine),
            measures=self.strand.measures
            if numbers is None
            else tuple(p for p in self.strand.measures if p.number in set(numbers)),
        )
        slope = Slope(self.slope.parents[:, list(slots)], self.slope.depth, 0, np.zeros(0, np.int64), ())
        keys = tuple(self.leaf_keys[at] for at in slots)
        return replace(
            self, strand=strand, slope=slope, leaf_keys=keys, trees=tuple(self.trees[at] for at in slots)
        )


def _leaf(strand: Strand, known: Known, content: str) -> str:
    return known.partials.key("leaf", shape(strand), content)


@dataclass(frozen=True, slots=True)
class Chain:
    """Figures of an axis and layer: what they are called by, and what of them is there, by month and by period."""

    keys: list[str]
    parts: list[Part | None]
    bare: list[str]
    """What a slot would be called by while it has no figures; the same where it has some all the same, as reports due."""

    def whole(self, names: set[str]) -> list[int]:
        """Slots that have not all columns of these names."""
        return [at for at, part in enumerate(self.parts) if part is None or not names <= part.columns.keys()]


@dataclass(frozen=True, slots=True)
class Counted:
    """Leaves that are at hand, and of which slots they are."""

    slots: list[int]
    leaves: Leaves | None


def recall_figures(recall: Recall) -> Counted | None:
    """Makes the views `<prefix>_f<breakdown>` as `ascend` does; gives what was counted for it. None where it cannot be
    counted outside SQL.

    Errors: TooVaried where sums might leave 64 bits.
    """
    strand, names = recall.strand, Names.of(recall.strand)
    needed = {*names.above.values(), *names.wholes.values()}
    axes = [TOTAL, *(at for at, _ in strand.breakdowns)]
    chains = {
        (at, layer): _chain(recall, _axis(strand, at), layer, needed) for at in axes for layer in LAYERS
    }
    missing = sorted({at for chain in chains.values() for at in chain.whole(needed)})
    leaves = None
    recall.known.partials.used.found += (len(strand.slots) - len(missing)) * len(chains)
    if missing:
        there = [
            set(part.columns) if part else set()
            for c in chains.values()
            for part in (c.parts[at] for at in missing)
        ]
        part = recall.only(missing, names.lacking(strand, there))
        leaves = leaves_of(part)
        if leaves is None:
            return None
        if not leaves.read:
            recall = recall.tried
        counted = names if part.strand.measures == strand.measures else Names.of(part.strand)
        for axis, figures in by_axis(part.strand, leaves, part.slope):
            _keep_months(
                recall,
                leaves,
                counted,
                figures,
                [chains[axis, layer] for layer in LAYERS],
                missing,
                total=axis == TOTAL,
            )
        if any(chain.whole(needed) for chain in chains.values()):
            raise TooVaried
    for at in axes:
        found = [
            one
            for layer in LAYERS
            for one in _over_time(recall, chains[at, layer], _sizes(recall, at), needed)
        ]
        lend(recall.engine, f"{strand.prefix}_f{at}", _lent(recall.strand, names, found))
    return Counted(missing, leaves)


def _axis(strand: Strand, at: int) -> str:
    return "" if at == TOTAL else dict(strand.breakdowns)[at]


def _sizes(recall: Recall, at: int) -> tuple[int, int]:
    return len(recall.codes.units), 1 if at == TOTAL else len(recall.codes.categories)


def _chain(recall: Recall, axis: str, layer: str, needed: set[str]) -> Chain:
    partials = recall.known.partials
    keys, bare = (
        [
            partials.key("rolled", axis, layer, leaf, tree)
            for leaf, tree in zip(leaves, recall.trees, strict=True)
        ]
        for leaves in (recall.leaf_keys, recall.bare)
    )
    return _chain_of(recall, keys, bare, needed)


def _chain_of(recall: Recall, keys: list[str], bare: list[str], needed: set[str]) -> Chain:
    return Chain(keys, [_read(recall, key, needed) for key in keys], bare)


def _read(recall: Recall, key: str, needed: set[str]) -> Part | None:
    numbers = {name: at for at, name in enumerate(recall.codes.categories)}
    return parts.read(recall.known.partials, key, numbers, needed)


def _keep_months(
    recall: Recall, leaves: Leaves, names: Names, figures: Sequence[Figures], chains: Sequence[Chain],
    slots: Sequence[int], *, total: bool,
) -> None:  # fmt: skip
    """Keeps what was rolled up of some slots, beside what was there of them."""
    counts = [names.above[name] for name in leaves.names]
    wholes = [(names.wholes[one.name], one.places) for one in leaves.sums]
    for chain, of_layer in zip(chains, figures, strict=True):
        _keep(recall, chain, slots, parts.split(of_layer, counts, wholes, total=total))


def _keep(recall: Recall, chain: Chain, slots: Sequence[int], made: Sequence[Part]) -> None:
    for at, part in zip(slots, made, strict=True):
        if recall.known.partials.keeps:
            recall.known.partials.keep(chain.keys[at], part.table(recall.codes.categories))
        chain.parts[at] = part.joined(chain.parts[at])


def _over_time(
    recall: Recall, chain: Chain, sizes: tuple[int, int], needed: set[str]
) -> list[tuple[int, Part]]:
    """The figures of every period: of those that are slots, and of those made of them step by step."""
    found = [
        (int(period), _there(chain.parts[at])) for at, period in enumerate(recall.slope.single) if period >= 0
    ]
    slots = {at: Piece((at,), _there(part)) for at, part in enumerate(chain.parts)}
    made: list[dict[int, Piece]] = []
    for source, places in recall.slope.steps:
        pieces = slots if source is None else made[source]
        of: dict[int, list[Piece]] = {}
        for piece, period in enumerate(places.tolist()):
            if period >= 0:
                of.setdefault(period, []).append(pieces[piece])
        made.append(
            {period: _sum(recall, chain, given, sizes, needed=needed) for period, given in sorted(of.items())}
        )
        found += [(period, piece.part) for period, piece in made[-1].items()]
    return found


def _there(part: Part | None) -> Part:
    assert part is not None, "every month was read or counted"
    return part


@dataclass(frozen=True, slots=True)
class Piece:
    """Figures of a stretch of time, and the slots that it is made of."""

    slots: tuple[int, ...]
    part: Part


def _sum(
    recall: Recall, chain: Chain, given: Sequence[Piece], sizes: tuple[int, int], *, needed: set[str]
) -> Piece:
    """The figures of a period made of others; kept, under what its slots are called, when they were not."""
    partials = recall.known.partials
    slots = tuple(sorted(at for piece in given for at in piece.slots))
    key = partials.key("over", sorted(chain.keys[at] for at in slots))
    found = _read(recall, key, needed)
    lacking = needed if found is None else needed - found.columns.keys()
    if found is not None and not lacking:
        partials.used.found += 1
        return Piece(slots, found)
    fewest = [piece.part for piece in given] if found is not None else _fewest(recall, chain, given, needed)
    fresh = parts.added(fewest, sorted(lacking), sizes)
    if partials.keeps:
        partials.keep(key, fresh.table(recall.codes.categories))
    whole = fresh.joined(found)
    if not needed <= whole.columns.keys():
        whole = parts.added([piece.part for piece in given], sorted(needed), sizes)
    return Piece(slots, whole)


def _fewest(recall: Recall, chain: Chain, given: Sequence[Piece], needed: set[str]) -> list[Part]:
    """What to add up: all pieces, or a slot that has rows now and what was kept of the period while it had none."""
    whole, slots = [piece.part for piece in given], sorted(at for piece in given for at in piece.slots)
    held = [at for at in slots if chain.keys[at] != chain.bare[at]]
    for new in reversed(held[-LATEST:] if len(given) > 2 else ()):
        names = sorted(chain.bare[at] if at == new else chain.keys[at] for at in slots)
        before = _read(recall, recall.known.partials.key("over", names), needed)
        if before is not None and needed <= before.columns.keys():
            return [before, _there(chain.parts[new])]
    return whole


def _lent(strand: Strand, names: Names, found: Sequence[tuple[int, Part]]) -> list[Lent]:
    """Figures as DuckDB reads them."""
    read: dict[tuple[int, ...], Columns] = {}
    for _, part in found:
        places = tuple(part.places[kept] for kept in names.wholes.values())
        if places not in read:
            sums = [Summed(name, many) for name, many in zip(names.wholes, places, strict=True)]
            read[places] = Columns.of(strand, tuple(names.above), sums)

    def columns(part: Part) -> Columns:
        return read[tuple(part.places[kept] for kept in names.wholes.values())]

    called = dict(names.above) | {f"{name}_whole": kept for name, kept in names.wholes.items()}
    return _alike([(period, part, columns(part)) for period, part in found], called)


def _alike(found: Sequence[tuple[int, Part, Columns]], called: Mapping[str, str]) -> list[Lent]:
    """Parts by period as tables: those of the same types that are read in the same way together. called: column → the
    name that a part has it under."""
    tables: dict[object, tuple[list[pa.Table], Columns]] = {}
    for period, part, columns in found:
        given = {
            "unit": part.unit,
            "period": np.full(len(part.unit), period, np.int32),
            "category": part.category,
        }
        table = pa.table(given | {name: part.columns[kept] for name, kept in called.items()})
        tables.setdefault((tuple(map(str, table.schema.types)), id(columns)), ([], columns))[0].append(table)
    return [Lent(pa.concat_tables(some), columns) for some, columns in tables.values()]


def recall_attendance(
    recall: Recall, due: npt.NDArray[np.bool_], besides: Sequence[Times], last: Counted
) -> bool:
    """Makes the view `<prefix>_fp` as `attend` does; False where the leaves cannot be counted outside SQL.

    due: as `owed` has it; besides: as `seen_besides`; last: leaves that were at hand just now.
    """
    strand, partials = recall.strand, recall.known.partials
    late = due_days(strand)
    keys = [
        partials.key(
            recall.leaf_keys[at], recall.trees[at], due[:, at].tobytes(), late[at], _those(besides, at)
        )
        for at in range(len(strand.slots))
    ]
    names = {layer: [partials.key("attended", layer, key) for key in keys] for layer in LAYERS}
    chains = {layer: _chain_of(recall, names[layer], names[layer], set(NAMES)) for layer in LAYERS}
    missing = sorted({at for chain in chains.values() for at in chain.whole(set(NAMES))})
    partials.used.found += (len(strand.slots) - len(missing)) * len(chains)
    if missing:
        part = recall.only(missing)
        leaves = last.leaves if last.slots == missing else leaves_of(part)
        if leaves is None:
            return False
        figures = attendance(part.strand, leaves, due[:, missing], [_moved(one, missing) for one in besides])
        for chain, of_layer in zip(chains.values(), raise_up(figures, part.slope), strict=True):
            _keep(recall, chain, missing, parts.split(of_layer, NAMES, [], total=True))
    found = [
        (period, one, COLUMNS)
        for chain in chains.values()
        for period, one in _over_time(recall, chain, (len(recall.codes.units), 1), set(NAMES))
    ]
    lend(recall.engine, f"{strand.prefix}_fp", _alike(found, dict(zip(NAMES, NAMES, strict=True))))
    return True


def _those(besides: Sequence[Times], slot: int) -> list[bytes]:
    """What was received besides in a slot, in a fixed order."""
    found = []
    for unit, slots, times in besides:
        here = slots == slot
        order = np.lexsort((times[here], unit[here]))
        found += [unit[here][order].tobytes(), times[here][order].tobytes()]
    return found


def _moved(one: Times, slots: Sequence[int]) -> Times:
    """What was received besides in some slots, which follow each other now."""
    unit, slot, times = one
    here = np.isin(slot, slots)
    return unit[here], np.searchsorted(np.array(slots), slot[here]), times[here]
