"""`tallymark receive`: one delivery into the store."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from tallymark.cli.speak import (
    as_json,
    finding_dict,
    finding_line,
    in_language,
    print_json,
    progress_shown,
    shown_language,
)
from tallymark.clock import now
from tallymark.findings import errors_among
from tallymark.programme.load import load
from tallymark.sources.receive import receive
from tallymark.store import open_store


@click.command()
@click.argument("programme", type=click.Path(path_type=Path))
@click.argument("store", type=str)
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--received-at", type=click.DateTime(), help="When it came in; now when left out. For old deliveries."
)
@click.option(
    "--most", default=50, show_default=True, help="How many findings to print; all are kept in the store."
)
@as_json
@in_language
def command(
    programme: Path,
    store: str,
    source: str,
    files: tuple[Path, ...],
    received_at: dt.datetime | None,
    most: int,
    as_json: bool,
    lang: str | None,
) -> int:
    """Take FILES into STORE as SOURCE, a declared source or dataset of PROGRAMME."""
    language = shown_language(lang)
    loaded, kept = load(programme), open_store(store)
    at = received_at.replace(tzinfo=dt.UTC) if received_at else now()
    receipts = []
    for file in files:
        with progress_shown(language) as progress:
            progress("receiving")
            receipts.append(receive(loaded, kept, source, file, received_at=at))
        if not as_json:
            receipt = receipts[-1]
            click.echo(receipt.summary(language))
            for finding in receipt.findings[:most]:
                click.echo("  " + finding_line(finding, language), err=True)
            if len(receipt.findings) > most:
                click.echo(f"  … {len(receipt.findings) - most} more: tallymark findings {store}", err=True)
    if as_json:
        print_json(
            [
                receipt.as_dict()
                | {"findings": [finding_dict(finding, language) for finding in receipt.findings]}
                for receipt in receipts
            ]
        )
    return 1 if any(errors_among(receipt.findings) for receipt in receipts) else 0
