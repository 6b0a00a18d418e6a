"""Three and more lists of the same people: log-linear models of who is on which, and those on none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tallymark.statistics.arguments import floats
from tallymark.statistics.poisson_fit import poisson_fit

Floats = NDArray[np.float64]
Term = tuple[int, ...]
MOST_LISTS = 8
FULLY_SEARCHED = 4
"""Up to so many lists every hierarchical model is tried; above, every set of pairwise dependences up to PAIRS."""
PAIRS = 3
FAR = 1e7
"""A limit beyond so many times the number seen is told as infinite."""
GRID, ZOOMS = 25, 7
"""Totals tried at once, and how often the search zooms in: 24^7 steps are finer than any count."""


class LogLinearModel(NamedTuple):
    """One model: its interaction terms, the total with its standard error, and how well it fits."""

    terms: tuple[str, ...]
    total: float
    se: float
    deviance: float
    df: int
    aic: float
    bic: float


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def log_linear_population(
    patterns: ArrayLike, counts: ArrayLike, *, terms: Iterable[str | Sequence[int]] = ()
) -> tuple[Floats, Floats]:
    """Total, seen and unseen, and its standard error, by a Poisson log-linear model of the list patterns.

    `patterns`: (cells, lists) of true and false, which lists people are on (repeated rows add up, a pattern that
    is not given was seen 0 times); `counts`: (…, cells). Every list has its own effect; `terms` adds dependences:
    "12" between lists 1 and 2, "123" among three (with its pairs). Without any, lists are independent.
    total = seen + exp(intercept), se = √(exp(b) + exp(2b) var(b)). NaN where a count is missing or negative.
    Source: Fienberg 1972, Biometrika 59; Cormack 1989. Oracle: tests/oracle/test_log_linear.py (Rcapture). Shape:
    counts (…, cells) → (…).
    """
    lists, table, seen = _table(patterns, counts)
    fit = poisson_fit(_design(lists, _closed(terms, lists)), table)
    return _total(fit.coefficients, fit.covariance, seen)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def log_linear_models(
    patterns: ArrayLike, counts: ArrayLike, *, criterion: str = "aic"
) -> list[LogLinearModel]:
    """Every model worth trying for one table, best first by `criterion` ("aic" or "bic").

    Up to 4 lists all hierarchical models; above, independence and every set of up to 3 pairwise dependences. AIC and BIC
    are of the Poisson likelihood, BIC with ln(number seen), as in Rcapture. Choosing by them and then giving the chosen
    model's error alone overstates certainty: look at the totals of all models within 2 of the best. Shape: one table.
    Source: as `log_linear_population`. Oracle: tests/oracle/test_log_linear.py.
    """
    if criterion not in ("aic", "bic"):
        raise ValueError(f"criterion {criterion!r} is not known; use aic or bic")
    lists, table, seen = _table(patterns, floats(counts).reshape(-1))
    found = [_model(lists, terms, table, float(seen)) for terms in _worth_trying(lists)]
    return sorted(found, key=lambda model: getattr(model, criterion))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def log_linear_interval(
    patterns: ArrayLike,
    counts: ArrayLike,
    *,
    terms: Iterable[str | Sequence[int]] = (),
    level: float = 0.95,
) -> tuple[float, float]:
    """Profile-likelihood limits of the total for one table: totals the data do not speak against.

    For each total N the model is fitted with N − seen people on no list; limits are where twice the multinomial
    log-likelihood falls χ²₁(level) below its maximum. Never below the number seen; infinite when the data do not
    bound it. Source: Cormack 1992, Biometrics 48. Test: tests/unit/statistics/test_log_linear.py (coverage, asymmetry).
    Shape: one table.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is a confidence level between 0 and 1 (0.95), not {level!r}")
    lists, table, seen = _table(patterns, floats(counts).reshape(-1))
    known = float(seen)
    if not known > 0:
        return np.nan, np.nan
    design = _design(lists, _closed(terms, lists), unseen=True)
    peak, top = _peak(design, table, known)
    floor = top - special.chdtri(1, 1 - level) / 2
    low = _crossing(design, table, floor, (peak, 0.0))
    return known + low, known + _crossing(design, table, floor, (peak, FAR * known))


def _profile(design: Floats, table: Floats, unseen: Floats) -> Floats:
    """Multinomial log-likelihood of totals that leave so many unseen, each at its best other parameters."""
    whole = np.column_stack([np.broadcast_to(table, (len(unseen), len(table))), unseen])
    fitted = np.maximum(poisson_fit(design, whole).fitted, 1e-300)
    total = whole.sum(axis=1)
    choose = special.gammaln(total + 1) - special.gammaln(unseen + 1)
    return np.asarray(choose + special.xlogy(whole, fitted / total[:, None]).sum(axis=1))


