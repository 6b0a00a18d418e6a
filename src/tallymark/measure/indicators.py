"""Indicators: declared formulas over the wide tables, with what missing reports do to them, and comparisons.

An indicator has a row wherever all datasets that it is made from have one. It is split by a breakdown only where all of
them are, and a category that one of them lacks has no figure: a total never stands in for it.

Completeness is that of the least complete measure that enters (usable ÷ expected); the row's expected, received and
usable are that measure's. Reports counted as such (`monthly.received`) are complete by nature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.engine.sql import AnyQuery, Query, double, formula, select, stacked
from tallymark.measure.benchmarks import Benchmarks
from tallymark.measure.comparisons import compared, load_comparisons
from tallymark.measure.figures import reads
from tallymark.measure.labels import LABELS, in_order, labelled, pieces
from tallymark.measure.plan import TOTAL, Plan, Strand, dotted
from tallymark.measure.pooling import load_pools, with_pools
from tallymark.measure.shrinking import COLUMNS, with_judgement
from tallymark.measure.standardising import Rates, rates_by_age, with_rates
from tallymark.measure.tally import Tallied
from tallymark.measure.uncertainty import Reading, limits
from tallymark.model.expressions import Expression
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Indicator

KEYS = ("unit", "period", "breakdown", "category")
FIGURES = ("num", "den", "scaled_num", "scaled_den", "den_sd")
WORDS = {
    "expected": "expected",
    "received": "received",
    "on_time": "on_time",
    "late": "timed - COALESCE(on_time, 0)",
}
"""What may be asked of a dataset's reports, and how it is read."""


@dataclass(frozen=True, slots=True)
class Base:
    """A table that has, for every unit, period and category, all columns that some indicators need."""

    table: str
    datasets: tuple[str, ...]

    def report(self, dataset: str, word: str) -> str:
        """The column with a dataset's reports."""
        return f"q{self.datasets.index(dataset)}_{word}"


def indicators_table(engine: Engine, tallied: Tallied) -> pa.Table:
    """TABLES["indicators"] for the periods asked."""
    plan = tallied.plan
    names = sorted(plan.programme.indicators)
    groups: dict[tuple[tuple[str, ...], bool], list[Indicator]] = {}
    for name in names:
        indicator = plan.programme.indicators[name]
        groups.setdefault((_datasets(plan, indicator), bool(dotted(indicator))), []).append(indicator)
    load_comparisons(engine, plan)
    load_pools(engine, plan)
    parts, rates = list[AnyQuery](), dict[int, Rates]()
    for at, ((datasets, whole), members) in enumerate(sorted(groups.items(), key=lambda item: item[0])):
        if not datasets:
            continue
        base = _base(engine, plan, tallied.figures, datasets, members, at=at, whole=whole)
        table = f"tm_values_{at}"
        valued = [_valued(plan, base, indicator, names.index(indicator.name)) for indicator in members]
        engine.table(table, stacked(valued))
        engine.drop([base.table])
        numbered = {names.index(one.name): one for one in members}
        table = _pooled(engine, table, numbered)
        made = rates_by_age(engine, tallied, table, numbered)
        rates |= made
        parts.append(with_rates(engine, table, made))
    empty = TABLES["indicators"].schema.empty_table()
    if not parts:
        return empty
    engine.view("tm_values", stacked(parts))
    engine.drop(list(tallied.figures.values()))
    declared = [plan.programme.indicators[name] for name in names]
    many = engine.value(select("COUNT(*)").from_(stacked(parts).subquery("every"))) or 0
    found = [empty]
    for piece in pieces(tallied.labels, plan.timeline.asked, many):
        rows = in_order(engine.rows(compared(plan, "tm_values", piece)).combine_chunks())
        found.append(labelled(tallied.labels, _with_limits(rows, declared, rates), "indicators", names))
    whole = pa.concat_tables(found)
    return with_judgement(whole, plan.programme.indicators, plan.programme.calendar)


def _with_limits(rows: pa.Table, indicators: Sequence[Indicator], rates: Mapping[int, Rates]) -> pa.Table:
    """The rows with their intervals, and how they stand to benchmarks, in place of what those are made from."""
    number = rows.column("named").to_numpy()
    figures = {name: _floats(rows, name) for name in (*FIGURES, "scale", "worst", "value")}
    low, high = np.full(rows.num_rows, np.nan), np.full(rows.num_rows, np.nan)
    benchmarks = Benchmarks(rows.num_rows)
    for at, indicator in enumerate(indicators):
        if indicator.interval != "none":
            mine = np.flatnonzero(number == at)
            own = {name: values[mine] for name, values in figures.items()}
            reading: Reading = partial(limits, indicator, own)
            if at in rates:
                reading = rates[at].instead(reading, rows.take(pa.array(mine)))
            low[mine], high[mine] = reading(level=0.95)
            benchmarks.compare(indicator, mine, reading)
    rows = rows.drop_columns([*FIGURES, "scale", "worst"])
    for name, values in (("low", low), ("high", high)):
        rows = rows.append_column(name, pa.array(values, pa.float64(), from_pandas=True))
    for name in COLUMNS:
        rows = rows.append_column(name, pa.nulls(rows.num_rows))
    for name, column in benchmarks.columns().items():
        rows = rows.append_column(name, column)
    return rows


