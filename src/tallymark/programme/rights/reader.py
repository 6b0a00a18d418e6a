"""Reads the texts of one programme once each and remembers which concepts they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from tallymark.programme.rights.rules import Lexicon, Spelling
from tallymark.programme.rights.words import BLANK_EN, BLANK_ZH, Reading, read

_SHORTEST_JOINED, _SHORTEST_MISSPELT, _LONG, _FAR = 6, 8, 12, 2
_PLAIN = re.compile(
    r"(?:[(\"]?(?:(?:[A-Z]?[a-z]+|[A-Z]{2,})[0-9]*(?<![ ][b-zB-Z])|[0-9]+|[aAI%&])[,.;:)%?!\"]*(?: +|$))+"
)
_WORD = re.compile(r"[a-z]+|[0-9]+")
_NUMBERED = re.compile(r"[a-su-z]?[0-9]{2,}")
"""Bare numbers and codes such as `x12`: they say nothing by themselves (`t380` is a device)."""
_NOTHING: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
Found = Mapping[str, tuple[str, ...]]
"""Language → the words found in it."""


@dataclass(slots=True)
class Reader:
    """Texts as the lexicon understands them; a text met twice is read once."""

    lexicon: Lexicon
    _readings: dict[str, Reading] = field(default_factory=dict)
    _spoken: dict[str, Mapping[str, Found]] = field(default_factory=dict)
    _silent: dict[str, bool] = field(default_factory=dict)
    _wanted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _words: dict[str, str] = field(default_factory=dict)

    def spoken(self, text: str) -> Mapping[str, Found]:
        """Concept → the words of the text that speak of it, innocent compounds aside."""
        if text not in self._spoken:
            self._spoken[text] = _NOTHING if self.is_silent(text) else self._listen(self._reading(text))
        return self._spoken[text]

    def is_silent(self, text: str) -> bool:
        """Whether a text in plain English has no word that any concept needs: the common case, decided at once."""
        if text not in self._silent:
            words = _WORD.findall(text.lower())
            self._silent[text] = _PLAIN.fullmatch(text) is not None and not any(map(self._wants, words))
        return self._silent[text]

    def allows(self, words: Iterable[str], text: str, language: str) -> bool:
        """Whether the text has, in this language, any of the words that permit or take back a permission."""
        reading = self._reading(text)
        spellings = reading.en if language == "en" else reading.zh
        patterns = self.lexicon.en if language == "en" else self.lexicon.zh
        return any(patterns[word].search(spelling) for word in words for spelling in spellings)

    def words(self, word_list: str, text: str) -> tuple[str, ...]:
        """The words of the text that are in a word list, in either language."""
        reading = self._reading(text)
        pairs = ((self.lexicon.en, reading.en), (self.lexicon.zh, reading.zh))
        found = (
            m.group().strip()
            for patterns, said in pairs
            for s in said
            for m in patterns[word_list].finditer(s)
        )
        return tuple(dict.fromkeys(found))

    def _reading(self, text: str) -> Reading:
        if text not in self._readings:
            reading = read(text)
            respelt = (self._respelt(spelling) for spelling in reading.en)
            self._readings[text] = Reading(
                tuple(dict.fromkeys((*reading.en, *filter(None, respelt)))), reading.zh
            )
        return self._readings[text]

    def _respelt(self, spelling: str) -> str | None:
        """The spelling with words that were run together or misspelt put right; None when there are none."""
        words = spelling.split()
        right = [self._word(word) for word in words]
        return " ".join(right) if right != words else None

    def _word(self, word: str) -> str:
        if len(word) < _SHORTEST_JOINED:
            return word
        if word not in self._words:
            self._words[word] = (
                _apart(word, self.lexicon.spelling) or _meant(word, self.lexicon.spelling) or word
            )
        return self._words[word]

    def _listen(self, reading: Reading) -> Mapping[str, Found]:
        spoken: dict[str, dict[str, list[str]]] = {}
        for spelling in reading.en:
            wanted = {concept for word in spelling.split() for concept in self._wants(word)}
            self._match(spelling, "en", wanted, spoken)
        for spelling in reading.zh:
            wanted = {
                concept for character in set(spelling) for concept in self.lexicon.needing.get(character, ())
            }
            self._match(spelling, "zh", wanted, spoken)
        return {
            c: {k: tuple(dict.fromkeys(w)) for k, w in spoken[c].items()}
            for c in self.lexicon.concepts
            if c in spoken
        }

    def _match(
        self, spelling: str, language: str, wanted: set[str], spoken: dict[str, dict[str, list[str]]]
    ) -> None:
        lexicon, english = self.lexicon, language == "en"
        patterns = lexicon.en if english else lexicon.zh
        heard = [concept for concept in wanted if patterns[concept].search(spelling)]
        # Blanking takes compounds away and puts a blank in their place, which a few patterns look for.
        if heard or not wanted.isdisjoint(lexicon.blanks):
            innocent, blank = (lexicon.innocent_en, BLANK_EN) if english else (lexicon.innocent_zh, BLANK_ZH)
            plain = innocent.sub(blank, spelling)
            for concept in {*heard, *(wanted & lexicon.blanks)}:
                words = [match.group().strip() for match in patterns[concept].finditer(plain)]
                if words:
                    spoken.setdefault(concept, {}).setdefault(language, []).extend(words)

    def _wants(self, word: str) -> tuple[str, ...]:
        if word not in self._wanted:
            if _NUMBERED.fullmatch(word):
                return ()
            needs, meant = self.lexicon.needs_en, {word, *self._word(word).split()}
            found = (c for c in self.lexicon.concepts if any(needs[c].fullmatch(one) for one in meant))
            self._wanted[word] = tuple(found)
        return self._wanted[word]


def _apart(word: str, spelling: Spelling) -> str | None:
    """A code such as `iudinsertions` as separate words, when it is made of known ones and one of them tells."""
    if word in spelling.known or not spelling.joined.fullmatch(word):
        return None
    parts = [match.group(1) for match in spelling.parts.finditer(word)]
    telling = any(spelling.telling.fullmatch(part) for part in parts)
    return " ".join(parts) if telling and len(parts) > 1 and "".join(parts) == word else None


def _meant(word: str, spelling: Spelling) -> str | None:
    """The keyword that a misspelt word is one letter from (two for long words)."""
    if len(word) < _SHORTEST_MISSPELT or word in spelling.known:
        return None
    found = process.extractOne(word, spelling.keywords, scorer=Levenshtein.distance, score_cutoff=_FAR)
    if found is None or found[0][0] != word[0]:
        return None
    return found[0] if found[1] <= (1 if len(word) < _LONG else 2) else None
