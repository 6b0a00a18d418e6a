"""Checks that are alerts: a statistic of people's bodies held to a number or a plan, rather than to another count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tallymark.programme.rights.declared import Path, Thing
from tallymark.programme.rights.expressions import comparisons, counted, divided_by
from tallymark.programme.rights.judge import Hit
from tallymark.programme.rights.structure import Structure

_ALERTABLE = frozenset({"births", "fertility", "sex_ratio", "method_mix", "pregnancy"})
_NOT_ALERTS = frozenset({"statistics_only", "petition_penalty"})


def alerts(structure: Structure, check: Thing) -> Iterator[Hit]:
    """The rules that a check breaks; births compared with doses, deliveries or another register are a check of data."""
    path = (*check.path, "expect")
    for sides, numbered in comparisons(check.node.get("expect")):
        told = [name for side in sides for name in counted(side)]
        beside = [name for side in sides for name in divided_by(side)]
        alone = numbered and len(set(told)) == 1
        planned = any(_is_plan(structure, counted(side)) for side in sides)
        if alone or planned:
            yield from _held(structure, told, beside, path)


def _held(structure: Structure, told: Iterable[str], beside: list[str], path: Path) -> Iterator[Hit]:
    for name in told:
        concern = structure.concern(name)
        if concern in _ALERTABLE:
            yield Hit("statistics_only", (name, str(concern)), path)
        elif name not in structure.programme.indicators:
            yield from _measure_held(structure, name, beside, path)


def _measure_held(structure: Structure, name: str, beside: list[str], path: Path) -> Iterator[Hit]:
    over, under = structure.leaf(name), [structure.leaf(one) for one in beside]
    yield from structure.sexes_apart([over], under, path)
    compared = bool(under) and not all(structure.people(leaf) for leaf in under)
    for hit in structure.judge.counted(over.words):
        if hit.rule not in _NOT_ALERTS and not (compared and hit.rule == "birth_quota"):
            yield Hit(hit.rule, (name, *hit.words), path, hit.concepts)


def _is_plan(structure: Structure, names: tuple[str, ...]) -> bool:
    """Whether one side of a comparison is a plan or quota and nothing else."""
    leaves = [structure.leaf(name) for name in names]
    says = structure.judge.reader.words
    return len(leaves) == 1 and any(says("planned", word.text) for word in (*leaves[0].words, *leaves[0].own))
