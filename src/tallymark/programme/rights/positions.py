"""The contract positions of a programme: what stands where it is scored, ranked, alerted on or given out."""

from __future__ import annotations

from collections.abc import Iterator

from tallymark.programme.rights.alerts import alerts
from tallymark.programme.rights.declared import Declared, Thing
from tallymark.programme.rights.expressions import names
from tallymark.programme.rights.judge import Hit
from tallymark.programme.rights.structure import Structure
from tallymark.programme.written.figures import STATISTICS_ONLY

_SUPPLY = ("supply", "service_coverage", "finance")


def position_hits(structure: Structure) -> Iterator[tuple[Thing, Hit]]:
    """Every rule broken by what is scored, held to a benchmark, alerted on or given out."""
    for thing in structure.programme.scored:
        yield from ((thing, hit) for hit in structure.judge.scored(thing))
        yield from ((thing, hit) for hit in _reached(structure, thing))
    for name, thing in structure.programme.indicators.items():
        yield from ((thing, hit) for hit in _benchmarked(structure, name, thing))
    for check in structure.programme.checks:
        yield from ((check, hit) for hit in alerts(structure, check))


def _reached(structure: Structure, thing: Thing) -> Iterator[Hit]:
    concern = thing.node.get("concerns")
    if concern in STATISTICS_ONLY:
        yield Hit("statistics_only", (str(concern),), (*thing.path, "concerns"))
    for name in _names(structure.programme, thing):
        if structure.is_statistic(name):
            yield Hit("statistics_only", (name, str(structure.concern(name))), thing.path)
        yield from structure.any_name(name)
    if thing.kind == "allocation":
        yield from _weights(structure, thing)


def _benchmarked(structure: Structure, name: str, thing: Thing) -> Iterator[Hit]:
    """What an indicator with a benchmark breaks: to be told better or worse than a number is to have a target."""
    if thing.node.get("benchmark") is None:
        return
    path = (*thing.path, "benchmark")
    if structure.is_statistic(name):
        yield Hit("statistics_only", (name, str(structure.concern(name))), path)
    yield from structure.indicator(name)


def _names(programme: Declared, thing: Thing) -> Iterator[str]:
    """The indicators and measures that a contract position counts on."""
    node = thing.node
    if isinstance(node.get("indicator"), str):
        yield str(node["indicator"])
    award = node.get("award")
    things = award.get("things") if isinstance(award, dict) else None
    if isinstance(things, dict):
        yield from (str(name) for name in things)
    if thing.kind == "gate":
        yield from (name for name in names(node.get("when")) if "." not in name)
    lines = node.get("lines") if thing.kind == "watch" else None
    for code in lines if isinstance(lines, list) else []:
        yield from (
            name
            for line in programme.scored
            if line.node.get("code") == code
            for name in _names(programme, line)
        )
        if str(code) in programme.indicators:
            yield str(code)


def _weights(structure: Structure, thing: Thing) -> Iterator[Hit]:
    """What an allocation may not be weighted by; births may weigh supplies, and population anything."""
    measure = thing.node.get("measure")
    if not isinstance(measure, str):
        return
    for hit in structure.measure(measure):
        if hit.rule == "birth_quota" and thing.node.get("concerns") in _SUPPLY:
            continue
        yield hit
