"""Lists of records → which of them are the same birth, how sure that is, and what the linkage itself gets wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tallymark.errors import AssessmentError
from tallymark.programme.linkages import Linkage
from tallymark.verify.linkage.assign import best_pairs, groups
from tallymark.verify.linkage.blocking import Rule, choose_rules
from tallymark.verify.linkage.candidates import records_of
from tallymark.verify.linkage.choice import Choice, choose_model
from tallymark.verify.linkage.coded import Coded
from tallymark.verify.linkage.comparisons import Comparison, comparison
from tallymark.verify.linkage.compete import matching_probabilities
from tallymark.verify.linkage.keys import key_tables
from tallymark.verify.linkage.model import Model, by_level
from tallymark.verify.linkage.narrow import Narrowed, narrowed
from tallymark.verify.linkage.patterns import Patterns, count_patterns
from tallymark.verify.linkage.reading import bits, levels
from tallymark.verify.linkage.scoring import Weighed, Weights, score_pairs
from tallymark.verify.linkage.twos import grouped

LEAST = -10.0
"""Pairs that weigh less (bits) are not kept: not for review, not for estimates."""

STATES = ("matched", "unmatched", "duplicate")


@dataclass(frozen=True, slots=True)
class Linked:
    """A linkage done.

    pairs: list_l, record_l, list_r, record_r, weight (bits), probability, taken (whether they are one group).
    records: list, record, group, state (matched, unmatched, duplicate).
    """

    linkage: Linkage
    pairs: pa.Table
    records: pa.Table
    trained: Trained


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learnt before any pair was weighed."""

    rules: tuple[Rule, ...]
    """Those whose pairs, in a sample of long lists, it was learnt from."""
    comparisons: tuple[Comparison, ...]
    patterns: Patterns
    choice: Choice
    keys: Mapping[str, pa.Table]
    records: Coded
    """The keys as codes."""
    narrowed: Narrowed
    """The rules by which the lists themselves are compared: all, or fewer for a large job."""

    @property
    def lost(self) -> float:
        """Share of matches that no rule brings together."""
        return 1 - self.model.share_caught + self.narrowed.lost

    @property
    def model(self) -> Model:
        """The model chosen."""
        return self.choice.model

    @property
    def clustered(self) -> bool:
        """Whether errors sit together in bad records."""
        return self.choice.clustered


def link(
    linkage: Linkage,
    lists: Mapping[str, pa.Table],
    *,
    seed: int = 0,
    within: bool = True,
    session: Any = None,
) -> Linked:
    """The lists linked. within: duplicates inside lists are looked for as well. session: a Spark session, or DuckDB.

    Errors: AssessmentError for lists that are not there, columns that are not, records that cannot be told apart.
    """
    rows = {one.name: _rows(lists, one.name) for one in linkage.lists}
    keys = key_tables(linkage, linkage.lists, rows)
    trained = train(linkage, keys, seed=seed)
    engine = "spark" if session is not None else "duckdb"
    compared = [comparison(field, engine) for field in linkage.fields]
    free = any(not one.unique for one in linkage.lists)
    found = score_pairs(
        compared,
        trained.narrowed.rules,
        keys,
        weights_of(trained),
        least=LEAST,
        within=within or free,
        records=trained.records,
        session=session,
    )
    return _grouped(linkage, keys, trained, found)


def train(linkage: Linkage, keys: Mapping[str, pa.Table], *, seed: int) -> Trained:
    """Rules, patterns and the model of a linkage for its lists of keys."""
    compared = tuple(comparison(field, "duckdb") for field in linkage.fields)
    records = records_of(compared, linkage.fields, keys)
    rules = choose_rules(linkage, records, seed=seed)
    if not rules:
        raise AssessmentError(
            "linkage '{name}': no two records agree in any field; check that the lists' columns are named right",
            name=linkage.name,
        )
    patterns = count_patterns(compared, rules, records, seed=seed)
    unique = all(one.unique for one in linkage.lists) and len(linkage.lists) > 1
    choice = choose_model(patterns, rules, compared, unique=unique)
    return Trained(
        rules, compared, patterns, choice, keys, records, narrowed(rules, patterns, choice.model)
    )  # fmt: skip


def weights_of(trained: Trained) -> Weights:
    """The model as probabilities of levels, for scoring."""
    levels = [one.count for one in trained.comparisons]
    agree = trained.model.level_shares(trained.patterns.categories, levels)
    chance = [
        by_level(shares, of, many)
        for shares, of, many in zip(trained.model.chance, trained.patterns.categories, levels, strict=True)
    ]
    prior = trained.model.matches / max(trained.patterns.possible, 1.0)
    return Weights(tuple(agree), tuple(chance), min(max(prior, 1e-12), 0.5))


def _rows(lists: Mapping[str, pa.Table], name: str) -> pa.Table:
    if name not in lists:
        raise AssessmentError("list '{name}' was not given; given: {given}", name=name, given=sorted(lists))
    return lists[name]


