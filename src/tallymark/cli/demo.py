"""`tallymark demo`: the demo county, from simulated deliveries to a site and the web app in the browser."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from pathlib import Path

import click

from tallymark.cli.accept import Place, Whole
from tallymark.cli.command import Command
from tallymark.cli.serve import serve
from tallymark.cli.speak import as_json, complain, in_language, print_json, shown_language
from tallymark.cli.workplace import has_web, serve_workplace
from tallymark.edge import assess, project_scenarios, publish_run, receive
from tallymark.errors import TallymarkError
from tallymark.linking import link_lists, write_table
from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.programme.shipped import shipped
from tallymark.publish import Site
from tallymark.simulate import simulate_county
from tallymark.simulate.census import SCENARIO
from tallymark.simulate.county import PROJECTION
from tallymark.simulate.lists import simulate_lists
from tallymark.sources.records import read_records
from tallymark.store import open_store
from tallymark.store.runs import Run
from tallymark.texts import Message, told
from tallymark.vault import open_vault, places
from tallymark.vault.key import make_key

CONTRACT = "demo-2025"
SEED = 2025
MOST_EVENTS = 50_000_000
LINKAGE = "third_quarter"
QUARTERS_BIRTHS = 1_060
MARK = "demo.json"
DEMO_KEY = "DEMO: key of a vault of invented people, beside what it opens. Never keep a real one so."


@click.command(cls=Command)
@click.argument("folder", type=Place(), default=Path("demo"))
@click.option("--serve/--no-serve", "served", default=True, help="Show it when it is built.")
@click.option("--open/--no-open", "browser", default=True, help="Open a browser.")
@click.option(
    "--port", type=Whole(min=0, max=65535), default=8765, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--events",
    type=Whole(min=1, max=MOST_EVENTS),
    help="About how many register rows to simulate, up to 50 million.",
)
@as_json
@in_language
def command(
    folder: Path,
    served: bool,
    browser: bool,
    port: int,
    events: int | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Build the demo county in FOLDER: simulate, receive, assess, publish; then show it."""
    language = shown_language(lang)
    make_way(folder)
    run, site = build(folder, events=events, language=language)
    if as_json:
        print_json({"run": str(run.path), "site": str(site.path), "pages": site.pages})
    if served and has_web():
        serve_workplace(folder, port=port, browser=browser, language=language)
    elif served:
        serve(folder / "site", port=port, browser=browser, language=language)


def build(folder: Path, *, events: int | None, language: str) -> tuple[Run, Site]:
    """The demo county's deliveries, store, run and site, written below `folder`; progress goes to stderr."""
    started = time.monotonic()

    def step(message: str, **values: object) -> None:
        text = told(Message(message, **values), language)
        complain(f"[{time.monotonic() - started:5.1f} s] {text}")

    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(json.dumps({"made by": "tallymark demo", "seed": SEED}), encoding="utf-8")
    shutil.copytree(shipped("demo"), folder / "programme")
    programme = load(folder / "programme")
    step(
        "programme loaded: {units} units, {indicators} indicators",
        units=len(programme.units.codes),
        indicators=len(programme.indicators),
    )
    truth = simulate_county(folder / "deliveries", seed=SEED, events=events)
    step("deliveries simulated: {files} files", files=len(truth.deliveries))
    store = open_store(folder / "store")
    make_key(places(store.root, {}).key_file, DEMO_KEY)
    vault = open_vault(places(store.root, {}))
    for place, delivery in enumerate(truth.deliveries, 1):
        receive(
            programme,
            store,
            delivery.source,
            truth.out / delivery.file,
            received_at=delivery.received_at.replace(tzinfo=dt.UTC),
            vault=vault,
        )
        if place % 50 == 0:
            step("received {place} of {files} files", place=place, files=len(truth.deliveries))
    step("received: data version {version}", version=store.version)
    run = assess(programme, store, contract=CONTRACT)
    step("assessed: {run}", run=run.id)
    linked = link_births(programme, folder)
    step("births of two offices set against each other: {folder}", folder=linked)
    site = publish_run(run, folder / "site", linkages=[linked])
    step("published: {pages} pages, {index}", pages=site.pages, index=folder / "site" / "index.html")
    made = project_scenarios(truth.out / PROJECTION / SCENARIO, folder / "projections" / "county")
    step("population projected to {end}", end=made.end)
    return run, site


def link_births(programme: Programme, folder: Path) -> Path:
    """A quarter's births as hospitals and civil registration list them, written to `lists/` and linked in `linked/`."""
    lists = simulate_lists(QUARTERS_BIRTHS, seed=SEED, error=0.06, first=dt.date(2025, 7, 1), days=92)
    (folder / "lists").mkdir()
    for name, table in lists.tables.items():
        write_table(folder / "lists" / f"{name}.csv", table)
    tables = {name: read_records(folder / "lists" / f"{name}.csv") for name in lists.tables}
    link_lists(programme.linkages[LINKAGE], tables, folder / "linked", seed=SEED)
    return folder / "linked"


def make_way(folder: Path) -> None:
    """An earlier demo is made anew; any other folder with something in it is left alone."""
    if (folder / MARK).is_file():
        shutil.rmtree(folder)
    elif folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise TallymarkError(
            "{folder} is not empty and no earlier demo; name another folder: tallymark demo FOLDER",
            folder=folder,
        )
