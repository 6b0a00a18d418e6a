"""How much of every table was withheld, as data: by table only, since by figure it would tell of the figures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.release_tables import OF_TABLE, WITHHELD

DETAIL = 1
"""The reason of what is too fine to publish at all (`deciding.CAUSES`)."""


def summary(measures: pa.Table, reason: npt.NDArray[np.int8], people: frozenset[str]) -> pa.Table:
    """The table of what was withheld, given why each row of the measures was."""
    value = np.asarray(pc.is_valid(measures.column("value")).to_numpy(zero_copy_only=False), np.bool_)
    taken = (_of_people(measures, people) | (reason != 0)) & value
    table = measures.select(OF_TABLE).append_column("withheld", pa.array((reason != 0).astype(np.int64)))
    table = table.append_column("fine", pa.array((reason == DETAIL).astype(np.int64))).filter(pa.array(taken))
    grouped = table.group_by(list(OF_TABLE)).aggregate(
        [([], "count_all"), ("withheld", "sum"), ("fine", "sum")]
    )
    grouped = grouped.sort_by([(name, "ascending") for name in OF_TABLE])
    fine = pc.equal(grouped.column("fine_sum"), grouped.column("count_all"))
    columns = [
        *(pc.fill_null(grouped.column(name), "") for name in OF_TABLE),
        grouped.column("count_all"),
        grouped.column("withheld_sum"),
        fine,
    ]
    return pa.table(
        [one.cast(spec.type) for one, spec in zip(columns, WITHHELD.columns, strict=True)],
        schema=WITHHELD.schema,
    )


def _of_people(measures: pa.Table, people: frozenset[str]) -> npt.NDArray[np.bool_]:
    found = pc.is_in(measures.column("measure"), pa.array(sorted(people), pa.string()))
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)
