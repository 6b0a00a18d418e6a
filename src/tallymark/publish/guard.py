"""What may leave the run: declared columns only, suppressed figures emptied, content of registers left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.periods import Calendar, Period
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Dataset, Programme
from tallymark.publish.hearing import heard_first
from tallymark.texts import translate

PERSONAL = frozenset({"personal", "sensitive"})
WITHHELD = "A row of a register that holds personal data; what it says is shown to the office only."

_HIDDEN_WITH = {
    "measures": ("value",),
    "indicators": ("numerator", "denominator", "value", "low", "high", "previous", "last_year", "three_year_mean",
                   "shrunk", "shrunk_low", "shrunk_high",
                   "against_95", "against_998"),
    "scores": ("value", "low", "high", "points", "points_low", "points_high"),
}  # fmt: skip
DIFFERENCES = (
    "value",
    "other",
    "difference",
    "low",
    "high",
    "ratio",
    "ratio_low",
    "ratio_high",
    "p",
    "q",
    "told",
)
COMPOSITE = (
    "value", "rank", "value_low", "value_high", "rank_low", "rank_high", "rank_best", "rank_worst", "same_rank",
)  # fmt: skip
_OFFICE_ONLY = {"verdicts": ("reported", "recounted", "value", "low", "high", "nature", "evidence")}
"""Single values may be small, and what differences ask for is not public before it is settled."""
KEYS = ("unit", "period", "indicator", "breakdown", "category")
_UNSETTLED = ("verify.inquiry", "verify.ruling_not_counted")
"""Findings that the unit has to be heard on first."""
FEWEST_UNITS = 5
"""Units over which a metric of data quality is public: over fewer its value may be a single unit's figure."""
UNHEARD = ("awaiting_answer", "check_open")
"""Reasons of verdicts that stand only because somebody may still answer."""
_YEARS_BACK = {"last_year": 1, "three_year_mean": 3}

Mask = npt.NDArray[np.bool_]


def guarded(
    tables: Mapping[str, pa.Table], programme: Programme, *, office: bool = False
) -> dict[str, pa.Table]:
    """Every result table as it may be published.

    Columns that `model/tables.py` does not declare are left out, whatever they hold. Where `basis` is
    `suppressed`, figures are NULL, also where they would show up as another period's comparison or as a gap.
    Findings in rows of a dataset with personal columns keep code, dataset, unit and period only.
    office: findings and verdicts in full, for those who hear the units; people stay covered.
    """
    safe = {name: declared(name, table) for name, table in tables.items() if name in TABLES}
    safe["differences"] = _without_suppressed(safe["differences"], safe["indicators"])
    safe["composites"] = _without_hidden_parts(safe["composites"], safe["indicators"], programme)
    hidden_lines = _suppressed(safe["scores"])
    for name, columns in _HIDDEN_WITH.items():
        mask = _suppressed(safe[name])
        if not mask.any():
            continue
        if name == "indicators":
            safe[name] = _without_comparisons(safe[name], mask, programme.calendar)
        safe[name] = _emptied(safe[name], columns, mask)
    if hidden_lines.any():
        safe["gaps"] = _gaps_without(safe["gaps"], safe["scores"].filter(pa.array(hidden_lines)))
    safe["findings"] = _redacted(safe["findings"], programme.datasets.values())
    if office:
        return safe
    for name, columns in _OFFICE_ONLY.items():
        safe[name] = _emptied(safe[name], columns, np.ones(safe[name].num_rows, np.bool_))
    unsettled = pc.is_in(safe["findings"].column("code"), pa.array(_UNSETTLED))
    settled = safe["findings"].filter(pc.invert(unsettled))
    safe["findings"] = heard_first(settled, programme.hearing)
    safe["verdicts"] = _unnamed(safe["verdicts"])
    few = np.asarray(
        pc.fill_null(pc.less(safe["quality"].column("units"), FEWEST_UNITS), True), dtype=np.bool_
    )
    safe["quality"] = _emptied(safe["quality"], ("value",), few)
    everywhere = np.ones(safe["quality"].num_rows, np.bool_)
    safe["quality"] = _emptied(safe["quality"], ("missed",), everywhere)
    return safe


