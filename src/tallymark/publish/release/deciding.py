"""Which rows of the measures table are withheld, and why: detail, risk, protection, and the attack that must fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.errors import TallymarkError
from tallymark.model.release_tables import OF_TABLE
from tallymark.programme.resolved import Programme
from tallymark.publish.release.attack import Bounds, attack
from tallymark.publish.release.cells import Cells, Floats, Ints, Mask, cells_in, looked_up
from tallymark.publish.release.people import people_measures
from tallymark.publish.release.relations import Relations, relations
from tallymark.publish.release.risk import Risk, at_risk
from tallymark.publish.release.secondary import Sums, cheapest, protect

MOST_AT_RISK = 0.5
"""A table (measure, level, frequency, groups) with a larger share of its numbers at risk is withheld whole."""
ROUNDS, CELLS, HOPS = 11, 1, (3, 5)
"""Attacks at most; how many are answered by one more cell of every sum; how far then
the cheapest change is looked for."""
CAUSES = ("", "detail", "small", "difference", "earlier", "unreliable", "protecting")
PUBLIC, DETAIL, SMALL, DIFFERENCE, EARLIER, UNRELIABLE, PROTECTING = range(len(CAUSES))
SAME, DEAR = 1e-9, 30.0


@dataclass(frozen=True, slots=True)
class Decided:
    """For every row of the measures table why it is withheld (a number of `CAUSES`), and how the attack went."""

    reason: npt.NDArray[np.int8]
    attacked: Attacked

    @property
    def withheld(self) -> Mask:
        return np.asarray(self.reason != PUBLIC)


@dataclass(frozen=True, slots=True)
class Attacked:
    """How the attack on what is published went."""

    cells: int
    """Cells that count people, each once."""
    withheld: int
    targets: int
    """Cells at risk that nothing may give away."""
    exposed: int
    """Of these, worked out more closely than the rule allows; a release with any is not written."""
    already_public: int
    """Cells at risk that an earlier release had published as they are."""
    spread: float
    closest: float
    """The narrowest proven distance between two tables that agree with all that is public, over the targets."""
    rounds: int


def decide(
    measures: pa.Table,
    programme: Programme,
    parents: Mapping[str, str],
    *,
    allowed: Mask,
    unreliable: Mask,
    earlier: Sequence[pa.Table],
    period: str,
) -> Decided:
    """What to withhold of the measures of a run of a period.

    allowed: rows of a level and frequency that are published at all. unreliable: rows that an indicator calls too
    small to publish. earlier: the measures tables of earlier releases.
    Errors: TallymarkError when something at risk can be worked out whatever is withheld.
    """
    counted = people_measures(programme)
    people = pc.is_in(measures.column("measure"), pa.array(sorted(counted), pa.string()))
    people = np.asarray(people.to_numpy(zero_copy_only=False), np.bool_) | _same_measures(
        measures, unreliable
    )
    reason = np.where(people & ~allowed, DETAIL, PUBLIC).astype(np.int8)
    cells = cells_in(measures, programme, people & allowed)
    risk = at_risk(cells, programme)
    whole = _tables(measures, cells, risk.any, people & allowed)
    reason[whole] = DETAIL
    taken = people & allowed & ~whole
    cells = cells_in(measures, programme, taken)
    risk = at_risk(cells, programme)
    known, held, changed = _before(cells, earlier, programme, risk)
    small_by_rule = _marked(cells, unreliable)
    primary = risk.any | changed | small_by_rule
    linked = relations(cells, programme, parents)
    withheld, attacked = _protected(
        cells,
        linked,
        risk,
        primary=primary,
        held=held,
        known=known,
        worth=_worth(cells, period),
        spread=programme.disclosure.spread,
    )
    of_cell = np.select(
        [~withheld, risk.small, risk.difference, changed, small_by_rule, held],
        [PUBLIC, SMALL, DIFFERENCE, EARLIER, UNRELIABLE, EARLIER],
        PROTECTING,
    ).astype(np.int8)
    rows = cells.cell_of >= 0
    reason[rows] = of_cell[cells.cell_of[rows]]
    return Decided(reason, attacked)


def _worth(cells: Cells, period: str) -> Floats:
    """What withholding a cell costs: its size, many times that for totals and for the run's own period."""
    own = np.array([code == period for code in cells.periods], np.bool_)[cells.period]
    return np.asarray((1.0 + cells.value) * (1.0 + DEAR * own) * (1.0 + DEAR * cells.total), np.float64)


def _same_measures(measures: pa.Table, unreliable: Mask) -> Mask:
    """All rows of the measures of which some row is unreliable: they take part in the same sums."""
    names = pc.unique(measures.column("measure").filter(pa.array(unreliable)))
    return np.asarray(pc.is_in(measures.column("measure"), names).to_numpy(zero_copy_only=False), np.bool_)


def _tables(measures: pa.Table, cells: Cells, risky: Mask, taken: Mask) -> Mask:
    """Rows of tables so full of small numbers that nothing of them is published."""
    code = np.zeros(measures.num_rows, np.int64)
    for column in OF_TABLE:
        encoded = pc.fill_null(measures.column(column), "").combine_chunks().dictionary_encode()
        code = code * (len(encoded.dictionary) + 1) + encoded.indices.to_numpy()
    rows = np.flatnonzero(cells.cell_of >= 0)
    of_row = cells.cell_of[rows]
    numbers = cells.value[of_row] != 0
    kinds, kind = np.unique(code, return_inverse=True)
    all_numbers = np.bincount(kind[rows], weights=numbers, minlength=len(kinds))
    at_risk_numbers = np.bincount(kind[rows], weights=risky[of_row], minlength=len(kinds))
    return np.asarray(taken & (at_risk_numbers > MOST_AT_RISK * all_numbers)[kind])


