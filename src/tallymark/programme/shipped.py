"""Programmes that ship with Tallymark."""

from __future__ import annotations

from pathlib import Path

from tallymark.errors import TallymarkError

PACKAGE = Path(__file__).parents[1]


def shipped(name: str) -> Path:
    """The folder of a shipped programme: beside the source in a checkout, inside the package when installed."""
    for root in (PACKAGE / "programmes", PACKAGE.parents[1] / "programmes"):
        if (root / name).is_dir():
            return root / name
    raise TallymarkError(f"this installation has no programme '{name}'; install Tallymark again")
