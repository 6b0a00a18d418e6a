"""Comparisons: the previous period, the same period last year, and the mean of the last three years."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine
from tallymark.engine.sql import Query, one_of, select
from tallymark.measure.labels import Piece
from tallymark.measure.plan import Plan
from tallymark.measure.row_keys import row_keys
from tallymark.programme.resolved import Indicator

COMPARED = {"previous": 1, "last_year": 1, "three_year_mean": 3}
"""Comparison → how many earlier periods it needs, all of them."""
SAME = ("unit", "indicator", "breakdown", "category")
"""What rows of two periods have in common that are compared."""


def load_comparisons(engine: Engine, plan: Plan) -> None:
    """For each comparison a table(period, other_0, …) of the periods that each period is compared with."""
    for word, many in COMPARED.items():
        pairs = plan.timeline.comparisons.get(word, {})
        full = {at: others for at, others in pairs.items() if len(others) == many}
        columns = {"period": pa.array(list(full), pa.int32())}
        columns |= {f"other_{at}": pa.array([o[at] for o in full.values()], pa.int32()) for at in range(many)}
        engine.load(f"tm_{word}", pa.table(columns))


def compared(plan: Plan, table: str, piece: Piece) -> Query:
    """The values of a piece, with what each is compared with."""
    asked = select("i.*").from_(f"{table} AS i").where(piece.test("i"))
    numbers = sorted(plan.programme.indicators)
    for word, many in COMPARED.items():
        wanting = [at for at, name in enumerate(numbers) if word in plan.programme.indicators[name].compare]
        if not wanting:
            asked = asked.select(f"CAST(NULL AS DOUBLE) AS {word}")
            continue
        on = f"c_{word}.period = i.period AND {one_of('i.named', wanting)}"
        asked = asked.join(f"tm_{word} AS c_{word}", on=on, kind="LEFT")
        others = {other for period in piece.periods for other in plan.timeline.comparisons[word][period]}
        values = f"(SELECT * FROM {table} WHERE {one_of('period', sorted(others))} AND {piece.of_units})"
        for at in range(many):
            other = f"{word}_{at}"
            same = " AND ".join(
                f"{other}.{key} = i.{key}" for key in ("unit", "named", "breakdown", "category")
            )
            asked = asked.join(
                f"{values} AS {other}", on=f"{same} AND {other}.period = c_{word}.other_{at}", kind="LEFT"
            )
        added = " + ".join(f"{word}_{at}.value" for at in range(many))
        asked = asked.select(f"({added}) / {many} AS {word}" if many > 1 else f"{added} AS {word}")
    return asked


def with_given(
    rows: pa.Table, indicators: Mapping[str, Indicator], others: Mapping[str, tuple[pa.Table, ...]]
) -> pa.Table:
    """The rows of a period's indicators with what they are compared with; others: comparison → those periods' rows.

    Says the same as `compared`, of figures that were made before.
    """
    for word, tables in others.items():
        names = [name for name, one in indicators.items() if word in one.compare]
        mine = pc.is_in(rows.column("indicator"), pa.array(names, pa.string())).to_numpy()
        if len(tables) != COMPARED[word] or not mine.any():
            continue
        first, *rest = (_values(rows, table) for table in tables)
        for more in rest:
            first = first + more
        values = np.where(mine, first / len(tables) if rest else first, np.nan)
        column = pa.array(values, pa.float64(), from_pandas=True)
        rows = rows.set_column(rows.column_names.index(word), rows.schema.field(word), column)
    return rows


def _values(rows: pa.Table, table: pa.Table) -> npt.NDArray[np.float64]:
    """The values that another period's rows of the same unit, indicator and category have; NaN where they have none."""
    keys = row_keys(SAME, rows, table)
    mine, theirs = keys[: rows.num_rows], keys[rows.num_rows :]
    if not len(theirs):
        return np.full(len(mine), np.nan)
    order = np.argsort(theirs, kind="stable")
    at = order[np.minimum(np.searchsorted(theirs, mine, sorter=order), len(theirs) - 1)]
    values = np.asarray(table.column("value").to_numpy(), np.float64)
    return np.where(theirs[at] == mine, values[at], np.nan)
