"""Tokens: what an office gives out instead of names, for lists to be linked without showing them.

A token is the HMAC-SHA256 of a few fields' keys taken together, under a key of the project that the linking unit does not
have. Only combinations that hardly two records share are made: a token of a surname alone is opened by how often it
occurs (Niedermeyer et al. 2014; Christen et al. 2018), whatever the key.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.errors import AssessmentError
from tallymark.programme.linkages import Kind, Linkage, RecordList
from tallymark.verify.linkage.keys import decoded, key_table

SHARED = 0.02
"""Share of a list's records that may share a token with several others; a kind of token shared by more is refused."""
TOKEN_BYTES = 15
RECORD = "record"
KEYS: Mapping[Kind, str] = {"name": "_s", "date": "", "identity": "", "digits": "", "text": "_k"}
"""Kind of field → which of its keys goes into tokens; categories are too common to tell anyone."""
ALONE: tuple[Kind, ...] = ("identity",)
"""Kinds of field that tell a person by themselves."""
APART = "\x1f"


@dataclass(frozen=True, slots=True)
class Tokens:
    """An office's tokens. table: record (numbers made here), and a column a kind of token.

    own: record → the office's own number, which stays at the office. refused: kinds that too many records share → share.
    """

    table: pa.Table
    own: pa.Table
    refused: Mapping[str, float]


def token_kinds(linkage: Linkage) -> list[tuple[str, ...]]:
    """The combinations of fields of which tokens are made, the same at every office: numbers alone, and all pairs."""
    usable = [field for field in linkage.fields if field.kind in KEYS]
    alone = [(field.name,) for field in usable if field.kind in ALONE]
    return [*alone, *combinations([field.name for field in usable], 2)]


def make_tokens(linkage: Linkage, one: RecordList, rows: pa.Table, key: bytes) -> Tokens:
    """The tokens of a list under a project's key; kinds that too many records share are left out.

    Errors: AssessmentError where no kind is left, and as for `link`.
    """
    keys = decoded(key_table(linkage, one, rows))
    kinds = [kind for kind in token_kinds(linkage) if all(name in one.columns for name in kind)]
    combined = {"+".join(kind): _combined(linkage, keys, kind) for kind in kinds}
    shares = {name: shared(texts) for name, texts in combined.items()}
    kept = {name: texts for name, texts in combined.items() if shares[name] <= SHARED}
    if not kept:
        raise AssessmentError(
            "no combination of fields of list '{list}' is nearly unique: tokens of it would be opened by how often they "
            "occur. Add fields, such as a date beside a name",
            list=one.name,
        )
    salt = f"{linkage.name}{APART}{linkage.purpose}"
    columns = {name: _tokens(texts, key, f"{salt}{APART}{name}") for name, texts in kept.items()}
    order = np.argsort(np.array(_order(keys.column("unique_id"), key, salt)), kind="stable")
    numbers = pa.array([f"{at:07}" for at in range(1, len(order) + 1)])
    place = pa.array(order)
    return Tokens(
        pa.table({RECORD: numbers, **{name: column.take(place) for name, column in columns.items()}}),
        pa.table({RECORD: numbers, "own": keys.column("unique_id").combine_chunks().take(place)}),
        {name: share for name, share in shares.items() if share > SHARED},
    )


def shared(texts: pa.Array) -> float:
    """Share of the records that have what more than one other record has, too; a pair may be twins or a double entry."""
    said = texts.drop_null()
    if not len(said):
        return 1.0
    counts = pc.value_counts(said).field("counts").to_numpy()
    return float(counts[counts > 2].sum() / len(said))


def _combined(linkage: Linkage, keys: pa.Table, kind: Sequence[str]) -> pa.Array:
    """The keys of a kind's fields as one text; NULL where one of them says nothing."""
    of = {field.name: field.kind for field in linkage.fields}
    parts = [keys.column(f"{name}{KEYS[of[name]]}").combine_chunks() for name in kind]
    return pc.binary_join_element_wise(*parts, APART, null_handling="emit_null")


def _tokens(texts: pa.Array, key: bytes, salt: str) -> pa.Array:
    coded = texts.dictionary_encode()
    said = [_token(key, salt, text) for text in coded.dictionary.to_pylist()]
    return pa.array(said, pa.string()).take(coded.indices)


def _order(records: pa.ChunkedArray, key: bytes, salt: str) -> list[str]:
    """An order that says nothing of the list's own."""
    return [_token(key, f"{salt}{APART}order", text) for text in records.to_pylist()]


def _token(key: bytes, salt: str, text: str) -> str:
    return hmac.new(key, f"{salt}{APART}{text}".encode(), hashlib.sha256).hexdigest()[: 2 * TOKEN_BYTES]
