"""The penalised composite link model: the smoothest positive counts by single year whose sums explain the groups."""

from __future__ import annotations

import numpy as np

from tallymark.population.arrays import Floats

PENALTIES = 10.0 ** np.arange(-1, 7.5)
ROUNDS, CLOSE = 60, 1e-7


def composite_link(closed: Floats, limits: Floats) -> Floats:
    """Counts by single year (…, age) of closed groups (…, group) between `limits`.

    Poisson counts of groups are sums of exp(η) of years; second differences of η are penalised, by the weight with
    the least Akaike criterion (Rizzi, Gampe and Eilers 2015, American Journal of Epidemiology 182).
    """
    width = np.diff(limits).astype(int)
    member = np.repeat(np.eye(len(width)), width, axis=1)
    rows = closed.reshape(-1, closed.shape[-1])
    found = np.array([_smoothest(row, member, width) for row in rows])
    return found.reshape(*closed.shape[:-1], member.shape[1])


def _smoothest(counts: Floats, member: Floats, width: np.ndarray) -> Floats:
    if not np.isfinite(counts).all() or counts.sum() <= 0:
        return np.repeat(counts / width, width)
    start = np.log(np.repeat(np.maximum(counts, counts.sum() * 1e-9) / width, width))
    best, least = start, np.inf
    difference = np.diff(np.eye(len(start)), 2, axis=0)
    roughness = difference.T @ difference
    for penalty in PENALTIES[::-1]:
        start, criterion = _fitted(counts, member, penalty * roughness, start)
        if criterion < least:
            best, least = start, criterion
    found: Floats = np.exp(best)
    return found


def _fitted(counts: Floats, member: Floats, penalty: Floats, eta: Floats) -> tuple[Floats, float]:
    """Scores (Fisher) until they stand still; η and the Akaike criterion."""
    for _ in range(ROUNDS):
        each = np.exp(eta)
        grouped = member @ each
        design = member * each
        weighted = design / grouped[:, None]
        inner = design.T @ weighted
        target = weighted.T @ (counts - grouped + design @ eta)
        fresh = np.linalg.solve(inner + penalty, target)
        moved = float(np.abs(fresh - eta).max())
        eta = eta + np.clip(fresh - eta, -2, 2)
        if moved < CLOSE:
            break
    freedom = float(np.trace(np.linalg.solve(inner + penalty, inner)))
    some = counts > 0
    ratio = np.where(some, counts, 1.0) / np.where(some, member @ np.exp(eta), 1.0)
    deviance = 2 * float((counts * np.log(ratio)).sum() - (counts - member @ np.exp(eta)).sum())
    return eta, deviance + 2 * freedom
