"""A change of the programme tried in a scratch copy: what the files would say, what is wrong with them, what differs."""

from __future__ import annotations

import difflib
import hashlib
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tallymark.findings import Finding, errors_among
from tallymark.programme.files import Folder, read_folder
from tallymark.programme.load import examine
from tallymark.programme.resolve import resolve
from tallymark.programme.resolved import Programme
from tallymark.programme.rewriting import Add, Drop, Edit, Put, rewrite
from tallymark_web.declared.fields import LABELS, text_of

RIGHTS = "rights."
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what, from what, to what."""

    place: str
    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A change that was tried. `programme` is there when nothing is an error."""

    base: str
    after: str
    files: Mapping[str, tuple[str, str]]
    """File → its text before and after."""
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    programme: Programme | None

    @property
    def difference(self) -> str:
        """The files' differences, line by line."""
        parts = []
        for name, (before, after) in self.files.items():
            lines = difflib.unified_diff(
                before.splitlines(), after.splitlines(), name, name, lineterm="", n=2
            )
            parts += list(lines)
        return "\n".join(parts)


def read(root: Path) -> Folder:
    """What the declared files say."""
    return read_folder(root)


def try_edits(base: Programme, folder: Folder, edits: Sequence[Edit]) -> Tried:
    """The edits tried in a copy of the programme; nothing else is touched.

    Errors: TallymarkError when a file cannot be changed at such a place.
    """
    files = {
        name: (before, _rewritten(name, before, edits, folder)) for name, before in _texts(folder, edits)
    }
    changes = tuple(_change(folder.sections, edit) for edit in edits)
    return try_files(base, files, changes)


def try_files(base: Programme, files: Mapping[str, tuple[str, str]], changes: tuple[Change, ...]) -> Tried:
    """New texts of declared files tried in a copy of the programme."""
    with tempfile.TemporaryDirectory(prefix="tallymark-change-") as scratch:
        copy = Path(scratch) / "programme"
        shutil.copytree(base.root, copy, ignore=shutil.ignore_patterns(".*"))
        for name, (_, after) in files.items():
            write_text(copy / name, after)
        scope = examine(copy)
        found = sorted(scope.folder.findings, key=_order)
        programme = None if errors_among(found) else resolve(scope)
        return Tried(base.hash, scope.folder.hash, files, changes, tuple(found), programme)


def copied(root: Path, files: Mapping[str, str], target: Path) -> Path:
    """A copy of the programme with other texts of some files, in `target`."""
    shutil.copytree(root, target, ignore=shutil.ignore_patterns(".*"))
    for name, text in files.items():
        write_text(target / name, text)
    return target


def write_text(path: Path, text: str) -> None:
    """The text into a file that may be there: whole or not at all, with the line ends and mark that the file has."""
    old = path.read_bytes() if path.is_file() else b""
    content = text.replace("\n", "\r\n") if b"\r\n" in old else text
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes((BOM if old.startswith(BOM.encode()) else "").encode() + content.encode())
    fresh.replace(path)


def sha256(text: str) -> str:
    """The hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _order(found: Finding) -> tuple[int, int, str, int]:
    """The rights gate first, then errors, then by place."""
    severity = {"error": 0, "warning": 1}.get(found.severity, 2)
    return (not found.code.startswith(RIGHTS), severity, found.where.file or "", found.where.line or 0)


def _file(folder: Folder, edit: Edit) -> str:
    return folder.positions.at(edit.path)[0]


def _texts(folder: Folder, edits: Sequence[Edit]) -> list[tuple[str, str]]:
    names = dict.fromkeys(_file(folder, edit) for edit in edits)
    return [(name, text_from(folder.bytes[name])) for name in names]


def text_from(content: bytes) -> str:
    """A declared file's text as it is edited: without mark, with plain line ends."""
    return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _rewritten(name: str, text: str, edits: Sequence[Edit], folder: Folder) -> str:
    mine = [edit for edit in edits if _file(folder, edit) == name]
    return rewrite(name, text, mine)


def _change(sections: Mapping[str, Any], edit: Edit) -> Change:
    place, before = _place(sections, edit.path), _at(sections, edit.path)
    if isinstance(edit, Drop):
        key = _key(edit.path)
        return Change(place, key, _short(before), "")
    if isinstance(edit, Add):
        return Change(f"{place} {edit.value.get('code', '')}".strip(), "", "", _short(edit.value))
    assert isinstance(edit, Put)
    return Change(place, _key(edit.path), _short(before), _short(edit.value))


def _key(path: Sequence[str | int]) -> str:
    last = path[-1]
    if last in ("en", "zh"):
        return f"{path[-2]}.{last}"
    return str(last) if last in LABELS else ""


def _at(sections: Any, path: Sequence[str | int]) -> Any:
    at = sections
    with suppress(KeyError, IndexError, TypeError):
        for step in path:
            at = at[step]
        return at
    return None


def _place(sections: Any, path: Sequence[str | int]) -> str:
    """The codes along a path: the line or grade that it is in, or the contract or indicator itself."""
    at, codes = sections, [str(path[1])]
    for step in path:
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(step, int) and isinstance(at, Mapping):
            codes.append(str(at.get("code", step + 1)))
    return " · ".join(codes[1:] or codes)


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_short(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "; ".join(map(_short, value))
    return text_of(value)


def lines_of(edits: Sequence[Edit], sections: Mapping[str, Any]) -> list[str]:
    """The codes of the lines, deductions, gates and grades of contracts that edits touch."""
    found: dict[str, None] = {}
    for edit in edits:
        if isinstance(edit, Add):
            found[str(edit.value.get("code", ""))] = None
            continue
        at: Any = sections
        inner = ""
        for step in edit.path:
            at = _at(at, (step,))
            if isinstance(step, int) and isinstance(at, Mapping) and "code" in at:
                inner = str(at["code"])
        found[inner] = None
    return [code for code in found if code]
