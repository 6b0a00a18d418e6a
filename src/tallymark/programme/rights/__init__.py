"""The rights gate: programmes that set targets on people's bodies do not load, and there is no switch.

`rights.yaml` beside this package declares the rules, the words and what to do instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from tallymark.findings import Finding, Severity, Where
from tallymark.programme.rights.declared import Path, Thing, declared
from tallymark.programme.rights.judge import Hit, Judge
from tallymark.programme.rights.persons import person_hits
from tallymark.programme.rights.positions import position_hits
from tallymark.programme.rights.reader import Reader
from tallymark.programme.rights.rules import Rule, gate
from tallymark.programme.rights.statute import permitted, references
from tallymark.programme.rights.structure import Structure
from tallymark.programme.written import WrittenFolder

__all__ = ["STATUTORY_NOTE", "Positions", "rights_findings", "rights_findings_raw"]

STATUTORY_NOTE = (
    "A statutory benefit's own condition, shown publicly as the law's choice: {place} — {reference}"
)
_MOST_WORDS = 8


class Positions(Protocol):
    """Where declared words stand: file, line (and column) of a path, or of the nearest one around it."""

    def at(self, path: Iterable[str | int]) -> tuple[Any, ...]:
        """File and line first."""
        ...


def rights_findings(
    folder: WrittenFolder, positions: Positions | Mapping[Path, tuple[str, int]]
) -> list[Finding]:
    """Every refusal in a validated programme, in order of place."""
    return rights_findings_raw(folder.model_dump(exclude_unset=True), positions)


def rights_findings_raw(
    mapping: Mapping[str, Any], positions: Positions | Mapping[Path, tuple[str, int]]
) -> list[Finding]:
    """Every refusal in a programme as its files say it, valid or not, in order of place."""
    rules = gate().rules
    reader = Reader(gate().lexicon)
    structure = Structure(declared(mapping), Judge(gate(), reader))
    lawful = references(structure)
    findings: dict[tuple[Path, str], Finding] = {}
    for (path, rule), (thing, hit) in _merged(_hits(structure, reader)).items():
        if path in lawful and permitted(rules[rule], hit, thing, reader):
            findings[path, rule] = _note(thing, lawful[path], positions)
        else:
            findings[path, rule] = _refusal(rules[rule], thing, hit, positions)
    return sorted(findings.values(), key=lambda one: (one.where.file or "", one.where.line or 0, one.code))


def _hits(structure: Structure, reader: Reader) -> Iterator[tuple[Thing, Hit]]:
    for thing in structure.programme.everything():
        yield from ((thing, hit) for hit in structure.judge.anywhere(thing))
    yield from position_hits(structure)
    yield from _misdeclared(structure)
    yield from person_hits(structure.programme, reader)


def _misdeclared(structure: Structure) -> Iterator[tuple[Thing, Hit]]:
    """Indicators that claim to be a service while what they say or count may only be a statistic."""
    rules = gate().rules
    for name, thing in structure.programme.indicators.items():
        if not structure.claims_service(name):
            continue
        said = {hit.rule for hit in structure.judge.anywhere(thing)}
        for hit in structure.indicator(name):
            if rules[hit.rule].statistic is not None and hit.rule not in said:
                yield thing, Hit("misdeclared_concern", hit.words, hit.path, hit.concepts)


def _merged(hits: Iterable[tuple[Thing, Hit]]) -> dict[tuple[Path, str], tuple[Thing, Hit]]:
    merged: dict[tuple[Path, str], tuple[Thing, Hit]] = {}
    for thing, hit in hits:
        before = merged.get((thing.path, hit.rule))
        merged[thing.path, hit.rule] = (thing, before[1].with_more(hit) if before else hit)
    return merged


def _refusal(
    rule: Rule, thing: Thing, hit: Hit, positions: Positions | Mapping[Path, tuple[str, int]]
) -> Finding:
    inside = hit.path[: len(thing.path)] == thing.path
    return Finding(
        code=f"rights.{rule.id}",
        severity=Severity.ERROR,
        template=rule.template("en"),
        hint_template=rule.instead["en"],
        values={"place": _place(thing), "matched": " · ".join(hit.words[:_MOST_WORDS])},
        where=_where(positions, hit.path if inside else thing.path),
        evidence={
            "rule": rule.id,
            "basis": [str(basis) for basis in rule.basis],
            "how_sure": rule.how_sure,
            "matched": list(hit.words),
            "path": ".".join(str(step) for step in hit.path),
        },
    )


def _note(thing: Thing, reference: str, positions: Positions | Mapping[Path, tuple[str, int]]) -> Finding:
    return Finding(
        code="rights.statutory_condition",
        severity=Severity.NOTE,
        template=STATUTORY_NOTE,
        values={"place": _place(thing), "reference": reference},
        where=_where(positions, thing.path),
        evidence={
            "basis": [str(gate().bases["B28"])],
            "path": ".".join(map(str, thing.path)),
            "reference": reference,
        },
    )


def _place(thing: Thing) -> str:
    """The thing's path in the files; an entry of a list by its code where it has one."""
    code = thing.node.get("code")
    steps = (
        [*thing.path[:-1], code] if isinstance(thing.path[-1], int) and isinstance(code, str) else thing.path
    )
    return ".".join(str(step) for step in steps)


def _where(positions: Positions | Mapping[Path, tuple[str, int]], path: Path) -> Where:
    if isinstance(positions, Mapping):
        while path and path not in positions:
            path = path[:-1]
        file, line = positions.get(path, (None, None))
    else:
        file, line = tuple(positions.at(path))[:2]
    return Where(file=file, line=line)
