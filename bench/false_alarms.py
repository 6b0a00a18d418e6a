"""How often tests of data quality alarm about honest figures, and how often they find planted faults.

Run: python -m bench.false_alarms — simulates (under a minute) and writes the table into docs/methods/data-quality.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tallymark.statistics import (
    benford,
    bunching,
    bunching_of_shares,
    copied_rows,
    count_dispersion,
    count_surprises,
    generalised_esd,
    longest_runs,
    modified_z,
    pooled_dispersion,
    robust_z,
    series_outliers,
    share_dispersion,
    terminal_digits,
)

PAGE = Path(__file__).parent.parent / "docs" / "methods" / "data-quality.md"
START, END = "<!-- false alarms: python -m bench.false_alarms -->", "<!-- end of false alarms -->"
Array = NDArray[np.float64]


class Row(NamedTuple):
    """One line: what is honest, what alarms, how often (share of what is judged), what is planted, how often found."""

    test: str
    honest: str
    alarm: str
    per: str
    alarms: float
    planted: str
    found: float


def rows(seed: int = 1) -> list[Row]:
    """Every test on honest and on spoilt figures."""
    rng = np.random.default_rng(seed)
    return [row for study in STUDIES for row in study(rng)]


def _counts(rng: np.random.Generator, series: int, months: int, mean: float, extra: float) -> Array:
    """Monthly counts of like units: Poisson, over-dispersed by `extra` (variance = mean + extra × mean²)."""
    lively = rng.gamma(1 / extra, extra, (series, months)) if extra else 1.0
    return rng.poisson(mean * lively * np.ones((series, months))).astype(np.float64)


def _outliers(rng: np.random.Generator) -> Iterator[Row]:
    """A month typed with a digit too many, in a year of monthly counts."""
    tests: dict[str, tuple[str, Callable[[Array], Array]]] = {
        "modified z": ("size > 3.5", lambda y: np.abs(modified_z(y)) > 3.5),
        "robust z, least spread √median": (
            "size > 5",
            lambda y: (
                np.abs(robust_z(y, least=np.sqrt(np.maximum(np.median(y, axis=-1, keepdims=True), 1)))) > 5
            ),
        ),
        "generalised ESD, up to 2": ("alpha 0.01", lambda y: generalised_esd(y, 2, alpha=0.01)),
        "count surprise, own dispersion": ("p < 0.0001", lambda y: _surprising(y, None)),
        "count surprise, pooled dispersion": ("p < 0.0001", lambda y: _surprising(y, pooled_dispersion(y))),
    }
    for mean, extra, words in ((2.0, 0.0, "mean 2, Poisson"), (40.0, 0.1, "mean 40, over-dispersed 0.1")):
        y = _counts(rng, 2000, 12, mean, extra)
        spoilt = y.copy()
        some = (np.arange(len(y)) % 20 == 0) & (y[:, 7] > 0)
        spoilt[some, 7] = spoilt[some, 7] * 10 + rng.integers(0, 10, some.sum())
        for name, (alarm, test) in tests.items():
            yield Row(
                name, f"12 months, {words}", alarm, "values",
                float(test(y).mean()), "a digit too many in 1 unit of 20", float(test(spoilt)[some, 7].mean()),
            )  # fmt: skip


def _surprising(y: Array, dispersion: float | None) -> Array:
    found = count_surprises(y, dispersion=dispersion)
    return 2 * np.minimum(found.p_low, found.p_high) < 1e-4


def _series(rng: np.random.Generator) -> Iterator[Row]:
    """Five years with season and trend."""
    month = np.arange(60)
    shape = 100 * (1 + 0.3 * np.sin(month * np.pi / 6)) * 1.005**month
    y = rng.poisson(shape, (150, 60)).astype(np.float64)
    spoilt = y.copy()
    spoilt[:, 33] *= 2
    for fence in (3.0, 5.0):
        honest = np.mean([series_outliers(one, period=12, fence=fence).outlier.mean() for one in y])
        found = np.mean([series_outliers(one, period=12, fence=fence).outlier[33] for one in spoilt])
        yield Row(
            "series outliers (STL)", "60 months, season, trend, mean 100", f"{fence:g} quartile ranges", "values",
            float(honest), "one month twice as high", float(found),
        )  # fmt: skip


def _digits(rng: np.random.Generator) -> Iterator[Row]:
    """Last digits, a fifth of them rounded to 0; first digits, a third made up evenly."""
    for n in (50, 200, 2000):
        y = rng.poisson(np.exp(rng.uniform(np.log(100), np.log(1000), (2000, n)))).astype(np.float64)
        rounded = np.where(rng.random(y.shape) < 0.2, y // 10 * 10, y)
        yield Row(
            "terminal digits", f"{n} counts of 100–1,000", "p < 0.001", "groups",
            float((terminal_digits(y).p < 0.001).mean()), "a fifth rounded down to 0",
            float((terminal_digits(rounded).p < 0.001).mean()),
        )  # fmt: skip
    y = np.exp(rng.normal(6, 2, (2000, 300))).round() + 1
    made = np.where(rng.random(y.shape) < 1 / 3, rng.integers(100, 1000, y.shape), y)
    yield Row(
        "Benford, first digit", "300 figures over 3 orders of magnitude", "p < 0.001", "groups",
        float((benford(y).p < 0.001).mean()), "a third made up evenly from 100–999", float((benford(made).p < 0.001).mean()),
    )  # fmt: skip


def _dispersion(rng: np.random.Generator) -> Iterator[Row]:
    """Series that hardly vary."""
    for n, mean in ((6, 5.0), (12, 5.0), (12, 50.0)):
        y = _counts(rng, 4000, n, mean, 0.0)
        calm = np.round(mean + rng.normal(0, 0.3 * np.sqrt(mean), y.shape))
        yield Row(
            "count dispersion", f"{n} months, Poisson, mean {mean:g}", "p < 0.001", "series",
            float((count_dispersion(y).p_low < 0.001).mean()), "made up with a third of the spread",
            float((count_dispersion(calm).p_low < 0.001).mean()),
        )  # fmt: skip
    trials = rng.integers(30, 90, (4000, 12))
    x = rng.binomial(trials, 0.8)
    flat = np.round(trials * (0.8 + rng.normal(0, 0.01, trials.shape)))
    yield Row(
        "share dispersion", "12 months, 80 % of 30–90", "p < 0.001", "series",
        float((share_dispersion(x, trials).p_low < 0.001).mean()), "80 % ± 1 point every month",
        float((share_dispersion(flat, trials).p_low < 0.001).mean()),
    )  # fmt: skip


def _copies(rng: np.random.Generator) -> Iterator[Row]:
    """Two of 200 units with the same year, but for two months."""
    for mean in (5.0, 40.0):
        honest, found = [], []
        for _ in range(25):
            table = _counts(rng, 200, 12, mean, 0.02)
            honest.append(len(copied_rows(table).first))
            table[11] = table[150]
            table[11, [2, 8]] += 3
            told = copied_rows(table)
            found.append((11, 150) in set(zip(told.first.tolist(), told.second.tolist(), strict=True)))
        yield Row(
            "copied rows", f"200 units × 12 months, mean {mean:g}", "0.01 pairs by chance", "tables",
            float(np.mean(honest)), "a year copied but for 2 months", float(np.mean(found)),
        )  # fmt: skip
    y = _counts(rng, 10_000, 12, 20.0, 0.0)
    same = y.copy()
    same[:, 4:8] = same[:, 4:5]
    yield Row(
        "longest run", "12 months, Poisson, mean 20", "p < 0.01", "series",
        float((longest_runs(y).p < 0.01).mean()), "the same figure 4 months running", float((longest_runs(same).p < 0.01).mean()),
    )  # fmt: skip


def _bunching(rng: np.random.Generator) -> Iterator[Row]:
    """Half of those just short of a target lifted over it."""
    for units in (200, 1000):
        honest, found = [], []
        for _ in range(200):
            x = 100 * rng.beta(16, 4, units)
            honest.append(bunching(x, 80).p < 0.01)
            lifted = (x >= 76) & (x < 80) & (rng.random(units) < 0.5)
            found.append(bunching(np.where(lifted, 80.5, x), 80).p < 0.01)
        yield Row(
            "bunching", f"{units} rates around a target", "p < 0.01", "targets",
            float(np.mean(honest)), "half of those 4 points short lifted", float(np.mean(found)),
        )  # fmt: skip
    honest, found = [], []
    for _ in range(200):
        n = rng.integers(8, 60, 600)
        x = rng.binomial(n, rng.beta(16, 4, 600))
        short = np.ceil(np.round(0.8 * n, 9)) - x
        lifted = np.where((short > 0) & (short <= 2) & (rng.random(600) < 0.5), x + short, x)
        honest.append(bunching_of_shares(x, n, 0.8).p < 0.01)
        found.append(bunching_of_shares(lifted, n, 0.8).p < 0.01)
    yield Row(
        "bunching of shares", "600 shares of 8–60", "p < 0.01", "targets",
        float(np.mean(honest)), "half of those 1–2 short lifted", float(np.mean(found)),
    )  # fmt: skip


STUDIES = (_outliers, _series, _digits, _dispersion, _copies, _bunching)


def table(found: list[Row]) -> list[str]:
    """The results as Markdown."""
    lines = [
        "| test | honest figures | alarm when | false alarms per 1,000 | planted fault | found |",
        "|---|---|---|---:|---|---:|",
    ]
    for row in found:
        alarms = f"{1000 * row.alarms:.1f} {row.per}"
        lines.append(
            f"| {row.test} | {row.honest} | {row.alarm} | {alarms} | {row.planted} | {100 * row.found:.0f} % |"
        )
    return lines


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    after = rest.split(END)[1]
    made = "\n".join(table(rows()))
    PAGE.write_text(f"{before}{START}\n\n{made}\n\n{END}{after}", encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main()
