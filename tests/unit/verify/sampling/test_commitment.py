"""Commit and reveal: a draw is fixed and unknown beforehand, and any change afterwards is found."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from tests.unit.verify.sampling.frames import DESIGNS, small

from tallymark.errors import TallymarkError
from tallymark.verify.sampling.commitment import committed, differences, read_commitment, revealed
from tallymark.verify.sampling.designs import Design
from tallymark.verify.sampling.frame import frame_of

SEED = bytes(range(32))
EVENT = "County lottery, draw of 1 December"


def made(design: Design = DESIGNS[0], event: str = EVENT) -> Any:
    return committed(small(), design, SEED, event=event, title="Check", made_at="2026-11-30")


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: f"{design.kind}-{design.allocation}")
def test_what_was_committed_is_what_is_drawn(design: Design) -> None:
    commitment = read_commitment(json.loads(json.dumps(made(design).told())), "c.json")
    told = json.loads(json.dumps(revealed(small(), commitment, SEED, outcome="3 5 9")))
    assert differences(small(), commitment, told) == []


def test_the_hash_can_be_made_by_hand() -> None:
    """Five lines, as docs/draws.md says."""
    frame = small()
    lines = "".join(
        f"{row.unit}\t{row.stratum}\t{row.cluster}\t{row.size}\n"
        for row in sorted(frame.rows, key=lambda r: r.unit)
    )
    frame_hash = hashlib.sha256(lines.encode()).hexdigest()
    text = f'tallymark-draw-1\n{frame_hash}\n{{"kind":"simple","n":5}}\n{EVENT}\n{SEED.hex()}\n'
    assert made().hash == hashlib.sha256(text.encode()).hexdigest()


def test_what_is_published_before_holds_neither_seed_nor_unit() -> None:
    told = json.dumps(made().told())
    assert SEED.hex() not in told
    assert not [row.unit for row in small().rows if f'"{row.unit}"' in told]


def test_the_event_decides_the_sample() -> None:
    samples = {
        tuple(row["unit"] for row in revealed(small(), made(), SEED, outcome=f"{number}")["sample"])
        for number in range(20)
    }
    assert len(samples) > 15


def tampered() -> dict[str, tuple[Any, Any]]:
    told = revealed(small(), made(), SEED, outcome="3 5 9")
    rows = [
        {"unit": r.unit, "stratum": r.stratum, "cluster": r.cluster, "size": str(r.size)}
        for r in small().rows
    ]
    other = frame_of([*rows[:-1], rows[-1] | {"size": "9999"}], "f")
    first, *rest = told["sample"]
    return {
        "another frame": (other, told),
        "another seed": (small(), told | {"seed": bytes(32).hex()}),
        "another outcome": (small(), told | {"outcome": "3 5 8"}),
        "no outcome": (small(), told | {"outcome": ""}),
        "a unit exchanged": (small(), told | {"sample": [first | {"unit": "V99"}, *rest]}),
        "a unit left out": (small(), told | {"sample": rest}),
        "another order": (small(), told | {"sample": [*rest, first]}),
        "another probability": (small(), told | {"sample": [first | {"probability": "1/2"}, *rest]}),
        "another commitment": (small(), told | {"commitment": "0" * 64}),
        "nonsense": (small(), {"seed": 1}),
        "seed no hex": (small(), told | {"seed": "xyz"}),
        "sample no list": (small(), told | {"sample": 3}),
    }


@pytest.mark.parametrize("name", tampered())
def test_any_change_is_found(name: str) -> None:
    frame, told = tampered()[name]
    assert differences(frame, made(), told)


@pytest.mark.parametrize(
    ("outcome", "event", "seed", "words"),
    [
        ("", EVENT, SEED, "say what the event gave"),
        ("3", "", SEED, "names no event"),
        ("3", EVENT, bytes(32), "not the draw committed to"),
    ],
)
def test_what_cannot_be_revealed(outcome: str, event: str, seed: bytes, words: str) -> None:
    with pytest.raises(TallymarkError, match=words):
        revealed(small(), made(event=event), seed, outcome=outcome)


@pytest.mark.parametrize("told", [{}, {"design": 1}, {"format": "x"}, {"design": {"kind": "simple", "n": "many"}}, made().told() | {"format": "tallymark-draw-9"}, made().told() | {"design": {"kind": "best", "n": 3}}])  # fmt: skip
def test_what_is_no_commitment(told: Any) -> None:
    with pytest.raises(TallymarkError, match=r"no commitment|does not know"):
        read_commitment(told, "c.json")


def test_a_short_seed_is_refused() -> None:
    with pytest.raises(TallymarkError, match="32 bytes"):
        committed(small(), DESIGNS[0], b"short", event="", title="", made_at="")
