"""Small numbers withheld so that nothing can be worked out: suppression, primary and secondary, attacked every time.

Cells are sums of inner cells that nobody publishes: cells = A · inner, with inner ≥ 0. Several tables, or the tables of
several releases, are one matrix when they rest on the same inner cells; that is how subtracting them is covered, too.
Secondary cells are found as in Fischetti and Salazar (2001), relaxed: the least costly change of the inner cells that
moves the cell at risk and leaves every published cell as it is; the cells that it moves are withheld.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, identity, vstack

from tallymark.errors import TallymarkError

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Suppression:
    """What is withheld: cells at risk (`primary`) and those that protect them; and what an attacker is left with."""

    primary: Mask
    withheld: Mask
    low: Floats
    high: Floats
    """The narrowest bounds that anybody can work out for each cell at risk; NaN for other cells."""


def cells_of(inner: Sequence[Mapping[str, str]], tables: Sequence[Mapping[str, str]]) -> csr_matrix:
    """The matrix A of cells over inner cells: a cell sums the inner cells that have all its values; others are totals.

    A value may be a set of alternatives joined by `|`, for groups.
    """
    columns: dict[str, npt.NDArray[np.object_]] = {
        name: np.array([row[name] for row in inner], dtype=object) for name in (inner[0] if inner else {})
    }
    rows = []
    for cell in tables:
        mask = np.ones(len(inner), dtype=bool)
        for name, wanted in cell.items():
            mask &= np.isin(columns[name], wanted.split("|"))
        rows.append(mask)
    return csr_matrix(np.array(rows, dtype=np.float64).reshape(len(tables), len(inner)))


def at_risk(counts: Floats, *, most: float, zeros: bool = True) -> Mask:
    """Cells of `most` cases or fewer; empty ones only when `zeros` (that nobody is there can tell, too)."""
    return np.asarray((counts <= most) & (zeros | (counts > 0)))


def suppress(
    cells: csr_matrix, inner: Floats, *, primary: Mask, spread: float = 2.0, keep: Mask | None = None
) -> Suppression:
    """What to withhold so that of no cell at risk anybody can work out bounds narrower than `spread`.

    `keep` marks cells that are published whatever happens (of an earlier release). The result was attacked.
    Errors: TallymarkError when the kept cells give a cell at risk away.
    """
    counts = np.asarray(cells @ inner, dtype=np.float64)
    fixed = np.zeros(len(counts), dtype=bool) if keep is None else keep
    withheld = primary & ~fixed
    for cell in np.flatnonzero(primary)[np.argsort(-counts[primary], kind="stable")]:
        least, most = bounds(cells, counts, ~withheld, int(cell))
        if most - least < spread - TOLERANCE:
            rise = least + spread - float(counts[cell])
            withheld |= _protecting(cells, inner, withheld, int(cell), rise, fixed=fixed)
    low, high = attack(cells, counts, withheld, primary)
    exposed = np.flatnonzero(primary & ~(high - low >= spread - 1e-5))
    if len(exposed):
        raise TallymarkError(
            "{n} cells at risk can be worked out from what is published; withhold more of the earlier release",
            n=len(exposed),
        )
    return Suppression(primary, withheld, low, high)


def attack(cells: csr_matrix, counts: Floats, withheld: Mask, targets: Mask) -> tuple[Floats, Floats]:
    """The narrowest bounds of each target cell that follow from the published ones; NaN elsewhere."""
    low = np.full(len(counts), np.nan)
    high = np.full(len(counts), np.nan)
    for cell in np.flatnonzero(targets):
        low[cell], high[cell] = bounds(cells, counts, ~withheld, int(cell))
    return low, high


def bounds(cells: csr_matrix, counts: Floats, published: Mask, cell: int) -> tuple[float, float]:
    """The least and the most that a cell can be, given the published cells and that no inner cell is negative."""
    if published[cell]:
        return float(counts[cell]), float(counts[cell])
    objective = cells[cell].toarray().ravel()
    known = cells[np.flatnonzero(published)]
    given = counts[published]
    return (
        _least(objective, known, given),
        -_least(-objective, known, given),
    )


def _least(objective: Floats, known: csr_matrix, given: Floats) -> float:
    equal = (known, given) if known.shape[0] else (None, None)
    found = linprog(objective, A_eq=equal[0], b_eq=equal[1], bounds=(0, None), method="highs")
    if found.status == 3:  # without bound
        return -np.inf
    if found.status != 0:
        raise TallymarkError("the published cells contradict each other: {why}", why=found.message)
    return float(found.fun)


def _protecting(
    cells: csr_matrix, inner: Floats, withheld: Mask, cell: int, rise: float, *, fixed: Mask
) -> Mask:
    """The cells moved by the cheapest change of inner cells that lifts `cell` by `rise`, kept cells unmoved."""
    count, width = cells.shape
    price = 1.0 + np.asarray(cells @ inner, dtype=np.float64)
    price[withheld] = 0.0
    moved = identity(count, format="csr")
    above = hstack([cells, -moved])  # change of a cell ≤ its size
    below = hstack([-cells, -moved])
    still = np.flatnonzero(fixed)
    equal = vstack([cells[[cell]], cells[still]])
    equal = hstack([equal, csr_matrix((equal.shape[0], count))])
    found = linprog(
        np.concatenate([np.zeros(width), price]),
        A_ub=vstack([above, below]),
        b_ub=np.zeros(2 * count),
        A_eq=equal,
        b_eq=np.concatenate([[rise], np.zeros(len(still))]),
        bounds=[*((-value, None) for value in inner), *((0, None) for _ in range(count))],
        method="highs",
    )
    if found.status != 0:
        return np.zeros(count, dtype=bool)  # cannot be protected beside what is kept: the attack says so
    return np.asarray(np.abs(cells @ found.x[:width]) > TOLERANCE)
