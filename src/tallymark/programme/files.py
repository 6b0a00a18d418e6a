"""A programme's folder → its sections with the place of every word, its files and their hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tallymark.findings import Finding, Severity, Where, did_you_mean
from tallymark.programme.written import WrittenFolder
from tallymark.programme.yaml_text import YamlFile, read_yaml

SECTIONS = tuple(WrittenFolder.model_fields)
SINGLE = ("programme", "units", "patterns", "disclosure", "hearing", "review")
LISTS = ("tests", "waivers")
MOST_BYTES = 20_000_000
YAML = (".yaml", ".yml")
STORES = {"store.json", "manifest.json"}
"""Files that mark a store or a run, which may lie inside a programme's folder."""

Path_ = tuple[str | int, ...]


class Positions:
    """Where each declared word stands: `where("indicators", "anc4", "factor")` → file and line.

    A path that was not written itself (a key left out) is placed at the nearest one around it.
    """

    def __init__(self, fallback: str = "") -> None:
        self._places: dict[Path_, tuple[str, int, int]] = {}
        self._fallback = fallback
        self.kept: dict[Path_, list[int]] = {}
        """Lists from which unreadable entries were left out: path → the entries' places in the file."""

    def add(self, path: Path_, file: str, line: int, column: int) -> None:
        """Notes where a path is written."""
        self._places[path] = (file, line, column)

    def __contains__(self, path: object) -> bool:
        return path in self._places

    def at(self, path: Iterable[str | int]) -> tuple[str, int, int]:
        """File, line and column (from 1) of a path, or of the nearest one around it."""
        steps = self.written(path)
        while steps:
            if steps in self._places:
                return self._places[steps]
            steps = steps[:-1]
        return (self._fallback, 1, 1)

    @property
    def raw(self) -> Positions:
        """The same places for paths that count every entry of the files, unreadable ones too."""
        other = Positions(self._fallback)
        other._places = self._places
        return other

    def written(self, path: Iterable[str | int]) -> Path_:
        """A path as it is in the file: entries counted before unreadable ones were left out."""
        found: Path_ = ()
        for step in path:
            kept = self.kept.get(found) if isinstance(step, int) else None
            found = (*found, kept[step] if kept and isinstance(step, int) and step < len(kept) else step)
        return found

    def where(self, *path: str | int) -> Where:
        """The place of a path as findings carry it."""
        file, line, _ = self.at(path)
        return Where(file=file, line=line)


@dataclass(slots=True)
class Folder:
    """What the YAML files of a programme say: section → content, with positions and findings."""

    root: Path
    names: tuple[str, ...] = ()
    sections: dict[str, Any] = field(default_factory=dict)
    positions: Positions = field(default_factory=Positions)
    findings: list[Finding] = field(default_factory=list)
    unread: bool = False
    """Whether a file could not be read, so that what is missing may stand there."""
    bytes: dict[str, bytes] = field(default_factory=dict)
    """Relative name → content of every declared file that was read."""

    def wrong(
        self,
        code: str,
        where: Where,
        template: str,
        hint: str = "",
        /,
        *,
        severity: Severity = Severity.ERROR,
        **values: object,
    ) -> None:
        """Adds a finding `programme.<code>`."""
        self.findings.append(Finding(f"programme.{code}", severity, template, hint, values, where))

    @property
    def hash(self) -> str:
        """sha256 over the names and bytes of all declared files, in name order."""
        digest = hashlib.sha256()
        for name in sorted(self.bytes):
            content = self.bytes[name]
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()


def read_folder(path: Path) -> Folder:
    """The sections that the YAML files of a folder (or one file) declare together, with findings."""
    root = path if path.is_dir() else path.parent
    folder = Folder(root)
    if not path.exists():
        return _nothing(folder, path, "there is no folder {path}")
    found = _yaml_files(root) if path.is_dir() else [path]
    if not found:
        return _nothing(folder, path, "there is no .yaml file in {path}")
    folder.names = tuple(file.relative_to(root).as_posix() for file in found)
    folder.positions = Positions(folder.names[0])
    for name, file in zip(folder.names, found, strict=True):
        text = _text(folder, name, file)
        if text is not None:
            _merge(folder, read_yaml(name, text))
    return folder


def _nothing(folder: Folder, path: Path, message: str) -> Folder:
    hint = "check the path, or start a programme with `tallymark new`"
    folder.wrong("absent", Where(file=str(path)), message, hint, path=str(path))
    return folder


def _yaml_files(root: Path) -> list[Path]:
    """The YAML files below a folder, hidden folders and stores (with the programmes frozen in their runs) left out."""
    found = []
    for place, folders, names in os.walk(root):
        if place != str(root) and STORES & set(names):
            folders.clear()
            continue
        folders[:] = [folder for folder in folders if not folder.startswith(".")]
        found += [Path(place, name) for name in names if name.endswith(YAML) and not name.startswith(".")]
    return sorted(found, key=lambda path: path.relative_to(root).as_posix())


