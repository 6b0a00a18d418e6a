"""Commit and reveal: what is published before a draw fixes it, and tells nothing of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tallymark.errors import TallymarkError
from tallymark.texts import Message
from tallymark.verify.sampling.designs import ALLOCATIONS, KINDS, Design, Drawn, draw
from tallymark.verify.sampling.frame import Frame, shown
from tallymark.verify.sampling.randomness import FORMAT, joined


@dataclass(frozen=True, slots=True)
class Commitment:
    """What is published before the day."""

    title: str
    design: Design
    frame_hash: str
    frame_rows: int
    event: str
    """A public event after the commitment whose outcome enters the seed; empty when there is none."""
    made_at: str
    hash: str

    def told(self) -> dict[str, Any]:
        """The commitment as JSON."""
        return {
            "format": FORMAT,
            "title": self.title,
            "design": self.design.told(),
            "frame": {"sha256": self.frame_hash, "units": self.frame_rows},
            "event": self.event,
            "made_at": self.made_at,
            "commitment": self.hash,
        }


def committed(
    frame: Frame, design: Design, seed: bytes, *, event: str, title: str, made_at: str
) -> Commitment:
    """The commitment to a secret seed of 32 bytes for a frame and a design."""
    if len(seed) != 32:
        raise TallymarkError("a seed has 32 bytes (64 hex digits), not {count}", count=len(seed))
    draw(frame, design, joined(seed, ""))  # what cannot be drawn is not committed to
    return Commitment(
        title,
        design,
        frame.hash,
        len(frame.rows),
        event,
        made_at,
        commitment_hash(frame.hash, design, event, seed),
    )


def commitment_hash(frame_hash: str, design: Design, event: str, seed: bytes) -> str:
    """SHA-256 over five lines: format, hash of the frame, design as JSON with sorted keys, event, seed in hex."""
    told = json.dumps(design.told(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    lines = f"{FORMAT}\n{frame_hash}\n{told}\n{event}\n{seed.hex()}\n"
    return hashlib.sha256(lines.encode()).hexdigest()


def read_commitment(told: Mapping[str, Any], name: str) -> Commitment:
    """A published commitment."""
    try:
        design = told["design"]
        made = Commitment(
            str(told["title"]),
            Design(
                design["kind"],
                int(design["n"]),
                int(design.get("per", 0)),
                design.get("allocation", "proportional"),
            ),
            str(told["frame"]["sha256"]),
            int(told["frame"]["units"]),
            str(told["event"]),
            str(told["made_at"]),
            str(told["commitment"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise TallymarkError("{file} is no commitment of a draw", file=name) from None
    if (
        told.get("format") != FORMAT
        or made.design.kind not in KINDS
        or made.design.allocation not in ALLOCATIONS
    ):
        raise TallymarkError("{file} is of a format that this version does not know", file=name)
    return made


def broken(frame: Frame, commitment: Commitment, seed: bytes) -> list[Message]:
    """How frame and seed differ from what was committed; empty when they are the same."""
    wrong = []
    if frame.hash != commitment.frame_hash:
        wrong.append(Message("the frame is not the one committed to: its hash is {hash}", hash=frame.hash))
    if commitment_hash(commitment.frame_hash, commitment.design, commitment.event, seed) != commitment.hash:
        wrong.append(Message("seed, design or event are not those committed to"))
    return wrong


def revealed(frame: Frame, commitment: Commitment, seed: bytes, *, outcome: str) -> dict[str, Any]:
    """What is published on the day: seed, outcome of the event, and the sample that follows from them."""
    wrong = broken(frame, commitment, seed)
    if wrong:
        raise TallymarkError(
            "this is not the draw committed to: {why}", why=Message("{first}", first=wrong[0])
        )
    if commitment.event and not outcome.strip():
        raise TallymarkError("say what the event gave (--outcome): {event}", event=commitment.event)
    if outcome.strip() and not commitment.event:
        raise TallymarkError("the commitment names no event, so none can enter the draw now")
    sample = draw(frame, commitment.design, joined(seed, outcome))
    return {
        "format": FORMAT,
        "commitment": commitment.hash,
        "seed": seed.hex(),
        "outcome": outcome.strip(),
        "sample": [sample_row(each) for each in sample],
    }


def sample_row(drawn: Drawn) -> dict[str, Any]:
    """A unit of the sample with its exact probability and its weight."""
    row = drawn.row
    return {
        "order": drawn.order,
        "unit": row.unit,
        "name": row.name,
        "stratum": row.stratum,
        "cluster": row.cluster,
        "size": shown(row.size),
        "probability": str(drawn.probability),
        "weight": float(drawn.weight),
    }


def differences(frame: Frame, commitment: Commitment, told: Mapping[str, Any]) -> list[Message]:
    """What differs when a revealed draw is made again from what was published; empty when nothing does."""
    try:
        seed = bytes.fromhex(str(told["seed"]))
        outcome, sample = str(told["outcome"]), list(told["sample"])
        units = [(str(row["unit"]), str(row["probability"])) for row in sample]
    except (KeyError, TypeError, ValueError):
        return [Message("the revealed draw cannot be read")]
    wrong = broken(frame, commitment, seed)
    if told.get("commitment") != commitment.hash:
        wrong.append(Message("the revealed draw names another commitment"))
    if bool(commitment.event) != bool(outcome.strip()):
        wrong.append(Message("an event and its outcome go together; one of the two is missing"))
    if wrong:
        return wrong
    again = [
        (each.row.unit, str(each.probability))
        for each in draw(frame, commitment.design, joined(seed, outcome))
    ]
    added, gone = (
        {unit for unit, _ in units} - {unit for unit, _ in again},
        {unit for unit, _ in again} - {unit for unit, _ in units},
    )
    if added or gone:
        return [
            Message(
                "the sample is another one: not drawn but listed: {added}; drawn but not listed: {gone}",
                added=", ".join(sorted(added)) or "–",
                gone=", ".join(sorted(gone)) or "–",
            )
        ]
    return (
        [] if units == again else [Message("order or probabilities of the sample are not those of the draw")]
    )
