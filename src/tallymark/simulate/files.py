"""Writing what offices send, and the list of deliveries in the order in which they come in."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from tallymark.model.periods import month_code
from tallymark.simulate.reports import Wide
from tallymark.simulate.world import World

MONTHLY_HEADER = {
    "births_reported": "出生数",
    "deaths": "死亡数",
    "queries_received": "收到协查",
    "queries_answered": "按时反馈",
    "requests_received": "群众事项",
    "requests_answered": "按时答复",
    "folic_asked": "申领叶酸",
    "folic_given": "领到叶酸",
    "preconception_asked": "申请优生检查",
    "preconception_given": "完成优生检查",
    "invited_cervical": "受邀筛查",
    "households_reached": "新入户",
    "outreach_sessions": "宣传场次",
    "meetings_planned": "计划例会",
    "meetings_held": "实开例会",
    "mobile_days": "服务车天数",
    "benefits_due": "应发奖扶",
    "benefits_paid": "按时发放",
}
"""Item → column heading of the villages' monthly report."""


@dataclass(frozen=True, slots=True, order=True)
class Delivery:
    """A file that comes in: when (local time), through which declared source or dataset."""

    received_at: dt.datetime
    source: str
    file: str


@dataclass(slots=True)
class Outbox:
    """A folder that deliveries are written to, remembering each."""

    root: Path
    deliveries: list[Delivery] = field(default_factory=list)

    def place(self, file: str, source: str, *, after: dt.date, days: int, hour: int = 9) -> Path:
        """Where to write a file that comes in so many days after a date."""
        when = dt.datetime.combine(after + dt.timedelta(days=days), dt.time(hour))
        self.deliveries.append(Delivery(when, source, file))
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def table(self, table: pa.Table, file: str, source: str, *, after: dt.date, days: int) -> None:
        """Write a table as CSV, or Parquet when the file's name says so."""
        path = self.place(file, source, after=after, days=days)
        if path.suffix == ".parquet":
            parquet.write_table(table, path)
        else:
            arrow_csv.write_csv(table, path, arrow_csv.WriteOptions(quoting_style="needed"))

    def list(self) -> None:
        """Write `deliveries.csv`: received_at, source, file, in order of time."""
        with (self.root / "deliveries.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(("received_at", "source", "file"))
            for delivery in sorted(self.deliveries):
                writer.writerow((delivery.received_at.isoformat(), delivery.source, delivery.file))


def monthly_table(world: World, month: int, reports: Wide) -> pa.Table:
    """The villages' monthly report with Chinese headings."""
    codes = pa.array(world.units, pa.string()).take(pa.array(reports.units))
    names = pa.array([name.zh for name in world.place.names]).take(pa.array(reports.units))
    period = pa.array([month_code(month)] * len(reports.units), pa.string())
    items = {heading: reports.items[item] for item, heading in MONTHLY_HEADER.items()}
    return pa.table({"月份": period, "村代码": codes, "村名": names, **items})


def stock_table(world: World, stocks: list[tuple[int, Wide]]) -> pa.Table:
    """Stocks at first days of months: date, unit, a column an item."""
    parts = []
    for month, wide in stocks:
        codes = pa.array(world.units, pa.string()).take(pa.array(wide.units))
        day = pa.array([f"{month_code(month)}-01"] * len(wide.units), pa.string())
        parts.append(pa.table({"unit": codes, "date": day, **wide.items}))
    return pa.concat_tables(parts)


def long_table(
    units: tuple[str, ...], period: str, items: Mapping[str, NDArray[Any]], *, text: bool = True
) -> pa.Table:
    """Reports in long form: unit, period, item, value (as people write it, or as a number)."""
    names = np.repeat(list(items), len(units))
    values = np.concatenate([np.asarray(items[name], dtype=np.float64) for name in items])
    return pa.table({
        "unit": pa.array(list(units) * len(items), pa.string()),
        "period": pa.array([period] * len(names), pa.string()),
        "item": pa.array(names.tolist(), pa.string()),
        "value": _as_text(values, names) if text else values,
    })  # fmt: skip


def _as_text(values: NDArray[Any], names: NDArray[Any]) -> pa.Array:
    """Numbers as people write them: whole, and as dates (days since 1970) in items that end in `_on`."""
    whole = pa.array(values.astype(np.int64))
    dates = whole.cast(pa.int32()).cast(pa.date32()).cast(pa.string())
    is_date = pa.array(np.char.endswith(names.astype(str), "_on"))
    return pc.if_else(is_date, dates, whole.cast(pa.string()))
