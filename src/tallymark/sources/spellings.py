"""Spellings made comparable: case, accents, width and spaces taken away, the words themselves kept."""

from __future__ import annotations

import re
import unicodedata

SPACES = re.compile(r"[\s\u200b\ufeff]+")
JOINTS = re.compile(r"[\s_\-\u200b\ufeff]+")


def fold(text: str) -> str:
    """The text in compatibility form without accents, in small letters, single-spaced; for comparing only."""
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return SPACES.sub(" ", unicodedata.normalize("NFKC", bare)).strip().casefold()


def fold_heading(text: str) -> str:
    """A heading made comparable: underscores and hyphens count as spaces, too."""
    return JOINTS.sub(" ", fold(text)).strip()