def _floats(rows: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(rows.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)


def _datasets(plan: Plan, indicator: Indicator) -> tuple[str, ...]:
    """Datasets that an indicator is made from."""
    found = {dataset for dataset, _ in dotted(indicator).values()}
    found |= {plan.programme.measures[name].dataset.name for name in indicator.names if "." not in name}
    return tuple(sorted(found))


def _base(
    engine: Engine,
    plan: Plan,
    figures: Mapping[str, str],
    datasets: tuple[str, ...],
    members: Sequence[Indicator],
    *,
    at: int,
    whole: bool,
) -> Base:
    """Makes the table that indicators over the same datasets are computed from; `whole`: totals only."""
    base = Base(f"tm_base_{at}", datasets)
    shared = {TOTAL}
    if not whole:
        by_dataset = [{number for number, _ in plan.strands_of(name)[0].breakdowns} for name in datasets]
        shared |= set.intersection(*by_dataset)
    wanted = f"breakdown IN ({', '.join(str(number) for number in sorted(shared))})"
    keys = stacked([select(*KEYS).from_(figures[name]).where(wanted) for name in datasets])
    rows: AnyQuery = keys
    if len(datasets) > 1:
        rows = select(*KEYS).distinct().from_(keys.subquery("keys"))
    query = select(*[f"k.{name}" for name in KEYS], "q.per_year").from_(rows.subquery("k"))
    query = query.join(f"{LABELS} AS q", on="q.period = k.period")
    for number, name in enumerate(datasets):
        needed = _needed(plan, name, number, members)
        wide = select(*KEYS, *[f"{read} AS {column}" for column, read in needed.items()]).from_(figures[name])
        on = " AND ".join(f"d{number}.{key} = k.{key}" for key in KEYS)
        query = query.join(wide.subquery(f"d{number}"), on=on, kind="LEFT").select(
            *[f"d{number}.{c}" for c in needed]
        )
        if len(datasets) > 1:
            spine = (
                select("unit", "period")
                .from_(figures[name])
                .where(f"breakdown = {TOTAL}")
                .subquery(f"s{number}")
            )
            query = query.join(spine, on=f"s{number}.unit = k.unit AND s{number}.period = k.period")
    engine.table(base.table, query)
    return base


def _needed(plan: Plan, dataset: str, number: int, members: Sequence[Indicator]) -> dict[str, str]:
    """The columns that indicators need of one dataset: name → how it is read from the wide table."""
    strand: Strand = plan.strands_of(dataset)[0]
    names = {name for indicator in members for name in indicator.names}
    found = {f"p{number}": "part"}
    for planned in strand.measures:
        if planned.measure.name in names:
            read, at = reads(strand, planned), planned.number
            found |= {
                f"v{at}": read.value,
                f"u{at}": read.usable,
                f"e{at}": read.expected,
                f"r{at}": read.received,
                f"k{at}": read.corrected,
                f"s{at}": f"({read.value}) * ({read.missing_units})",
            }
    words = {word for indicator in members for name, word in dotted(indicator).values() if name == dataset}
    return found | {f"q{number}_{word}": WORDS[word] for word in sorted(words | {"expected", "received"})}


def _valued(plan: Plan, base: Base, indicator: Indicator, number: int) -> Query:
    """Value and basis for all units, periods and categories."""
    estimate = indicator.missing == "estimate"
    enough = f"worst >= {double(_least(indicator))}"
    scaled = f"{enough} AND worst < 1" if estimate else "FALSE"
    numerator, denominator = (
        f"CASE WHEN {scaled} THEN scaled_{name} ELSE {name} END" for name in ("num", "den")
    )
    ratio = "numerator / NULLIF(denominator, 0)" if indicator.denominator else "numerator"
    chosen = select("*", f"{numerator} AS numerator", f"{denominator} AS denominator").from_(
        _weighed(plan, base, indicator).subquery("weighed")
    )
    value = f"CASE WHEN {enough} THEN {_multiplied(ratio)} END AS value"
    figures = select("*", value).from_(chosen.subquery("chosen"))
    basis = (
        "CASE WHEN value IS NULL THEN 'missing' WHEN part > 0 OR corrected = 3 THEN 'estimated' "
        f"WHEN worst < 1 THEN '{'estimated' if estimate else 'partial'}' "
        "WHEN corrected = 2 THEN 'recounted' WHEN corrected > 0 THEN 'corrected' ELSE 'reported' END AS basis"
    )
    kept = (*KEYS, *FIGURES, "scale", "worst", "numerator", "denominator", "value")
    counts = ("expected", "received", "usable")
    return select(*kept, *counts, f"{number} AS named", basis).from_(figures.subquery("valued"))


def _least(indicator: Indicator) -> float:
    """Share of reports from which there is a figure."""
    return {
        "refuse": 1.0,
        "partial": indicator.min_completeness,
        "estimate": indicator.estimate.min_completeness,
    }[indicator.missing]


def _pooled(engine: Engine, table: str, members: Mapping[int, Indicator]) -> str:
    """Name of the table in which the figures of indicators (by number) are those of their years."""
    made = f"{table}_years"
    query = with_pools(table, members, {number: _least(one) for number, one in members.items()})
    if all(one.pooled == 1 for one in members.values()):
        engine.view(made, query)
    else:
        engine.table(made, query)
        engine.drop([table])
    return made


def _multiplied(ratio: str) -> str:
    """scale × numerator ÷ denominator, multiplied first so that whole percentages come out whole."""
    return f"scale * {ratio}"


def _weighed(plan: Plan, base: Base, indicator: Indicator) -> Query:
    """Numerator and denominator as they are and scaled to all reports due, and how complete the worst measure is."""
    numbers = sorted(plan.numbers[name] for name in indicator.names if "." not in name)
    shares = [f"CASE WHEN e{at} > 0 THEN CAST(u{at} AS DOUBLE) / e{at} END AS h{at}" for at in numbers]
    inner = select("*", *shares).from_(base.table)
    for prefix, letter in (("", "v"), ("scaled_", "s")):
        numerator, denominator = _formulas(plan, base, indicator, letter)
        inner = inner.select(f"{numerator} AS {prefix}num", f"{denominator} AS {prefix}den")
    inner = inner.select(f"{_spread(plan, base, indicator)} AS den_sd")
    held = ", ".join(f"h{at}" for at in numbers)
    least = f"LEAST({held})" if len(numbers) > 1 else held or "NULL"
    shared = select("*", f"CAST({least} AS DOUBLE) AS least").from_(inner.subquery("inside"))
    scale = double(indicator.factor) + (" * per_year" if indicator.annualise else "")
    counted = {plan.programme.measures[name].dataset.name for name in indicator.names if "." not in name}
    shares_in = [f"COALESCE(p{at}, 0)" for at, name in enumerate(base.datasets) if name in counted]
    marks = [f"COALESCE(k{at}, 0)" for at in numbers] or ["0"]
    corrected = f"GREATEST({', '.join(marks)})" if len(marks) > 1 else marks[0]
    return (
        select(*KEYS, *FIGURES, f"{scale} AS scale", "COALESCE(least, 1e0) AS worst")
        .select(f"{' + '.join(shares_in) or '0'} AS part", f"{corrected} AS corrected", *_counts(numbers))
        .from_(shared.subquery("shared"))
        .where(f"breakdown = {TOTAL} OR NOT num IS NULL OR NOT den IS NULL")
    )


def _formulas(plan: Plan, base: Base, indicator: Indicator, letter: str) -> tuple[str, str]:
    """Numerator and denominator over values as they are (v) or scaled (s); without a denominator NULL."""
    above, below = (
        _formula(plan, base, indicator, part, letter) for part in (indicator.numerator, indicator.denominator)
    )
    return above, below


def _spread(plan: Plan, base: Base, indicator: Indicator) -> str:
    """Standard deviation of the denominator: what units share, added up, and what they do not, in squares."""
    shared, own = (
        _formula(plan, base, indicator, part, "v")
        for part in (indicator.denominator_sd, indicator.denominator_variance)
    )
    if indicator.denominator_variance is None:
        return shared
    own = f"CASE WHEN {own} >= 0 THEN {own} END"
    return f"SQRT({own})" if indicator.denominator_sd is None else f"SQRT({shared} * {shared} + {own})"


def _formula(plan: Plan, base: Base, indicator: Indicator, part: Expression | None, letter: str) -> str:
    """One part of an indicator over the values' columns as a double, NULL where it has none."""
    if part is None:
        return "CAST(NULL AS DOUBLE)"
    columns = {name: f"{letter}{plan.numbers[name]}" for name in indicator.names if "." not in name}
    columns |= {
        name: f"CAST({base.report(dataset, word)} AS DOUBLE)"
        for name, (dataset, word) in dotted(indicator).items()
    }
    return f"CAST({formula(part, columns)} AS DOUBLE)"


def _counts(numbers: Sequence[int]) -> list[str]:
    """Expected, received and usable of the least complete measure; of the first dataset where no measure enters."""
    found = []
    for name, letter in (("expected", "e"), ("received", "r"), ("usable", "u")):
        if not numbers:
            found.append(f"q0_{'expected' if name == 'expected' else 'received'} AS {name}")
            continue
        worst = " ".join(f"WHEN h{at} = least THEN {letter}{at}" for at in numbers)
        found.append(f"COALESCE(CASE {worst} ELSE {letter}{numbers[0]} END, 0) AS {name}")
    return found
