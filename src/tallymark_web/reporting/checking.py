"""The programme's own checks on one unit's report as it is typed; evaluated by the engine's expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tallymark.programme.resolved import Check, Dataset, Measure, Programme
from tallymark.verify.rules import said_of_failure
from tallymark_web.reporting.cells import Cell, State


@dataclass(frozen=True, slots=True)
class Failed:
    """A declared check that does not hold, and the cells that it reads."""

    code: str
    severity: str
    message: str
    hint: str
    items: tuple[str, ...]


def item_of(measure: Measure, dataset: Dataset) -> str | None:
    """The item that a measure is, when it is nothing but the item of this dataset."""
    plain = measure.item is not None and measure.where is None and measure.dataset.name == dataset.name
    return measure.item if plain else None


def applicable(programme: Programme, dataset: Dataset) -> Iterator[tuple[Check, Mapping[str, str]]]:
    """The checks that a report alone decides, with the item that each name stands for."""
    items = {
        name: item
        for name, measure in programme.measures.items()
        if (item := item_of(measure, dataset)) is not None
    }
    for check in programme.checks.values():
        fits = check.at == dataset.frequency and check.level in (None, dataset.level)
        if fits and check.expect.names and check.expect.names <= items.keys():
            yield check, {name: items[name] for name in check.expect.names | (set(check.show) & items.keys())}


def failures(
    programme: Programme, dataset: Dataset, cells: Mapping[str, Cell], *, language: str
) -> list[Failed]:
    """The checks that the cells break. Where a cell has no number the condition is unknown, and that is no failure."""
    found = []
    for check, items in applicable(programme, dataset):
        values = {name: _number(cells.get(item)) for name, item in items.items()}
        arrays = {name: np.array([np.nan if value is None else value]) for name, value in values.items()}
        if check.expect.evaluate(arrays)[0] == 0:
            said = said_of_failure(programme, check, values, language)
            found.append(
                Failed(
                    check.name, check.severity, said, check.hint[language], tuple(sorted(set(items.values())))
                )
            )
    return found


def _number(cell: Cell | None) -> float | None:
    return cell.value if cell is not None and cell.state in (State.VALUE, State.ZERO) else None
