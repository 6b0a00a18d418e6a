"""Better, similar or worse than the benchmark, at 95 % and 99.8 %."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np

from tallymark.measure.benchmarks import Benchmarks
from tallymark.measure.uncertainty import limits
from tallymark.statistics.intervals import proportion_interval


def figures(successes: list[float], trials: float, complete: float = 1.0) -> dict[str, np.ndarray]:
    x, n = np.array(successes), np.full(len(successes), trials)
    return {
        "num": x, "den": n, "scaled_num": x / complete, "scaled_den": n / complete, "scale": np.full(len(x), 100.0),
        "worst": np.full(len(x), complete), "value": 100 * x / np.where(n > 0, n, np.nan),
    }  # fmt: skip


def told(declared: SimpleNamespace, given: dict[str, np.ndarray]) -> dict[str, list[object]]:
    made = Benchmarks(len(given["num"]) + 1)
    reading = partial(limits, declared, given)  # type: ignore[arg-type]
    made.compare(declared, np.arange(len(given["num"])), reading)  # type: ignore[arg-type]
    return {name: column.to_pylist() for name, column in made.columns().items()}


SHARE = SimpleNamespace(
    interval="wilson",
    denominator="n",
    missing="partial",
    benchmark=90.0,
    direction="higher",
    unsure=False,
)


def test_sides_at_both_levels() -> None:
    got = told(SHARE, figures([990, 918, 900, 880, 800], 1_000))
    assert got["benchmark"] == [90.0] * 5 + [None]
    assert got["against_95"] == ["better", "similar", "similar", "worse", "worse", None]
    assert got["against_998"] == ["better", "similar", "similar", "similar", "worse", None]
    low, high = proportion_interval(880, 1_000, level=0.998)
    assert low < 0.9 < high


def test_lower_is_better_the_other_way_round() -> None:
    lower = SimpleNamespace(**vars(SHARE) | {"direction": "lower"})
    assert told(lower, figures([990, 900, 800], 1_000))["against_95"] == ["worse", "similar", "better", None]


def test_nothing_is_said_without_a_figure_or_a_benchmark() -> None:
    assert told(SHARE, figures([np.nan], 1_000))["against_95"] == [None, None]
    assert told(SHARE, figures([0], 0))["against_95"] == [None, None]
    none = SimpleNamespace(**vars(SHARE) | {"benchmark": None})
    got = told(none, figures([990], 1_000))
    assert all(column == [None, None] for column in got.values())


def test_missing_reports_never_make_a_unit_better() -> None:
    """Half the reports are missing: the interval also holds that the absent had nothing."""
    whole, half = told(SHARE, figures([95], 100)), told(SHARE, figures([950], 1_000, complete=0.5))
    assert whole["against_95"][0] in ("similar", "better")
    assert half["against_95"][0] == "better" or half["against_95"][0] == "similar"
    low, _ = limits(SHARE, figures([950], 1_000, complete=0.5))  # type: ignore[arg-type]
    assert low[0] <= limits(SHARE, figures([950], 1_000))[0][0]  # type: ignore[arg-type]
