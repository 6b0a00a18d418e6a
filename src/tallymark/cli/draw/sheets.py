"""`tallymark draw sheets`: what the visitors take with them."""

from __future__ import annotations

from pathlib import Path

import click
import yaml

from tallymark.cli.accept import Place
from tallymark.cli.command import Command
from tallymark.cli.draw.folder import opened, revealed_in
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.there import there
from tallymark.errors import TallymarkError
from tallymark.verify.sampling.commitment import differences
from tallymark.verify.sampling.forms import Form, read_form
from tallymark.verify.sampling.sheets import visit_sheets
from tallymark.verify.sampling.workbooks import return_workbook, xlsform


@click.command(cls=Command)
@click.argument("folder", type=Place())
@click.argument("out", type=Place())
@click.option(
    "--form", "form_file", type=Place(), required=True, help="YAML file with title, purpose and questions."
)
@click.option("--period", "periods", multiple=True, help="Period to recount; may be given more than once.")
@as_json
@in_language
def command(
    folder: Path, out: Path, form_file: Path, periods: tuple[str, ...], as_json: bool, lang: str | None
) -> int:
    """Write visit lists and forms for the sample revealed in FOLDER into OUT: print-ready pages, Excel and XLSForm."""
    language = shown_language(lang)
    frame, commitment = opened(folder)
    shown = revealed_in(folder)
    if differences(frame, commitment, shown):
        raise TallymarkError(
            "the sample in {folder} is not the one drawn; see: tallymark draw verify {folder}", folder=folder
        )
    form = _form(form_file)
    out.mkdir(parents=True, exist_ok=True)
    sample = shown["sample"]
    files = [out / f"visits-{each}.html" for each in ("en", "zh")]
    for path, words in zip(files, ("en", "zh"), strict=True):
        page = visit_sheets(
            sample,
            form,
            title=commitment.title or folder.name,
            commitment=commitment.hash,
            periods=periods,
            language=words,
        )
        path.write_text(page, encoding="utf-8")
    return_workbook(out / "visits.xlsx", sample, form, periods=periods)
    xlsform(
        out / "visits-xlsform.xlsx", sample, form, form_id=f"visit_{commitment.hash[:10]}", periods=periods
    )
    files += [out / "visits.xlsx", out / "visits-xlsform.xlsx"]
    if as_json:
        print_json({"files": [str(path) for path in files], "units": len(sample)})
        return 0
    for path in files:
        say("{file}", language, file=path)
    return 0


def _form(path: Path) -> Form:
    try:
        told = yaml.safe_load(there(path).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TallymarkError(
            "{file} cannot be read as YAML: {why}", file=path, why=str(error).splitlines()[0]
        ) from None
    return read_form(told, str(path))
