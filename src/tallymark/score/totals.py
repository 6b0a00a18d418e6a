"""From lines to a total: base (scaled where lines were set aside), bonus, deductions, gates, strands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tallymark.programme.resolved import Contract, Gate
from tallymark.score.awards import Floats
from tallymark.score.points import REFUSED, Bools, Known, LinePoints, deduction_points, line_points
from tallymark.score.verdict_gates import holds

Z = 1.96


@dataclass(frozen=True, slots=True)
class Sum:
    """Points with their standard error (NaN: no line has an interval), and where they are refused."""

    points: Floats
    se: Floats
    refused: Bools


@dataclass(frozen=True, slots=True)
class Bite:
    """A gate: where its condition holds, and where it cannot be judged."""

    gate: Gate
    bites: Bools
    unknown: Bools


@dataclass(frozen=True, slots=True)
class Result:
    """One contract scored for every unit (arrays in the units' order; only `member` units signed it)."""

    contract: Contract
    member: Bools
    worth: float
    """What a point of this contract is worth in the bundle being scored; 1 when it is not a strand."""
    lines: tuple[LinePoints, ...]
    base: Floats
    bonus: Floats
    deductions: Floats
    before: Floats
    total: Floats
    low: Floats
    high: Floats
    se: Floats
    refused: Bools
    gates: tuple[Bite, ...]
    strands: tuple[Result, ...]

    @property
    def void(self) -> Bools:
        """Where a gate voided the total."""
        mask = np.zeros(self.total.shape, np.bool_)
        for bite in self.gates:
            if bite.gate.effect == "void":
                mask |= bite.bites
        return mask

    @property
    def everything(self) -> tuple[Result, ...]:
        """This contract and its strands, theirs included."""
        return (self, *(inner for strand in self.strands for inner in strand.everything))


def total_points(contract: Contract, known: Known, *, worth: float = 1.0) -> Result:
    """The contract's total for every unit.

    base + bonus − deductions, not below 0, then gates: the lowest cap that bites, or 0 where one voids.
    Its interval is total ∓ 1.96 standard errors, not below 0, and bound by the same gates.
    """
    member = np.isin(known.units, contract.units) if contract.units else np.ones(len(known.units), np.bool_)
    lines = [line_points(line, part.code, "line", known) for part in contract.sections for line in part.lines]
    extra = [line_points(line, "bonus", "bonus", known) for line in contract.bonus]
    off = [deduction_points(deduction, known) for deduction in contract.deductions]
    weights = _worths(contract, worth)
    strands = tuple(
        total_points(strand, known, worth=each)
        for (strand, _), each in zip(contract.bundle, weights, strict=True)
    )
    base = _of_strands(strands, weights, worth) if strands else _of_lines(lines, member)
    bonus = _bonus(extra, contract.bonus_cap, member)
    taken = _sum(off, member)
    before = np.maximum(base.points + bonus.points + taken.points, 0.0)
    se = np.where(np.isnan(before), np.nan, _together(base.se, bonus.se, taken.se))
    gates = tuple(_bite(gate, known, member) for gate in contract.gates)
    total, low, high, se = _gated(before, se, gates)
    return Result(
        contract=contract,
        member=member,
        worth=worth,
        lines=(*lines, *extra, *off),
        base=base.points,
        bonus=bonus.points,
        deductions=0.0 - taken.points,
        before=before,
        total=total,
        low=low,
        high=high,
        se=se,
        refused=base.refused,
        gates=gates,
        strands=strands,
    )


def _worths(contract: Contract, worth: float) -> list[float]:
    """What a point of each strand is worth: its share of the bundle's points over the strand's own points."""
    heaviness = sum(weight for _, weight in contract.bundle)
    return [
        worth * weight / heaviness * contract.points / strand.points for strand, weight in contract.bundle
    ]


def _of_lines(lines: Sequence[LinePoints], member: Bools) -> Sum:
    """Points of the lines, scaled up to the full points where some do not count; NaN where none counts."""
    full, had = 0.0, np.zeros(member.shape)
    for line in lines:
        full += line.full
        had += np.where(line.counts, line.available, 0.0)
    counts = [line.counts for line in lines]
    some = np.any(counts, axis=0) if counts else np.zeros(member.shape, np.bool_)
    all_count = np.all(counts, axis=0) if counts else some
    scale = np.divide(full, had, out=np.ones(member.shape), where=some & ~all_count)
    refused = np.zeros(member.shape, np.bool_)
    for line in lines:
        refused |= line.status == REFUSED
    plain = _sum(lines, member)
    use = member & some & ~refused
    return Sum(np.where(use, plain.points * scale, np.nan), np.where(use, plain.se * scale, np.nan), refused)


def _of_strands(strands: Sequence[Result], worths: Sequence[float], worth: float) -> Sum:
    """Σ worth × total of the strands; where one does not apply, the others count up to the full points.

    No total where a strand's total is refused.
    """
    shape = strands[0].total.shape
    points, variance, present, whole = np.zeros(shape), np.zeros(shape), np.zeros(shape), 0.0
    refused, certain = np.zeros(shape, np.bool_), np.ones(shape, np.bool_)
    for strand, each in zip(strands, worths, strict=True):
        part = each / worth
        known = ~np.isnan(strand.total)
        refused |= strand.refused & strand.member & ~known
        points += part * np.nan_to_num(strand.total)
        variance += (part * np.nan_to_num(strand.se)) ** 2
        certain &= np.isnan(strand.se)
        present += np.where(known, part * strand.contract.points, 0.0)
        whole += part * strand.contract.points
    use = (present > 0) & ~refused
    full = np.isclose(present, whole, rtol=1e-12)
    scale = np.divide(whole, present, out=np.ones(shape), where=use & ~full)
    return Sum(
        np.where(use, points * scale, np.nan),
        np.where(use & ~certain, np.sqrt(variance) * scale, np.nan),
        refused,
    )


def _bonus(lines: Sequence[LinePoints], cap: float, member: Bools) -> Sum:
    plain = _sum(lines, member)
    over = plain.points > cap
    return Sum(np.where(over, cap, plain.points), np.where(over, np.nan, plain.se), plain.refused)


def _sum(lines: Sequence[LinePoints], member: Bools) -> Sum:
    points, variance = np.zeros(member.shape), np.zeros(member.shape)
    certain = np.ones(member.shape, np.bool_)
    for line in lines:
        points += np.nan_to_num(line.points)
        variance += np.nan_to_num(line.spread) ** 2
        certain &= np.isnan(line.spread)
    nowhere = np.zeros(member.shape, np.bool_)
    return Sum(
        np.where(member, points, np.nan), np.where(member & ~certain, np.sqrt(variance), np.nan), nowhere
    )


def _together(*parts: Floats) -> Floats:
    """Independent standard errors together; an unknown one adds nothing, all unknown stays unknown."""
    known = ~np.isnan(np.stack(parts))
    return np.where(known.any(axis=0), np.sqrt((np.nan_to_num(np.stack(parts)) ** 2).sum(axis=0)), np.nan)


def _bite(gate: Gate, known: Known, member: Bools) -> Bite:
    if gate.verdict is not None:
        held = holds(gate.verdict, known.verdicts, len(known.units))
    elif gate.when is not None:
        held = known.holds(gate.when)
    else:
        held = np.zeros(len(known.units))
    return Bite(gate, (held == 1) & member, np.isnan(held) & member)


def _gated(before: Floats, se: Floats, gates: Sequence[Bite]) -> tuple[Floats, Floats, Floats, Floats]:
    """Total, low, high and standard error after the gates; what a gate decides is as sure as the gate."""
    total, low, high = before, np.maximum(before - Z * se, 0.0), before + Z * se
    for bite in gates:
        if bite.gate.effect == "void":
            total, low, high = (np.where(bite.bites, 0.0, side) for side in (total, low, high))
        elif bite.gate.cap is not None:
            cap = bite.gate.cap
            total, low, high = (
                np.where(bite.bites, np.minimum(side, cap), side) for side in (total, low, high)
            )
    decided = (total < before) | (np.isnan(before) & ~np.isnan(total))
    return total, low, high, np.where(decided, (high - low) / (2 * Z), se)
