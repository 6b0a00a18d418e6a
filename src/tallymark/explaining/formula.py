"""An indicator's formula in words and in symbols."""

from __future__ import annotations

from collections.abc import Callable

from tallymark.model.expressions import Expression
from tallymark.model.text import Text
from tallymark.programme.resolve_standard import standardised, weighed
from tallymark.programme.resolved import Indicator, Programme
from tallymark.texts import translate


def formula_in_words(programme: Programme, indicator: Indicator) -> Text:
    """factor × numerator ÷ denominator with titles instead of codes."""
    titles = {name: measure.title for name, measure in programme.measures.items()}

    def shown(language: str) -> str:
        yearly = translate("periods a year", language)
        plain = _formula(indicator, lambda expression: expression.in_words(titles, language), yearly)
        return standardised(programme, indicator, plain, language)

    return Text(shown("en"), shown("zh"))


def formula_in_symbols(indicator: Indicator) -> str:
    """factor × numerator ÷ denominator with the codes of measures."""
    plain = _formula(indicator, lambda expression: expression.text, "periods_a_year")
    return weighed(indicator, plain)


def _formula(indicator: Indicator, shown: Callable[[Expression], str], periods: str) -> str:
    factor = f"{indicator.factor:g} × " if indicator.factor != 1 else ""
    yearly = f" × {periods}" if indicator.annualise else ""
    if indicator.denominator is None:
        return f"{factor}{shown(indicator.numerator)}{yearly}"
    return f"{factor}({shown(indicator.numerator)}) ÷ ({shown(indicator.denominator)}){yearly}"
