"""Small samples that decide."""

from __future__ import annotations

import numpy as np
from docs.pictures.frame import BLUE, GREEN, GREY, RED, Axes, bar, label, line, picture

from tallymark.statistics import lqas_pass, lqas_rule

RULES = ((10, GREEN), (19, BLUE), (60, RED))


def lqas() -> str:
    """Operating characteristic of three samples for the thresholds 80 % and 50 %."""
    axes = Axes((0.2, 1.0), (0, 1.0), "true coverage of the lot", "passes", (True, True))
    across = np.linspace(0.2, 1, 161)
    content = [
        bar(axes, (0.2, 0.5), (0, 1), "#fff5f5"),
        bar(axes, (0.8, 1.0), (0, 1), "#f0fff4"),
        label(axes, 0.21, 0.94, "bad: should fail", RED),
        label(axes, 0.99, 0.04, "good: should pass", GREEN, anchor="end"),
    ]
    for at, (n, colour) in enumerate(RULES):
        decision, alpha, beta = (float(part) for part in lqas_rule(n, 0.8, 0.5))
        content.append(line(axes, zip(across, lqas_pass(n, decision, across), strict=True), colour))
        words = f"{decision:.0f} of {n}: {100 * alpha:.0f} % of good fail, {100 * beta:.0f} % of bad pass"
        content.append(label(axes, 0.21, 0.8 - 0.07 * at, words, colour))
    content.append(label(axes, 0.65, 0.02, "between", GREY, anchor="middle"))
    return picture(axes, "LQAS: how often a lot passes, by what it really is", content)
