"""A file looked through before it is sent: received by the engine into an empty store that is thrown away."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

import tallymark as tm
from tallymark.errors import TallymarkError
from tallymark.programme.resolved import Dataset, Programme
from tallymark.publish.guard import holds_people
from tallymark.sources.apart import has_people
from tallymark.sources.readers import SUFFIXES, mapped
from tallymark.store import Store
from tallymark.vault import passing_vault
from tallymark_web.reporting import handed

MOST = 20 << 20
TOO_LARGE = "{name}: files may have up to {most} MB and are not empty"
MOST_FINDINGS = 400


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file brings."""

    name: str
    sha256: str
    counts: dict[str, dict[str, int]]
    findings: list[dict[str, Any]]
    units: list[str]
    personal: bool


def look(programme: Programme, source: str, name: str, content: bytes, *, at: dt.datetime) -> Looked:
    """What a file would bring as `source`, cell by cell; the file is kept by its hash.

    Errors: TallymarkError for a file that is too large, of no known kind, or that cannot be read.
    """
    clean = re.sub(r"[^\w.() \-]+", "_", Path(name.replace("\\", "/")).name).strip(". ")[-120:] or "file"
    if not any(clean.lower().endswith(ending) for endings in SUFFIXES.values() for ending in endings):
        known = ", ".join(ending for endings in SUFFIXES.values() for ending in endings)
        raise TallymarkError("{name}: known kinds of files are {kinds}", name=clean, kinds=known)
    if not content or len(content) > MOST:
        raise TallymarkError(TOO_LARGE, name=clean, most=MOST >> 20)
    digest = hashlib.sha256(content).hexdigest()
    people = has_people(programme, mapped(programme, source, Path(clean)))
    handed.keep(digest, clean, content, sealed=people)
    with (
        handed.in_hand(digest, clean) as place,
        tempfile.TemporaryDirectory(prefix="tallymark-look-") as folder,
    ):
        throwaway = tm.open_store(Path(folder) / "store")
        aside = passing_vault(Path(folder) / "vault")
        receipt = tm.receive(programme, throwaway, source, place, received_at=at, vault=aside)
        found = [programme.datasets[dataset] for dataset in receipt.datasets]
        return Looked(
            name=clean,
            sha256=digest,
            counts={dataset: asdict(counts) for dataset, counts in receipt.datasets.items()},
            findings=[_finding(finding) for finding in receipt.findings[:MOST_FINDINGS]],
            units=sorted({unit for dataset in found for unit in _units(throwaway, dataset)}),
            personal=any(holds_people(dataset) for dataset in found),
        )


def _units(store: Store, dataset: Dataset) -> Iterator[str]:
    if not store.open_columns(dataset.name).names:
        return
    column = "_unit" if dataset.kind == "events" else "unit"
    with duckdb.connect() as connection:
        for (unit,) in connection.execute(
            f"SELECT DISTINCT {column} FROM {store.relation(dataset)}"
        ).fetchall():
            yield unit


def _finding(finding: tm.Finding) -> dict[str, Any]:
    where = finding.where
    sheet = f"{where.sheet}!{where.cell or ''}" if where.sheet else where.cell or ""
    row = f"{where.row}" if where.row and not where.cell else ""
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "place": " ".join(part for part in (sheet, row, where.unit, where.period) if part),
        "en": finding.message("en"),
        "zh": finding.message("zh"),
        "hint_en": finding.hint("en"),
        "hint_zh": finding.hint("zh"),
    }
