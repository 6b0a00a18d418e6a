"""The attack: what can be worked out of withheld cells from all sums that are public, by linear programming.

A cell is safe when two tables that agree with everything public give it values `spread` apart. One linear programme
that pulls many cells at once, some up and some down, yields such a table for all of them; cells that stay unproven
are pulled one by one. Tables are looked for near the true one only: that finds fewer, so whatever is proven safe is safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack
from scipy.sparse.csgraph import connected_components

from tallymark.publish.release.cells import Floats, Ints, Mask
from tallymark.publish.release.relations import Relations
from tallymark.publish.release.risk import Pairs

NEAR = 2.0
"""How many spreads away from the truth tables are looked for."""
ROUNDS = 6
MOST_TOGETHER = 3000
"""Cells in one linear programme, unless more hang together."""
SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far apart tables that agree with what is public put each cell; where the truth lies in between."""

    low: Floats
    high: Floats

    def safe(self, spread: float) -> Mask:
        """Cells whose values lie at least `spread` apart."""
        return np.asarray(self.high - self.low >= spread - SLACK)


@dataclass(frozen=True, slots=True)
class _Part:
    """Cells that hang together: equalities and inequalities over them, and how far each may go."""

    cells: Ints
    equal: csr_matrix
    least: csr_matrix
    low: Floats
    high: Floats
    label: Ints
    """Cells with the same label hang together; others do not."""

    def around(self, cell: int) -> tuple[_Part, int]:
        """Only what hangs together with one of the cells, and where that cell is in it."""
        own = np.flatnonzero(self.label == self.label[cell])
        equal, least = (_restricted(matrix, own) for matrix in (self.equal, self.least))
        part = _Part(self.cells[own], equal, least, self.low[own], self.high[own], self.label[own])
        return part, int(np.searchsorted(own, cell))


def attack(
    values: Floats,
    linked: Relations,
    within: Pairs,
    *,
    hidden: Mask,
    targets: Mask,
    spread: float,
    found: Bounds | None = None,
) -> Bounds:
    """The bounds of the target cells, given that all cells not `hidden` are public.

    `found`: bounds of an attack when fewer cells were hidden; they stay, as hiding more never narrows them.
    """
    found = found or Bounds(values.copy(), values.copy())
    targets = targets & ~found.safe(spread)
    for part in _parts(values, linked, within, hidden, targets, spread):
        _pull(part, values, found, targets, spread)
    return found


def _parts(
    values: Floats, linked: Relations, within: Pairs, hidden: Mask, targets: Mask, spread: float
) -> Iterator[_Part]:
    cells = np.flatnonzero(hidden)
    number = np.full(len(values), -1, np.int64)
    number[cells] = np.arange(len(cells))
    equal = linked.sums[:, cells]
    equal = equal[np.diff(equal.indptr) > 0]
    part, whole = within.T
    low = np.maximum(values[cells] - NEAR * spread, 0.0)
    high = values[cells] + NEAR * spread
    above = hidden[part] & ~hidden[whole]
    np.minimum.at(high, number[part[above]], values[whole[above]])
    below = ~hidden[part] & hidden[whole]
    np.maximum.at(low, number[whole[below]], values[part[below]])
    both = np.flatnonzero(hidden[part] & hidden[whole])
    least = csr_matrix(
        (
            np.tile([1.0, -1.0], len(both)),
            (np.repeat(np.arange(len(both)), 2), number[within[both]].ravel()),
        ),
        shape=(len(both), len(cells)),
    )
    for members, label in _together(vstack([equal, least]), number[targets & hidden], len(cells)):
        own_equal, own_least = (_restricted(matrix, members) for matrix in (equal, least))
        yield _Part(cells[members], own_equal, own_least, low[members], high[members], label)


def _together(matrix: csr_matrix, targets: Ints, count: int) -> Iterator[tuple[Ints, Ints]]:
    """Groups of cells with the components they are of, each of whole components with a target in it."""
    if not count:
        return
    links = (abs(matrix).T @ abs(matrix)).tocsr()
    _, label = connected_components(links, directed=False)
    wanted = np.unique(label[targets])
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], wanted)
    ends = np.searchsorted(label[order], wanted, "right")
    group: list[Ints] = []
    size = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if group and size + end - start > MOST_TOGETHER:
            members = np.sort(np.concatenate(group))
            yield members, label[members]
            group, size = [], 0
        group.append(order[start:end])
        size += end - start
    if group:
        members = np.sort(np.concatenate(group))
        yield members, label[members]


def _restricted(matrix: csr_matrix, members: Ints) -> csr_matrix:
    own = matrix[:, members]
    return own[np.diff(own.indptr) > 0]


def _pull(part: _Part, values: Floats, found: Bounds, targets: Mask, spread: float) -> None:
    dice = np.random.default_rng(len(part.cells))
    true = values[part.cells]
    wanted = targets[part.cells]

    def unproven() -> Ints:
        return np.flatnonzero(wanted & ~found.safe(spread)[part.cells])

    for _ in range(ROUNDS):
        left = unproven()
        if not len(left):
            return
        pull = np.zeros(len(true))
        pull[left] = dice.choice([-1.0, 1.0], len(left)) * dice.uniform(0.5, 1.5, len(left))
        _try_out(part, values, found, pull)
    for cell in unproven().tolist():
        if not found.safe(spread)[part.cells[cell]]:
            own, at = part.around(cell)
            pull = np.zeros(len(own.cells))
            pull[at] = 1.0
            _try_out(own, values, found, pull)


def _try_out(part: _Part, values: Floats, found: Bounds, pull: Floats) -> None:
    """Widens the bounds found by the tables farthest one way and the other."""
    for sign in (1.0, -1.0):
        table = _farthest(part, values[part.cells], sign * pull)
        found.low[part.cells] = np.minimum(found.low[part.cells], table)
        found.high[part.cells] = np.maximum(found.high[part.cells], table)


def _farthest(part: _Part, true: Floats, pull: Floats) -> Floats:
    """A table that agrees with what is public and has `pull @ table` as large as can be."""
    solved = linprog(
        -pull,
        A_eq=part.equal if part.equal.shape[0] else None,
        b_eq=part.equal @ true if part.equal.shape[0] else None,
        A_ub=part.least if part.least.shape[0] else None,
        b_ub=np.zeros(part.least.shape[0]) if part.least.shape[0] else None,
        bounds=np.stack([part.low, part.high], axis=1),
        method="highs",
    )
    return np.asarray(solved.x) if solved.status == 0 else true
