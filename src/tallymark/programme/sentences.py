"""Pydantic's errors → one friendly sentence each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from tallymark.findings import did_you_mean
from tallymark.texts import Message

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is wrong with a value, where in the data, and what to do."""

    code: str
    path: Steps
    template: str
    hint: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def sentence(model: type[BaseModel], raw: Any, problems: list[Any], path: Steps) -> list[Sentence]:
    """One sentence for every wrong value of a declaration at `path`."""
    found: dict[Steps, Sentence] = {}
    misspelt = set()
    for problem in sorted(problems, key=lambda one: one["type"] != "string_type"):
        steps = data_path(raw, problem["loc"], problem["type"])
        if steps in found or _other_member(problem, problems):
            continue
        said = _say(model, problem, (*path, *steps))
        found[steps] = said
        if problem["type"] == "extra_forbidden" and said.values["near"]:
            misspelt.add((*steps[:-1], str(said.values["near"]).split(", ")[0]))
    # A misspelt key explains why the right one is missing.
    return [said for steps, said in found.items() if not (said.code == "missing_key" and steps in misspelt)]


def data_path(raw: Any, loc: Steps, kind: str) -> Steps:
    """Where in the data a pydantic error lies: its location without the names of union members."""
    path: Steps = ()
    for at, step in enumerate(loc):
        listed = isinstance(raw, list) and isinstance(step, int) and step < len(raw)
        if listed or (isinstance(raw, Mapping) and step in raw):
            raw, path = raw[step], (*path, step)
        elif kind == "missing" and at == len(loc) - 1:
            path = (*path, step)
    return path


def _other_member(problem: Any, problems: list[Any]) -> bool:
    """Whether this says only that a mapping is no plain text, beside the mapping's own errors."""
    loc = problem["loc"]
    if not (loc and loc[-1] == "str" and isinstance(problem["input"], Mapping)):
        return False
    return any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc) - 1] == loc[:-1] for other in problems
    )


def _say(model: type[BaseModel], problem: Any, path: Steps) -> Sentence:
    kind = problem["type"]
    teller = _TELLERS.get(kind)
    if teller is not None:
        return teller(model, problem, path)
    if kind in _BOUNDS:
        bound = next(iter(problem["ctx"].values()))
        values = {"key": _key(path), "value": problem["input"], "bound": f"{bound:g}"}
        return Sentence("wrong_value", path, _BOUNDS[kind], "", values)
    if kind in _WANTED:
        template, hint = _WANTED[kind]
        return Sentence(
            "wrong_value", path, template, hint, {"key": _key(path), "value": _short(problem["input"])}
        )
    return Sentence(
        "wrong_value", path, "'{key}': {problem}", "", {"key": _key(path), "problem": problem["msg"]}
    )


def _key(path: Steps) -> str:
    """The last name in a path, with the number of the entry in a list."""
    if len(path) > 1 and isinstance(path[-1], int):
        return f"{_key(path[:-1])}[{path[-1] + 1}]"
    return str(path[-1]) if path else ""


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _unknown_key(model: type[BaseModel], problem: Any, path: Steps) -> Sentence:
    inner = model_at(model, problem["loc"][:-1])
    known = list(inner.model_fields) if inner else []
    near = did_you_mean(str(path[-1]), known, most=2)
    cut = problem["input"] is None and not near  # {en: First, second part}
    return Sentence(
        "unknown_key", path, "there is no key '{key}' here",
        "a text with a comma or colon needs quotes" if cut else "did you mean {near}?" if near else "keys are {known}",
        {"key": path[-1], "near": ", ".join(near), "known": ", ".join(known)},
    )  # fmt: skip


def _missing_key(model: type[BaseModel], problem: Any, path: Steps) -> Sentence:
    inner = model_at(model, problem["loc"][:-1])
    what = (
        inner.model_fields[str(path[-1])].description if inner and path[-1] in inner.model_fields else ""
    ) or ""
    return Sentence(
        "missing_key", path, "'{key}' is required here", "{what}" if what else "",
        {"key": path[-1], "what": Message(what)},
    )  # fmt: skip


def _not_text(model: type[BaseModel], problem: Any, path: Steps) -> Sentence:
    value = problem["input"]
    values = {"key": _key(path), "value": str(value).lower() if isinstance(value, bool) else _short(value)}
    if value is None:
        return Sentence("wrong_value", path, "'{key}' is empty", "write a text, or leave the key out", values)
    if isinstance(value, Mapping | list):
        return Sentence("wrong_value", path, "'{key}' is one text, not a list or a mapping", "", values)
    return Sentence(
        "wrong_value", path, "'{key}' is a text, but YAML reads {value} as a number, date or truth value",
        "put it in quotes: '{value}'", values,
    )  # fmt: skip


