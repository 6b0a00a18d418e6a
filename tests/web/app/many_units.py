"""A workplace of 40,000 units with one run, its tables written directly: the starter's contract, figures made up by a rule."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import tallymark as tm
from tallymark.cli import run
from tallymark.model.tables import TABLES
from tallymark.store.runs import write_run

TOWNS, CLINICS = 399, 39_600
CONTRACT, PERIOD = "services-2025", "SY2025"
LINES = {
    "S1": ("service", "seen_in_time", 40),
    "S2": ("service", "stockout_share", 20),
    "A1": ("accountability", "complaints_closed_share", 20),
    "A2": ("accountability", "reports_on_time", 20),
}
LEVELS = "    - {code: clinic, title: {en: Clinic, zh: 服务站}}\n"


def clinic(number: int) -> str:
    return f"C{number:05d}"


def town(number: int) -> str:
    return f"T{number:03d}"


def town_of(number: int) -> str:
    return town(number % TOWNS)


def points(number: int | np.ndarray, line: int) -> Any:
    """Every clinic's points on the line of that number: whole, from none to all, none alike beside another."""
    most = list(LINES.values())[line][2]
    return (number * (7 + 2 * line)) % (most + 1)


def total(number: int | np.ndarray) -> Any:
    return sum(points(number, line) for line in range(len(LINES)))


def make_many(folder: Path) -> Path:
    """The workplace."""
    programme, store = folder / "programme", folder / "store"
    assert run(["new", str(programme), "--code", "clinic"]) == 0
    shutil.rmtree(programme / "data")
    (programme / "tests.yaml").unlink()
    head = programme / "programme.yaml"
    text = head.read_text(encoding="utf-8")
    assert LEVELS in text
    head.write_text(
        text.replace(LEVELS, "    - {code: town, title: {en: Town, zh: 镇}}\n" + LEVELS), encoding="utf-8"
    )
    rows = ["unit,name_en,name_zh,level,parent,opened,setting", "D,Example District,示例区,district,,,"]
    rows += [f"{town(at)},Town {at},第{at}镇,town,D,," for at in range(TOWNS)]
    rows += [f"{clinic(at)},Clinic No. {at},第{at}服务站,clinic,{town_of(at)},,town" for at in range(CLINICS)]
    (programme / "units.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    tm.open_store(store)
    loaded = tm.load(programme)
    manifest = {
        "run": f"{CONTRACT}-{PERIOD}-0000000000", "made_at": "2025-10-10T08:00:00+00:00", "contract": CONTRACT,
        "contract_title": {"en": "Service contract 2025", "zh": "2025年度服务责任书"}, "period": PERIOD, "mode": "official",
        "engine": "duckdb", "data_version": 0, "data_hash": "0" * 64, "code_version": "0",
        "programme": {"code": "clinic", "hash": loaded.hash, "title": {"en": "Clinics", "zh": "服务站"}},
    }  # fmt: skip
    files = [(path.name, path) for path in programme.iterdir() if path.suffix in (".yaml", ".csv")]
    write_run(store / "runs", manifest=manifest, tables=tables(), programme_files=files)
    return folder


def tables() -> dict[str, pa.Table]:
    """The run's tables; those that are not spoken of are empty."""
    numbers = np.arange(CLINICS)
    codes = [clinic(at) for at in range(CLINICS)]
    totals = total(numbers).astype(float)
    order = np.argsort(-totals, kind="stable")
    rank = np.empty(CLINICS)
    rank[order] = np.arange(1, CLINICS + 1)
    found = {name: spec.schema.empty_table() for name, spec in TABLES.items()}
    found["units"] = filled(
        "units",
        unit=["D", *(town(at) for at in range(TOWNS)), *codes],
        level=["district", *["town"] * TOWNS, *["clinic"] * CLINICS],
        parent=[None, *["D"] * TOWNS, *(town_of(at) for at in range(CLINICS))],
        name_en=["Example District", *(f"Town {at}" for at in range(TOWNS)), *(f"Clinic No. {at}" for at in range(CLINICS))],
        name_zh=["示例区", *(f"第{at}镇" for at in range(TOWNS)), *(f"第{at}服务站" for at in range(CLINICS))],
    )  # fmt: skip
    found["totals"] = filled("totals", unit=codes, contract=CONTRACT, base=totals, total=totals, bonus=0.0, deductions=0.0, total_before_gates=totals)  # fmt: skip
    found["ranks"] = filled(
        "ranks", unit=codes, contract=CONTRACT, peer_group="", total=totals, rank=rank,
        rank_low=np.maximum(rank - 50, 1).astype(int), rank_high=np.minimum(rank + 50, CLINICS).astype(int), of=CLINICS,
    )  # fmt: skip
    scores, figures, gaps = [], [], []
    for line, (code, (section, indicator, most)) in enumerate(LINES.items()):
        earned = points(numbers, line).astype(float)
        value = np.round(100 * earned / most, 1)
        same = {"unit": codes, "value": value, "low": value - 1, "high": value + 1}
        scores.append(filled("scores", **same, contract=CONTRACT, section=section, line=code, kind="line", indicator=indicator, basis="reported", available=float(most), points=earned, status="scored", award="proportional"))  # fmt: skip
        figures.append(filled("indicators", **same, level="clinic", period=PERIOD, frequency="SY", indicator=indicator, breakdown="", category="", numerator=earned, denominator=float(most), basis="reported", expected=12.0, received=12.0, usable=12.0))  # fmt: skip
        gaps.append(filled("gaps", unit=codes, contract=CONTRACT, line=code, lost=most - earned, order=line + 1, value=value, needed=95.0, reason="below_target"))  # fmt: skip
    counted = filled("measures", unit=codes, level="clinic", period=PERIOD, frequency="SY", measure="visits", breakdown="", category="", value=numbers.astype(float), expected=12, received=12, usable=12, basis="reported")  # fmt: skip
    changed = filled("differences", unit=codes, level="clinic", period=PERIOD, indicator="seen_in_time", difference=numbers.astype(float))  # fmt: skip
    parts_of = {
        "scores": scores,
        "indicators": figures,
        "gaps": gaps,
        "measures": [counted],
        "differences": [changed],
    }
    for name, parts in parts_of.items():
        keys = [(column, "ascending") for column in TABLES[name].keys]
        found[name] = pa.concat_tables(parts).sort_by(keys)
    return found


def filled(name: str, **columns: Any) -> pa.Table:
    """A table of the run with these columns; a single value fills its column, the others are NULL."""
    schema = TABLES[name].schema
    rows = max(len(values) for values in columns.values() if isinstance(values, list | np.ndarray))
    made = []
    for field in schema:
        values = columns.get(field.name)
        if not isinstance(values, list | np.ndarray):
            values = [values] * rows
        made.append(
            pa.array(values).cast(field.type)
            if values[0] is not None or field.name == "parent"
            else pa.nulls(rows, field.type)
        )
    return pa.table(made, schema=schema)
