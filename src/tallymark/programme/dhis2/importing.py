"""A DHIS2 export → a programme folder: units, datasets, sources, measures and what can be said of its indicators."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tallymark.findings import Finding, Severity, Where
from tallymark.programme.dhis2.datasets import declare
from tallymark.programme.dhis2.indicators import Indicators
from tallymark.programme.dhis2.metadata import Metadata, read_metadata, read_units
from tallymark.programme.dhis2.units import UnitTable, unit_table, write_units
from tallymark.programme.dhis2.words import in_both, read_words, texts_of, unused
from tallymark.programme.dhis2.writing import write_yaml


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import. `findings` say what was left out and why; translated and refused are indicators."""

    folder: Path
    units: int
    items: int
    translated: tuple[str, ...]
    refused: tuple[str, ...]
    findings: tuple[Finding, ...]


def import_dhis2(
    metadata: Path,
    organisation_units: Path,
    out: Path,
    *,
    code: str,
    title: str,
    levels: Sequence[str] = (),
    geometry: Path | None = None,
    words: Path | None = None,
) -> Imported:
    """Write a programme folder from DHIS2's exports; everything that could not be said is a finding and a comment.

    levels: names of the unit levels, highest first, where the metadata have none. geometry: GeoJSON whose features
    have the unit's id. words: CSV of the columns `en` and `zh`, for titles and names that DHIS2 has in one language.
    Files of the same name in `out` are replaced.
    """
    known = read_words(words) if words else {}
    said = read_metadata(metadata)
    units = unit_table(read_units(organisation_units), said, levels, organisation_units.name)
    declared = declare(said, units, metadata.name)
    formulas = Indicators.of(said, declared, metadata.name)
    out.mkdir(parents=True, exist_ok=True)
    write_units(units, out / "units.csv", known)
    if geometry is not None:
        shutil.copyfile(geometry, out / "geometry.geojson")
    files = {
        "programme": _head(code, title, units, mapped=geometry is not None, file=metadata.name),
        "datasets": {"datasets": declared.datasets},
        "sources": {"sources": {"dhis2": declared.source}},
        "measures": {"measures": {**declared.measures, **formulas.measures}},
        "indicators": {"indicators": formulas.written},
    }
    for name, content in files.items():
        comments = tuple(formulas.refused.values()) if name == "indicators" else ()
        write_yaml(out / f"{name}.yaml", in_both(content, known), comments)
    texts = [*texts_of(list(files.values())), *(row["name_en"] for row in units.rows)]
    findings = (
        *units.findings, *declared.findings, *formulas.findings, *_left_out(said, metadata.name),
        *(unused(known, texts, words.name) if words else ()),
    )  # fmt: skip
    return Imported(
        out, len(units.rows), sum(len(one["items"]) for one in declared.datasets.values()),
        tuple(formulas.written), tuple(formulas.refused), findings,
    )  # fmt: skip


def _head(code: str, title: str, units: UnitTable, *, mapped: bool, file: str) -> Mapping[str, Any]:
    columns = {
        "unit": "unit", "name_en": "name_en", "name_zh": "name_zh", "parent": "parent", "level": "level",
        "opened": "opened", "closed": "closed",
    }  # fmt: skip
    head: dict[str, Any] = {
        "programme": {
            "code": code,
            "title": title,
            "description": {"en": f"Imported from DHIS2 ({file}).", "zh": f"从DHIS2导入（{file}）。"},
            "levels": [{"code": level, "title": name} for level, name in units.levels],
        },
        "units": {"file": "units.csv", "columns": columns, "attributes": ["code", *units.attributes]},
    }
    if mapped:
        head["units"]["geometry"] = "geometry.geojson"
    return head


def _left_out(said: Metadata, file: str) -> list[Finding]:
    tracked = [one.title.en for one in said.elements.values() if one.domain != "AGGREGATE"]
    if not tracked:
        return []
    return [
        Finding(
            "dhis2.tracker_left_out",
            Severity.NOTE,
            "{count} data elements of individual events were left out",
            "declare an events dataset with a purpose and sensitivities, and receive the events as a table",
            {"count": len(tracked)},
            Where(file=file),
        )
    ]
