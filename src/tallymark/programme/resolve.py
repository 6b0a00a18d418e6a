"""Written declarations, found sound → the programme as stages see it: references bound, defaults filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from tallymark.model.text import Text
from tallymark.model.working_days import WEEK, WorkingDays
from tallymark.programme.comparing import tolerant
from tallymark.programme.linkages import Field, Linkage, RecordList
from tallymark.programme.linting.figures import AGGREGATES, OVER_TIME
from tallymark.programme.linting.scope import Scope
from tallymark.programme.resolve_contract import resolve_allocation, resolve_contracts
from tallymark.programme.resolve_patterns import resolve_patterns
from tallymark.programme.resolve_standard import standardise
from tallymark.programme.resolved import (
    Check,
    Column,
    Composite,
    Dataset,
    Example,
    Hearing,
    Indicator,
    Item,
    Level,
    Measure,
    Part,
    Programme,
    Source,
    Verification,
    Waiver,
)
from tallymark.programme.texts import text_of
from tallymark.programme.written.composite import WrittenComposite
from tallymark.programme.written.data import WrittenColumn, WrittenDataset, WrittenSource
from tallymark.programme.written.disclosure import WrittenDisclosure
from tallymark.programme.written.figures import WrittenExample, WrittenMeasure
from tallymark.programme.written.hearing import WrittenHearing
from tallymark.programme.written.linkage import WrittenLinkage
from tallymark.programme.written.place import WrittenWorkingDays
from tallymark.programme.written.verification import WrittenVerification
from tallymark.programme.written.waivers import WrittenWaiver

SPREAD = 0.2
"""Share by which weights are moved where a composite indicator does not say."""


def resolve(scope: Scope) -> Programme:
    """The programme of a scope in which no errors were found."""
    written = scope.written
    head, units = written.programme, scope.units
    assert units is not None  # a programme without units has an error
    levels = tuple(
        Level(level.code, text_of(level.title, level.code), depth)
        for depth, level in enumerate(head.levels, start=1)
    )
    of_level = {level.code: level for level in levels}
    datasets = {
        name: _dataset(scope, name, one, of_level, _counted(scope, name))
        for name, one in written.datasets.items()
    }
    measures = {name: _measure(scope, name, one, datasets) for name, one in written.measures.items()}
    indicators = {name: _indicator(scope, name, measures) for name in written.indicators}
    contracts = resolve_contracts(scope, of_level, indicators)
    patterns = written.patterns
    root = scope.folder.root
    return Programme(
        code=head.code,
        title=text_of(head.title, head.code),
        description=text_of(head.description),
        publisher=text_of(head.publisher),
        contact=text_of(head.contact),
        root=root,
        files=tuple(sorted(scope.folder.bytes)),
        hash=scope.folder.hash,
        levels=levels,
        calendar=scope.calendar,
        working_days=_working_days(head.working_days),
        units=units,
        geometry=root / written.units.geometry if written.units.geometry else None,
        geometry_key=written.units.geometry_key,
        datasets=datasets,
        sources={name: _source(name, one) for name, one in written.sources.items()},
        measures=measures,
        indicators=indicators,
        checks={name: _check(scope, name, of_level) for name in written.checks},
        verifications={
            name: _verification(name, one, datasets, of_level) for name, one in written.verifications.items()
        },
        contracts=contracts,
        allocations={
            code: resolve_allocation(scope, code, levels=of_level, measures=measures)
            for code in written.allocations
        },
        examples=tuple(_example(scope, at, one) for at, one in enumerate(written.tests)),
        composites={name: _composite(name, one, indicators) for name, one in written.composites.items()},
        linkages={name: _linkage(name, one) for name, one in written.linkages.items()},
        patterns=resolve_patterns(
            patterns, datasets, measures=measures, indicators=indicators, contracts=contracts
        )
        if patterns
        else None,
        disclosure=written.disclosure or WrittenDisclosure(),
        hearing=_hearing(written.hearing, datasets),
        waivers=tuple(_waiver(one) for one in written.waivers),
        review=written.review,
    )


def _source(name: str, one: WrittenSource) -> Source:
    return Source(name, text_of(one.title, name), one.format, tuple(one.tables))


def _hearing(one: WrittenHearing | None, datasets: Mapping[str, Dataset]) -> Hearing:
    if one is None:
        return Hearing()
    return Hearing(one.answer_days, datasets[one.answers] if one.answers else None, tuple(one.named))


def _waiver(one: WrittenWaiver) -> Waiver:
    code = f"check.{one.check}" if one.check else f"verify.{one.pattern}"
    return Waiver(
        code, one.reason, one.by, one.until, dataset=one.dataset, unit=one.unit, period=one.period, item=one.item
    )  # fmt: skip


def _working_days(one: WrittenWorkingDays) -> WorkingDays:
    holidays = {
        holiday.first + dt.timedelta(days=step)
        for holiday in one.holidays
        for step in range(((holiday.last or holiday.first) - holiday.first).days + 1)
    }
    free = frozenset(WEEK.index(day) for day in one.free)
    return WorkingDays(free, frozenset(holidays), frozenset(one.made_up))


def _verification(
    name: str, one: WrittenVerification, datasets: Mapping[str, Dataset], levels: Mapping[str, Level]
) -> Verification:
    of, by = datasets[one.of], datasets[one.by]
    return Verification(
        name=name,
        title=text_of(one.title, name),
        of=of,
        by=by,
        items=tuple(one.items) or tuple(item for item in of.items if item in by.items),
        stratum=levels[one.stratum] if one.stratum else None,
        weight=one.weight,
        tolerance=one.tolerance,
        helps=dict(one.helps),
        estimate=one.estimate,
        least_pairs=one.least_pairs,
        answers=datasets[one.answers] if one.answers else None,
        answer_days=one.answer_days,
        values=one.values,
        evidence=one.evidence,
    )


def _composite(name: str, one: WrittenComposite, indicators: Mapping[str, Indicator]) -> Composite:
    return Composite(
        name=name,
        title=text_of(one.title, name),
        description=text_of(one.description),
        parts=tuple(Part(indicators[part.indicator], part.weight, part.target) for part in one.parts),
        normalise=one.normalise,
        aggregate=one.aggregate,
        spread=SPREAD if one.spread is None else one.spread,
        decimals=one.decimals,
    )


def _linkage(name: str, one: WrittenLinkage) -> Linkage:
    lists = [
        RecordList(key, held.record, held.columns, held.unique, held.dataset, text_of(held.title, key))
        for key, held in one.lists.items()
    ]
    fields = [
        Field(key, field.kind, field.telling, text_of(field.title, key)) for key, field in one.fields.items()
    ]
    return Linkage(
        name, one.purpose, tuple(lists), tuple(fields), one.threshold, one.pairs_per_record,
        text_of(one.title, name),
    )  # fmt: skip


def _counted(scope: Scope, dataset: str) -> frozenset[str]:
    """Columns of a dataset that some measure counts distinct."""
    counted = [
        scope.expressions[path].names
        for name, measure in scope.written.measures.items()
        if measure.dataset == dataset and measure.aggregate == "distinct"
        if (path := ("measures", name, "of")) in scope.expressions
    ]
    return frozenset[str]().union(*counted)


def _dataset(
    scope: Scope, name: str, one: WrittenDataset, levels: Mapping[str, Level], counted: frozenset[str]
) -> Dataset:
    columns = {key: _column(key, column) for key, column in one.columns.items()}
    if one.kind == "events":
        # The columns that hold the unit and the date need no declaration of their own.
        if one.unit not in columns:
            columns[one.unit] = _column(one.unit, WrittenColumn(type="unit", required=True))
        if one.date and one.date not in columns:
            columns[one.date] = _column(one.date, WrittenColumn(type="date", required=True))
    return Dataset(
        name=name,
        kind=one.kind,
        title=text_of(one.title, name),
        level=levels.get(one.level) if one.level else None,
        unit=one.unit,
        date=one.date,
        key=tuple(one.key),
        frequency=one.frequency,
        columns=columns,
        items={
            key: Item(key, item.type, text_of(item.title, key), item.min, item.max, item.sensitivity)
            for key, item in one.items.items()
        },
        breakdowns=tuple(one.breakdowns),
        due_days=one.due.days if one.due else None,
        absence=one.absence,
        reporters=scope.expressions.get(("datasets", name, "reporters")),
        opened_for=tuple(one.opened_for),
        told_apart=counted | frozenset(one.key),
    )


def _column(name: str, column: WrittenColumn) -> Column:
    return Column(
        name=name,
        type=column.type,
        title=text_of(column.title, name),
        values=tuple(column.values) if column.values is not None else None,
        sensitivity=column.sensitivity,
        required=column.required,
        min=column.min,
        max=column.max,
    )


def _measure(scope: Scope, name: str, one: WrittenMeasure, datasets: Mapping[str, Dataset]) -> Measure:
    dataset = datasets[one.dataset]
    fallback = dataset.items[one.item].title if one.item else Text(name)
    return Measure(
        name=name,
        title=text_of(one.title, fallback),
        description=text_of(one.description),
        dataset=dataset,
        aggregate=one.aggregate or AGGREGATES[dataset.kind][0],
        of=scope.expressions.get(("measures", name, "of")),
        item=one.item,
        where=scope.expressions.get(("measures", name, "where")),
        over_time=one.over_time or OVER_TIME[dataset.kind][0],
    )


def _indicator(scope: Scope, name: str, measures: Mapping[str, Measure]) -> Indicator:
    one = scope.written.indicators[name]
    return Indicator(
        name=name,
        title=text_of(one.title, name),
        description=text_of(one.description),
        numerator=scope.expressions["indicators", name, "numerator"],
        denominator=scope.expressions.get(("indicators", name, "denominator")),
        denominator_sd=scope.expressions.get(("indicators", name, "denominator_sd")),
        denominator_variance=scope.expressions.get(("indicators", name, "denominator_variance")),
        factor=one.factor,
        unit=text_of(one.unit),
        decimals=one.decimals,
        direction=one.direction,
        concerns=one.concerns,
        interval="poisson" if one.standardise and one.interval == "none" else one.interval,
        shrink=one.shrink,
        too_small=one.too_small,
        annualise=one.annualise,
        missing=one.missing,
        min_completeness=one.min_completeness,
        estimate=one.estimate,
        compare=() if one.pooled else tuple(one.compare),
        source=one.source,
        benchmark=one.benchmark,
        gaps=tuple(one.gaps),
        pooled=int(one.pooled.split()[0]) if one.pooled else 1,
        publish=one.publish,
        standardise=standardise(scope, name, one.standardise, measures) if one.standardise else None,
    )


def _check(scope: Scope, name: str, levels: Mapping[str, Level]) -> Check:
    one = scope.written.checks[name]
    expect = scope.expressions["checks", name, "expect"]
    said = one.tolerance.model_dump() if one.tolerance else {}
    tolerance = {kind: float(much) for kind, much in said.items() if much is not None}
    return Check(
        name=name,
        title=text_of(one.title, name),
        expect=tolerant(expect, tolerance),
        at=one.at,
        level=levels[one.level] if one.level else None,
        severity=one.severity,
        hint=text_of(one.hint),
        show=tuple(one.show) or tuple(sorted(expect.names)),
        written=expect,
        tolerance=tolerance,
        value=one.value or "",
    )


def _example(scope: Scope, at: int, one: WrittenExample) -> Example:
    file, line, _ = scope.folder.positions.at(("tests", at))
    return Example(
        name=one.name,
        given={dataset: _rows(rows) for dataset, rows in one.given.items()},
        units=_rows(one.units) if one.units is not None else None,
        expect=_rows(one.expect),
        file=file,
        line=line,
    )


def _rows(rows: Sequence[Mapping[str, object]]) -> tuple[Mapping[str, object], ...]:
    return tuple(dict(row) for row in rows)
