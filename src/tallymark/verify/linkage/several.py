"""Three lists and more, counted two and two: totals that should agree, and do not where lists hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.programme.linkages import Linkage
from tallymark.verify.linkage.completeness import Completeness, completeness
from tallymark.verify.linkage.link import link


@dataclass(frozen=True, slots=True)
class TwoAndTwo:
    """totals: two lists' names → the total from these two; apart: lists with nothing in common to count from."""

    totals: Mapping[tuple[str, str], Completeness]
    apart: tuple[tuple[str, str], ...]

    @property
    def agree(self) -> bool:
        """Whether some number of events lies in all intervals.

        Where it does not, being on one list goes with being on another, or a list holds other events than the rest.
        """
        totals = self.totals.values()
        return max((one.low for one in totals), default=0.0) <= min((one.high for one in totals), default=0.0)


def two_and_two(
    linkage: Linkage, lists: Mapping[str, pa.Table], *, seed: int = 0, session: Any = None
) -> TwoAndTwo:
    """Totals of every two lists, each pair linked by itself so that what its linkage gets wrong is put right.

    session: as of `link`. Errors: as of `link`.
    """
    totals, apart = {}, []
    for one, other in combinations(linkage.lists, 2):
        tables = {each.name: lists[each.name] for each in (one, other)}
        linked = link(replace(linkage, lists=(one, other)), tables, seed=seed, session=session)
        if bool(pc.any(pc.equal(linked.records.column("state"), "matched")).as_py()):
            totals[one.name, other.name] = completeness(linked, seed=seed)
        else:
            apart.append((one.name, other.name))
    return TwoAndTwo(totals, tuple(apart))
