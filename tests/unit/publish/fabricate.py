"""A run made up for tests: plausible figures for any programme, from a seed, without store or pipeline."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tallymark.lineage import units_table
from tallymark.measure.shrinking import with_judgement
from tallymark.model.periods import Period
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Contract, Indicator, Programme
from tallymark.score import allocate_all, score
from tallymark.statistics import proportion_interval

MISSING_SHARE = 0.04


@dataclass(frozen=True)
class MadeUp:
    """What `publish` reads of a run."""

    manifest: Mapping[str, Any]
    programme: Programme
    tables: Mapping[str, pa.Table]

    def table(self, name: str) -> pa.Table:
        return self.tables[name]


@dataclass(frozen=True)
class Tree:
    """Leaves in columns, every unit in rows: which leaves count in which unit."""

    units: tuple[str, ...]
    levels: tuple[str, ...]
    member: np.ndarray
    leaves: np.ndarray


def made_up(
    programme: Programme,
    contract: str | None,
    *,
    period: str | None = None,
    mode: str = "official",
    seed: int = 1,
    months: bool = True,
    findings: int = 120,
) -> MadeUp:
    """A run of a contract (or of none, for `period`), with missing reports, zeros and findings."""
    chosen = programme.contracts[contract] if contract else None
    span = chosen.period if chosen else programme.calendar.parse(str(period))
    rng = np.random.default_rng(seed)
    tree = tree_of(programme, span)
    periods = _periods(programme, span, months)
    indicators, measures = _figures(programme, tree, periods, span, rng)
    tables = {name: spec.schema.empty_table() for name, spec in TABLES.items()}
    tables |= {"indicators": indicators, "measures": measures, "units": units_table(programme, span)}
    tables["reports"] = _reports(programme, tree, span, rng)
    tables["findings"] = _findings(programme, tree, span, rng, findings)
    tables["batches"], tables["lineage"] = _batches(programme, tree)
    if chosen:
        tables |= _scored(programme, chosen, indicators, measures)
    return MadeUp(_manifest(programme, chosen, span, mode), programme, tables)


def tree_of(programme: Programme, span: Period) -> Tree:
    units = [unit for unit in programme.units.codes if programme.units.stands_on(unit, span.end)]
    at = {unit: i for i, unit in enumerate(units)}
    parents = [programme.units.parent_on(unit, span.end) for unit in units]
    inner = {parent for parent in parents if parent}
    leaves = np.array([i for i, unit in enumerate(units) if unit not in inner])
    column = {int(leaf): j for j, leaf in enumerate(leaves)}
    member = np.zeros((len(units), len(leaves)), bool)
    for leaf in leaves.tolist():
        unit: str | None = units[leaf]
        while unit:
            member[at[unit], column[leaf]] = True
            unit = parents[at[unit]]
    levels = tuple(programme.units.levels[programme.units.index[unit]] for unit in units)
    return Tree(tuple(units), levels, member, leaves)


def _periods(programme: Programme, span: Period, months: bool) -> list[tuple[Period, tuple[int, ...]]]:
    """Each period with the positions of its months among the three years' months."""
    calendar = programme.calendar
    years = [span]
    for _ in range(2):
        years.insert(0, calendar.last_year(years[0]))
    every = [month for year in years for month in calendar.months(year)]
    at = {month: i for i, month in enumerate(every)}
    found = {year.code: year for year in years}
    for frequency in calendar.frequencies if months else ():
        for year in years:
            found |= {inner.code: inner for inner in calendar.within(year, frequency)}
    return [
        (p, tuple(at[m] for m in calendar.months(p)))
        for p in found.values()
        if all(m in at for m in calendar.months(p))
    ]


def _figures(
    programme: Programme,
    tree: Tree,
    periods: Sequence[tuple[Period, tuple[int, ...]]],
    span: Period,
    rng: np.random.Generator,
) -> tuple[pa.Table, pa.Table]:
    months = 1 + max(max(at) for _, at in periods)
    leaves = len(tree.leaves)
    came = rng.random((leaves, months)) > MISSING_SHARE
    size = rng.lognormal(2.0, 0.7, leaves)
    quality = tree.member @ np.zeros(leaves) + rng.normal(0, 0.35, len(tree.units))
    own = np.array([quality[np.flatnonzero(tree.member[:, j])].sum() for j in range(leaves)])
    parts, counted = [], {}
    for indicator in programme.indicators.values():
        numerator, denominator = _leaf_counts(indicator, size, own, months, rng)
        parts += [
            _indicator_rows(programme, tree, indicator, p, at, numerator, denominator, came)
            for p, at in periods
        ]
        counted[indicator.name] = (numerator, denominator)
    indicators = pa.concat_tables(parts)
    now = next(entry for entry in periods if entry[0].code == span.code)
    measures = _measures(programme, tree, now, counted, came, size, rng)
    judged = with_judgement(_compared(indicators, programme), programme.indicators, programme.calendar)
    return judged, measures


