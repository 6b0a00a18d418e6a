"""Large jobs compare what narrow rules bring together; wide ones are left out while next to no match is lost by it.

A model is trained on pairs of *all* rules among a sample, so that it is known of each rule which matches it alone
brings together, and at the price of how many pairs. Rules are left out by that price, dearest first, as long as matches
lost stay below a bound: as counted in the sample, and as the model has them, whichever are more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tallymark.verify.linkage.blocking import Rule
from tallymark.verify.linkage.lost import Lost, lost_combinations
from tallymark.verify.linkage.model import Model
from tallymark.verify.linkage.patterns import Patterns

Floats = NDArray[np.float64]
FEW = 4_000_000
"""Pairs up to which every rule is kept."""
WORTH = 0.0005
"""Share of matches that may be lost by leaving rules out."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Rules that pairs are brought together by, and the share of matches that those left out would have added."""

    rules: tuple[Rule, ...]
    lost: float


def narrowed(rules: Sequence[Rule], patterns: Patterns, model: Model, *, few: float = FEW) -> Narrowed:
    """The rules that a job needs: all where they bring few pairs together."""
    caught = np.array([_caught(rule, patterns) for rule in rules]).T
    matches, pairs = model.counts.match, patterns.blocked / patterns.share
    kept = np.ones(len(rules), bool)
    lost = 0.0
    while pairs[caught[:, kept].any(axis=1)].sum() > few:
        alone = caught[:, kept].sum(axis=1) == 1
        gone, spared = (alone * each @ caught for each in (matches, pairs))
        tried = []
        for rule in np.argsort(np.where(kept, (gone + 1) / np.maximum(spared, 1.0), np.inf))[: kept.sum()]:
            rest = kept.copy()
            rest[rule] = False
            tried.append((rest, _loss(rules, rest, caught, matches, patterns, model)))
            if tried[-1][1] <= WORTH:
                break
        if not tried or tried[-1][1] > WORTH or kept.sum() == 1:
            break
        kept, lost = tried[-1]
    return Narrowed(tuple(rule for rule, stays in zip(rules, kept, strict=True) if stays), lost)


def _loss(
    rules: Sequence[Rule], kept: NDArray[np.bool_], caught: NDArray[np.bool_], matches: Floats, patterns: Patterns,
    model: Model,
) -> float:  # fmt: skip
    """Share of matches that only rules left out bring together: of those settled, and as the model has it; the larger."""
    counted = float(matches[~caught[:, kept].any(axis=1)].sum() / max(float(matches.sum()), 1.0))
    some = [rule for rule, stays in zip(rules, kept, strict=True) if stays]
    return max(counted, model.share_caught - _share(lost_combinations(patterns, some), model))


def _share(lost: Lost, model: Model) -> float:
    """Share of matches that rules bring together, whichever class they are in."""
    missed = [
        lost.probability([lost.combined(at, of) for at, of in enumerate(fields)]) for fields in model.agree
    ]
    return float(model.classes @ (1 - np.array(missed)))


def _caught(rule: Rule, patterns: Patterns) -> NDArray[np.bool_]:
    """Pattern → whether the rule brings its pairs together."""
    found = np.ones(len(patterns.blocked), bool)
    for key in rule.keys:
        at = next(number for number, keys in enumerate(patterns.keys) if key in keys)
        bit = patterns.keys[at].index(key)
        agrees = np.array([category.keys[bit] for category in patterns.categories[at]])
        found &= agrees[patterns.pattern[:, at]]
    return found
