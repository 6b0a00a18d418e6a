"""Every pair that the rules make, weighed by Splink on DuckDB or Spark with the parameters of the fitted model.

A weight is the sum of what a pattern of levels says and of how common the values are in which records agree to the
letter. On DuckDB Splink weighs each pattern once, on a pair that has it, and compiled loops find which pairs have which;
on Spark it weighs every pair. Tests hold both against each other. Training is the same for both.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tallymark.engine.duckdb import connect
from tallymark.errors import AssessmentError
from tallymark.verify.linkage.blocking import Rule
from tallymark.verify.linkage.candidates import (
    Together,
    Walk,
    Weighing,
    pairs_together,
    records_of,
    walk,
    weighing,
)
from tallymark.verify.linkage.coded import Coded
from tallymark.verify.linkage.comparisons import Comparison
from tallymark.verify.linkage.keys import decoded
from tallymark.verify.linkage.patterns import different

Ints = NDArray[np.int64]
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


class Weighed(NamedTuple):
    """Pairs of records, numbered through all lists in order of the lists' names, the lower number first; weight: bits.

    In order of their records.
    """

    left: Ints
    right: Ints
    weight: Floats


def score_pairs(
    comparisons: Sequence[Comparison], rules: Sequence[Rule], tables: Mapping[str, pa.Table], weights: Weights,
    *, least: float, within: bool, records: Coded | None = None, session: Any = None,
) -> Weighed:  # fmt: skip
    """Pairs that rules make with a weight of at least `least` bits.

    within: pairs inside a list as well. records: the tables as codes, where they are at hand. session: a Spark session;
    DuckDB where there is none. Errors: AssessmentError when Splink is not installed.
    """
    splink = _splink()
    logging.getLogger("splink").setLevel(logging.ERROR)
    within = within or len(tables) == 1
    if session is not None:
        api = splink.SparkAPI(
            spark_session=session, register_udfs_automatically=False, break_lineage_method="persist"
        )
        return weighed_in_full(comparisons, rules, tables, weights, api=api, least=least, within=within)
    if records is None:
        records = records_of(comparisons, [one.field for one in comparisons], tables)
    agree, chance = (
        [np.array([_exact(each) for each in field]) for field in side]
        for side in (weights.agree, weights.chance)
    )
    of = walk(comparisons, rules, records)
    weigh = weighing(of, comparisons, agree, chance, prior=weights.prior, least=least)
    found = pairs_together(of, within=within, weigh=weigh)
    said, place, _ = different(found.said)
    first = np.zeros(len(said), np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    with ThreadPoolExecutor(1) as pool:
        of_patterns = pool.submit(
            _of_patterns, comparisons, tables, weights, found.left[first], found.right[first]
        )
        added, order = _of_commonness(of, comparisons, found, weigh), _in_order(found.left, found.right)
        weight = (of_patterns.result()[place] + added)[order]
    kept = order[weight >= least]
    return Weighed(found.left[kept], found.right[kept], weight[weight >= least])


def _in_order(left: Ints, right: Ints) -> Ints:
    """Pairs in order of their records."""
    order: Ints = np.argsort(left * (int(right.max(initial=0)) + 1) + right)
    return order


def _of_commonness(of: Walk, comparisons: Sequence[Comparison], found: Together, weigh: Weighing) -> Floats:
    """What each pair's agreements to the letter weigh more, or less, for how common the values are that they share."""
    added = np.zeros(len(found.left))
    for at, one in enumerate(comparisons):
        if one.levels[0].often:
            same = np.flatnonzero(found.said[:, at] == one.count)
            column = of.records.codes[:, of.records.place(one.levels[0].often)]
            added[same] += weigh.commonness[column[found.left[same]]]
    return added