def _peak(design: Floats, table: Floats, seen: float) -> tuple[float, float]:
    """The likeliest number unseen, and the log-likelihood there, on finer and finer grids."""
    low, high = 0.0, np.log1p(FAR * seen)
    for _ in range(ZOOMS):
        grid = np.linspace(low, high, GRID)
        heights = _profile(design, table, np.expm1(grid))
        best = int(heights.argmax())
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, GRID - 1)]
    return float(np.expm1(grid[best])), float(heights[best])


def _crossing(design: Floats, table: Floats, floor: float, between: tuple[float, float]) -> float:
    """Where, going from the peak to the end, the likelihood falls to the floor; the end itself if it never does."""
    inside, outside = (float(np.log1p(side)) for side in between)
    if _profile(design, table, np.array([between[1]]))[0] >= floor:
        return np.inf if outside > inside else 0.0
    for _ in range(ZOOMS):
        grid = np.linspace(inside, outside, GRID)
        first = int((_profile(design, table, np.expm1(grid)) < floor)[1:].argmax()) + 1
        inside, outside = grid[first - 1], grid[first]
    return float(np.expm1((inside + outside) / 2))


def _table(patterns: ArrayLike, counts: ArrayLike) -> tuple[int, Floats, Floats]:
    """Number of lists, counts of all 2^lists − 1 patterns, and how many were seen."""
    on = np.asarray(patterns).astype(bool)
    given = floats(counts)
    if on.ndim != 2 or not 2 <= on.shape[1] <= MOST_LISTS:
        raise ValueError(f"patterns are rows of 2 to {MOST_LISTS} lists, not an array of shape {on.shape}")
    if given.shape[-1:] != on.shape[:1]:
        raise ValueError(f"{on.shape[0]} patterns, but counts of shape {given.shape}")
    lists = on.shape[1]
    cell = on @ (1 << np.arange(lists))
    if (cell == 0).any():
        raise ValueError("a pattern is on no list: those people were never seen and have no count")
    table = np.zeros((*given.shape[:-1], 2**lists - 1))
    for column, place in enumerate(cell - 1):
        table[..., place] += given[..., column]
    return lists, table, table.sum(axis=-1)


def _design(lists: int, terms: Iterable[Term], *, unseen: bool = False) -> Floats:
    """A row for each pattern, a column for the intercept and each term; the row of those on no list last."""
    cells = np.arange(1, 2**lists)
    if unseen:
        cells = np.append(cells, 0)
    on = (cells[:, None] >> np.arange(lists)) & 1
    columns = [np.ones(len(cells)), *on.T, *(on[:, list(term)].prod(axis=1) for term in terms)]
    return np.stack(columns, axis=1).astype(np.float64)


def _closed(terms: Iterable[str | Sequence[int]], lists: int) -> tuple[Term, ...]:
    """Interactions with all those inside them, by list number from 0, checked."""
    closed: set[Term] = set()
    for term in terms:
        numbers = sorted({int(one) for one in term})
        if not numbers or numbers[0] < 1 or numbers[-1] > lists:
            raise ValueError(f"term {term!r} names a list that is not there; lists are numbered 1 to {lists}")
        if len(numbers) == lists:
            raise ValueError(
                f"term {term!r} joins all {lists} lists: the data hold nothing about it; leave it out"
            )
        places = [number - 1 for number in numbers]
        closed.update(inner for size in range(2, len(places) + 1) for inner in combinations(places, size))
    return tuple(sorted(closed, key=lambda term: (len(term), term)))


def _worth_trying(lists: int) -> list[tuple[Term, ...]]:
    pairs = list(combinations(range(lists), 2))
    if lists > FULLY_SEARCHED:
        return [chosen for size in range(PAIRS + 1) for chosen in combinations(pairs, size)]
    triples = list(combinations(range(lists), 3)) if lists > 3 else []
    found = []
    for size in range(len(triples) + 1):
        for chosen in combinations(triples, size):
            inside = {pair for triple in chosen for pair in combinations(triple, 2)}
            free = [pair for pair in pairs if pair not in inside]
            for number in range(len(free) + 1):
                found += [(*sorted(inside), *more, *chosen) for more in combinations(free, number)]
    if lists == 2:
        return [()]
    return found


def _model(lists: int, terms: tuple[Term, ...], table: Floats, seen: float) -> LogLinearModel:
    design = _design(lists, terms)
    fit = poisson_fit(design, table)
    total, se = _total(fit.coefficients, fit.covariance, np.asarray(seen))
    parameters = design.shape[1]
    likelihood = float(fit.minus_two_log_likelihood)
    return LogLinearModel(
        terms=tuple("".join(str(one + 1) for one in term) for term in terms),
        total=float(total),
        se=float(se),
        deviance=float(fit.deviance),
        df=table.shape[-1] - parameters,
        aic=likelihood + 2 * parameters,
        bic=likelihood + np.log(seen) * parameters,
    )


def _total(coefficients: Floats, covariance: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Seen + exp(intercept) and its standard error."""
    unseen = np.exp(np.minimum(coefficients[..., 0], 700.0))
    error = np.sqrt(unseen + unseen**2 * covariance[..., 0, 0])
    return (seen + unseen)[()], error[()]
