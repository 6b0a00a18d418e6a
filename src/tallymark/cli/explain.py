"""`tallymark explain`: where a figure comes from."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, shown_language
from tallymark.cli.where import RunPlace, run_at
from tallymark.explaining import explain  # not by way of the edge, which imports what an assessment needs


@click.command(cls=Command)
@click.argument("run", type=RunPlace())
@click.option("--indicator", required=True, help="Which indicator.")
@click.option("--unit", required=True, help="Which unit, by its code.")
@click.option("--period", help="The run's period when left out.")
@as_json
@in_language
def command(
    run: Path, indicator: str, unit: str, period: str | None, as_json: bool, lang: str | None
) -> None:
    """Explain a figure of RUN, a run folder or a store (its newest run), down to its rows."""
    explanation = explain(run_at(run), indicator=indicator, unit=unit, period=period)
    if as_json:
        print_json(explanation.as_dict())
    else:
        click.echo(explanation.text(shown_language(lang)))
