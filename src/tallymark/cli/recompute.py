"""`tallymark recompute`: make a run again and compare."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.accept import OneOf
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, progress_shown, say, shown_language
from tallymark.cli.where import RunPlace, run_at, store_at
from tallymark.engine.opening import ENGINES
from tallymark.recomputing import recompute
from tallymark.texts import told


@click.command(cls=Command)
@click.argument("run", type=RunPlace())
@click.option("--store", help="The store to read; the one the run lies in when left out.")
@click.option("--engine", type=OneOf(ENGINES), help="What computes the figures; the run's own when left out.")
@as_json
@in_language
def command(run: Path, store: str | None, engine: str | None, as_json: bool, lang: str | None) -> int:
    """Make RUN again from its frozen programme and data, and say whether every byte is the same."""
    language = shown_language(lang)
    chosen = run_at(run)
    with progress_shown(language) as progress:
        differences = recompute(chosen, store_at(store) if store else None, engine=engine, progress=progress)
    if as_json:
        print_json({"run": chosen.id, "same": not differences, "differences": differences})
    elif differences:
        for difference in differences:
            click.echo(told(difference, language))
    elif engine in (None, chosen.manifest["engine"]):
        say("{run}: the same, byte for byte", language, run=chosen.id)
    else:
        say("{run}: the same on {engine}", language, run=chosen.id, engine=engine)
    return 1 if differences else 0