def _marked(cells: Cells, rows: Mask) -> Mask:
    found = np.zeros(len(cells), np.bool_)
    at = cells.cell_of[rows]
    found[at[at >= 0]] = True
    return found


def _before(
    cells: Cells, earlier: Sequence[pa.Table], programme: Programme, risk: Risk
) -> tuple[Mask, Mask, Mask]:
    """What earlier releases published as it is now, what they withheld, and what would tell of few people by a change.

    A part whose whole changed by a few since it was published would say what those few are.
    """
    known, held, changed = (np.zeros(len(cells), np.bool_) for _ in range(3))
    then = np.full(len(cells), np.nan)
    for table in earlier:
        at: Ints = looked_up(table, cells, programme)
        there = at >= 0
        values: Floats = np.asarray(table.column("value").to_numpy(zero_copy_only=False), np.float64)
        public = there & ~np.isnan(values)
        then[at[public]] = values[public]
        hidden = there & np.asarray(
            pc.fill_null(pc.equal(table.column("basis"), "suppressed"), False).to_numpy(zero_copy_only=False),
            np.bool_,
        )
        held[at[hidden]] = True
        known[at[public]] |= np.abs(values[public] - cells.value[at[public]]) <= SAME
    part, whole = risk.within.T
    moved = np.abs(cells.value[whole] - then[whole])
    few = (moved > SAME) & (moved < programme.disclosure.fewest) & ~np.isnan(then[part])
    changed[part[few]] = True
    known &= ~changed
    return known, held & ~known, changed


def _protected(
    cells: Cells,
    linked: Relations,
    risk: Risk,
    *,
    primary: Mask,
    held: Mask,
    known: Mask,
    worth: Floats,
    spread: float,
) -> tuple[Mask, Attacked]:
    """Withheld cells that withstand the attack."""
    sums = Sums(linked, worth)
    targets = primary & ~known
    withheld, found = primary | held, None
    for number in range(1, ROUNDS + 1):
        withheld = protect(sums, cells.value, withheld, fixed=known, spread=spread)
        hidden = withheld & ~known
        found = attack(
            cells.value,
            linked,
            risk.within,
            hidden=hidden,
            targets=targets & hidden,
            spread=spread,
            found=found,
        )
        exposed = targets & ~found.safe(spread)
        if not exposed.any():
            return withheld, _attacked(cells, withheld, targets, primary & known, found, spread, number)
        withheld = _more(
            sums, cells, withheld, exposed, found=found, known=known, risk=risk, spread=spread, step=number
        )
    raise TallymarkError(
        "no release: {n} small counts can be worked out whatever is withheld; declare less detail under "
        "`disclosure: finest`",
        n=int(exposed.sum()),
    )


def _more(
    sums: Sums,
    cells: Cells,
    withheld: Mask,
    exposed: Mask,
    *,
    found: Bounds,
    known: Mask,
    risk: Risk,
    spread: float,
    step: int,
) -> Mask:
    """One more cell of every sum of the exposed cells; then the cheapest change that moves them; then whole tables.

    At last all of their keys and datasets: then only what an earlier release published can give anything away.
    """
    if step <= CELLS:
        return _one_more(sums, cells, withheld, exposed, known)
    withheld = withheld.copy()
    if step <= CELLS + len(HOPS):
        for cell in np.flatnonzero(exposed).tolist():
            rise = float(found.low[cell] + spread - cells.value[cell])
            near = sums.around(cell, risk.within, HOPS[step - CELLS - 1])
            withheld |= cheapest(
                sums, cells.value, risk.within, cell, rise=rise, near=near, withheld=withheld, fixed=known
            )
        return withheld
    more = cells.tables_of(exposed)
    if step > CELLS + len(HOPS) + 1:
        more |= np.isin(cells.key, np.unique(cells.key[exposed]))
    if step > CELLS + len(HOPS) + 3:
        more |= np.isin(cells.dataset, np.unique(cells.dataset[exposed]))
    return withheld | (more & ~known)


def _one_more(sums: Sums, cells: Cells, withheld: Mask, exposed: Mask, known: Mask) -> Mask:
    withheld = withheld.copy()
    for cell in np.flatnonzero(exposed).tolist():
        for row in sums.rows(cell).tolist():
            members = sums.cells(row)
            free = members[~withheld[members] & ~known[members] & (cells.value[members] > 0)]
            free = free[free != sums.whole[row]]
            withheld[free[np.argsort(sums.worth[free], kind="stable")][:1]] = True
    return withheld


def _attacked(
    cells: Cells,
    withheld: Mask,
    targets: Mask,
    already: Mask,
    found: Bounds,
    spread: float,
    rounds: int,
) -> Attacked:
    apart = (found.high - found.low)[targets]
    return Attacked(
        cells=len(cells),
        withheld=int(withheld.sum()),
        targets=int(targets.sum()),
        exposed=0,
        already_public=int(already.sum()),
        spread=spread,
        closest=round(float(apart.min()), 6) if len(apart) else float("nan"),
        rounds=rounds,
    )
