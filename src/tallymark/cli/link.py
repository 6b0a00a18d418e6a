"""`tallymark link`: records of the same births held by several offices, set against each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.csv as arrow_csv

from tallymark.cli.accept import Place, Whole
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.there import there
from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.programme.linkages import Linkage
from tallymark.programme.load import load
from tallymark.sources.records import read_records
from tallymark.verify.linkage import link
from tallymark.verify.linkage.completeness import completeness
from tallymark.verify.linkage.report import pair_table, summary
from tallymark.verify.linkage.review import review_list


@click.command(cls=Command)
@click.argument("programme", type=Place())
@click.argument("linkage")
@click.argument("out", type=Place())
@click.option(
    "--list", "lists", multiple=True, required=True, help="NAME=FILE; repeat it, once for each list."
)
@click.option(
    "--review",
    type=Whole(1),
    help="Also write so many pairs for people to look at. The file holds names: keep it safe.",
)
@click.option(
    "--seed", type=Whole(0), default=0, show_default=True, help="Number that every sample is drawn by."
)
@as_json
@in_language
def command(
    programme: Path, linkage: str, out: Path, lists: tuple[str, ...], review: int | None, seed: int,
    as_json: bool, lang: str | None,
) -> int:  # fmt: skip
    """Link the lists of LINKAGE, declared in PROGRAMME, into OUT, a new folder that holds record numbers only."""
    language = shown_language(lang)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TallymarkError("{path} is there already and not empty; choose another folder", path=out)
    declared = _declared(there(programme), linkage)
    tables = {name: read_records(path) for name, path in _files(declared, lists).items()}
    linked = link(declared, tables, seed=seed)
    both = len(declared.lists) == 2 and all(one.unique for one in declared.lists)
    said = summary(linked, completeness(linked, seed=seed) if both else None)
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "records.csv", linked.records)
    _write(out / "pairs.csv", pair_table(linked))
    (out / "summary.json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if review:
        _write(out / "review.csv", review_list(linked, tables, many=review, seed=seed))
    if as_json:
        print_json(said)
    else:
        _print(said, language)
    return 0


def _declared(programme: Path, name: str) -> Linkage:
    known = load(programme).linkages
    if name not in known:
        raise TallymarkError(
            "the programme has no linkage '{name}'; {known}", name=name, known=known_words(name, known)
        )
    return known[name]


def _files(declared: Linkage, lists: tuple[str, ...]) -> dict[str, Path]:
    names = [one.name for one in declared.lists]
    given: dict[str, Path] = {}
    for each in lists:
        name, _, file = each.partition("=")
        if name not in names or not file:
            raise TallymarkError(
                "--list is NAME=FILE, not '{given}'; {known}", given=each, known=known_words(name, names)
            )
        given[name] = there(Path(file))
    missing = [name for name in names if name not in given]
    if missing:
        raise TallymarkError("list '{name}' was not given: --list {name}=FILE", name=missing[0])
    return given


def _write(path: Path, table: pa.Table) -> None:
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")  # spreadsheets read Chinese in a CSV only with this mark
        arrow_csv.write_csv(table, file)


def _print(said: Mapping[str, Any], language: str) -> None:
    for name, states in said["records"].items():
        say(
            "{list}: {matched} matched, {unmatched} unmatched, {duplicate} duplicates", language, list=name,
            matched=states.get("matched", 0), unmatched=states.get("unmatched", 0), duplicate=states.get("duplicate", 0),
        )  # fmt: skip
    if said["errors_sit_together"]:
        say(
            "errors sit together in bad records: a linkage that takes them as independent overstates the total",
            language,
        )
    found = said.get("completeness")
    if found is None:
        return
    total = found["events_in_all"]
    say(
        "events in all: {total:,.0f} ({low:,.0f} to {high:,.0f}); without regard to linkage errors {naive:,.0f}",
        language, total=total["corrected"], low=total["low"], high=total["high"], naive=total["naive"],
    )  # fmt: skip
    for name, share in found["share_held"].items():
        say("{list} holds {share:.1%} of them", language, list=name, share=share)
    if not found["known"]:
        say(
            "{lost:.1%} of the matches are thought lost where no records were compared, more than these lists "
            "can vouch for: link a check sample by hand", language, lost=said["lost_to_blocking"],
        )  # fmt: skip
