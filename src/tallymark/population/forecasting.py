"""Many random futures of many populations, and what they come to: quantiles of age groups, births and deaths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tallymark.population.arrays import Floats, floats, spread
from tallymark.population.many_runs import run_futures, walk
from tallymark.population.projecting import checked

EVENTS = ("births", "deaths")
KINDS = ("fertility", "mortality", "migration")
MALE, FEMALE, BOTH = 0, 1, 2


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """People from age `first` to before age `beyond` (None: no limit), of one sex (0 male, 1 female) or both (None)."""

    first: int = 0
    beyond: int | None = None
    sex: int | None = None


@dataclass(frozen=True, slots=True)
class RandomPath:
    """How something wanders from the declared course: x(t) = persistence·x(t − 1) + sd·noise(t), and more.

    Each value is one number or one for each unit. persistence 1 is a random walk. Each future also has a slope a year
    with standard deviation `slope_sd`, for what is not known of the trend, and a level with `level_sd`. `shared`: the
    part of the variance that all units have together. fertility: births × exp(x); mortality: hazards × exp(x);
    migration: x × people at the start, more migrants a year.
    """

    sd: ArrayLike = 0.0
    persistence: ArrayLike = 1.0
    shared: ArrayLike = 0.0
    slope_sd: ArrayLike = 0.0
    level_sd: ArrayLike = 0.0


STILL = RandomPath()
SPREADS = ("sd", "slope_sd", "level_sd")


@dataclass(frozen=True, slots=True)
class Forecast:
    """Futures summed up: `quantiles` (unit, year + 1, group, level), `mean` and standard `deviation` (unit, year + 1,
    group).

    `groups` names the groups, the last two are births and deaths of the year that ends there (NaN at the start).
    `total` is the same for all units together, with units' futures added as they are correlated. `futures` (unit,
    year + 1, group, future) is kept only when asked for.
    """

    groups: tuple[str, ...]
    levels: tuple[float, ...]
    quantiles: Floats
    mean: Floats
    deviation: Floats
    total: Floats
    total_mean: Floats
    total_deviation: Floats
    futures: Floats | None = field(default=None, repr=False)


def forecast(
    population: ArrayLike,
    survival: ArrayLike,
    fertility: ArrayLike,
    sex_ratio_at_birth: ArrayLike = 1.05,
    *,
    migration: ArrayLike | None = None,
    migration_pattern: ArrayLike | None = None,
    paths: Mapping[str, RandomPath],
    groups: Mapping[str, AgeGroup] | None = None,
    levels: Sequence[float] = (0.1, 0.25, 0.5, 0.75, 0.9),
    futures: int = 1000,
    seed: int = 0,
    keep: bool = False,
    threads: int = 2,
) -> Forecast:
    """Quantiles of `futures` random futures of each unit: a `Forecast`.

    population (unit, sex, age), survival (…, year, sex, age), fertility (…, year, age), migration (…, year, sex, age)
    as in `project`, with an axis of units or the same for all; migrants come at the end of the year. paths: what is
    uncertain, of `fertility`, `mortality` and `migration`, as a `RandomPath`; migration_pattern (…, sex, age) says whose
    migration varies, in shares that add to 1 (as the people are when left out). The same seed gives the same futures,
    whatever the threads. Only sums of `groups` are kept, so that memory stays small.
    """
    people = floats(population)
    if people.ndim != 3:
        raise ValueError(f"population needs the axes (unit, sex, age), and its shape is {people.shape}")
    inputs = checked(people, survival, fertility, sex_ratio_at_birth=sex_ratio_at_birth, migration=migration)
    units, years = len(people), inputs[1].shape[-3]
    pattern = _pattern(migration_pattern, people) if "migration" in paths else np.zeros(people.shape)
    survived, fertile, boys, moved = _per_unit(inputs[1:], units)
    named = dict(groups) if groups else {"total": AgeGroup()}
    work = _Work(
        given=_Given(people, survived, fertile, boys, moved, pattern),
        paths={kind: _spread(paths.get(kind, STILL), units) for kind in KINDS},
        groups=_limits(named, people.shape[-1]),
        levels=tuple(levels),
        shape=(years, futures),
        seed=seed,
        keep=keep,
    )
    _check(paths, work)
    return _gathered(work, tuple(named), threads)


@dataclass(frozen=True, slots=True)
class _Given:
    people: Floats
    survival: Floats
    fertility: Floats
    boys: Floats
    migration: Floats
    pattern: Floats

    def of(self, unit: int) -> list[Floats]:
        # copies: arrays that cannot be written to would make the kernel be compiled a second time
        return [np.array(getattr(self, name)[unit], order="C") for name in self.__slots__]


@dataclass(frozen=True, slots=True)
class _Work:
    given: _Given
    paths: Mapping[str, dict[str, Floats]]
    groups: NDArray[np.int64]
    levels: tuple[float, ...]
    shape: tuple[int, int]
    seed: int
    keep: bool


def _gathered(work: _Work, names: tuple[str, ...], threads: int) -> Forecast:
    """Units one after the other on each thread; the total is added up in the order of units, so that it is the same."""
    units, (years, futures) = len(work.given.people), work.shape
    columns = len(work.groups) + len(EVENTS)
    shape = (units, years + 1, columns)
    found = Forecast(
        groups=(*names, *EVENTS),
        levels=work.levels,
        quantiles=np.empty((*shape, len(work.levels))),
        mean=np.empty(shape),
        deviation=np.empty(shape),
        total=np.empty(0),
        total_mean=np.empty(0),
        total_deviation=np.empty(0),
        futures=np.empty((*shape, futures)) if work.keep else None,
    )
    common = {kind: _noise(work, kind, unit=None) for kind in KINDS}
    total = np.zeros((years + 1, columns, futures))
    with ThreadPoolExecutor(max_workers=threads) as pool:
        ahead = 2 * threads
        running = [pool.submit(_one, work, unit, common) for unit in range(min(ahead, units))]
        for unit in range(units):
            sums, quantiles = running.pop(0).result()
            if unit + ahead < units:
                running.append(pool.submit(_one, work, unit + ahead, common))
            total += sums
            found.quantiles[unit], found.mean[unit] = quantiles, sums.mean(axis=-1)
            found.deviation[unit] = sums.std(axis=-1)
            if found.futures is not None:
                found.futures[unit] = sums
    return replace(
        found,
        total=_quantiles(total, work.levels),
        total_mean=total.mean(axis=-1),
        total_deviation=total.std(axis=-1),
    )


def _one(work: _Work, unit: int, common: Mapping[str, NDArray[np.float32]]) -> tuple[Floats, Floats]:
    """Sums of a unit's groups in every future, and their quantiles."""
    years, futures = work.shape
    people, survival, fertility, boys, migration, pattern = work.given.of(unit)
    wander = {kind: _path(work, kind, unit, common[kind]) for kind in KINDS}
    moved = wander["migration"] * people.sum() if wander["migration"].any() else wander["migration"]
    sums = np.empty((years + 1, len(work.groups) + len(EVENTS), futures))
    run_futures(
        people, survival, fertility, boys, migration, pattern,
        np.exp(wander["fertility"]), np.expm1(wander["mortality"]), moved,
        work.groups, sums,
    )  # fmt: skip
    return sums, _quantiles(sums, work.levels)


