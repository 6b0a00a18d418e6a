"""A scenario file → its written model, with every misfit as a finding at its own line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tallymark.findings import Where
from tallymark.programme.files import Folder, Positions, read_bytes
from tallymark.programme.rights import rights_findings_raw
from tallymark.programme.sentences import sentence
from tallymark.programme.yaml_text import YamlFile, read_yaml
from tallymark.projection.written import WrittenProjection

SECTION = "projection"


def read_scenario_file(path: Path) -> tuple[Folder, WrittenProjection | None]:
    """The folder of the file with findings and places, and what the file declares; None where it cannot stand."""
    folder = Folder(path.parent, names=(path.name,), positions=Positions(path.name))
    if not path.is_file():
        hint = "check the path; docs/population.md has an example"
        folder.wrong("absent", Where(file=str(path)), "there is no file {path}", hint, path=str(path))
        return folder, None
    content = read_bytes(folder, path.name, path, Where(file=path.name))
    if content is None:
        return folder, None
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        where = Where(file=path.name)
        folder.wrong("unreadable", where, "{file} is not in UTF-8", "save it as UTF-8", file=path.name)
        return folder, None
    file = read_yaml(path.name, text)
    folder.findings.extend(file.findings)
    return folder, _model(folder, file)


def _model(folder: Folder, file: YamlFile) -> WrittenProjection | None:
    raw = file.value.get(SECTION) if isinstance(file.value, Mapping) else None
    for place, (line, column) in file.places.items():
        folder.positions.add(place, file.name, line, column)
    if not isinstance(raw, Mapping):
        if not file.findings:
            hint = "docs/population.md has an example"
            folder.wrong(
                "yaml", Where(file=file.name, line=1), "the file does not declare `projection:`", hint
            )
        return None
    folder.findings.extend(_refused(raw, folder.positions))
    try:
        return WrittenProjection.model_validate(raw)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    for said in sentence(WrittenProjection, raw, problems, (SECTION,)):
        folder.wrong(said.code, folder.positions.where(*said.path), said.template, said.hint, **said.values)
    return None


def _refused(raw: Mapping[str, Any], positions: Positions) -> list[Any]:
    """What the rights gate says of the words people read: of a scenario as of any declared course of work."""
    words = {name: raw[name] for name in ("title", "description") if name in raw}
    return rights_findings_raw({SECTION: dict(words)}, positions.raw) if words else []
