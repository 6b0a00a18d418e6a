"""What a release says beside its tables: how much of every table was withheld."""

from __future__ import annotations

import pyarrow as pa

from tallymark.model.table_parts import ColumnSpec, TableSpec
from tallymark.model.text import Text

OF_TABLE = ("measure", "breakdown", "level", "frequency")
_COUNTS = (
    ("figures", "figures that the run has", "已有数据"),
    ("withheld", "of these withheld", "其中不予公布"),
)
WITHHELD = TableSpec(
    "withheld",
    Text(
        "How much of every count of people was withheld, and whether the detail was too fine to publish at all",
        "各项人数统计不予公布的数量，以及是否因过细而整表不公布",
    ),
    OF_TABLE,
    (
        ColumnSpec("measure", pa.string(), Text("measure", "计量")),
        ColumnSpec(
            "breakdown",
            pa.string(),
            Text("column by which it is split; empty for the total", "分组变量，合计为空"),
        ),
        ColumnSpec("level", pa.string(), Text("level of the units", "单位层级")),
        ColumnSpec(
            "frequency", pa.string(), Text("month, quarter, year or a declared year's prefix", "时期类型")
        ),
        *(ColumnSpec(name, pa.int64(), Text(en, zh)) for name, en, zh in _COUNTS),
        ColumnSpec("too_fine", pa.bool_(), Text("the whole table is withheld", "整表不公布")),
    ),
)
