"""Completeness of two lists on simulated births with known truth: bias naive and corrected, and what intervals hold.

Run: python -m bench.completeness [--births N …] [--worlds W] [--first SEED] [--write] — W worlds of each kind, seeds from
SEED on; `--write` puts the table into docs/linkage.md; `--three` counts three lists two and two instead; `--births-bad` has the records of
a fifth of the births bad, on both lists, which no model has. A world takes some five seconds a thousand births, in one process.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.linkage_speed import declared
from tallymark.programme.linkages import Linkage
from tallymark.simulate.lists import SimulatedLists, simulate_lists
from tallymark.verify.linkage import link
from tallymark.verify.linkage.completeness import completeness
from tallymark.verify.linkage.several import two_and_two

PAGE = Path(__file__).parent.parent / "docs" / "linkage.md"
START, END = "<!-- completeness: python -m bench.completeness -->", "<!-- end of completeness -->"
FEW = ("mother", "mother_id", "born", "sex", "village")
"""Fields of lists that say little: no telephone, no birthday of the mother, no name of the child."""
HEAD = (
    "| births | fields wrong | where errors sit | worlds | naive bias | corrected bias (± se) | of it by linkage | largest error "
    "| interval holds the truth | says it is known | of those: largest error; interval holds |",
    "|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|",
)


class Kind(NamedTuple):
    """A kind of world. share: of fields that are wrong; clustered: errors sit in a fifth of the records."""

    births: int
    share: float
    clustered: bool
    few: bool = False
    births_bad: bool = False

    @property
    def where(self) -> str:
        place = "a fifth of records" if self.clustered else "anywhere"
        place = "a fifth of births, on both lists" if self.births_bad else place
        return f"{place}; five fields only" if self.few else place


class World(NamedTuple):
    """What came out of one world; biases as shares of the true number of births.

    exact: what the lists would give if it were known which births they hold: the rest of the bias is linkage's.
    """

    naive: float
    corrected: float
    exact: float
    held: bool
    known: bool


def kinds(sizes: Sequence[int]) -> Iterator[Kind]:
    """Sizes by shares of wrong fields by where errors sit; then lists of few fields, at the smallest size."""
    for many in sizes:
        for clustered in (False, True):
            for share in (0.1, 0.2):
                yield Kind(many, share, clustered)
    for clustered in (False, True):
        yield Kind(min(sizes), 0.1, clustered, few=True)


def world(kind: Kind, seed: int) -> World:
    """One world: two lists simulated, linked, and counted."""
    lists = simulate_lists(
        kind.births,
        seed=seed,
        error=kind.share,
        clustered=kind.clustered,
        bad_births=kind.births_bad,
        duplicates=0.01,
    )
    found = completeness(link(linkage(lists, few=kind.few), lists.tables))
    many = kind.births
    held = found.low <= many <= found.high
    return World(found.naive / many - 1, found.total / many - 1, exact(lists) / many - 1, held, found.known)


def exact(lists: SimulatedLists) -> float:
    """n₁n₂/m from the births that two lists truly hold."""
    one, other = (set(births.tolist()) for births in lists.truth.values())
    return len(one) * len(other) / len(one & other)


def linkage(lists: SimulatedLists, *, few: bool) -> Linkage:
    """The linkage of simulated births, on all fields or on few."""
    whole = declared(lists)
    fields = tuple(one for one in whole.fields if one.name in FEW) if few else whole.fields
    return Linkage(whole.name, whole.purpose, whole.lists, fields)


def row(kind: Kind, worlds: Sequence[World]) -> str:
    """A kind's line in the table."""
    naive, corrected, true = (
        np.array([getattr(one, of) for one in worlds]) for of in ("naive", "corrected", "exact")
    )
    held, known = (np.array([getattr(one, of) for one in worlds]) for of in ("held", "known"))
    of_known = f"{_largest(corrected[known])}; {held[known].mean():.0%}" if known.any() else "none"
    return (
        f"| {kind.births:,} | {kind.share:.0%} | {kind.where} | {len(worlds)} | {100 * naive.mean():+.1f} % "
        f"| {_mean(corrected)} | {_mean(corrected - true)} | {_largest(corrected)} | {held.mean():.0%} "
        f"| {known.mean():.0%} | {of_known} |"
    )


def three(kind: Kind, seeds: Sequence[int]) -> str:
    """Hospital, registry and household register counted two and two: the line of a kind."""
    lists = ("hospital", "registry", "household")
    bias, naive, held, agree = [], [], [], []
    for seed in seeds:
        made = simulate_lists(
            kind.births, seed=seed, error=kind.share, clustered=kind.clustered, duplicates=0.01, lists=lists
        )
        found = two_and_two(linkage(made, few=kind.few), made.tables)
        totals = list(found.totals.values())
        bias += [one.total / kind.births - 1 for one in totals]
        naive += [one.naive / kind.births - 1 for one in totals]
        held += [one.low <= kind.births <= one.high for one in totals]
        agree.append(found.agree)
    return (
        f"| {kind.births:,} | {kind.share:.0%} | {kind.where} | {len(agree)} | {100 * np.mean(naive):+.1f} % "
        f"| {100 * np.mean(bias):+.2f} % | {_largest(np.array(bias))} | {np.mean(held):.0%} | {np.mean(agree):.0%} |"
    )


def _mean(bias: NDArray[np.float64]) -> str:
    error = float(bias.std(ddof=1)) / sqrt(len(bias)) if len(bias) > 1 else float("nan")
    return f"{100 * bias.mean():+.2f} % (± {100 * error:.2f})"


def _largest(bias: NDArray[np.float64]) -> str:
    return f"{100 * np.abs(bias).max():.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--births", type=int, nargs="+", default=[2_500, 10_000])
    parser.add_argument("--worlds", type=int, default=12)
    parser.add_argument("--first", type=int, default=1_000)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--three", action="store_true")
    parser.add_argument("--births-bad", action="store_true")
    chosen = parser.parse_args()
    if chosen.three:
        for clustered in (False, True):
            seeds = range(chosen.first, chosen.first + chosen.worlds)
            print(three(Kind(min(chosen.births), 0.1, clustered), seeds), flush=True)
        return
    lines = [*HEAD]
    print("\n".join(lines), flush=True)
    chosen_kinds = (
        [Kind(min(chosen.births), share, clustered=False, births_bad=True) for share in (0.1, 0.2)]
        if chosen.births_bad
        else kinds(chosen.births)
    )
    for kind in chosen_kinds:
        lines.append(row(kind, [world(kind, chosen.first + at) for at in range(chosen.worlds)]))
        print(lines[-1], flush=True)
    if chosen.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(START)
        text = "\n".join(lines)
        PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
