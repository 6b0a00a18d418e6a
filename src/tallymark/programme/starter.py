"""A small, working, bilingual programme to begin with."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from tallymark.errors import ProgrammeError
from tallymark.programme.schema import json_schema

TEMPLATE = "starter"
SCHEMA = "programme.schema.json"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{0,79}")


def new(folder: str | Path, code: str, *, title: str = "") -> Path:
    """The folder, filled with a starter programme that lints clean, example data and the schema for editors.

    Nothing is overwritten: the folder must be empty or not there yet. It appears whole or not at all.
    Errors: ProgrammeError.
    """
    target = Path(folder)
    if not _CODE.fullmatch(code):
        better = re.sub(r"[^A-Za-z0-9_\-]+", "-", code).strip("-_") or "my-programme"
        better = better if better[0].isalpha() else f"p-{better}"
        raise ProgrammeError(
            "'{code}' cannot be the programme's code: it starts with a letter and has letters, digits, _ and -; "
            "say e.g. --code {better}",
            code=code,
            better=better,
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ProgrammeError("{path} is there already and not empty; choose another folder", path=target)
    _write(target, {"__CODE__": code, "__TITLE__": _title(title)})
    return target


def _title(title: str) -> str:
    """The title as YAML, in both languages."""
    if not title.strip():
        return "{en: Example services, zh: 示例服务项目}"
    quoted = json.dumps(" ".join(title.split()), ensure_ascii=False)
    return f"{{en: {quoted}, zh: {quoted}}}"


def _write(target: Path, places: dict[str, str]) -> None:
    parent = target.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".tallymark-") as scratch:
            made = Path(scratch) / "programme"
            _copy(files("tallymark.programme").joinpath(TEMPLATE), made, places)
            schema = json.dumps(json_schema(), ensure_ascii=False, indent=1)
            (made / SCHEMA).write_text(schema + "\n", encoding="utf-8")
            if target.exists():
                target.rmdir()
            shutil.move(made, target)
    except OSError as error:
        raise ProgrammeError(
            "{path} cannot be written: {why}", path=target, why=error.strerror or error
        ) from error


def _copy(source: Traversable, target: Path, places: dict[str, str]) -> None:
    target.mkdir()
    for entry in source.iterdir():
        if entry.is_dir():
            _copy(entry, target / entry.name, places)
            continue
        text = entry.read_text(encoding="utf-8")
        for place, value in places.items() if entry.name.endswith(".yaml") else ():
            text = text.replace(place, value)
        (target / entry.name).write_text(text, encoding="utf-8")
