"""What takes noise into account: shrinkage, figures too small to score, tiers and chances, sensitivity to weights."""

from __future__ import annotations

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.contract import WrittenContract
from tallymark.programme.written.figures import WrittenIndicator

OF_COUNTS = ("poisson-gamma", "eb-poisson")
OF_SHARES = ("beta-binomial", "eb-binomial")
COUNTS = ("poisson", "byar")
SHARES = ("wilson", "clopper-pearson", "jeffreys")
NO_EFFECT_WITHOUT_NOISE = ("group", "wrong_orders")


def check_shrinkage(scope: Scope, path: Path_, indicator: WrittenIndicator) -> None:
    """Finds ways of drawing values together that the indicator does not allow."""
    way = indicator.shrink
    place: Path_ = (*path, "shrink")
    if way in (*OF_COUNTS, *OF_SHARES) and indicator.denominator is None:
        scope.wrong(
            "shrinkage",
            place,
            "'{way}' needs a denominator: how much each unit's figure rests on",
            "add `denominator:`, or write `shrink: normal` with an `interval:`",
            way=way,
        )
    elif way in OF_COUNTS and indicator.interval in (*SHARES, "ratio"):
        scope.wrong(
            "shrinkage",
            place,
            "'{way}' is for counts over a population, but the interval ({interval}) is one of a share",
            "for a share write beta-binomial",
            way=way,
            interval=indicator.interval,
        )
    elif way in OF_SHARES and indicator.interval in (*COUNTS, "ratio"):
        scope.wrong(
            "shrinkage",
            place,
            "'{way}' is for shares, but the interval ({interval}) is one of a count or a ratio",
            "for counts over a population write poisson-gamma",
            way=way,
            interval=indicator.interval,
        )
    elif way == "normal" and not indicator.has_interval:
        scope.wrong("shrinkage", place, "'normal' draws by the width of the interval, and there is none",
                    "declare an `interval:`, or write beta-binomial or poisson-gamma")  # fmt: skip


def check_too_small(scope: Scope, path: Path_, indicator: WrittenIndicator) -> None:
    """Finds rules that never or always call a figure too small."""
    rule = indicator.too_small
    if rule is None:
        return
    place: Path_ = (*path, "too_small")
    if rule.cases == 0 and rule.events == 0 and rule.width is None and scope.sound(path):
        scope.wrong("no_effect", place, "nothing is too small by this rule",
                    "write `cases`, `events` or `width`", severity=Severity.WARNING)  # fmt: skip
    if rule.width is not None and not indicator.has_interval:
        scope.wrong(
            "interval",
            (*place, "width"),
            "`width` is that of the interval, and there is none: every figure would be too small",
            "declare an `interval:` for the indicator",
        )


def check_pooled(scope: Scope, path: Path_, indicator: WrittenIndicator) -> None:
    """Finds figures that do not become those of several years by adding."""
    if indicator.pooled is None:
        return
    place: Path_ = (*path, "pooled")
    if indicator.denominator is None:
        scope.wrong("wrong_value", place, "a count of several years is only larger; a share or a rate can be pooled",
                    "give the indicator a denominator, or leave `pooled:` out")  # fmt: skip
    if "compare" in indicator.model_fields_set and indicator.compare:
        scope.wrong("no_effect", (*path, "compare"), "figures of {years} share years with those before",
                    "leave `compare:` out, or compare an indicator of its own without `pooled:`",
                    severity=Severity.WARNING, years=indicator.pooled)  # fmt: skip
    for key in ("numerator", "denominator"):
        expression = scope.expressions.get((*path, key))
        for name in sorted(expression.names) if expression else ():
            measure = scope.written.measures.get(name)
            if measure is not None and measure.aggregate == "distinct":
                scope.wrong("wrong_value", place, "'{name}' counts who is different within a year: years do not add up",
                            "count rows, or leave `pooled:` out", name=name)  # fmt: skip


def check_ranking(scope: Scope, path: Path_, contract: WrittenContract) -> None:
    """Finds what a contract's ranking asks for in vain."""
    ranking = contract.ranking
    if ranking is None:
        return
    asked = [key for key in NO_EFFECT_WITHOUT_NOISE if getattr(ranking, key) is not None]
    asked += ["by"] if ranking.by == "expected" else []
    if asked and contract.sections and not _any_interval(scope, contract):
        for key in asked:
            scope.wrong(
                "interval",
                (*path, "ranking", key),
                "no line's indicator has an interval, so `{key}` has nothing to go by",
                "declare an `interval:` for the indicators that are shares or counts",
                severity=Severity.WARNING,
                key=key,
            )
    if ranking.intervals == "none" and "level" in ranking.model_fields_set:
        scope.wrong("no_effect", (*path, "ranking", "level"), "`level` is that of the sets of ranks, and none are made",
                    "leave it out, or write `intervals: stepdown`", severity=Severity.WARNING)  # fmt: skip
    _check_group(scope, path, contract)
    parts = sum(len(section.lines) for section in contract.sections) or len(contract.bundle)
    if ranking.weights is not None and parts == 1:
        scope.wrong("no_effect", (*path, "ranking", "weights"), "a single line has no other weight to move against",
                    severity=Severity.WARNING)  # fmt: skip


def _check_group(scope: Scope, path: Path_, contract: WrittenContract) -> None:
    """A group of the best that everybody is in tells nothing."""
    size = contract.ranking.group if contract.ranking else None
    if size is None or scope.units is None or contract.level not in scope.levels:
        return
    many = len(contract.units or [one for one in scope.units.levels if one == contract.level])
    if size >= many:
        scope.wrong("no_effect", (*path, "ranking", "group"), "all {many} units are among the best {size}",
                    "write a group smaller than the number of units", severity=Severity.WARNING, many=many,
                    size=size)  # fmt: skip


def _any_interval(scope: Scope, contract: WrittenContract) -> bool:
    """Whether a line's figure has an interval; taken as yes while an indicator is unknown."""
    names = [line.indicator for section in contract.sections for line in section.lines if line.indicator]
    found = [scope.written.indicators.get(name) for name in names]
    return any(one is None or one.has_interval for one in found)
