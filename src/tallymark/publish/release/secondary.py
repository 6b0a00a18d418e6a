"""Further cells withheld so that no sum gives a withheld one away; the attack then says whether that held."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_matrix, csr_matrix, hstack, vstack

from tallymark.publish.release.cells import Floats, Ints, Mask
from tallymark.publish.release.relations import Relations
from tallymark.publish.release.risk import Pairs

SLACK, MOVED = 1e-9, 1e-7


class Sums:
    """The sums row by row and cell by cell, and what withholding each cell costs."""

    def __init__(self, linked: Relations, worth: Floats) -> None:
        self.worth = worth
        matrix: csr_matrix = linked.sums
        columns: csc_matrix = matrix.tocsc()
        self.whole = linked.whole
        self.matrix = matrix
        self._start, self._cells = matrix.indptr, matrix.indices
        self._first, self._rows = columns.indptr, columns.indices
        self.count = matrix.shape[0]
        self.row_of = np.repeat(np.arange(self.count), np.diff(matrix.indptr))
        self.cell_of = matrix.indices

    def cells(self, row: int) -> Ints:
        """The cells of a sum, the whole among them."""
        return np.asarray(self._cells[self._start[row] : self._start[row + 1]])

    def rows(self, cell: int) -> Ints:
        """The sums that a cell is in."""
        return np.asarray(self._rows[self._first[cell] : self._first[cell + 1]])

    def around(self, cell: int, within: Pairs, hops: int) -> Mask:
        """The cell, and those that share a sum with it or are a part or whole of it, and so on for some hops."""
        near = np.zeros(self.matrix.shape[1], np.bool_)
        near[cell] = True
        part, whole = within.T
        for _ in range(hops):
            rows = np.asarray(abs(self.matrix) @ near.astype(np.float64)) > 0
            grown = np.asarray(abs(self.matrix).T @ rows.astype(np.float64)) > 0
            grown[whole[near[part]]] = True
            grown[part[near[whole]]] = True
            near = near | grown
        return near

    def hidden_in(self, hidden: Mask) -> Ints:
        """How many cells of each sum are hidden."""
        return np.bincount(self.row_of[hidden[self.cell_of]], minlength=self.count)


def protect(sums: Sums, values: Floats, withheld: Mask, *, fixed: Mask, spread: float) -> Mask:
    """More withheld cells, so that no single sum narrows a withheld one to less than `spread`.

    `fixed` cells are public whatever happens (an earlier release gave them away).
    """
    withheld = withheld.copy()
    open_rows = np.flatnonzero(_open(sums, values, withheld & ~fixed, spread))
    while len(open_rows):
        hidden = withheld & ~fixed
        counts = sums.hidden_in(hidden)
        touched: set[int] = set()
        for row in open_rows.tolist():
            for cell in _further(sums, values, row, hidden, counts, fixed=fixed, spread=spread):
                withheld[cell] = hidden[cell] = True
                counts[sums.rows(cell)] += 1
                touched.update(sums.rows(cell).tolist())
        if not touched:
            break
        still = _open(sums, values, withheld & ~fixed, spread)
        open_rows = np.array([row for row in sorted(touched) if still[row]], np.int64)
    return withheld


def _open(sums: Sums, values: Floats, hidden: Mask, spread: float) -> Mask:
    """Sums with one hidden cell, or whose hidden parts add up to less than the spread though the whole is public."""
    counts = sums.hidden_in(hidden)
    weights = np.where(hidden, values, 0.0)[sums.cell_of]
    total = np.bincount(sums.row_of, weights=weights, minlength=sums.count)
    return np.asarray((counts == 1) | ((counts > 0) & ~hidden[sums.whole] & (total < spread - SLACK)))


def _further(
    sums: Sums, values: Floats, row: int, hidden: Mask, counts: Ints, *, fixed: Mask, spread: float
) -> list[int]:
    """What to withhold so that a sum gives nothing away; empty when nothing helps."""
    cells, whole = sums.cells(row), int(sums.whole[row])
    parts = cells[cells != whole]
    inside = parts[hidden[parts]]
    if len(inside) + hidden[whole] == 0 or (hidden[whole] and len(inside)):
        return []
    free = parts[~hidden[parts] & ~fixed[parts] & (values[parts] > SLACK)]
    price = {int(cell): _price(sums, int(cell), row, counts) for cell in free}
    chosen: list[int] = []
    total = float(values[inside].sum())
    for cell in sorted(price, key=lambda one: (price[one], one)):
        chosen.append(cell)
        total += float(values[cell])
        if hidden[whole] or (len(inside) + len(chosen) > 1 and total >= spread - SLACK):
            return chosen
    return chosen + ([] if hidden[whole] or fixed[whole] else [whole])


def _price(sums: Sums, cell: int, row: int, counts: Ints) -> float:
    """Large figures are dear; a cell whose other sums hold withheld cells already is cheap."""
    others = sums.rows(cell)
    held = int((counts[others[others != row]] > 0).sum())
    alone = len(others) - 1 - held
    return float(sums.worth[cell]) * (1.0 + alone) / (1.0 + held)


def cheapest(
    sums: Sums,
    values: Floats,
    within: Pairs,
    cell: int,
    *,
    rise: float,
    near: Mask,
    withheld: Mask,
    fixed: Mask,
) -> Mask:
    """The cells moved by the cheapest change that lifts a cell by `rise` and keeps every sum.

    The model is that of Fischetti and Salazar (2001), relaxed. Only cells that are near move; what is withheld moves
    for nothing. None where there is no such change.
    """
    own = np.flatnonzero(near & ~fixed)
    number = np.full(len(values), -1, np.int64)
    number[own] = np.arange(len(own))
    rows = sums.matrix[:, own]
    rows = rows[np.diff(rows.indptr) > 0]
    price = np.where(withheld[own], 0.0, sums.worth[own])
    part, whole = (number[cells] for cells in within.T)
    met = (part >= 0) | (whole >= 0)
    limits, room = _kept(part[met], whole[met], values[within[met, 1]] - values[within[met, 0]], len(own))
    lift = csr_matrix(([1.0], ([0], [int(number[cell])])), shape=(1, len(own)))
    equal = vstack([rows, lift])
    solved = linprog(
        np.concatenate([price, price]),
        A_ub=hstack([limits, -limits]),
        b_ub=room,
        A_eq=hstack([equal, -equal]),
        b_eq=np.concatenate([np.zeros(rows.shape[0]), [rise]]),
        bounds=[*((0, None) for _ in own), *((0, float(value)) for value in values[own])],
        method="highs",
    )
    found = np.zeros(len(values), np.bool_)
    if solved.status == 0:
        found[own[np.abs(solved.x[: len(own)] - solved.x[len(own) :]) > MOVED]] = True
    return found


def _kept(part: Ints, whole: Ints, room: Floats, count: int) -> tuple[csr_matrix, Floats]:
    """That parts stay no larger than their wholes: part − whole may grow by the room there is; −1 stands still."""
    row = np.arange(len(part))
    moves, against = part >= 0, whole >= 0
    return csr_matrix(
        (
            np.concatenate([np.ones(moves.sum()), -np.ones(against.sum())]),
            (np.concatenate([row[moves], row[against]]), np.concatenate([part[moves], whole[against]])),
        ),
        shape=(len(part), count),
    ), room
