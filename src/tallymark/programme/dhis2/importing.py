"""A DHIS2 export → a programme folder: units, datasets, sources, measures and what can be said of its indicators."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tallymark.findings import Finding, Severity, Where
from tallymark.programme.dhis2.datasets import declare
from tallymark.programme.dhis2.indicators import Indicators, write_indicators
from tallymark.programme.dhis2.metadata import Metadata, read_metadata, read_units
from tallymark.programme.dhis2.units import UnitTable, unit_table, write_units
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
) -> Imported:
    """Write a programme folder from DHIS2's exports; everything that could not be said is a finding and a comment.

    levels: names of the unit levels, highest first, where the metadata have none. geometry: GeoJSON whose features
    have the unit's id. Files of the same name in `out` are replaced.
    """
    said = read_metadata(metadata)
    units = unit_table(read_units(organisation_units), said, levels, organisation_units.name)
    declared = declare(said, units, metadata.name)
    formulas = Indicators.of(said, declared, metadata.name)
    out.mkdir(parents=True, exist_ok=True)
    write_units(units, out / "units.csv")
    if geometry is not None:
        shutil.copyfile(geometry, out / "geometry.geojson")
    write_yaml(
        out / "programme.yaml", _head(code, title, units, mapped=geometry is not None, file=metadata.name)
    )
    write_yaml(out / "datasets.yaml", {"datasets": declared.datasets})
    write_yaml(out / "sources.yaml", {"sources": {"dhis2": declared.source}})
    write_yaml(out / "measures.yaml", {"measures": {**declared.measures, **formulas.measures}})
    write_indicators(out / "indicators.yaml", formulas)
    findings = (*units.findings, *declared.findings, *formulas.findings, *_left_out(said, metadata.name))
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
            "description": f"Imported from DHIS2 ({file}).",
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
