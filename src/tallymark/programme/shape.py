"""Sections as read → the written models; every misfit becomes one sentence at its own line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from tallymark.programme.files import LISTS, SINGLE, Folder, Path_
from tallymark.programme.sentences import data_path, sentence
from tallymark.programme.written import WrittenFolder
from tallymark.programme.written.parts import Written

ROUNDS = 12
"""How often unreadable parts are left out before a declaration is given up."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*")
_LONGEST = 80
CODED = ("contracts", "allocations")
"""Sections whose names may have a `-`; those of the others are used in expressions."""


class Shape:
    """What could be read: `folder` holds the declarations that are sound, `names` all that were attempted."""

    def __init__(self) -> None:
        self.sections: dict[str, Any] = {"tests": []}
        self.names: dict[str, list[str]] = {}
        self.broken: set[Path_] = set()
        """Declarations from which something was left out, so that sums over them say nothing."""

    @property
    def folder(self) -> WrittenFolder:
        """The sound declarations as one (programme and units may be missing when they are not sound)."""
        return WrittenFolder.model_construct(**self.sections)


def read_shape(folder: Folder) -> Shape:
    """The written models of all sections; findings go to the folder."""
    shape = Shape()
    for section, field in WrittenFolder.model_fields.items():
        content = folder.sections.get(section)
        model = _model_of(field.annotation)
        if section in SINGLE:
            if content is None:
                if field.is_required():
                    _absent(folder, section)
                else:
                    shape.sections[section] = None
            else:
                shape.sections[section] = _declared(folder, shape, model, content, (section,))
        elif section in LISTS:
            _entries(folder, shape, model, section, content or [])
        else:
            shape.names[section] = list(content or {})
            shape.sections[section] = _mapping(folder, shape, model, section, content or {})
    return shape


def _absent(folder: Folder, section: str) -> None:
    if folder.names and not folder.unread:
        folder.wrong(
            "missing_key",
            folder.positions.where(),
            "no file declares `{section}:`",
            "every programme has `programme:` and `units:`; `tallymark new` writes an example",
            section=section,
        )


def _mapping(
    folder: Folder, shape: Shape, model: type[Written], section: str, content: Mapping[str, Any]
) -> dict[str, Any]:
    found = {}
    for name, raw in content.items():
        pattern = _CODE if section in CODED else _NAME
        if not pattern.fullmatch(name) or len(name) > _LONGEST:
            _bad_name(folder, (section, name), name, coded=section in CODED)
        declared = _declared(folder, shape, model, raw, (section, name))
        if declared is not None:
            found[name] = declared
    return found


def _entries(folder: Folder, shape: Shape, model: type[Written], section: str, content: list[Any]) -> None:
    found, kept = [], []
    for at, raw in enumerate(content):
        declared = _declared(folder, shape, model, raw, (section, at))
        if declared is not None:
            found.append(declared)
            kept.append(at)
    shape.sections[section] = found
    folder.positions.kept[section,] = kept


def _bad_name(folder: Folder, path: Path_, name: str, *, coded: bool) -> None:
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:_LONGEST]
    better = plain if plain[:1].isalpha() else f"n{plain}"
    folder.wrong(
        "bad_name",
        folder.positions.where(*path),
        "'{name}' cannot be a name: it starts with a letter and has letters, digits, _ and - only"
        if coded
        else "'{name}' cannot be a name: it starts with a letter and has letters, digits and _ only",
        "write {better}; what people read goes into `title`"
        if plain
        else "what people read goes into `title`",
        name=name,
        better=better,
    )


def _declared(folder: Folder, shape: Shape, model: type[Written], raw: Any, path: Path_) -> Any:
    """One declaration; with errors, what is left of it after leaving out the parts that cannot be read."""
    if not isinstance(raw, Mapping):
        message = "'{name}' is empty" if raw is None else "'{name}' must be a mapping of keys to values"
        folder.wrong("wrong_value", folder.positions.where(*path), message, name=path[-1])
        return None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    for finding in sentence(model, raw, problems, path):
        where = folder.positions.where(*finding.path)
        if any(one.code == "programme.yaml_value" and one.where == where for one in folder.findings):
            continue  # said already: .nan was left out
        folder.wrong(
            finding.code,
            where,
            finding.template,
            finding.hint,
            **finding.values,
        )
    shape.broken.add(path)
    return _rest(folder, model, deepcopy(dict(raw)), problems, path)


def _rest(folder: Folder, model: type[Written], raw: Any, problems: list[Any], path: Path_) -> Any:
    kept: dict[Path_, list[int]] = {}
    for _ in range(ROUNDS):
        targets = {_target(raw, problem) for problem in problems}
        if () in targets:
            return None
        for target in sorted(targets, key=lambda steps: [(str(type(s)), s) for s in steps], reverse=True):
            _leave_out(raw, target, kept)
        try:
            found = model.model_validate(raw)
        except ValidationError as error:
            problems = error.errors(include_url=False)
        else:
            folder.positions.kept |= {(*path, *steps): places for steps, places in kept.items()}
            return found
    return None


def _target(raw: Any, problem: Any) -> Path_:
    path = data_path(raw, problem["loc"], problem["type"])
    return path[:-1] if problem["type"] in ("missing", "too_short", "value_error") else path


def _leave_out(raw: Any, path: Path_, kept: dict[Path_, list[int]]) -> None:
    for step in path[:-1]:
        if isinstance(raw, list):
            raw = raw[int(step)] if int(step) < len(raw) else None
        else:
            raw = raw.get(step) if isinstance(raw, Mapping) else None
    if isinstance(raw, list):
        if int(path[-1]) < len(raw):
            places = kept.setdefault(path[:-1], list(range(len(raw))))
            del raw[int(path[-1])], places[int(path[-1])]
    elif isinstance(raw, dict):
        raw.pop(path[-1], None)


def _model_of(annotation: Any) -> type[Written]:
    for part in parts_of(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part  # type: ignore[return-value]
    raise TypeError(f"no model in {annotation}")


def parts_of(annotation: Any) -> list[Any]:
    """The types an annotation is made of, containers and unions opened."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return parts_of(get_args(annotation)[0])
    if origin in (Union, UnionType, dict, list, tuple):
        return [part for arg in get_args(annotation) for part in parts_of(arg)]
    return [] if origin is Literal else [annotation]
