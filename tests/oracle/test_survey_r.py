"""Estimates from samples against R's survey package, on its Academic Performance Index samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special
from tests.oracle.columns import numbers, oracle, rows

from tallymark.statistics import (
    jackknife_weights,
    replicate_se,
    survey_design_effect,
    survey_mean,
    survey_proportion,
    survey_quantile,
    survey_ratio,
    survey_total,
)

SURVEY, here = oracle("survey")
pytestmark = here
DESIGNS = ("srs", "strat", "strat_nofpc", "clus1", "clus1_nofpc", "clus2", "clus2_wr")


class Sample:
    """Columns of one sample file, and how its designs were drawn."""

    def __init__(self, design: str) -> None:
        kind = design.split("_")[0]
        self.table = rows(SURVEY / f"api{kind}.csv")
        self.weights = numbers(self.table, "pw")
        self.how: dict[str, Any] = {}
        if kind == "strat":
            self.how["strata"] = self.words("stype")
        if kind == "clus1":
            self.how["clusters"] = self.words("dnum")
        if kind == "clus2":
            self.how["clusters"] = np.stack([self.words("dnum"), self.words("snum")], axis=1)
        if kind == "clus2" and not design.endswith("wr"):
            self.how["population_clusters"] = np.stack([self["fpc1"], self["fpc2"]], axis=1)
        elif kind != "clus2" and not design.endswith("nofpc"):
            self.how["population_clusters"] = self["fpc"]

    def __getitem__(self, name: str) -> np.ndarray:
        return numbers(self.table, name)

    def words(self, name: str) -> np.ndarray:
        return np.array([row[name] for row in self.table])


def _expected(design: str) -> dict[str, dict[str, str]]:
    return {row["stat"]: row for row in rows(SURVEY / "survey_R_expected.csv") if row["design"] == design}


def _same(got: object, want: dict[str, str], *columns: str, within: float = 1e-12) -> None:
    np.testing.assert_allclose(got, [float(want[name]) for name in columns], rtol=within)


@pytest.mark.parametrize("design", DESIGNS)
def test_means_totals_ratios_and_domains(design: str) -> None:
    sample, want = Sample(design), _expected(design)
    there = ~np.isnan(sample["enroll"])
    how, weights, api = sample.how, sample.weights, sample["api00"]
    _same(survey_mean(api, weights, **how), want["mean_api00"], "est", "se")
    total = survey_total(sample["enroll"], weights, domain=there, **how)
    _same(total, want["total_enroll"], "est", "se")
    ratio = survey_ratio(sample["api.stu"], sample["enroll"], weights, domain=there, **how)
    _same(ratio, want["ratio_api.stu_enroll"], "est", "se")
    for kind in "EHM":
        of_kind = sample.words("stype") == kind
        _same(survey_mean(api, weights, domain=of_kind, **how), want[f"mean_api00_by_{kind}"], "est", "se")
    _same([survey_design_effect(api, weights, **how)], want["mean_api00"], "deff")
    effect = survey_design_effect(sample["enroll"], weights, of="total", domain=there, **how)
    _same([effect], want["total_enroll"], "deff")


@pytest.mark.parametrize("design", DESIGNS)
def test_proportions(design: str) -> None:
    """R fits its logit interval by iteration and stops at 1e-9 or so; ours is the formula."""
    sample, want = Sample(design), _expected(design)
    wide = sample.words("sch.wide") == "Yes"
    _same(survey_mean(wide, sample.weights, **sample.how), want["prop_schwide"], "est", "se")
    logit = survey_proportion(wide, sample.weights, **sample.how)
    _same(logit, want["prop_schwide_logitCI"], "est", "lower", "upper", within=1e-9)
    exact = survey_proportion(wide, sample.weights, method="korn-graubard", **sample.how)
    _same(exact, want["prop_schwide_betaCI"], "est", "lower", "upper")


def test_intervals_of_means_by_t() -> None:
    for design, freedom in (("srs", 199), ("strat", 197), ("clus1", 14), ("clus2", 39)):
        sample, want = Sample(design), _expected(design)["mean_api00"]
        mean, se = survey_mean(sample["api00"], sample.weights, **sample.how)
        half = -special.stdtrit(freedom, 0.025) * se
        _same([mean - half, mean + half], want, "lower", "upper")


def test_jackknife() -> None:
    for design, kind, how, file in (
        ("jk1", "clus1", "clusters", "apiclus1_jk1_weights.csv"),
        ("jkn", "strat", "strata", "apistrat_jkn_weights.csv"),
    ):
        sample, want = Sample(kind), _expected(design)
        replicates, factors = jackknife_weights(sample.weights, **{how: sample.how[how]})
        theirs = np.array([[float(each) for each in row.values()] for row in rows(SURVEY / file)]).T
        np.testing.assert_allclose(
            replicates[np.lexsort(np.round(replicates.T, 6))],
            theirs[np.lexsort(np.round(theirs.T, 6))],
            rtol=1e-12,
        )
        means = replicates @ sample["api00"] / replicates.sum(axis=1)
        _same([replicate_se(means, factors)], want["mean_api00"], "se", within=1e-11)
        totals = replicates @ sample["enroll"]
        _same([replicate_se(totals, factors)], want["total_enroll"], "se", within=1e-11)


def test_median() -> None:
    sample, want = Sample("strat"), _expected("strat")["median_api00"]
    middle, low, high = survey_quantile(sample["api00"], sample.weights, 0.5, **sample.how)
    assert (middle, low, high) == (float(want["est"]), float(want["lower"]), float(want["upper"]))
    assert (high - low) / 2 / -special.stdtrit(197, 0.025) == pytest.approx(float(want["se"]), rel=1e-12)
