"""`tallymark draw frame`: the units that may be drawn."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from tallymark.cli.accept import Moment, Place
from tallymark.cli.command import Command
from tallymark.cli.draw.folder import keep
from tallymark.cli.speak import as_json, in_language, print_json, say, shown_language
from tallymark.cli.where import programme_at, store_at
from tallymark.clock import now
from tallymark.engine.duckdb import connect
from tallymark.errors import TallymarkError
from tallymark.findings import known_words
from tallymark.programme.resolved import Programme
from tallymark.store import Store
from tallymark.verify.sampling.frame import frame_of, written_frame


@click.command(cls=Command)
@click.argument("programme", type=Place())
@click.argument("out", type=Place())
@click.option("--level", required=True, help="Level of the units to draw from.")
@click.option("--stratum", help="Level whose units are the strata (or lots).")
@click.option("--cluster", help="Level whose units are the clusters.")
@click.option("--on", type=Moment(), help="Units as they stand on this day; today when left out.")
@click.option("--store", help="Store that holds the sizes.")
@click.option(
    "--size", help="Dataset, or dataset.item, whose latest value (rows, for events) is a unit's size."
)
@as_json
@in_language
def command(
    programme: Path,
    out: Path,
    level: str,
    stratum: str | None,
    cluster: str | None,
    on: dt.datetime | None,
    store: str | None,
    size: str | None,
    as_json: bool,
    lang: str | None,
) -> int:
    """Write OUT, a CSV file with every unit of a level of PROGRAMME that stands on the day."""
    loaded = programme_at(programme)
    day = (on or now()).date()
    for each in (level, stratum, cluster):
        if each is not None and each not in loaded.units.level_order:
            raise TallymarkError(
                "there is no level '{level}'; {known}",
                level=each,
                known=known_words(each, loaded.units.level_order),
            )
    if (store is None) != (size is None):
        raise TallymarkError("--size and --store go together")
    sizes = _sizes(loaded, store_at(store), size, day) if store and size else None
    above = _above(loaded, day)
    rows, left = [], []
    for unit in loaded.units.at_level(level, day):
        if sizes is not None and not sizes.get(unit):
            left.append(unit)
            continue
        name = loaded.units.names[loaded.units.index[unit]]
        rows.append(
            {
                "unit": unit,
                "name": name["en"] or name["zh"],
                "stratum": above.get((unit, stratum), ""),
                "cluster": above.get((unit, cluster), ""),
                "size": str(sizes[unit]) if sizes else "1",
            }
        )
    frame = frame_of(rows, str(out))
    keep(out, written_frame(frame))
    if as_json:
        print_json({"path": str(out), "units": len(rows), "left_out": left, "sha256": frame.hash})
        return 0
    language = shown_language(lang)
    say("{file}: {count} units", language, file=out, count=len(rows))
    if left:
        say("left out, because nothing says how large they are: {units}", language, units=", ".join(left))
    return 0


def _above(programme: Programme, day: dt.date) -> dict[tuple[str, str | None], str]:
    table = programme.units.ancestry_on(day).to_pydict()
    return {
        (unit, level): ancestor
        for unit, level, ancestor in zip(table["unit"], table["level"], table["ancestor"], strict=True)
    }


def _sizes(programme: Programme, store: Store, size: str, day: dt.date) -> dict[str, int | float]:
    """Each unit's latest stock up to the day, sum of a reported item, or number of events."""
    name, _, item = size.partition(".")
    if name not in programme.datasets:
        raise TallymarkError(
            "there is no dataset '{name}'; {known}", name=name, known=known_words(name, programme.datasets)
        )
    dataset = programme.datasets[name]
    rows = store.relation(dataset)
    if dataset.kind == "events":
        query, values = f"SELECT _unit, COUNT(*) FROM {rows} GROUP BY ALL", []
    else:
        items = list(dataset.items)
        if not item and len(items) == 1:
            item = items[0]
        if item not in dataset.items:
            raise TallymarkError(
                "dataset {name} has no item '{item}'; {known}",
                name=name,
                item=item,
                known=known_words(item, items),
            )
        values = [item]
        if dataset.kind == "stocks":
            values.append(day.isoformat())
            latest = "date = MAX(date) OVER (PARTITION BY unit)"
            until = f"SELECT * FROM {rows} WHERE item = ? AND date <= ?::DATE QUALIFY {latest}"
            query = f"SELECT unit, SUM(value) FROM ({until}) GROUP BY ALL"
        else:
            query = f"SELECT unit, SUM(value) FROM {rows} WHERE item = ? GROUP BY ALL"
    found = connect().execute(query, values).fetchall()
    return {unit: int(value) if value == int(value) else value for unit, value in found if value}