def _of_patterns(
    comparisons: Sequence[Comparison], tables: Mapping[str, pa.Table], weights: Weights, left: Ints, right: Ints
) -> Floats:  # fmt: skip
    """What Splink says of one pair of each pattern, from the records themselves; how common values are is left out."""
    if not len(left):
        return np.zeros(0)
    import splink

    number = pa.array([f"{at:09}" for at in range(len(left))])
    api = splink.DuckDBAPI(connect())
    frames = []
    for side, records in (("l", left), ("r", right)):
        rows = _rows(comparisons, tables, records).drop_columns(["unique_id", "source_dataset"])
        rows = rows.append_column("unique_id", number)
        rows = rows.append_column("source_dataset", pa.repeat(pa.scalar(side), len(rows)))
        frames.append(api.register(rows, dataset_display_name=side))
    settings = _settings("duckdb", comparisons, weights, link_type="link_only", common=False)
    linker = splink.Linker(frames, settings, log_level=None)
    keys = [pc.binary_join_element_wise(pa.scalar(side), number, "-__-") for side in "lr"]
    pairs = pa.table(
        [pa.repeat(pa.scalar("0"), len(number)), *keys], ["match_key", "join_key_l", "join_key_r"]
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
    found = linker.inference.predict(warning_mode="never")
    rows = api.duckdb_con.sql(
        f"SELECT match_weight FROM {found.physical_name} ORDER BY unique_id_l"
    ).to_arrow_table()
    said: Floats = rows.column("match_weight").to_numpy().astype(np.float64)
    return said


def _rows(comparisons: Sequence[Comparison], tables: Mapping[str, pa.Table], records: Ints) -> pa.Table:
    """Some records, by number, with what comparisons look at."""
    parts, place, start = [], [], 0
    for name in sorted(tables):
        table = looked_at(tables[name], comparisons)
        mine = np.flatnonzero((records >= start) & (records < start + len(table)))
        parts.append(decoded(table.take(pa.array(records[mine] - start))))
        place.append(mine)
        start += len(table)
    return pa.concat_tables(parts).take(pa.array(np.argsort(np.concatenate(place))))


def weighed_in_full(
    comparisons: Sequence[Comparison], rules: Sequence[Rule], tables: Mapping[str, pa.Table], weights: Weights,
    *, api: Any, least: float, within: bool,
) -> Weighed:  # fmt: skip
    """As `score_pairs`, all of it by Splink on its engine: pairs that rules make, levels, how common values are."""
    import splink

    engine = "spark" if hasattr(api, "spark") else "duckdb"
    lean = {name: decoded(looked_at(table, comparisons, rules)) for name, table in sorted(tables.items())}
    frames = [api.register(table, dataset_display_name=name) for name, table in lean.items()]
    link_type = "dedupe_only" if len(tables) == 1 else "link_and_dedupe" if within else "link_only"
    settings = _settings(engine, comparisons, weights, link_type=link_type, rules=rules)
    linker = splink.Linker(frames if len(frames) > 1 else frames[0], settings, log_level=None)
    found = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    columns = [*PAIRS] if len(tables) > 1 else ["unique_id_l", "unique_id_r", "match_weight"]
    rows = _fetch(api, engine, f"SELECT {', '.join(columns)} FROM {found.physical_name}")
    if len(tables) == 1:
        name = pa.repeat(pa.scalar(next(iter(tables))), len(rows))
        rows = rows.append_column("source_dataset_l", name).append_column("source_dataset_r", name)
    one, other = (_numbers(tables, rows, side) for side in "lr")
    weight = rows.column("match_weight").to_numpy().astype(np.float64)
    left, right = np.minimum(one, other), np.maximum(one, other)
    order = _in_order(left, right)
    return Weighed(left[order], right[order], weight[order])


def _numbers(tables: Mapping[str, pa.Table], rows: pa.Table, side: str) -> Ints:
    """Each pair's record of a side by its number among all records."""
    every = pa.concat_tables(
        [tables[name].select(["source_dataset", "unique_id"]) for name in sorted(tables)]
    )
    mark = pa.scalar("\x1f")
    known = pc.binary_join_element_wise(every.column("source_dataset"), every.column("unique_id"), mark)
    asked = pc.binary_join_element_wise(
        rows.column(f"source_dataset_{side}").cast(pa.string()),
        rows.column(f"unique_id_{side}").cast(pa.string()),
        mark,
    )
    found: Ints = pc.index_in(asked, known).to_numpy().astype(np.int64)
    return found


def looked_at(table: pa.Table, comparisons: Sequence[Comparison], rules: Sequence[Rule] = ()) -> pa.Table:
    """A list's columns that are looked at, and no others."""
    used = {"unique_id", "source_dataset"} | {key.column for rule in rules for key in rule.keys}
    for one in comparisons:
        tests = [test for level in one.levels for test in level.tests]
        used |= {one.key} | {column for test in tests for column in test.columns}
    return table.select([name for name in table.column_names if name in used])


def _settings(
    engine: str, comparisons: Sequence[Comparison], weights: Weights,
    *, link_type: str, rules: Sequence[Rule] = (), common: bool = True,
) -> Any:  # fmt: skip
    """The model in Splink's words. common: how common a value is counts, where records agree in it to the letter."""
    import splink

    quote = QUOTES[engine]
    return splink.SettingsCreator(
        link_type=link_type,
        comparisons=[
            _comparison(one, at, weights, quote=quote, common=common) for at, one in enumerate(comparisons)
        ],
        blocking_rules_to_generate_predictions=[
            {"blocking_rule": rule.sql.replace('"', quote)} for rule in rules
        ],
        probability_two_random_records_match=weights.prior,
        retain_matching_columns=False,
        linker_uid="tallymark",
    )


def _splink() -> Any:
    try:
        # An optional, heavy dependency: the extra `linkage`.
        import splink
    except ImportError as error:
        raise AssessmentError(
            "linking records needs Splink; install it with: pip install 'tallymark[linkage]'"
        ) from error
    return splink


def _fetch(api: Any, engine: str, query: str) -> pa.Table:
    if engine == "spark":
        table: pa.Table = api.spark.sql(query).toArrow()
        return table
    return api.duckdb_con.sql(query).to_arrow_table()


def _comparison(one: Comparison, at: int, weights: Weights, *, quote: str, common: bool) -> dict[str, Any]:
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
        if level.often and common:
            said |= {
                "tf_adjustment_column": level.often,
                "tf_adjustment_weight": 1.0,
                "tf_minimum_u_value": 1e-7,
            }
        levels.append(said)
    return {"output_column_name": one.field.name, "comparison_levels": levels}


def _exact(probability: float) -> float:
    return float(f"{max(float(probability), 1e-9):.{DIGITS}g}")
