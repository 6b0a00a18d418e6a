"""Over-dispersion against FunnelPlotR: phi and tau2 of its z scores, winsorised and truncated, and the scores."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.columns import numbers, oracle, rows

from tallymark.statistics import funnel_scores, overdispersion, poisson_interval, proportion_interval

FUNNEL, here = oracle("funnel_eb")
pytestmark = here


def test_phi_and_tau2() -> None:
    table = rows(FUNNEL / "overdispersion_expected.csv")
    assert len(table) == 16
    for row in table:
        method = f"_{row['sr_method']}" if row["data_type"] == "SR" else "_"
        own = rows(FUNNEL / f"z_{row['data_type']}{method}_{row['trim']}.csv")
        got = overdispersion(
            numbers(own, "Uzscore"), numbers(own, "s"), winsorise=float(row["trim_by"]), trim=row["trim"]
        )
        np.testing.assert_allclose(got, [float(row["phi"]), float(row["tau2"])], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("file", "kind"), [("z_PR__winsorise.csv", "proportion"), ("z_SR_SHMI_winsorise.csv", "ratio")]
)
def test_scores(file: str, kind: str) -> None:
    table = rows(FUNNEL / file)
    transformed = float(table[0]["target_transformed"])
    target = np.sin(transformed) ** 2 if kind == "proportion" else np.exp(transformed)
    z, s = funnel_scores(numbers(table, "numerator"), numbers(table, "denominator"), target, kind=kind)
    np.testing.assert_allclose(z, numbers(table, "Uzscore"), rtol=1e-11)
    np.testing.assert_allclose(s, numbers(table, "s"), rtol=1e-12)


def test_epitools_intervals() -> None:
    table = rows(FUNNEL / "epitools_binomial.csv")
    x, n = numbers(table, "x"), numbers(table, "n")
    for method, prefix in (("wilson", "wilson"), ("clopper-pearson", "cp")):
        got = proportion_interval(x, n, method=method)
        for side, name in zip(got, ("lo", "hi"), strict=True):
            np.testing.assert_allclose(side, numbers(table, f"{prefix}_{name}"), rtol=1e-12, atol=1e-16)
    table = rows(FUNNEL / "epitools_poisson.csv")
    x = numbers(table, "x")
    # epitools finds its limits by a root search that stops at 1e-4; ours has all digits (see the unit tests).
    for side, name in zip(poisson_interval(x), ("lo", "hi"), strict=True):
        np.testing.assert_allclose(side, numbers(table, f"exact_{name}"), rtol=0, atol=1e-4)
    # Its "byar" has x + ½ in both limits, which is Rothman and Greenland's mid-point form, not Breslow and Day's.
    half = numbers(table, "x")[1:] + 0.5
    root = 1.959963984540054 / (3 * np.sqrt(half))
    np.testing.assert_allclose(
        half * (1 - 1 / (9 * half) - root) ** 3, numbers(table, "byar_lo")[1:], rtol=1e-12
    )
    np.testing.assert_allclose(
        half * (1 - 1 / (9 * half) + root) ** 3, numbers(table, "byar_hi")[1:], rtol=1e-12
    )
