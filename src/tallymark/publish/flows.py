"""Linkages as they may be shown: how many records of each list were matched, and how many events there are in all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tallymark.errors import TallymarkError

SUMMARY = "summary.json"
TOKENS = "kinds"
"""What only the summary of a linkage of tokens says: their kinds."""
STATES = ("matched", "unmatched", "duplicate")


@dataclass(frozen=True, slots=True)
class Flow:
    """One list of a linkage: how many of its records have which state, and the share of all events that it holds.

    Where counts are rounded, so are the events on the list before they are divided by the rounded total: an exact share
    of it would give the exact count back.
    """

    name: str
    states: Mapping[str, int]
    share: float | None


@dataclass(frozen=True, slots=True)
class Flows:
    """What a linkage came to; counts are rounded to `step` where that is more than 1."""

    linkage: str
    purpose: str
    lists: tuple[Flow, ...]
    contradictory: int | None
    """Pairs taken as one record of which some field plainly differs; None where nobody counted them."""
    fields: Mapping[str, int]
    lost: float
    """Share of matches thought lost because no rule compared the records."""
    total: Mapping[str, float] | None
    """Events in all: naive, corrected, low, high."""
    known: bool
    step: int


def read_flows(folders: Sequence[Path], *, step: int = 1) -> tuple[Flows, ...]:
    """The linkages that `tallymark link` wrote to some folders, counts rounded to multiples of `step`.

    Errors: TallymarkError for a folder that holds no linkage, or one of tokens.
    """
    return tuple(_flows(folder, step) for folder in folders)


def _flows(folder: Path, step: int) -> Flows:
    try:
        said = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        if TOKENS in said and "records" in said:
            raise TallymarkError(
                "{folder} holds a linkage of tokens (`tallymark link --tokens`), which is not published: tokens cannot "
                "say what they lose, nor how many events there are in all; give a folder linked from the lists "
                "themselves",
                folder=folder,
            )
        return _read(said, step)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise TallymarkError(
            "{folder} holds no linkage: its {file} cannot be read; `tallymark link` makes one",
            folder=folder,
            file=SUMMARY,
        ) from error


def _read(said: Mapping[str, Any], step: int) -> Flows:
    rounded = _rounded(step)
    found = said.get("completeness")
    shares = found["share_held"] if found else {}
    total = float(found["events_in_all"]["corrected"]) if found else 0.0
    odd = said.get("contradictory")
    return Flows(
        linkage=str(said["linkage"]),
        purpose=str(said["purpose"]),
        lists=tuple(
            Flow(
                name,
                {state: rounded(states.get(state, 0)) for state in STATES},
                _share(float(shares[name]), total, step) if name in shares else None,
            )
            for name, states in said["records"].items()
        ),
        contradictory=None if odd is None else rounded(odd["pairs"]),
        fields={} if odd is None else {name: rounded(count) for name, count in odd["fields"].items()},
        lost=float(said["lost_to_blocking"]),
        total=None
        if not found
        else {name: float(rounded(value)) for name, value in found["events_in_all"].items()},
        known=bool(found["known"]) if found else False,
        step=step,
    )


def _share(share: float, total: float, step: int) -> float | None:
    if step == 1:
        return share
    rounded = _rounded(step)
    return rounded(share * total) / rounded(total) if rounded(total) else None


def _rounded(step: int) -> Callable[[float], int]:
    return lambda count: step * round(count / step)
