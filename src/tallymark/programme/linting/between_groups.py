"""Gaps between groups: whether there are groups to compare, and intervals to compare them by."""

from __future__ import annotations

from tallymark.findings import did_you_mean
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.linting.standardising import split_by
from tallymark.programme.written.figures import WrittenGaps, WrittenIndicator


def check_gaps(scope: Scope, path: Path_, indicator: WrittenIndicator) -> None:
    """Finds gaps that could never be told."""
    if indicator.gaps and not indicator.has_interval:
        scope.wrong("interval", (*path, "gaps"), "groups are compared by their intervals, and none is declared",
                    "add `interval:`, e.g. wilson for a share, poisson for a rate")  # fmt: skip
    if indicator.gaps and indicator.denominator is None:
        scope.wrong("wrong_value", (*path, "gaps"), "a larger group has larger counts; a gap is of a share or a rate",
                    "give the indicator a denominator, or leave `gaps:` out")  # fmt: skip
    if indicator.gaps and indicator.standardise is not None:
        scope.wrong("wrong_value", (*path, "gaps"),
                    "a standardised rate has no figures of groups: only those of its ages, which are not standardised",
                    "declare the gaps for an indicator of its own without `standardise:`")  # fmt: skip
        return
    listed = isinstance(scope.folder.sections["indicators"][path[1]].get("gaps"), list)
    seen: set[str] = set()
    for at, gap in enumerate(indicator.gaps):
        place: Path_ = (*path, "gaps", at) if listed else (*path, "gaps")
        if gap.breakdown in seen:
            scope.wrong("duplicate", (*place, "breakdown"), "'{breakdown}' stands twice",
                        "groups are set against one reference", breakdown=gap.breakdown)  # fmt: skip
        seen.add(gap.breakdown)
        _check_one(scope, path, place, gap)


def _check_one(scope: Scope, path: Path_, place: Path_, gap: WrittenGaps) -> None:
    datasets = split_by(scope, path, gap.breakdown, (*place, "breakdown"))
    for name, dataset in datasets.items():
        column = dataset.columns.get(gap.breakdown)
        values = column.values if column else None
        if values and gap.reference not in values:
            near = did_you_mean(gap.reference, values)
            scope.wrong("unknown_category", (*place, "reference"), "'{breakdown}' of '{dataset}' has no group '{group}'",
                        "did you mean {near}?" if near else "groups are {known}", breakdown=gap.breakdown, dataset=name,
                        group=gap.reference, near=", ".join(near), known=", ".join(values))  # fmt: skip
            return
        if values and len(values) < 2:
            scope.wrong("wrong_value", (*place, "breakdown"), "'{breakdown}' has one group: nothing to compare it with",
                        breakdown=gap.breakdown)  # fmt: skip
            return
