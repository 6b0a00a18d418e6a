"""Faults that no threshold was chosen on: what other people might do to the same reports. Used by bench.verification."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tallymark.simulate.gaming import YEAR, Spot


def _times_three(spot: Spot) -> None:
    spot.values[spot.unit, spot.month, spot.any_item()] *= 3


def _two_digits_swapped(spot: Spot) -> None:
    item = spot.any_item()
    value = int(spot.values[spot.unit, spot.month, item])
    spot.values[spot.unit, spot.month, item] = value // 100 * 100 + value % 10 * 10 + value // 10 % 10


def _thinned(spot: Spot) -> None:
    """Every second who asked is left off the list, by chance, those first who were not served."""
    year = spot.year()
    whole, part = spot.at("requests_received"), spot.at("requests_answered")
    kept = spot.rng.binomial(spot.values[spot.unit, year, whole].astype(int), 0.5)
    spot.values[spot.unit, year, whole] = kept
    spot.values[spot.unit, year, part] = np.fmin(spot.values[spot.unit, year, part], kept)


def _copied_from_spring(spot: Spot) -> None:
    spot.values[spot.unit, spot.month] = spot.values[spot.unit, spot.month - 2]


def _half_copied(spot: Spot) -> None:
    for item in spot.rng.choice(len(spot.reports.items), len(spot.reports.items) // 2, replace=False):
        spot.values[spot.unit, spot.month, item] = spot.values[spot.unit, spot.month - 1, item]


def _same_four(spot: Spot) -> None:
    item, first = spot.at("households_reached"), min(spot.month, spot.values.shape[1] - 4)
    spot.values[spot.unit, first : first + 4, item] = spot.values[spot.unit, first, item]


def _third_more(spot: Spot) -> None:
    item, year = spot.at("households_reached"), spot.year()
    spot.values[spot.unit, year, item] = np.round(1.33 * spot.values[spot.unit, year, item])


def _made_up(spot: Spot) -> None:
    """A year written down without counting: the mean, a sixth more or less, no season."""
    item, year = spot.at("benefits_due"), spot.year()
    mean = float(np.nanmean(spot.values[spot.unit, year, item]))
    spot.values[spot.unit, year, item] = np.round(mean * (1 + spot.rng.uniform(-1, 1, YEAR) / 6))


OTHERS: Mapping[str, tuple[Callable[[Spot], None], int]] = {
    "three times": (_times_three, 40), "two digits swapped": (_two_digits_swapped, 40),
    "list thinned by chance": (_thinned, 15), "copied from two months before": (_copied_from_spring, 30),
    "half of a month's figures copied": (_half_copied, 30), "same figure four months": (_same_four, 25),
    "a third more all year": (_third_more, 15), "a year made up": (_made_up, 15),
}  # fmt: skip
