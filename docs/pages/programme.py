"""What programme files may say: every section, key, type and default, from the written models."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from docs.pages.markdown import anchor, code, page, table
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from tallymark.programme.schema import SECTIONS
from tallymark.programme.shape import parts_of
from tallymark.programme.written import WrittenFolder
from tallymark.programme.written.parts import Bilingual, Code, Name, WrittenText

INTRO = """A programme is a folder of YAML files. Sections may stand in any file and be spread over several; `programme`
and `units` come once. A key that is not listed here is an error with a suggestion. `tallymark lint --schema`
prints the same as a JSON Schema for editors.

Names (of datasets, items, measures, indicators, checks, sources) have letters, digits and `_`; codes (of
levels, contracts, lines, allocations) also `-`. Texts are one string or `{en: …, zh: …}`. Expressions are
explained [here](expressions.md), awards [here](awards.md)."""
PLAIN = {
    str: "text", int: "whole number", float: "number", bool: "true or false", dt.date: "date", object: "anything",
    Any: "anything",
}  # fmt: skip
LIMITS = {Ge: ("≥", "ge"), Gt: (">", "gt"), Le: ("≤", "le"), Lt: ("<", "lt")}


def programme_page() -> str:
    """docs/reference/programme.md."""
    parts = [INTRO]
    told: set[type[BaseModel]] = {Bilingual}
    for section, field in WrittenFolder.model_fields.items():
        (model,) = _models(field.annotation)
        parts += [f"## `{section}`", SECTIONS[section]]
        parts += described_model(model, told, heading="")
    return page("What programme files may say", *parts)


def described_model(model: type[BaseModel], told: set[type[BaseModel]], heading: str) -> Iterator[str]:
    """A model's text and keys, then those of the models that its keys hold."""
    if model in told:
        return
    told.add(model)
    if heading:
        yield f"### {heading}"
    yield inspect.cleandoc(model.__doc__ or "")
    rows = [
        (code(name), _kind(field) + _limits(field), _default(field), field.description or "")
        for name, field in _fields(model)
    ]
    yield table(("key", "type", "default", "meaning"), rows)
    for _, field in _fields(model):
        for inner in _models(field.annotation):
            yield from described_model(inner, told, _name(inner))


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    """Required keys first, title and description last; otherwise as declared."""
    fields = list(model.model_fields.items())
    late = ("title", "description")
    return sorted(fields, key=lambda item: (not item[1].is_required(), item[0] in late))


def _models(annotation: Any) -> list[type[BaseModel]]:
    found = [part for part in parts_of(annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
    return [part for part in found if part is not Bilingual]


def _name(model: type[BaseModel]) -> str:
    """The heading of a model: `WrittenUnitChange` → `unit change`, `Proportional` → `award proportional`."""
    kind = model.model_fields.get("kind")
    words = "".join(f" {sign.lower()}" if sign.isupper() else sign for sign in model.__name__).strip()
    if kind is not None and not model.__name__.startswith("Written"):
        return f"award {code(get_args(kind.annotation)[0])}"
    return words.removeprefix("written ")


def _kind(field: FieldInfo) -> str:
    """The type of a field; pydantic keeps a code's pattern apart from its type."""
    for limit in field.metadata:
        if isinstance(limit, StringConstraints):
            return (
                "code"
                if "-" in str(limit.pattern).replace("A-Z", "").replace("a-z", "").replace("0-9", "")
                else "name"
            )
    return _type(field.annotation)


def _type(annotation: Any) -> str:
    """A type in words, with links to the models that it holds."""
    if annotation == WrittenText or annotation is Bilingual:
        return "text in two languages"
    if annotation is Code or annotation is Name:
        return "code" if annotation is Code else "name"
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(inner[0])
    if origin is Literal:
        return " \\| ".join(code(word) for word in inner)
    if origin in (Union, UnionType):
        return _union(inner)
    if origin is list:
        return f"list of {_type(inner[0])}"
    if origin is dict:
        return f"{_type(inner[0])} → {_type(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{_name(annotation).replace('`', '')}]({anchor(_name(annotation))})"
    return PLAIN[annotation]


def _union(parts: tuple[Any, ...]) -> str:
    rest = [part for part in parts if part is not NoneType and part is not Bilingual]
    if Bilingual in parts:
        return "text in two languages"
    return " or ".join(_type(part) for part in rest)


def _limits(field: FieldInfo) -> str:
    said = []
    for limit in field.metadata:
        if type(limit) in LIMITS:
            sign, name = LIMITS[type(limit)]
            said.append(f"{sign} {getattr(limit, name):g}")
        elif isinstance(limit, MinLen):
            said.append(f"at least {limit.min_length}")
    return f" ({', '.join(said)})" if said else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ({}, [], ""):
        return ""
    if isinstance(value, BaseModel):
        return "as below"
    if isinstance(value, list):
        return ", ".join(code(word) for word in value)
    return code(
        str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else value
    )
