"""The most that anybody could find: the likelihood ratio of somebody who knows every village's true rates of every month and
how each kind of fault is made, at two false alarms in 1,000 values.

No test of the same figures finds more (Neyman and Pearson 1933). A finding here names what one fault can touch: a figure, a
report, an item's year, a share's year, a unit's year, or a town's share. Used by bench.verification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from tallymark.simulate.faults import Fault
from tallymark.simulate.gaming import SHARES, SINGLE, YEAR, Reports
from tallymark.simulate.reports import PAIRS, SEASON_OF_OUTREACH
from tallymark.simulate.world import World

Floats = NDArray[np.float64]
ALARMS = 2 / 1000
INTENSITY = {"deaths": "deaths", "invited_cervical": "cervical_invited"} | {
    whole: intensity for whole, intensity, _, _ in PAIRS
}
PARTS = {whole: (part, share) for whole, _, part, share in PAIRS}
WHOLES = (*INTENSITY, "households_reached")
REACH = 40
"""So many times a figure may have been multiplied or divided."""
NEVER = -1e9
SOURCES: dict[str, Callable[[Floats], list[Floats]]] = {
    "ten times": lambda y: [np.where(y % 10 == 0, y / 10, np.nan)],
    "four times": lambda y: [np.where(y % 4 == 0, y / 4, np.nan)],
    "a tenth": lambda y: [10 * y + k for k in range(10)],
    "a quarter": lambda y: [4 * y + k for k in range(4)],
    "one figure 0 for missing": lambda y: [np.where(y == 0, k, np.nan) for k in range(1, REACH * 5)],
}
"""Kind → the true figures that a reported one may come from."""
LEVELS = {
    "figure": tuple(SOURCES),
    "report": (
        "whole report 0 for missing", "month copied", "month copied, three figures changed", "neighbour's report",
    ),
    "item's year": ("last year's column", "same figure six months", "too even a year", "rush before the end"),
    "share's year": ("list shortened", "unit never misses anyone", "unit lifted to its target"),
    "unit's year": ("rounded to 5",),
    "town's share": ("town never misses anyone", "town lifted to its target"),
}  # fmt: skip
"""What a finding names → the kinds of fault that touch just that."""
LEVEL = {kind: level for level, kinds in LEVELS.items() for kind in kinds}
Ratios = Mapping[str, Floats]
"""Kind → log P(reported | fault) − log P(reported | none), at every place of its level."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the omniscient knows of a year: mean of each whole, share of its part (units, months, wholes)."""

    mean: Floats
    share: Floats
    households: Floats


@dataclass(frozen=True, slots=True)
class Seen:
    """What was reported: wholes and their parts (units, months, wholes), NaN where there is none."""

    y: Floats
    x: Floats
    log_y: Floats
    """log P(whole) of an honest report."""
    log_x: Floats
    """log P(part | whole); 0 without a part."""


def known_of(world: World) -> Known:
    """The true rates of the last year."""
    shape = (len(world.units), YEAR, len(WHOLES))
    mean, share, households = np.zeros(shape), np.full(shape, np.nan), np.zeros(shape[:2])
    for at, month in enumerate(int(m) for m in world.months[-YEAR:]):
        column = len(world.months) - YEAR + at
        homes = world.residents[:, column] / world.rates.amounts["persons_per_household"]
        households[:, at] = np.floor(world.total(homes, month))
        for i, item in enumerate(WHOLES):
            if item == "households_reached":
                own = homes * world.chance["reached"][:, column] * SEASON_OF_OUTREACH[month % 12]
            else:
                own = world.expected[INTENSITY[item]][:, column]
            mean[:, at, i] = world.total(own, month)
            if item in PARTS:
                part = own * world.chance[PARTS[item][1]][:, column]
                share[:, at, i] = world.total(part, month) / np.maximum(mean[:, at, i], 1e-12)
    return Known(np.maximum(mean, 1e-9), share, households)


def _log_whole(known: Known, y: Floats) -> Floats:
    """log P of wholes: Poisson, households reached binomial; −∞ where none can be."""
    sound = np.isfinite(y) & (y >= 0) & (y == np.floor(y))
    safe = np.where(sound, y, 0.0)
    found = stats.poisson.logpmf(safe, known.mean)
    reach = np.clip(known.mean[:, :, -1] / np.maximum(known.households, 1), 1e-9, 1 - 1e-9)
    found[:, :, -1] = stats.binom.logpmf(safe[:, :, -1], known.households, reach)
    return np.where(sound, found, -np.inf)


