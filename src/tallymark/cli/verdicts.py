"""`tallymark verdicts`: what verification decided."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from tallymark.cli.accept import OneOf, Whole
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.where import RunPlace, run_at
from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.texts import translate

VERDICTS = ("accepted", "corrected", "recounted", "estimated", "disputed", "missing")


@click.command(cls=Command)
@click.argument("run", type=RunPlace())
@click.option("--unit", help="Only of this unit.")
@click.option("--verdict", type=OneOf(VERDICTS), help="Only these.")
@click.option("--most", type=Whole(min=0), default=50, show_default=True, help="How many to print.")
@as_json
@in_language
def command(
    run: Path, unit: str | None, verdict: str | None, most: int, as_json: bool, lang: str | None
) -> int:
    """Show the verdict on every value of RUN (a run folder, or a store for its newest run), and verification factors."""
    language = shown_language(lang)
    opened = run_at(run)
    if "verdicts" not in opened.manifest["tables"]:
        raise TallymarkError("{run} was made before verdicts were; assess again", run=opened.id)
    units = opened.table("units").column("unit").to_pylist()
    if unit is not None and unit not in units:
        raise TallymarkError("there is no unit '{unit}'; {known}", unit=unit, known=known_words(unit, units))
    rows = [
        row
        for row in opened.table("verdicts").to_pylist()
        if (unit is None or row["unit"] == unit) and (verdict is None or row["verdict"] == verdict)
    ]
    factors = opened.table("factors").to_pylist()
    if as_json:
        print_json({"verdicts": rows, "factors": factors})
        return 0
    _print(rows, factors, most, language)
    return 0


def _print(rows: list[dict[str, Any]], factors: list[dict[str, Any]], most: int, language: str) -> None:
    if not rows and not factors:
        say("the programme declares no verification, or nothing was reported", language)
        return
    for row in factors:
        low, high = (f"{row[key]:.3f}" if row[key] is not None else "–" for key in ("low", "high"))
        factor = f"{row['factor']:.3f}" if row["factor"] is not None else "–"
        say(
            "{item} {stratum}: recounted ÷ reported = {factor} ({low} – {high}), {band}; {units} units",
            language,
            item=row["item"],
            stratum=row["stratum"],
            factor=factor,
            low=low,
            high=high,
            band=translate(row["band"], language),
            units=row["units"],
        )
    told = [row for row in rows if row["reason"] not in ("nothing_against", "recount_agrees")]
    for row in told[:most]:
        say(
            "{unit} {period} {item}: {verdict} ({reason}), {reported} → {value}",
            language,
            unit=row["unit"],
            period=row["period"],
            item=row["item"],
            verdict=translate(row["verdict"], language),
            reason=translate(row["reason"], language),
            reported=_number(row["reported"]),
            value=_number(row["value"]),
        )
    counts = Counter(row["verdict"] for row in rows)
    shown = ", ".join(f"{translate(name, language)} {counts[name]:,}" for name in VERDICTS if counts[name])
    say("Verdicts: {counts}", language, counts=shown or "–")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.10g}"
