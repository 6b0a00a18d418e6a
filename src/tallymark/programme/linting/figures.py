"""Measures, indicators and checks."""

from __future__ import annotations

from collections.abc import Mapping

from tallymark.findings import Severity, did_you_mean, errors_among
from tallymark.model.expressions import Expression
from tallymark.model.expressions.tree import Call, Name, Value, walk
from tallymark.programme.comparing import base_of, relatives, sides
from tallymark.programme.files import Path_
from tallymark.programme.linting.between_groups import check_gaps
from tallymark.programme.linting.datasets import column_kinds, reserved
from tallymark.programme.linting.noise import SHARES, check_pooled, check_shrinkage, check_too_small
from tallymark.programme.linting.scope import Scope
from tallymark.programme.linting.standardising import check_standard
from tallymark.programme.written.data import WrittenDataset
from tallymark.programme.written.figures import WrittenIndicator, WrittenMeasure

AGGREGATES = {"events": ("count", "sum", "distinct"), "reports": ("sum",), "stocks": ("stock",)}
OVER_TIME = {
    "events": ("sum",),
    "reports": ("sum", "last", "first", "average"),
    "stocks": ("mid_period", "average", "last", "first"),
}
"""Kind of dataset → what is allowed, the default first."""


def check_measures(scope: Scope) -> None:
    """Finds what is wrong with each measure."""
    _check_names(scope, "measures")
    for name, measure in scope.written.measures.items():
        path: Path_ = ("measures", name)
        if not scope.known(measure.dataset, scope.names("datasets"), (*path, "dataset"), "dataset"):
            continue
        dataset = scope.written.datasets.get(measure.dataset)
        if dataset is None:
            continue
        kinds = column_kinds(dataset)
        if measure.where is not None:
            where = scope.expression((*path, "where"), measure.where, kinds, "boolean")
            if where:
                check_categories(scope, (*path, "where"), where, dataset)
        _check_way(scope, path, measure, dataset)
        if dataset.kind == "events":
            _check_events(scope, path, measure, kinds)
        else:
            _check_item(scope, path, measure, dataset)


def _check_names(scope: Scope, section: str) -> None:
    seen: dict[str, str] = {}
    for name in scope.names(section):
        first = seen.setdefault(name.lower(), name)
        if first != name:
            scope.wrong("duplicate", (section, name), "'{name}' and '{first}' differ only in capitals",
                        "databases take them for one; rename one", name=name, first=first)  # fmt: skip
        elif reserved(name):
            scope.wrong(
                "reserved_name",
                (section, name),
                "'{name}' cannot be used as a name: it is a word of SQL",
                "rename it, e.g. {name}_",
                name=name,
            )


def _check_way(scope: Scope, path: Path_, measure: WrittenMeasure, dataset: WrittenDataset) -> None:
    for key, allowed in (("aggregate", AGGREGATES), ("over_time", OVER_TIME)):
        word = getattr(measure, key)
        if word is not None and word not in allowed[dataset.kind]:
            scope.wrong(
                "wrong_value",
                (*path, key),
                "{kind} cannot be taken by `{key}: {word}`",
                "allowed are {known}",
                kind=dataset.kind,
                key=key,
                word=word,
                known=", ".join(allowed[dataset.kind]),
            )


def _check_events(scope: Scope, path: Path_, measure: WrittenMeasure, kinds: Mapping[str, str]) -> None:
    aggregate = measure.aggregate or "count"
    if measure.item is not None:
        scope.wrong("no_effect", (*path, "item"), "events have columns, not items",
                    "write `aggregate: sum` and `of: {item}`", item=measure.item)  # fmt: skip
    if aggregate == "count":
        if measure.of is not None:
            scope.wrong("no_effect", (*path, "of"), "a count counts rows; `of` means nothing",
                        "write `aggregate: sum` or `distinct`, or a condition under `where`")  # fmt: skip
        return
    if measure.of is None:
        scope.wrong("missing_key", path, "`aggregate: {aggregate}` needs `of:`, the column it is taken of",
                    aggregate=aggregate)  # fmt: skip
    elif aggregate == "sum":
        scope.expression((*path, "of"), measure.of, kinds, "number")
    elif aggregate == "distinct" and scope.known(measure.of.strip(), kinds, (*path, "of"), "column"):
        scope.expression((*path, "of"), measure.of.strip(), kinds)


