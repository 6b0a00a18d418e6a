"""Routine counts beside a survey with its own standard errors: HIV among women in Malawi's districts.

Run: python -m bench.survey_routine — prints the table of docs/survey-against-routine.md from ../shared/data/malawi.
Routine: women at antenatal clinics in 2015 and 2016 who knew they were positive or were tested so, of those whose state is known.
Survey: prevalence of women aged 15–49, its published estimate and standard error. A difference has the variance of the survey plus that
of the routine share; z = difference ÷ its standard error; pooled by inverse variance; what districts differ beyond chance by DerSimonian and
Laird (1986).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parents[2] / "shared" / "data" / "malawi"
SURVEYS = {"DEMO2015DHSA": "DHS 2015–16", "DEMO2016PHIA": "PHIA 2015–16"}
YEARS = ("2015", "2016")
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """Districts with both: shares of the routine, estimates and standard errors of the survey, observations."""

    districts: tuple[str, ...]
    routine: Floats
    tested: Floats
    survey: Floats
    se: Floats
    observations: Floats

    @property
    def difference(self) -> Floats:
        """Routine − survey."""
        return self.routine - self.survey

    @property
    def error(self) -> Floats:
        """Standard error of the difference."""
        return np.sqrt(self.se**2 + self.routine * (1 - self.routine) / self.tested)

    @property
    def z(self) -> Floats:
        """Differences in standard errors."""
        return self.difference / self.error

    def pooled(self) -> tuple[float, float, float]:
        """Mean difference by inverse variance, its standard error, and what districts differ by beyond chance (sd)."""
        weight = 1 / self.error**2
        mean = float((weight * self.difference).sum() / weight.sum())
        spread = float((weight * (self.difference - mean) ** 2).sum())
        free = len(weight) - 1
        between = max(spread - free, 0.0) / float(weight.sum() - (weight**2).sum() / weight.sum())
        return mean, float(1 / np.sqrt(weight.sum())), float(np.sqrt(between))

    def naive_z(self) -> Floats:
        """As if the survey were a simple sample of its observations."""
        simple = np.sqrt(self.survey * (1 - self.survey) / self.observations)
        return self.difference / np.hypot(simple, np.sqrt(self.routine * (1 - self.routine) / self.tested))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def routine() -> dict[str, tuple[float, float]]:
    """District → women positive, women whose state is known."""
    found: dict[str, tuple[float, float]] = {}
    for row in _rows("demo_anc_testing.csv"):
        if row["year"] in YEARS:
            known, none, tested, positive = (
                float(row[name] or 0)
                for name in ("anc_known_pos", "anc_known_neg", "anc_tested", "anc_tested_pos")
            )
            before = found.get(row["area_id"], (0.0, 0.0))
            found[row["area_id"]] = (before[0] + known + positive, before[1] + known + none + tested)
    return found


def compared(survey: str) -> Compared:
    """Every district with a survey estimate that has a standard error, and routine counts."""
    counts, rows = routine(), []
    for row in _rows("demo_survey_hiv_indicators_alt.csv"):
        wanted = ("prevalence", survey, "female", "Y015_049", "all")
        told = tuple(row[name] for name in ("indicator", "survey_id", "sex", "age_group", "res_type"))
        if told == wanted and row["area_id"] in counts and row["std_error"] not in ("NA", "0", ""):
            x, n = counts[row["area_id"]]
            rows.append(
                (
                    row["area_name"],
                    x / n,
                    n,
                    *(float(row[k]) for k in ("estimate", "std_error", "n_observations")),
                )
            )
    names, *columns = zip(*sorted(rows), strict=True)
    return Compared(tuple(names), *(np.array(column, float) for column in columns))


def lines() -> list[str]:
    """The table."""
    found = [
        "| survey | districts | apart by more than 1.96 standard errors | by 10 % of the survey's figure | as if a simple sample | mean difference, points | beyond chance, points (sd) |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for survey, title in SURVEYS.items():
        both = compared(survey)
        mean, se, between = both.pooled()
        tenth = int((np.abs(both.difference) > 0.1 * both.survey).sum())
        found.append(
            f"| {title} | {len(both.districts)} | {int((np.abs(both.z) > 1.96).sum())} | {tenth} | {int((np.abs(both.naive_z()) > 1.96).sum())} "
            f"| {100 * mean:.1f} ± {196 * se:.1f} | {100 * between:.1f} |"
        )
    return found


if __name__ == "__main__":
    print("\n".join(lines()))
