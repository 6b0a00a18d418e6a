"""Composite indicators: combinations that have no meaning are refused before anything is computed."""

from __future__ import annotations

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.composite import WrittenComposite, WrittenPart
from tallymark.statistics.scales import REACH_ZERO


def check_composites(scope: Scope) -> None:
    """Finds what is wrong with each composite indicator."""
    for name, composite in scope.written.composites.items():
        path: Path_ = ("composites", name)
        if name in scope.written.indicators:
            scope.wrong("duplicate", path, "'{name}' is an indicator, too", "rename one of them", name=name)
        _check_scale(scope, path, composite)
        if len(composite.parts) == 1:
            scope.wrong("composite", (*path, "parts"), "a single figure is no composite",
                        "put in another one, or use the indicator itself")  # fmt: skip
        seen: set[str] = set()
        for at, part in enumerate(composite.parts):
            place: Path_ = (*path, "parts", at)
            if part.indicator in seen:
                scope.wrong("duplicate", (*place, "indicator"), "'{name}' stands twice",
                            "write it once, with the weight of both", name=part.indicator)  # fmt: skip
            seen.add(part.indicator)
            _check_part(scope, place, composite, part)


def _check_scale(scope: Scope, path: Path_, composite: WrittenComposite) -> None:
    scale, way = composite.normalise, composite.aggregate
    if way == "geometric" and scale in REACH_ZERO:
        scope.wrong(
            "composite", (*path, "aggregate"),
            "a geometric mean of figures scaled by '{scale}' has no meaning, as the worst unit has {least}",
            "write `normalise: percentile` or `target`, or `aggregate: arithmetic`", scale=scale, least=LEAST[scale],
        )  # fmt: skip
    weighed = len({part.weight for part in composite.parts}) > 1
    if way == "minimum" and weighed:
        scope.wrong("no_effect", (*path, "aggregate"), "the least of the figures counts alone: weights change nothing",
                    "leave the weights out, or write `aggregate: arithmetic` or `geometric`",
                    severity=Severity.WARNING)  # fmt: skip
    if way == "minimum" and composite.spread is not None:
        scope.wrong("no_effect", (*path, "spread"), "the least of the figures counts alone: weights change nothing",
                    "leave `spread:` out", severity=Severity.WARNING)  # fmt: skip


LEAST = {scale: "0" if least == "0" else "< 0" for scale, least in REACH_ZERO.items()}


def _check_part(scope: Scope, path: Path_, composite: WrittenComposite, part: WrittenPart) -> None:
    if not scope.known(part.indicator, scope.names("indicators"), (*path, "indicator"), "indicator"):
        return
    indicator = scope.written.indicators.get(part.indicator)
    if indicator is None:
        return
    if indicator.direction == "none":
        scope.wrong("direction", (*path, "indicator"), "'{name}' has `direction: none`: no side of it is better",
                    "put in indicators with a better side", name=part.indicator)  # fmt: skip
    if indicator.denominator is None:
        scope.wrong("composite", (*path, "indicator"), "'{name}' is a count: the largest unit would be best",
                    "give the indicator a denominator", name=part.indicator)  # fmt: skip
    if composite.normalise == "target" and part.target is None:
        scope.wrong("missing_key", path, "`normalise: target` needs a `target:` for each part",
                    "add the figure of '{name}' that counts in full", name=part.indicator)  # fmt: skip
    if composite.normalise != "target" and part.target is not None:
        scope.wrong("no_effect", (*path, "target"), "a target belongs to `normalise: target`",
                    "leave it out, or write `normalise: target`")  # fmt: skip
