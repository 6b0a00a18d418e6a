"""Coverage by simulation: standardised rates, life expectancy, proportions of clustered samples."""

from __future__ import annotations

import numpy as np

from bench.coverage import Section, percent, section
from tallymark.statistics import (
    directly_standardised_rate,
    life_expectancy,
    proportion_interval,
    survey_proportion,
)

TIMES = 20_000
AGES = 19


@section
def standardised_rates() -> Section:
    rows = []
    # A young place: a hundred times fewer people at the top than at the bottom, all ages alike in the standard.
    people, standard = 1_000 * np.geomspace(1.0, 0.01, AGES), np.full(AGES, 1_000.0)
    for what, risk in (
        ("rises with age", np.geomspace(0.0001, 0.05, AGES)),
        ("the same at all ages", np.full(AGES, 0.01)),
    ):
        for total in (3, 10, 30, 100, 300):
            true = risk * total / (risk * people).sum()
            target = (true * standard).sum() / standard.sum()
            events = np.random.default_rng(total).poisson(true * people, (TIMES, AGES))
            for name, (low, high) in _limits(events, people, standard).items():
                above, below = (high < target).mean(), (low > target).mean()
                held = percent(1 - above - below)
                rows.append([what, str(total), name, held, percent(above), percent(below)])
    return Section(
        "Directly standardised rates",
        f"{TIMES:,} simulated areas each, 19 ages, a young population against a standard with as many old as young "
        "people: one event among the few old weighs a hundred times as much as one among the young. Where such events "
        "are rare they are mostly missed, and Dobson's limits, which know only the events that were seen, are too low; "
        "Fay and Feuer's allow for the heaviest weight and are never too narrow. Prefer `fay-feuer` where weights are "
        "uneven and events few; where risk rises with age, as deaths do, `dobson` holds from some 30 events on. Exact and Byar's limits of "
        "the count make no difference that could be seen.",
        ("risk", "expected events", "method", "coverage %", "truth above %", "truth below %"),
        rows,
    )


def _limits(
    events: np.ndarray, people: np.ndarray, standard: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Limits of each method, and the textbook's."""
    rate, low, high = directly_standardised_rate(events, people, standard)
    spread = 1.96 * np.sqrt(((standard / standard.sum() / people) ** 2 * events).sum(axis=1))
    return {
        "`dobson`": (low, high),
        "`dobson`, exact counts": directly_standardised_rate(events, people, standard, counts="exact")[1:],
        "`fay-feuer`": directly_standardised_rate(events, people, standard, method="fay-feuer")[1:],
        "textbook (normal)": (rate - spread, rate + spread),
    }


@section
def life_expectancies() -> Section:
    rows = []
    ages = np.array([0, 1, *range(5, 91, 5)], dtype=float)
    risk = np.array([4e-3, 2e-4, 1e-4, 1e-4, *np.geomspace(3e-4, 0.2, 16)])
    shares = np.array([0.01, 0.045, *np.linspace(0.065, 0.01, 18)])
    shares /= shares.sum()
    for size in (2_000, 5_000, 20_000, 100_000):
        people = shares * size
        truth = _true_expectancy(risk, ages)
        deaths = np.random.default_rng(size).poisson(risk * people, (TIMES // 4, len(ages)))
        value, low, high = (each[:, 0] for each in life_expectancy(np.minimum(deaths, people), people))
        known = ~np.isnan(value)
        held = ((low <= truth) & (truth <= high))[known].mean()
        rows.append([f"{size:,}", percent(held), percent(known.mean()), f"{(high - low)[known].mean():.1f}"])
    return Section(
        "Life expectancy at birth",
        f"{TIMES // 4:,} simulated areas each. None can be computed where nobody died in the open group; below some "
        "5,000 people limits are so wide (eight years and more) that it should not be published.",
        ("people", "coverage %", "could be computed %", "mean width, years"),
        rows,
    )


def _true_expectancy(risk: np.ndarray, ages: np.ndarray) -> float:
    """What the life table gives for the true risks: that of a very large place."""
    people = np.full(len(ages), 1e12)
    return float(life_expectancy(risk * people, people)[0][0])


@section
def clustered_samples() -> Section:
    rows = []
    rng = np.random.default_rng(9)
    clusters, size, times = 30, 20, 1_000
    for share in (0.02, 0.1, 0.5, 0.9):
        for sameness in (0.01, 0.1):
            more = (1 - sameness) / sameness
            held = {"`logit`": 0.0, "`korn-graubard`": 0.0, "ignoring clusters (Wilson)": 0.0}
            for _ in range(times):
                risk = rng.beta(share * more, (1 - share) * more, clusters)
                y = (rng.random((clusters, size)) < risk[:, None]).ravel().astype(float)
                for name in held:
                    held[name] += _holds(name, y, np.repeat(np.arange(clusters), size), share)
            rows += [[f"{share:g}", f"{sameness:g}", name, percent(n / times)] for name, n in held.items()]
    return Section(
        "Proportions of clustered samples",
        f"{times:,} simulated samples each of {clusters} clusters × {size}; sameness is the correlation within a cluster. "
        "An interval that ignores clusters says more than is known. Korn and Graubard's limits hold best where the thing is rare; with it rare and alike within clusters, none quite does.",
        ("true proportion", "sameness", "method", "coverage %"),
        rows,
    )


def _holds(name: str, y: np.ndarray, clusters: np.ndarray, truth: float) -> float:
    if name.startswith("ignoring"):
        low, high = proportion_interval(y.sum(), y.size)
    elif name == "`logit`" and not 0 < y.sum() < y.size:
        return 0.0  # it has none: not held
    else:
        _, low, high = survey_proportion(y, np.ones(y.size), method=name.strip("`"), clusters=clusters)
    return float(low <= truth <= high)
