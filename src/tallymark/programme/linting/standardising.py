"""Directly standardised rates: whether the standard's weights fit the age groups that there are."""

from __future__ import annotations

from collections.abc import Mapping

from tallymark.findings import did_you_mean
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.data import WrittenDataset
from tallymark.programme.written.figures import WrittenIndicator, WrittenStandardise
from tallymark.statistics.standards import STANDARDS, StandardError, standard_weights
from tallymark.texts import Message

ALLOWED = ("none", "poisson", "byar")
UNLIKE = ("none", "normal")
Datasets = Mapping[str, WrittenDataset]


def check_standard(scope: Scope, path: Path_, indicator: WrittenIndicator) -> None:
    """Finds what an indicator's standardisation lacks, or what beside it makes no sense."""
    one, place = indicator.standardise, (*path, "standardise")
    if one is None:
        return
    if indicator.denominator is None:
        scope.wrong("missing_key", place, "a standardised rate needs `denominator:`, the people of each group",
                    "give the indicator a denominator, or leave `standardise:` out")  # fmt: skip
    _check_beside(scope, path, indicator)
    datasets = split_by(scope, path, one.breakdown, (*place, "breakdown"))
    if datasets:
        groups = _groups(scope, datasets, one.breakdown, (*place, "breakdown"))
        if groups:
            _check_weights(scope, place, one, groups)


def _check_beside(scope: Scope, path: Path_, indicator: WrittenIndicator) -> None:
    if indicator.interval not in ALLOWED:
        scope.wrong(
            "interval",
            (*path, "interval"),
            "a standardised rate is of events in a population; '{interval}' is for shares and ratios",
            "leave `interval:` out; that of the rate is chosen by `standardise: interval`, dobson or fay-feuer",
            interval=indicator.interval,
        )
    if indicator.shrink not in UNLIKE:
        scope.wrong(
            "shrinkage",
            (*path, "shrink"),
            "'{way}' draws crude rates together, not standardised ones",
            "write `shrink: normal`, which goes by the interval",
            way=indicator.shrink,
        )
    for key in ("denominator_sd", "denominator_variance"):
        if getattr(indicator, key) is not None:
            scope.wrong(
                "interval",
                (*path, key),
                "the interval of a standardised rate takes the people of each group as known",
                "leave `{key}:` or `standardise:` out",
                key=key,
            )


def split_by(scope: Scope, path: Path_, breakdown: str, place: Path_) -> Datasets:
    """The datasets an indicator is made from, all split by a breakdown; findings and nothing where one is not."""
    found: dict[str, WrittenDataset] = {}
    for key in ("numerator", "denominator"):
        expression = scope.expressions.get((*path, key))
        if expression is None and key == "numerator":
            return {}
        for name in sorted(expression.names) if expression else ():
            measure = scope.written.measures.get(name)
            dataset = scope.written.datasets.get(measure.dataset) if measure else None
            if "." in name:
                scope.wrong("wrong_value", (*path, key), "'{name}' counts reports, which are not split by '{breakdown}'",
                            "make the indicator from measures alone", name=name, breakdown=breakdown)  # fmt: skip
                return {}
            if measure is None or dataset is None:
                return {}
            if breakdown not in dataset.breakdowns:
                _not_split(scope, place, measure.dataset, dataset, breakdown)
                return {}
            found[measure.dataset] = dataset
    return found


def _not_split(scope: Scope, place: Path_, name: str, dataset: WrittenDataset, breakdown: str) -> None:
    near = did_you_mean(breakdown, dataset.breakdowns)
    hint = "did you mean {near}?" if near else "it is split by {known}" if dataset.breakdowns else ""
    if breakdown in dataset.columns:
        hint = "add it to the dataset's `breakdowns:`"
    scope.wrong("unknown_name", place, "dataset '{dataset}' is not split by '{breakdown}'",
                hint or "add the column and name it under `breakdowns:`", dataset=name, breakdown=breakdown,
                near=", ".join(near), known=", ".join(dataset.breakdowns))  # fmt: skip


def _groups(scope: Scope, datasets: Datasets, breakdown: str, place: Path_) -> list[str]:
    """The groups that all datasets have; findings and none where they are not said or not the same."""
    first, *others = (
        (name, column.values if (column := one.columns.get(breakdown)) else None)
        for name, one in datasets.items()
    )
    for name, values in (first, *others):
        if not values:
            scope.wrong("missing_key", place, "which groups '{breakdown}' has is not declared in '{dataset}'",
                        "add `values:` to the column", breakdown=breakdown, dataset=name)  # fmt: skip
            return []
        for value in sorted(set(values) ^ set(first[1] or ())):
            lacking, having = (name, first[0]) if value in (first[1] or ()) else (first[0], name)
            scope.wrong("unknown_category", place, "'{dataset}' has no group '{value}' of '{breakdown}', '{other}' has",
                        "declare the same `values:` in both", dataset=lacking, other=having, value=value,
                        breakdown=breakdown)  # fmt: skip
            return []
    return list(first[1] or ())


