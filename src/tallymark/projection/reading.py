"""A scenario file → its written model, with every misfit as a finding at its own line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tallymark.findings import Finding, Where
from tallymark.programme.files import Folder, Path_, Positions, read_bytes
from tallymark.programme.rights import rights_findings_raw
from tallymark.programme.sentences import sentence
from tallymark.programme.yaml_text import YamlFile, read_yaml
from tallymark.projection.written import WrittenProjection

SECTION = "projection"
NAMED = ("scenarios", "groups")
"""Keys whose entries have names that pages may show."""


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


def _refused(raw: Mapping[str, Any], positions: Positions) -> list[Finding]:
    """What the rights gate says of every text and name that people will read: of a scenario as of any declared work."""
    found = []
    for path, words in _told(raw, (SECTION,)):
        found += rights_findings_raw({SECTION: words}, _Within(positions.raw, path))
    return found


def _told(raw: Any, path: Path_) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """The titles, descriptions and names at any depth, each with its place."""
    if isinstance(raw, list):
        for at, entry in enumerate(raw):
            yield from _told(entry, (*path, at))
    if not isinstance(raw, Mapping):
        return
    words = {key: raw[key] for key in ("title", "description") if key in raw}
    if words:
        yield path, words
    for name, entry in raw.items():
        if path[-1] in NAMED:
            yield (*path, name), {"title": str(name).replace("_", " ")}
        if path[-1] == "units":
            yield (*path, name), {"title": entry}
        yield from _told(entry, (*path, name))


@dataclass(frozen=True, slots=True)
class _Within:
    """Places of what stands below a path, asked for as if it stood below the section."""

    positions: Positions
    path: Path_

    def at(self, path: Iterable[str | int]) -> tuple[Any, ...]:
        """File, line and column."""
        return self.positions.at((*self.path, *tuple(path)[1:]))
