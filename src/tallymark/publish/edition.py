"""One language's edition of the site: the facts, the plan and the words, and how it shows names and figures."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tallymark.model.text import Text
from tallymark.programme.resolve_standard import standardised, weighed
from tallymark.programme.resolved import Indicator, Programme
from tallymark.programme.written.figures import STATISTICS_ONLY
from tallymark.publish.facts import Facts
from tallymark.publish.numbers import (
    SIGNS,
    Kind,
    Shown,
    day_text,
    decimal,
    kind_of,
    period_text,
    plain,
    spread,
    with_unit,
)
from tallymark.publish.plan import Plan
from tallymark.publish.records import Figure
from tallymark.publish.words import Words

EPOCH = dt.date(1970, 1, 1)
COUNTS = {"expected": "reports due", "received": "reports received", "on_time": "reports in time"}


@dataclass(frozen=True, slots=True)
class Edition:
    """What every page of one language is made from."""

    facts: Facts
    plan: Plan
    words: Words
    titles: Mapping[str, Text]
    """Measure, indicator or `dataset.expected` → title."""
    dates: frozenset[str]
    """Indicators whose figure is a day."""

    @property
    def language(self) -> str:
        return self.words.language

    def name(self, unit: str) -> str:
        """A unit's name."""
        return self.facts.places.name(unit)[self.language]

    def level(self, unit: str) -> Text:
        """The title of a unit's level."""
        place = self.facts.places.by_code.get(unit)
        return self.facts.level(place.level).title if place else Text()

    def number(self, indicator: Indicator, value: float) -> str:
        """A value of an indicator without what it is in; a day where it is one."""
        if indicator.name in self.dates and math.isfinite(value):
            return day_text(EPOCH + dt.timedelta(days=round(value)), self.language)
        return decimal(value, indicator.decimals)

    def value(self, indicator: Indicator, value: float) -> str:
        """A value of an indicator with what it is in."""
        if indicator.name in self.dates:
            return self.number(indicator, value)
        return with_unit(self.number(indicator, value), indicator.unit[self.language], self.language)

    def interval(self, indicator: Indicator, figure: Figure) -> str:
        """The figure's interval, empty when there is none."""
        return (
            ""
            if indicator.name in self.dates
            else spread(figure.low, figure.high, indicator.decimals, self.language)
        )

    def counted(self, indicator: Indicator, value: float) -> str:
        """A numerator or denominator; sums of days are no numbers for people."""
        return "" if indicator.name in self.dates else plain(value)

    def shown(self, indicator: Indicator, figure: Figure | None) -> Shown:
        """A figure as a cell shows it; a figure that the run does not have was not expected."""
        if figure is None:
            return Shown(Kind.NOT_EXPECTED, SIGNS[Kind.NOT_EXPECTED])
        kind = kind_of(
            figure.value, basis=figure.basis, expected=figure.expected, denominator=figure.denominator
        )
        if kind in (Kind.VALUE, Kind.ZERO):
            return Shown(kind, self.number(indicator, figure.value))
        return Shown(kind, SIGNS[kind])

    def period(self, code: str) -> str:
        """A period in words."""
        return period_text(
            self.facts.programme.calendar.parse(code), self.facts.programme.calendar, self.language
        )

    def in_words(self, indicator: Indicator) -> str:
        """The formula in words."""
        plain = formula(
            indicator,
            lambda expression: expression.in_words(self.titles, self.language),
            self.words("periods a year"),
        )
        return standardised(self.facts.programme, indicator, plain, self.language)


KINDS = {
    Kind.VALUE: "value",
    Kind.ZERO: "zero",
    Kind.MISSING: "missing",
    Kind.NOT_EXPECTED: "not expected",
    Kind.SUPPRESSED: "suppressed",
    Kind.UNDEFINED: "no cases to divide by",
}


def formula(indicator: Indicator, shown: Any, yearly: str) -> str:
    """factor × numerator ÷ denominator, with each part shown by `shown`; parentheses only where needed."""
    parts = [] if indicator.factor == 1 else [decimal(indicator.factor, _places(indicator.factor))]
    parts.append(_bracketed(shown(indicator.numerator), indicator.numerator.names))
    text = " × ".join(parts)
    if indicator.denominator is not None:
        text += f" ÷ {_bracketed(shown(indicator.denominator), indicator.denominator.names)}"
    return f"{text} × {yearly}" if indicator.annualise else text


def symbols(indicator: Indicator) -> str:
    """The formula with the codes of measures."""
    return weighed(indicator, formula(indicator, lambda expression: expression.text, "periods_a_year"))


def _places(factor: float) -> int:
    return 0 if factor == int(factor) else 4


def _bracketed(text: str, names: frozenset[str]) -> str:
    return text if len(names) <= 1 and not any(sign in text for sign in "+*/") else f"({text})"


def statistic_only(indicator: Indicator) -> bool:
    """Whether a figure may be published but never scored, ranked, targeted or alerted on (the rights line)."""
    return indicator.concerns in STATISTICS_ONLY


def edition(facts: Facts, plan: Plan, language: str) -> Edition:
    """The edition of a language."""
    return Edition(facts, plan, Words(language), _titles(facts.programme, language), _dates(facts.programme))


def _titles(programme: Programme, language: str) -> dict[str, Text]:
    titles: dict[str, Text] = {
        name: measure.title or Text(name) for name, measure in programme.measures.items()
    }
    titles.update((name, indicator.title or Text(name)) for name, indicator in programme.indicators.items())
    words = Words(language)
    for code, dataset in programme.datasets.items():
        for count, said in COUNTS.items():
            label = words("{dataset}: {count}", dataset=dataset.title or Text(code), count=words(said))
            titles[f"{code}.{count}"] = Text(label, label)
    return titles


def _dates(programme: Programme) -> frozenset[str]:
    """Indicators that are a day, or the mean of days: one measure of a date item, perhaps by reports received."""
    found = []
    for indicator in programme.indicators.values():
        measure = programme.measures.get(indicator.numerator.text.strip())
        item = measure.dataset.items.get(measure.item or "") if measure else None
        if item is not None and item.type == "date" and indicator.factor == 1 and not indicator.annualise:
            found.append(indicator.name)
    return frozenset(found)
