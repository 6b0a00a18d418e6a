"""What can be referred to in a programme, and how a wrong reference is reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tallymark.findings import Severity, did_you_mean
from tallymark.model.expressions import Expression, ExpressionError, parse_expression
from tallymark.model.periods import FREQUENCIES, Calendar, Period, PeriodError
from tallymark.model.units import Units
from tallymark.programme.files import Folder, Path_
from tallymark.programme.shape import Shape
from tallymark.programme.written import WrittenFolder

REPORT_COUNTS = ("expected", "received", "on_time")
KIND_OF_TYPE = {
    "text": "text", "category": "text", "unit": "text", "period": "text",
    "integer": "number", "number": "number", "date": "date", "boolean": "boolean",
}  # fmt: skip
"""Column type → kind of value in expressions."""


@dataclass(slots=True)
class Scope:
    """A programme while it is checked: what was read, what its names mean, and the expressions parsed so far."""

    folder: Folder
    shape: Shape
    calendar: Calendar
    units: Units | None
    written: WrittenFolder
    levels: tuple[str, ...]
    attributes: Mapping[str, str]
    """Unit attribute → kind of its values."""
    expressions: dict[Path_, Expression] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    """Measures that something refers to."""

    def wrong(
        self,
        code: str,
        path: Path_,
        template: str,
        hint: str = "",
        /,
        *,
        severity: Severity = Severity.ERROR,
        **values: object,
    ) -> None:
        """Adds a finding at a path."""
        self.folder.wrong(
            code, self.folder.positions.where(*path), template, hint, severity=severity, **values
        )

    def names(self, section: str) -> list[str]:
        """Every name declared in a section, those of unsound declarations too."""
        return self.shape.names.get(section, [])

    def known(self, name: str, names: Collection[str], path: Path_, what: str) -> bool:
        """Whether a name is among those known; a finding with did-you-mean when not. `what`: `a measure`…"""
        if name in names:
            return True
        if self.folder.unread:
            return False
        near = did_you_mean(name, names)
        listed = ", ".join(sorted(names)[:8]) + (", …" if len(names) > 8 else "")
        hint = "did you mean {near}?" if near else "known are {known}" if names else "none is declared"
        values: dict[str, Any] = {"name": name, "near": ", ".join(near), "known": listed}
        self.wrong("unknown_name", path, _UNKNOWN[what], hint, **values)
        return False

    def expression(
        self, path: Path_, text: str, names: Mapping[str, str], kind: str = "any"
    ) -> Expression | None:
        """The parsed expression at a path; a finding and None when it is wrong or not of the kind wanted."""
        try:
            found = parse_expression(text, names)
        except ExpressionError as error:
            if error.unknown and self.folder.unread:
                return None
            values: dict[str, Any] = dict(error.values)
            self.wrong("expression", path, error.template, error.hint, **values)
            return None
        if kind != "any" and found.kind not in (kind, "any"):
            self.wrong(
                "wrong_type", path, _NOT_KIND[kind], _KIND_HINT[kind], text=_short(text), kind=found.kind
            )
        self.expressions[path] = found
        return found

    def frequency(self, frequency: str, path: Path_, *, computed: bool = False) -> bool:
        """Whether a frequency is known (and computed by runs, when that is needed); findings when not."""
        known = [*FREQUENCIES, *self.calendar.years]
        if frequency not in known:
            near = did_you_mean(frequency, known)
            self.wrong("frequency", path, "'{frequency}' is not a frequency",
                       "did you mean {near}?" if near else "frequencies are {known}",
                       frequency=frequency, near=", ".join(near), known=", ".join(known))  # fmt: skip
            return False
        if computed and frequency not in self.calendar.frequencies:
            self.wrong(
                "frequency",
                path,
                "runs do not compute '{frequency}'",
                "add it to `calendar: frequencies`",
                frequency=frequency,
            )
            return False
        return True

    def period(self, code: str, path: Path_) -> Period | None:
        """The period a code names; a finding when it names none."""
        try:
            return self.calendar.parse(code)
        except PeriodError as error:
            values: dict[str, Any] = dict(error.values)
            self.wrong("period", path, error.template, **values)
            return None

    def sound(self, path: Path_) -> bool:
        """Whether nothing was left out of the declaration at a path."""
        return path not in self.shape.broken

    def figures(self) -> dict[str, str]:
        """Names that indicators are made from: measures and counts of reports."""
        found = dict.fromkeys(self.names("measures"), "number")
        for name, dataset in self.written.datasets.items():
            if dataset.kind == "reports":
                found |= {f"{name}.{count}": "number" for count in REPORT_COUNTS}
        return found


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


_UNKNOWN = {
    "dataset": "there is no dataset '{name}'",
    "column": "there is no column '{name}' in the dataset",
    "item": "there is no item '{name}' in the dataset",
    "measure": "there is no measure '{name}'",
    "indicator": "there is no indicator '{name}'",
    "figure": "there is no measure or indicator '{name}'",
    "level": "there is no level '{name}'",
    "unit": "there is no unit '{name}'",
    "attribute": "units have no attribute '{name}'",
    "contract": "there is no contract '{name}'",
    "check": "there is no check '{name}'",
    "verdict": "'{name}' is no verdict that a gate counts",
    "verification": "there is no verification '{name}'",
    "line": "the contract has no line '{name}'",
    "class": "no unit has the value '{name}'",
    "category": "'{name}' is not among the column's values",
    "linked": "the linkage has no field '{name}'",
}
_NOT_KIND = {
    "number": "'{text}' gives a {kind} value; a number is needed here",
    "boolean": "'{text}' gives a {kind} value; a condition is needed here",
}
_KIND_HINT = {
    "number": "write case when … then 1 else 0 end to count a condition",
    "boolean": "write a comparison such as x > 0",
}