def _log_part(known: Known, x: Floats, n: Floats) -> Floats:
    """log P of parts of wholes n; 0 where there is no part."""
    given = np.isfinite(x)
    found = stats.binom.logpmf(np.where(given, x, 0.0), np.nan_to_num(n), np.nan_to_num(known.share, nan=0.5))
    return np.where(given, found, 0.0)


def seen_of(reports: Reports, known: Known) -> Seen:
    """What was reported in the last year, and how likely of honest people."""
    values = reports.values[:, -YEAR:]
    y = np.stack([values[:, :, reports.items.index(item)] for item in WHOLES], axis=2)
    none = np.full(y.shape[:2], np.nan)
    x = np.stack(
        [values[:, :, reports.items.index(PARTS[item][0])] if item in PARTS else none for item in WHOLES],
        axis=2,
    )
    there = np.isfinite(y)
    x = np.where(there, x, np.nan)
    log_y = np.where(there, _log_whole(known, np.nan_to_num(y)), 0.0)
    return Seen(y, x, log_y, np.where(there, _log_part(known, x, y), 0.0))


def _over(fault: Floats, honest: Floats) -> Floats:
    """The log ratio where both may be −∞."""
    with np.errstate(invalid="ignore"):
        found = fault - np.maximum(honest, -1e6)
    return np.nan_to_num(np.where(np.isneginf(fault), NEVER, found), nan=NEVER, posinf=-NEVER, neginf=NEVER)


def _of_figures(known: Known, seen: Seen) -> dict[str, Floats]:
    """Single figures (units, months, single items)."""
    keep = [WHOLES.index(item) for item in SINGLE]
    found = {}
    for kind, sources in SOURCES.items():
        y = np.nan_to_num(seen.y)
        faulty = np.stack(
            [
                np.where(n != y, _log_whole(known, n) + _log_part(known, seen.x, n), -np.inf)
                for n in sources(y)
            ]
        )
        ratio = _over(np.logaddexp.reduce(faulty, axis=0), seen.log_y + seen.log_x)
        found[kind] = np.where(np.isfinite(seen.y), ratio, NEVER)[:, :, keep]
    return found


def _of_reports(reports: Reports, seen: Seen) -> dict[str, Floats]:
    """Whole reports (units, months): all 0, the month before's, with three figures raised by one, a neighbour's."""
    now, before = reports.values[:, -YEAR:], reports.values[:, -YEAR - 1 : -1]
    honest = (seen.log_y + seen.log_x).sum(axis=2)
    there = np.isfinite(now).all(axis=2)

    def where(agrees: NDArray[np.bool_], log: ArrayOr = 0.0) -> Floats:
        return _over(np.where(agrees & there, log, -np.inf), honest)

    raised = (now == before + 1).sum(axis=2)
    nearly = ((now == before) | (now == before + 1)).all(axis=2) & (raised == 3)
    triples = np.log(special.comb(len(reports.items), 3))
    alike = np.zeros(honest.shape)
    for unit in range(len(now)):
        others = np.flatnonzero((reports.towns == reports.towns[unit]) & (np.arange(len(now)) != unit))
        alike[unit] = (now[others] == now[unit]).all(axis=2).sum(axis=0) / max(len(others), 1)
    return {
        "whole report 0 for missing": where((now == 0).all(axis=2)),
        "month copied": where((now == before).all(axis=2)),
        "month copied, three figures changed": where(nearly, -triples),
        "neighbour's report": where(alike > 0, np.log(np.maximum(alike, 1e-300))),
    }


ArrayOr = Floats | float


def _of_years(reports: Reports, known: Known, seen: Seen) -> dict[str, Floats]:
    """An item's year (units, single items). A whole that was made up leaves its part as it was: Poisson of the mean part."""
    keep = [WHOLES.index(item) for item in SINGLE]
    free = np.where(
        np.isfinite(seen.x),
        stats.poisson.logpmf(np.nan_to_num(seen.x), known.mean * np.nan_to_num(known.share)),
        0.0,
    )
    honest = seen.log_y + seen.log_x
    before = np.stack([reports.values[:, -2 * YEAR : -YEAR, reports.items.index(i)] for i in WHOLES], axis=2)
    found = {
        "last year's column": _over(
            np.where((seen.y == before).all(axis=1), free.sum(axis=1), -np.inf), honest.sum(axis=1)
        ),
        "same figure six months": _same(seen, free, honest),
        "too even a year": _even(known, seen, free, honest),
        "rush before the end": _rush(known, seen),
    }
    return {kind: ratio[:, keep] for kind, ratio in found.items()}


