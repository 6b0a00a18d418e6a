"""Every pair that the rules make, weighed by Splink on DuckDB or Spark with the parameters of the fitted model.

Training is done once, on DuckDB and NumPy, so that both engines weigh with the same numbers.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tallymark.engine.duckdb import connect
from tallymark.errors import AssessmentError
from tallymark.verify.linkage.blocking import Rule
from tallymark.verify.linkage.comparisons import Comparison

Floats = NDArray[np.float64]
DIGITS = 12
"""Probabilities are handed on with so many places: what two engines print is then what they compute with."""
QUOTES = {"duckdb": '"', "spark": "`"}
"""Engine → what stands around names."""
PAIRS = ("source_dataset_l", "unique_id_l", "source_dataset_r", "unique_id_r", "match_weight")


@dataclass(frozen=True, slots=True)
class Weights:
    """What scoring needs. agree, chance: field → probability of each level, lowest first; prior: of a match."""

    agree: tuple[Floats, ...]
    chance: tuple[Floats, ...]
    prior: float


def score_pairs(
    comparisons: Sequence[Comparison], rules: Sequence[Rule], tables: Mapping[str, pa.Table], weights: Weights,
    *, least: float, within: bool, session: Any = None,
) -> pa.Table:  # fmt: skip
    """Pairs with a weight (bits) of at least `least`: lists and records of both sides, weight.

    within: pairs inside a list as well. session: a Spark session; DuckDB where there is none.
    Errors: AssessmentError when Splink is not installed.
    """
    splink = _splink()
    engine = "spark" if session is not None else "duckdb"
    settings = splink.SettingsCreator(
        link_type=_link_type(len(tables), within),
        comparisons=[_comparison(one, at, weights, QUOTES[engine]) for at, one in enumerate(comparisons)],
        blocking_rules_to_generate_predictions=[
            {"blocking_rule": rule.sql.replace('"', QUOTES[engine])} for rule in rules
        ],
        probability_two_random_records_match=weights.prior,
        retain_matching_columns=False,
        linker_uid="tallymark",
    )
    api = _api(splink, engine, session)
    frames = [api.register(table, dataset_display_name=name) for name, table in sorted(tables.items())]
    logging.getLogger("splink").setLevel(logging.ERROR)
    linker = splink.Linker(frames if len(frames) > 1 else frames[0], settings, log_level=None)
    found = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    columns = [*PAIRS] if len(tables) > 1 else ["unique_id_l", "unique_id_r", "match_weight"]
    rows = _fetch(api, engine, f"SELECT {', '.join(columns)} FROM {found.physical_name}")
    if len(tables) == 1:
        name = pa.repeat(pa.scalar(next(iter(tables))), len(rows))
        rows = rows.append_column("source_dataset_l", name).append_column("source_dataset_r", name)
    return rows.select(PAIRS).sort_by([(name, "ascending") for name in PAIRS])


def _splink() -> Any:
    try:
        # An optional, heavy dependency: the extra `linkage`.
        import splink
    except ImportError as error:
        raise AssessmentError(
            "linking records needs Splink; install it with: pip install 'tallymark[linkage]'"
        ) from error
    return splink


def _api(splink: Any, engine: str, session: Any) -> Any:
    if engine == "spark":
        return splink.SparkAPI(
            spark_session=session, register_udfs_automatically=False, break_lineage_method="persist"
        )
    return splink.DuckDBAPI(connect())


def _fetch(api: Any, engine: str, query: str) -> pa.Table:
    if engine == "spark":
        table: pa.Table = api.spark.sql(query).toArrow()
        return table
    return api.duckdb_con.sql(query).to_arrow_table()


def _link_type(lists: int, within: bool) -> str:
    if lists == 1:
        return "dedupe_only"
    return "link_and_dedupe" if within else "link_only"


def _comparison(one: Comparison, at: int, weights: Weights, quote: str) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": one.silent.replace('"', quote),
            "label_for_charts": "nothing said",
            "is_null_level": True,
        }
    ]
    for number, level in enumerate(one.levels):
        place = one.count - 1 - number
        said: dict[str, Any] = {
            "sql_condition": level.condition.replace('"', quote),
            "label_for_charts": level.label,
            "m_probability": _exact(weights.agree[at][place]),
            "u_probability": _exact(weights.chance[at][place]),
        }
        if level.often:
            said |= {
                "tf_adjustment_column": level.often,
                "tf_adjustment_weight": 1.0,
                "tf_minimum_u_value": 1e-7,
            }
        levels.append(said)
    return {"output_column_name": one.field.name, "comparison_levels": levels}


def _exact(probability: float) -> float:
    return float(f"{max(float(probability), 1e-9):.{DIGITS}g}")