def _grouped(linkage: Linkage, keys: Mapping[str, pa.Table], trained: Trained, found: Weighed) -> Linked:
    names = sorted(keys)
    every = pa.concat_tables([keys[name].select(["source_dataset", "unique_id"]) for name in names])
    every = every.combine_chunks()
    of_list = trained.records.lists.astype(np.int64)
    left, right, weight = found
    unique = np.array([next(one.unique for one in linkage.lists if one.name == name) for name in names])
    counts = weight >= linkage.threshold
    across = of_list[left] != of_list[right]
    allowed = across | ~unique[of_list[left]]
    if unique.all():
        group = _groups(left, right, weight, of_list, unique, counts & allowed)
    else:
        group = grouped(
            left[allowed], right[allowed], weight[allowed], lists=of_list, unique=unique,
            threshold=linkage.threshold, prior=weights_of(trained).prior,
        )  # fmt: skip
    said = {
        f"{what}_{side}": every.column(column).take(pa.array(numbers))
        for side, numbers in (("l", left), ("r", right))
        for what, column in (("list", "source_dataset"), ("record", "unique_id"))
    }
    inside = np.flatnonzero(counts & ~across)
    inside = inside[telling_bits(trained, pa.table(said).take(pa.array(inside))) >= 0]
    joined, states = _states(group, of_list, left[inside], right[inside], unique)
    probability = _probability(left, right, weight, across & unique[of_list[left]] & unique[of_list[right]])
    pairs = pa.table(
        {**said, "weight": weight, "probability": probability, "taken": joined[left] == joined[right]}
    )
    records = pa.table(
        {
            "list": every.column("source_dataset"),
            "record": every.column("unique_id"),
            "group": joined,
            "state": states,
        }
    )
    return Linked(linkage, pairs, records, trained)


def _probability(
    left: NDArray[np.int64], right: NDArray[np.int64], weight: NDArray[np.float64], competing: NDArray[np.bool_]
) -> NDArray[np.float64]:  # fmt: skip
    """What weights say, pairs of a record competing where it can have one match only."""
    odds = np.exp2(np.clip(weight, -60, 60))
    probability: NDArray[np.float64] = odds / (1 + odds)
    probability[competing] = matching_probabilities(left[competing], right[competing], odds[competing])
    return probability


def _groups(
    left: NDArray[np.int64], right: NDArray[np.int64], weight: NDArray[np.float64], lists: NDArray[np.int64],
    unique: NDArray[np.bool_], which: NDArray[np.bool_],
) -> NDArray[np.int64]:  # fmt: skip
    a, b, w = left[which], right[which], weight[which]
    if len(unique) == 2 and unique.all():
        swap = lists[a] > lists[b]
        a, b = np.where(swap, b, a), np.where(swap, a, b)
        taken = best_pairs(a, b, w)
        made = np.arange(len(lists))
        made[np.maximum(a, b)[taken]] = np.minimum(a, b)[taken]
        return made
    return groups(a, b, w, lists=lists, unique=unique)


def telling_bits(trained: Trained, pairs: pa.Table) -> NDArray[np.float64]:
    """What the telling fields say of each pair, in bits for one event."""
    telling = [at for at, one in enumerate(trained.comparisons) if one.field.telling]
    evidence = np.zeros(len(pairs))
    if not telling or not len(pairs):
        return evidence
    compared, weights = [trained.comparisons[at] for at in telling], weights_of(trained)
    weights = replace(
        weights, agree=tuple(weights.agree[at] for at in telling), chance=tuple(weights.chance[at] for at in telling)
    )  # fmt: skip
    for column in bits(compared, weights, levels(compared, trained.keys, pairs)).columns:
        evidence += column.to_numpy()
    return evidence


def _states(
    group: NDArray[np.int64], lists: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64],
    unique: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], pa.Array]:  # fmt: skip
    """Groups with duplicates in the group of the record that they double, and each record's state.

    matched: shares its group with a record of another list; duplicate: another record of its list says the same and
    took the match, or came first; unmatched: neither.
    """
    size = np.bincount(group, minlength=len(group))
    loose = size[group] == 1
    same = unique[lists[left]] if len(left) else np.zeros(0, bool)
    kept, double = np.where(loose[left], right, left)[same], np.where(loose[left], left, right)[same]
    kept, double = kept[loose[double]], double[loose[double]]
    later = loose[kept]  # neither is matched: the later record doubles the first
    kept, double = (
        np.where(later, np.minimum(kept, double), kept),
        np.where(later, np.maximum(kept, double), double),
    )
    joined = group.copy()
    joined[double] = group[kept]
    state = loose.astype(np.int8)
    state[double] = STATES.index("duplicate")
    return joined, pa.array(STATES).take(pa.array(state))


def even_odds(probability: float) -> float:
    """A probability as bits of odds."""
    return log2(probability / (1 - probability))


def levels_of(trained: Trained, at: int) -> Sequence[str]:
    """The labels of a field's levels, lowest first."""
    return [level.label for level in trained.comparisons[at].levels[::-1]]
