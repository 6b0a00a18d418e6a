"""`tallymark assess`: measure, verify, score."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow as pa

from tallymark.cli.accept import OneOf, Place, Whole
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, progress_shown, say, shown_language
from tallymark.cli.where import programme_at, store_at
from tallymark.edge import assess
from tallymark.engine.opening import ENGINES
from tallymark.store.runs import Run


@click.command(cls=Command)
@click.argument("programme", type=Place())
@click.argument("store", type=str)
@click.option("--contract", required=True, help="Which contract to score.")
@click.option("--period", help="Which period; the contract's own when left out.")
@click.option(
    "--engine", default="duckdb", show_default=True, type=OneOf(ENGINES), help="What computes the figures."
)
@click.option("--rehearsal", is_flag=True, help="Mark the run, every page and every row of it, as practice.")
@click.option("--data-version", type=Whole(min=1), help="Read the store as it stood after this batch.")
@click.option("--fresh", is_flag=True, help="Count everything anew, also what an earlier run counted.")
@as_json
@in_language
def command(
    programme: Path,
    store: str,
    contract: str,
    period: str | None,
    engine: str,
    rehearsal: bool,
    data_version: int | None,
    fresh: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """Score a contract of PROGRAMME on the data in STORE, and print the ranking."""
    language = shown_language(lang)
    with progress_shown(language) as progress:
        run = assess(
            programme_at(programme),
            store_at(store),
            contract=contract,
            period=period,
            engine=engine,
            mode="rehearsal" if rehearsal else "official",
            data_version=data_version,
            fresh=fresh,
            progress=progress,
        )
    if as_json:
        print_json(
            dict(run.manifest)
            | {"path": run.address or str(run.path), "ranks": run.table("ranks").to_pylist()}
        )
        return
    if rehearsal:
        say("REHEARSAL — not an official result", language)
    print_ranking(run, language)
    say("run: {path}", language, path=run.address or run.path)


def print_ranking(run: Run, language: str) -> None:
    """The ranking as lines: rank, set of ranks, total, unit; a heading where there are several contracts or groups."""
    names = _names(run.table("units"), language)
    order = [
        ("contract", "ascending"),
        ("peer_group", "ascending"),
        ("rank", "ascending"),
        ("unit", "ascending"),
    ]
    heading: tuple[str, ...] = ()
    for row in run.table("ranks").sort_by(order).to_pylist():
        mine = (row["contract"], row["peer_group"])
        if mine != heading and mine != (run.manifest["contract"], ""):
            click.echo(" · ".join(part for part in mine if part))
        heading = mine
        rank = "–" if row["rank"] is None else f"{row['rank']:g}"
        between = "" if row["rank_low"] is None else f"({row['rank_low']}–{row['rank_high']})"
        total = "–" if row["total"] is None else f"{row['total']:.2f}"
        click.echo(f"{rank:>4} {between:>9} {total:>8}  {names.get(row['unit'], row['unit'])}")


def _names(units: pa.Table, language: str) -> dict[str, str]:
    columns = units.select(["unit", "name_en", "name_zh"]).to_pydict()
    return {
        unit: (zh or en or unit) if language == "zh" else (en or zh or unit)
        for unit, en, zh in zip(columns["unit"], columns["name_en"], columns["name_zh"], strict=True)
    }