def _check_weights(scope: Scope, path: Path_, one: WrittenStandardise, groups: list[str]) -> None:
    place: Path_ = (*path, "standard")
    if one.unit is not None and (isinstance(one.standard, dict) or one.standard in STANDARDS):
        scope.wrong("no_effect", (*path, "unit"), "the weights of this standard are those of no unit",
                    "leave `unit:` out, or name a measure of people as `standard:`")  # fmt: skip
    if isinstance(one.standard, dict):
        _check_declared(scope, place, one.standard, groups)
    elif one.standard in STANDARDS:
        try:
            standard_weights(one.standard, groups)
        except StandardError as error:
            scope.wrong(
                "standard",
                place,
                "the groups do not fit the standard '{standard}': {problem}",
                "make the groups of whole five years (0-4, 5-14, 85+), or write each group's weight yourself",
                standard=one.standard,
                problem=Message(error.template, **error.values),
            )
    else:
        _check_measure(scope, path, one, groups)


def _check_declared(scope: Scope, place: Path_, weights: Mapping[str, float], groups: list[str]) -> None:
    for group, weight in weights.items():
        if group not in groups:
            near = did_you_mean(group, groups)
            scope.wrong("unknown_category", (*place, group), "there is no group '{group}'",
                        "did you mean {near}?" if near else "groups are {known}",
                        group=group, near=", ".join(near), known=", ".join(groups))  # fmt: skip
        elif weight < 0:
            scope.wrong("standard", (*place, group), "the weight of '{group}' is {weight}; none is below 0",
                        group=group, weight=f"{weight:g}")  # fmt: skip
    lacking = [group for group in groups if group not in weights]
    if lacking and set(weights) <= set(groups):
        scope.wrong("standard", place, "the standard gives no weight to {groups}",
                    "write 0 to leave a group out", groups=", ".join(lacking))  # fmt: skip
    elif not any(weight > 0 for weight in weights.values()):
        scope.wrong("standard", place, "all weights are 0, so nothing would count")


def _check_measure(scope: Scope, path: Path_, one: WrittenStandardise, groups: list[str]) -> None:
    name, place = str(one.standard), (*path, "standard")
    measure = scope.written.measures.get(name)
    if measure is None:
        known = [*STANDARDS, *scope.names("measures")]
        near = did_you_mean(name, known)
        scope.wrong("unknown_name", place, "'{name}' is no standard population and no measure",
                    "did you mean {near}?" if near else "standards are {known}; or write the weight of each group",
                    name=name, near=", ".join(near), known=", ".join(STANDARDS))  # fmt: skip
        return
    scope.used.add(name)
    dataset = scope.written.datasets.get(measure.dataset)
    if dataset is None:
        return
    if dataset.kind != "stocks":
        scope.wrong("standard", place, "a standard is a population, and '{name}' is counted from {kind}",
                    "name a measure of a stock", name=name, kind=dataset.kind)  # fmt: skip
    elif one.breakdown not in dataset.breakdowns:
        _not_split(scope, place, measure.dataset, dataset, one.breakdown)
    elif set((column.values if (column := dataset.columns.get(one.breakdown)) else None) or ()) != set(
        groups
    ):
        scope.wrong("standard", place, "'{name}' has other groups of '{breakdown}' than the indicator",
                    "declare the same `values:` in both", name=name, breakdown=one.breakdown)  # fmt: skip
    _check_unit(scope, path, one)


def _check_unit(scope: Scope, path: Path_, one: WrittenStandardise) -> None:
    if scope.units is None:
        return
    if one.unit is not None:
        scope.known(one.unit, scope.units.codes, (*path, "unit"), "unit")
    elif len(top_units(scope)) > 1:
        scope.wrong("missing_key", path, "there are several top units; whose people are the standard?",
                    "add `unit:`, e.g. {unit}", unit=top_units(scope)[0])  # fmt: skip


def top_units(scope: Scope) -> list[str]:
    """The units of the highest level that has any."""
    assert scope.units is not None
    for level in scope.units.level_order:
        found = [
            code for code, own in zip(scope.units.codes, scope.units.levels, strict=True) if own == level
        ]
        if found:
            return found
    return []


def groups_of(scope: Scope, indicator: str, breakdown: str) -> list[str]:
    """The groups of a breakdown in the data that an indicator is made from; found sound before."""
    names = scope.expressions["indicators", indicator, "numerator"].names
    dataset = scope.written.datasets[scope.written.measures[sorted(names)[0]].dataset]
    return list(dataset.columns[breakdown].values or ())
