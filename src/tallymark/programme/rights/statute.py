"""The one narrow exception: a statutory benefit in force may express its law's own condition, shown publicly as such."""

from __future__ import annotations

from collections.abc import Iterator

from tallymark.programme.rights.declared import Path, Thing
from tallymark.programme.rights.expressions import names
from tallymark.programme.rights.judge import Hit
from tallymark.programme.rights.reader import Reader
from tallymark.programme.rights.rules import Rule
from tallymark.programme.rights.structure import Structure

_SHORTEST_REFERENCE = 6


def references(structure: Structure) -> dict[Path, str]:
    """Path → legal reference: of indicators, of all that they count, and of what counts on them."""
    found: dict[Path, str] = {}
    for name, thing in structure.programme.indicators.items():
        reference = thing.node.get("legal_reference")
        if isinstance(reference, str) and len(reference.strip()) >= _SHORTEST_REFERENCE:
            found[thing.path] = reference
            for path in (*_below(structure, thing), *_above(structure, name)):
                found.setdefault(path, reference)
    return found


def permitted(rule: Rule, hit: Hit, thing: Thing, reader: Reader) -> bool:
    """Whether the law's own condition explains every word of the hit, and nothing is taken away from anyone."""
    if not rule.statutory or not set(hit.concepts) <= set(rule.statutory):
        return False
    return not any(
        reader.allows(("denial",), word.text, lang) for word in thing.words for lang in ("en", "zh")
    )


def _below(structure: Structure, indicator: Thing) -> Iterator[Path]:
    programme = structure.programme
    for name in (*names(indicator.node.get("numerator")), *names(indicator.node.get("denominator"))):
        measure = programme.measures.get(name)
        if measure is None:
            continue
        yield measure.path
        dataset = str(measure.node.get("dataset"))
        item = programme.items.get((dataset, str(measure.node.get("item"))))
        if item is not None:
            yield item.path
        columns = (programme.columns.get((dataset, column)) for column in names(measure.node.get("where")))
        yield from (column.path for column in columns if column is not None)
        if item is None and dataset in programme.datasets:
            yield programme.datasets[dataset].path


def _above(structure: Structure, name: str) -> Iterator[Path]:
    for thing in structure.programme.scored:
        if thing.node.get("indicator") == name:
            yield thing.path
