"""Sentences in each language: messages with places, counted nouns, lists, number words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from tallymark.model.text import Text
from tallymark.publish.numbers import decimal
from tallymark.texts import translate

_UP_TO_TWELVE = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
                 "eleven", "twelve")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. English messages are the ids; places in them are named."""

    language: str

    def __call__(self, message: str, /, **values: object) -> str:
        """The message in this language with its places filled; a value of Text reads in this language."""
        text = translated(message, self.language)
        if not values:
            return text
        return text.format_map({name: self._said(value) for name, value in values.items()})

    def some(self, n: float, one: str, many: str, /, **values: object) -> str:
        """`one` when n is 1, else `many`, with `{n}` among the places."""
        return self(one if n == 1 else many, n=decimal(n), **values)

    def counted(self, n: int, noun: Text) -> str:
        """`eleven towns`, `14 towns`, `11个乡镇`."""
        if self.language == "zh":
            return f"{decimal(n)}个{noun['zh']}"
        return f"{number_word(n)} {self.noun(n, noun)}"

    def noun(self, n: int, noun: Text) -> str:
        """A level's title as it stands inside a sentence, in the plural when n is not 1."""
        if self.language == "zh":
            return noun["zh"]
        word = noun["en"] if noun["en"][:2].isupper() else noun["en"][:1].lower() + noun["en"][1:]
        return word if n == 1 else plural(word)

    def names(self, items: Sequence[str], most: int = 3) -> str:
        """`A, B and C`, `A、B和C`; more than `most` become `A, B and 5 others`."""
        if len(items) > most + 1:
            shown, rest = list(items[:most]), len(items) - most
            return self("{names} and {n} others", names=self._joined(shown), n=decimal(rest))
        if len(items) < 2:
            return "".join(items)
        return self("{names} and {last}", names=self._joined(items[:-1]), last=items[-1])

    def sentences(self, said: Iterable[str]) -> str:
        """Sentences one after the other, the empty ones left out; Chinese has no space between them."""
        return ("" if self.language == "zh" else " ").join(part for part in said if part)

    def series(self, items: Iterable[str]) -> str:
        """Clauses of a series: `a; b`, `a；b`."""
        return ("；" if self.language == "zh" else "; ").join(items)

    def _joined(self, items: Sequence[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(items)

    def _said(self, value: object) -> object:
        return value[self.language] if isinstance(value, Text) else value


@cache
def translated(message: str, language: str) -> str:
    """The message in a language; remembered, because a site asks for the same few hundred a million times."""
    return translate(message, language)


def number_word(n: int) -> str:
    """English number words to twelve, figures above."""
    return _UP_TO_TWELVE[n] if 0 <= n <= 12 else decimal(n)


def plural(word: str) -> str:
    """The English plural of a noun, by its ending (`county` → `counties`, `district` → `districts`)."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def capital(text: str) -> str:
    """The text with its first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]