def _leaf_counts(
    indicator: Indicator, size: np.ndarray, own: np.ndarray, months: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of every leaf and month; counts of misconduct are nearly always zero."""
    trend = np.linspace(-0.25, 0.25, months) * rng.choice([-1, 1, 1])
    if indicator.denominator is None:
        rare = 2e-5 if indicator.direction == "lower" else 0.6
        return rng.poisson(size[:, None] * rare + np.zeros(months)).astype(float), np.full(
            (len(size), months), np.nan
        )
    denominator = rng.poisson(np.broadcast_to(size[:, None], (len(size), months))).astype(float)
    level = rng.uniform(1.2, 2.6) if indicator.direction != "lower" else rng.uniform(-4.5, -3)
    share = 1 / (1 + np.exp(-(level + own[:, None] + trend[None, :])))
    return rng.binomial(denominator.astype(int), share).astype(float), denominator


def _indicator_rows(
    programme: Programme,
    tree: Tree,
    indicator: Indicator,
    period: Period,
    at: tuple[int, ...],
    numerator: np.ndarray,
    denominator: np.ndarray,
    came: np.ndarray,
) -> pa.Table:
    here = came[:, at]
    expected = tree.member.sum(axis=1) * len(at)
    usable = tree.member @ here.sum(axis=1)
    top = tree.member @ np.where(here, numerator[:, at], 0).sum(axis=1)
    if indicator.denominator is None:
        bottom = np.full(len(expected), np.nan)
        value = np.where(usable > 0, top, np.nan) * indicator.factor
    else:
        bottom = tree.member @ np.where(here, denominator[:, at], 0).sum(axis=1)
        times = programme.calendar.per_year(period.frequency) if indicator.annualise else 1.0
        with np.errstate(all="ignore"):
            value = np.where(
                bottom > 0, indicator.factor * top / np.where(bottom > 0, bottom, 1) * times, np.nan
            )
    low, high = _interval(indicator, top, bottom, value)
    basis = np.where(usable == 0, "missing", np.where(usable < expected, "partial", "reported"))
    n = len(tree.units)
    columns = {
        "unit": tree.units, "level": tree.levels, "period": [period.code] * n, "frequency": [period.frequency] * n,
        "indicator": [indicator.name] * n, "breakdown": [""] * n, "category": [""] * n,
        "numerator": _null(np.where(usable > 0, top, np.nan)), "denominator": _null(np.where(usable > 0, bottom, np.nan)),
        "value": _null(value), "low": _null(low), "high": _null(high), "expected": expected, "received": usable,
        "usable": usable, "basis": basis.tolist(),
    }  # fmt: skip
    schema = TABLES["indicators"].schema
    return pa.table(
        [pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(n, f.type) for f in schema],
        schema=schema,
    )


def _interval(
    indicator: Indicator, top: np.ndarray, bottom: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if indicator.interval != "wilson":
        return np.full(len(top), np.nan), np.full(len(top), np.nan)
    whole = np.where((bottom > 0) & np.isfinite(value), bottom, np.nan)
    low, high = proportion_interval(np.where(np.isfinite(whole), top, np.nan), whole)
    return low * indicator.factor, high * indicator.factor


def _null(values: np.ndarray) -> list[float | None]:
    return [None if not np.isfinite(v) else float(v) for v in values.tolist()]


def _compared(indicators: pa.Table, programme: Programme) -> pa.Table:
    frame = indicators.to_pandas()
    keys = ["unit", "indicator", "period"]
    values = frame.set_index(keys)["value"]
    codes = {code: programme.calendar.parse(code) for code in frame["period"].unique()}
    before = frame["period"].map({c: programme.calendar.back(p).code for c, p in codes.items()})
    year = frame["period"].map({c: programme.calendar.last_year(p).code for c, p in codes.items()})
    for name, period in (("previous", before), ("last_year", year)):
        looked = frame[keys].assign(period=period)
        frame[name] = values.reindex(list(looked.itertuples(index=False, name=None))).to_numpy()
    return pa.Table.from_pandas(frame, schema=indicators.schema, preserve_index=False)


def _measures(
    programme: Programme,
    tree: Tree,
    now: tuple[Period, tuple[int, ...]],
    counted: Mapping[str, tuple[np.ndarray, np.ndarray]],
    came: np.ndarray,
    size: np.ndarray,
    rng: np.random.Generator,
) -> pa.Table:
    period, at = now
    leaf: dict[str, np.ndarray] = {}
    for indicator in programme.indicators.values():
        numerator, denominator = counted[indicator.name]
        for expression, values in ((indicator.numerator, numerator), (indicator.denominator, denominator)):
            if expression is not None and len(expression.names) == 1:
                leaf.setdefault(next(iter(expression.names)), values)
    n, here, parts = len(tree.units), came[:, at], []
    expected, usable = tree.member.sum(axis=1) * len(at), tree.member @ here.sum(axis=1)
    for name in programme.measures:
        values = leaf.get(name, rng.poisson(np.broadcast_to(size[:, None], came.shape)).astype(float))
        total = tree.member @ np.where(here, values[:, at], 0).sum(axis=1)
        basis = ["partial" if u < e else "reported" for u, e in zip(usable, expected, strict=True)]
        values_now = pa.array(_null(np.where(usable > 0, total, np.nan)), pa.float64())
        labels = [[period.code] * n, [period.frequency] * n, [name] * n, [""] * n, [""] * n]
        columns = [list(tree.units), list(tree.levels), *labels, values_now, expected, usable, usable, basis]
        parts.append(pa.table(columns, schema=TABLES["measures"].schema))
    return pa.concat_tables(parts) if parts else TABLES["measures"].schema.empty_table()


def _reports(programme: Programme, tree: Tree, span: Period, rng: np.random.Generator) -> pa.Table:
    rows = []
    leaf_due = tree.member.sum(axis=1) * 12
    for name, dataset in programme.datasets.items():
        if dataset.kind == "reports":
            received = np.round(leaf_due * rng.uniform(0.82, 1.0, len(leaf_due))).astype(int)
            in_time = np.round(received * rng.uniform(0.8, 1.0, len(leaf_due))).astype(int)
            for i, unit in enumerate(tree.units):
                rows.append(
                    {"dataset": name, "unit": unit, "level": tree.levels[i], "period": span.code, "frequency": span.frequency,
                     "expected": int(leaf_due[i]), "received": int(received[i]), "on_time": int(in_time[i]),
                     "late": int(received[i] - in_time[i])}
                )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=TABLES["reports"].schema)


def _findings(programme: Programme, tree: Tree, span: Period, rng: np.random.Generator, n: int) -> pa.Table:
    kinds = (
        (
            "check.stock_identity",
            "error",
            "Stock at the end is {a}, but start + received − issued gives {b}.",
            "期末库存为{a}，按期初＋收入－发出应为{b}。",
        ),
        ("receive.not_a_number", "warning", "“{a} people” is not a number.", "“{a}人”不是数字。"),
        (
            "check.copied_month",
            "warning",
            "The month repeats the one before in {a} items.",
            "本月有{a}项与上月完全相同。",
        ),
        ("receive.late", "note", "The report came {a} days late.", "报表迟报{a}天。"),
    )
    months = programme.calendar.within(span, "month")
    datasets = [name for name, dataset in programme.datasets.items() if dataset.kind == "reports"] or list(
        programme.datasets
    )
    rows = []
    for _ in range(n):
        code, severity, en, zh = kinds[int(rng.choice(4, p=[0.15, 0.25, 0.2, 0.4]))]
        a, b = int(rng.integers(2, 60)), int(rng.integers(2, 60))
        unit = tree.units[int(rng.choice(tree.leaves))]
        rows.append(
            {"code": code, "severity": severity, "dataset": str(rng.choice(datasets)), "item": None, "unit": unit,
             "period": months[int(rng.integers(len(months)))].code, "file": "monthly-2025.csv", "sheet": None, "cell": f"C{a}",
             "row": a, "batch": 3, "message": en.format(a=a, b=b), "message_zh": zh.format(a=a, b=b),
             "hint": "Compare with the ledger and send the month again.", "hint_zh": "核对台账后重报该月。", "evidence": json.dumps({"a": a, "b": b})}
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=TABLES["findings"].schema)


def _batches(programme: Programme, tree: Tree) -> tuple[pa.Table, pa.Table]:
    batches, lineage = [], []
    for i, name in enumerate(programme.datasets, start=1):
        batches.append(
            {"batch": i, "source": name, "file": f"{name}.csv", "hash": f"{i:064x}", "received_at": f"2025-10-{i:02d}T08:00:00+00:00",
             "taken": 4000, "corrected": 12, "refused": 3}
        )  # fmt: skip
        for j, unit in enumerate(tree.units):
            rows = int(tree.member[j].sum() * 12)
            lineage.append({"dataset": name, "unit": unit, "batch": i, "rows": rows, "corrected": rows // 50})
    return (
        pa.Table.from_pylist(batches, schema=TABLES["batches"].schema),
        pa.Table.from_pylist(lineage, schema=TABLES["lineage"].schema),
    )


def _scored(
    programme: Programme, contract: Contract, indicators: pa.Table, measures: pa.Table
) -> dict[str, pa.Table]:
    scored = score(contract, programme.units, indicators, measures, calendar=programme.calendar)
    return {
        "scores": scored.scores,
        "totals": scored.totals,
        "ranks": scored.ranks,
        "gaps": scored.gaps,
        "sensitivity": scored.sensitivity,
        "allocations": allocate_all(programme, contract, measures),
    }


def _manifest(programme: Programme, contract: Contract | None, span: Period, mode: str) -> dict[str, Any]:
    code = contract.code if contract else "figures"
    return {
        "run": f"{code}-{span.code}" + ("" if mode == "official" else f"-{mode}") + "-0123456789",
        "programme": {"code": programme.code, "hash": programme.hash},
        "contract": contract.code if contract else None,
        "period": span.code,
        "mode": mode,
        "engine": "duckdb",
        "data_version": 16,
        "data_hash": "ab" * 32,
        "code_version": "0.1.0+0123456789ab",
        "made_at": dt.datetime(2025, 11, 3, 9, 30, tzinfo=dt.UTC).isoformat(),
        "tables": {name: {} for name in TABLES},
    }
