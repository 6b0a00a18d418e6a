"""`tallymark project`: a declared projection, as stocks, open data and planning pages."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import (
    as_json,
    complain,
    finding_line,
    in_language,
    print_json,
    progress_shown,
    say,
    shown_language,
)
from tallymark.cli.there import there
from tallymark.edge import project_scenarios


@click.command(cls=Command)
@click.argument("scenario", type=Place())
@click.argument("out", type=Place())
@as_json
@in_language
def command(scenario: Path, out: Path, as_json: bool, lang: str | None) -> None:
    """Project the population that SCENARIO, a .yaml file, declares, and write stocks, ages and pages into OUT."""
    language = shown_language(lang)
    with progress_shown(language) as progress:
        progress("projecting")
        made = project_scenarios(there(scenario), out)
    for finding in made.findings:
        complain(finding_line(finding, language))
    if as_json:
        print_json({"path": str(out), "files": [path.name for path in made.files], "pages": made.pages})
        return
    say(
        "{people} people in {units} units on {start}, {later} on {end}; {count} files in {path}",
        language,
        people=f"{made.first:,.0f}",
        later=f"{made.last:,.0f}",
        units=made.units,
        start=made.start,
        end=made.end,
        count=len(made.files),
        path=out,
    )
    say(
        "open {path}/index.html; take {path}/stocks.csv into a store with `tallymark receive`",
        language,
        path=out,
    )
