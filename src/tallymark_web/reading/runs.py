"""A run as its pages read it: facts and words made by `tallymark.publish`, kept while the run is looked at."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from tallymark.model.tables import STAMP
from tallymark.programme.load import load
from tallymark.programme.resolved import Programme
from tallymark.publish.edition import Edition, edition
from tallymark.publish.facts import Facts, read_facts
from tallymark.publish.plan import Plan, make_plan
from tallymark.store.runs import Run, open_run
from tallymark_web.reading.figures import of_every_unit
from tallymark_web.words import language
from tallymark_web.workplace import newest_run, runs, store

BY_PERIOD = ("indicators", "measures")
"""The large tables: of them only the run's own period is read, and kept beside the database."""


@dataclass(frozen=True, slots=True)
class _Light:
    """What `read_facts` reads of a run.

    Comparisons with suppressed periods are not emptied: these pages are the office's; the public reads releases.
    """

    run: Run
    programme: Programme

    @property
    def manifest(self) -> Mapping[str, Any]:
        return self.run.manifest

    def table(self, name: str) -> pa.Table:
        if name not in BY_PERIOD:
            return self.run.table(name)
        place = self._kept(name)
        if not place.is_file():
            period = str(self.run.manifest["period"])
            wanted = [("period", "=", period)]
            files = [str(path) for path in self.run.files(name, [period])]
            found = pq.read_table(files, filters=wanted) if files else self.run.table(name, [period])
            found = found.drop_columns([column for column in STAMP if column in found.column_names])
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh = place.with_suffix(f".{os.getpid()}")
            pq.write_table(found, fresh)
            fresh.replace(place)
        return pq.read_table(place)

    def _kept(self, name: str) -> Path:
        """Where the small part of a large table is kept: named by the table's hash, so that it is never stale."""
        sha256 = str(self.run.manifest["tables"][name]["sha256"])
        folder: Path = settings.INSTALLATION.web / "runs"
        return folder / f"{name}-{sha256[:24]}.parquet"


@dataclass(frozen=True, slots=True)
class Reading:
    """A run opened to be read."""

    run: Run
    facts: Facts
    plan: Plan

    def edition(self) -> Edition:
        """The run in the reader's language."""
        return edition(self.facts, self.plan, language())

    @property
    def behind(self) -> int:
        """How many deliveries came in after the data that the run rests on."""
        return store().version - int(self.run.manifest["data_version"])


def chosen(name: str | None) -> Run | None:
    """The run of that name, or the newest official one; None when there is none."""
    if not name:
        return newest_run()
    return next((run for run in runs() if run.id == name), None)


def opened(run: Run) -> Reading:
    """The run opened; remembered, because a run never changes."""
    return _opened(run.path, str(run.manifest["made_at"]))


@lru_cache(maxsize=3)
def _opened(path: Path, made_at: str) -> Reading:
    run = open_run(path)
    facts = read_facts(_Light(run, load(run.programme_folder)), office=True)
    facts = of_every_unit(facts)
    return Reading(run, facts, make_plan(facts))
