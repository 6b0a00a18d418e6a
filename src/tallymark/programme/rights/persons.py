"""Person-level datasets that could be used to find people by a pregnancy, a method, an abortion or a scan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tallymark.programme.rights.declared import Declared, Thing, Words
from tallymark.programme.rights.judge import Hit
from tallymark.programme.rights.reader import Reader


def person_hits(programme: Declared, reader: Reader) -> Iterator[tuple[Thing, Hit]]:
    """The datasets that hold named records they may not hold, with the words that show it."""
    for name, dataset in programme.datasets.items():
        columns = tuple(column for (owner, _), column in programme.columns.items() if owner == name)
        records = Records(dataset, columns, reader)
        if dataset.node.get("kind") not in ("reports", "stocks") and records.named:
            yield from ((dataset, hit) for hit in records.judged())


@dataclass(frozen=True, slots=True)
class Records:
    """An events dataset with its columns."""

    dataset: Thing
    columns: tuple[Thing, ...]
    reader: Reader

    @property
    def named(self) -> bool:
        """Whether a row can be traced to a person."""
        return any(
            column.node.get("sensitivity") in ("personal", "sensitive")
            or self._says("identifier", column.words)
            for column in self.columns
        )

    def judged(self) -> Iterator[Hit]:
        """The rules that these records break."""
        about = self._says("reproductive_record", (*self.dataset.of("name", "title"), *self._column_words()))
        shown = [
            c
            for c in self.columns
            if c.node.get("sensitivity") == "public" and self._says("identifier", c.words)
        ]
        if shown and (about or self._births()):
            yield Hit("named_publication", tuple(str(column.path[-1]) for column in shown), shown[0].path)
        tracing = self._says("tracing", self._column_words()) if about else ()
        if tracing or (about and not self._is_care()):
            yield Hit("person_data", (*about, *tracing), self.dataset.path)

    def _is_care(self) -> bool:
        """Whether they record care that the person asked for: purpose, and consent unless it is maternity care itself."""
        purpose = self.dataset.node.get("purpose")
        if not isinstance(purpose, str) or not self.reader.words("care_purpose", purpose):
            return False
        if self._says("consent_record", self._column_words()):
            return True
        maternity = self._says("maternity_register", self.dataset.of("name", "title"))
        beyond = set(self._says("reproductive_record", self._column_words()))
        return bool(maternity) and not beyond - set(self._says("maternity_word", self._column_words()))

    def _births(self) -> bool:
        told = [self.reader.spoken(word.text).keys() for word in self.dataset.of("name", "title")]
        return any({"births", "birth_fee", "permit"} & concepts for concepts in told)

    def _column_words(self) -> tuple[Words, ...]:
        return tuple(word for column in self.columns for word in column.of("name", "title"))

    def _says(self, word_list: str, words: Iterable[Words]) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(found for word in words for found in self.reader.words(word_list, word.text))
        )
