"""Figures that give themselves away."""

from __future__ import annotations

import numpy as np
from docs.pictures.frame import BLUE, GREY, LIGHT, RED, Axes, bar, dot, label, line, picture

from tallymark.statistics import count_surprises, myers, terminal_digits, whipple


def heaping() -> str:
    """People by single year of age, a third of them rounding."""
    rng = np.random.default_rng(2)
    ages = np.arange(91)
    honest = rng.poisson(900 * np.exp(-ages / 45))
    told = honest.astype(float)
    rounding = rng.binomial(honest, np.where(ages >= 10, 0.33, 0.0))
    np.subtract.at(told, ages, rounding)
    np.add.at(told, np.clip(np.round(ages / 5).astype(int) * 5, 0, 90), rounding)
    axes = Axes((0, 91), (0, 1800), "age", "people")
    content = [
        bar(axes, (age + 0.15, age + 0.85), (0, told[age]), RED if age % 5 == 0 else LIGHT) for age in ages
    ]
    content.append(line(axes, zip(ages + 0.5, honest, strict=True), BLUE))
    for at, (words, people, colour) in enumerate((("as it is", honest, BLUE), ("as told", told, RED))):
        index = f"{words}: Whipple {whipple(people):.2f}, Myers {myers(people):.1f}"
        content.append(label(axes, 89, 1650 - 130 * at, index, colour, anchor="end"))
    return picture(axes, "A third of people round their age to 0 or 5", content)


def digits() -> str:
    """Last digits of 400 monthly counts, a tenth rounded."""
    counts = np.random.default_rng(3).poisson(np.exp(np.random.default_rng(4).uniform(5, 7, 400)))
    rounded = np.where(np.arange(400) % 7 == 0, counts // 10 * 10, counts)
    axes = Axes((-0.5, 9.5), (0, 0.3), "last digit", "share", (False, True), height=300)
    content = []
    for at, (values, colour) in enumerate(((counts, BLUE), (rounded, RED))):
        found = terminal_digits(values)
        content += [
            bar(axes, (d - 0.4 + 0.4 * at, d + 0.4 * at), (0, share), colour)
            for d, share in enumerate(found.shares)
        ]
        p = f"p = {found.p:.2f}" if found.p > 0.001 else "p < 0.001"
        words = f"{'one in seven rounded' if at else 'honest'}: {p}, V = {found.cramers_v:.2f}"
        content.append(label(axes, 9.4, 0.27 - 0.025 * at, words, colour, anchor="end"))
    content.append(line(axes, [(-0.5, 0.1), (9.5, 0.1)], GREY, dashed=True, width=1))
    return picture(axes, "Last digits of 400 counts", content)


def surprises() -> str:
    """Two years of small monthly counts with two slips."""
    counts = np.random.default_rng(11).poisson(6, 24).astype(float)
    counts[9], counts[17] = 58, 0
    found = count_surprises(counts)
    p = 2 * np.minimum(found.p_low, found.p_high)
    axes = Axes((0.5, 24.5), (0, 65), "month", "reported", height=300)
    content = [line(axes, zip(range(1, 25), found.expected, strict=True), LIGHT, dashed=True)]
    for at, (count, chance) in enumerate(zip(counts, p, strict=True)):
        content.append(dot(axes, at + 1, count, RED if chance < 0.01 else BLUE))
        if chance < 0.01:
            told = f"p = {chance:.3f}" if chance > 1e-4 else "p < 0.0001"
            content.append(label(axes, at + 1.4, count, told, RED, lift=-2))
    return picture(axes, "A digit too many in month 10; the 0 of month 18 may be chance", content)
