"""A function or class as the reference shows it: how it is called, and what its docstring says."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from docs.pages.markdown import block, code

MODULE = re.compile(r"\b(?:dt|flow)\.")
WIDTH = 100


def described(name: str, thing: Callable[..., Any]) -> list[str]:
    """The heading, the signature or the members, and the docstring."""
    told = inspect.cleandoc(thing.__doc__ or "")
    if not inspect.isclass(thing):
        return [f"## `{name}`", block(name + signature(thing), "python"), told]
    members = [] if issubclass(thing, Exception | str) else _members(thing)
    return [f"## `{name}`", told, "\n".join(members)]


def signature(thing: Callable[..., Any]) -> str:
    """Parameters and what comes back; a parameter a line where they are many."""
    found = inspect.signature(thing)
    parts, starred = [], False
    for parameter in found.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        parts.append(_parameter(parameter))
    back = (
        ""
        if found.return_annotation is found.empty
        else f" -> {MODULE.sub('', str(found.return_annotation))}"
    )
    short = f"({', '.join(parts)}){back}"
    return short if len(short) < WIDTH else "(\n" + "".join(f"    {part},\n" for part in parts) + f"){back}"


def _parameter(parameter: inspect.Parameter) -> str:
    kind = "" if parameter.annotation is parameter.empty else f": {MODULE.sub('', str(parameter.annotation))}"
    if parameter.default is parameter.empty:
        return f"{parameter.name}{kind}"
    default = "…" if callable(parameter.default) else repr(parameter.default)
    return f"{parameter.name}{kind} = {default}"


def _members(thing: type) -> list[str]:
    """Public properties and methods, each with its first sentence."""
    found = []
    for name, member in vars(thing).items():
        if name.startswith("_"):
            continue
        if isinstance(member, property):
            found.append(f"- {code('.' + name)}: {_first(member)}")
        elif inspect.isfunction(member):
            called = re.sub(r"\(self(?:, )?", "(", signature(member))
            found.append(f"- {code('.' + name + called)}: {_first(member)}")
    return found


def _first(member: object) -> str:
    return inspect.cleandoc(getattr(member, "__doc__", None) or "").partition("\n\n")[0]
