"""`tallymark vault open`: rows in the clear."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow.csv as arrow_csv

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.vault.access import access, asked, key_values, vault_of
from tallymark.cli.where import programme_at, store_at
from tallymark.errors import TallymarkError
from tallymark.opening import open_rows


@click.command(cls=Command)
@click.argument("programme", type=Place())
@click.argument("store", type=str)
@click.argument("dataset")
@click.option("--for", "purpose", required=True, help="What for: one of the dataset's `opened_for`.")
@asked
@click.option(
    "--key", "keys", multiple=True, help="COLUMN=VALUE of the dataset's key; repeat it. Without it: all rows."
)
@click.option(
    "--out", type=Place(), help="Write a CSV file here instead of printing. It holds names: keep it safe."
)
@as_json
@in_language
def command(
    programme: Path, store: str, dataset: str, purpose: str, who: str, reason: str, keys: tuple[str, ...],
    out: Path | None, as_json: bool, lang: str | None,
) -> int:  # fmt: skip
    """Read rows of DATASET with what identifies people, from STORE and its vault. The access is written down first."""
    language, key = shown_language(lang), key_values(keys)
    if out is not None and out.exists():
        raise TallymarkError("{path} is there already; choose another file", path=out)
    loaded, kept = programme_at(programme), store_at(store)
    rows = open_rows(
        loaded, kept, vault_of(kept), dataset, access=access(purpose, who, reason), key=key if keys else None
    )
    if out is not None:
        with out.open("wb") as file:
            file.write(b"\xef\xbb\xbf")
            arrow_csv.write_csv(rows, file)
    elif as_json:
        print_json(rows.to_pylist())
    else:
        for row in rows.to_pylist():
            click.echo("  ".join(f"{name}={value}" for name, value in row.items() if value is not None))
    if not as_json:
        say("rows opened: {count}; written down for {who}", language, count=len(rows), who=who)
    return 0 if len(rows) or not keys else 1
