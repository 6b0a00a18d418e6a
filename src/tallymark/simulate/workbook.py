"""The supply ledger that a town keeps in a workbook, as people really make them.

A merged title, merged group headers, an instruction row under the header, months in five styles, numbers
typed with full-width digits, thousands separators and no-break spaces; with faults also a misspelt village, words
where a number belongs, and a line for signatures at the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from tallymark.model.periods import month_code, month_start
from tallymark.simulate.faults import Fault, Plan
from tallymark.simulate.reports import Wide
from tallymark.simulate.world import World

SHEET = "药具台账"
GROUPS = {"folic": "叶酸", "iron": "铁剂"}
COLUMNS = {
    "opening": "期初",
    "received": "收入",
    "issued": "发出",
    "lost": "损耗",
    "closing": "期末",
    "stockout_days": "缺货天数",
}
HEADER = {f"{p}_{c}": GROUPS[p] + COLUMNS[c] for p in GROUPS for c in COLUMNS}
"""Item → column heading."""
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
SPOILT = "停电未盘点"
MADE = dt.datetime(2025, 10, 8, 9, 0)
"""Written into the file instead of the clock, so that the same seed gives the same bytes."""

MONTH_STYLES: tuple[Callable[[int], Any], ...] = (
    lambda month: dt.datetime.combine(month_start(month), dt.time()),
    month_code,
    lambda month: f"{month // 12}年{month % 12 + 1}月",
    lambda month: f"{month // 12}/{month % 12 + 1}/1",
    lambda month: f"{month // 12}{month % 12 + 1:02d}",
)
NUMBER_STYLES: tuple[Callable[[int], Any], ...] = (
    lambda number: number,
    lambda number: str(number).translate(FULL_WIDTH),
    lambda number: f"{number:,}",
    lambda number: f"{number}\u00a0",
    lambda number: f" {number}",
)
PLAIN = 0.9
"""Share of numbers typed as numbers."""


def write_workbook(
    path: Path, world: World, town: int, *, ledgers: Sequence[Wide], plan: Plan
) -> list[Fault]:
    """Write one town's ledger of all months; what was spoilt in it comes back."""
    names, months, numbers, faults = _rows(world, town, ledgers, plan)
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": MADE, "title": SHEET})
    sheet = book.add_worksheet(SHEET)
    _head(book, sheet, world.place.towns[town].name.zh)
    rng = world.rng(f"workbook {town}")
    date = book.add_format({"num_format": "yyyy-mm"})
    styles = rng.integers(0, len(MONTH_STYLES), len(months))
    written = [MONTH_STYLES[style](month) for style, month in zip(styles, months, strict=True)]
    sheet.write_column(4, 0, range(1, len(names) + 1))
    sheet.write_column(4, 1, names)
    for row, value in enumerate(written):
        if isinstance(value, dt.datetime):
            sheet.write_datetime(row + 4, 2, value, date)
        else:
            sheet.write_string(row + 4, 2, value)
    for column, item in enumerate(HEADER):
        sheet.write_column(4, 3 + column, _typed(numbers[item], rng))
    if plan.months:
        _spoil(sheet, len(names))
    book.close()
    return faults


def _rows(
    world: World, town: int, ledgers: Sequence[Wide], plan: Plan
) -> tuple[list[str], list[int], dict[str, list[int | str]], list[Fault]]:
    names: list[str] = []
    months: list[int] = []
    numbers: dict[str, list[int | str]] = {item: [] for item in HEADER}
    faults: list[Fault] = []
    for month, ledger in zip((int(m) for m in world.months), ledgers, strict=True):
        here = ledger.where(world.place.towns_in(month)[ledger.units] == town)
        typos, spoilt = plan.units("typo", month), plan.units("words_for_number", month)
        for item in HEADER:
            numbers[item] += here.items[item].tolist()
        for position, unit in enumerate(here.units.tolist()):
            name, code = world.place.names[unit].zh, world.units[unit]
            if unit in typos:
                name = name[0] + name  # the first character typed twice
                faults.append(Fault("typo", "supplies", code, month_code(month), "", 1, name))
            if unit in spoilt:
                numbers["folic_lost"][len(months) + position] = SPOILT
                faults.append(
                    Fault("words_for_number", "supplies", code, month_code(month), "folic_lost", 1, SPOILT)
                )
            names.append(name)
        months += [month] * len(here.units)
    return names, months, numbers, faults


def _head(book: Any, sheet: Any, town: str) -> None:
    bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter"})
    last = 3 + len(HEADER)
    sheet.merge_range(0, 0, 0, last, f"{town}村卫生室药具进销存台账", bold)
    sheet.merge_range(1, 0, 1, 2, "基本情况", bold)
    for number, name in enumerate(GROUPS.values()):
        first = 3 + number * len(COLUMNS)
        sheet.merge_range(1, first, 1, first + len(COLUMNS) - 1, f"{name}（盒）", bold)
    sheet.write_row(2, 0, ["序号", "村名", "月份", *HEADER.values(), "备注"], bold)
    sheet.merge_range(
        3, 0, 3, last, "填写说明：期初＋收入－发出－损耗＝期末；缺货天数按日历天计；未盘点的请留空，不得填0。"
    )
    sheet.freeze_panes(4, 2)
    sheet.set_column(1, 2, 12)


def _typed(numbers: list[int | str], rng: np.random.Generator) -> list[Any]:
    styles = np.where(rng.random(len(numbers)) < PLAIN, 0, rng.integers(1, len(NUMBER_STYLES), len(numbers)))
    return [
        value if isinstance(value, str) else NUMBER_STYLES[style](value)
        for value, style in zip(numbers, styles, strict=True)
    ]


def _spoil(sheet: Any, rows: int) -> None:
    sheet.write_string(rows + 4, 1, "填表人（签章）：")
    sheet.write_string(rows + 4, 5, "审核人（签章）：")
