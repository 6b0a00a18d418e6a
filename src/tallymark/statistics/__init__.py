"""Numeric kernels: pure NumPy and SciPy, arrays in, arrays out, NaN where not defined.

Names are looked up when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tallymark.statistics.age_sex import (
        age_ratio_score,
        dissimilarity,
        relative_difference,
        sex_ratio_score,
        un_age_sex_accuracy,
    )
    from tallymark.statistics.between import (
        between_variance,
        heterogeneity,
        random_effects,
    )
    from tallymark.statistics.capture import (
        chapman,
        dependence_band,
        dependent_population,
        lincoln_petersen,
        linkage_corrected,
        population_interval,
        stratified_chapman,
    )
    from tallymark.statistics.comparisons import (
        against_benchmark,
        difference_interval,
        difference_probability,
        false_discovery,
        quantile_groups,
        ratio_interval,
    )
    from tallymark.statistics.composite import (
        aggregate,
        normalise,
    )
    from tallymark.statistics.copies import (
        copied_rows,
        longest_runs,
    )
    from tallymark.statistics.count_outliers import (
        count_surprises,
        count_tails,
        pooled_dispersion,
    )
    from tallymark.statistics.digit_tests import (
        benford,
        orders_of_magnitude,
        terminal_digits,
    )
    from tallymark.statistics.dispersion import (
        count_dispersion,
        share_dispersion,
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
    from tallymark.statistics.heaping import (
        bachi,
        coale_li,
        jdanov,
        kannisto,
        myers,
        noumbissi,
        sawtooth,
        spoorenberg,
        whipple,
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
    from tallymark.statistics.log_linear import (
        log_linear_interval,
        log_linear_models,
        log_linear_population,
    )
    from tallymark.statistics.lqas import (
        cluster_lqas_rule,
        lqas_errors,
        lqas_pass,
        lqas_plan,
        lqas_rule,
    )
    from tallymark.statistics.mortality import (
        life_expectancy,
    )
    from tallymark.statistics.outliers import (
        esd_steps,
        generalised_esd,
        modified_z,
        robust_z,
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
    from tallymark.statistics.recapture import (
        closed_population,
    )
    from tallymark.statistics.sample_size import (
        design_effect,
        sample_size_difference,
        sample_size_mean,
        sample_size_proportion,
    )
    from tallymark.statistics.seasonal import (
        stl,
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
    from tallymark.statistics.thresholds import (
        bunching,
        bunching_of_shares,
    )
    from tallymark.statistics.time_series import (
        fill_series,
        series_outliers,
    )
    from tallymark.statistics.weights import (
        weight_sensitivity,
    )

_HOMES = {
    "against_benchmark": "comparisons",
    "age_ratio_score": "age_sex",
    "aggregate": "composite",
    "bachi": "heaping",
    "benford": "digit_tests",
    "beta_binomial": "shrinkage",
    "between_variance": "between",
    "bottom_group": "rank_groups",
    "bunching": "thresholds",
    "bunching_of_shares": "thresholds",
    "chapman": "capture",
    "closed_population": "recapture",
    "cluster_lqas_rule": "lqas",
    "coale_li": "heaping",
    "copied_rows": "copies",
    "count_dispersion": "dispersion",
    "count_ratio": "ratios",
    "count_surprises": "count_outliers",
    "count_tails": "count_outliers",
    "dependence_band": "capture",
    "dependent_population": "capture",
    "design_effect": "sample_size",
    "difference_interval": "comparisons",
    "difference_probability": "comparisons",
    "directly_standardised_rate": "standardise",
    "dissimilarity": "age_sex",
    "eb_binomial": "shrinkage",
    "eb_poisson": "shrinkage",
    "esd_steps": "outliers",
    "expected_ranks": "ranking",
    "false_discovery": "comparisons",
    "fill_series": "time_series",
    "funnel_limits": "funnel",
    "funnel_position": "funnel",
    "funnel_scores": "funnel",
    "generalised_esd": "outliers",
    "grades": "grading",
    "group_probability": "rank_groups",
    "heterogeneity": "between",
    "jackknife_weights": "survey_replicates",
    "jdanov": "heaping",
    "kannisto": "heaping",
    "life_expectancy": "mortality",
    "lincoln_petersen": "capture",
    "linkage_corrected": "capture",
    "log_linear_interval": "log_linear",
    "log_linear_models": "log_linear",
    "log_linear_population": "log_linear",
    "lonely_strata": "survey",
    "longest_runs": "copies",
    "lqas_errors": "lqas",
    "lqas_pass": "lqas",
    "lqas_plan": "lqas",
    "lqas_rule": "lqas",
    "mean_interval": "intervals",
    "modified_z": "outliers",
    "myers": "heaping",
    "normal_normal": "shrinkage",
    "normalise": "composite",
    "noumbissi": "heaping",
    "orders_of_magnitude": "digit_tests",
    "overdispersion": "funnel",
    "poisson_gamma": "shrinkage",
    "poisson_interval": "intervals",
    "pooled_dispersion": "count_outliers",
    "pooled_years": "small",
    "population_interval": "capture",
    "posterior_ranks": "rank_groups",
    "proportion_interval": "intervals",
    "quantile_groups": "comparisons",
    "random_effects": "between",
    "rank_sets": "ranking",
    "ranks": "rank_groups",
    "ratio_interval": "comparisons",
    "relative_difference": "age_sex",
    "relative_index": "inequality",
    "repeated_events": "standardise",
    "replicate_se": "survey_replicates",
    "robust_z": "outliers",
    "sample_size_difference": "sample_size",
    "sample_size_mean": "sample_size",
    "sample_size_proportion": "sample_size",
    "sawtooth": "heaping",
    "series_outliers": "time_series",
    "sex_ratio": "ratios",
    "sex_ratio_score": "age_sex",
    "share_dispersion": "dispersion",
    "slope_index": "inequality",
    "spoorenberg": "heaping",
    "standardised_ratio": "standardise",
    "stl": "seasonal",
    "stratified_chapman": "capture",
    "survey_design_effect": "survey",
    "survey_mean": "survey",
    "survey_proportion": "survey",
    "survey_quantile": "survey_replicates",
    "survey_ratio": "survey",
    "survey_total": "survey",
    "terminal_digits": "digit_tests",
    "too_small": "small",
    "top_group": "rank_groups",
    "un_age_sex_accuracy": "age_sex",
    "weight_sensitivity": "weights",
    "whipple": "heaping",
}

__all__ = [
    "against_benchmark",
    "age_ratio_score",
    "aggregate",
    "bachi",
    "benford",
    "beta_binomial",
    "between_variance",
    "bottom_group",
    "bunching",
    "bunching_of_shares",
    "chapman",
    "closed_population",
    "cluster_lqas_rule",
    "coale_li",
    "copied_rows",
    "count_dispersion",
    "count_ratio",
    "count_surprises",
    "count_tails",
    "dependence_band",
    "dependent_population",
    "design_effect",
    "difference_interval",
    "difference_probability",
    "directly_standardised_rate",
    "dissimilarity",
    "eb_binomial",
    "eb_poisson",
    "esd_steps",
    "expected_ranks",
    "false_discovery",
    "fill_series",
    "funnel_limits",
    "funnel_position",
    "funnel_scores",
    "generalised_esd",
    "grades",
    "group_probability",
    "heterogeneity",
    "jackknife_weights",
    "jdanov",
    "kannisto",
    "life_expectancy",
    "lincoln_petersen",
    "linkage_corrected",
    "log_linear_interval",
    "log_linear_models",
    "log_linear_population",
    "lonely_strata",
    "longest_runs",
    "lqas_errors",
    "lqas_pass",
    "lqas_plan",
    "lqas_rule",
    "mean_interval",
    "modified_z",
    "myers",
    "normal_normal",
    "normalise",
    "noumbissi",
    "orders_of_magnitude",
    "overdispersion",
    "poisson_gamma",
    "poisson_interval",
    "pooled_dispersion",
    "pooled_years",
    "population_interval",
    "posterior_ranks",
    "proportion_interval",
    "quantile_groups",
    "random_effects",
    "rank_sets",
    "ranks",
    "ratio_interval",
    "relative_difference",
    "relative_index",
    "repeated_events",
    "replicate_se",
    "robust_z",
    "sample_size_difference",
    "sample_size_mean",
    "sample_size_proportion",
    "sawtooth",
    "series_outliers",
    "sex_ratio",
    "sex_ratio_score",
    "share_dispersion",
    "slope_index",
    "spoorenberg",
    "standardised_ratio",
    "stl",
    "stratified_chapman",
    "survey_design_effect",
    "survey_mean",
    "survey_proportion",
    "survey_quantile",
    "survey_ratio",
    "survey_total",
    "terminal_digits",
    "too_small",
    "top_group",
    "un_age_sex_accuracy",
    "weight_sensitivity",
    "whipple",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
