"""`tallymark import-dhis2`: a DHIS2 export as a programme."""

from __future__ import annotations

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
from tallymark.findings import errors_among
from tallymark.programme.dhis2 import Imported, import_dhis2


@click.command(cls=Command)
@click.argument("metadata", type=Place())
@click.argument("units", type=Place())
@click.argument("out", type=Place())
@click.option("--code", help="Short name of the programme; the folder's name when left out.")
@click.option("--title", help="Its title.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    help="Name of a level of units, highest first; repeat it. For metadata that name none.",
)
@click.option("--geometry", type=Place(), help="GeoJSON whose features carry the units' ids.")
@click.option("--words", type=Place(), help="CSV of the columns en and zh: the Chinese of titles and names.")
@as_json
@in_language
def command(
    metadata: Path,
    units: Path,
    out: Path,
    code: str | None,
    title: str | None,
    levels: tuple[str, ...],
    geometry: Path | None,
    words: Path | None,
    as_json: bool,
    lang: str | None,
) -> int:
    """Write METADATA and UNITS, JSON exported from DHIS2, as a programme into OUT, an empty or new folder."""
    language = shown_language(lang)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TallymarkError("{path} is there already and not empty; choose another folder", path=out)
    name = out.resolve().name
    imported = import_dhis2(
        there(metadata),
        there(units),
        out,
        code=code or name,
        title=title or name,
        levels=levels,
        geometry=there(geometry) if geometry else None,
        words=there(words) if words else None,
    )
    if as_json:
        print_json(_as_dict(imported, language))
    else:
        _print(imported, language)
    return 1 if errors_among(imported.findings) else 0


def _print(imported: Imported, language: str) -> None:
    for finding in imported.findings:
        complain(finding_line(finding, language))
    say(
        "{folder}: {units} units, {items} items, {indicators} indicators; {refused} indicators could not be translated",
        language,
        folder=imported.folder,
        units=imported.units,
        items=imported.items,
        indicators=len(imported.translated),
        refused=len(imported.refused),
    )


def _as_dict(imported: Imported, language: str) -> dict[str, object]:
    return {
        "path": str(imported.folder),
        "units": imported.units,
        "items": imported.items,
        "translated": imported.translated,
        "refused": imported.refused,
        "findings": [finding_dict(finding, language) for finding in imported.findings],
    }
