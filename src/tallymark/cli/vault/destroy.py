"""`tallymark vault destroy`: people out of the vault, for good."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from tallymark.cli.accept import Moment, Place
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.vault.access import access, asked, key_values, vault_of
from tallymark.cli.where import programme_at, store_at
from tallymark.errors import TallymarkError
from tallymark.forgetting import destroy_before, destroy_rows


@click.command(cls=Command)
@click.argument("programme", type=Place())
@click.argument("store", type=str)
@click.argument("dataset")
@click.option("--before", type=Moment(), help="Everything received before this day.")
@click.option(
    "--key", "keys", multiple=True, help="COLUMN=VALUE of the dataset's key: every form of these rows."
)
@asked
@as_json
@in_language
def command(
    programme: Path, store: str, dataset: str, before: dt.datetime | None, keys: tuple[str, ...],
    who: str, reason: str, as_json: bool, lang: str | None,
) -> int:  # fmt: skip
    """Destroy what the vault of STORE holds of DATASET: all before a day, or of some rows. Counts stay as they are."""
    language, key = shown_language(lang), key_values(keys)
    if (before is None) == (not key):
        raise TallymarkError("say what to destroy: either --before DAY or --key COLUMN=VALUE")
    loaded, kept = programme_at(programme), store_at(store)
    vault, asked_by = vault_of(kept), access("", who, reason)
    if before is not None:
        many = destroy_before(loaded, vault, dataset, day=before, access=asked_by)
    else:
        many = destroy_rows(loaded, kept, vault, dataset, key=key, access=asked_by)
    if as_json:
        print_json({"dataset": dataset, "deliveries" if before else "records": many})
    elif before:
        say("deliveries destroyed: {count}", language, count=many)
    else:
        say("records destroyed: {count}", language, count=many)
    return 0
