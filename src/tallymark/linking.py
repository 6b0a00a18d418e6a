"""Lists of the same events, from their tables to a folder that holds record numbers only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from tallymark.engine.opening import opened
from tallymark.programme.linkages import Linkage
from tallymark.verify.linkage import Linked, link
from tallymark.verify.linkage.check import read_check
from tallymark.verify.linkage.completeness import completeness
from tallymark.verify.linkage.report import pair_table, summary
from tallymark.verify.linkage.several import two_and_two


@dataclass(frozen=True, slots=True)
class Listed:
    """What `link_lists` wrote; `both`: two lists that hold each event once, so that completeness can be told."""

    linked: Linked
    said: Mapping[str, Any]
    both: bool


def link_lists(
    linkage: Linkage,
    tables: Mapping[str, pa.Table],
    out: Path,
    *,
    seed: int = 0,
    checked: pa.Table | None = None,
    engine: str = "duckdb",
) -> Listed:
    """Lists (name → table) set against each other; writes records.csv, pairs.csv and summary.json into `out`.

    checked: the check sample as somebody linked it by hand; completeness then rests on it. engine: what weighs the
    pairs; training is the same for all. Errors: AssessmentError where what the engine needs is not installed.
    """
    unique = all(one.unique for one in linkage.lists)
    both = len(linkage.lists) == 2 and unique
    with opened(engine) as weighing:
        session = getattr(weighing, "session", None)
        linked = link(linkage, tables, seed=seed, session=session)
        many = len(linkage.lists) > 2 and unique
        several = two_and_two(linkage, tables, seed=seed, session=session) if many else None
    hand = read_check(linked, checked) if checked is not None and both else None
    pairs = pair_table(linked)
    said = summary(linked, pairs, completeness(linked, seed=seed, check=hand) if both else None, several)
    out.mkdir(parents=True, exist_ok=True)
    write_table(out / "records.csv", linked.records)
    write_table(out / "pairs.csv", pairs)
    (out / "summary.json").write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Listed(linked, said, both)


def write_table(path: Path, table: pa.Table) -> None:
    """A table as a CSV file that spreadsheets read."""
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")  # spreadsheets read Chinese in a CSV only with this mark
        arrow_csv.write_csv(table, file)
