"""How many events there are in all, from two lists and what their linkage gets wrong.

Two lists that hold n₁ and n₂ events, m of them both, point to n₁n₂/m events (Lincoln–Petersen). Matches that the
linkage misses make m too small and the total too large; false ones the other way. Here m is the number of matches that
the model of the linkage expects: those compared, whether or not they weigh enough to be taken, and those that no rule
brought together. The interval has three parts: chance in which events a list holds, what of the compared pairs is a
match, and what was lost to blocking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, log, sqrt
from typing import Literal

import numpy as np
import pyarrow.compute as pc
from scipy import special

from tallymark.errors import AssessmentError
from tallymark.verify.linkage.check import Check
from tallymark.verify.linkage.doubles import Doubles, doubles
from tallymark.verify.linkage.link import Linked, Trained
from tallymark.verify.linkage.lost import lost_combinations
from tallymark.verify.linkage.model import CLEARLY, guess_of, maximised
from tallymark.verify.linkage.settled import Counts

RESAMPLES = 25
STEPS = 40
WORST = 0.02
"""A share of matches lost to blocking beyond this rests on the model: how errors fall where nobody has looked. So does
the total where models that place errors otherwise differ by more."""
DOUBT = 0.25
"""Standard error of the share lost, as a part of it: on simulated lists whose errors sat together in other ways than
any of the models has it, the share lost was off by so much (docs/linkage.md)."""
Doubt = Literal["lost", "chance", "models"]


@dataclass(frozen=True, slots=True)
class Completeness:
    """Events in all, and the share of them that each list holds."""

    counted: tuple[int, int]
    """Events on each list, records taken out that the linkage calls duplicates."""
    sizes: tuple[float, float]
    """Events on each list, as many double entries taken out as are expected (`doubles`)."""
    naive_both: int
    """Events that the linkage put together."""
    both: float
    """Events on both lists, as the model expects."""
    naive: float
    """n₁n₂/m with the pairs put together."""
    total: float
    low: float
    high: float
    sampling: float
    """Standard error of log(total) from which events lists hold (Chapman 1951); linkage; blocking: the other parts."""
    linkage: float
    blocking: float
    lost: float
    """Share of the events on both lists that no rule brought together."""
    doubt: Doubt | None
    """Why the lists cannot vouch for the total, if they cannot; a check sample linked by hand would settle it.

    lost: more matches than `WORST` are thought lost; chance: bad matches cannot be told from chance; models: the total
    depends by more than `WORST` on how errors are thought to sit.
    """

    @property
    def known(self) -> bool:
        """Whether the lists can vouch for the total."""
        return self.doubt is None

    @property
    def coverage(self) -> tuple[float, float]:
        """Share of all events that each list holds."""
        return self.sizes[0] / self.total, self.sizes[1] / self.total


@dataclass(frozen=True, slots=True)
class _Overlap:
    """Events on both lists, double entries of each, and the standard errors of log(both): linkage, blocking."""

    both: float
    double: Mapping[str, Doubles]
    linkage: float
    blocking: float


def completeness(
    linked: Linked, *, level: float = 0.95, seed: int = 0, check: Check | None = None
) -> Completeness:
    """Completeness of two lists. level: of the interval, on the log scale. check: a check sample linked by hand.

    Assumes that a birth's chance to be on one list does not depend on its being on the other; two lists cannot test it.
    With a check sample, what the lists have in common rests on it and on the pairs put together, not on the model.
    Errors: AssessmentError when there are not two lists, or nothing on both.
    """
    names = sorted(linked.trained.keys)
    if len(names) != 2:
        raise AssessmentError(
            "completeness is estimated from two lists at a time; this linkage has {many}", many=len(names)
        )
    counted = [_events(linked, name) for name in names]
    naive_both = _both(linked)
    if not naive_both:
        raise AssessmentError("no event is on both lists: how many there are in all cannot be estimated")
    found = _modelled(linked, naive_both, seed) if check is None else _checked(linked, naive_both, check)
    sizes = [_records(linked, name) - found.double[name].expected for name in names]
    both = min(found.both, *sizes)
    total = sizes[0] * sizes[1] / both
    missed = (sizes[0] - both) * (sizes[1] - both)
    sampling = sqrt(max(missed, 0.0) / (sizes[0] * sizes[1] * both))
    double = sum(found.double[name].variance / size**2 for name, size in zip(names, sizes, strict=True))
    linkage = sqrt(found.linkage**2 + double)
    half = special.ndtri((1 + level) / 2) * sqrt(sampling**2 + linkage**2 + found.blocking**2)
    return Completeness(
        (counted[0], counted[1]), (sizes[0], sizes[1]), naive_both, both, counted[0] * counted[1] / naive_both, total,
        max(total * exp(-half), *sizes), total * exp(half), sampling, linkage, found.blocking,
        linked.trained.lost, _doubt(linked.trained) if check is None else None,
    )  # fmt: skip


def _modelled(linked: Linked, naive_both: int, seed: int) -> _Overlap:
    """As the model has it."""
    both = linked.trained.model.matches / linked.trained.patterns.share
    taken = min(naive_both / both, 1.0)
    double = {name: doubles(linked, name, found=taken) for name in linked.trained.keys}
    return _Overlap(both, double, *_spread(linked.trained, seed))


def _checked(linked: Linked, naive_both: int, check: Check) -> _Overlap:
    """As people found it among the unmatched, and as weights have it among the pairs put together."""
    taken = linked.pairs.filter(
        pc.and_(
            linked.pairs.column("taken"),
            pc.not_equal(linked.pairs.column("list_l"), linked.pairs.column("list_r")),
        )
    )
    # What each pair weighs by itself: of twins alike in all that is written each pair is doubtful, both births are not.
    odds = np.exp2(np.clip(taken.column("weight").to_numpy(), -60, 60))
    wrong = naive_both * float((1 / (1 + odds)).mean())
    # A record put together with a wrong one may be on the other list all the same, as any of its list (often as a twin).
    misplaced = min(wrong / max(_events(linked, check.name), 1), 0.5)
    both = (naive_both - wrong + check.unmatched * check.share_missed) / (1 - misplaced)
    double = {name: doubles(linked, name, found=naive_both / both) for name in linked.trained.keys}
    known = _records(linked, check.name) - _events(linked, check.name)
    share = check.share_doubled
    double[check.name] = Doubles(
        known + check.unmatched * share, check.unmatched**2 * share * (1 - share) / check.looked_for
    )
    return _Overlap(both, double, sqrt(check.variance) / both, 0.0)


def _doubt(trained: Trained) -> Doubt | None:
    if trained.lost > WORST:
        return "lost"
    if trained.choice.doubtful:
        return "chance"
    return "models" if 2 * _apart(trained) > WORST else None


def _records(linked: Linked, name: str) -> int:
    return int(pc.sum(pc.equal(linked.records.column("list"), name)).as_py() or 0)


def _events(linked: Linked, name: str) -> int:
    mine = linked.records.filter(pc.equal(linked.records.column("list"), name))
    return len(mine) - int(pc.sum(pc.equal(mine.column("state"), "duplicate")).as_py() or 0)


def _both(linked: Linked) -> int:
    kept = linked.records.filter(pc.equal(linked.records.column("state"), "matched"))
    counted = kept.group_by("group").aggregate([("list", "count_distinct")])
    return int(pc.sum(pc.greater(counted.column("list_count_distinct"), 1)).as_py() or 0)


def _spread(trained: Trained, seed: int) -> tuple[float, float]:
    """Standard errors of log(matches seen ÷ matches settled) and of log(share caught), by drawing the pairs again."""
    draw = np.random.default_rng([seed, 3])
    lost = lost_combinations(trained.patterns, trained.rules)
    model, guess = trained.model, guess_of(trained.model)
    seen, caught = [], []
    for _ in range(RESAMPLES):
        counts = _again(model.counts, draw)
        again = maximised(trained.patterns, lost, counts, guess, steps=STEPS, none=model.none)
        # How many matches there are is chance in what lists hold, and counted under sampling.
        seen.append(log(again.seen / model.expected(counts)))
        caught.append(log(again.share_caught))
    shape = DOUBT * (1 - model.share_caught)
    return float(np.std(seen)), float(np.sqrt(np.var(caught) + _apart(trained) ** 2 + shape**2))


def _apart(trained: Trained) -> float:
    """Half of what models differ by that place errors otherwise; one decisively worse than the simplest has no say."""
    choice = trained.choice
    one, other = (choice.mixed, choice.records) if choice.clustered else (choice.plain, choice.mixed)
    if not choice.clustered and other.bic - one.bic > CLEARLY:
        return 0.0
    return abs(log(one.matches) - log(other.matches)) / 2


def _again(counts: Counts, draw: np.random.Generator) -> Counts:
    times = np.where(counts.open > 0, draw.poisson(counts.open) / np.maximum(counts.open, 1.0), 0.0)
    return replace(
        counts, match=draw.poisson(counts.match).astype(float), open=counts.open * times, times=times
    )
