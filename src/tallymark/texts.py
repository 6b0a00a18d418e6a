"""User-facing text in English and Simplified Chinese: one gettext catalogue a stage, English as the message id."""

from __future__ import annotations

import gettext
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
