"""What a life expectancy owes to chance and to each age: Chiang's variance, and differences split by age."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.arrays import Floats, choose, spread, widths
from tallymark.population.life_tables import LifeTable


def life_expectancy_variance(table: LifeTable, deaths: ArrayLike, *, open_group: bool = False) -> Floats:
    """Variance of the expectation of life at each age, (…, age), of a table whose rates rest on `deaths` (…, age).

    Var e(x) = Σ l(y)²·((n − a(y)) + e(y + n))²·Var q(y) ÷ l(x)², Var q = q²·(1 − q) ÷ deaths (Chiang 1984).
    With `open_group`, the open group adds (l(ω) ÷ l(x))²·a(ω)⁴·m(ω)² ÷ deaths(ω) (Silcocks and others 2001). An age
    without deaths adds nothing; missing deaths give NaN. Test: oracle/test_life_expectancy_phe.py.
    """
    dead = spread(deaths, table.mx.shape, "deaths")
    n, q = widths(table.ages)[:-1], table.qx[..., :-1]
    some = dead[..., :-1] != 0
    spread_q = np.where(some, q**2 * (1 - q) / np.where(some, dead[..., :-1], 1.0), 0.0)
    reach = n - table.ax[..., :-1] + table.ex[..., 1:]
    terms = np.zeros_like(table.mx)
    terms[..., :-1] = table.lx[..., :-1] ** 2 * reach**2 * spread_q
    if open_group:
        last = dead[..., -1]
        share = table.lx[..., -1] ** 2 * table.ax[..., -1] ** 4 * table.mx[..., -1] ** 2
        terms[..., -1] = np.where(last != 0, share / np.where(last != 0, last, 1.0), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.cumsum(terms[..., ::-1], axis=-1)[..., ::-1] / table.lx**2
    return found


def decompose(first: LifeTable, second: LifeTable, *, method: str = "arriaga") -> Floats:
    """Years of e(0) of `second` − e(0) of `first` that each age's mortality gives, (…, age); they add to the whole.

    Methods: `arriaga` (1984), with the effect of later survivors given to the age that saved them; `andreev` (2002),
    the mean of replacing ages from the first table to the second and back, symmetrical: swapping the tables changes
    nothing but the sign.
    """
    rule = choose(SPLITS, method, "method")
    if first.mx.shape[-1:] != second.mx.shape[-1:] or (first.ages != second.ages).any():
        raise ValueError("both tables need the same age groups")
    return rule(first, second)


def _arriaga(first: LifeTable, second: LifeTable) -> Floats:
    one, two = _per_birth(first), _per_birth(second)
    (l1, lived1, above1), (l2, lived2, above2) = one, two
    found = np.empty(np.broadcast_shapes(l1.shape, l2.shape))
    direct = l1[..., :-1] * (lived2[..., :-1] / l2[..., :-1] - lived1[..., :-1] / l1[..., :-1])
    later = above2[..., 1:] * (l1[..., :-1] / l2[..., :-1] - l1[..., 1:] / l2[..., 1:])
    found[..., :-1] = direct + later
    found[..., -1] = l1[..., -1] * (above2[..., -1] / l2[..., -1] - above1[..., -1] / l1[..., -1])
    return found


def _andreev(first: LifeTable, second: LifeTable) -> Floats:
    return (_replaced(first, second) - _replaced(second, first)) / 2


def _replaced(first: LifeTable, second: LifeTable) -> Floats:
    """Gain of replacing the first table's ages one by one from birth on (Andreev, Shkolnikov and Begun 2002)."""
    gap = second.ex - first.ex
    alive = second.lx / second.lx[..., :1]
    found = alive * gap
    found[..., :-1] -= alive[..., 1:] * gap[..., 1:]
    return found


def _per_birth(table: LifeTable) -> tuple[Floats, Floats, Floats]:
    radix = table.lx[..., :1]
    return table.lx / radix, table.Lx / radix, table.Tx / radix


SPLITS: Mapping[str, Callable[[LifeTable, LifeTable], Floats]] = {"arriaga": _arriaga, "andreev": _andreev}
