"""Populations: life tables, projections, rates and what is made of them. Arrays in, arrays out; missing is NaN.

Sex 0 is male, 1 female. Names are looked up when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallymark.population.age_groups import group_ages, rescale_groups
    from tallymark.population.backtests import Backtest, backtest
    from tallymark.population.choosing import choose_method
    from tallymark.population.cohort_ratios import hamilton_perry
    from tallymark.population.forecasting import AgeGroup, Forecast, RandomPath, forecast
    from tallymark.population.graduating import graduate
    from tallymark.population.graduating_rates import graduate_rates
    from tallymark.population.history import History
    from tallymark.population.life_differences import decompose, life_expectancy_variance
    from tallymark.population.life_tables import LifeTable, life_table
    from tallymark.population.net_migrants import net_migration
    from tallymark.population.open_ages import extend_open_group
    from tallymark.population.outlooks import Method, Outlook, outlook
    from tallymark.population.projecting import Projection, project
    from tallymark.population.rates import (
        CrudeRates,
        age_specific_rates,
        average_population,
        births_by_order,
        births_needed,
        child_mortality,
        crude_rates,
        general_fertility,
        gross_reproduction,
        infant_mortality,
        mean_age_at_birth,
        net_reproduction,
        total_fertility,
    )
    from tallymark.population.reconciling import reconcile, whole_persons
    from tallymark.population.regions import Areas, project_areas
    from tallymark.population.small_areas import ShrunkRates, shrink_rates
    from tallymark.population.smoothing import smooth
    from tallymark.population.smoothing_years import smooth_years

_HOMES = {
    "AgeGroup": "forecasting",
    "Areas": "regions",
    "Backtest": "backtests",
    "CrudeRates": "rates",
    "Forecast": "forecasting",
    "History": "history",
    "LifeTable": "life_tables",
    "Method": "outlooks",
    "Outlook": "outlooks",
    "Projection": "projecting",
    "RandomPath": "forecasting",
    "ShrunkRates": "small_areas",
    "age_specific_rates": "rates",
    "average_population": "rates",
    "backtest": "backtests",
    "births_by_order": "rates",
    "births_needed": "rates",
    "child_mortality": "rates",
    "choose_method": "choosing",
    "crude_rates": "rates",
    "decompose": "life_differences",
    "extend_open_group": "open_ages",
    "forecast": "forecasting",
    "general_fertility": "rates",
    "graduate": "graduating",
    "graduate_rates": "graduating_rates",
    "gross_reproduction": "rates",
    "group_ages": "age_groups",
    "hamilton_perry": "cohort_ratios",
    "infant_mortality": "rates",
    "life_expectancy_variance": "life_differences",
    "life_table": "life_tables",
    "mean_age_at_birth": "rates",
    "net_migration": "net_migrants",
    "net_reproduction": "rates",
    "outlook": "outlooks",
    "project": "projecting",
    "project_areas": "regions",
    "reconcile": "reconciling",
    "rescale_groups": "age_groups",
    "shrink_rates": "small_areas",
    "smooth": "smoothing",
    "smooth_years": "smoothing_years",
    "total_fertility": "rates",
    "whole_persons": "reconciling",
}

__all__ = [
    "AgeGroup",
    "Areas",
    "Backtest",
    "CrudeRates",
    "Forecast",
    "History",
    "LifeTable",
    "Method",
    "Outlook",
    "Projection",
    "RandomPath",
    "ShrunkRates",
    "age_specific_rates",
    "average_population",
    "backtest",
    "births_by_order",
    "births_needed",
    "child_mortality",
    "choose_method",
    "crude_rates",
    "decompose",
    "extend_open_group",
    "forecast",
    "general_fertility",
    "graduate",
    "graduate_rates",
    "gross_reproduction",
    "group_ages",
    "hamilton_perry",
    "infant_mortality",
    "life_expectancy_variance",
    "life_table",
    "mean_age_at_birth",
    "net_migration",
    "net_reproduction",
    "outlook",
    "project",
    "project_areas",
    "reconcile",
    "rescale_groups",
    "shrink_rates",
    "smooth",
    "smooth_years",
    "total_fertility",
    "whole_persons",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
