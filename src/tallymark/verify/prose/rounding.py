"""Exact arithmetic of printed figures: half-up rounding, the counts that a printed ratio allows, the smallest repairs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

MOST = 3


def half_up(value: Fraction, decimals: int) -> Fraction:
    """`value` rounded half away from zero to `decimals` places, as a person does by hand."""
    scaled = abs(value) * 10**decimals
    rounded = Fraction(floor(scaled + Fraction(1, 2)), 10**decimals)
    return rounded if value >= 0 else -rounded


def written(value: Fraction, decimals: int) -> str:
    """The rounded number with exactly `decimals` places, thousands set apart."""
    rounded = half_up(value, decimals)
    return f"{rounded.numerator / rounded.denominator:,.{decimals}f}" if decimals else f"{int(rounded):,}"


def exact(value: Fraction) -> str:
    """A number with as many decimals as it has, at most six."""
    for decimals in range(7):
        if half_up(value, decimals) == value:
            return written(value, decimals)
    return written(value, 6)


def half_unit(decimals: int) -> Fraction:
    """Half of the last printed place."""
    return Fraction(1, 2 * 10**decimals)


def numerators(printed: Fraction, decimals: int, *, base: int, scale: int) -> range:
    """The whole counts k with k ÷ base × scale printed as `printed`."""
    half = half_unit(decimals)
    low, high = (printed - half) * base / scale, (printed + half) * base / scale
    return range(max(0, ceil(low)), ceil(high))


def bases(printed: Fraction, decimals: int, *, count: int, scale: int) -> range:
    """The whole bases n with count ÷ n × scale printed as `printed`; empty when none, or when nothing is printed."""
    half = half_unit(decimals)
    if printed <= half or not count:
        return range(0)
    low, high = count * scale / (printed + half), count * scale / (printed - half)
    return range(floor(low) + 1, floor(high) + 1)


def nearest(candidates: range, to: int) -> int | None:
    """The candidate nearest to a number."""
    if not candidates:
        return None
    return min(max(to, candidates[0]), candidates[-1])


def splits(printed: Fraction, decimals: int, *, total: int, scale: int = 100) -> list[tuple[int, int]]:
    """The whole pairs (a, b) with a + b = total and a ÷ b × scale printed as `printed`."""
    centre = total * printed / (printed + scale)
    near = range(max(0, floor(centre) - 2), min(total - 1, ceil(centre) + 2) + 1)
    return [(a, total - a) for a in near if half_up(Fraction(a * scale, total - a), decimals) == printed]


def nearest_splits(printed: Fraction, *, total: int, scale: int = 100) -> list[tuple[int, int]]:
    """The two pairs that add to `total` whose ratios enclose the printed one."""
    centre = total * printed / (printed + scale)
    low = min(max(floor(centre), 0), total - 2)
    return sorted(
        ((low + 1, total - low - 1), (low, total - low)),
        key=lambda pair: abs(Fraction(pair[0] * scale, pair[1]) - printed),
    )


def splits_up_to(
    printed: Fraction, decimals: int, *, most: int, scale: int = 100
) -> Iterator[tuple[int, int]]:
    """Every pair of whole counts with at most `most` together whose ratio is printed as `printed`."""
    for b in range(1, most + 1):
        for a in numerators(printed, decimals, base=b, scale=scale):
            if a + b <= most:
                yield a, b


def smallest_fraction(
    printed: Fraction, decimals: int, *, scale: int, most: int = 100_000
) -> tuple[int, int] | None:
    """The fraction with the smallest base that is printed so: what a ratio without counts needs at least."""
    for base in range(1, most + 1):
        found = numerators(printed, decimals, base=base, scale=scale)
        if found:
            return found[0], base
    return None
