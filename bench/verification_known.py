"""The faults that the data's own list names, one by one: which of them our findings and the field's rules point at.

Run: python -m bench.verification_known — two minutes; writes the table into docs/verification.md. A rule for single
figures counts as pointing at a unit's year when it flags any month of the two items in it.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

import tallymark as tm
from bench.verification import PAGE
from bench.verification_real import AT, DATA, RULES, all_told, dhis2_line, workbook_line
from bench.verification_real import flags as every_flag
from tallymark.engine.duckdb import Engine, connect
from tallymark.measure import measure
from tallymark.sources.receipt import Receipt
from tallymark.verify.patterns.grid import Grid
from tallymark.verify.rules import check

START, END = "<!-- known: python -m bench.verification_known -->", "<!-- end of known -->"
TYPED = {
    "stock_phu_dispensed_bcg": ("lyONqUkY1Bq", "2025-05"), "stock_phu_discarded_measles": ("MiYhwDprCCA", "2025-03"),
    "stock_phu_received_measles": ("a5glgtnXJRG", "2025-06"),
}  # fmt: skip
"""68,920, 62,010 and 40,198 doses in one month of one facility."""
Flags = dict[str, np.ndarray]


def flagged(grid: Grid) -> Flags:
    """Rule → what it flags (units, slots, items)."""
    every = range(len(grid.items))
    return {
        name: np.stack([rule(grid.values[:, :, i]) for i in every], axis=2) for name, rule in RULES.items()
    }


def years(grid: Grid, flags: Flags, wrong: Callable[[np.ndarray, np.ndarray], np.ndarray], items: tuple[str, str]) -> tuple[int, Counter[str]]:  # fmt: skip
    """Unit-years whose sums of two items are wrong: how many, and in how many each rule flags a month."""
    at = [grid.items.index(name) for name in items]
    sums = [np.nansum(grid.values[:, :, i].reshape(len(grid.units), -1, 12), axis=2) for i in at]
    bad = wrong(*sums)
    found: Counter[str] = Counter()
    for name, flag in flags.items():
        any_month = flag[:, :, at].reshape(len(grid.units), -1, 12, 2).any(axis=(2, 3))
        found[name] = int((bad & any_month).sum())
    return int(bad.sum()), found


def negative(grid: Grid, flags: Flags) -> tuple[int, Counter[str]]:
    """Values below 0."""
    bad = grid.values < 0
    return int(bad.sum()), Counter({name: int((bad & flag).sum()) for name, flag in flags.items()})


def counted(receipt: Receipt, code: str, dataset: str | None = None) -> int:
    """Cells that findings of the receipt are about."""
    told = [each for each in receipt.findings if each.code == code and dataset in (None, each.where.dataset)]
    return sum(int(str(each.values.get("count", 1)).replace(",", "")) for each in told)


def country(name: str, folder: str, workbook: Path) -> list[str]:
    """A Countdown workbook's lines."""
    with tempfile.TemporaryDirectory() as place:
        programme, store, receipt = workbook_line(folder, workbook, Path(place))
        grids = {
            one: all_told(programme, store, one, "2023")
            for one in ("services", "vaccine_stock", "completeness")
        }
        periods = [programme.calendar.parse(str(year)) for year in range(2019, 2024)]
        connection = connect()
        table = measure(programme, store, periods=periods, version=store.version, engine=Engine(connection))
        checks = Counter(row["code"] for row in check(programme, table, connection=connection).to_pylist())
        run = tm.assess(programme, store, contract="child-and-mother-2023", made_at=AT)
        told = run.table("findings")
    flags = {one: flagged(grid) for one, grid in grids.items()}
    services, stock, reports = (grids[one] for one in ("services", "vaccine_stock", "completeness"))
    lines = [
        line(name, "stocks below 0", *negative(stock, flags["vaccine_stock"]), counted(receipt, "receive.below_min", "vaccine_stock")),
        line(name, "Penta3 over Penta1 in a district's year", *years(services, flags["services"], lambda a, b: b > a, ("penta1", "penta3")), checks["check.penta_order"]),
    ]  # fmt: skip
    if folder == "kenya":
        over = reports.item("opd_rate") > 100
        place = reports.items.index("opd_rate")
        found = Counter(
            {rule: int((over & flag[:, :, place]).sum()) for rule, flag in flags["completeness"].items()}
        )
        lines += [
            line(name, "outpatient reporting rates over 100 %", int(over.sum()), found, counted(receipt, "receive.above_max", "completeness")),
            line(name, "cells that hold a sentence", 2, None, counted(receipt, "receive.not_a_number")),
        ]  # fmt: skip
    else:
        lines += [
            line(name, "numbers typed with a no-break space", 1279, None, counted_cleaned(receipt)),
            line(name, "Penta3 coverage over 100 % in a district's year", 231, None, checks["check.penta3_over_100"]),
            line(name, "vaccination reports exactly 100 % in every row (6,780), said once", 1, Counter(), of_all(told, "verify.perfect", "vacc_in")),
        ]  # fmt: skip
    return lines + unlisted(name, told)


def counted_cleaned(receipt: Receipt) -> int:
    """Numbers that were read in spite of their spaces."""
    (one,) = [each for each in receipt.findings if each.code == "receive.number_cleaned"]
    evidence = one.evidence
    assert isinstance(evidence, dict)
    return int(str(evidence["count"]))


def of_all(told: pa.Table, code: str, item: str) -> int:
    """Findings of a kind about all units at once."""
    return sum((row["code"], row["item"], row["unit"]) == (code, item, None) for row in told.to_pylist())


def unlisted(name: str, told: pa.Table) -> list[str]:
    """What the list does not name."""
    alike = [row for row in told.to_pylist() if row["code"] == "verify.alike"]
    return [
        line(
            name,
            "not listed: one column given as two, in every row of the last year",
            len(alike),
            Counter(),
            len(alike),
        )
    ]


def sierra_leone() -> list[str]:
    """Typing errors of the DHIS2 export."""
    with tempfile.TemporaryDirectory() as place:
        programme, store = dhis2_line(DATA / "sierra_leone", Path(place))
        held = next(name for name, one in programme.datasets.items() if next(iter(TYPED)) in one.items)
        grid = all_told(programme, store, held, "2025")
    flags = every_flag(grid)
    lines = []
    for item, (unit, period) in TYPED.items():
        cell = grid.units.index(unit), grid.slots.index(period), grid.items.index(item)
        found = Counter({name: int(flag[cell]) for name, flag in flags.items()})
        lines.append(
            line("Sierra Leone", f"{grid.values[cell]:,.0f} doses in a month", 1, found, found["Tallymark"])
        )
    return lines


def line(place: str, what: str, number: int, found: Counter[str] | None, ours: int) -> str:
    """A row of the table; None: the rule has no such thing to look at."""
    cells = ["–" if found is None else f"{found[name]:,}" for name in RULES]
    return f"| {place} | {what} | {number:,} | **{ours:,}** | " + " | ".join(cells) + " |"


def main() -> None:
    """Measure, and write into the page."""
    heads = [
        "| data | fault | there | Tallymark | " + " | ".join(RULES) + " |",
        "|---|---|" + "---:|" * (2 + len(RULES)),
    ]
    lines = country("Kenya", "kenya", DATA / "kenya" / "kenya.xlsx")
    lines += country("Côte d'Ivoire", "cote_divoire", DATA / "cote_divoire" / "cote.xlsx")
    text = "\n".join([*heads, *lines, *sierra_leone()])
    print(text)
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