def _unnamed(verdicts: pa.Table) -> pa.Table:
    """Verdicts without the unit, period and item of those on which a unit was not heard yet."""
    waiting = pc.fill_null(pc.is_in(verdicts.column("reason"), pa.array(UNHEARD)), False)
    mask = np.asarray(waiting.to_numpy(zero_copy_only=False), dtype=np.bool_)
    return _emptied(verdicts, ("unit", "period", "item"), mask) if mask.any() else verdicts


def _without_hidden_parts(composites: pa.Table, indicators: pa.Table, programme: Programme) -> pa.Table:
    """Composites emptied where a part is suppressed: it could be worked out from the others."""
    hidden = indicators.filter(pa.array(_suppressed(indicators)))
    gone = set(
        zip(*(hidden.column(name).to_pylist() for name in ("unit", "period", "indicator")), strict=True)
    )
    if not gone:
        return composites
    parts = {name: [part.indicator.name for part in one.parts] for name, one in programme.composites.items()}
    rows = zip(
        *(composites.column(name).to_pylist() for name in ("unit", "period", "composite")), strict=True
    )
    mask = [any((unit, period, part) in gone for part in parts.get(name, ())) for unit, period, name in rows]
    return _emptied(composites, COMPOSITE, np.array(mask, np.bool_))


