"""Indicators of DHIS2 → ours: translated, or written as comments with the reason why not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tallymark.findings import Finding, Severity, Where
from tallymark.programme.dhis2.datasets import Declared, combination_name, written_title
from tallymark.programme.dhis2.metadata import Formula, Metadata
from tallymark.programme.dhis2.names import unique_names
from tallymark.programme.dhis2.translate import Known, translate
from tallymark.programme.dhis2.tree import NotSupported

CONCERNS = (
    (re.compile(r"stock|suppl|balance", re.I), "supply"),
    (re.compile(r"report|complete", re.I), "completeness"),
    (re.compile(r"\bbirths?\b(?! weight)|\blive ?birth", re.I), "births"),
    (re.compile(r"death|mortality", re.I), "deaths"),
    (re.compile(r"pregnan", re.I), "pregnancy"),
    (re.compile(r"population", re.I), "population"),
)
"""What an indicator's title suggests that it concerns; the first that fits. A person has to confirm it."""
OTHERWISE = "service_coverage"
INDICATOR = "the indicator “{name}” is not supported"
PROGRAM_INDICATOR = "the program indicator “{name}” is not supported"


@dataclass(slots=True)
class Indicators:
    """Indicators as written, measures that they need beside those of whole items, and what was refused."""

    written: dict[str, dict[str, Any]] = field(default_factory=dict)
    measures: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """Title → comment."""
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, said: Metadata, declared: Declared, file: str) -> Indicators:
        """The indicators of an export."""
        made = cls()
        own = [one for one in said.formulas if not one.program]
        known = Known(
            measure=lambda element, combination: made.measure(said, declared, element, combination),
            constants=said.constants,
            datasets=declared.dataset_names,
            indicators={one.uid: (one.numerator, one.denominator, one.factor) for one in own},
        )
        taken = (*declared.measures, *declared.dataset_names.values())
        names = unique_names(((one.uid, one.title.en) for one in said.formulas), taken)
        for one in said.formulas:
            try:
                made.written[names[one.uid]] = _written(one, known)
            except NotSupported as error:
                made.refuse(one, error, file)
        return made

    def measure(
        self, said: Metadata, declared: Declared, element: str, combination: str | None
    ) -> str | None:
        """The measure of an element, made when it is that of one combination; None when there is no such element."""
        item = declared.element_names.get(element)
        if item is None or combination is None:
            return item
        part = said.combinations.get(combination)
        if part is None or part.combo != said.elements[element].combo:
            return None
        if not part.options:
            return item
        conditions = [
            f"{declared.breakdowns[category]} = '{option.replace(chr(39), chr(39) * 2)}'"
            for category, option in part.options.items()
        ]
        name = combination_name(item, part.name)
        whole = declared.measures[item]
        title = f"{said.elements[element].title.en}: {part.name}"
        self.measures[name] = {**whole, "title": title, "where": " and ".join(conditions)}
        return name

    def refuse(self, one: Formula, error: NotSupported, file: str) -> None:
        """Keep an indicator that cannot be translated as a comment and a finding."""
        kind = "program indicator" if one.program else "indicator"
        formula = one.numerator if one.program else f"{one.numerator} / {one.denominator}"
        self.refused[one.title.en] = (
            f"not supported: {one.title.en} ({kind} {one.uid})\n  {formula}\n  {error}"
        )
        self.findings.append(
            Finding(
                "dhis2.not_supported",
                Severity.WARNING,
                PROGRAM_INDICATOR if one.program else INDICATOR,
                error.template,
                {"name": one.title.en, **error.values},
                Where(file=file, item=one.uid),
            )
        )


def _written(one: Formula, known: Known) -> dict[str, Any]:
    if one.program:
        raise NotSupported("it counts individual events, which this file does not carry")
    numerator = translate(one.numerator, known)
    denominator = translate(one.denominator, known)
    written: dict[str, Any] = {
        "title": written_title(one.title),
        **({"description": one.description} if one.description else {}),
        "numerator": numerator,
        **({} if denominator == "1" else {"denominator": denominator}),
        "factor": one.factor,
        **({"unit": "%"} if one.factor == 100 else {}),
        "direction": "none",
        "concerns": _concern(one.title.en),
        **({"annualise": True} if one.annualised else {}),
        **({"decimals": one.decimals} if one.decimals is not None else {}),
        "source": f"DHIS2 {one.uid}",
    }
    return written


def _concern(title: str) -> str:
    return next((concern for pattern, concern in CONCERNS if pattern.search(title)), OTHERWISE)
