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
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.engine.duckdb import connect
from tallymark.errors import AssessmentError
from tallymark.verify.linkage.blocking import Rule
from tallymark.verify.linkage.candidates import pairs_together, walk, weighing
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
    brought = (
        rules if engine == "spark" else ()
    )  # on DuckDB pairs are made beforehand, and only those worth weighing
    lean = {name: _looked_at(table, comparisons, brought) for name, table in sorted(tables.items())}
    settings = splink.SettingsCreator(
        link_type=_link_type(len(tables), within),
        comparisons=[_comparison(one, at, weights, QUOTES[engine]) for at, one in enumerate(comparisons)],
        blocking_rules_to_generate_predictions=[
            {"blocking_rule": rule.sql.replace('"', QUOTES[engine])} for rule in brought
        ],
        probability_two_random_records_match=weights.prior,
        retain_matching_columns=False,
        linker_uid="tallymark",
    )
    api = _api(splink, engine, session)
    frames = [api.register(table, dataset_display_name=name) for name, table in lean.items()]
    logging.getLogger("splink").setLevel(logging.ERROR)
    linker = splink.Linker(frames if len(frames) > 1 else frames[0], settings, log_level=None)
    if engine == "duckdb":
        worth = _worth_weighing(comparisons, rules, tables, weights, least=least, within=within)
        linker.table_management.register_blocked_pairs_for_predict(api.register(worth))
    found = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    columns = [*PAIRS] if len(tables) > 1 else ["unique_id_l", "unique_id_r", "match_weight"]
    rows = _fetch(api, engine, f"SELECT {', '.join(columns)} FROM {found.physical_name}")
    if len(tables) == 1:
        name = pa.repeat(pa.scalar(next(iter(tables))), len(rows))
        rows = rows.append_column("source_dataset_l", name).append_column("source_dataset_r", name)
    return rows.select(PAIRS).sort_by([(name, "ascending") for name in PAIRS])


def _looked_at(table: pa.Table, comparisons: Sequence[Comparison], rules: Sequence[Rule]) -> pa.Table:
    """A list's columns that are looked at, and no others."""
    used = {"unique_id", "source_dataset"} | {key.column for rule in rules for key in rule.keys}
    for one in comparisons:
        tests = [test for level in one.levels for test in level.tests]
        used |= {one.key} | {column for test in tests for column in test.columns}
    return table.select([name for name in table.column_names if name in used])


def _worth_weighing(
    comparisons: Sequence[Comparison], rules: Sequence[Rule], tables: Mapping[str, pa.Table], weights: Weights,
    *, least: float, within: bool,
) -> pa.Table:  # fmt: skip
    """Pairs that rules make and that may weigh enough, as Splink calls blocked pairs."""
    of = walk(comparisons, rules, tables)
    agree, chance = (
        [np.array([_exact(each) for each in field]) for field in side]
        for side in (weights.agree, weights.chance)
    )
    weigh = weighing(of, comparisons, agree, chance, prior=weights.prior, least=least)
    left, right, _ = pairs_together(of, within=within or len(tables) == 1, weigh=weigh)
    named = len(tables) > 1
    join = pa.concat_arrays([_join_keys(tables[name], named) for name in sorted(tables)])
    one, other = join.take(pa.array(left)), join.take(pa.array(right))
    turned = pc.greater(one, other)
    return pa.table(
        {
            "match_key": pa.repeat(pa.scalar("0"), len(left)),
            "join_key_l": pc.if_else(turned, other, one),
            "join_key_r": pc.if_else(turned, one, other),
        }
    )


def _join_keys(table: pa.Table, named: bool) -> pa.Array:
    """What Splink calls each record: its list and number."""
    record = table.column("unique_id").combine_chunks()
    if not named:
        return record
    return pc.binary_join_element_wise(table.column("source_dataset").combine_chunks(), record, "-__-")


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
