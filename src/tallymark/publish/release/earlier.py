"""What earlier releases made public, as facts beside today's: counts that changed since are unknowns of their own.

Whoever has two releases, and knows which counts did not change in between, may put the sums of both together. A count
that was published, or withheld, and is another one now is therefore a *past cell*: known when it was published, and at
risk when it was withheld for being small. Sums that hold a past cell are facts like those of today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_matrix, vstack

from tallymark.programme.resolved import Programme
from tallymark.publish.release.cells import Cells, Floats, Ints, Mask, looked_up
from tallymark.publish.release.relations import Relations
from tallymark.publish.release.risk import Pairs, Risk, at_risk

SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Earlier:
    """The measures of an earlier release as they are public, and as the run had them where it is still there."""

    public: pa.Table
    full: pa.Table | None


@dataclass(frozen=True, slots=True)
class Then:
    """What an earlier release says of today's cells: NaN where it had none."""

    value: Floats
    public: Mask
    held: Mask


@dataclass(frozen=True, slots=True)
class Facts:
    """Cells of today and past ones, and all that anybody may know of them."""

    values: Floats
    linked: Relations
    within: Pairs
    known: Mask
    held: Mask
    primary: Mask
    worth: Floats
    cell: Ints
    """The cell of today for every cell."""


def then_in(earlier: Earlier, cells: Cells, programme: Programme) -> Then:
    """What an earlier release says of the cells; what it withheld counts as unchanged where the run is gone."""
    at = looked_up(earlier.public, cells, programme)
    values: Floats = np.asarray(earlier.public.column("value").to_numpy(zero_copy_only=False), np.float64)
    hidden = (at >= 0) & np.asarray(
        pc.fill_null(pc.equal(earlier.public.column("basis"), "suppressed"), False).to_numpy(
            zero_copy_only=False
        ),
        np.bool_,
    )
    shown = (at >= 0) & ~np.isnan(values)
    public, held = (np.zeros(len(cells), np.bool_) for _ in range(2))
    public[at[shown]] = True
    held[at[hidden]] = True
    held &= ~public
    value = np.full(len(cells), np.nan)
    value[held] = cells.value[held]
    if earlier.full is not None:
        place = looked_up(earlier.full, cells, programme)
        full: Floats = np.asarray(earlier.full.column("value").to_numpy(zero_copy_only=False), np.float64)
        rows = (place >= 0) & ~np.isnan(full)
        rows[rows] = held[place[rows]]
        value[place[rows]] = full[rows]
    value[at[shown]] = values[shown]
    return Then(value, public, held)


def told(cells: Cells, before: Sequence[Then], programme: Programme, risk: Risk) -> tuple[Mask, Mask, Mask]:
    """Cells that are public as they are now, cells withheld before, and cells that would tell of few by a change.

    A part whose whole changed by a few since it was published would say what those few are.
    """
    known, held, changed = (np.zeros(len(cells), np.bool_) for _ in range(3))
    last = np.full(len(cells), np.nan)
    for then in before:
        last[then.public] = then.value[then.public]
        held |= then.held
        known |= then.public & (np.abs(then.value - cells.value) <= SAME)
    part, whole = risk.within.T
    moved = np.abs(cells.value[whole] - last[whole])
    few = (moved > SAME) & (moved < programme.disclosure.fewest) & ~np.isnan(last[part])
    few &= (cells.value[part] > 0) | programme.disclosure.zeros
    changed[part[few]] = True
    known &= ~changed
    return known, held & ~known, changed


def with_past(facts: Facts, before: Sequence[Then], cells: Cells, programme: Programme) -> Facts:
    """The facts with past cells, their sums, and parts no larger than wholes."""
    count = len(cells)
    place = np.arange(count)
    value = cells.value.copy()
    size = count
    added: list[Facts] = []
    shown: list[Ints] = []
    for then in before:
        there = ~np.isnan(then.value)
        now = there & (np.abs(then.value - cells.value) <= SAME)
        fresh = there & ~now & ((place < count) | (np.abs(then.value - value) > SAME))
        place = np.where(now, np.arange(count), place)
        place[fresh] = size + np.arange(int(fresh.sum()))
        size += int(fresh.sum())
        value = np.where(there, then.value, value)
        risk = at_risk(replace(cells, value=np.where(there, then.value, 0.0)), programme, facts.within)
        shown.append(place[then.public & (place >= count)])
        added.append(_past(facts, then, fresh, risk.any, _moved(facts, place, there, size, count)))
    joined = _joined(facts, added, size)
    joined.known[np.concatenate([np.empty(0, np.int64), *shown])] = True
    return joined


def _moved(facts: Facts, place: Ints, there: Mask, size: int, count: int) -> tuple[Relations, Pairs]:
    """The sums and pairs of today's cells as they were then, where a past cell is in them."""
    past = there & (place >= count)
    sums = facts.linked.sums
    has = np.asarray(abs(sums) @ past.astype(np.float64)) > 0
    whole = np.asarray(abs(sums) @ (~there).astype(np.float64)) == 0
    rows = np.flatnonzero(has & whole)
    own = sums[rows].tocoo()
    moved = csr_matrix((own.data, (own.row, place[own.col])), shape=(len(rows), size))
    part, bigger = facts.within.T
    pairs = (past[part] | past[bigger]) & there[part] & there[bigger]
    return Relations(moved, place[facts.linked.whole[rows]]), place[facts.within[pairs]]


def _past(facts: Facts, then: Then, fresh: Mask, risky: Mask, moved: tuple[Relations, Pairs]) -> Facts:
    hidden = then.held[fresh]
    linked, within = moved
    return Facts(
        values=then.value[fresh],
        linked=linked,
        within=within,
        known=~hidden,
        held=hidden,
        primary=hidden & risky[fresh],
        worth=facts.worth[fresh],
        cell=np.flatnonzero(fresh),
    )


def _joined(facts: Facts, added: Sequence[Facts], size: int) -> Facts:
    every = [facts, *added]
    matrices = []
    for one in every:
        sums = one.linked.sums.tocoo()
        matrices.append(csr_matrix((sums.data, (sums.row, sums.col)), shape=(sums.shape[0], size)))
    return Facts(
        values=np.concatenate([one.values for one in every]),
        linked=Relations(vstack(matrices).tocsr(), np.concatenate([one.linked.whole for one in every])),
        within=np.concatenate([one.within for one in every]),
        known=np.concatenate([one.known for one in every]),
        held=np.concatenate([one.held for one in every]),
        primary=np.concatenate([one.primary for one in every]),
        worth=np.concatenate([one.worth for one in every]),
        cell=np.concatenate([one.cell for one in every]),
    )
