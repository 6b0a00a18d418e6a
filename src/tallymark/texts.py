"""User-facing text in English and Simplified Chinese: one gettext catalogue a stage, English as the message id."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
CATALOGUES = Path(__file__).parent / "locale"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Every compiled catalogue of a language as one (`locale/zh/*.mo`); the English one is empty."""
    merged = gettext.NullTranslations()
    for path in sorted((CATALOGUES / language).glob("*.mo")):
        with path.open("rb") as file:
            part = gettext.GNUTranslations(file)
        part.add_fallback(merged)
        merged = part
    return merged


def translate(message: str, language: str = "en") -> str:
    """The message in `language`; the English message itself where no translation exists."""
    if language == "en" or not message:
        return message
    return catalogue(language).gettext(message)


class Message(str):
    """An English sentence that remembers its template and values, so that it can be told in other languages."""

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> Message:
        made = super().__new__(cls, template.format_map(values) if values else template)
        made.template, made.values = template, values
        return made


def told(said: object, language: str = "en") -> str:
    """A message, an error or a plain value in `language`; messages and errors among its values are told, too."""
    template = getattr(said, "template", None)
    if template is None or language == "en":
        return str(said)
    values, hint = said.values, getattr(said, "hint", "")  # type: ignore[attr-defined]
    parts = [part for part in (template, hint) if part]
    return " — ".join(
        filled(part, values, language) if values else translate(part, language) for part in parts
    )


def filled(template: str, values: Mapping[str, object], language: str = "en") -> str:
    """A template in `language` with its places filled; messages and errors among the values are told in it, too."""
    if language != "en":
        values = {
            name: told(value, language) if hasattr(value, "template") else value
            for name, value in values.items()
        }
    return translate(template, language).format_map(values)
