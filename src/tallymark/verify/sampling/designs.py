"""Sampling designs: who is drawn from a frame by a seed, and with what exact probability each unit is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor, lcm

from tallymark.errors import TallymarkError
from tallymark.verify.sampling.frame import Frame, Row
from tallymark.verify.sampling.randomness import Stream, simple, systematic

LEAST = 2
"""Units of a stratum at least, so that its spread can be told."""


@dataclass(frozen=True, slots=True)
class Design:
    """How to draw: `n` units (or clusters, or units of each lot), `per` units of each cluster."""

    kind: str
    n: int
    per: int = 0
    allocation: str = "proportional"

    def told(self) -> dict[str, object]:
        """The design as it is published."""
        shown: dict[str, object] = {"kind": self.kind, "n": self.n}
        if self.kind == "clusters":
            shown["per"] = self.per
        if self.kind == "stratified":
            shown["allocation"] = self.allocation
        return shown


@dataclass(frozen=True, slots=True)
class Drawn:
    """A unit of the sample, with the probability that it had."""

    row: Row
    order: int
    """Its place in the draw, from 1."""
    probability: Fraction

    @property
    def weight(self) -> Fraction:
        """How many units of the frame it stands for."""
        return 1 / self.probability


def draw(frame: Frame, design: Design, seed: bytes) -> list[Drawn]:
    """The sample; the same frame, design and seed give the same one anywhere."""
    check_design(frame, design)
    chances = probabilities(frame, design)
    rows = KINDS[design.kind](frame, design, seed)
    return [Drawn(row, place, chances[row.unit]) for place, row in enumerate(rows, 1)]


def probabilities(frame: Frame, design: Design) -> dict[str, Fraction]:
    """The exact probability of every unit of the frame to be in the sample; they add up to its expected size."""
    check_design(frame, design)
    return CHANCES[design.kind](frame, design)


def check_design(frame: Frame, design: Design) -> None:
    """Nothing when the design can be drawn from the frame; TallymarkError says what stands in the way."""
    if design.n < 1:
        raise TallymarkError("at least one unit must be drawn, not {n}", n=design.n)
    groups = {"stratified": "stratum", "lots": "stratum", "clusters": "cluster"}.get(design.kind)
    if groups and any(not getattr(row, groups) for row in frame.rows):
        bare = next(row.unit for row in frame.rows if not getattr(row, groups))
        raise TallymarkError(
            "unit {unit} has no {column}; this design needs one for every unit", unit=bare, column=groups
        )
    if design.kind == "clusters" and design.per < 1:
        raise TallymarkError("say how many units of each cluster to draw (--per)")
    most = len(frame.groups("cluster")) if design.kind == "clusters" else len(frame.rows)
    if design.kind != "lots" and design.n > most:
        raise TallymarkError("{n} cannot be drawn from {most}", n=design.n, most=most)
    if design.kind == "stratified" and design.n < len(frame.groups("stratum")):
        raise TallymarkError(
            "{n} units are too few for {strata} strata", n=design.n, strata=len(frame.groups("stratum"))
        )


def _simple(frame: Frame, design: Design, seed: bytes) -> list[Row]:
    return simple(frame.rows, design.n, Stream(seed, "simple"))


def _stratified(frame: Frame, design: Design, seed: bytes) -> list[Row]:
    counts = allocated(frame, design)
    return [
        row
        for stratum, rows in frame.groups("stratum").items()
        for row in simple(rows, counts[stratum], Stream(seed, f"stratum/{stratum}"))
    ]


def _lots(frame: Frame, design: Design, seed: bytes) -> list[Row]:
    return [
        row
        for lot, rows in frame.groups("stratum").items()
        for row in simple(rows, design.n, Stream(seed, f"stratum/{lot}"))
    ]


def _pps(frame: Frame, design: Design, seed: bytes) -> list[Row]:
    rows = sorted(frame.rows, key=lambda row: (row.stratum, row.unit))
    return [rows[place] for place in _by_size([row.size for row in rows], design.n, Stream(seed, "pps"))]


def _clusters(frame: Frame, design: Design, seed: bytes) -> list[Row]:
    clusters = list(frame.groups("cluster").items())
    chosen = _by_size([Fraction(len(rows)) for _, rows in clusters], design.n, Stream(seed, "clusters"))
    return [
        row
        for place in chosen
        for row in simple(clusters[place][1], design.per, Stream(seed, f"cluster/{clusters[place][0]}"))
    ]


def _by_size(sizes: Sequence[Fraction], count: int, stream: Stream) -> list[int]:
    """Places drawn with probability proportional to size; what is too large for that is taken for certain."""
    certain = certainties(sizes, count)
    others = [place for place in range(len(sizes)) if place not in certain]
    scale = lcm(*(sizes[place].denominator for place in others)) if others else 1
    whole = [int(sizes[place] * scale) for place in others]
    drawn = systematic(whole, count - len(certain), stream)
    return sorted([*certain, *(others[place] for place in drawn)])


def certainties(sizes: Sequence[Fraction], count: int) -> set[int]:
    """Places whose size is at least a step of the total, found again until none is."""
    certain: set[int] = set()
    while len(certain) < count:
        left = [place for place in range(len(sizes)) if place not in certain]
        total, steps = sum((sizes[place] for place in left), Fraction(0)), count - len(certain)
        large = {place for place in left if sizes[place] * steps >= total}
        if not large:
            break
        certain |= large
    return certain


def _size_chances(sizes: Sequence[Fraction], count: int) -> list[Fraction]:
    certain = certainties(sizes, count)
    total = sum((size for place, size in enumerate(sizes) if place not in certain), Fraction(0))
    left = count - len(certain)
    return [Fraction(1) if place in certain else left * size / total for place, size in enumerate(sizes)]


def _simple_chances(frame: Frame, design: Design) -> dict[str, Fraction]:
    chance = Fraction(min(design.n, len(frame.rows)), len(frame.rows))
    return {row.unit: chance for row in frame.rows}


def _stratified_chances(frame: Frame, design: Design) -> dict[str, Fraction]:
    counts = allocated(frame, design)
    return {
        row.unit: Fraction(counts[stratum], len(rows))
        for stratum, rows in frame.groups("stratum").items()
        for row in rows
    }


def _lot_chances(frame: Frame, design: Design) -> dict[str, Fraction]:
    return {
        row.unit: Fraction(min(design.n, len(rows)), len(rows))
        for rows in frame.groups("stratum").values()
        for row in rows
    }


def _pps_chances(frame: Frame, design: Design) -> dict[str, Fraction]:
    chances = _size_chances([row.size for row in frame.rows], design.n)
    return {row.unit: chance for row, chance in zip(frame.rows, chances, strict=True)}


def _cluster_chances(frame: Frame, design: Design) -> dict[str, Fraction]:
    clusters = list(frame.groups("cluster").values())
    first = _size_chances([Fraction(len(rows)) for rows in clusters], design.n)
    return {
        row.unit: chance * Fraction(min(design.per, len(rows)), len(rows))
        for rows, chance in zip(clusters, first, strict=True)
        for row in rows
    }


def allocated(frame: Frame, design: Design) -> dict[str, int]:
    """How many units of each stratum: by largest remainder, two at least, never more than there are."""
    groups = frame.groups("stratum")
    weights = {name: ALLOCATIONS[design.allocation](rows) for name, rows in groups.items()}
    sizes = {name: len(rows) for name, rows in groups.items()}
    least = {name: min(LEAST, size) for name, size in sizes.items()}
    if sum(least.values()) > design.n:
        least = dict.fromkeys(groups, 1)
    counts = dict(least)
    while (left := design.n - sum(counts.values())) > 0:
        open_ = [name for name in groups if counts[name] < sizes[name]]
        total = sum((weights[name] for name in open_), Fraction(0))
        wanted = {name: design.n * weights[name] / total - counts[name] for name in open_}
        short = {name: max(Fraction(0), each) for name, each in wanted.items()}
        scale = sum(short.values(), Fraction(0))
        shares = (
            {name: left * each / scale for name, each in short.items()}
            if scale
            else dict.fromkeys(open_, Fraction(0))
        )
        for name in open_:
            counts[name] += min(floor(shares[name]), sizes[name] - counts[name])
        if design.n - sum(counts.values()) == left:
            name = min(
                (each for each in open_ if counts[each] < sizes[each]), key=lambda each: (-wanted[each], each)
            )
            counts[name] += 1
    return counts


ALLOCATIONS: Mapping[str, Callable[[Iterable[Row]], Fraction]] = {
    "proportional": lambda rows: Fraction(sum(1 for _ in rows)),
    "size": lambda rows: sum((row.size for row in rows), Fraction(0)),
    "equal": lambda rows: Fraction(1),
}
KINDS: Mapping[str, Callable[[Frame, Design, bytes], list[Row]]] = {
    "simple": _simple,
    "stratified": _stratified,
    "pps": _pps,
    "clusters": _clusters,
    "lots": _lots,
}
CHANCES: Mapping[str, Callable[[Frame, Design], dict[str, Fraction]]] = {
    "simple": _simple_chances,
    "stratified": _stratified_chances,
    "pps": _pps_chances,
    "clusters": _cluster_chances,
    "lots": _lot_chances,
}
