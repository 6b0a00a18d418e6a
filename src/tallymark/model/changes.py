"""Dated changes of boundaries: units split, merge and move."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tallymark.findings import Finding
from tallymark.model.text import Text
from tallymark.model.unit_rows import date_of, nearest, text_of, value_of, where_written, wrong

SHARES_TOLERANCE = 1e-6
"""How far shares may be from 1 in total; they are then made to add to it exactly."""


@dataclass(frozen=True, slots=True)
class Share:
    """A successor and the part of the old unit's figures that it takes over."""

    unit: str
    weight: float


@dataclass(frozen=True, slots=True)
class Change:
    """One change, in force from `date`. split: one unit → several. merge: several → one. move: new parent.

    A unit among both `of` and `to` goes on; the others of `of` cease. All changes of a date happen at once.
    """

    date: dt.date
    kind: str
    of: tuple[str, ...]
    to: tuple[Share, ...] = ()
    parent: str | None = None
    reason: Text | None = None
    of_weights: tuple[float, ...] | None = None
    """merge: the parts in which later figures of the one unit are carried back to `of`, in its order."""
    source: object = None
    """What was written, for findings."""


def ceasing(change: Change) -> tuple[str, ...]:
    """The units that a change ends."""
    if change.kind == "move":
        return ()
    heirs = {share.unit for share in change.to}
    return tuple(code for code in change.of if code not in heirs)


class _Refused(Exception):
    """A change that cannot be read, with its finding."""

    def __init__(
        self, code: str, thing: object, template: str, hint: str, values: Mapping[str, object]
    ) -> None:
        unit = values.get("unit")
        super().__init__(code)
        self.finding = wrong(
            code, where_written(thing, str(unit) if unit else None), template, hint, values=values
        )


def read_changes(written: Iterable[object], index: Mapping[str, int]) -> tuple[list[Change], list[Finding]]:
    """Changes in order of date, without those that cannot be read, which are reported.

    `written` holds mappings or objects with date, kind, of, to (unit, weight), parent, reason and of_weights.
    """
    changes, problems = list[Change](), list[Finding]()
    for thing in written:
        try:
            changes.append(_read(thing, index))
        except _Refused as refused:
            problems.append(refused.finding)
    changes.sort(key=_order)
    kept, taken = list[Change](), set[tuple[dt.date, bool, str]]()
    for change in changes:
        keys = {(change.date, change.kind == "move", unit) for unit in change.of}
        if keys & taken:
            problems.append(_conflict(change, min(unit for _, _, unit in keys & taken)))
        else:
            kept.append(change)
            taken |= keys
    return kept, problems


def _order(change: Change) -> tuple[object, ...]:
    """By date; the rest only so that the order of writing changes nothing."""
    shares = tuple((share.unit, share.weight) for share in change.to)
    return change.date, change.kind, change.of, shares, change.parent or ""


def _conflict(change: Change, unit: str) -> Finding:
    return wrong(
        "change_conflict",
        where_written(change.source, unit),
        "“{unit}” changes in two ways on {date}",
        "say it in one change, or date one of them later",
        values={"unit": unit, "date": change.date},
    )


def _read(thing: object, index: Mapping[str, int]) -> Change:
    date, kind = _date(thing), text_of(value_of(thing, "kind")) or ""
    of = [text_of(unit) or "" for unit in _listed(value_of(thing, "of"))]
    to = [_share(thing, share) for share in _listed(value_of(thing, "to"))]
    parent = text_of(value_of(thing, "parent"))
    _check_known(thing, date, [*of, *(share.unit for share in to), *([parent] if parent else [])], index)
    _check_shape(thing, kind, of, [share.unit for share in to], parent)
    if kind == "move":
        return Change(date, kind, tuple(of), parent=parent, reason=_reason(thing), source=thing)
    weights = _adding_to_one(thing, of, [share.weight for share in to])
    shares = tuple(Share(share.unit, weight) for share, weight in zip(to, weights, strict=True))
    back = _backward(thing, of)
    return Change(date, kind, tuple(of), shares, reason=_reason(thing), of_weights=back, source=thing)


