"""How lines earn points: each kind of award against itself and the indicator's direction."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.contract import (
    Bands,
    Checklist,
    Deadline,
    Improvement,
    Mark,
    PerIncident,
    Proportional,
    WrittenContract,
    WrittenLine,
)
from tallymark.programme.written.figures import WrittenIndicator


def check_award(
    scope: Scope,
    path: Path_,
    line: WrittenLine,
    *,
    contract: WrittenContract,
    indicator: WrittenIndicator | None,
) -> None:
    """Finds contradictions in a line's award; `indicator` is None when it is unknown or there is none."""
    check = _CHECKS.get(type(line.award))
    if check is not None:
        check(scope, contract, line, indicator, (*path, "award"))


def _proportional(scope: Scope, _: Any, line: Any, indicator: WrittenIndicator | None, path: Path_) -> None:
    award: Proportional = line.award
    values: dict[str, Any] = {"floor": f"{award.floor:g}", "target": f"{award.target:g}"}
    if award.floor == award.target:
        scope.wrong(
            "award",
            (*path, "target"),
            "floor and target are both {target}: there is nothing between them",
            "for all or nothing write kind: all_or_nothing",
            **values,
        )
    elif indicator is not None and indicator.direction == "higher" and award.target < award.floor:
        scope.wrong(
            "award",
            (*path, "target"),
            "higher is better, but the target ({target}) is below the floor ({floor})",
            "exchange them, or correct the indicator's direction",
            **values,
        )
    elif indicator is not None and indicator.direction == "lower" and award.target > award.floor:
        scope.wrong(
            "award",
            (*path, "target"),
            "lower is better, but the target ({target}) is above the floor ({floor})",
            "the floor is the value that earns nothing: write one above the target",
            **values,
        )


def _bands(scope: Scope, _: Any, line: Any, indicator: WrittenIndicator | None, path: Path_) -> None:
    award: Bands = line.award
    bounds = [band.bound for band in award.bands]
    for at, bound in enumerate(bounds):
        if bound in bounds[:at]:
            scope.wrong("award", (*path, "bands", at), "two bands begin at {bound}", bound=f"{bound:g}")
            return
    if indicator is None or indicator.direction == "none":
        return
    sign = 1 if indicator.direction == "higher" else -1
    best_first = sorted(range(len(bounds)), key=lambda at: -sign * bounds[at])
    for better, worse in pairwise(best_first):
        if award.bands[better].share <= award.bands[worse].share:
            scope.wrong(
                "award",
                (*path, "bands", better),
                "{better} earns {share} of the points, no more than {worse} does",
                "the share must rise towards better values ({direction} is better)",
                better=f"{bounds[better]:g}",
                worse=f"{bounds[worse]:g}",
                share=f"{award.bands[better].share:g}",
                direction=indicator.direction,
            )


def _per_incident(scope: Scope, _: Any, line: Any, indicator: WrittenIndicator | None, path: Path_) -> None:
    award: PerIncident = line.award
    if award.least >= line.points:
        scope.wrong(
            "award",
            (*path, "least"),
            "never less than {least} of {points} points: incidents cost nothing",
            least=f"{award.least:g}",
            points=f"{line.points:g}",
        )
    if indicator is not None and indicator.direction == "higher":
        scope.wrong("award", path, "incidents cost points, but the indicator says that higher is better",
                    "correct the direction, or write another kind of award")  # fmt: skip


def _checklist(scope: Scope, _: Any, line: Any, indicator: WrittenIndicator | None, path: Path_) -> None:
    award: Checklist = line.award
    names = [*scope.names("measures"), *scope.names("indicators")]
    for name in award.things:
        if scope.known(name, names, (*path, "things", name), "figure"):
            scope.used.add(name)
    if min(award.things.values()) < 0 or not math.fsum(award.things.values()) > 0:
        scope.wrong("award", (*path, "things"), "the weights must be positive")
    if line.indicator is not None:
        scope.wrong(
            "no_effect",
            (*path[:-1], "indicator"),
            "a checklist scores its things; `indicator` means nothing",
            severity=Severity.WARNING,
        )


def _mark(scope: Scope, _: Any, line: Any, indicator: WrittenIndicator | None, path: Path_) -> None:
    award: Mark = line.award
    if indicator is not None and indicator.direction == "lower":
        scope.wrong("award", path, "a mark out of {most} is better when higher, but the indicator says lower",
                    most=f"{award.out_of:g}")  # fmt: skip


def _deadline(
    scope: Scope, contract: WrittenContract, line: Any, indicator: WrittenIndicator | None, path: Path_
) -> None:
    award: Deadline = line.award
    if indicator is not None and not _is_date(scope, indicator):
        scope.wrong("award", (*path, "kind"), "'{indicator}' is no date, so it cannot meet a deadline",
                    "score a measure of an item with `type: date`, or another kind of award",
                    indicator=line.indicator)  # fmt: skip
    period = _period(scope, contract)
    if period is not None and award.by < period.start:
        scope.wrong("award", (*path, "by"), "{by} is before the contract's period begins ({start})",
                    severity=Severity.WARNING, by=award.by, start=period.start)  # fmt: skip
    if award.grace_days == 0 and award.late_share > 0:
        scope.wrong("no_effect", (*path, "late_share"), "`late_share` means nothing without `grace_days`",
                    severity=Severity.WARNING)  # fmt: skip


def _is_date(scope: Scope, indicator: WrittenIndicator) -> bool:
    """Whether an indicator is one measure of a date (or of something that could not be read)."""
    measure = scope.written.measures.get(indicator.numerator.strip())
    if measure is None:
        return indicator.numerator.strip() in scope.names("measures")
    dataset = scope.written.datasets.get(measure.dataset)
    item = dataset.items.get(measure.item or "") if dataset else None
    return dataset is None or (item is not None and item.type == "date")


def _improvement(scope: Scope, _: Any, line: Any, indicator: WrittenIndicator | None, path: Path_) -> None:
    award: Improvement = line.award
    values: dict[str, Any] = {"floor": f"{award.floor:g}", "target": f"{award.target:g}"}
    if award.floor == award.target:
        scope.wrong(
            "award",
            (*path, "target"),
            "floor and target are both {target}: there is nothing between them",
            **values,
        )
    elif award.target < award.floor and indicator is not None and indicator.direction == "higher":
        scope.wrong(
            "award", (*path, "target"), "the improvement aimed at ({target}) is not above the floor ({floor})",
            "write improvements as positive numbers", **values,
        )  # fmt: skip
    if indicator is not None and award.over not in indicator.compare:
        scope.wrong("award", (*path, "over"), "'{indicator}' is not compared with {over}",
                    "add {over} to the indicator's `compare:`", indicator=line.indicator, over=award.over)  # fmt: skip
    elif indicator is not None and indicator.pooled is not None:
        scope.wrong("award", (*path, "over"), "figures of {years} share years with those before: no improvement shows",
                    "score an indicator of its own without `pooled:`", years=indicator.pooled)  # fmt: skip


def _period(scope: Scope, contract: WrittenContract) -> Any:
    try:
        return scope.calendar.parse(contract.period)
    except ValueError:
        return None


_CHECKS: dict[type, Callable[..., None]] = {
    Proportional: _proportional,
    Bands: _bands,
    PerIncident: _per_incident,
    Checklist: _checklist,
    Mark: _mark,
    Deadline: _deadline,
    Improvement: _improvement,
}
