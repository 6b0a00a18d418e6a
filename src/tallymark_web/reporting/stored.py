"""What the store has of a dataset: values in force for units and periods, and who has reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

import duckdb

from tallymark.programme.resolved import Dataset
from tallymark.store import Store
from tallymark.store.sql import literal

Values = Mapping[tuple[str, str], Mapping[str, float]]
"""(unit, period) → item → value."""


def values(store: Store, dataset: Dataset, periods: Collection[str]) -> Values:
    """Every unit's values of some periods, as they are in force."""
    return _values(_Known(store, dataset), tuple(sorted(periods)), store.version)


class _Known:
    """A store and a dataset by which answers are remembered."""

    def __init__(self, store: Store, dataset: Dataset) -> None:
        self.store, self.dataset = store, dataset
        self.key = (store.root, dataset.name)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.key == other.key


@lru_cache(maxsize=64)
def _values(known: _Known, periods: tuple[str, ...], version: int) -> Values:
    if not periods or not known.store.open_columns(known.dataset.name).names:
        return {}
    relation = known.store.relation(known.dataset, version)
    asked = ", ".join(literal(period) for period in periods)
    query = (
        f"SELECT unit, period, item, any_value(value) FROM {relation} WHERE period IN ({asked}) "
        "GROUP BY unit, period, item HAVING count(*) = 1"
    )
    found: dict[tuple[str, str], dict[str, float]] = {}
    with duckdb.connect() as connection:
        for unit, period, item, value in connection.execute(query).fetchall():
            if value is not None:
                found.setdefault((unit, period), {})[item] = value
    return found
