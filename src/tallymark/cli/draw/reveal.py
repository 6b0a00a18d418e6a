"""`tallymark draw reveal`: the sample, on the day."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.draw.folder import REVEALED, SAMPLE, as_text, keep, loaded, opened
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.errors import TallymarkError
from tallymark.verify.sampling.commitment import revealed


@click.command(cls=Command)
@click.argument("folder", type=Place())
@click.option("--secret", type=Place(), help="File with the secret seed; FOLDER.secret.json when left out.")
@click.option("--outcome", default="", help="What the public event gave, as anyone can look it up.")
@as_json
@in_language
def command(folder: Path, secret: Path | None, outcome: str, as_json: bool, lang: str | None) -> int:
    """Open the seed of the draw in FOLDER, write the sample beside it, and list it."""
    frame, commitment = opened(folder)
    private = secret or folder.with_name(folder.name + ".secret.json")
    told = loaded(private)
    try:
        seed = bytes.fromhex(str(told["seed"]))
    except (KeyError, ValueError):
        raise TallymarkError("{file} holds no seed", file=private) from None
    shown = revealed(frame, commitment, seed, outcome=" ".join(outcome.split()))
    keep(folder / REVEALED, as_text(shown))
    keep(folder / SAMPLE, _csv(shown["sample"]))
    if as_json:
        print_json(shown)
        return 0
    language = shown_language(lang)
    for row in shown["sample"]:
        say("{order}. {unit} {name} ({probability})", language, **row)
    say(
        "drawn: {count}; anyone can check it: tallymark draw verify {folder}",
        language,
        count=len(shown["sample"]),
        folder=folder,
    )
    return 0


def _csv(rows: list[dict[str, object]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
