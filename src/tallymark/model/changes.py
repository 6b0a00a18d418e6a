"""Dated changes of boundaries: units split, merge and move."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tallymark.findings import Finding
from tallymark.model.text import Text
from tallymark.model.unit_rows import date_of, nearest, text_of, value_of, where_written, wrong


@dataclass(frozen=True, slots=True)
class Share:
    """A successor and the part of the old unit's figures it takes over."""

    unit: str
    weight: float


@dataclass(frozen=True, slots=True)
class Change:
    """One change, in force from `date`. split: one unit → several. merge: several → one. move: new parent.

    A unit among both `of` and `to` goes on; the others of `of` cease. All changes of one date happen at once.
    """

    date: dt.date
    kind: str
    of: tuple[str, ...]
    to: tuple[Share, ...] = ()
    parent: str | None = None
    reason: Text | None = None
    of_weights: tuple[float, ...] | None = None
    """merge: the parts by which later figures of the one unit are carried back to `of`, in its order."""
    source: object = None
    """What was written, for findings."""


class _Refused(Exception):
    """A change that cannot stand, with its finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def read_changes(written: Iterable[object], index: Mapping[str, int]) -> tuple[list[Change], list[Finding]]:
    """Changes in order of date, without those that cannot stand, which are reported.

    `written` holds mappings or objects with date, kind, of, to (unit, weight), parent, reason and of_weights.
    """
    changes, problems, taken = list[Change](), list[Finding](), dict[tuple[dt.date, bool, str], Change]()
    for thing in written:
        try:
            change = _read(thing, index)
            for unit in change.of:
                key = (change.date, change.kind == "move", unit)
                if key in taken:
                    raise _refusal(
                        "change_conflict", thing, "“{unit}” changes twice on {date}",
                        "say it in one change, or date one of them later", unit=unit, date=change.date,
                    )  # fmt: skip
                taken[key] = change
            changes.append(change)
        except _Refused as refused:
            problems.append(refused.finding)
    return sorted(changes, key=lambda change: (change.date, change.kind, change.of)), problems


def _refusal(code: str, thing: object, template: str, hint: str = "", **values: object) -> _Refused:
    unit = values.get("unit")
    return _Refused(wrong(code, where_written(thing, str(unit) if unit else None), template, hint, **values))


def _read(thing: object, index: Mapping[str, int]) -> Change:
    date, kind = _date(thing), text_of(value_of(thing, "kind"))
    written = value_of(thing, "of") or []
    of = [text_of(unit) or "" for unit in ([written] if isinstance(written, str) else written)]
    to = [_share(share) for share in value_of(thing, "to") or []]
    parent = text_of(value_of(thing, "parent"))
    for unit in [*of, *(share.unit for share in to), *([parent] if parent else [])]:
        if unit not in index:
            near = nearest(unit, index)
            raise _refusal(
                "change_unknown_unit", thing, "a {kind} on {date} names “{unit}”, which is no declared unit",
                "did you mean {near}?" if near else "declare it among the units", kind=kind, date=date,
                unit=unit, near=near,
            )  # fmt: skip
    _check_shape(thing, kind, of, to, parent)
    if kind == "move":
        return Change(date, kind, tuple(of), (), parent, _reason(thing), None, thing)
    return Change(
        date, kind or "", tuple(of), _whole(thing, of, to), None, _reason(thing), _backward(thing, of), thing
    )


def _date(thing: object) -> dt.date:
    written = value_of(thing, "date")
    try:
        date = date_of(written)
    except ValueError:
        date = None
    if date is None:
        raise _refusal("not_a_date", thing, "a change is dated “{value}”, which is no date", "write 2025-03-14",
                       value=written or "")  # fmt: skip
    return date


def _share(share: object) -> Share:
    if isinstance(share, str):
        return Share(share.strip(), 1.0)
    weight = value_of(share, "weight")
    return Share(text_of(value_of(share, "unit")) or "", 1.0 if weight is None else float(weight))


def _check_shape(thing: object, kind: str | None, of: list[str], to: list[Share], parent: str | None) -> None:
    fits = {
        "split": len(of) == 1 and len(to) >= 1,
        "merge": len(of) >= 1 and len(to) == 1,
        "move": len(of) >= 1 and not to and parent is not None,
    }
    twice = len(set(of)) < len(of) or len({share.unit for share in to}) < len(to)
    if not fits.get(kind or "", False) or twice or (len(to) == 1 and of == [to[0].unit]):
        raise _refusal(
            "change_shape", thing, "“{kind}” of {of} to {to} cannot be read",
            "split: one unit of, several to; merge: several of, one to; move: of and parent; no unit twice",
            kind=kind or "", of=", ".join(of) or "nothing", to=", ".join(share.unit for share in to) or parent or "nothing",
        )  # fmt: skip


def _whole(thing: object, of: list[str], to: list[Share]) -> tuple[Share, ...]:
    """The shares, made to add to 1 exactly."""
    total = _checked(thing, of, [share.weight for share in to])
    return tuple(Share(share.unit, share.weight / total) for share in to)


def _backward(thing: object, of: list[str]) -> tuple[float, ...] | None:
    weights = value_of(thing, "of_weights")
    if not weights:
        return None
    if len(weights) != len(of):
        raise _refusal("shares_not_one", thing, "{n} of_weights are given for {of}", "give one a unit",
                       n=len(weights), of=", ".join(of))  # fmt: skip
    total = _checked(thing, of, [float(weight) for weight in weights])
    return tuple(float(weight) / total for weight in weights)


def _checked(thing: object, of: list[str], weights: list[float]) -> float:
    total = math.fsum(weights)
    if not abs(total - 1) <= 1e-6 or min(weights) < 0:
        raise _refusal(
            "shares_not_one", thing, "the shares of the change of {of} are {weights} and add to {total}, not 1",
            "correct `weight`; equal shares of {n} would be {equal}", of=", ".join(of), total=f"{total:.6g}",
            weights=" + ".join(f"{weight:.6g}" for weight in weights), n=len(weights), equal=f"{1 / len(weights):.6g}",
        )  # fmt: skip
    return total


def _reason(thing: object) -> Text | None:
    reason = value_of(thing, "reason")
    if reason is None or isinstance(reason, Text):
        return reason
    if isinstance(reason, str):
        return Text(reason)
    return Text(value_of(reason, "en") or "", value_of(reason, "zh") or "")
