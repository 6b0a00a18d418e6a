"""What result tables are made of: columns with type and meaning, and those that several tables share."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from tallymark.model.text import Text

KEY = pa.string()


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    name: str
    type: pa.DataType
    meaning: Text


@dataclass(frozen=True, slots=True)
class TableSpec:
    name: str
    meaning: Text
    keys: tuple[str, ...]
    columns: tuple[ColumnSpec, ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([(column.name, column.type) for column in self.columns])


def column(name: str, kind: pa.DataType, en: str, zh: str) -> ColumnSpec:
    """A column with what it means in English and Chinese."""
    return ColumnSpec(name, kind, Text(en, zh))


UNIT = column("unit", KEY, "unit code", "单位代码")
LEVEL = column("level", KEY, "level of the unit", "单位层级")
PERIOD = column("period", KEY, "period code", "时期代码")
FREQUENCY = column("frequency", KEY, "month, quarter, year or a declared year's prefix", "时期类型")
BREAKDOWN = column(
    "breakdown", KEY, "column by which the figure is split; empty for the total", "分组变量，合计为空"
)
CATEGORY = column("category", KEY, "value of the breakdown; empty for the total", "分组取值，合计为空")
EXPECTED = column("expected", pa.int64(), "reports due", "应报数")
RECEIVED = column("received", pa.int64(), "reports received", "实报数")
USABLE = column("usable", pa.int64(), "reports with a usable value", "可用数")
BASIS = column(
    "basis", KEY, "reported, corrected, partial, estimated, missing (more from verification)", "依据"
)
