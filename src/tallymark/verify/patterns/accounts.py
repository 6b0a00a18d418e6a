"""Accounts that must balance and ratios that some whole number must give: exact, no chance involved."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tallymark.programme.written.patterns import WrittenLedger, WrittenRatio
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.patterns.odd import Odd

Floats = NDArray[np.float64]
SLIPS = (10.0, 0.1, 100.0, 0.01)
ROUNDING = 1e-6


def ledgers(grid: Grid, one: WrittenLedger) -> Iterator[Odd]:
    """Accounts that do not balance, with the one figure that would balance it if a digit slipped, or the carried-over
    stock that is not what was left."""
    if one.closing is None:
        yield from _until_next(grid, one)
        return
    items = [one.opening, *one.into, *one.out, one.closing]
    if any(name not in grid.items for name in items):
        return
    signs = np.array([1.0, *[1.0] * len(one.into), *[-1.0] * len(one.out), -1.0])
    values = np.stack([grid.item(name) for name in items], axis=2)
    gap = values @ signs
    for unit, slot in np.argwhere((np.abs(gap) > ROUNDING) & grid.told[None, :]).tolist():
        own = values[unit, slot]
        culprit, repaired = _slipped(own, signs, _carried(values, unit, slot, one))
        item = items[culprit] if culprit is not None else one.closing
        said = {
            "gap": float(gap[unit, slot]), "closing": float(own[-1]), "sum": float(own[-1] + gap[unit, slot]),
            "value": float(own[culprit]) if culprit is not None else None, "repaired": repaired,
        }  # fmt: skip
        code = grid.slots[slot]
        yield Odd(
            "ledger", grid.dataset, grid.units[unit], code, item, 0.0, abs(gap[unit, slot]), said, (code,)
        )
    yield from _broken_chain(grid, one, grid.item(one.closing), gap)


def _carried(values: Floats, unit: int, slot: int, one: WrittenLedger) -> int | None:
    """The position of the opening or closing that its neighbour in time contradicts: that one is wrong."""
    if (
        slot
        and values[unit, slot - 1, -1] != values[unit, slot, 0]
        and np.isfinite(values[unit, slot - 1, -1])
    ):
        return 0
    after = slot + 1 < values.shape[1] and np.isfinite(values[unit, slot + 1, 0])
    if after and values[unit, slot + 1, 0] != values[unit, slot, -1]:
        return int(values.shape[2] - 1)
    return None


def _slipped(own: Floats, signs: Floats, carried: int | None) -> tuple[int | None, float | None]:
    """The figure that balances the account when its digit is put back, and what it would be."""
    gap = float(own @ signs)
    order: list[int] = [carried] if carried is not None else []
    order += [at for at in range(len(own)) if at != carried]
    for at in order:
        for factor in SLIPS:
            repaired = own[at] / factor
            if own[at] and abs(gap - signs[at] * (own[at] - repaired)) <= ROUNDING * max(abs(own).max(), 1):
                return int(at), float(repaired)
    return carried, None


def _broken_chain(grid: Grid, one: WrittenLedger, closing: Floats, gap: Floats) -> Iterator[Odd]:
    """Openings that are not what was left, in accounts that balance in themselves."""
    opening = grid.item(one.opening)
    broken = np.zeros(opening.shape, dtype=bool)
    fine = (np.abs(gap[:, 1:]) <= ROUNDING) & (np.abs(gap[:, :-1]) <= ROUNDING)
    broken[:, 1:] = fine & (np.abs(opening[:, 1:] - closing[:, :-1]) > ROUNDING)
    for unit, slot in np.argwhere(broken & grid.told[None, :]).tolist():
        yield _not_what_was_left(grid, one.opening, (unit, slot), float(closing[unit, slot - 1]))


def _not_what_was_left(grid: Grid, item: str, place: tuple[int, int], before: float) -> Odd:
    unit, slot = place
    code, value = grid.slots[slot], float(grid.item(item)[unit, slot])
    said = {"gap": value - before, "value": value, "repaired": before, "closing": before, "sum": None,
            "other": grid.slots[slot - 1]}  # fmt: skip
    return Odd(
        "ledger", grid.dataset, grid.units[unit], code, item, 0.0, abs(value - before), said, (code,)
    )  # fmt: skip


def _until_next(grid: Grid, one: WrittenLedger) -> Iterator[Odd]:
    """Accounts without a closing: the next opening is what was left, and no more goes out than there was.

    What went out is compared as far as it is known; an opening only with accounts of which every figure is.
    """
    items = [one.opening, *one.into, *one.out]
    if any(name not in grid.items for name in items):
        return
    values = np.stack([grid.item(name) for name in items], axis=2)
    into = 1 + len(one.into)
    had, gone = values[:, :, :into].sum(axis=2), values[:, :, into:]
    left = had - gone.sum(axis=2)
    known_gone = np.nansum(gone, axis=2)
    over = known_gone > had + ROUNDING
    for unit, slot in np.argwhere(over & grid.told[None, :]).tolist():
        code, short = grid.slots[slot], float(known_gone[unit, slot] - had[unit, slot])
        said = {"had": float(had[unit, slot]), "gone": float(known_gone[unit, slot]), "gap": -short}
        yield Odd("ledger", grid.dataset, grid.units[unit], code, one.opening, 0.0, short, said, (code,))
    broken = np.zeros(left.shape, dtype=bool)
    broken[:, 1:] = ~over[:, :-1] & (np.abs(values[:, 1:, 0] - left[:, :-1]) > ROUNDING)
    signs = np.array([1.0] * into + [-1.0] * len(one.out) + [-1.0])
    for unit, slot in np.argwhere(broken & grid.told[None, :]).tolist():
        own = np.append(values[unit, slot - 1], values[unit, slot, 0])
        slip = _slip_before(grid, one, (unit, slot), own=own, signs=signs)
        yield slip or _not_what_was_left(grid, one.opening, (unit, slot), float(left[unit, slot - 1]))


def _slip_before(
    grid: Grid, one: WrittenLedger, place: tuple[int, int], *, own: Floats, signs: Floats
) -> Odd | None:
    """The figure of the period before, told too, that would give this opening if its digit were put back."""
    unit, slot = place
    culprit, repaired = _slipped(own, signs, None)
    if culprit is None or culprit in (0, len(own) - 1) or not grid.told[slot - 1]:
        return None
    item, code = [one.opening, *one.into, *one.out][culprit], grid.slots[slot - 1]
    gap = float(own @ signs)
    said = {"gap": gap, "closing": float(own[-1]), "sum": float(own[-1] + gap), "value": float(own[culprit]),
            "repaired": repaired}  # fmt: skip
    return Odd("ledger", grid.dataset, grid.units[unit], code, item, 0.0, abs(gap), said, (code,))


def impossible_ratios(grid: Grid, one: WrittenRatio) -> Iterator[Odd]:
    """Ratios that no whole number over their base gives, to the decimals reported."""
    if one.ratio not in grid.items or one.of not in grid.items:
        return
    ratio, base = grid.item(one.ratio), grid.item(one.of)
    known = np.isfinite(ratio) & np.isfinite(base) & (base > 0) & grid.told[None, :]
    half = 0.5 * 10.0**-one.decimals * (1 + ROUNDING)
    number = np.where(known, ratio * np.where(known, base, 1.0) / one.factor, 0.0)
    reach = np.where(known, half * base / one.factor, 1.0)
    none = known & (np.floor(number + reach) < np.ceil(number - reach))
    for unit, slot in np.argwhere(none).tolist():
        near = np.array([np.floor(number[unit, slot]), np.ceil(number[unit, slot])])
        shown = np.round(near * one.factor / base[unit, slot], one.decimals)
        said = {"of_item": one.of, "value": float(ratio[unit, slot]), "n": float(base[unit, slot]),
                "lower": f"{near[0]:g} → {shown[0]:g}", "upper": f"{near[1]:g} → {shown[1]:g}"}  # fmt: skip
        code = grid.slots[slot]
        yield Odd(
            "impossible_ratio", grid.dataset, grid.units[unit], code, one.ratio, 0.0, 1.0, said, (code,)
        )
