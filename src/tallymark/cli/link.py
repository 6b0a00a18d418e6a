"""`tallymark link`: records of the same births held by several offices, set against each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.cli.accept import OneOf, Place, Whole
from tallymark.cli.command import Command
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.there import there
from tallymark.cli.vault.access import access, asked, vault_of
from tallymark.cli.where import store_at
from tallymark.engine.opening import ENGINES
from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.linking import link_lists, write_table
from tallymark.opening import Access, open_rows
from tallymark.programme.linkages import Linkage
from tallymark.programme.load import load
from tallymark.sources.records import read_records
from tallymark.verify.linkage.check import check_list
from tallymark.verify.linkage.review import review_list
from tallymark.verify.linkage.token_link import link_tokens

DOUBTS = {
    "lost": "not known for sure: {lost:.1%} of the matches are thought lost where no records were compared, more than "
    "these lists can vouch for: link a check sample by hand",
    "chance": "not known for sure: there seem to be matches so badly written that they cannot be told from chance: link "
    "a check sample by hand",
    "models": "not known for sure: the total depends on how errors are thought to sit, by more than 2 %: link a check "
    "sample by hand",
}
"""Why lists cannot vouch for a total → what is said."""
PLACED = "_placed"
"""Column of a stored list's records: batch and row."""


@click.command(cls=Command)
@click.argument("programme", type=Place())
@click.argument("linkage")
@click.argument("out", type=Place())
@click.option("--list", "lists", multiple=True, help="NAME=FILE; repeat it, once for each list.")
@click.option("--tokens", is_flag=True, help="The files hold tokens (`tallymark tokens`), not names.")
@click.option("--store", type=str, help="Read lists that name a dataset from this store and its vault.")
@asked
@click.option(
    "--review",
    type=Whole(1),
    help="Also write so many pairs for people to look at. The file holds names: keep it safe.",
)
@click.option(
    "--check",
    type=Whole(1),
    help="Also write so many unmatched records for people to look for. The file holds names: keep it safe.",
)
@click.option(
    "--checked", type=Place(), help="That file, column `found` filled in: completeness then rests on it."
)
@click.option(
    "--seed", type=Whole(0), default=0, show_default=True, help="Number that every sample is drawn by."
)
@click.option(
    "--engine", default="duckdb", show_default=True, type=OneOf(ENGINES), help="What weighs the pairs."
)
@as_json
@in_language
def command(
    programme: Path, linkage: str, out: Path, lists: tuple[str, ...], tokens: bool, store: str | None, who: str,
    reason: str, review: int | None, check: int | None, checked: Path | None, seed: int, engine: str, as_json: bool,
    lang: str | None,
) -> int:  # fmt: skip
    """Link the lists of LINKAGE, declared in PROGRAMME, into OUT, a new folder that holds record numbers only."""
    language = shown_language(lang)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TallymarkError("{path} is there already and not empty; choose another folder", path=out)
    declared = declared_linkage(there(programme), linkage)
    files = _files(declared, lists, stored=store is not None)
    tables = {name: read_records(path) for name, path in files.items()}
    if tokens:
        if engine != "duckdb":
            raise TallymarkError("tokens are matched without an engine: leave out --engine")
        return _link_tokens(tables, out, language, as_json=as_json)
    if store is not None:
        opener = access(declared.purpose, who, reason)
        declared, stored = _stored_lists(programme, store, declared, given=tables, access=opener)
        tables |= stored
    by_hand = read_records(there(checked)) if checked else None
    listed = link_lists(declared, tables, out, seed=seed, checked=by_hand, engine=engine)
    if review:
        write_table(out / "review.csv", review_list(listed.linked, tables, many=review, seed=seed))
    if check and listed.both:
        write_table(out / "check.csv", check_list(listed.linked, tables, many=check, seed=seed))
    if as_json:
        print_json(listed.said)
    else:
        _print(listed.said, language)
    return 0


def declared_linkage(programme: Path, name: str) -> Linkage:
    """A linkage of a programme.

    Errors: TallymarkError for another name, with did-you-mean.
    """
    known = load(programme).linkages
    if name not in known:
        raise TallymarkError(
            "the programme has no linkage '{name}'; {known}", name=name, known=known_words(name, known)
        )
    return known[name]


