"""People on lists, and those on none."""

from __future__ import annotations

from itertools import product

import numpy as np
from docs.pictures.frame import BLUE, GREY, LIGHT, RED, Axes, bar, dot, label, line, picture

from tallymark.statistics import (
    dependent_population,
    log_linear_interval,
    log_linear_models,
    population_interval,
)

TRUE = 1000


def _births() -> tuple[np.ndarray, np.ndarray]:
    """1,000 births on three lists; who is in the hospital's list is likelier to be registered."""
    rng = np.random.default_rng(5)
    hospital = rng.random(TRUE) < 0.6
    registered = rng.random(TRUE) < np.where(hospital, 0.75, 0.45)
    village = rng.random(TRUE) < 0.5
    lists = np.column_stack([hospital, registered, village])
    patterns = np.array(list(product([0, 1], repeat=3)))[1:].astype(bool)
    return patterns, np.array([(lists == pattern).all(axis=1).sum() for pattern in patterns], dtype=float)


def capture() -> str:
    """Totals of every model of three lists, with profile limits."""
    patterns, counts = _births()
    models = log_linear_models(patterns, counts)[::-1]
    names = [", ".join(model.terms) or "none" for model in models]
    axes = Axes((880, 1180), (-0.6, len(models) - 0.4), "births in all", "dependent lists", y_labels=[name if len(name) < 12 else name.replace(", ", " ") for name in names])  # fmt: skip
    content = [line(axes, [(TRUE, -0.6), (TRUE, len(models) - 0.4)], GREY, dashed=True, width=1)]
    content.append(label(axes, TRUE, len(models) - 0.6, " truth", lift=4))
    best = models[-1].aic
    for row, model in enumerate(models):
        low, high = log_linear_interval(patterns, counts, terms=model.terms)
        colour = BLUE if model.aic < best + 2 else LIGHT
        content.append(line(axes, [(low, row), (min(high, 1180), row)], colour))
        content.append(dot(axes, model.total, row, colour))
        content.append(label(axes, 1178, row, f"AIC + {model.aic - best:.1f}", anchor="end", lift=4))
    return picture(
        axes,
        f"Three lists hold {counts.sum():.0f} births; totals by model, those within 2 of the best in blue",
        content,
    )


def dependence() -> str:
    """What two of the lists alone can say."""
    patterns, counts = _births()
    n1, n2 = (counts[patterns[:, at]].sum() for at in (0, 1))
    both = counts[patterns[:, 0] & patterns[:, 1]].sum()
    odds = np.geomspace(0.25, 4, 60)
    total, se = dependent_population(n1, n2, both, odds_ratio=odds)
    low, high = population_interval(total, se, n1 + n2 - both)
    axes = Axes((-2, 2), (750, 1100), "dependence: log₂ of the odds ratio", "births in all")
    logs = np.log2(odds)
    content = [
        bar(axes, (a, b), (lo, hi), "#ebf4ff")
        for a, b, lo, hi in zip(logs, logs[1:], low, high, strict=False)
    ]
    content += [
        line(axes, zip(logs, part, strict=True), colour)
        for part, colour in ((total, BLUE), (low, LIGHT), (high, LIGHT))
    ]
    content += [
        line(axes, [(-2, TRUE), (2, TRUE)], GREY, dashed=True, width=1),
        label(axes, -1.95, TRUE, "truth", lift=4),
        dot(axes, 0, float(total[np.abs(logs).argmin()]), RED),
        label(axes, 0.05, float(total[np.abs(logs).argmin()]), "if independent", RED, lift=-14),
    ]
    return picture(axes, "Two lists can't tell: the total depends on a dependence nobody sees", content)
