"""A written standard population → the weights that count, or the measure that says them; and both in words."""

from __future__ import annotations

from collections.abc import Mapping

from tallymark.model.text import Text
from tallymark.programme.linting.scope import Scope
from tallymark.programme.linting.standardising import groups_of, top_units
from tallymark.programme.resolved import Indicator, Measure, Programme, Standardise
from tallymark.programme.written.figures import WrittenStandardise
from tallymark.statistics.standards import STANDARDS, standard_weights
from tallymark.texts import translate

TITLES = {
    "who-2000-2025": Text(
        "the WHO world standard population 2000–2025", "世界卫生组织2000–2025年世界标准人口"
    ),
    "esp-2013": Text("the European standard population 2013", "2013年欧洲标准人口"),
}


def standardise(
    scope: Scope, indicator: str, one: WrittenStandardise, measures: Mapping[str, Measure]
) -> Standardise:
    """How a directly standardised rate is made, found sound before."""
    if isinstance(one.standard, dict):
        return _declared(one, Text("the declared standard population", "声明的标准人口"), one.standard)
    if one.standard in STANDARDS:
        groups = groups_of(scope, indicator, one.breakdown)
        return _declared(one, TITLES[one.standard], standard_weights(one.standard, groups))
    measure = measures[one.standard]
    unit = one.unit or top_units(scope)[0]
    assert scope.units is not None
    place = scope.units.names[scope.units.index[unit]]
    title = Text(
        f"{measure.title['en'] or measure.name}, {place['en'] or unit}, in the same period",
        f"{place['zh'] or unit}同期的{measure.title['zh'] or measure.name}",
    )
    return Standardise(one.breakdown, title, {}, measure, unit, one.interval)


def _declared(one: WrittenStandardise, title: Text, weights: Mapping[str, float]) -> Standardise:
    counting = {group: weight for group, weight in weights.items() if weight > 0}
    return Standardise(one.breakdown, title, counting, None, None, one.interval)


def standardised(programme: Programme, indicator: Indicator, plain: str, language: str) -> str:
    """The formula in words: over its years, and of each age group the plain one, averaged by the standard's weights."""
    one = indicator.standardise
    if indicator.pooled > 1:
        message = "{plain}, each added up over {years} years"
        plain = translate(message, language).format_map({"plain": plain, "years": indicator.pooled})
    if one is None:
        return plain
    columns = [measure.dataset.columns.get(one.breakdown) for measure in programme.measures.values()]
    titles = [column.title[language] for column in columns if column is not None]
    message = "({plain}) in each group of {breakdown}, averaged with the weights of {standard}"
    return translate(message, language).format_map(
        {"plain": plain, "breakdown": titles[0] if titles else one.breakdown, "standard": one.title[language]}
    )


def weighed(indicator: Indicator, plain: str) -> str:
    """The formula in symbols, over its years, and over the age groups where it is standardised."""
    one = indicator.standardise
    if indicator.pooled > 1:
        plain = f"{plain} [Σ {indicator.pooled} years]"
    return plain if one is None else f"Σ[{one.breakdown}] weight × {plain} ÷ Σ[{one.breakdown}] weight"
