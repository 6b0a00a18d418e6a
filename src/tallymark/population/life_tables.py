"""Period life tables: from death rates to years of life, abridged or by single years, any number at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from tallymark.population.arrays import Floats, choose, floats, spread, starts, widths
from tallymark.population.closing import extended
from tallymark.population.infancy import a0_of, a1_of, boys


@dataclass(frozen=True, slots=True)
class LifeTable:
    """A life table, or many: arrays (…, age), whose last age group is open.

    ages: first age of each group; mx death rate; ax years lived in the group by those who die there; qx probability
    of dying in it; lx alive at its start, of `radix` born; dx deaths; Lx years lived in it; Tx years lived from its
    start on; ex expectation of life at its start.
    """

    ages: Floats
    mx: Floats
    ax: Floats
    qx: Floats
    lx: Floats
    dx: Floats
    Lx: Floats
    Tx: Floats
    ex: Floats

    @property
    def e0(self) -> Floats:
        """Expectation of life at the table's first age."""
        return self.ex[..., 0]

    def survival(self, width: int = 1) -> Floats:
        """Survival ratios (…, age) for `project`: the part of those in the age group before who reach each group.

        S(0) = L(0) ÷ (width × l(0)), for births; S(x) = L(x) ÷ L(x − width); of the open group T(ω) ÷ T(ω − width),
        for everyone at ω − width and over. `width` 5 gathers abridged or single ages into five-year groups.
        """
        lived = self._gathered(width)
        ratios = np.empty_like(lived)
        ratios[..., 0] = lived[..., 0] / (width * self.lx[..., 0])
        ratios[..., 1:] = lived[..., 1:] / lived[..., :-1]
        ratios[..., -1] = lived[..., -1] / (lived[..., -1] + lived[..., -2])
        return ratios

    def _gathered(self, width: int) -> Floats:
        if self.ages[0] != 0:
            raise ValueError(f"survival from birth needs a table from age 0, not from {self.ages[0]:g}")
        heads = np.flatnonzero(self.ages % width == 0)
        if heads[-1] != len(self.ages) - 1 or not (np.diff(self.ages[heads]) == width).all():
            raise ValueError(
                f"age groups from {self.ages.tolist()} cannot be gathered into groups of {width} years"
            )
        return np.asarray(np.add.reduceat(self.Lx, heads, axis=-1))


def life_table(
    mx: ArrayLike,
    *,
    ages: ArrayLike | None = None,
    sex: str | Sequence[str] = "total",
    a0: str | float = "andreev-kingkade",
    ax: str | ArrayLike | None = None,
    closing: str = "open",
    region: str = "west",
    radix: float = 1.0,
) -> LifeTable:
    """Life tables of death rates `mx` (…, age), a `LifeTable` with arrays of the same shape.

    ages: first age of each group, the last one open; single years from 0 when left out; (0, 1, 5, 10, …) is the
    abridged table. sex: `male`, `female`, `total`, or one for each row of the axis before ages: ("male", "female").
    a0: `andreev-kingkade` (2015), `coale-demeny` (1983, of a `region`: west, north, east, south), or a number.
    ax: `midpoint`; `greville` (1943), for groups of more than a year; `mortpak`, the same from age 15 on only; or the
    years themselves, (…, age). Left out, `greville` where a group after age 5 is wider than a year. Of ages 1–4 as
    one group the years are by Coale and Demeny.
    closing: `open`, a(ω) = 1 ÷ m(ω); `kannisto`, `gompertz`, `makeham`: the law of older ages goes on to age 130.

    q = n·m ÷ (1 + (n − a)·m), or 1 − exp(−n·m) where that reaches 1; L = n·(l − d) + a·d; L(ω) = l(ω)·a(ω).
    A missing rate (NaN) makes what depends on it NaN; nobody dying in the open group makes life there infinite. A
    ValueError for negative and infinite rates, shapes that do not fit and unknown names.
    Tests: oracle/test_life_tables.py (DemoTools 01.14, Mortpak 1988, UN 1982).
    """
    rates = floats(mx)
    _check(rates, a0, radix)
    first, groups = starts(ages, rates.shape[-1]), rates.shape[-1]
    given = ax if not (ax is None or isinstance(ax, str)) else None
    rule = ax if isinstance(ax, str) else _usual(first)
    if closing != "open":
        if given is not None:
            raise ValueError("years that are given include those of the open group: leave `closing` open")
        rates, first = extended(rates, first, closing)
    years = _a_within(rates, first, choose(AX_RULES, rule, "ax"), sex=sex, a0=a0, region=region)
    if given is not None:
        years = _given(given, rates.shape, first)
    table = _built(rates, years, first, radix)
    return table if groups == len(first) else _cut(table, floats(mx))


def _check(rates: Floats, a0: str | float, radix: float) -> None:
    if rates.ndim == 0 or rates.shape[-1] < 2:
        raise ValueError("death rates need an axis of at least two age groups")
    if (rates < 0).any():
        raise ValueError(f"a death rate cannot be negative ({np.nanmin(rates):g})")
    if np.isinf(rates).any():
        raise ValueError(
            "a death rate cannot be infinite: where nobody lived through the age, it is missing (NaN)"
        )
    if not (isinstance(a0, str) or (isinstance(a0, Real) and 0 <= float(a0) <= 1)):
        raise ValueError(
            f"a0 is years lived under age 1 by those who die there, 0 to 1, or a rule, not {a0!r}"
        )
    if not (isinstance(radix, Real) and 0 < float(radix) < np.inf):
        raise ValueError(f"radix is how many are born, a number above 0, not {radix!r}")


