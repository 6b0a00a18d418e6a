"""Comparisons: the previous period, the same period last year, and the mean of the last three years."""

from __future__ import annotations

import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.engine.sql import Query, one_of, select
from tallymark.measure.labels import Piece
from tallymark.measure.plan import Plan

COMPARED = {"previous": 1, "last_year": 1, "three_year_mean": 3}
"""Comparison → how many earlier periods it needs, all of them."""


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
