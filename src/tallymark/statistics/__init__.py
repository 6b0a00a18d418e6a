"""Numeric kernels: pure NumPy and SciPy, arrays in, arrays out, NaN where not defined.

Names are looked up when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallymark.statistics.between import (
        between_variance,
        heterogeneity,
        random_effects,
    )
    from tallymark.statistics.comparisons import (
        against_benchmark,
        difference_interval,
        false_discovery,
        quantile_groups,
        ratio_interval,
    )
    from tallymark.statistics.composite import (
        aggregate,
        normalise,
    )
    from tallymark.statistics.funnel import (
        funnel_limits,
        funnel_position,
        funnel_scores,
        overdispersion,
    )
    from tallymark.statistics.grading import (
        grades,
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
    from tallymark.statistics.mortality import (
        life_expectancy,
    )
    from tallymark.statistics.rank_groups import (
        bottom_group,
        group_probability,
        posterior_ranks,
        ranks,
        top_group,
    )
    from tallymark.statistics.ranking import (
        expected_ranks,
        rank_sets,
    )
    from tallymark.statistics.ratios import (
        count_ratio,
        sex_ratio,
    )
    from tallymark.statistics.shrinkage import (
        beta_binomial,
        eb_binomial,
        eb_poisson,
        normal_normal,
        poisson_gamma,
    )
    from tallymark.statistics.small import (
        pooled_years,
        too_small,
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
    from tallymark.statistics.weights import (
        weight_sensitivity,
    )

_HOMES = {
    "against_benchmark": "comparisons",
    "aggregate": "composite",
    "beta_binomial": "shrinkage",
    "between_variance": "between",
    "bottom_group": "rank_groups",
    "count_ratio": "ratios",
    "difference_interval": "comparisons",
    "directly_standardised_rate": "standardise",
    "eb_binomial": "shrinkage",
    "eb_poisson": "shrinkage",
    "expected_ranks": "ranking",
    "false_discovery": "comparisons",
    "funnel_limits": "funnel",
    "funnel_position": "funnel",
    "funnel_scores": "funnel",
    "grades": "grading",
    "group_probability": "rank_groups",
    "heterogeneity": "between",
    "jackknife_weights": "survey_replicates",
    "life_expectancy": "mortality",
    "lonely_strata": "survey",
    "mean_interval": "intervals",
    "normal_normal": "shrinkage",
    "normalise": "composite",
    "overdispersion": "funnel",
    "poisson_gamma": "shrinkage",
    "poisson_interval": "intervals",
    "pooled_years": "small",
    "posterior_ranks": "rank_groups",
    "proportion_interval": "intervals",
    "quantile_groups": "comparisons",
    "random_effects": "between",
    "rank_sets": "ranking",
    "ranks": "rank_groups",
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
    "too_small": "small",
    "top_group": "rank_groups",
    "weight_sensitivity": "weights",
}

__all__ = [
    "against_benchmark",
    "aggregate",
    "beta_binomial",
    "between_variance",
    "bottom_group",
    "count_ratio",
    "difference_interval",
    "directly_standardised_rate",
    "eb_binomial",
    "eb_poisson",
    "expected_ranks",
    "false_discovery",
    "funnel_limits",
    "funnel_position",
    "funnel_scores",
    "grades",
    "group_probability",
    "heterogeneity",
    "jackknife_weights",
    "life_expectancy",
    "lonely_strata",
    "mean_interval",
    "normal_normal",
    "normalise",
    "overdispersion",
    "poisson_gamma",
    "poisson_interval",
    "pooled_years",
    "posterior_ranks",
    "proportion_interval",
    "quantile_groups",
    "random_effects",
    "rank_sets",
    "ranks",
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
    "too_small",
    "top_group",
    "weight_sensitivity",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
