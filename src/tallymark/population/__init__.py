"""Populations: life tables, projections, rates and what is made of them. Arrays in, arrays out; missing is NaN.

Sex 0 is male, 1 female. Names are looked up when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallymark.population.age_groups import group_ages, rescale_groups
    from tallymark.population.forecasting import AgeGroup, Forecast, RandomPath, forecast
    from tallymark.population.graduating import graduate
    from tallymark.population.life_differences import decompose, life_expectancy_variance
    from tallymark.population.life_tables import LifeTable, life_table
    from tallymark.population.open_ages import extend_open_group
    from tallymark.population.projecting import Projection, project
    from tallymark.population.smoothing import smooth

_HOMES = {
    "AgeGroup": "forecasting",
    "Forecast": "forecasting",
    "LifeTable": "life_tables",
    "Projection": "projecting",
    "RandomPath": "forecasting",
    "decompose": "life_differences",
    "extend_open_group": "open_ages",
    "forecast": "forecasting",
    "graduate": "graduating",
    "group_ages": "age_groups",
    "life_expectancy_variance": "life_differences",
    "life_table": "life_tables",
    "project": "projecting",
    "rescale_groups": "age_groups",
    "smooth": "smoothing",
}

__all__ = [
    "AgeGroup",
    "Forecast",
    "LifeTable",
    "Projection",
    "RandomPath",
    "decompose",
    "extend_open_group",
    "forecast",
    "graduate",
    "group_ages",
    "life_expectancy_variance",
    "life_table",
    "project",
    "rescale_groups",
    "smooth",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