def _stored_lists(
    programme: Path, address: str, declared: Linkage, *, given: Mapping[str, pa.Table], access: Access
) -> tuple[Linkage, dict[str, pa.Table]]:
    """Lists that name a dataset and were not given as files, read in the clear for the linkage's purpose.

    Their records are called by batch and row of the store: the office's own numbers may identify people.
    """
    loaded, store = load(programme), store_at(address)
    vault = vault_of(store)
    lists, tables = [], {}
    for one in declared.lists:
        if one.dataset and one.name not in given:
            rows = open_rows(loaded, store, vault, one.dataset, access=access)
            parts = [rows.column(name).cast(pa.string()) for name in ("_batch", "_row")]
            tables[one.name] = rows.append_column(PLACED, pc.binary_join_element_wise(*parts, ":"))
            one = replace(one, record=PLACED)
        lists.append(one)
    return replace(declared, lists=tuple(lists)), tables


def _link_tokens(tables: Mapping[str, pa.Table], out: Path, language: str, *, as_json: bool) -> int:
    linked = link_tokens(tables)
    taken = linked.pairs.filter(linked.pairs.column("taken"))
    said = {
        "kinds": [*linked.kinds], "records": {name: len(table) for name, table in tables.items()},
        "compared": len(linked.pairs), "matched": len(taken),
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    write_table(out / "pairs.csv", linked.pairs.rename_columns([*tables, "shared", "weight", "taken"]))
    (out / "summary.json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if as_json:
        print_json(said)
    else:
        say(
            "matched on tokens: {matched}; what tokens lose cannot be estimated from them",
            language,
            matched=len(taken),
        )
    return 0


def _files(declared: Linkage, lists: tuple[str, ...], *, stored: bool) -> dict[str, Path]:
    names = [one.name for one in declared.lists]
    in_store = {one.name for one in declared.lists if stored and one.dataset}
    given: dict[str, Path] = {}
    for each in lists:
        name, _, file = each.partition("=")
        if name not in names or not file:
            raise TallymarkError(
                "--list is NAME=FILE, not '{given}'; {known}", given=each, known=known_words(name, names)
            )
        given[name] = there(Path(file))
    missing = [name for name in names if name not in given and name not in in_store]
    if missing:
        raise TallymarkError("list '{name}' was not given: --list {name}=FILE", name=missing[0])
    return given


def _print(said: Mapping[str, Any], language: str) -> None:
    for name, states in said["records"].items():
        say(
            "{list}: {matched} matched, {unmatched} unmatched, {duplicate} duplicates", language, list=name,
            matched=states.get("matched", 0), unmatched=states.get("unmatched", 0), duplicate=states.get("duplicate", 0),
        )  # fmt: skip
    odd = said["contradictory"]
    if odd["pairs"]:
        fields = ", ".join(f"{name} {count}" for name, count in odd["fields"].items())
        say(
            "{pairs} matched pairs contradict each other: {fields}",
            language,
            pairs=odd["pairs"],
            fields=fields,
        )
    if said["errors_sit_together"]:
        say(
            "errors sit together in bad records: a linkage that takes them as independent overstates the total",
            language,
        )
    for two in said.get("two_and_two", {}).get("totals", ()):
        say("from {lists}:", language, lists=", ".join(two["lists"]))
        _print_total(two, language)
    if not said.get("two_and_two", {}).get("agree", True):
        say("these totals cannot all be right: being on one list goes with being on another", language)
    if "completeness" in said:
        _print_total(said["completeness"], language)


def _print_total(found: Mapping[str, Any], language: str) -> None:
    total = found["events_in_all"]
    say(
        "events in all: {total:,.0f} ({low:,.0f} to {high:,.0f}); without regard to linkage errors {naive:,.0f}",
        language, total=total["corrected"], low=total["low"], high=total["high"], naive=total["naive"],
    )  # fmt: skip
    for name, share in found["share_held"].items():
        say("{list} holds {share:.1%} of them", language, list=name, share=share)
    if found["doubt"]:
        say(DOUBTS[found["doubt"]], language, lost=found["lost"])