def _check_item(scope: Scope, path: Path_, measure: WrittenMeasure, dataset: WrittenDataset) -> None:
    if measure.of is not None:
        scope.wrong("no_effect", (*path, "of"), "{kind} have items; `of` means nothing",
                    "write `item:`", kind=dataset.kind)  # fmt: skip
    if measure.item is None:
        scope.wrong(
            "missing_key",
            path,
            "a measure of {kind} needs `item:`",
            "items of '{dataset}' are {known}",
            kind=dataset.kind,
            dataset=measure.dataset,
            known=", ".join([*dataset.items][:8]),
        )
    else:
        scope.known(measure.item, dataset.items, (*path, "item"), "item")


def check_categories(scope: Scope, path: Path_, where: Expression, dataset: WrittenDataset) -> None:
    """Finds texts that a category column is compared with and never has."""
    for node in walk(where.tree):
        if not (isinstance(node, Call) and node.op in ("=", "<>", "in")):
            continue
        columns = [arg.name for arg in node.args if isinstance(arg, Name)]
        texts = [arg.value for arg in node.args if isinstance(arg, Value) and isinstance(arg.value, str)]
        for column in columns:
            values = dataset.columns[column].values if column in dataset.columns else None
            for text in texts if values else ():
                if text not in (values or ()):
                    near = did_you_mean(text, values or ())
                    scope.wrong(
                        "unknown_category", path, "'{column}' is never '{text}'",
                        "did you mean {near}?" if near else "its values are {known}",
                        column=column, text=text, near=", ".join(near), known=", ".join((values or ())[:12]),
                    )  # fmt: skip


def check_indicators(scope: Scope) -> None:
    """Finds what is wrong with each indicator."""
    _check_names(scope, "indicators")
    names = scope.figures()
    for name, indicator in scope.written.indicators.items():
        path: Path_ = ("indicators", name)
        for key in ("numerator", "denominator", "denominator_sd", "denominator_variance"):
            text = getattr(indicator, key)
            if text is not None:
                found = scope.expression((*path, key), text, names, "number")
                scope.used |= found.names if found else set()
        _check_interval(scope, path, indicator)
        check_shrinkage(scope, path, indicator)
        check_too_small(scope, path, indicator)
        check_pooled(scope, path, indicator)
        _check_benchmark(scope, path, indicator)
        _check_uncertain(scope, path, indicator)
        check_standard(scope, path, indicator)
        check_gaps(scope, path, indicator)
        if indicator.factor == 0:
            scope.wrong("wrong_value", (*path, "factor"), "a factor of 0 makes every figure 0")
        if indicator.denominator is not None and indicator.denominator == indicator.numerator:
            scope.wrong("wrong_value", (*path, "denominator"), "numerator and denominator are the same",
                        severity=Severity.WARNING)  # fmt: skip
    _check_due(scope)


def _check_interval(scope: Scope, path: Path_, indicator: WrittenIndicator) -> None:
    if (
        indicator.interval in ("wilson", "clopper-pearson", "jeffreys", "ratio")
        and indicator.denominator is None
    ):
        scope.wrong(
            "interval",
            (*path, "interval"),
            "'{interval}' is an interval of a share; it needs a denominator",
            "for a count write poisson or byar",
            interval=indicator.interval,
        )


def _check_uncertain(scope: Scope, path: Path_, indicator: WrittenIndicator) -> None:
    """An uncertain denominator widens an interval, so there has to be one of each."""
    spreads = {
        key: text
        for key in ("denominator_sd", "denominator_variance")
        if (text := getattr(indicator, key)) is not None
    }
    for key, text in spreads.items():
        if indicator.denominator is None:
            scope.wrong(
                "wrong_value",
                (*path, key),
                "`{key}` is of a denominator, and there is none",
                "give the indicator a denominator, or leave `{key}:` out",
                key=key,
            )
        elif text.strip() == indicator.denominator.strip():
            scope.wrong("wrong_value", (*path, key),
                        "`{key}` is the denominator itself: it would be off by all of itself",
                        "name the measure that holds how far off it may be", key=key)  # fmt: skip
    if spreads and indicator.interval in ("none", "ratio"):
        scope.wrong(
            "interval",
            (*path, next(iter(spreads))),
            "an uncertain denominator widens the interval, and none that it could widen is declared",
            "add `interval:`, e.g. poisson for a rate, wilson for a share",
        )


