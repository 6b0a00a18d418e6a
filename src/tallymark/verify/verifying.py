"""Declared verifications over a store: recounts, corrections, answers and checks, then a verdict for every value."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine, tuples
from tallymark.engine.sql import among, select
from tallymark.findings import Finding, Severity, Where
from tallymark.model.periods import Period
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Dataset, Programme, Verification
from tallymark.store import Store, stored
from tallymark.verify.recounts import Factor, Nature, Pair, factors, natures
from tallymark.verify.verdicts import Answer, Known, Value, Verdict, correcting, decide_all

Key = tuple[str, str, str]
LOOKED = "looked_reports"


@dataclass(frozen=True, slots=True)
class Verified:
    """Tables `verdicts` and `factors`, findings, and the values that take the place of reported ones."""

    verdicts: pa.Table
    factors: pa.Table
    findings: tuple[Finding, ...]
    replaced: Mapping[str, pa.Table] = field(default_factory=dict)
    """Dataset → unit, period, item, reported, value, basis, of verifications that declare `values: verified`."""


def verify(
    programme: Programme,
    store: Store,
    checked: pa.Table,
    *,
    period: Period,
    version: int,
    engine: Engine,
) -> Verified:
    """Every declared verification over the reports of a period, as the store stood at `version`."""
    parts = [
        _verified(programme, store, checked, one, period=period, version=version, engine=engine)
        for one in programme.verifications.values()
    ]
    return Verified(
        pa.concat_tables([TABLES["verdicts"].schema.empty_table(), *(part.verdicts for part in parts)]),
        pa.concat_tables([TABLES["factors"].schema.empty_table(), *(part.factors for part in parts)]),
        tuple(finding for part in parts for finding in part.findings),
        _together(part.replaced for part in parts),
    )


def _together(parts: Iterable[Mapping[str, pa.Table]]) -> dict[str, pa.Table]:
    """What replaces values of each dataset; of a value that two verifications decide, the first counts."""
    found: dict[str, list[pa.Table]] = {}
    for part in parts:
        for name, rows in part.items():
            found.setdefault(name, []).append(rows)
    keys = ["unit", "period", "item"]
    return {
        name: pa.concat_tables(rows).group_by(keys, use_threads=False).aggregate(
            [(column, "first") for column in ("reported", "value", "basis")]
        ).rename_columns([*keys, "reported", "value", "basis"])
        for name, rows in found.items()
    }  # fmt: skip


def replacing(verdicts: Sequence[Verdict]) -> pa.Table:
    """Values that were recounted or estimated, units heard: unit, period, item, reported, value, basis."""
    chosen = [
        each for each in verdicts
        if each.verdict in ("recounted", "estimated") and each.value.reported is not None and each.use is not None
    ]  # fmt: skip
    return pa.table({
        "unit": pa.array([each.value.unit for each in chosen], pa.string()),
        "period": pa.array([each.value.period for each in chosen], pa.string()),
        "item": pa.array([each.value.item for each in chosen], pa.string()),
        "reported": pa.array([each.value.reported for each in chosen], pa.float64()),
        "value": pa.array([each.use for each in chosen], pa.float64()),
        "basis": pa.array([each.basis for each in chosen], pa.string()),
    })  # fmt: skip


def _verified(
    programme: Programme,
    store: Store,
    checked: pa.Table,
    one: Verification,
    *,
    period: Period,
    version: int,
    engine: Engine,
) -> Verified:
    spans = {each.code: each for each in programme.calendar.within(period, one.of.frequency or "month")}
    reported = _reports(store, one.of, one.items, spans, version=version, engine=engine)
    recounted = _reports(store, one.by, one.items, spans, version=version, engine=engine)
    strata = _strata(programme, one, period)
    values = list(_values(programme, one, reported, strata, spans, _corrected(store, one.of, version)))
    pairs = list(
        _pairs(
            one,
            reported,
            recounted,
            strata,
            _weights(store, one, spans, version=version, engine=engine),
        )
    )
    found = factors(pairs)
    types = natures(pairs, tolerance=one.tolerance, helps=one.helps, evidence=one.evidence)
    answers = _answers(store, one, version=version, engine=engine)
    known = Known(
        recounts={(p.unit, p.period, p.item): (p, recounted[p.unit, p.period, p.item].at) for p in pairs}
        | {
            key: (Pair(*key, 0.0, row.value), row.at)
            for key, row in recounted.items()
            if key not in reported and row.value is not None
        },
        answers=answers,
        checks=_open_checks(programme, one, checked),
        factors=correcting(found, least=one.least_pairs) if one.estimate else {},
        natures=types,
        evident=_evident(store, one, answers, recounted, spans, engine=engine),
    )
    today = last_day(store, version)
    verdicts = decide_all(values, known, tolerance=one.tolerance, answer_days=one.answer_days, today=today)
    return Verified(
        _verdict_table(one, verdicts),
        _factor_table(one, found, values, known),
        (*_findings(one, found, types), *_unfounded(one, verdicts)),
        {one.of.name: replacing(verdicts)} if one.values == "verified" else {},
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A reported value in force, with where it lies and when it came."""

    value: float | None
    at: dt.date
    batch: int
    row: int


