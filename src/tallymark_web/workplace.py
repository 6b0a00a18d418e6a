"""The workplace as requests see it: its programme, its store, its runs; read again when they change."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

import tallymark as tm
from tallymark.programme.resolved import Programme
from tallymark.store import Store
from tallymark.store.runs import MANIFEST, Run, runs_in
from tallymark.vault import Vault, open_vault, places
from tallymark_web.environment import PROGRAMME, STORE

RUNS = "runs"
MOST_KEPT = 64
DECLARED = "**/*"
"""Declared files stand in folders, too."""


def folder() -> Path:
    """The workplace's folder."""
    place: Path = settings.INSTALLATION.workplace
    return place


def programme() -> Programme:
    """The declared programme; loaded again when a file of it has changed."""
    root = folder() / PROGRAMME
    return _loaded(root, _stamp(root, DECLARED))


def store() -> Store:
    """The store."""
    return tm.open_store(folder() / STORE)


def vault() -> Vault:
    """The store's vault."""
    return open_vault(places(store().root, os.environ))


def runs() -> list[Run]:
    """Every run, oldest first."""
    root = folder() / STORE / RUNS
    return list(_runs(root, _stamp(root, f"*/{MANIFEST}"))) if root.is_dir() else []


def calendar_today() -> dt.date:
    """The day by which reports are due: today, but in a demo the day on which its story ends."""
    day: dt.date | None = settings.INSTALLATION.today
    return day or timezone.localdate()


def newest_run() -> Run | None:
    """The newest official run, else the newest; None when nothing was assessed yet."""
    made = runs()
    official = [run for run in made if run.manifest["mode"] == "official"]
    best = official or made
    return best[-1] if best else None


def _stamp(root: Path, pattern: str) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file does: names, sizes and times."""
    found = [(path, path.stat()) for path in sorted(root.glob(pattern)) if path.is_file()]
    return tuple((path.relative_to(root).as_posix(), it.st_size, it.st_mtime_ns) for path, it in found)


@lru_cache(maxsize=2)
def _loaded(root: Path, stamp: object) -> Programme:
    return tm.load(root)


@lru_cache(maxsize=2)
def _runs(root: Path, stamp: object) -> tuple[Run, ...]:
    return tuple(runs_in(root))


@dataclass(frozen=True, slots=True)
class Tree:
    """The units as access reads them: who stands above whom today; a closed unit stays where it last stood."""

    parent: dict[str, str | None]
    children: dict[str, tuple[str, ...]]
    _below: dict[frozenset[str], frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    """What was asked before: a page asks for the same subtrees many times."""

    def path(self, unit: str) -> tuple[str, ...]:
        """A unit and every unit above it; empty for a code that is no unit."""
        found: list[str] = []
        at: str | None = unit
        while at is not None and at in self.parent and at not in found:
            found.append(at)
            at = self.parent[at]
        return tuple(found)

    def below(self, tops: Collection[str]) -> frozenset[str]:
        """The units of some subtrees, their tops included."""
        asked = frozenset(tops)
        if asked in self._below:
            return self._below[asked]
        found, queue = set[str](), [top for top in asked if top in self.parent]
        while queue:
            unit = queue.pop()
            if unit not in found:
                found.add(unit)
                queue.extend(self.children.get(unit, ()))
        if len(self._below) >= MOST_KEPT:
            self._below.clear()
        self._below[asked] = frozenset(found)
        return self._below[asked]


def tree(today: dt.date) -> Tree:
    """The tree of units on a day."""
    root = folder() / PROGRAMME
    return _tree(root, _stamp(root, DECLARED), today)


@lru_cache(maxsize=2)
def _tree(root: Path, stamp: object, today: dt.date) -> Tree:
    units = _loaded(root, stamp).units
    parent: dict[str, str | None] = {}
    for code, opened, closed in zip(units.codes, units.opened, units.closed, strict=True):
        day = today
        if closed is not None and closed <= today:
            day = closed - dt.timedelta(days=1)
        elif opened is not None and opened > today:
            day = opened
        parent[code] = units.parent_on(code, day)
    children: dict[str, list[str]] = {}
    for code, above in parent.items():
        if above is not None:
            children.setdefault(above, []).append(code)
    return Tree(parent, {unit: tuple(codes) for unit, codes in children.items()})
