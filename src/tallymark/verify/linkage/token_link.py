"""Two lists of tokens set against each other: pairs weighed by the tokens they share, each record in one pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tallymark.errors import AssessmentError
from tallymark.room import spill_folder
from tallymark.verify.linkage.assign import best_pairs
from tallymark.verify.linkage.tokens import RECORD

ROUNDS = 60
START, LEAST = 0.9, 1e-4
MOST_KINDS = 40
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TokenLinked:
    """pairs: left, right (record numbers), shared (kinds of token that agree), weight (bits), taken.

    seen: share of true matches among compared pairs that the model expects for each kind to agree.
    """

    pairs: pa.Table
    kinds: tuple[str, ...]
    agree: Mapping[str, float]


def link_tokens(lists: Mapping[str, pa.Table]) -> TokenLinked:
    """The two lists linked on the kinds of token that both have.

    Pairs that share no token are not compared; what is lost so cannot be estimated from tokens. Errors: AssessmentError
    for other than two lists, and where they have no kind in common or no token.
    """
    if len(lists) != 2:
        raise AssessmentError("tokens are linked two lists at a time; there are {many}", many=len(lists))
    left, right = lists.values()
    kinds = tuple(name for name in left.column_names if name != RECORD and name in right.column_names)
    kinds = kinds[:MOST_KINDS]
    if not kinds:
        raise AssessmentError(
            "the lists have no kind of token in common: were they made for the same linkage?"
        )
    pairs = _pairs(left, right, kinds)
    if not len(pairs):
        raise AssessmentError("no two records share a token: were both lists made with the same key?")
    agree, differ = _agreement(pairs, kinds)
    chance = np.array([_chance(left, right, kind) for kind in kinds])
    weight, matched = _weights(agree, differ, chance, kinds)
    a, b = (pairs.column(name).to_numpy().astype(np.int64) for name in ("l", "r"))
    taken = np.zeros(len(pairs), bool)
    heavy = np.flatnonzero(weight >= 0)
    taken[heavy[best_pairs(a[heavy], b[heavy], weight[heavy])]] = True
    made = pa.table(
        {
            "left": left.column(RECORD).combine_chunks().take(pa.array(a)),
            "right": right.column(RECORD).combine_chunks().take(pa.array(b)),
            "shared": pa.array(agree.sum(axis=1)),
            "weight": weight,
            "taken": taken,
        }
    )
    return TokenLinked(made, kinds, dict(zip(kinds, matched.tolist(), strict=True)))


def _pairs(left: pa.Table, right: pa.Table, kinds: tuple[str, ...]) -> pa.Table:
    """Pairs of rows that share a token, with 1 (agrees), 0 (differs) or NULL for each kind."""
    with duckdb.connect(config={"temp_directory": str(spill_folder())}) as connection:
        for name, table in (("lefts", left), ("rights", right)):
            numbered = table.append_column("_at", pa.array(np.arange(len(table))))
            connection.register(name, numbered)
        joins = " UNION ".join(
            f'SELECT a._at AS l, b._at AS r FROM lefts AS a JOIN rights AS b ON a."{kind}" = b."{kind}"'
            for kind in kinds
        )
        says = ", ".join(f'(a."{kind}" = b."{kind}")::INT AS k{at}' for at, kind in enumerate(kinds))
        return connection.sql(
            f"SELECT p.l, p.r, {says} FROM ({joins}) AS p JOIN lefts AS a ON a._at = p.l "
            "JOIN rights AS b ON b._at = p.r ORDER BY p.l, p.r"
        ).to_arrow_table()


def _agreement(pairs: pa.Table, kinds: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    columns = [pairs.column(f"k{at}") for at in range(len(kinds))]
    said = np.column_stack([column.fill_null(-1).to_numpy() for column in columns])
    return said == 1, said == 0


def _chance(left: pa.Table, right: pa.Table, kind: str) -> float:
    """Probability that two records picked at random agree in a kind; of each token one pair is taken for a match."""
    a, b = (table.column(kind).drop_null().value_counts() for table in (left, right))
    of = dict(zip(b.field("values").to_pylist(), b.field("counts").to_pylist(), strict=True))
    both = sum(
        count * of[token] - 1
        for token, count in zip(a.field("values").to_pylist(), a.field("counts").to_pylist(), strict=True)
        if token in of
    )
    return max(float(both), 0.5) / max(float(len(left) * len(right)), 1.0)


def _weights(
    agree: NDArray[np.bool_], differ: NDArray[np.bool_], chance: Floats, kinds: tuple[str, ...]
) -> tuple[Floats, Floats]:
    """Bits for each pair, and how often each kind agrees among matches, by expectation and maximisation.

    Kinds share fields, so that one wrong field makes many of them differ at once: what they say against a pair is
    weighed down to as many fields as there are.
    """
    fields = len({name for kind in kinds for name in kind.split("+")})
    damp = min(1.0, fields / (2 * len(kinds)))
    matched, prior = np.full(len(kinds), START), 0.5
    pair_chance = np.clip(chance * len(agree) / max(1, int(agree.any(axis=1).sum())), 0, 1)
    among = np.clip(np.maximum(pair_chance, chance), 1e-12, 0.5)
    weight = np.zeros(len(agree))
    for _ in range(ROUNDS):
        matched = np.clip(matched, LEAST, 1 - LEAST)
        weight = agree @ np.log2(matched / among) * 0.5 + damp * (
            differ @ np.log2((1 - matched) / (1 - among))
        )
        weight = weight + np.log2(prior / (1 - prior))
        sure = 1 / (1 + np.exp2(-np.clip(weight, -60, 60)))
        prior = float(np.clip(sure.mean(), 0.01, 0.99))
        matched = (sure @ agree + 1) / (sure @ (agree | differ) + 2)
    return weight, matched
