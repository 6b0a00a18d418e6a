"""Slope and relative index of inequality against PHEindicatormethods' sheet, whose limits are simulated: 5 % of each."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracle.columns import groups, numbers, oracle, rows

from tallymark.statistics import relative_index, slope_index

PHE, here = oracle("phe")
pytestmark = here
SCALES = {"0": "linear", "1": "log", "2": "logit"}


def _cases() -> list[tuple[dict[str, str], str, list[dict[str, str]]]]:
    if not PHE.is_dir():
        return []
    found = []
    for own in groups(
        rows(PHE / "SII__SII.csv"), "TestDescription", "Area", "Grouping1", "Grouping2"
    ).values():
        first = next((row for row in own if row["sii"]), None)
        if first is None:
            continue  # wrong input, which the peer refuses
        scale = SCALES[first["ValueType"]] if "transform" in first["TestDescription"] else "linear"
        found.append((first, scale, sorted(own, key=lambda row: float(row["Quantile"]))))
    return found


def _given(first: dict[str, str], scale: str, own: list[dict[str, str]]) -> tuple[np.ndarray, ...]:
    """Values, standard errors on the scale of the line, populations: the sheet has the errors of log and logit."""
    value, se = numbers(own, "Value"), numbers(own, "StandardError")
    if scale == "linear" and first["ValueType"] != "0":
        se = se * value * ((1 - value) if first["ValueType"] == "2" else 1)
    return value, se, numbers(own, "Population")


def _levels(first: dict[str, str]) -> list[tuple[str, float]]:
    """Suffix of the columns of limits, and their level. Titles name it where the column does not."""
    title, told = first["TestDescription"], first["Confidence"]
    if told.startswith("c("):
        return [(str(at + 1), float(part) / 100) for at, part in enumerate(told[2:-1].split(","))]
    if "95 and 98" in title or "95% and 98%" in title:
        return [("1", 0.95), ("2", 0.98)]
    return [("1", 0.98 if "98%" in title else float(told) / 100)]


def test_there_are_all_cases() -> None:
    assert len(_cases()) == 44


@pytest.mark.parametrize(
    ("first", "scale", "own"),
    _cases(),
    ids=lambda each: each.get("RecordNo") if isinstance(each, dict) else None,
)
def test_indices(first: dict[str, str], scale: str, own: list[dict[str, str]]) -> None:
    given = _given(first, scale, own)
    multiplier = (
        -1.0 if "-100" in first["TestDescription"] or "negative m" in first["TestDescription"] else 1.0
    )
    if "x " in first["TestDescription"]:
        multiplier *= 100
    slope, relative = slope_index(*given, scale=scale)[0], relative_index(*given, scale=scale)[0]
    assert slope * multiplier == pytest.approx(float(first["sii"]), rel=1e-10)
    if first["rii"]:
        # A negative multiplier turns the peer's groups round: its ratio is then of the other end.
        assert (relative if multiplier > 0 else 1 / relative) == pytest.approx(float(first["rii"]), rel=1e-10)
    for suffix, level in _levels(first):
        if not first[f"sii_lowercl_{suffix}"]:
            continue
        got = sorted(multiplier * limit for limit in slope_index(*given, scale=scale, level=level)[1:])
        want = [float(first[f"sii_{side}cl_{suffix}"]) for side in ("lower", "upper")]
        assert got == pytest.approx(want, rel=0.05)
        if first[f"rii_lowercl_{suffix}"]:
            limits = relative_index(*given, scale=scale, level=level)[1:]
            got = sorted(limits if multiplier > 0 else [1 / limit for limit in limits])
            want = [float(first[f"rii_{side}cl_{suffix}"]) for side in ("lower", "upper")]
            assert got == pytest.approx(want, rel=0.05)


def test_linear_limits_are_exact_where_the_peer_simulates() -> None:
    """The sheet's note: SII ± z √Σ w² se², w the weights that make the slope of the values; here by an explicit fit."""
    first, scale, own = _cases()[0]
    value, se, people = _given(first, scale, own)
    share = people / people.sum()
    middle = np.cumsum(share) - share / 2
    design = np.stack([np.ones_like(middle), middle], axis=1)
    weights = (np.linalg.inv(design.T @ np.diag(share) @ design) @ design.T @ np.diag(share))[1]
    half = 1.959963984540054 * np.sqrt((weights**2 * se**2).sum())
    assert slope_index(value, se, people) == pytest.approx(
        (weights @ value, weights @ value - half, weights @ value + half), rel=1e-12
    )
