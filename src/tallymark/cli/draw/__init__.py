"""`tallymark draw`: whom to inspect, so that nobody could choose and everybody can check."""

from __future__ import annotations

import click

from tallymark.cli.commands import Commands
from tallymark.cli.speak import in_language

STEPS = {
    "frame": "Write the frame: the units of a programme, with stratum, cluster and size.",
    "odds": "Show the exact chance of every unit under a design.",
    "commit": "Fix a draw and publish its commitment.",
    "reveal": "On the day, open the seed and list the sample.",
    "verify": "Draw again from what was published and compare.",
    "sheets": "Write visit lists and forms: for printing, Excel, XLSForm.",
    "estimate": "Say what the visits tell of the whole frame.",
}


class Steps(Commands):
    """The steps of a draw, each a module of this package."""

    known = STEPS
    package = "tallymark.cli.draw"
    heading = "Steps, in their order"


@click.command(cls=Steps, context_settings={"help_option_names": ["-h", "--help"]})
@in_language
def command(lang: str | None) -> None:
    """Draw whom to inspect: committed in advance, revealed on the day, redrawn by anyone."""
