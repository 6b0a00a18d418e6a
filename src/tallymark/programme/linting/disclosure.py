"""Disclosure control: names are known, and nothing that must be protected is declared an office's own."""

from __future__ import annotations

from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.data import WrittenDataset
from tallymark.programme.written.figures import STATISTICS_ONLY, WrittenMeasure


def check_disclosure(scope: Scope) -> None:
    """Finds what is wrong with the declared rule of disclosure control."""
    one = scope.written.disclosure
    if one is None:
        return
    for key in ("people", "offices"):
        for at, name in enumerate(getattr(one, key)):
            path: Path_ = ("disclosure", key, at)
            if scope.known(name, scope.names("measures"), path, "measure") and key == "offices":
                _no_people(scope, path, name)
    for level, frequency in one.finest.items():
        scope.known(level, scope.levels, ("disclosure", "finest", level), "level")
        scope.frequency(frequency, ("disclosure", "finest", level), computed=True)


def _no_people(scope: Scope, path: Path_, name: str) -> None:
    """A measure of sensitive columns, or of statistics about people, is never an office's own."""
    measure = scope.written.measures.get(name)
    if measure is None:
        return
    sensitive = _sensitive(scope, name, measure)
    statistics = [
        one
        for one, indicator in scope.written.indicators.items()
        if indicator.concerns in STATISTICS_ONLY
        for part in ("numerator", "denominator")
        if name in getattr(scope.expressions.get(("indicators", one, part)), "names", ())
    ]
    if sensitive or statistics:
        scope.wrong(
            "disclosure",
            path,
            "'{name}' counts people ({why}); its small numbers are always withheld",
            "leave it out of `offices`",
            name=name,
            why=", ".join(sorted({*sensitive, *statistics})),
        )


def _sensitive(scope: Scope, name: str, measure: WrittenMeasure) -> list[str]:
    dataset: WrittenDataset | None = scope.written.datasets.get(measure.dataset)
    if dataset is None:
        return []
    used = {measure.item} if measure.item else set[str]()
    for part in ("of", "where"):
        used |= getattr(scope.expressions.get(("measures", name, part)), "names", frozenset())
    kept = {name: column.sensitivity for name, column in dataset.columns.items()}
    kept |= {name: item.sensitivity for name, item in dataset.items.items()}
    return [one for one in used if kept.get(one) == "sensitive"]
