"""Problems gathered while a file is read, grouped so that a hundred thousand of a kind make one finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.findings import Finding, Severity, Where
from tallymark.sources.grid import Ints, letters, shown
from tallymark.sources.quoting import Secrecy, quoted_cell
from tallymark.sources.verdicts import BY_TEXT, PROBLEMS, Verdict

EACH = 20
"""Up to so many problems of a kind in a column are told one by one, with their cells."""
PLACES = 20
EXAMPLES = 5
OTHERS = "…"
MOST_SPELLINGS = 50
"""Up to so many unknown spellings of a column have a finding of their own."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The column in which problems stand: its sheet, place (-1: the whole row), heading, and what it feeds."""

    sheet: str
    column: int
    label: str
    dataset: str
    item: str | None = None
    lettered: bool = True
    secrecy: Secrecy = "open"

    @property
    def has_cells(self) -> bool:
        """Whether the column's cells have addresses."""
        return self.lettered and self.column >= 0


@dataclass(slots=True)
class Group:
    """Problems of one kind in one column (and of one spelling, for verdicts that are told by spelling)."""

    count: int = 0
    places: list[tuple[int, str]] = field(default_factory=list)
    examples: dict[str, int] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    meant: bool = False
    """Whether the spelling is nearly a word that the programme declares."""

    def add(self, rows: Ints, texts: list[str]) -> None:
        """More places, with the texts of the first of them."""
        self.count += len(rows)
        room = PLACES - len(self.places)
        self.places += list(zip(rows[:room].tolist(), texts[:room], strict=False))


class Problems:
    """All problems of one delivery."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._groups: dict[tuple[Verdict, Spot, str], Group] = {}
        self._plain: list[Finding] = []

    def add(
        self,
        verdict: Verdict,
        spot: Spot,
        *,
        rows: Ints,
        texts: pa.Array,
        values: Mapping[str, object] | None = None,
    ) -> None:
        """Problems of one verdict in one column, at these rows of the file."""
        if not len(rows):
            return
        if verdict in BY_TEXT:
            self._add_spellings(verdict, spot, rows, texts)
            return
        group = self._groups.setdefault((verdict, spot, ""), Group())
        group.values |= values or {}
        group.add(rows, _texts(texts.slice(0, PLACES)))
        if len(group.examples) < EXAMPLES:
            for text in _texts(pc.unique(texts.slice(0, 1000)).slice(0, EXAMPLES)):
                group.examples.setdefault(shown(text), 0)

    def note(self, finding: Finding) -> None:
        """A finding that stands for itself."""
        self._plain.append(finding)

    def spellings(self) -> Iterator[tuple[Verdict, Spot, str, Group]]:
        """Groups that are told by spelling; their `values` may be completed with a suggestion."""
        for (verdict, spot, text), group in self._groups.items():
            if verdict in BY_TEXT:
                yield verdict, spot, text, group

    def findings(self) -> list[Finding]:
        """All findings: errors first, then warnings, then notes, in the order of the file."""
        found = [*self._plain]
        for (verdict, spot, text), group in self._groups.items():
            found += self._told(verdict, spot, text, group)
        order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
        return sorted(found, key=lambda finding: order[finding.severity])

    def _add_spellings(self, verdict: Verdict, spot: Spot, rows: Ints, texts: pa.Array) -> None:
        encoded = texts.dictionary_encode()
        codes = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(encoded.dictionary) + 1))
        for at, text in enumerate(_texts(encoded.dictionary)):
            its_rows = rows[order[bounds[at] : bounds[at + 1]]]
            key = (verdict, spot, shown(text))
            if key not in self._groups and self._spellings_of(verdict, spot) >= MOST_SPELLINGS:
                key = (verdict, spot, OTHERS)
            group = self._groups.setdefault(key, Group())
            group.add(its_rows, [text] * min(len(its_rows), PLACES))
            if key[2] == OTHERS and len(group.examples) < EXAMPLES:
                group.examples.setdefault(shown(text), 0)

    def _spellings_of(self, verdict: Verdict, spot: Spot) -> int:
        return sum(1 for kind, where, _ in self._groups if kind is verdict and where == spot)

    def _told(self, verdict: Verdict, spot: Spot, text: str, group: Group) -> Iterator[Finding]:
        problem = PROBLEMS[verdict]
        by_text = verdict in BY_TEXT
        if not by_text and problem.severity is Severity.ERROR and group.count <= EACH:
            for row, cell_text in group.places:
                yield self._finding(verdict, spot, group, row=row, text=cell_text, count=1)
            return
        if text == OTHERS:
            text = ", ".join([*group.examples, OTHERS])
        row, cell_text = group.places[0]
        yield self._finding(
            verdict, spot, group, row=row, text=text if by_text else cell_text, count=group.count
        )

    def _finding(
        self, verdict: Verdict, spot: Spot, group: Group, *, row: int, text: str, count: int
    ) -> Finding:
        problem = PROBLEMS[verdict]
        text, *examples = [
            quoted_cell(said, spot.secrecy, meant=group.meant) for said in (text, *group.examples)
        ]
        examples = list(dict.fromkeys(examples))
        values = {
            "text": shown(text),
            "column": spot.label,
            "count": f"{count:,}",
            "examples": ", ".join(f"“{example}”" for example in examples),
            "suggestion": "",
            "accepted": "",
            "limit": "",
        } | group.values
        # The rows named are the rows found: more than one only when the finding speaks of several.
        places = [_cell(spot, place) for place, _ in group.places] if count > 1 else []
        evidence: dict[str, object] = {"count": count, "text": text}
        if places:
            evidence |= {"places": places, "examples": examples or [text]}
        hint = problem.meant if problem.meant and values["suggestion"] else problem.hint
        return Finding(
            code=problem.code,
            severity=problem.severity,
            template=problem.one if count == 1 else problem.many,
            hint_template=hint,
            values=values,
            where=Where(
                file=self.file,
                sheet=spot.sheet or None,
                cell=_cell(spot, row) if spot.has_cells else None,
                row=row if row > 0 else None,
                dataset=spot.dataset or None,
                item=spot.item,
            ),
            evidence=evidence,
        )


def _cell(spot: Spot, row: int) -> str:
    return f"{letters(spot.column)}{row}" if spot.has_cells else str(row)


def _texts(texts: pa.Array) -> list[str]:
    return ["" if text is None else str(text) for text in texts.to_pylist()]
