"""`tallymark receive`: deliveries into the store."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from tallymark.cli.accept import Moment, OneOf, Place, Whole
from tallymark.cli.command import Command
from tallymark.cli.speak import (
    as_json,
    complain,
    finding_dict,
    finding_line,
    in_language,
    print_json,
    progress_shown,
    shown_language,
)
from tallymark.cli.there import there
from tallymark.cli.where import programme_at
from tallymark.clock import now
from tallymark.engine.opening import ENGINES
from tallymark.errors import ReceiveError
from tallymark.findings import errors_among
from tallymark.sources.readers import mapped
from tallymark.sources.receive import Receipt, receive
from tallymark.store import open_store
from tallymark.texts import Message, told


@click.command(cls=Command)
@click.argument("programme", type=Place())
@click.argument("store", type=str)
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=Place())
@click.option("--received-at", type=Moment(), help="When it came in; now when left out. For old deliveries.")
@click.option(
    "--most",
    type=Whole(min=0),
    default=50,
    show_default=True,
    help="How many findings to print; all are kept in the store.",
)
@click.option(
    "--engine",
    default="duckdb",
    show_default=True,
    type=OneOf(ENGINES),
    help="What sets the rows against each other and against the store's.",
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
    engine: str,
    as_json: bool,
    lang: str | None,
) -> int:
    """Take FILES into STORE as SOURCE, a declared source or dataset of PROGRAMME."""
    language = shown_language(lang)
    loaded = programme_at(programme)
    for file in files:
        mapped(loaded, source, there(file))  # a misspelt name leaves no empty store behind
    kept = open_store(store)
    receipts: list[Receipt] = []
    unread: list[ReceiveError] = []
    for file in files:
        try:
            with progress_shown(language) as progress:
                progress("receiving")
                receipts.append(
                    receive(loaded, kept, source, file, received_at=received_at or now(), engine=engine)
                )
        except ReceiveError as error:
            if len(files) == 1:
                raise
            unread.append(error)
            complain(f"tallymark: {told(error, language)}")
            continue
        if not as_json:
            _print(receipts[-1], language, most=most, store=store)
    if as_json:
        print_json([_as_dict(receipt, language) for receipt in receipts])
    if unread:
        return 2
    return 1 if any(errors_among(receipt.findings) for receipt in receipts) else 0


def _print(receipt: Receipt, language: str, *, most: int, store: str) -> None:
    click.echo(receipt.summary(language))
    for finding in receipt.findings[:most]:
        complain("  " + finding_line(finding, language))
    if len(receipt.findings) > most:
        more = Message(
            "… {count} more: tallymark findings {store}", count=len(receipt.findings) - most, store=store
        )
        complain("  " + told(more, language))


def _as_dict(receipt: Receipt, language: str) -> dict[str, object]:
    return receipt.as_dict() | {"findings": [finding_dict(finding, language) for finding in receipt.findings]}
