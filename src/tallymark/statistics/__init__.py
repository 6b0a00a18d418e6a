"""Numeric kernels: pure NumPy and SciPy, arrays in, arrays out, NaN where not defined.

Names are looked up when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallymark.statistics.comparisons import (
        against_benchmark,
        difference_interval,
        false_discovery,
        quantile_groups,
        ratio_interval,
    )
    from tallymark.statistics.funnel import (
        funnel_limits,
        funnel_position,
        funnel_scores,
        overdispersion,
    )
    from tallymark.statistics.inequality import (
        relative_index,
        slope_index,
    )
    from tallymark.statistics.intervals import (
        mean_interval,
        poisson_interval,
        proportion_interval,
    )
    from tallymark.statistics.mortality import life_expectancy
    from tallymark.statistics.ranking import (
        expected_ranks,
        rank_sets,
    )
    from tallymark.statistics.ratios import (
        count_ratio,
        sex_ratio,
    )
    from tallymark.statistics.standardise import (
        directly_standardised_rate,
        repeated_events,
        standardised_ratio,
    )
    from tallymark.statistics.survey import (
        lonely_strata,
        survey_design_effect,
        survey_mean,
        survey_proportion,
        survey_ratio,
        survey_total,
    )
    from tallymark.statistics.survey_replicates import (
        jackknife_weights,
        replicate_se,
        survey_quantile,
    )

_HOMES = {
    "against_benchmark": "comparisons",
    "count_ratio": "ratios",
    "difference_interval": "comparisons",
    "directly_standardised_rate": "standardise",
    "expected_ranks": "ranking",
    "false_discovery": "comparisons",
    "funnel_limits": "funnel",
    "funnel_position": "funnel",
    "funnel_scores": "funnel",
    "jackknife_weights": "survey_replicates",
    "life_expectancy": "mortality",
    "lonely_strata": "survey",
    "mean_interval": "intervals",
    "overdispersion": "funnel",
    "poisson_interval": "intervals",
    "proportion_interval": "intervals",
    "quantile_groups": "comparisons",
    "rank_sets": "ranking",
    "ratio_interval": "comparisons",
    "relative_index": "inequality",
    "repeated_events": "standardise",
    "replicate_se": "survey_replicates",
    "sex_ratio": "ratios",
    "slope_index": "inequality",
    "standardised_ratio": "standardise",
    "survey_design_effect": "survey",
    "survey_mean": "survey",
    "survey_proportion": "survey",
    "survey_quantile": "survey_replicates",
    "survey_ratio": "survey",
    "survey_total": "survey",
}

__all__ = [
    "against_benchmark",
    "count_ratio",
    "difference_interval",
    "directly_standardised_rate",
    "expected_ranks",
    "false_discovery",
    "funnel_limits",
    "funnel_position",
    "funnel_scores",
    "jackknife_weights",
    "life_expectancy",
    "lonely_strata",
    "mean_interval",
    "overdispersion",
    "poisson_interval",
    "proportion_interval",
    "quantile_groups",
    "rank_sets",
    "ratio_interval",
    "relative_index",
    "repeated_events",
    "replicate_se",
    "sex_ratio",
    "slope_index",
    "standardised_ratio",
    "survey_design_effect",
    "survey_mean",
    "survey_proportion",
    "survey_quantile",
    "survey_ratio",
    "survey_total",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
