"""`tallymark lint`: every problem of a programme at once."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import (
    as_json,
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
from tallymark.programme.load import lint, load
from tallymark.programme.schema import json_schema


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
    found = lint(there(programme))
    if tests and not errors_among(found):
        found = [*found, *_tested(programme)]
    if as_json:
        print_json([finding_dict(finding, language) for finding in found])
    else:
        for finding in found:
            click.echo(finding_line(finding, language))
        wrong = len(errors_among(found))
        say("Errors: {errors}; other findings: {others}", language, errors=wrong, others=len(found) - wrong)
    return 1 if errors_among(found) else 0


def _tested(programme: Path) -> list[Finding]:
    from tallymark.proving import run_examples  # brings DuckDB; plain lint stays light without it

    return run_examples(load(programme))
