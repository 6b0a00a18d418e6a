"""What R does differently from what it means to, for tests that show that all else agrees."""

from __future__ import annotations

import numpy as np
import pytest


def partial_sort(values: np.ndarray, ranks: list[int]) -> list[float]:
    """Values that Chambers' partial quicksort (1970) leaves at these ranks (from 1), wrong if they don't ascend."""
    a = [np.nan, *values]
    waiting = [(1, len(values), ranks)]
    while waiting:
        first, last, wanted = waiting.pop()
        if not wanted or first >= last:
            continue
        if last - first <= 10 and first != 1:
            a[first : last + 1] = sorted(a[first : last + 1])
            continue
        left, right = _split(a, first, last)
        if left - first <= last - right:
            own = wanted.copy()
            while own and own[-1] > left:
                own.pop()
            waiting += [(right, last, wanted[len(own) :]), (first, left, own)]
        else:
            own = wanted.copy()
            while own and own[0] < right:
                own.pop(0)
            waiting += [(first, left, wanted[: len(wanted) - len(own)]), (right, last, own)]
    return [a[rank] for rank in ranks]


def _split(a: list[float], first: int, last: int) -> tuple[int, int]:
    """Hoare's partition around the median of first, middle and last."""
    middle = (first + last) // 2
    a[first], a[middle], a[last] = sorted((a[first], a[middle], a[last]))
    pivot, low, high = a[middle], first, last
    while True:
        high -= 1
        while a[high] > pivot:
            high -= 1
        low += 1
        while a[low] < pivot:
            low += 1
        if low > high:
            return high, low
        a[low], a[high] = a[high], a[low]


@pytest.fixture
def median_as_in_r(monkeypatch: pytest.MonkeyPatch) -> None:
    """R's stl takes the median residual from a partial sort, given the two middle ranks in descending order."""

    def middle(residual: np.ndarray) -> np.ndarray:
        upper = residual.shape[1] // 2 + 1
        ranks = [upper, residual.shape[1] - upper + 1]
        return np.array([[np.mean(partial_sort(row, ranks))] for row in residual])

    monkeypatch.setattr("tallymark.statistics.seasonal._middle", middle)
