"""Projection: `python -m bench.population`. One country to 2100, and a thousand areas × a thousand futures.

Rates are made up (a life table of Gompertz mortality, bell-shaped fertility), so that the benchmark runs anywhere.
leapfrog-py (PyPI) is compared when it can be imported; it goes to age 80, the others to 100.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tallymark.population import AgeGroup, RandomPath, forecast, life_table, project
from tallymark.population.many_runs import run_futures

YEARS, AGES, MANY = 76, 101, 2000
GROUPS = {
    "total": AgeGroup(),
    "infants": AgeGroup(0, 1),
    "school": AgeGroup(6, 15),
    "women 15-49": AgeGroup(15, 50, sex=1),
    "elders": AgeGroup(65),
}
PATHS = {
    "fertility": RandomPath(sd=0.03, persistence=0.95, shared=0.5),
    "mortality": RandomPath(sd=0.02, shared=0.8),
    "migration": RandomPath(sd=0.002, persistence=0.8, shared=0.3),
}


def inputs() -> dict[str, np.ndarray]:
    """Rates of 76 years and a population to start from."""
    ages, years = np.arange(AGES), np.arange(YEARS)
    level = np.exp(-0.01 * years)[:, None, None] * np.array([1.3, 1.0])[:, None]
    mx = np.minimum(level * (2e-5 * np.exp(0.1 * ages) + 2e-4 + 0.004 * (ages == 0)), 0.7)
    survival = life_table(mx, sex=("male", "female")).survival()
    fertility = np.tile(0.11 * np.exp(-(((ages - 30) / 6.5) ** 2)) * ((ages >= 15) & (ages < 50)), (YEARS, 1))
    people = 1e6 * np.cumprod(np.maximum(survival[0], 0.2), axis=-1)
    migration = np.tile(2000 * np.exp(-(((ages - 27) / 12) ** 2)), (YEARS, 2, 1))
    return {"population": people, "survival": survival, "fertility": fertility, "migration": migration}


def plain(population, survival, fertility, migration, ratio=1.05):  # type: ignore[no-untyped-def]
    """What an analyst writes: a loop over years, NumPy over ages."""
    people = [population]
    for s, f, m in zip(survival, fertility, migration, strict=True):
        now = people[-1]
        after = np.empty_like(now)
        after[:, 1:] = now[:, :-1] * s[:, 1:]
        after[:, -1] += now[:, -1] * s[:, -1]
        births = (f[1:] * (now[1, 1:] + after[1, 1:])).sum() / 2
        after[:, 0] = births * np.array([ratio, 1]) / (1 + ratio) * s[:, 0]
        people.append(after + m)
    return np.array(people)


def leapfrog() -> Callable[[], float] | None:
    """leapfrog-py on the same rates, to age 80 and without migration; None where it is not installed."""
    try:
        from leapfrog_py import run_model  # optional: nothing else needs it
    except ImportError:
        return None
    given = inputs()
    fortran = np.asfortranarray
    survival = np.concatenate([given["survival"][:, :, :81], given["survival"][:, :, 81:82]], axis=2)
    people = np.concatenate(
        [given["population"][:, :80], given["population"][:, 80:].sum(1)[:, None]], axis=1
    )
    parameters = {
        "t_ART_start": 0, "projection_start_year": 2024, "projection_period": "calendar", "hts_per_year": 1,
        "basepop": fortran(people.T), "Sx": fortran(survival.transpose(2, 1, 0)),
        "netmigr_adj": fortran(np.zeros((81, 2, YEARS))), "asfr": fortran(given["fertility"][:, 15:50].T),
        "births_sex_prop": fortran(np.tile([[1.05 / 2.05], [1 / 2.05]], YEARS)), "tfr": given["fertility"].sum(1),
    }  # fmt: skip
    years = range(2024, 2024 + YEARS)
    return lambda: float(run_model(parameters, "DemographicProjection", years)["p_totpop"][..., -1].sum())


def least(call: Callable[[], Any], times: int = 30) -> float:
    """Least CPU seconds of a call."""
    call()
    found = []
    for _ in range(times):
        started = time.thread_time()
        call()
        found.append(time.thread_time() - started)
    return min(found)


def one_country() -> list[dict[str, Any]]:
    """Microseconds a run of 76 years, two sexes, single ages."""
    given = inputs()
    many = {**given, "population": np.broadcast_to(given["population"], (MANY, 2, AGES))}
    np.testing.assert_allclose(plain(**given), project(**given).populations, rtol=1e-12)
    alone = {name: array[None] for name, array in given.items()}
    batch = forecast(**{**alone, "migration": given["migration"]}, paths=PATHS, groups=GROUPS)  # compiles
    assert batch.quantiles.shape[1] == YEARS + 1

    def futures() -> None:
        forecast(given["population"][None], given["survival"], given["fertility"], migration=given["migration"],
                 paths=PATHS, groups=GROUPS, futures=MANY, threads=1)  # fmt: skip

    boys, still = np.full(YEARS, 1.05 / 2.05), np.zeros((YEARS, MANY))
    limits = np.array([(0, AGES, 2), (0, 1, 2), (6, 15, 2), (15, 50, 1), (65, AGES, 2)])
    sums = np.empty((YEARS + 1, len(limits) + 2, MANY))

    def kernel() -> None:
        run_futures(given["population"], given["survival"], given["fertility"], boys, given["migration"],
                    np.zeros((2, AGES)), still + 1, still + 0.01, still, limits, sums)  # fmt: skip

    started = time.process_time()
    futures()
    per_future = (time.process_time() - started) / MANY
    rows = [
        (
            "**Tallymark** `project`, one call, all ages, births and deaths kept",
            least(lambda: project(**given)),
        ),
        (f"**Tallymark** `project`, {MANY:,} at once, all kept", least(lambda: project(**many), 3) / MANY),
        ("**Tallymark** the kernel of `forecast` alone, 5 age groups", least(kernel, 5) / MANY),
        ("**Tallymark** `forecast`, random rates, 5 age groups and quantiles", per_future),
        ("plain NumPy, a loop over years, populations kept", least(lambda: plain(**given))),
    ]
    other = leapfrog()
    rows.append(("leapfrog-py 1.0 (C++), to age 80", least(other) if other else float("nan")))
    return [{"what": what, "microseconds": round(1e6 * seconds, 1)} for what, seconds in rows]


def many_areas(areas: int = 1000, futures: int = 1000) -> dict[str, Any]:
    """Wall and CPU seconds and peak memory of a thousand areas × a thousand futures, quantiles kept."""
    given = inputs()
    people = given["population"] * np.random.default_rng(0).uniform(0.001, 0.02, (areas, 1, 1))
    wall, cpu = time.perf_counter(), time.process_time()
    forecast(people, given["survival"], given["fertility"], paths=PATHS, groups=GROUPS, futures=futures)
    return {
        "areas": areas,
        "futures": futures,
        "seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def section() -> list[str]:
    """The lines of this benchmark in RESULTS.md."""
    one = _in_process("one_country()")
    base = one[0]["microseconds"]
    many = _in_process("many_areas()")
    met = "yes" if many["seconds"] < 30 and many["peak_mb"] < 2048 else "**no**"
    return [
        "## Projection: two sexes, single ages to 100, 76 years", "",
        "| way | CPU µs a run | × one call |", "|---|---:|---:|",
        *(f"| {row['what']} | {row['microseconds']:,} | {row['microseconds'] / base:.2f} |" for row in one), "",
        "| what | wall s (CPU s) | peak MB | aim | met |", "|---|---:|---:|---|---|",
        f"| {many['areas']:,} areas × {many['futures']:,} futures, 5 age groups, births, deaths, 5 quantiles | "
        f"{many['seconds']} ({many['cpu_seconds']}) | {many['peak_mb']:,} | under 30 s, 2 GB | {met} |",
    ]  # fmt: skip


def _in_process(call: str) -> Any:
    code = f"import json; from bench.population import *; print(json.dumps({call}))"
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    print("\n".join(section()))
