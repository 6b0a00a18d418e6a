"""Units with their noise: intervals, funnels, ranks, shrinkage."""

from __future__ import annotations

import numpy as np
from docs.pictures.frame import BLUE, GREEN, GREY, LIGHT, RED, Axes, bar, dot, label, line, picture

from tallymark.statistics import (
    eb_binomial,
    funnel_limits,
    funnel_position,
    proportion_interval,
    rank_sets,
)

METHODS = {"wilson": BLUE, "jeffreys": GREEN, "clopper-pearson": RED}


def intervals() -> str:
    """What 80 % means, by how many it was counted from."""
    sizes = [5, 10, 20, 50, 100, 200, 500, 1000]
    axes = Axes((0.2, 1.0), (-0.6, len(sizes) - 0.4), "coverage", "seen", (True, False), y_labels=[f"{int(0.8 * n)}/{n}" for n in sizes])  # fmt: skip
    content = [line(axes, [(0.8, -0.6), (0.8, len(sizes) - 0.4)], LIGHT, dashed=True, width=1)]
    for row, n in enumerate(sizes):
        for at, (method, colour) in enumerate(METHODS.items()):
            low, high = (float(side) for side in proportion_interval(0.8 * n, n, method=method))
            place = row + 0.22 * (1 - at)
            content += [
                line(axes, [(low, place), (high, place)], colour),
                dot(axes, 0.8, place, colour, radius=2.5),
            ]
    for at, (method, colour) in enumerate(METHODS.items()):
        content.append(label(axes, 0.22, len(sizes) - 1 - 0.5 * at, method, colour))
    return picture(axes, "The same 80 %, counted from 5 to 1,000: 95 % intervals", content)


def _places() -> tuple[np.ndarray, np.ndarray]:
    """Sixty offices, fifty-six of them truly at 80 %."""
    rng = np.random.default_rng(7)
    n = np.sort(np.round(np.exp(rng.uniform(np.log(15), np.log(900), 60))))
    true = np.full(60, 0.8)
    true[[12, 30, 45, 55]] = 0.5, 0.93, 0.7, 0.87
    return rng.binomial(n.astype(int), true).astype(float), n


def funnel() -> str:
    """Which of sixty offices differ from the rest by more than chance."""
    x, n = _places()
    target = x.sum() / n.sum()
    axes = Axes((0, 920), (0.4, 1.0), "people counted", "coverage", (False, True))
    across = np.linspace(12, 920, 120)
    content = [line(axes, [(0, target), (920, target)], GREY, width=1)]
    for level, dashed in ((0.95, True), (0.998, False)):
        for side in funnel_limits(across, target, kind="proportion", level=level):
            inside = np.isfinite(side) & (side >= 0.4) & (side <= 1)
            content.append(
                line(axes, zip(across[inside], side[inside], strict=True), LIGHT, dashed=dashed, width=1.5)
            )
    position = np.abs(funnel_position(x, n, target))
    colours = {0: BLUE, 1: GREY, 2: RED}
    content += [
        dot(axes, size, share, colours[int(beyond)])
        for size, share, beyond in zip(n, x / n, position, strict=True)
    ]
    content.append(label(axes, 910, target, "all together", anchor="end", lift=5))
    return picture(
        axes,
        f"Funnel: of 60 offices, {int((position == 2).sum())} lie outside the 99.8 % limits (red)",
        content,
    )


def ranks() -> str:
    """Thirty offices in order, and how far each may really stand."""
    rng = np.random.default_rng(9)
    n = rng.integers(150, 900, 30)
    share = (rng.binomial(n, np.linspace(0.6, 0.95, 30)) + 1) / (n + 2)
    se = np.sqrt(share * (1 - share) / n)
    low, high = rank_sets(share, se, seed=1)
    order = np.argsort(-share)
    axes = Axes(
        (0.5, 30.5),
        (-0.8, 29.8),
        "rank (1 = best)",
        "office",
        y_labels=[str(30 - at) for at in range(30)],
        height=470,
    )
    content = []
    for at, unit in enumerate(order):
        row = 29 - at
        apart = low[unit] > 15 or high[unit] < 16
        content.append(
            bar(axes, (low[unit] - 0.4, high[unit] + 0.4), (row - 0.28, row + 0.28), BLUE if apart else LIGHT)
        )
        content.append(dot(axes, at + 1, row, RED, radius=3))
    return picture(axes, "Ranks told (dots), ranks not ruled out (bars; blue: surely in one half)", content)


def shrinkage() -> str:
    """Raw shares of small offices drawn towards all."""
    x, n = (part[::3] for part in _places())
    shrunk, _ = eb_binomial(x, n)
    axes = Axes((0.45, 1.0), (0, 1), "coverage", "", (True, False), height=240, y_labels=["drawn in", "raw"])
    content = []
    for raw, drawn, size in zip(x / n, np.asarray(shrunk), n, strict=True):
        content.append(line(axes, [(raw, 1), (drawn, 0)], LIGHT, width=1))
        content += [
            dot(axes, raw, 1, RED, radius=1.5 + size**0.5 / 6),
            dot(axes, drawn, 0, BLUE, radius=1.5 + size**0.5 / 6),
        ]
    return picture(
        axes, "Shrinkage: the fewer were counted (small dots), the more a share is drawn in", content
    )