def read_bytes(folder: Folder, name: str, path: Path, where: Where) -> bytes | None:
    """The content of a declared file, noted for the hash; a finding and None when it cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            folder.wrong(
                "unreadable", where, "{file} is larger than {most} bytes", file=name, most=MOST_BYTES
            )
            return None
        content = path.read_bytes()
    except OSError as error:
        folder.wrong(
            "unreadable", where, "{file} cannot be read: {why}", file=name, why=error.strerror or str(error)
        )
        return None
    folder.bytes[name] = content
    return content


def declared_file(folder: Folder, name: str, path: tuple[str | int, ...]) -> bytes | None:
    """The content of a file that the programme names at `path`, noted for the hash; None with a finding when unusable."""
    where = folder.positions.where(*path)
    inside = Path(name)
    if inside.is_absolute() or ".." in inside.parts:
        folder.wrong(
            "outside",
            where,
            "'{file}' lies outside the programme's folder",
            "copy it into the folder",
            file=name,
        )
        return None
    target = folder.root / inside
    if not target.is_file():
        there = [item.relative_to(folder.root).as_posix() for item in folder.root.rglob(f"*{inside.suffix}")]
        near = did_you_mean(name, there)
        folder.wrong(
            "absent",
            where,
            "there is no file '{file}' in the programme's folder",
            "did you mean {near}?" if near else "put it beside the .yaml files",
            file=name,
            near=", ".join(near),
        )
        return None
    return read_bytes(folder, inside.as_posix(), target, where)


def _text(folder: Folder, name: str, path: Path) -> str | None:
    content = read_bytes(folder, name, path, Where(file=name))
    if content is None:
        folder.unread = True
        return None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        folder.unread = True
        line = content.count(b"\n", 0, error.start) + 1
        folder.wrong(
            "unreadable", Where(file=name, line=line), "{file} is not in UTF-8", "save it as UTF-8", file=name
        )
        return None


def _merge(folder: Folder, file: YamlFile) -> None:
    folder.findings.extend(file.findings)
    if file.value is None:
        folder.unread |= bool(file.findings)
        return
    if not isinstance(file.value, Mapping):
        folder.unread = True
        hint = "it starts with `programme:`, `indicators:` or another section"
        folder.wrong("yaml", Where(file=file.name, line=1), "the file is not a mapping of sections", hint)
        return
    shift: dict[str, int] = {}
    refused: set[Path_] = set()
    for section, content in file.value.items():
        where = Where(file=file.name, line=file.places[section,][0])
        if section not in SECTIONS:
            _unknown_section(folder, section, where)
            refused.add((section,))
        elif content is not None:
            shift[section] = _merge_section(folder, file, section, content, refused)
    for path, (line, column) in file.places.items():
        if path[:1] in refused or path[:2] in refused:
            continue
        if path[0] in LISTS and len(path) > 1 and isinstance(path[1], int):
            path = (path[0], path[1] + shift.get(str(path[0]), 0), *path[2:])
        if len(path) > 1 or path not in folder.positions:
            folder.positions.add(path, file.name, line, column)


def _merge_section(folder: Folder, file: YamlFile, section: str, content: Any, refused: set[Path_]) -> int:
    """Takes a section's content over; how many list entries stood there before."""
    where = Where(file=file.name, line=file.places[section,][0])
    if section in LISTS:
        if not isinstance(content, list):
            folder.wrong(
                "wrong_value", where, "`{section}` is a list: each entry starts with -", section=section
            )
            refused.add((section,))
            return 0
        before = folder.sections.setdefault(section, [])
        before.extend(content)
        return len(before) - len(content)
    if not isinstance(content, Mapping):
        folder.wrong(
            "wrong_value", where, "`{section}` is a mapping of names to declarations", section=section
        )
        refused.add((section,))
        return 0
    known = folder.sections.setdefault(section, {})
    for name, declared in content.items():
        if name in known:
            folder.wrong(
                "duplicate",
                Where(file=file.name, line=file.places[section, name][0]),
                "'{name}' is declared twice under `{section}`, first in {first}",
                "delete or rename one of them",
                section=section,
                name=name,
                first=str(folder.positions.where(section, name)),
            )
            refused.add((section, name))
        else:
            known[name] = declared
    return 0


def _unknown_section(folder: Folder, section: str, where: Where) -> None:
    near = did_you_mean(section, SECTIONS)
    folder.wrong(
        "unknown_key", where, "there is no section '{name}'",
        "did you mean {near}?" if near else "sections are {known}",
        name=section, near=", ".join(near), known=", ".join(SECTIONS),
    )  # fmt: skip
