"""How many events there are in all, from two lists and what their linkage gets wrong.

Two lists that hold n₁ and n₂ events, m of them both, point to n₁n₂/m events (Lincoln–Petersen). Matches that the
linkage misses make m too small and the total too large; false ones the other way. Here m is the number of matches that
the model of the linkage expects: those compared, whether or not they weigh enough to be taken, and those that no rule
brought together. The interval has three parts: chance in which events a list holds, what of the compared pairs is a
match, and what was lost to blocking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log, sqrt

import numpy as np
import pyarrow.compute as pc
from scipy import special

from tallymark.errors import AssessmentError
from tallymark.verify.linkage.link import Linked, Trained
from tallymark.verify.linkage.lost import lost_combinations
from tallymark.verify.linkage.model import Counts, Guess, Model, maximised

RESAMPLES = 25
STEPS = 40
WORST = 0.02
"""A share of matches lost to blocking beyond this rests on the model: how errors fall where nobody has looked."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """Events in all, and the share of them that each list holds."""

    sizes: tuple[int, int]
    """Events on each list, duplicates taken out."""
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
    known: bool
    """False where more is lost than the lists can vouch for; a check sample linked by hand would settle it."""

    @property
    def coverage(self) -> tuple[float, float]:
        """Share of all events that each list holds."""
        return self.sizes[0] / self.total, self.sizes[1] / self.total


def completeness(linked: Linked, *, level: float = 0.95, seed: int = 0) -> Completeness:
    """Completeness of two lists. level: of the interval, on the log scale.

    Assumes that a birth's chance to be on one list does not depend on its being on the other; two lists cannot test it.
    Errors: AssessmentError when there are not two lists, or nothing on both.
    """
    names = sorted(linked.trained.keys)
    if len(names) != 2:
        raise AssessmentError(
            "completeness is estimated from two lists at a time; this linkage has {many}", many=len(names)
        )
    sizes = [_events(linked, name) for name in names]
    naive_both = _both(linked)
    if not naive_both:
        raise AssessmentError("no event is on both lists: how many there are in all cannot be estimated")
    model = linked.trained.model
    both = min(model.matches / linked.trained.patterns.share**2, float(min(sizes)))
    total = sizes[0] * sizes[1] / both
    missed = (sizes[0] - both) * (sizes[1] - both)
    sampling = sqrt(max(missed, 0.0) / (sizes[0] * sizes[1] * both))
    linkage, blocking = _spread(linked.trained, seed)
    half = special.ndtri((1 + level) / 2) * sqrt(sampling**2 + linkage**2 + blocking**2)
    lost = 1 - model.share_caught
    least = float(max(sizes))
    return Completeness(
        (sizes[0], sizes[1]), naive_both, both, sizes[0] * sizes[1] / naive_both, total,
        max(total * exp(-half), least), total * exp(half), sampling, linkage, blocking, lost, lost <= WORST,
    )  # fmt: skip


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
    model = trained.model
    guess = Guess(model.classes, [list(of) for of in model.agree], model.mixing)
    seen, caught = [], []
    for _ in range(RESAMPLES):
        counts = _again(model.counts, draw)
        again = maximised(trained.patterns, lost, counts, guess, steps=STEPS)
        # How many matches there are is chance in what lists hold, and counted under sampling.
        seen.append(log(again.seen / _drawn(model, counts)))
        caught.append(log(again.share_caught))
    return float(np.std(seen)), float(np.hypot(np.std(caught), _apart(trained, model)))


def _drawn(model: Model, counts: Counts) -> float:
    """Matches that the same model would see among pairs drawn again."""
    odds = model.mixing * model.of_match
    posterior = odds / (odds + (1 - model.mixing) * model.of_match / np.exp2(model.weight))
    return float(counts.match.sum() + counts.open @ posterior)


def _apart(trained: Trained, model: Model) -> float:
    """Half the difference to a model in which errors fall on all records alike: how they sit is a guess."""
    return abs(log(model.matches) - log(trained.plain.matches)) / 2 if trained.clustered else 0.0


def _again(counts: Counts, draw: np.random.Generator) -> Counts:
    times = np.where(counts.open > 0, draw.poisson(counts.open) / np.maximum(counts.open, 1.0), 0.0)
    return replace(
        counts, match=draw.poisson(counts.match).astype(float), open=counts.open * times, times=times
    )