def _same(seen: Seen, free: Floats, honest: Floats) -> Floats:
    """Five figures that repeat the one before them; which months is not known."""
    starts = []
    for first in range(YEAR - 5):
        run = slice(first + 1, first + 6)
        agrees = (seen.y[:, run] == seen.y[:, first : first + 1]).all(axis=1)
        chance = np.log((6 if first == YEAR - 6 else 1) / YEAR)
        starts.append(
            _over(np.where(agrees, chance + free[:, run].sum(axis=1), -np.inf), honest[:, run].sum(axis=1))
        )
    return np.logaddexp.reduce(np.stack(starts), axis=0)


def _even(known: Known, seen: Seen, free: Floats, honest: Floats) -> Floats:
    """The year's mean rounded, and one more in every other month."""
    base = seen.y[:, :1]
    agrees = (seen.y == base + (np.arange(YEAR) % 2)[None, :, None]).all(axis=1)
    total = known.mean.sum(axis=1)
    least, most = YEAR * (base[:, 0] - 0.5), YEAR * (base[:, 0] + 0.5)
    chance = special.pdtr(np.maximum(np.floor(most), 0), total) - np.where(
        least > 0, special.pdtr(np.maximum(np.ceil(least) - 1, 0), total), 0.0
    )
    own = np.log(np.maximum(chance, 1e-300)) + free.sum(axis=1)
    return _over(np.where(agrees, own, -np.inf), honest.sum(axis=1))


def _rush(known: Known, seen: Seen) -> Floats:
    """Households of the last two months times two and a half."""
    y = np.nan_to_num(seen.y)
    near = np.round(y / 2.5)
    ways = [np.where(np.round(2.5 * (near + k)) == y, near + k, np.nan) for k in (-1, 0, 1)]
    faulty = np.logaddexp.reduce(np.stack([_log_whole(known, way) for way in ways]), axis=0)
    found = _over(faulty[:, -2:].sum(axis=1), seen.log_y[:, -2:].sum(axis=1))
    found[:, :-1] = NEVER
    return found


def _of_shares(known: Known, seen: Seen) -> dict[str, Floats]:
    """A share's year (units, shares): nobody missed, lifted to the target, half of those who asked struck off."""
    keep = [WHOLES.index(whole) for whole, _, _ in SHARES]
    targets = np.array([target for _, _, target in SHARES])
    n, x, p = seen.y[:, :, keep], seen.x[:, :, keep], known.share[:, :, keep]
    needed = np.ceil(targets * n - 1e-9)
    at_most = stats.binom.logcdf(needed, np.nan_to_num(n), p)
    lifted = np.where(x > needed, seen.log_x[:, :, keep], np.where(x == needed, at_most, -np.inf))
    whole = np.where(x == n, 0.0, -np.inf)
    honest = seen.log_x[:, :, keep].sum(axis=1)
    there = np.isfinite(n).any(axis=(1, 2))[:, None]
    shrunk = np.full(honest.shape, NEVER)
    shrunk[:, 1] = _shrunk(known, seen)
    ratios = {
        "list shortened": shrunk,
        "unit never misses anyone": _over(np.where(np.isfinite(n), whole, 0.0).sum(axis=1), honest),
        "unit lifted to its target": _over(np.where(np.isfinite(n), lifted, 0.0).sum(axis=1), honest),
    }
    return {kind: np.where(there, ratio, NEVER) for kind, ratio in ratios.items()}


def _shrunk(known: Known, seen: Seen) -> Floats:
    """Two fifths of the list left, the part cut to it."""
    at = WHOLES.index("requests_received")
    y, x, p = np.nan_to_num(seen.y[:, :, at]), np.nan_to_num(seen.x[:, :, at]), known.share[:, :, at]
    least = np.floor((y - 1) / 0.4) + 1
    parts = []
    for k in range(5):
        n = least + k
        sound = (np.ceil(0.4 * n) == y) & (n >= 0)
        safe = np.where(sound, n, 0.0)
        cut = np.where(x < y, stats.binom.logpmf(x, safe, p), stats.binom.logsf(y - 1, safe, p))
        parts.append(np.where(sound, stats.poisson.logpmf(safe, known.mean[:, :, at]) + cut, -np.inf))
    faulty = np.logaddexp.reduce(np.stack(parts), axis=0)
    there = np.isfinite(seen.y[:, :, at])
    return _over(np.where(there, faulty, 0.0).sum(axis=1), (seen.log_y + seen.log_x)[:, :, at].sum(axis=1))


