"""Figures of very many units: rows of the run's tables, made into records when a page asks for a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pyarrow as pa

from tallymark.publish.facts import MOST_SHOWN, Facts, totals_of
from tallymark.publish.records import Counted, Difference, Figure, by, records

Made = TypeVar("Made")


class OfUnits(Mapping[str, Made]):
    """Unit → what its rows of a table are made into, when they are asked for."""

    def __init__(self, table: pa.Table, made: Callable[[pa.Table], Made]) -> None:
        units = table.column("unit").combine_chunks()
        units = units if pa.types.is_dictionary(units.type) else units.dictionary_encode()
        codes = np.asarray(units.indices)
        order = np.argsort(codes, kind="stable")
        self._made = made
        self._table = table.take(order)
        starts = np.searchsorted(codes[order], np.arange(len(units.dictionary) + 1))
        self._places = {
            unit: (int(first), int(last))
            for unit, first, last in zip(units.dictionary.to_pylist(), starts[:-1], starts[1:], strict=True)
            if last > first
        }

    def __getitem__(self, unit: str) -> Made:
        first, last = self._places[unit]
        return self._made(self._table.slice(first, last - first))

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def of_every_unit(facts: Facts) -> Facts:
    """With the figures of all units: as they are while units are few, read when asked for beyond that."""
    if len(facts.places.by_code) <= MOST_SHOWN:
        return facts
    now: dict[str, str] = {"period": facts.period.code, "breakdown": "", "category": ""}
    tables = facts.tables
    return replace(
        facts,
        figures=OfUnits(
            totals_of(tables["indicators"], now),
            lambda rows: {row.indicator: row for row in records(rows, Figure)},
        ),
        counted=OfUnits(
            totals_of(tables["measures"], now),
            lambda rows: {row.measure: row for row in records(rows, Counted)},
        ),
        differences=OfUnits(tables["differences"], lambda rows: by(records(rows, Difference), "indicator")),
    )