def declared(name: str, table: pa.Table) -> pa.Table:
    """The table with exactly its declared columns, in order and type; a column that is not there is NULL."""
    schema = TABLES[name].schema
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _suppressed(table: pa.Table) -> Mask:
    found = pc.fill_null(pc.equal(table.column("basis"), "suppressed"), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _emptied(table: pa.Table, columns: Iterable[str], mask: Mask) -> pa.Table:
    condition = pa.array(mask)
    for column in columns:
        at = table.column_names.index(column)
        values = table.column(column)
        emptied = pc.if_else(condition, pa.scalar(None, values.type), values)
        table = table.set_column(at, table.schema.field(at), emptied)
    return table


def _codes(table: pa.Table, columns: Iterable[str]) -> npt.NDArray[np.int64]:
    combined = np.zeros(table.num_rows, np.int64)
    for column in columns:
        encoded = pc.fill_null(table.column(column), "").combine_chunks().dictionary_encode()
        combined = combined * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy()
    return combined


def _stand_in(codes: npt.NDArray[np.int64], others: npt.NDArray[np.int64]) -> Mask:
    """Which numbers stand among others; `np.isin` takes twenty times as long over large sparse numbers."""
    found = pc.is_in(pa.array(codes), pa.array(others))
    return np.asarray(found.to_numpy(zero_copy_only=False), np.bool_)


def _without_comparisons(table: pa.Table, hidden: Mask, calendar: Calendar) -> pa.Table:
    """Comparisons emptied where the figure compared with is itself suppressed."""
    series = _codes(table, ("unit", "indicator", "breakdown", "category"))
    encoded = table.column("period").combine_chunks().dictionary_encode()
    codes = encoded.dictionary.to_pylist()
    at = {code: i for i, code in enumerate(codes)}
    period = encoded.indices.to_numpy().astype(np.int64)
    size = len(codes) + 1
    taken = series[hidden] * size + period[hidden]
    for column, sources in _compared_with(codes, calendar).items():
        mask = np.zeros(table.num_rows, np.bool_)
        for source in sources:
            earlier = np.array([at.get(code, len(codes)) for code in source], np.int64)[period]
            mask |= _stand_in(series * size + earlier, taken)
        table = _emptied(table, (column,), mask)
    return table


def _compared_with(codes: list[str], calendar: Calendar) -> dict[str, list[list[str]]]:
    """For each comparison, the codes of the periods that it looks back to, one list of codes a step."""
    periods = [calendar.parse(code) for code in codes]
    back: dict[str, list[list[str]]] = {"previous": [[calendar.back(period).code for period in periods]]}
    for column, years in _YEARS_BACK.items():
        back[column] = [
            [_years_ago(period, n, calendar).code for period in periods] for n in range(1, years + 1)
        ]
    return back


def _years_ago(period: Period, years: int, calendar: Calendar) -> Period:
    for _ in range(years):
        period = calendar.last_year(period)
    return period


def _without_suppressed(differences: pa.Table, indicators: pa.Table) -> pa.Table:
    """Differences emptied where one of the two figures is suppressed, and what was adjusted for such ones."""
    hidden = indicators.filter(pa.array(_suppressed(indicators)))
    if not hidden.num_rows:
        return differences
    change = pc.equal(pc.fill_null(differences.column("breakdown"), ""), "")
    other = {
        "period": pc.if_else(change, differences.column("against"), differences.column("period")),
        "category": pc.if_else(change, differences.column("category"), differences.column("against")),
    }
    mask = _among(differences, hidden, KEYS)
    mask |= _among(differences.select(KEYS), hidden, KEYS, instead=other)
    together = ("level", "indicator", "breakdown")
    adjusted = _among(differences, differences.filter(pa.array(mask)), together)
    return _emptied(_emptied(differences, DIFFERENCES, mask), ("q",), adjusted)


def _among(
    table: pa.Table,
    others: pa.Table,
    columns: tuple[str, ...],
    instead: Mapping[str, pa.ChunkedArray] | None = None,
) -> Mask:
    """Rows whose values in some columns stand in a row of `others`; `instead` replaces columns of the first."""
    own = {name: (instead or {}).get(name, table.column(name)) for name in columns}
    both = pa.concat_tables([pa.table(own).cast(others.select(columns).schema), others.select(columns)])
    key = _codes(both, columns)
    return _stand_in(key[: table.num_rows], key[table.num_rows :])


def _gaps_without(gaps: pa.Table, hidden: pa.Table) -> pa.Table:
    both = pa.concat_tables([table.select(["unit", "contract", "line"]) for table in (gaps, hidden)])
    key = _codes(both, both.column_names)
    mask = _stand_in(key[: gaps.num_rows], key[gaps.num_rows :])
    return _emptied(gaps, ("lost", "value", "needed", "events_needed"), mask)


def _redacted(findings: pa.Table, datasets: Iterable[Dataset]) -> pa.Table:
    """Findings without what rows of registers say: message, hint, evidence and the cell they were found in."""
    personal = [dataset.name for dataset in datasets if holds_people(dataset)]
    in_register = pc.fill_null(pc.is_in(findings.column("dataset"), pa.array(personal, pa.string())), False)
    one_row = pc.or_(pc.is_valid(findings.column("row")), pc.is_valid(findings.column("cell")))
    mask = np.asarray(pc.and_(in_register, one_row).to_numpy(zero_copy_only=False), dtype=np.bool_)
    if not mask.any():
        return findings
    findings = _emptied(findings, ("hint", "hint_zh", "evidence", "sheet", "cell", "row"), mask)
    for column, language in (("message", "en"), ("message_zh", "zh")):
        at = findings.column_names.index(column)
        said = pc.if_else(pa.array(mask), translate(WITHHELD, language), findings.column(column))
        findings = findings.set_column(at, findings.schema.field(at), said)
    return findings


def holds_people(dataset: Dataset) -> bool:
    """Whether a dataset has a column or item about a person."""
    kept = [column.sensitivity for column in dataset.columns.values()]
    kept += [item.sensitivity for item in dataset.items.values()]
    return not PERSONAL.isdisjoint(kept)
