"""Which rows of the measures table are withheld, and why: detail, risk, protection, and the attack that must fail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.errors import TallymarkError
from tallymark.model.release_tables import OF_TABLE
from tallymark.programme.resolved import Programme
from tallymark.publish.release.attack import Bounds, attack
from tallymark.publish.release.cells import Cells, Floats, Mask, cells_in
from tallymark.publish.release.earlier import Earlier, Facts, then_in, told, with_past
from tallymark.publish.release.people import people_measures
from tallymark.publish.release.relations import relations
from tallymark.publish.release.risk import at_risk
from tallymark.publish.release.secondary import Sums, cheapest, protect

MOST_AT_RISK = 0.5
"""A table (measure, level, frequency, groups) with a larger share of its numbers at risk is withheld whole."""
ROUNDS, CELLS, HOPS = 11, 1, (3, 5)
"""Attacks at most; how many are answered by one more cell of every sum; how far then
the cheapest change is looked for."""
CAUSES = ("", "detail", "small", "difference", "earlier", "unreliable", "protecting")
PUBLIC, DETAIL, SMALL, DIFFERENCE, EARLIER, UNRELIABLE, PROTECTING = range(len(CAUSES))
DEAR = 30.0


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
    earlier: Iterable[Earlier],
    period: str,
) -> Decided:
    """What to withhold of the measures of a run of a period.

    allowed: rows of a level and frequency that are published at all. unreliable: rows that an indicator calls too
    small to publish. earlier: the measures of earlier releases, oldest first.
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
    before = [then_in(one, cells, programme) for one in earlier]
    known, held, changed = told(cells, before, programme, risk)
    small_by_rule = _marked(cells, unreliable)
    primary = risk.any | changed | small_by_rule
    facts = Facts(
        values=cells.value,
        linked=relations(cells, programme, parents),
        within=risk.within,
        known=known,
        held=held,
        primary=primary,
        worth=_worth(cells, period),
        cell=np.arange(len(cells)),
    )
    facts = with_past(facts, before, cells, programme)
    withheld, attacked = _protected(cells, facts, spread=programme.disclosure.spread)
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


def _protected(cells: Cells, facts: Facts, *, spread: float) -> tuple[Mask, Attacked]:
    """Withheld cells that withstand the attack."""
    sums = Sums(facts.linked, facts.worth)
    targets = facts.primary & ~facts.known
    withheld, found = facts.primary | facts.held, None
    for number in range(1, ROUNDS + 1):
        withheld = protect(sums, facts.values, withheld, fixed=facts.known, spread=spread)
        hidden = withheld & ~facts.known
        found = attack(
            facts.values,
            facts.linked,
            facts.within,
            hidden=hidden,
            targets=targets & hidden,
            spread=spread,
            found=found,
        )
        exposed = targets & ~found.safe(spread)
        if not exposed.any():
            return withheld[: len(cells)], _attacked(cells, facts, withheld, found, spread, number)
        withheld = _more(sums, cells, facts, withheld, exposed, found=found, spread=spread, step=number)
    raise TallymarkError(
        "no release: {n} small counts can be worked out whatever is withheld; declare less detail under "
        "`disclosure: finest`",
        n=int(exposed.sum()),
    )


def _more(
    sums: Sums,
    cells: Cells,
    facts: Facts,
    withheld: Mask,
    exposed: Mask,
    *,
    found: Bounds,
    spread: float,
    step: int,
) -> Mask:
    """One more cell of every sum of the exposed cells; then the cheapest change that moves them; then whole tables.

    At last all of their keys and datasets: then only what an earlier release published can give anything away.
    """
    if step <= CELLS:
        return _one_more(sums, facts, withheld, exposed)
    withheld = withheld.copy()
    if step <= CELLS + len(HOPS):
        for cell in np.flatnonzero(exposed).tolist():
            rise = float(found.low[cell] + spread - facts.values[cell])
            near = sums.around(cell, facts.within, HOPS[step - CELLS - 1])
            withheld |= cheapest(
                sums,
                facts.values,
                facts.within,
                cell,
                rise=rise,
                near=near,
                withheld=withheld,
                fixed=facts.known,
            )
        return withheld
    today = np.zeros(len(cells), np.bool_)
    today[facts.cell[exposed]] = True
    more = cells.tables_of(today)
    if step > CELLS + len(HOPS) + 1:
        more |= np.isin(cells.key, np.unique(cells.key[today]))
    if step > CELLS + len(HOPS) + 3:
        more |= np.isin(cells.dataset, np.unique(cells.dataset[today]))
    withheld[: len(cells)] |= more & ~facts.known[: len(cells)]
    return withheld


def _one_more(sums: Sums, facts: Facts, withheld: Mask, exposed: Mask) -> Mask:
    withheld = withheld.copy()
    for cell in np.flatnonzero(exposed).tolist():
        for row in sums.rows(cell).tolist():
            members = sums.cells(row)
            free = members[~withheld[members] & ~facts.known[members] & (facts.values[members] > 0)]
            free = free[free != sums.whole[row]]
            withheld[free[np.argsort(sums.worth[free], kind="stable")][:1]] = True
    return withheld


def _attacked(
    cells: Cells, facts: Facts, withheld: Mask, found: Bounds, spread: float, rounds: int
) -> Attacked:
    """How the attack went; cells at risk of earlier releases are among the targets."""
    targets = facts.primary & ~facts.known
    apart = (found.high - found.low)[targets]
    return Attacked(
        cells=len(cells),
        withheld=int(withheld[: len(cells)].sum()),
        targets=int(targets.sum()),
        exposed=0,
        already_public=int((facts.primary & facts.known).sum()),
        spread=spread,
        closest=round(float(apart.min()), 6) if len(apart) else float("nan"),
        rounds=rounds,
    )
