"""Whether the words of a declared thing break a rule: which concept, in which text, and whether its use is permitted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tallymark.programme.rights.declared import Path, Thing, Words
from tallymark.programme.rights.reader import Reader
from tallymark.programme.rights.rules import Gate, Rule

_SEAM_WORDS, _SEAM_CHARACTERS = 4, 10
Index = Mapping[str, tuple[Rule, ...]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule broken: the words that broke it and where they stand."""

    rule: str
    words: tuple[str, ...]
    path: Path
    concepts: tuple[str, ...] = ()

    def with_more(self, other: Hit) -> Hit:
        """Both hits as one, placed at the first."""
        words, concepts = (*self.words, *other.words), (*self.concepts, *other.concepts)
        return Hit(self.rule, tuple(dict.fromkeys(words)), self.path, tuple(dict.fromkeys(concepts)))


@dataclass(frozen=True, slots=True)
class Judge:
    """The gate's rules over one reader of texts."""

    gate: Gate
    reader: Reader
    _said: dict[tuple[str, int], tuple[Thing, list[Hit]]] = field(default_factory=dict)
    """What was found in a thing, with the thing, whose number would else be another's one day."""

    def anywhere(self, thing: Thing) -> list[Hit]:
        """What the thing may not say wherever it is declared."""
        return self._once("anywhere", self.gate.anywhere, thing, thing.words)

    def scored(self, thing: Thing) -> list[Hit]:
        """What the thing may not say because it is scored, or claims to be a service."""
        words = (word for word in thing.words if word.role != "expression")
        return self._once("scored", self.gate.scored, thing, words)

    def _once(self, where: str, index: Index, thing: Thing, words: Iterable[Words]) -> list[Hit]:
        if (where, id(thing)) not in self._said:
            self._said[where, id(thing)] = thing, _merged(self._thing(index, thing, words))
        return self._said[where, id(thing)][1]

    def counted(self, words: Sequence[Words], excusing: Sequence[Words] = ()) -> list[Hit]:
        """What a numerator may not count; `words` excuse one another, and so do `excusing`."""
        support = (*words, *excusing)
        indexes = (self.gate.leaf, self.gate.anywhere)
        return _merged(
            h for word in words for index in indexes for h in self._word(index, word, support, loose=True)
        )

    def _thing(self, index: Index, thing: Thing, words: Iterable[Words]) -> Iterator[Hit]:
        head = thing.of("name", "title")
        for word in words:
            yield from self._word(index, word, head, loose=word.role == "name")
        yield from self._joined(index, thing)

    def _word(self, index: Index, word: Words, support: Sequence[Words], *, loose: bool) -> Iterator[Hit]:
        """The hits in one text; `loose`: words of either language excuse it."""
        for concept, by_language in self.reader.spoken(word.text).items():
            for rule in index.get(concept, ()):
                for language, found in by_language.items():
                    firm = concept in rule.firm
                    if firm or not self._excused(rule, word, support, language, loose=loose):
                        yield Hit(rule.id, found, word.path, (concept,))

    def _joined(self, index: Index, thing: Thing) -> Iterator[Hit]:
        """Hits that appear only where one text ends and the next begins."""
        for before, after in _side_by_side(thing):
            if self.reader.is_silent(before.text) and (
                before.role == "name" or self.reader.is_silent(after.text)
            ):
                continue
            seam = Words(before.path, _seam(before.text, after.text), "title")
            new = self.reader.spoken(seam.text).keys() - self.reader.spoken(before.text).keys()
            new -= self.reader.spoken(after.text).keys()
            if new:
                hits = self._word(index, seam, (before, after), loose=False)
                yield from (hit for hit in hits if hit.concepts[0] in new)

    def _excused(
        self, rule: Rule, word: Words, support: Sequence[Words], language: str, *, loose: bool
    ) -> bool:
        if self._taken_back(rule, word.text, language):
            return False
        languages = ("en", "zh") if loose else (language,)
        texts = [word.text, *(other.text for other in support)]
        return any(self.reader.allows(rule.excused_by, text, lang) for lang in languages for text in texts)

    def _taken_back(self, rule: Rule, text: str, language: str) -> bool:
        refused = set(self.reader.lexicon.concepts)
        spoken = self.reader.spoken(text)
        if any(language in spoken.get(concept, {}) for concept in rule.but_not if concept in refused):
            return True
        return self.reader.allows((word for word in rule.but_not if word not in refused), text, language)


def _merged(hits: Iterable[Hit]) -> list[Hit]:
    """One hit a rule: all its words, placed at the first."""
    merged: dict[str, Hit] = {}
    for hit in hits:
        merged[hit.rule] = merged[hit.rule].with_more(hit) if hit.rule in merged else hit
    return list(merged.values())


def _side_by_side(thing: Thing) -> Iterator[tuple[Words, Words]]:
    """Texts that a reader meets together: title then description, the part's title then the line's, code then title."""
    told = thing.of("title", "description")
    for language in ("en", "zh"):
        own = [word for word in told if _in(word, language)]
        yield from pairwise(own)
        yield from ((above, own[0]) for above in thing.context if own and _in(above, language))
    for name in thing.of("name"):
        yield from ((name, word) for word in told[:1] if word.text.isascii())


def _seam(before: str, after: str) -> str:
    """The end of one text and the beginning of the next."""
    if before.isascii() and after.isascii():
        return " ".join((*before.split()[-_SEAM_WORDS:], *after.split()[:_SEAM_WORDS]))
    return f"{before[-_SEAM_CHARACTERS:]} {after[:_SEAM_CHARACTERS]}"


def _in(word: Words, language: str) -> bool:
    return word.path[-1] not in ("en", "zh", "fr") or word.path[-1] == language
