"""A list of words in two languages, laid over an import: DHIS2 texts seldom come translated."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tallymark.errors import ProgrammeError
from tallymark.findings import Finding, Severity, Where, did_you_mean

COLUMNS = ("en", "zh")
TOLD = ("title", "description")


def read_words(path: Path) -> Mapping[str, str]:
    """English → Chinese from a CSV of the columns `en` and `zh`; ProgrammeError where it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not set(COLUMNS) <= set(rows.fieldnames or ()):
                raise ProgrammeError("{path} needs the columns en and zh in its first row", path=path)
            pairs = [(_plain(row["en"]), _plain(row["zh"])) for row in rows]
    except (UnicodeDecodeError, csv.Error):
        raise ProgrammeError("{path} cannot be read as a CSV in UTF-8", path=path) from None
    except OSError as error:
        raise ProgrammeError("{path} cannot be read: {why}", path=path, why=error.strerror or error) from None
    return {en: zh for en, zh in pairs if en and zh}


def in_both(content: Any, words: Mapping[str, str]) -> Any:
    """The declared content with every title and description that the words know in both languages."""
    if isinstance(content, Mapping):
        return {
            key: _both(value, words) if key in TOLD and isinstance(value, str) else in_both(value, words)
            for key, value in content.items()
        }
    return [in_both(one, words) for one in content] if isinstance(content, list) else content


def unused(words: Mapping[str, str], texts: Sequence[str], file: str) -> list[Finding]:
    """A note for every word of the list that no text has: it may be misspelt."""
    there = {_plain(text) for text in texts}
    return [
        Finding(
            "dhis2.word_unused",
            Severity.NOTE,
            "nothing is called “{word}”; its translation was not used",
            "did you mean {near}?" if near else "take it out of the list, or spell it as in DHIS2",
            {"word": word, "near": ", ".join(near)},
            Where(file=file),
        )
        for word in words
        if word not in there
        for near in (did_you_mean(word, sorted(there)),)
    ]


def texts_of(content: Any) -> list[str]:
    """Every title and description in the content that is in one language."""
    if isinstance(content, Mapping):
        own = [value for key, value in content.items() if key in TOLD and isinstance(value, str)]
        return own + [text for value in content.values() for text in texts_of(value)]
    return [text for one in content for text in texts_of(one)] if isinstance(content, list) else []


def _both(text: str, words: Mapping[str, str]) -> str | dict[str, str]:
    zh = words.get(_plain(text))
    return {"en": text, "zh": zh} if zh else text


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())
