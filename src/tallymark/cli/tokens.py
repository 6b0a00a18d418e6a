"""`tallymark tokens`: what an office gives out instead of names, so that its list can be linked."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow.csv as arrow_csv

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.link import declared_linkage
from tallymark.cli.speak import as_json, complain, in_language, print_json, say, shown_language
from tallymark.cli.there import there
from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.linking import write_table
from tallymark.sources.records import read_records
from tallymark.texts import Message, told
from tallymark.vault.key import key_in
from tallymark.verify.linkage.tokens import make_tokens

OWN = ".own.csv"


@click.command(cls=Command)
@click.argument("programme", type=Place())
@click.argument("linkage")
@click.argument("list_name", metavar="LIST")
@click.argument("file", type=Place())
@click.argument("out", type=Place())
@click.option(
    "--key", "key_file", type=Place(), required=True,
    help="File with the project's key: the same at every office, and never at the unit that links.",
)  # fmt: skip
@as_json
@in_language
def command(
    programme: Path, linkage: str, list_name: str, file: Path, out: Path, key_file: Path, as_json: bool,
    lang: str | None,
) -> int:  # fmt: skip
    """Turn FILE, the office's LIST of LINKAGE, into tokens: OUT is given out, and OUT.own.csv stays at the office."""
    language = shown_language(lang)
    declared = declared_linkage(there(programme), linkage)
    lists = {one.name: one for one in declared.lists}
    if list_name not in lists:
        raise TallymarkError(
            "linkage '{linkage}' has no list '{name}'; {known}",
            linkage=linkage, name=list_name, known=known_words(list_name, lists),
        )  # fmt: skip
    own = out.with_name(out.stem + OWN)
    for path in (out, own):
        if path.exists():
            raise TallymarkError("{path} is there already; choose another file", path=path)
    made = make_tokens(declared, lists[list_name], read_records(there(file)), key_in(there(key_file)))
    with out.open("wb") as given:
        arrow_csv.write_csv(made.table, given)
    write_table(own, made.own)
    for kind, share in made.refused.items():
        message = Message(
            "no token of {kind}: {share:.1%} of the records would share theirs with several others",
            kind=kind,
            share=share,
        )
        complain("  " + told(message, language))
    if as_json:
        print_json(
            {
                "out": str(out),
                "own": str(own),
                "records": len(made.table),
                "kinds": made.table.num_columns - 1,
            }
            | {"refused": made.refused}
        )
        return 0
    say(
        "{out}: {records} records, {kinds} kinds of token; {own} says whose they are: keep it here", language,
        out=out, records=len(made.table), kinds=made.table.num_columns - 1, own=own,
    )  # fmt: skip
    return 0
