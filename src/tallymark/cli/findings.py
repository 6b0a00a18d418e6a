"""`tallymark findings`: what was found wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.where import run_at
from tallymark.findings import Severity

ORDER = {severity.value: place for place, severity in enumerate(Severity)}


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--severity", type=click.Choice(list(ORDER)), default="note", show_default=True, help="This and worse."
)
@click.option("--unit", help="Only of this unit.")
@click.option("--code", help="Only with this code (or its beginning).")
@click.option("--most", default=200, show_default=True, help="How many to print.")
@as_json
@in_language
def command(
    run: Path, severity: str, unit: str | None, code: str | None, most: int, as_json: bool, lang: str | None
) -> int:
    """Show the findings of RUN, a run folder or a store (its newest run)."""
    language = shown_language(lang)
    rows = [
        row
        for row in run_at(run).table("findings").to_pylist()
        if ORDER[row["severity"]] <= ORDER[severity]
        and (unit is None or row["unit"] == unit)
        and (code is None or row["code"].startswith(code))
    ]
    if as_json:
        print_json(rows)
    else:
        for row in rows[:most]:
            click.echo(_line(row, language))
        say("{count} findings", language, count=len(rows))
    return 1 if any(row["severity"] == "error" for row in rows) else 0


def _line(row: dict[str, Any], language: str) -> str:
    place = " ".join(
        str(part)
        for part in (
            row["file"] and row["file"] + (f"[{row['sheet']}!{row['cell']}]" if row["sheet"] else ""),
            row["dataset"],
            row["item"],
            row["unit"],
            row["period"],
        )
        if part
    )
    zh = language == "zh"
    message = row["message_zh"] if zh and row["message_zh"] else row["message"]
    hint = row["hint_zh"] if zh and row["hint_zh"] else row["hint"]
    return f"{place}: {row['severity']} {row['code']}: {message}" + (f" — {hint}" if hint else "")
