"""Coverage by enumeration: proportions, counts, differences of proportions, ratios of counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from bench.coverage import Section, percent, section
from tallymark.statistics import (
    count_ratio,
    difference_interval,
    poisson_interval,
    proportion_interval,
)

Z = 1.959963984540054
SHARES = np.arange(1, 200) / 200
"""True proportions looked at: 0.005 to 0.995."""
Limits = tuple[np.ndarray, np.ndarray]


def wald(x: np.ndarray, n: np.ndarray | float) -> Limits:
    """The textbook's interval of a proportion, which no one should use at small n."""
    p = x / n
    half = Z * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


PROPORTIONS: dict[str, Callable[[np.ndarray, float], Limits]] = {
    "`wilson`": proportion_interval,
    "`clopper-pearson`": lambda x, n: proportion_interval(x, n, method="clopper-pearson"),
    "`jeffreys`": lambda x, n: proportion_interval(x, n, method="jeffreys"),
    "textbook (Wald)": wald,
}


@section
def proportions() -> Section:
    rows = []
    for n in (5, 10, 20, 50, 100, 500):
        x = np.arange(n + 1.0)
        chance = stats.binom.pmf(x, n, SHARES[:, None])
        for name, method in PROPORTIONS.items():
            low, high = method(x, n)
            held = (chance * ((low <= SHARES[:, None]) & (SHARES[:, None] <= high))).sum(axis=1)
            width = (chance * (high - low)).sum(axis=1).mean()
            rows.append([str(n), name, percent(held.mean()), percent(held.min()), f"{width:.3f}"])
    return Section(
        "Proportions",
        "Binomial, by enumeration of all outcomes, true proportions 0.005, 0.010 … 0.995. Wilson holds 95 % on average "
        "whatever n is; Clopper–Pearson never falls below 95 % and pays in width; Jeffreys is as "
        "good on average and misses a few true values near 0 and 1; the textbook's interval, near 0 and 1, hardly ever holds the truth.",
        ("n", "method", "mean coverage %", "least %", "mean width"),
        rows,
    )


@section
def counts() -> Section:
    rows = []
    for first, last in ((0.5, 2), (2, 5), (5, 10), (10, 20), (20, 50), (50, 200)):
        means = np.linspace(first, last, 200)
        x = np.arange(400.0)
        chance = stats.poisson.pmf(x, means[:, None])
        ways = {
            "`exact`": poisson_interval(x),
            "`byar`": poisson_interval(x, method="byar"),
            "textbook (x ± 1.96 √x)": (x - Z * np.sqrt(x), x + Z * np.sqrt(x)),
        }
        for name, (low, high) in ways.items():
            held = (chance * ((low <= means[:, None]) & (means[:, None] <= high))).sum(axis=1)
            width = (chance * (high - low)).sum(axis=1).mean()
            rows.append(
                [f"{first:g}–{last:g}", name, percent(held.mean()), percent(held.min()), f"{width:.2f}"]
            )
    return Section(
        "Counts and rates",
        "Poisson, by enumeration, 200 true means in each range. The exact interval never falls below 95 %. Byar's is "
        "as good; there is no reason to change from one to the other at ten events.",
        ("true mean", "method", "mean coverage %", "least %", "mean width"),
        rows,
    )


@section
def differences() -> Section:
    rows = []
    truths = np.arange(1, 40) / 40
    for n, m in ((10, 10), (20, 20), (50, 50), (50, 10)):
        x, y = np.arange(n + 1.0)[:, None], np.arange(m + 1.0)
        first, second = (x / n, *proportion_interval(x, n)), (y / m, *proportion_interval(y, m))
        spread = Z * np.sqrt(x / n * (1 - x / n) / n + y / m * (1 - y / m) / m)
        ways = {
            "`difference_interval` of Wilson's": difference_interval(first, second)[1:],
            "textbook (Wald)": (x / n - y / m - spread, x / n - y / m + spread),
        }
        left = stats.binom.pmf(np.arange(n + 1), n, truths[:, None])
        right = stats.binom.pmf(np.arange(m + 1), m, truths[:, None])
        for name, (low, high) in ways.items():
            held = np.array(
                [
                    [
                        (a[:, None] * b * ((low <= p - q) & (p - q <= high))).sum()
                        for q, b in zip(truths, right, strict=True)
                    ]
                    for p, a in zip(truths, left, strict=True)
                ]
            )
            rows.append([f"{n}, {m}", name, percent(held.mean()), percent(held.min())])
    return Section(
        "Differences of two proportions",
        "By enumeration, all pairs of true proportions 0.025, 0.050 … 0.975. From Wilson's limits `difference_interval` is Newcombe's.",
        ("n of each", "method", "mean coverage %", "least %"),
        rows,
    )


@section
def ratios() -> Section:
    rows = []
    for mean in (3.0, 10.0, 50.0, 200.0):
        held: dict[str, list[float]] = {}
        for truth in (0.5, 1.0, 1.07, 2.0):
            x = np.arange(stats.poisson.ppf(1 - 1e-9, mean * truth) + 1)[:, None]
            y = np.arange(stats.poisson.ppf(1 - 1e-9, mean) + 1)
            chance = stats.poisson.pmf(x, mean * truth) * stats.poisson.pmf(y, mean)
            chance[0, 0] = 0.0  # nothing seen, nothing said
            for method in ("wilson", "exact", "jeffreys"):
                _, low, high = count_ratio(x, y, method=method)
                inside = (low <= truth) & (truth <= high)
                held.setdefault(f"`{method}`", []).append(float((chance * inside).sum() / chance.sum()))
        rows += [
            [f"{mean:g}", name, percent(float(np.mean(each))), percent(min(each))]
            for name, each in held.items()
        ]
    return Section(
        "Ratios of two counts, and the sex ratio",
        "Two Poisson counts, by enumeration, true ratios 0.5, 1, 1.07 and 2, given that anything was seen. `sex_ratio` "
        "is `wilson`.",
        ("mean of the second", "method", "mean coverage %", "least %"),
        rows,
    )
