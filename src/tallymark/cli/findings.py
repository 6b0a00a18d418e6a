"""`tallymark findings`: what was found wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tallymark.cli.accept import OneOf, Whole
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.where import RunPlace, run_at, store_at
from tallymark.errors import TallymarkError
from tallymark.findings import Severity, known_words
from tallymark.programme.waived import waived_text
from tallymark.store.mirror import MARKER
from tallymark.store.runs import runs_in
from tallymark.texts import translate

ORDER = {severity.value: place for place, severity in enumerate(Severity)}


@click.command(cls=Command)
@click.argument("run", type=RunPlace())
@click.option(
    "--severity", type=OneOf(list(ORDER)), default="note", show_default=True, help="This and worse."
)
@click.option("--unit", help="Only of this unit.")
@click.option("--code", help="Only with this code (or its beginning).")
@click.option("--most", type=Whole(min=0), default=200, show_default=True, help="How many to print.")
@as_json
@in_language
def command(
    run: Path, severity: str, unit: str | None, code: str | None, most: int, as_json: bool, lang: str | None
) -> int:
    """Show the findings of RUN, a run folder or a store (its newest run, or what was received when it has none)."""
    language = shown_language(lang)
    found, units = _found(run)
    if unit is not None and unit not in units:
        raise TallymarkError("there is no unit '{unit}'; {known}", unit=unit, known=known_words(unit, units))
    rows = [
        row
        for row in found
        if ORDER[row["severity"]] <= ORDER[severity]
        and (unit is None or row["unit"] == unit)
        and (code is None or row["code"].startswith(code))
    ]
    if as_json:
        print_json(rows)
    else:
        for row in rows[:most]:
            click.echo(_line(row, language))
        say("Findings: {count}", language, count=len(rows))
    return 1 if any(row["severity"] == "error" for row in rows) else 0


def _found(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of findings, and the codes of the units that they can be about."""
    if (path / MARKER).is_file() and not runs_in(path / "runs"):
        rows = store_at(str(path)).findings().to_pylist()
        return rows, sorted({row["unit"] for row in rows if row["unit"]})
    run = run_at(path)
    return run.table("findings").to_pylist(), run.table("units").column("unit").to_pylist()


def _line(row: dict[str, Any], language: str) -> str:
    places = (
        row["file"] and row["file"] + (f"[{row['sheet']}!{row['cell']}]" if row["sheet"] else ""),
        row["dataset"],
        row["item"],
        row["unit"],
        row["period"],
    )
    place = " ".join(str(part) for part in places if part)
    zh = language == "zh"
    message = row["message_zh"] if zh and row["message_zh"] else row["message"]
    hint = row["hint_zh"] if zh and row["hint_zh"] else row["hint"]
    said = f"{translate(row['severity'], language)} {row['code']}: {message}" + (f" — {hint}" if hint else "")
    if waived := waived_text(row.get("waived"), language):
        said += f" [{waived}]"
    return f"{place}: {said}" if place else said
