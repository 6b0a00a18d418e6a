"""Our rules beside those of the field on real months: what each flags, and what of planted slips each finds.

Run: python -m bench.verification_real — reads Kenya, Côte d'Ivoire (districts) and Sierra Leone (facilities, one year)
from ../shared/data (minutes) and writes the table into docs/verification.md. Comparators as the field's literature describes them: DHIS2's z score (3 standard deviations
of the series) and modified z (3.5), Countdown 2030 (5 MADs from the median), FASTR (10 MADs for figures over 100, or
80 % of a year in one month).
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import tallymark as tm
from bench.verification import PAGE, ROOT
from tallymark.engine.duckdb import Engine, connect
from tallymark.programme.dhis2 import import_dhis2
from tallymark.programme.resolved import Programme
from tallymark.sources.receipt import Receipt
from tallymark.statistics import modified_z
from tallymark.store import Store
from tallymark.verify.patterns.expected import expect
from tallymark.verify.patterns.grid import Grid, read_grid
from tallymark.verify.patterns.odd import Bearable
from tallymark.verify.patterns.values import odd_values

DATA = ROOT.parent / "shared" / "data"
START, END = "<!-- real: python -m bench.verification_real -->", "<!-- end of real -->"
Array = np.ndarray
AT = dt.datetime(2026, 1, 20, tzinfo=dt.UTC)


def workbook_line(country: str, workbook: Path, folder: Path) -> tuple[Programme, Store, Receipt]:
    """A country's programme, its workbook received."""
    home, declared = ROOT / "programmes" / "countdown", folder / "programme"
    shutil.copytree(home / "shared", declared)
    shutil.copytree(home / country, declared, dirs_exist_ok=True)
    (declared / workbook.name).symlink_to(workbook)
    programme, store = tm.load(declared), tm.open_store(folder / "store")
    return programme, store, tm.receive(programme, store, "workbook", workbook, received_at=AT)


def workbook_grid(country: str, workbook: Path) -> Grid:
    """Monthly services of a country's districts, all of five years told."""
    with tempfile.TemporaryDirectory() as folder:
        programme, store, _ = workbook_line(country, workbook, Path(folder))
        return all_told(programme, store, "services", "2023")


def dhis2_line(export: Path, folder: Path) -> tuple[Programme, Store]:
    """The programme that Sierra Leone's export declares, and its values received."""
    declared = folder / "programme"
    import_dhis2(
        export / "metadata.json", export / "organisation_units.json", declared, code="sierra-leone",
        title="Sierra Leone", levels=("Country", "District", "Chiefdom", "Facility"),
    )  # fmt: skip
    programme, store = tm.load(declared), tm.open_store(folder / "store")
    tm.receive(programme, store, "dhis2", export / "data_values.json.gz", received_at=AT)
    return programme, store


def dhis2_grid(export: Path) -> Grid:
    """Child health of each facility of Sierra Leone, twelve months."""
    with tempfile.TemporaryDirectory() as folder:
        programme, store = dhis2_line(export, Path(folder))
        return all_told(programme, store, "child_health", "2025")


def all_told(programme: Programme, store: Store, dataset: str, year: str) -> Grid:
    grid = read_grid(
        programme, store, programme.datasets[dataset], period=programme.calendar.parse(year), version=store.version,
        history=60, skip=(), engine=Engine(connect()),
    )  # fmt: skip
    assert grid is not None
    grid.told[:] = True
    return grid


GRIDS: dict[str, Callable[[], Grid]] = {
    "Kenya": lambda: workbook_grid("kenya", DATA / "kenya" / "kenya.xlsx"),
    "Côte d'Ivoire": lambda: workbook_grid("cote_divoire", DATA / "cote_divoire" / "cote.xlsx"),
    "Sierra Leone": lambda: dhis2_grid(DATA / "sierra_leone"),
}


def z_score(x: Array) -> Array:
    with np.errstate(all="ignore"):
        mean, sd = np.nanmean(x, axis=1, keepdims=True), np.nanstd(x, axis=1, ddof=1, keepdims=True)
        return np.abs(x - mean) > 3 * sd


def modified(x: Array) -> Array:
    return np.abs(np.nan_to_num(modified_z(x))) > 3.5


def _mads(x: Array) -> Array:
    with np.errstate(all="ignore"):
        middle = np.nanmedian(x, axis=1, keepdims=True)
        mad = 1.4826 * np.nanmedian(np.abs(x - middle), axis=1, keepdims=True)
        return np.where(mad > 0, (x - middle) / mad, np.nan)


def countdown(x: Array) -> Array:
    return np.abs(np.nan_to_num(_mads(x))) > 5


def fastr(x: Array) -> Array:
    years = np.nan_to_num(x).reshape(len(x), -1, 12)
    share = (years / np.maximum(years.sum(axis=2, keepdims=True), 1)).reshape(x.shape)
    return (x > 100) & ((np.nan_to_num(_mads(x)) > 10) | (share > 0.8))


RULES: dict[str, Callable[[Array], Array]] = {
    "DHIS2 z score": z_score, "DHIS2 modified z": modified, "Countdown 2030": countdown, "FASTR": fastr,
}  # fmt: skip


def flags(grid: Grid) -> dict[str, Array]:
    """What each rule flags (units, slots, items)."""
    found = {
        name: np.stack([rule(grid.values[:, :, i]) for i in range(len(grid.items))], axis=2)
        for name, rule in RULES.items()
    }
    ours = np.zeros(grid.values.shape, dtype=bool)
    expected = {name: expect(grid.item(name)) for name in grid.items}
    unit, slot, item = (
        {code: at for at, code in enumerate(codes)} for codes in (grid.units, grid.slots, grid.items)
    )
    bear = Bearable(0.05, 2.0, int(np.isfinite(grid.values).sum()))
    for odd in odd_values(grid, expected, bear=bear):
        ours[unit[odd.unit], slot[odd.period], item[odd.item]] = True
    return {"Tallymark": ours, **found}


def spoilt(grid: Grid, factor: float, seed: int) -> tuple[Grid, Array]:
    """The grid with one known figure in 200 multiplied, and which."""
    rng = np.random.default_rng(seed)
    chosen = np.isfinite(grid.values) & (grid.values >= 5) & (rng.random(grid.values.shape) < 0.005)
    values = np.where(chosen, np.floor(grid.values * factor), grid.values)
    return Grid(grid.dataset, grid.units, grid.slots, grid.items, values, grid.parents, grid.parent, grid.told,
                grid.season, grid.window), chosen  # fmt: skip


def rows() -> list[str]:
    """The table."""
    lines = ["| data | rule | flagged of 1,000 figures | also ours | × 10 found | ÷ 10 found | × 3 found |",
             "|---|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for country, read in GRIDS.items():
        grid = read()
        known = int(np.isfinite(grid.values).sum())
        plain = flags(grid)
        recall: dict[str, list[str]] = {name: [] for name in plain}
        for factor in (10.0, 0.1, 3.0):
            bad, where = spoilt(grid, factor, 1)
            for name, flagged in flags(bad).items():
                recall[name].append(f"{(flagged & where).sum() / where.sum():.0%}")
        for name, flagged in plain.items():
            both = (
                ""
                if name == "Tallymark"
                else f"{(flagged & plain['Tallymark']).sum() / max(flagged.sum(), 1):.0%}"
            )
            cells = [country, name, f"{1000 * flagged.sum() / known:.1f}", both, *recall[name]]
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    """Measure, and write into the page."""
    text = "\n".join(rows())
    print(text)
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
