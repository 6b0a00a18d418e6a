"""`tallymark draw verify`: anyone draws again."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.draw.folder import opened, revealed_in
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.texts import told
from tallymark.verify.sampling.commitment import differences


@click.command(cls=Command)
@click.argument("folder", type=Place())
@as_json
@in_language
def command(folder: Path, as_json: bool, lang: str | None) -> int:
    """Draw again from what FOLDER publishes, and say whether seed, frame and sample are those committed to."""
    language = shown_language(lang)
    frame, commitment = opened(folder)
    wrong = differences(frame, commitment, revealed_in(folder))
    if as_json:
        print_json(
            {
                "same": not wrong,
                "differences": [told(each, language) for each in wrong],
                "commitment": commitment.hash,
            }
        )
        return 1 if wrong else 0
    for each in wrong:
        click.echo(told(each, language))
    if not wrong:
        say("the same draw: commitment {hash} holds", language, hash=commitment.hash)
    return 1 if wrong else 0
