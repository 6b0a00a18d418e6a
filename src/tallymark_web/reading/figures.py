"""Figures of very many units: rows of the run's table, made into records when a page asks for a unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from tallymark.publish.facts import MOST_SHOWN, Facts, totals_of
from tallymark.publish.records import Figure, records


class Figures(Mapping[str, Mapping[str, Figure]]):
    """Unit → indicator → its total in the run's period, of every unit in a table."""

    def __init__(self, table: pa.Table) -> None:
        units = table.column("unit").combine_chunks()
        units = units if pa.types.is_dictionary(units.type) else units.dictionary_encode()
        codes = np.asarray(units.indices)
        order = np.argsort(codes, kind="stable")
        self._table = table.take(order)
        starts = np.searchsorted(codes[order], np.arange(len(units.dictionary) + 1))
        self._places = {
            unit: (int(first), int(last))
            for unit, first, last in zip(units.dictionary.to_pylist(), starts[:-1], starts[1:], strict=True)
            if last > first
        }

    def __getitem__(self, unit: str) -> Mapping[str, Figure]:
        first, last = self._places[unit]
        return {row.indicator: row for row in records(self._table.slice(first, last - first), Figure)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def every_figure(facts: Facts) -> Mapping[str, Mapping[str, Figure]]:
    """The figures of all units: as they are while they are few, read when asked for beyond that."""
    if len(facts.places.by_code) <= MOST_SHOWN:
        return facts.figures
    now: dict[str, str] = {"period": facts.period.code, "breakdown": "", "category": ""}
    return Figures(totals_of(facts.tables["indicators"], now))