def _reports(
    store: Store,
    dataset: Dataset,
    items: Iterable[str],
    spans: Mapping[str, Period],
    *,
    version: int,
    engine: Engine,
) -> dict[Key, Row]:
    """Values in force by unit, period and item; parts are added, and one missing leaves the sum missing."""
    engine.relation(LOOKED, stored(store, dataset, version))
    query = (
        select("unit", "period", "item", "CASE WHEN COUNT(value) = COUNT(*) THEN SUM(value) END AS value")
        .select("CAST(MAX(_at) AS DATE) AS day", "MAX(_batch) AS batch", "MAX_BY(_row, _batch) AS at_row")
        .from_(LOOKED)
        .where(among("period", spans), among("item", items))
        .group_by("unit", "period", "item")
    )
    rows = tuples(engine.rows(query))
    engine.drop([LOOKED])
    return {
        (unit, period, item): Row(value, at, batch, row) for unit, period, item, value, at, batch, row in rows
    }


def _weights(
    store: Store,
    one: Verification,
    spans: Mapping[str, Period],
    *,
    version: int,
    engine: Engine,
) -> dict[tuple[str, str], float]:
    if one.weight is None:
        return {}
    found = _reports(store, one.by, [one.weight], spans, version=version, engine=engine)
    return {
        (unit, period): row.value for (unit, period, _), row in found.items() if row.value and row.value > 0
    }


def _corrected(store: Store, dataset: Dataset, version: int) -> set[tuple[int, int]]:
    """Batch and row of the values that replaced earlier ones."""
    rows = store.system("_superseded", version)
    rows = rows.filter(
        pc.and_(pc.equal(rows.column("dataset"), dataset.name), pc.is_valid(rows.column("new_row")))
    )
    return set(zip(rows.column("_batch").to_pylist(), rows.column("new_row").to_pylist(), strict=True))


def _strata(programme: Programme, one: Verification, period: Period) -> dict[str, str]:
    if one.stratum is None:
        return {}
    table = programme.units.ancestry_on(period.end).to_pydict()
    columns = zip(table["unit"], table["ancestor"], table["level"], strict=True)
    return {unit: ancestor for unit, ancestor, level in columns if level == one.stratum.code}


def _values(
    programme: Programme,
    one: Verification,
    reported: Mapping[Key, Row],
    strata: Mapping[str, str],
    spans: Mapping[str, Period],
    corrected: set[tuple[int, int]],
) -> Iterator[Value]:
    """Every value that was reported or should have been."""
    wanted = set(reported)
    if one.of.level is not None:
        for code, span in spans.items():
            units = programme.units.at_level(one.of.level.code, span.end)
            wanted |= {(unit, code, item) for unit in units for item in one.items}
    for unit, code, item in wanted:
        row = reported.get((unit, code, item))
        due = spans[code].end + dt.timedelta(days=one.of.due_days) if one.of.due_days is not None else None
        fixed = row is not None and (row.batch, row.row) in corrected
        yield Value(
            unit,
            code,
            item,
            row.value if row else None,
            stratum=strata.get(unit, ""),
            corrected_at=row.at if row and fixed else None,
            due=due,
        )


