"""Names as keys that every engine compares alike: plain ASCII, made once for each different spelling.

A Chinese name becomes the *set* of its readings in pinyin without tones: the usual reading is wrong for some surnames
(单 is Shan, 仇 is Qiu), and characters that sound alike or are written in two ways (張, 张) share a reading. A Latin
name loses case, accents and punctuation. Distances are only ever taken between ASCII keys, as DuckDB counts bytes and
Spark counts characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice, product
from typing import NamedTuple

MOST_READINGS = 12
"""Readings kept of one name; a name with four characters of two readings each has sixteen."""

UNNAMED = ("之子", "之女", "之婴", "未取名", "未命名", "婴儿", "newborn", "baby", "infant", "unnamed", "nn")
"""What registers write for a child that has no name yet: no name at all."""

PLAIN = re.compile("[\u4e00-\u9fff]+|[0-9]+")
"""Texts that folding leaves as they are: Chinese characters of the main block, and digits."""


class NameKeys(NamedTuple):
    """What a name is compared by."""

    written: str
    """As written, folded: for agreement to the letter, and for how common the name is."""
    key: str
    """ASCII letters and digits only: the first reading, or the Latin name without spaces."""
    readings: tuple[str, ...]
    """Every way the name may be read, `key` first."""
    letters: str
    """The key's letters in order: the same whichever of the names comes first."""


def name_keys(text: str) -> NameKeys | None:
    """Keys of a name; None where the text holds none (blank, marks only, a child not named yet)."""
    written = folded(text)
    if not written or written.endswith(UNNAMED):
        return None
    readings = _readings(written)
    if not readings[0]:
        return None
    return NameKeys(written, readings[0], readings, "".join(sorted(readings[0])))


def folded(text: str) -> str:
    """Text without case, accents, width, punctuation and doubled spaces; Chinese characters stay, unspaced."""
    if PLAIN.fullmatch(text):
        return text
    wide = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(each if each.isalnum() else " " for each in wide if not unicodedata.combining(each))
    words = kept.replace("'", "").split()
    return "".join(words) if any(is_han(each) for each in kept) else " ".join(words)


def is_han(character: str) -> bool:
    """Whether it is a Chinese character."""
    return "\u3400" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character >= "\U00020000"


def _readings(written: str) -> tuple[str, ...]:
    """Every way in which it may be read, once each."""
    found = [ways(each) for each in written if each != " "]
    if all(len(way) == 1 for way in found):
        return ("".join([way[0] for way in found]),)
    return tuple(dict.fromkeys("".join(reading) for reading in islice(product(*found), MOST_READINGS)))


@lru_cache(maxsize=65_536)
def ways(character: str) -> tuple[str, ...]:
    """The ASCII texts that a character may stand for; itself where it is ASCII, its code where nothing is known."""
    if character.isascii():
        return (character,)
    if is_han(character):
        # An optional, heavy dependency (the extra `linkage`): its tables are read when a name needs them.
        from pypinyin import Style, pinyin

        found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
        if found:
            return tuple(dict.fromkeys(_plain(each) for each in found[0] if _plain(each)))
    return (f"u{ord(character):x}",)


def _plain(reading: str) -> str:
    """A reading in a to z: ü and v are written u."""
    base = "".join(each for each in unicodedata.normalize("NFKD", reading) if not unicodedata.combining(each))
    return "".join(each for each in base.casefold().replace("v", "u") if each.isascii() and each.isalnum())


def distinct_name_keys(texts: Iterable[str | None]) -> list[NameKeys | None]:
    """Keys of many different spellings, in their order."""
    return [name_keys(text) if text else None for text in texts]
