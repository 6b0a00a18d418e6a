"""`tallymark recompute`: make a run again and compare."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.speak import as_json, in_language, print_json, progress_shown, say, shown_language
from tallymark.cli.where import run_at
from tallymark.flow import recompute
from tallymark.store import open_store


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--store", help="The store to read; the one the run lies in when left out.")
@as_json
@in_language
def command(run: Path, store: str | None, as_json: bool, lang: str | None) -> int:
    """Make RUN again from its frozen programme and data, and say whether every byte is the same."""
    language = shown_language(lang)
    chosen = run_at(run)
    with progress_shown(language) as progress:
        differences = recompute(chosen, open_store(store) if store else None, progress=progress)
    if as_json:
        print_json({"run": chosen.id, "same": not differences, "differences": differences})
    elif differences:
        for difference in differences:
            click.echo(difference)
    else:
        say("{run}: the same, byte for byte", language, run=chosen.id)
    return 1 if differences else 0
