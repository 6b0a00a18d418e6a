"""Standard populations: how many of each age a comparison is made with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

_WHO = (
    8.86, 8.69, 8.60, 8.47, 8.22, 7.93, 7.61, 7.15, 6.59, 6.04, 5.37, 4.55, 3.72, 2.96, 2.21, 1.52, 0.91, 0.44,
    0.15, 0.04, 0.005,
)  # fmt: skip
_ESP = (
    5_000, 5_500, 5_500, 5_500, 6_000, 6_000, 6_500, 7_000, 7_000, 7_000, 7_000, 6_500, 6_000, 5_500, 5_000, 4_000,
    2_500, 1_500, 800, 200,
)  # fmt: skip
STANDARDS: Mapping[str, tuple[float, ...]] = {"who-2000-2025": _WHO, "esp-2013": _ESP}
"""Word → weights of ages 0–4, 5–9 …, the last one open: the world's of 2000–2025 (Ahmad et al. 2001, GPE discussion
paper 31, table 4), Europe's of 2013 (Eurostat 2013)."""
_AGES = re.compile(
    r"(?P<low>\d+)\s*(?:(?:[-–—~至]|to)\s*(?P<high>\d+)|(?P<open>\+|and over|岁及以上|及以上|以上))\s*岁?"
)


class StandardError(ValueError):
    """Age groups that a standard population cannot be cut into; `values` fill the `template`."""

    def __init__(self, template: str, **values: str) -> None:
        super().__init__(template.format_map(values))
        self.template, self.values = template, values


def standard_weights(standard: str, groups: Iterable[str]) -> dict[str, float]:
    """The weight of each age group (`0-4`, `15–24`, `85+`) in a standard population, ages it does not name left out.

    StandardError names the group that reads as no ages, that cuts through five years, or that overlaps another.
    """
    weights = STANDARDS[standard]
    last = 5 * (len(weights) - 1)
    found: dict[str, float] = {}
    spans: list[tuple[int, int, str]] = []
    for group in groups:
        low, high = _ages(group, last)
        if low % 5 or high % 5 or low > last:
            raise StandardError("'{group}' cuts through the standard's five years of age", group=group)
        spans.append((low, high, group))
        found[group] = sum(weights[low // 5 : high // 5])
    for (_, end, one), (start, _, other) in pairwise(sorted(spans)):
        if start < end:
            raise StandardError("'{one}' and '{other}' overlap", one=one, other=other)
    return found


def _ages(group: str, last: int) -> tuple[int, int]:
    """The first age of a group and the first age after it."""
    match = _AGES.fullmatch(group.strip())
    if match is None:
        raise StandardError("'{group}' cannot be read as ages", group=group)
    low = int(match["low"])
    high = last + 5 if match["open"] else int(match["high"]) + 1
    if high <= low:
        raise StandardError("'{group}' cannot be read as ages", group=group)
    return low, min(high, last + 5)
