"""A check sample linked by hand: unmatched records drawn by lot, each looked for in the other list by people.

What they find is a share of all unmatched records, whatever rules compared and however errors sit: no model stands
behind it (Ding and Fienberg 1994 call it a rematch study).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.errors import AssessmentError
from tallymark.findings import known_words
from tallymark.verify.linkage.link import Linked

NONE = "none"
"""What people write who looked for a record and did not find it."""


@dataclass(frozen=True, slots=True)
class Check:
    """What a check sample found of one list's unmatched records."""

    name: str
    looked_for: int
    missed: int
    """Found in the other list, on a record that has no match either."""
    doubled: int
    """Found on a record that has its match: the one looked for is a double entry."""
    unmatched: int
    """Records of the list without a match, from which the sample was drawn."""

    @property
    def share_missed(self) -> float:
        """Share of unmatched records that have a match (Jeffreys)."""
        return (self.missed + 0.5) / (self.looked_for + 1)

    @property
    def share_doubled(self) -> float:
        """Share of unmatched records that are double entries."""
        return self.doubled / self.looked_for

    @property
    def variance(self) -> float:
        """Of the number of matches missed, the sample being drawn without replacement."""
        share, left = self.share_missed, 1 - self.looked_for / max(self.unmatched, 1)
        return self.unmatched**2 * share * (1 - share) / self.looked_for * max(left, 0.0)


def check_list(linked: Linked, lists: Mapping[str, pa.Table], *, many: int, seed: int) -> pa.Table:
    """So many unmatched records of the list that has fewest, by lot, with all they say; `found` is for people to fill.

    found: the record of the other list that is the same event, or `none`; left blank where nobody has looked.
    """
    name = _checked_list(linked)
    one = next(one for one in linked.linkage.lists if one.name == name)
    records = _unmatched(linked, name)
    drawn = np.random.default_rng([seed, 5]).permutation(len(records))[:many]
    chosen = records.take(pa.array(drawn))
    rows = lists[name]
    at = pc.index_in(chosen, rows.column(one.record).cast(pa.string()).combine_chunks())
    said = {field: rows.column(column).take(at).cast(pa.string()) for field, column in one.columns.items()}
    return pa.table({"record": chosen, **said, "found": pa.nulls(len(chosen), pa.string())})


def read_check(linked: Linked, answers: pa.Table) -> Check:
    """What people found. Errors: AssessmentError for records that are not of the sample or of the other list."""
    name = _checked_list(linked)
    unmatched = set(_unmatched(linked, name).to_pylist())
    other = linked.records.filter(pc.not_equal(linked.records.column("list"), name))
    state = dict(zip(other.column("record").to_pylist(), other.column("state").to_pylist(), strict=True))
    found: dict[str, str] = {}
    for record, answer in zip(*(_texts(answers, column) for column in ("record", "found")), strict=True):
        if not answer:
            continue
        if record not in unmatched:
            raise AssessmentError(
                "the check sample has record '{record}', which is no unmatched record of list '{list}': draw the "
                "sample again for these lists",
                record=record, list=name,
            )  # fmt: skip
        if answer != NONE and answer not in state:
            raise AssessmentError(
                "the check sample says that '{record}' is '{found}', which the other list has not; write its record "
                "number, or none",
                record=record, found=answer,
            )  # fmt: skip
        found[record] = "unseen" if answer == NONE else state[answer]
    if not found:
        raise AssessmentError(
            "nobody has looked yet: column 'found' of the check sample is blank in every row"
        )
    told = list(found.values())
    missed = told.count("unmatched")
    return Check(name, len(told), missed, len(told) - missed - told.count("unseen"), len(unmatched))


def _checked_list(linked: Linked) -> str:
    return min(sorted(linked.trained.keys), key=lambda name: len(_unmatched(linked, name)))


def _unmatched(linked: Linked, name: str) -> pa.Array:
    records = linked.records
    which = pc.and_(pc.equal(records.column("list"), name), pc.equal(records.column("state"), "unmatched"))
    return records.filter(which).column("record").combine_chunks()


def _texts(table: pa.Table, column: str) -> list[str]:
    if column not in table.column_names:
        raise AssessmentError(
            "the check sample has no column '{column}'; {known}",
            column=column, known=known_words(column, table.column_names),
        )  # fmt: skip
    return [(text or "").strip() for text in table.column(column).cast(pa.string()).to_pylist()]