def _not_allowed(model: type[BaseModel], problem: Any, path: Steps) -> Sentence:
    known = re.findall(r"'([^']+)'", problem["ctx"]["expected"])
    value = problem["input"]
    shown = "true or false" if isinstance(value, bool) else _short(value)
    near = did_you_mean(str(value), known, most=2)
    return Sentence(
        "wrong_value", path, "'{value}' is not allowed for '{key}'",
        "did you mean {near}?" if near else "allowed are {known}",
        {"key": _key(path), "value": shown, "near": ", ".join(near), "known": ", ".join(known)},
    )  # fmt: skip


def _unknown_kind(model: type[BaseModel], problem: Any, path: Steps) -> Sentence:
    known = re.findall(r"'([^']+)'", problem["ctx"]["expected_tags"])
    near = did_you_mean(problem["ctx"]["tag"], known, most=2)
    return Sentence(
        "wrong_value",
        (*path, "kind"),
        "'{value}' is not a kind of '{key}'",
        "did you mean {near}?" if near else "kinds are {known}",
        {
            "key": _key(path),
            "value": problem["ctx"]["tag"],
            "near": ", ".join(near),
            "known": ", ".join(known),
        },
    )


def _no_kind(model: type[BaseModel], problem: Any, path: Steps) -> Sentence:
    return Sentence(
        "missing_key", path, "'{key}' does not say of which kind it is", "add `kind:`", {"key": _key(path)}
    )  # fmt: skip


def _bad_name(model: type[BaseModel], problem: Any, path: Steps) -> Sentence:
    return Sentence(
        "bad_name",
        path,
        "'{value}' cannot be a name",
        "it starts with a letter and has letters, digits and _ only",
        {"value": _short(problem["input"])},
    )


def _own(model: type[BaseModel], problem: Any, path: Steps) -> Sentence:
    # Raised by a model's own validator: the message is ours already.
    said = str(problem["ctx"]["error"]).replace("{", "{{").replace("}", "}}")
    return Sentence("wrong_value", path, said)


_TELLERS = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "string_type": _not_text,
    "literal_error": _not_allowed,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": _no_kind,
    "string_pattern_mismatch": _bad_name,
    "value_error": _own,
}
_BOUNDS = {
    "greater_than": "'{key}' is {value}; it must be more than {bound}",
    "greater_than_equal": "'{key}' is {value}; it must be at least {bound}",
    "less_than": "'{key}' is {value}; it must be less than {bound}",
    "less_than_equal": "'{key}' is {value}; it must be at most {bound}",
}
_NUMBER = (
    "'{key}' is a number; '{value}' is none",
    "write it with digits and a point, without signs or units",
)
_WHOLE = ("'{key}' is a whole number; '{value}' is none", "")
_TRUTH = ("'{key}' is true or false; '{value}' is neither", "")
_DAY = ("'{key}' is a day; '{value}' is none", "write it as 2025-03-14, without quotes")
_MAPPING = ("'{key}' must be a mapping of keys to values", "")
_WANTED = {
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_parsing": _TRUTH,
    "bool_type": _TRUTH,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "list_type": ("'{key}' must be a list: entries after -, or in [ ]", ""),
    "too_short": ("'{key}' is empty; at least one entry is needed", ""),
    "string_too_long": ("'{key}' is too long", ""),
}


def model_at(model: type[BaseModel], loc: Steps) -> type[BaseModel] | None:
    """The model that a pydantic location lies in; None when it lies in none."""
    here: Any = model
    for step in loc:
        here = _down(here, step)
    return next(_models(here), None)


def _down(annotation: Any, step: str | int) -> Any:
    """The type one step further: a field's, an element's, or a union member chosen by name or kind."""
    for model in _models(annotation):
        if step in model.model_fields:
            kind = model.model_fields.get("kind")
            if kind is not None and step in get_args(kind.annotation) and len(list(_models(annotation))) > 1:
                return model
            return model.model_fields[str(step)].annotation
    members = list(_models(annotation))
    for model in members:
        kind = model.model_fields.get("kind")
        if model.__name__ == step or (kind is not None and step in get_args(kind.annotation)):
            return model
    for part in _members(annotation):
        if get_origin(part) in (list, dict):
            return get_args(part)[-1]
    return annotation


def _members(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for arg in get_args(annotation):
            yield from _members(arg)
    else:
        yield annotation


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for part in _members(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield part