def _given(ax: ArrayLike, shape: tuple[int, ...], ages: Floats) -> Floats:
    """Years within groups as they were given, none longer than its group."""
    years = spread(ax, shape, "ax").copy()
    if ((years < 0) | (years > widths(ages))).any():
        raise ValueError("years lived in a group by those who die there lie between 0 and its width")
    return years


def _usual(ages: Floats) -> str:
    return "greville" if (np.diff(ages[ages >= 5]) > 1).any() else "midpoint"


def _a_within(
    mx: Floats,
    ages: Floats,
    rule: Callable[[Floats, Floats], Floats],
    *,
    sex: str | Sequence[str],
    a0: str | float,
    region: str,
) -> Floats:
    """Years lived by the dying, by the rule, with the first years of life by theirs and 1 ÷ m for the open group."""
    years, width = rule(mx, ages), widths(ages)
    share = boys(sex)
    if share.ndim and (mx.ndim < 2 or mx.shape[-2] != len(share)):
        raise ValueError(
            f"{len(share)} sexes need an axis of that length before ages, and rates have shape {mx.shape}"
        )
    if ages[0] == 0 and width[0] == 1:
        years[..., 0] = a0_of(mx[..., 0], share, a0, region) if isinstance(a0, str) else a0
        if width[1] == 4:
            years[..., 1] = a1_of(mx[..., 0], share, region)
    with np.errstate(divide="ignore"):
        years[..., -1] = 1 / mx[..., -1]
    return years


def _midpoint(mx: Floats, ages: Floats) -> Floats:
    """Half the width of each group."""
    return np.broadcast_to(np.append(widths(ages)[:-1] / 2, np.nan), mx.shape).copy()


def _greville(mx: Floats, ages: Floats) -> Floats:
    """n ÷ 2 − n² ÷ 12 × (m − k), k the slope of log m between the neighbours (Greville 1943; Mortpak 1988).

    From age 10 on, years outside 0.4 n … 0.6 n give way to those of a constant rate.
    """
    width = np.append(np.diff(ages), np.diff(ages)[-1])
    years = _midpoint(mx, ages)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.maximum(mx, np.finfo(float).tiny))
        span = width[:-2] / 2 + width[1:-1] + width[2:] / 2
        n, m = width[1:-1], mx[..., 1:-1]
        inner = n / 2 - n**2 / 12 * (m - (logs[..., 2:] - logs[..., :-2]) / span)
        constant = n + 1 / m - n / -np.expm1(-n * m)
    odd = (ages[1:-1] >= 10) & ((inner < 0.4 * n) | (inner > 0.6 * n))
    inner = np.where(odd, np.where(m > 0, constant, n / 2), inner)
    years[..., 1:-1] = np.where(inner < 0, n / 2, inner)
    years[np.isnan(mx)] = np.nan
    return years


def _mortpak(mx: Floats, ages: Floats) -> Floats:
    """Greville's from age 15 on, half the width below (United Nations 1988)."""
    return np.where(ages < 15, _midpoint(mx, ages), _greville(mx, ages))


AX_RULES: Mapping[str, Callable[[Floats, Floats], Floats]] = {
    "midpoint": _midpoint,
    "greville": _greville,
    "mortpak": _mortpak,
}


def _built(mx: Floats, ax: Floats, ages: Floats, radix: float) -> LifeTable:
    n, m, a = widths(ages)[:-1], mx[..., :-1], ax[..., :-1]
    q = np.empty_like(mx)
    ratio = n * m / (1 + (n - a) * m)
    q[..., :-1] = np.where(ratio >= 1, -np.expm1(-n * m), ratio)
    q[..., -1] = np.where(np.isnan(mx[..., -1]), np.nan, 1.0)
    alive = np.empty_like(mx)
    alive[..., 0] = radix
    alive[..., 1:] = radix * np.cumprod(1 - q[..., :-1], axis=-1)
    dead = alive * q
    lived = np.empty_like(mx)
    lived[..., :-1] = n * (alive[..., :-1] - dead[..., :-1]) + a * dead[..., :-1]
    with np.errstate(invalid="ignore"):
        lived[..., -1] = alive[..., -1] * ax[..., -1]
        total = np.cumsum(lived[..., ::-1], axis=-1)[..., ::-1]
        ex = total / alive
    return LifeTable(ages, mx, ax, q, alive, dead, lived, total, ex)


def _cut(table: LifeTable, mx: Floats) -> LifeTable:
    """The table up to the open group of the data, whose years of life come from the ages beyond."""
    last = mx.shape[-1] - 1
    parts = {
        name: getattr(table, name)[..., : last + 1].copy()
        for name in ("ax", "qx", "lx", "dx", "Lx", "Tx", "ex")
    }
    parts["qx"][..., -1] = np.where(np.isnan(parts["qx"][..., -1]), np.nan, 1.0)
    parts["ax"][..., -1], parts["dx"][..., -1] = parts["ex"][..., -1], parts["lx"][..., -1]
    parts["Lx"][..., -1] = parts["Tx"][..., -1]
    return LifeTable(table.ages[: last + 1], mx, **parts)