def _listed(value: object) -> list[Any]:
    """A list as it is, one value as a list of it, nothing as an empty one."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def _date(thing: object) -> dt.date:
    written = value_of(thing, "date")
    try:
        date = date_of(written)
    except ValueError:
        date = None
    if date is None:
        raise _Refused(
            "not_a_date",
            thing,
            "a change is dated “{value}”, which is no date",
            "write it as 2025-03-14",
            {"value": "" if written is None else written},
        )
    return date


def _share(thing: object, share: object) -> Share:
    if not isinstance(share, Mapping) and not hasattr(share, "weight"):
        return Share(text_of(share) or "", 1.0)
    weight = value_of(share, "weight")
    return Share(
        text_of(value_of(share, "unit")) or "", 1.0 if text_of(weight) is None else _number(thing, weight)
    )


def _number(thing: object, value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise _Refused(
            "not_a_number", thing, "the share “{value}” is no number", "write it as 0.4", {"value": value}
        ) from None


def _check_known(thing: object, date: dt.date, units: Iterable[str], index: Mapping[str, int]) -> None:
    for unit in units:
        if unit not in index:
            near = nearest(unit, index)
            raise _Refused(
                "change_unknown_unit",
                thing,
                "a change of {date} names “{unit}”, which is no declared unit",
                "did you mean {near}?" if near else "declare it among the units",
                {"date": date, "unit": unit, "near": near},
            )


def _check_shape(thing: object, kind: str, of: Sequence[str], to: Sequence[str], parent: str | None) -> None:
    fits = {
        "split": len(of) == 1 and len(to) >= 1,
        "merge": len(of) >= 1 and len(to) == 1,
        "move": len(of) >= 1 and not to and parent is not None,
    }
    twice = len(set(of)) < len(of) or len(set(to)) < len(to)
    if not fits.get(kind, False) or twice or list(of) == list(to):
        raise _Refused(
            "change_shape",
            thing,
            "a change cannot be read: {kind} of {of} to {to}",
            "split has one unit `of` and several `to`, merge several `of` and one `to`, move has `of` and "
            "`parent`; no unit comes twice",
            {"kind": kind, "of": ", ".join(of), "to": ", ".join(to) or (parent or "")},
        )


def _backward(thing: object, of: Sequence[str]) -> tuple[float, ...] | None:
    weights = _listed(value_of(thing, "of_weights"))
    if not weights:
        return None
    if len(weights) != len(of):
        raise _Refused(
            "shares_not_one",
            thing,
            "{n} `of_weights` are given for {of}",
            "give one for each unit, in the same order",
            {"n": len(weights), "of": ", ".join(of)},
        )
    return _adding_to_one(thing, of, [_number(thing, weight) for weight in weights])


def _adding_to_one(thing: object, of: Sequence[str], weights: Sequence[float]) -> tuple[float, ...]:
    total = math.fsum(weights)
    if not abs(total - 1) <= SHARES_TOLERANCE or min(weights) < 0:
        raise _Refused(
            "shares_not_one",
            thing,
            "the shares of the change of {of} are {weights}; they add to {total}, not to 1",
            "correct them; {n} equal shares would be {equal}",
            {
                "of": ", ".join(of), "weights": ", ".join(f"{weight:.6g}" for weight in weights),
                "total": f"{total:.6g}", "n": len(weights), "equal": f"{1 / len(weights):.8g}",
            },
        )  # fmt: skip
    return tuple(weight / total for weight in weights)


def _reason(thing: object) -> Text | None:
    reason = value_of(thing, "reason")
    if reason is None or isinstance(reason, Text):
        return reason
    if isinstance(reason, str):
        return Text(reason)
    return Text(text_of(value_of(reason, "en")) or "", text_of(value_of(reason, "zh")) or "")
