"""`tallymark lint`: every problem of a programme at once."""

from __future__ import annotations

import os
from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import (
    as_json,
    complain,
    finding_dict,
    finding_line,
    in_language,
    print_json,
    say,
    shown_language,
)
from tallymark.cli.there import there
from tallymark.errors import TallymarkError
from tallymark.findings import Finding, errors_among
from tallymark.programme.linting.scope import Scope
from tallymark.programme.linting.vaulted import vaulted_columns
from tallymark.programme.load import examine, in_order, load
from tallymark.programme.schema import json_schema
from tallymark.texts import Message, told
from tallymark.vault.places import KEY_FILE, places

STORE = "store"
"""A workplace's store stands beside its programme."""


@click.command(cls=Command)
@click.argument("programme", type=Place(), required=False)
@click.option("--tests", is_flag=True, help="Also run the programme's own tests (section `tests:`).")
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of programme files, for editors, and stop."
)
@as_json
@in_language
def command(programme: Path | None, tests: bool, schema: bool, as_json: bool, lang: str | None) -> int:
    """Check PROGRAMME, a folder of declared files, and report everything wrong with file, line and hint."""
    language = shown_language(lang)
    if schema:
        print_json(json_schema())
        return 0
    if programme is None:
        raise TallymarkError("say which programme folder to check")
    scope = examine(there(programme))
    found = in_order(scope)
    if tests and not errors_among(found):
        found = [*found, *_tested(programme)]
    if as_json:
        print_json([finding_dict(finding, language) for finding in found])
    else:
        for finding in found:
            click.echo(finding_line(finding, language))
        if not errors_among(found):
            _say_where_people_go(scope, there(programme), language)
        wrong = len(errors_among(found))
        say("Errors: {errors}; other findings: {others}", language, errors=wrong, others=len(found) - wrong)
    return 1 if errors_among(found) else 0


def _say_where_people_go(scope: Scope, root: Path, language: str) -> None:
    """Where personal columns go, and what to set when no key is: on stderr, as it is no finding."""
    held = [name for name, dataset in scope.written.datasets.items() if vaulted_columns(dataset)]
    workplace = places(str(root.resolve().parent / STORE), os.environ)
    if held and workplace.beside and not workplace.key_file.is_file():
        message = Message(
            "personal columns of {datasets} go to a vault, and no key is set: `tallymark vault key FILE` makes one, "
            "{variable}=FILE names it; without it the first delivery makes one beside the store",
            datasets=", ".join(held), variable=KEY_FILE,
        )  # fmt: skip
        complain(told(message, language))


def _tested(programme: Path) -> list[Finding]:
    from tallymark.proving import run_examples  # brings DuckDB; plain lint stays light without it

    return run_examples(load(programme))
