"""Texts that one of the languages lacks."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.texts import text_of
from tallymark.programme.written.parts import Bilingual

SPOKEN = ("title", "reason", "appeal", "hint", "description", "publisher", "contact", "parties")
"""Keys whose texts are read by people."""


def check_languages(scope: Scope) -> None:
    """Notes texts in one language only; one note for all when the programme hardly uses the other one."""
    texts = list(_texts(scope))
    lacking = {
        "en": [path for path, en, zh in texts if zh and not en],
        "zh": [path for path, en, zh in texts if en and not zh],
    }
    for language, paths in lacking.items():
        if not paths:
            continue
        values = {"language": language, "count": len(paths), "all": len(texts)}
        if len(paths) > 0.5 * len(texts):
            scope.wrong("language", ("programme", "title"), "{count} of {all} texts have no '{language}'",
                        "people who read that language see the other one", severity=Severity.NOTE, **values)  # fmt: skip
            continue
        for path in paths:
            scope.wrong("language", path, "this text has no '{language}'", "write both: en and zh",
                        severity=Severity.NOTE, language=language)  # fmt: skip


def _texts(scope: Scope) -> Iterator[tuple[Path_, str, str]]:
    for section in (
        "programme",
        "datasets",
        "sources",
        "measures",
        "indicators",
        "checks",
        "verifications",
        "contracts",
        "allocations",
    ):
        declared = getattr(scope.written, section, None)
        if isinstance(declared, BaseModel):
            yield from _within(declared, (section,))
        else:
            for name, one in (declared or {}).items():
                yield from _within(one, (section, name))


def _within(model: BaseModel, path: Path_) -> Iterator[tuple[Path_, str, str]]:
    for key in model.model_fields_set:
        value = getattr(model, key)
        if key in SPOKEN and isinstance(value, str | Bilingual):
            text = text_of(value)
            if any(letter.isalpha() for letter in text.en + text.zh):
                yield (*path, key), text.en, text.zh
        elif isinstance(value, BaseModel):
            yield from _within(value, (*path, key))
        elif isinstance(value, list | dict):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            for step, part in parts:
                if isinstance(part, BaseModel):
                    yield from _within(part, (*path, key, step))