def _pairs(
    one: Verification,
    reported: Mapping[Key, Row],
    recounted: Mapping[Key, Row],
    strata: Mapping[str, str],
    weights: Mapping[tuple[str, str], float],
) -> Iterator[Pair]:
    for key, row in sorted(recounted.items()):
        before = reported.get(key)
        if before is None or before.value is None or row.value is None:
            continue
        unit, period, item = key
        yield Pair(
            unit,
            period,
            item,
            before.value,
            row.value,
            stratum=strata.get(unit, ""),
            weight=weights.get((unit, period), 1.0),
        )


def _answers(store: Store, one: Verification, *, version: int, engine: Engine) -> dict[Key, Answer]:
    """The last answer and the last ruling for each value; a ruling in a row of its own leaves the answer."""
    if one.answers is None:
        return {}
    engine.relation(LOOKED, stored(store, one.answers, version))
    query = select("_unit", "period", "item", "answer", "ruling").from_(LOOKED).order_by("_batch", "_row")
    rows = tuples(engine.rows(query))
    engine.drop([LOOKED])
    found: dict[Key, Answer] = {}
    for unit, period, item, answer, ruling in rows:
        before = found.get((unit, period, item), Answer())
        found[unit, period, item] = Answer(answer or before.answer, ruling or before.ruling)
    return found


def _evident(
    store: Store,
    one: Verification,
    answers: Mapping[Key, Answer],
    recounted: Mapping[Key, Row],
    spans: Mapping[str, Period],
    *,
    engine: Engine,
) -> frozenset[tuple[str, str]]:
    """Unit and item with a ruling of falsification whose differences met the evidence rules when recounted.

    Values are read as they stood when the recount came in: putting them right afterwards changes no evidence.
    """
    ruled = {(unit, item) for (unit, _, item), said in answers.items() if said.ruling == "falsification"}
    asked = {
        key: row for key, row in recounted.items() if (key[0], key[2]) in ruled and row.value is not None
    }
    pairs = []
    for batch in sorted({row.batch for row in asked.values()}):
        before = _reports(store, one.of, one.items, spans, version=batch, engine=engine)
        pairs += [
            Pair(*key, before[key].value or 0.0, row.value or 0.0)
            for key, row in asked.items()
            if row.batch == batch and key in before and before[key].value is not None
        ]
    found = natures(pairs, tolerance=one.tolerance, helps=one.helps, evidence=one.evidence)
    return frozenset(key for key, nature in found.items() if nature.kind == "inquiry")


def _open_checks(programme: Programme, one: Verification, checked: pa.Table) -> dict[Key, tuple[str, ...]]:
    """Checks that dispute values and fail, not waived, for the items that they read."""
    found: dict[Key, tuple[str, ...]] = {}
    disputing = [f"check.{name}" for name, check in programme.checks.items() if check.disputes]
    asked = pc.and_(
        pc.is_in(checked.column("code"), pa.array(disputing, pa.string())),
        pc.equal(checked.column("dataset"), one.of.name),
    )
    rows = checked.filter(pc.and_(asked, pc.is_null(checked.column("waived"))))
    for row in rows.select(["code", "unit", "period"]).to_pylist():
        check = programme.checks[row["code"].removeprefix("check.")]
        read = [programme.measures[name] for name in check.reads if name in programme.measures]
        for item in {
            measure.item
            for measure in read
            if measure.dataset.name == one.of.name and measure.item in one.items
        }:
            key = (row["unit"], row["period"], str(item))
            found[key] = (*found.get(key, ()), row["code"])
    return found


def last_day(store: Store, version: int) -> dt.date:
    """The day of the last delivery: what “today” is for data of this version, whenever the run is made."""
    moments = store.receipts(version).column("at").to_pylist()
    last: dt.datetime = max(moments)
    return last.date()