def _check_benchmark(scope: Scope, path: Path_, indicator: WrittenIndicator) -> None:
    """A benchmark is compared by an interval, has a better side, and does not grow with the period."""
    if indicator.benchmark is None:
        return
    if not indicator.has_interval:
        scope.wrong("interval", (*path, "benchmark"), "a benchmark is compared with the interval, and none is declared",
                    "add `interval:`, e.g. wilson for a share, poisson for a rate")  # fmt: skip
    if indicator.denominator is None:
        scope.wrong("wrong_value", (*path, "benchmark"),
                    "a count grows with its period; a benchmark is of a share or a rate",
                    "give the indicator a denominator, or leave `benchmark:` out")  # fmt: skip
    if indicator.interval in SHARES and not 0 <= indicator.benchmark / (indicator.factor or 1) <= 1:
        scope.wrong("wrong_value", (*path, "benchmark"), "a share lies between 0 and {factor}; it is never {benchmark}",
                    "the benchmark is in the figure's own unit: 90, not 0.9 or 9000, for 90 %",
                    factor=f"{indicator.factor:g}", benchmark=f"{indicator.benchmark:g}")  # fmt: skip
    if indicator.direction == "none":
        scope.wrong("wrong_value", (*path, "benchmark"), "with `direction: none` no side of a benchmark is better",
                    "write `direction: higher` or `lower`, or leave `benchmark:` out")  # fmt: skip


def _check_due(scope: Scope) -> None:
    for path, expression in scope.expressions.items():
        for name in expression.names:
            dataset, _, count = name.partition(".")
            declared = scope.written.datasets.get(dataset)
            if count == "on_time" and declared is not None and declared.due is None:
                scope.wrong("missing_key", path, "'{name}' is never known: '{dataset}' has no due date",
                            "add `due:` with `days:` to the dataset", name=name, dataset=dataset)  # fmt: skip


def check_checks(scope: Scope) -> None:
    """Finds what is wrong with each check."""
    figures = scope.figures()
    names = figures | dict.fromkeys(scope.names("indicators"), "number")
    for name, check in scope.written.checks.items():
        path: Path_ = ("checks", name)
        more = dict.fromkeys(relatives([*scope.names("measures"), *scope.names("indicators")]), "number")
        expect = scope.expression((*path, "expect"), check.expect, names | more, "boolean")
        if expect:
            read = frozenset(map(base_of, expect.names))
            scope.used |= read
            check_ambiguous(scope, (*path, "expect"), read)
            if check.tolerance is not None and sides(expect) is None:
                scope.wrong("wrong_value", (*path, "tolerance"), "a tolerance needs a single comparison in `expect`",
                            "write one comparison (= < <= > >=), or check the parts by themselves")  # fmt: skip
            if check.at != "month" and any(name.startswith("past.") for name in expect.names):
                _no_past(scope, check.at, (*path, "expect"))
        scope.frequency(check.at, (*path, "at"), computed=True)
        if check.level is not None:
            scope.known(check.level, scope.levels, (*path, "level"), "level")
        for at, shown in enumerate(check.show):
            if scope.known(shown, names, (*path, "show", at), "figure"):
                scope.used.add(shown)


def _no_past(scope: Scope, at: str, path: Path_) -> None:
    if at in scope.calendar.years or at == "year":
        scope.wrong("no_effect", path, "`past` needs three periods within a year; '{frequency}' has fewer",
                    "compare with `previous` or `last_year`", severity=Severity.WARNING, frequency=at)  # fmt: skip


def check_ambiguous(scope: Scope, path: Path_, names: frozenset[str]) -> None:
    """Finds names that are both a measure and an indicator."""
    for name in sorted(names & set(scope.names("measures")) & set(scope.names("indicators"))):
        scope.wrong("ambiguous_name", path, "'{name}' is both a measure and an indicator",
                    "rename one of them, so that it is clear which is meant", name=name)  # fmt: skip


def check_unused(scope: Scope) -> None:
    """Notes measures that nothing uses; only once all that is declared can be read."""
    if errors_among(scope.folder.findings):
        return
    for name in scope.names("measures"):
        if name not in scope.used:
            scope.wrong("unused", ("measures", name), "nothing uses measure '{name}'",
                        "leave it, or use it in an indicator or a check", severity=Severity.NOTE, name=name)  # fmt: skip
