"""`tallymark draw commit`: a draw that is fixed and unknown."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.draw.folder import COMMITMENT, FRAME, as_text, design_of, design_options, keep
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.there import there
from tallymark.clock import now
from tallymark.errors import TallymarkError
from tallymark.verify.sampling.commitment import committed
from tallymark.verify.sampling.frame import read_frame, written_frame


@click.command(cls=Command)
@click.argument("frame", type=Place())
@click.argument("folder", type=Place())
@design_options
@click.option(
    "--event",
    default="",
    help="A public event to come whose outcome enters the draw, such as a named lottery's numbers of a named day. "
    "Without one, whoever commits could have tried many seeds.",
)
@click.option("--title", default="", help="What the draw is for.")
@click.option(
    "--secret",
    type=Place(),
    help="File for the secret seed; FOLDER.secret.json when left out. Keep it apart.",
)
@click.option("--seed", help="64 hex digits made elsewhere, such as with dice; made here when left out.")
@as_json
@in_language
def command(
    frame: Path,
    folder: Path,
    design: str,
    n: int,
    per: int,
    allocation: str,
    event: str,
    title: str,
    secret: Path | None,
    seed: str | None,
    as_json: bool,
    lang: str | None,
) -> int:
    """Freeze FRAME, make a secret seed, and write into FOLDER what can be published: frame, design, commitment."""
    chosen = read_frame(there(frame))
    private = secret or folder.with_name(folder.name + ".secret.json")
    hidden = _seed(seed)
    made = committed(
        chosen, design_of(design, n, per, allocation), hidden,
        event=" ".join(event.split()), title=title, made_at=now().isoformat(),
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    keep(private, as_text({"commitment": made.hash, "seed": hidden.hex()}), private=True)
    keep(folder / FRAME, written_frame(chosen))
    keep(folder / COMMITMENT, as_text(made.told()))
    if as_json:
        print_json(made.told() | {"folder": str(folder), "secret": str(private)})
        return 0
    language = shown_language(lang)
    say("commitment: {hash}", language, hash=made.hash)
    say(
        "{folder} can be published now; {secret} must stay secret until the day",
        language,
        folder=folder,
        secret=private,
    )
    if not made.event:
        say(
            "no public event enters this draw: whoever made it could have tried many seeds (--event)",
            language,
        )
    return 0


def _seed(told: str | None) -> bytes:
    if told is None:
        return secrets.token_bytes(32)
    try:
        return bytes.fromhex(told)
    except ValueError:
        raise TallymarkError("--seed is 64 hex digits, not '{seed}'", seed=told) from None