def _rounded(known: Known, seen: Seen) -> Floats:
    """Figures from 8 on written to the nearest 5 (units,): wholes and parts, over all that may have been rounded."""

    def sources(value: Floats) -> list[Floats]:
        fives = (value >= 10) & (value % 5 == 0)
        ways = [np.where(fives & (value + k >= 8), value + k, np.nan) for k in (-2, -1, 1, 2)]
        return [np.where((value < 8) | fives, value, np.nan), *ways]

    total = np.full(seen.y.shape, -np.inf)
    given = np.isfinite(seen.x)
    for n in sources(np.nan_to_num(seen.y)):
        own = _log_whole(known, n)
        parts = [
            np.where(np.isfinite(m), _log_part(known, np.where(np.isfinite(m), m, 0.0), n), -np.inf)
            for m in sources(np.nan_to_num(seen.x))
        ]
        part = np.where(given, np.logaddexp.reduce(np.stack(parts), axis=0), 0.0)
        total = np.logaddexp(total, np.where(np.isfinite(own), own + part, -np.inf))
    there = np.isfinite(seen.y)
    faulty = np.where(there, total, 0.0).sum(axis=(1, 2))
    found = _over(faulty, (seen.log_y + seen.log_x).sum(axis=(1, 2)))
    return np.where(there.all(axis=(1, 2)), found, NEVER)


def ratios_of(world: World, reports: Reports) -> dict[str, Floats]:
    """The log ratio of every kind at every place of its level."""
    known = known_of(world)
    seen = seen_of(reports, known)
    found = _of_figures(known, seen) | _of_reports(reports, seen) | _of_years(reports, known, seen)
    found |= _of_shares(known, seen) | {"rounded to 5": _rounded(known, seen)}
    towns = np.arange(int(reports.towns.max()) + 1)
    for kind, own in zip(LEVELS["town's share"], LEVELS["share's year"][1:], strict=True):
        ratio = np.where(found[own] == NEVER, 0.0, found[own])
        beaten = np.where(found[own] == NEVER, np.isfinite(reports.values[:, -1, :1]), False)
        found[kind] = np.stack(
            [
                np.where(
                    beaten[reports.towns == town].any(axis=0), NEVER, ratio[reports.towns == town].sum(axis=0)
                )
                for town in towns
            ]
        )
    return found


def place_of(reports: Reports, kind: str, faults: list[Fault]) -> tuple[int, ...]:
    """Where in its level's array a planting lies."""
    fault = faults[0]
    unit = reports.units.index(fault.unit)
    month = reports.months.index(fault.period) - len(reports.months) + YEAR
    share = [at for at, (whole, part, _) in enumerate(SHARES) if fault.item in (whole, part)]
    places: dict[str, Callable[[], tuple[int, ...]]] = {
        "figure": lambda: (unit, month, SINGLE.index(fault.item)),
        "report": lambda: (unit, month),
        "item's year": lambda: (unit, SINGLE.index(fault.item)),
        "share's year": lambda: (unit, share[0]),
        "unit's year": lambda: (unit,),
        "town's share": lambda: (int(reports.towns[unit]), share[0]),
    }
    return places[LEVEL[kind]]()


def ceiling(
    honest: Ratios, values: int, planted: Ratios, reports: Reports, faults: list[list[Fault]], kind: str
) -> list[bool]:
    """Of each planting of one kind, whether the best possible test finds it that spends all alarms on this kind."""
    fence = _fence(np.sort(honest[kind].ravel()), values)
    return [bool(planted[kind][place_of(reports, kind, one)] > fence) for one in faults]


def _fence(ordered: Floats, values: int) -> float:
    """The ratio that so many honest places exceed as alarms are borne; none is found that says nothing (ratio ≤ 1)."""
    borne = int(ALARMS * values)
    return max(float(ordered[-borne - 1]) if borne < len(ordered) else 0.0, 0.0)


def mix_ceiling(
    honest: Ratios, values: int, planted: Ratios, reports: Reports, faults: list[list[Fault]]
) -> list[bool]:
    """The same in a mix whose proportions are known, with the alarms shared among the kinds as finds most.

    At each place the ratio of the mixture of its level's kinds, weighted by how often a kind lies there; one fence for
    all levels (the alarm that finds least is worth the same everywhere).
    """
    often = {kind: sum(one[0].kind == kind for one in faults) for kind in LEVEL}
    scores, sure = [], {}
    for level, kinds in LEVELS.items():
        weights = {kind: np.log(often[kind] / honest[kind].size) for kind in kinds if often[kind]}
        if weights:
            scores.append(_mixture(honest, weights).ravel())
            sure[level] = _mixture(planted, weights)
    ordered = np.sort(np.concatenate(scores))
    fence = float(ordered[-int(ALARMS * values) - 1])
    return [bool(sure[LEVEL[one[0].kind]][place_of(reports, one[0].kind, one)] > fence) for one in faults]


def _mixture(ratios: Ratios, weights: Mapping[str, float]) -> Floats:
    return np.asarray(
        np.logaddexp.reduce(np.stack([ratios[kind] + weight for kind, weight in weights.items()]), axis=0)
    )
