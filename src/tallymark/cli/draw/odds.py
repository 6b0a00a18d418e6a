"""`tallymark draw odds`: the chance of every unit, before anything is drawn."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.draw.folder import design_of, design_options
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.there import there
from tallymark.verify.sampling.designs import probabilities
from tallymark.verify.sampling.frame import read_frame


@click.command(cls=Command)
@click.argument("frame", type=Place())
@design_options
@as_json
@in_language
def command(
    frame: Path, design: str, n: int, per: int, allocation: str, as_json: bool, lang: str | None
) -> int:
    """Show the exact chance of every unit of FRAME to be drawn, and the expected size of the sample."""
    chances = probabilities(read_frame(there(frame)), design_of(design, n, per, allocation))
    expected = sum(chances.values(), Fraction(0))
    if as_json:
        shown = [
            {"unit": unit, "probability": str(each), "decimal": float(each)} for unit, each in chances.items()
        ]
        print_json({"expected": str(expected), "units": shown})
        return 0
    language = shown_language(lang)
    for unit, each in chances.items():
        say("{unit}: {chance} = {decimal:.6f}", language, unit=unit, chance=each, decimal=float(each))
    say("units: {count}; expected in the sample: {expected}", language, count=len(chances), expected=expected)
    return 0
