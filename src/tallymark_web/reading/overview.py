"""The state of things on the first page: map and tiles of the person's units, and what changed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.urls import reverse

from tallymark.publish.geography import Outlines, outlines
from tallymark.publish.pages.tiles import blocks, draw_map, legend_steps, shade_steps, tile
from tallymark_web.access import Access
from tallymark_web.reading.runs import Reading, opened
from tallymark_web.reading.since import changed_figures, changed_totals, run_before
from tallymark_web.workplace import newest_run

MOST_TILES, MOST_CHANGES, MOST_MOVED = 400, 6, 10


def overview(access: Access) -> dict[str, Any]:
    """What the first page shows of the newest assessment; empty when there is none, or none of the person's units."""
    run = newest_run()
    if run is None or not access.anywhere("scores.view"):
        return {}
    reading = opened(run)
    edition, facts = reading.edition(), reading.facts
    mine = access.units("scores.view")
    units = [unit for unit in facts.compared if unit in mine][:MOST_TILES]
    steps = shade_steps(edition)
    tiles = [replace(tile(edition, unit, steps), href=reverse("scores-unit", args=[unit])) for unit in units]
    shapes = _shapes(reading) if len(units) > 1 else None
    before = run_before(run)
    return {
        "run": run,
        "period": edition.period(facts.period.code),
        "tiles": tiles if facts.contract else [],
        "blocks": blocks(edition, tiles),
        "many": len(tiles) > 40,
        "map": draw_map(edition, shapes, tiles) if shapes and facts.contract else None,
        "steps": legend_steps(steps),
        "moved": changed_totals(reading, mine)[:MOST_MOVED],
        "before": before,
        "deliveries": int(run.manifest["data_version"]) - int(before.manifest["data_version"])
        if before
        else 0,
        "rules_changed": before is not None
        and before.manifest["programme"]["hash"] != run.manifest["programme"]["hash"],
        "changed": _changed(reading, access),
        "behind": max(reading.behind, 0),
    }


def _changed(reading: Reading, access: Access) -> list[dict[str, Any]]:
    """For the unit at the top of what the person sees: figures that are others than a year ago."""
    tops = [unit for unit in sorted(access.tops("scores.view")) if unit in reading.facts.places.by_code][:1]
    return [
        {
            "unit": unit,
            "name": reading.edition().name(unit),
            "figures": changed_figures(reading, unit)[:MOST_CHANGES],
        }
        for unit in tops
    ]


def _shapes(reading: Reading) -> Outlines | None:
    programme = reading.facts.programme
    if programme.geometry is None:
        return None
    return _outlines(programme.geometry, programme.geometry_key, frozenset(reading.facts.totals))


@lru_cache(maxsize=2)
def _outlines(file: Path, key: str | None, units: frozenset[str]) -> Outlines | None:
    return outlines(file, key, units)