def _path(work: _Work, kind: str, unit: int, common: NDArray[np.float32]) -> Floats:
    found = np.zeros(work.shape)
    own = {name: float(values[unit]) for name, values in work.paths[kind].items()}
    if not any(own[name] for name in SPREADS):
        return found
    noise = _noise(work, kind, unit=unit)
    slopes, levels = (
        own[name] * _mixed(noise[at], common[at], own["shared"])
        for name, at in (("slope_sd", -1), ("level_sd", -2))
    )
    walk(noise[:-2], common[:-2], slopes, levels, own["shared"], own["sd"], own["persistence"], found)
    return found


def _mixed(own: NDArray[np.float32], common: NDArray[np.float32], shared: float) -> Floats:
    return np.asarray(np.sqrt(1 - shared) * own + np.sqrt(shared) * common, dtype=np.float64)


def _noise(work: _Work, kind: str, *, unit: int | None) -> NDArray[np.float32]:
    """Standard normal noise (year + 2, future) of a unit, or that all share; the last rows are for levels and slopes."""
    years, futures = work.shape
    place = (KINDS.index(kind), 0 if unit is None else unit + 1)
    random = np.random.default_rng(np.random.SeedSequence(work.seed, spawn_key=place))
    return random.standard_normal((years + 2, futures), dtype=np.float32)


def _quantiles(sums: Floats, levels: Sequence[float]) -> Floats:
    """Quantiles over the last axis, linear between order statistics; NaN where anything is missing."""
    ordered = np.sort(sums, axis=-1)
    at = np.asarray(levels) * (sums.shape[-1] - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, sums.shape[-1] - 1)
    found: Floats = ordered[..., low] + (at - low) * (ordered[..., high] - ordered[..., low])
    return np.where(np.isnan(ordered[..., -1:]), np.nan, found)


def _per_unit(arrays: Sequence[Floats], units: int) -> list[Floats]:
    own = (3, 2, 1, 3)  # axes of survival, fertility, share of boys, migration
    names = ("survival", "fertility", "sex_ratio_at_birth", "migration")
    return [
        spread(array, (units, *array.shape[array.ndim - axes :]), name)
        for array, axes, name in zip(arrays, own, names, strict=True)
    ]


def _pattern(given: ArrayLike | None, people: Floats) -> Floats:
    if given is None:
        total = people.sum(axis=(-1, -2), keepdims=True)
        return np.asarray(people / np.where(total > 0, total, 1.0))
    return spread(given, people.shape, "migration_pattern")


def _spread(path: RandomPath, units: int) -> dict[str, Floats]:
    return {
        name: spread(getattr(path, name), (units,), f"`{name}` of a path") for name in RandomPath.__slots__
    }


def _limits(groups: Mapping[str, AgeGroup], ages: int) -> NDArray[np.int64]:
    rows = []
    for name, group in groups.items():
        beyond = ages if group.beyond is None else group.beyond
        if not 0 <= group.first < beyond <= ages or group.sex not in (None, MALE, FEMALE):
            raise ValueError(f"age group {name!r} ({group}) has nobody in it: ages run from 0 to {ages - 1}")
        rows.append((group.first, beyond, BOTH if group.sex is None else group.sex))
    return np.array(rows, dtype=np.int64)


def _check(paths: Mapping[str, RandomPath], work: _Work) -> None:
    unknown = sorted(set(paths) - set(KINDS))
    if unknown:
        raise ValueError(f"paths are of {', '.join(KINDS)}, not of {', '.join(unknown)}")
    for kind, values in work.paths.items():
        if any((values[name] < 0).any() for name in SPREADS):
            raise ValueError(f"a standard deviation of {kind} is negative")
        if ((values["shared"] < 0) | (values["shared"] > 1)).any():
            raise ValueError(f"the shared part of {kind} lies between 0 and 1")
    if work.shape[1] < 2 or not all(0 <= level <= 1 for level in work.levels):
        raise ValueError("a forecast needs two futures or more, and levels between 0 and 1")
