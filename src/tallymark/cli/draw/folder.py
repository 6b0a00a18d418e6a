"""The folder of a draw: frame, commitment, and once it is revealed, seed and sample."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tallymark.cli.accept import OneOf, Whole
from tallymark.cli.there import there
from tallymark.errors import TallymarkError
from tallymark.verify.sampling.commitment import Commitment, read_commitment
from tallymark.verify.sampling.designs import ALLOCATIONS, KINDS, Design
from tallymark.verify.sampling.frame import Frame, read_frame

FRAME, COMMITMENT, REVEALED, SAMPLE = "frame.csv", "commitment.json", "revealed.json", "sample.csv"
Function = TypeVar("Function", bound=Callable[..., Any])


def design_options(function: Function) -> Function:
    """Options that say how to draw."""
    for option in (
        click.option(
            "--design",
            type=OneOf(list(KINDS)),
            required=True,
            help="simple, stratified, pps, clusters or lots.",
        ),
        click.option(
            "--n",
            type=Whole(min=1),
            required=True,
            help="Units to draw; clusters for `clusters`, units of each lot for `lots`.",
        ),
        click.option("--per", type=Whole(min=0), default=0, help="Units to draw in each drawn cluster."),
        click.option(
            "--allocation",
            type=OneOf(list(ALLOCATIONS)),
            default="proportional",
            show_default=True,
            help="How `stratified` shares units out: proportional, size or equal.",
        ),
    )[::-1]:
        function = option(function)
    return function


def design_of(design: str, n: int, per: int, allocation: str) -> Design:
    """The design that the options say."""
    return Design(design, n, per, allocation)


def opened(folder: Path) -> tuple[Frame, Commitment]:
    """Frame and commitment of a draw."""
    path = there(folder) / COMMITMENT
    if not path.is_file():
        raise TallymarkError("{folder} holds no draw; `tallymark draw commit` makes one", folder=folder)
    return read_frame(folder / FRAME), read_commitment(loaded(path), str(path))


def revealed_in(folder: Path) -> dict[str, Any]:
    """What was revealed."""
    path = folder / REVEALED
    if not path.is_file():
        raise TallymarkError(
            "{folder} is not revealed yet; `tallymark draw reveal` does it on the day", folder=folder
        )
    return loaded(path)


def loaded(path: Path) -> dict[str, Any]:
    """A JSON object in a file."""
    try:
        told = json.loads(there(path).read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        told = None
    if not isinstance(told, dict):
        raise TallymarkError("{file} is no JSON object", file=path)
    return told


def keep(path: Path, text: str, *, private: bool = False) -> None:
    """Writes a file that is not there yet; a private one is readable by its owner only."""
    mode = 0o600 if private else 0o644
    try:
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8"
        ) as file:
            file.write(text)
    except FileExistsError:
        raise TallymarkError(
            "{file} is there already; a draw is made once, take another folder", file=path
        ) from None


def as_text(told: object) -> str:
    """JSON for a file."""
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
