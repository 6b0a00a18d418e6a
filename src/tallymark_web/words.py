"""What pages say, in the reader's language: English messages as ids, the Chinese in tallymark's catalogues."""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.translation import get_language

from tallymark.model.text import Text
from tallymark.texts import told, translate


def language() -> str:
    """The language of the request, as the engine names it: `en` or `zh`."""
    return "zh" if (get_language() or "en").startswith("zh") else "en"


def say(message: str, /, **values: object) -> str:
    """A message in the reader's language with its places filled."""
    text = translate(message, language())
    if not values:
        return text
    return text.format_map(
        {
            name: value[language()] if isinstance(value, Text) else told(value, language())
            for name, value in values.items()
        }
    )


later = lazy(say, str)
"""`say` for what is written once and shown in many languages: labels of forms, names of roles."""


def explained(error: object) -> str:
    """What an error or a finding's message says, in the reader's language."""
    return told(error, language())
