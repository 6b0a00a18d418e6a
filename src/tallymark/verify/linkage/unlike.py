"""How fields agree together in pairs that are no match: likenesses of families and of fields that tell of each other.

A number that holds a birth date agrees where the date does; children bear a surname of the family. As if fields were
independent, such pairs would look like matches. Fields are joined in the tree of strongest dependences (Chow and Liu
1968), each with the one it depends on most; the tree speaks for patterns that have not been seen (Good 1953, Katz 1987).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from tallymark.verify.linkage.lost import Lost

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AS_IF_APART = 20.0
"""Pairs' worth of independence that is mixed into each field's shares given another's category."""
DRAWN = 20_000
"""Patterns drawn from the tree, to see how much of it is on patterns that were not seen."""

LEAST_POWER = 0.3
"""Below it a few patterns drawn would speak for all."""


@dataclass(frozen=True, slots=True)
class Tree:
    """first: shares of the first field; links: known field, next field, shares of the next given the known."""

    first: Floats
    links: tuple[tuple[int, int, Floats], ...]

    def probability(self, pattern: Ints) -> Floats:
        """Of each pattern, over all that fields can say together."""
        made = self.first[pattern[:, 0]]
        for known, new, given in self.links:
            made = made * given[pattern[:, known], pattern[:, new]]
        return made

    def drawn(self, many: int, draw: np.random.Generator) -> Ints:
        """So many patterns."""
        made = np.zeros((many, len(self.links) + 1), np.int64)
        made[:, 0] = _picked(np.broadcast_to(self.first, (many, len(self.first))), draw)
        for known, new, given in self.links:
            made[:, new] = _picked(given[made[:, known]], draw)
        return made


def unlike(pattern: Ints, counts: Floats, lost: Lost) -> Floats:
    """Probability of each pattern among compared pairs that are no match, from counts of such pairs.

    Patterns seen: as often as seen, less what patterns not seen have together: the share of those seen once. That share
    is spread over patterns not seen which some rule catches, as a power of what the tree has: the power that suits the
    patterns seen once, which without their only pair would not have been seen.
    """
    seen, sizes = float(counts.sum()), [len(of) for of in lost.of]
    unseen = (float((counts == 1).sum()) + 1) / (seen + 1)
    tree = fitted(pattern, counts, sizes)
    known = counts > 0
    drawn = tree.drawn(DRAWN, np.random.default_rng(0))
    caught = ~lost.missed[tuple(of[drawn[:, at]] for at, of in enumerate(lost.of))]
    new, again = (
        caught & np.isin(_coded(drawn, sizes), _coded(pattern[which], sizes), invert=other)
        for which, other in ((known, True), (counts == 1, False))
    )
    power = _power(tree.probability(drawn[new | again]), tree.probability(pattern[counts == 1]))
    room = (float((tree.probability(drawn[new]) ** (power - 1)).sum()) + 1) / (DRAWN + 1)
    spread = tree.probability(pattern) ** power * unseen / room
    shares: Floats = np.where(known, (1 - unseen) * counts / seen, spread)
    return shares


def _power(drawn: Floats, once: Floats) -> float:
    """The power of the tree's shares that makes patterns seen once likeliest. drawn: shares of patterns drawn from it.

    A tree joins each field with one other, and takes what depends on more for rarer than it is: a few chance pairs
    that agree in odd ways would then be matches beyond doubt.
    """
    if not len(drawn) or not len(once):
        return 1.0
    logs, mean = np.log(drawn), float(np.log(once).mean())
    found = minimize_scalar(
        lambda power: logsumexp((power - 1) * logs) - power * mean,
        bounds=(LEAST_POWER, 1.0),
        method="bounded",
    )
    return float(found.x)


def fitted(pattern: Ints, counts: Floats, sizes: list[int]) -> Tree:
    """The tree of greatest mutual information for counted patterns."""
    alone = [_shares(pattern[:, at], counts, size) for at, size in enumerate(sizes)]
    together = {
        (a, b): _together(pattern, counts, (a, b), alone)
        for a in range(len(sizes))
        for b in range(a + 1, len(sizes))
    }
    links = []
    for known, new in _edges(together, len(alone)):
        table = together[known, new] if known < new else together[new, known].T
        links.append((known, new, table / table.sum(axis=1, keepdims=True)))
    return Tree(alone[0], tuple(links))


def _shares(column: Ints, counts: Floats, size: int) -> Floats:
    here: Floats = np.bincount(column, counts, size).astype(np.float64) + 0.5
    shares: Floats = here / here.sum()
    return shares


def _together(pattern: Ints, counts: Floats, pair: tuple[int, int], alone: list[Floats]) -> Floats:
    """Shares of two fields' categories together, each category of one mixed with some independence."""
    a, b = pair
    shape = len(alone[a]), len(alone[b])
    code = pattern[:, a] * shape[1] + pattern[:, b]
    seen = np.bincount(code, counts, shape[0] * shape[1]).reshape(shape)
    whole: Floats = seen + AS_IF_APART * shape[0] * np.outer(alone[a], alone[b])
    shares: Floats = whole / whole.sum()
    return shares


def _edges(together: dict[tuple[int, int], Floats], many: int) -> list[tuple[int, int]]:
    """The spanning tree of greatest mutual information, from the first field outwards."""
    told = {pair: _information(table) for pair, table in together.items()}
    reached, edges = [0], []
    while len(reached) < many:
        open_edges = [(a, b) for a in reached for b in range(many) if b not in reached]
        known, new = max(open_edges, key=lambda edge: told[min(edge), max(edge)])
        reached.append(new)
        edges.append((known, new))
    return edges


def _information(table: Floats) -> float:
    apart = np.outer(table.sum(axis=1), table.sum(axis=0))
    return float((table * np.log(table / apart)).sum())


def _picked(shares: Floats, draw: np.random.Generator) -> Ints:
    """From each row of shares one place."""
    reached = np.cumsum(shares, axis=1)
    picked: Ints = (draw.random((len(shares), 1)) * reached[:, -1:] > reached).sum(axis=1)
    return picked


def _coded(pattern: Ints, sizes: list[int]) -> Ints:
    """Each pattern as one whole number."""
    code = np.zeros(len(pattern), np.int64)
    for at, size in enumerate(sizes):
        code = code * size + pattern[:, at]
    return code
