"""`tallymark publish`: a run as a static site."""

from __future__ import annotations

from pathlib import Path

import click

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, progress_shown, say, shown_language
from tallymark.cli.where import RunPlace, run_at
from tallymark.edge import publish_run


@click.command(cls=Command)
@click.argument("run", type=RunPlace())
@click.argument("out", type=Place())
@click.option(
    "--internal", is_flag=True, help="Every figure in full, marked as the office's own; nothing is released."
)
@click.option(
    "--releases",
    type=Place(),
    help="Folder of the releases made so far; beside the store's runs when left out.",
)
@click.option(
    "--linkage",
    "linkages",
    type=Place(),
    multiple=True,
    help="A folder of `tallymark link` to show on the page of verification; repeat it.",
)
@as_json
@in_language
def command(
    run: Path,
    out: Path,
    internal: bool,
    releases: Path | None,
    linkages: tuple[Path, ...],
    as_json: bool,
    lang: str | None,
) -> None:
    """Write what may be made public of RUN, a run folder or a store (its newest run), as a static site into OUT."""
    language = shown_language(lang)
    with progress_shown(language) as progress:
        progress("publishing")
        site = publish_run(run_at(run), out, internal=internal, releases=releases, linkages=linkages)
    if as_json:
        print_json({"path": str(site.path), "pages": site.pages, "bytes": site.bytes})
    else:
        say("{pages} pages in {path}; open {path}/index.html", language, pages=site.pages, path=site.path)