def _verdict_table(one: Verification, verdicts: Sequence[Verdict]) -> pa.Table:
    rows = [
        {
            "verification": one.name,
            "dataset": one.of.name,
            "unit": each.value.unit,
            "period": each.value.period,
            "item": each.value.item,
            "reported": each.value.reported,
            "recounted": each.recounted,
            "value": each.use,
            "low": each.low,
            "high": each.high,
            "verdict": each.verdict,
            "basis": each.basis,
            "reason": each.reason,
            "nature": each.nature,
            "counts": each.counts,
            "evidence": json.dumps(each.evidence, ensure_ascii=False, sort_keys=True)
            if each.evidence
            else None,
        }
        for each in verdicts
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["verdicts"].schema)


def _factor_table(
    one: Verification, found: Sequence[Factor], values: Sequence[Value], known: Known
) -> pa.Table:
    """Factors, with what units not recounted reported and what a recount of them would find."""
    rows = []
    for each in found:
        others = [
            value.reported
            for value in values
            if value.item == each.item
            and each.stratum in ("", value.stratum)
            and value.reported is not None
            and (value.unit, value.period, value.item) not in known.recounts
        ]
        rest = float(sum(others))
        numbers = {name: _known(getattr(each, name)) for name in ("factor", "low", "high")}
        rows.append(
            {
                "verification": one.name,
                "item": each.item,
                "stratum": each.stratum,
                "units": each.units,
                "pairs": each.pairs,
                "reported": each.reported,
                "recounted": each.recounted,
                **numbers,
                "band": each.band,
                "others_reported": rest,
                "others_expected": _known(rest * each.factor),
            }
        )
    return pa.Table.from_pylist(rows, schema=TABLES["factors"].schema)


def _known(number: float) -> float | None:
    return None if isnan(number) else number


def _findings(
    one: Verification, found: Sequence[Factor], types: Mapping[tuple[str, str], Nature]
) -> Iterator[Finding]:
    for each in found:
        if each.band in ("over_reported", "under_reported"):
            yield Finding(
                f"verify.{each.band}",
                Severity.WARNING,
                "{title}: recounts of {item} are {factor:.3f} of what was reported "
                "({pairs} values of {units} units{stratum})",
                "compare how the office and the recount count; if both are sure, recount more units of this stratum",
                values={
                    "title": one.title["en"],
                    "item": each.item,
                    "factor": each.factor,
                    "pairs": each.pairs,
                    "units": each.units,
                    "stratum": f", {each.stratum}" if each.stratum else "",
                },
                where=Where(dataset=one.of.name, item=each.item, unit=each.stratum or None),
                evidence={"low": _known(each.low), "high": _known(each.high)},
            )
    for (unit, item), nature in sorted(types.items()):
        if nature.kind == "inquiry":
            yield Finding(
                "verify.inquiry",
                Severity.WARNING,
                "{title}: in {differing} of {compared} periods the report of {item} differs from the recount, "
                "{helping:.0%} of them "
                "to the unit's advantage, by {size:+.1%} in all",
                "this says what is odd, not why: hear the unit, look at its registers together, "
                "and recount once more by others",
                values={
                    "title": one.title["en"],
                    "item": item,
                    "differing": nature.differing,
                    "compared": nature.compared,
                    "helping": nature.helping,
                    "size": nature.size,
                },
                where=Where(dataset=one.of.name, item=item, unit=unit),
                evidence={"chance": nature.chance},
            )


def _unfounded(one: Verification, verdicts: Sequence[Verdict]) -> Iterator[Finding]:
    """Rulings of falsification that no gate counts as such: the unit was not heard, or the evidence rules are not met."""
    for each in verdicts:
        if each.evidence.get("ruling") == "falsification" and each.counts != "falsified":
            yield Finding(
                "verify.ruling_not_counted",
                Severity.NOTE,
                "{title}: {item} was ruled falsification, but no contract counts it as such: the declared evidence "
                "rules (size, direction, repetition) are not met, or the unit may still answer",
                "recount more periods of this unit, or wait until it was heard",
                values={"title": one.title["en"], "item": each.value.item},
                where=Where(
                    dataset=one.of.name, item=each.value.item, unit=each.value.unit, period=each.value.period
                ),
            )
