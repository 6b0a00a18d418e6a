"""Reads the texts of one programme once each and remembers which concepts they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tallymark.programme.rights.rules import Lexicon
from tallymark.programme.rights.words import BLANK_EN, BLANK_ZH, Reading, read

LANGUAGES = ("en", "zh")
Found = Mapping[str, tuple[str, ...]]
"""Language → the words found in it."""


@dataclass(slots=True)
class Reader:
    """Texts as the lexicon understands them; a text met twice is read once."""

    lexicon: Lexicon
    _readings: dict[str, Reading] = field(default_factory=dict)
    _spoken: dict[str, Mapping[str, Found]] = field(default_factory=dict)
    _wanted: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def spoken(self, text: str) -> Mapping[str, Found]:
        """Concept → the words of the text that speak of it, innocent compounds aside."""
        if text not in self._spoken:
            self._spoken[text] = self._listen(self._reading(text))
        return self._spoken[text]

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
        found = (m.group().strip() for patterns, said in pairs for s in said for m in patterns[word_list].finditer(s))
        return tuple(dict.fromkeys(found))

    def _reading(self, text: str) -> Reading:
        if text not in self._readings:
            self._readings[text] = read(text)
        return self._readings[text]

    def _listen(self, reading: Reading) -> Mapping[str, Found]:
        spoken: dict[str, dict[str, list[str]]] = {}
        for spelling in reading.en:
            wanted = {concept for word in spelling.split() for concept in self._wants(word)}
            if wanted:
                plain = self.lexicon.innocent_en.sub(BLANK_EN, spelling)
                self._match(plain, "en", wanted, spoken)
        for spelling in reading.zh:
            characters = set(spelling)
            wanted = {concept for concept, needs in self.lexicon.needs_zh.items() if needs & characters}
            if wanted:
                plain = self.lexicon.innocent_zh.sub(BLANK_ZH, spelling)
                self._match(plain, "zh", wanted, spoken)
        return {c: {k: tuple(dict.fromkeys(w)) for k, w in spoken[c].items()} for c in self.lexicon.concepts if c in spoken}

    def _match(
        self, spelling: str, language: str, wanted: set[str], spoken: dict[str, dict[str, list[str]]]
    ) -> None:
        patterns = self.lexicon.en if language == "en" else self.lexicon.zh
        for concept in wanted:
            pattern = patterns[concept]
            if pattern.search(spelling):
                words = [match.group().strip() for match in pattern.finditer(spelling)]
                spoken.setdefault(concept, {}).setdefault(language, []).extend(words)

    def _wants(self, word: str) -> tuple[str, ...]:
        if word not in self._wanted:
            needs = self.lexicon.needs_en
            self._wanted[word] = tuple(c for c in self.lexicon.concepts if needs[c].fullmatch(word))
        return self._wanted[word]
