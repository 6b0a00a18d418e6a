"""A run as the pages see it: places, figures, scores and findings as small records, read and guarded once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from tallymark.model.periods import Period
from tallymark.model.tables import TABLES
from tallymark.model.text import Text
from tallymark.model.units import Units
from tallymark.programme.resolved import Contract, Level, Programme
from tallymark.publish.flows import Flows
from tallymark.publish.guard import guarded
from tallymark.publish.records import (
    Batch,
    Composed,
    Counted,
    Delivered,
    Difference,
    Due,
    Figure,
    Found,
    Gap,
    Moved,
    Place,
    R,
    Rank,
    Score,
    Total,
    by,
    only,
    records,
)
from tallymark.publish.scored_lines import ScoredLine, contract_lines, goals

MOST_SHOWN = 20_000
"""Units whose figures stand on pages, upper levels first; the data files have all of them."""


class PublishableRun(Protocol):
    """What publishing reads of a run; `programme` is resolved from the run's frozen copy."""

    @property
    def manifest(self) -> Mapping[str, Any]: ...
    @property
    def programme(self) -> Programme: ...
    def table(self, name: str) -> pa.Table: ...


@dataclass(frozen=True, slots=True)
class Places:
    """The unit tree as it stood in the run's period, parents before children."""

    by_code: Mapping[str, Place]
    children: Mapping[str, tuple[str, ...]]
    roots: tuple[str, ...]
    top: str | None
    """The root with most units below it."""
    depth: Mapping[str, int]
    """Level code → depth, 1 = the top."""

    def name(self, code: str) -> Text:
        """A unit's name; its code where it has none."""
        place = self.by_code.get(code)
        return place.name if place and place.name else Text(code, code)

    def below(self, code: str) -> list[str]:
        """Every descendant, parents before children."""
        found, queue = [], list(self.children.get(code, ()))
        while queue:
            found.extend(queue)
            queue = [child for unit in queue for child in self.children.get(unit, ())]
        return found

    def path(self, code: str) -> list[str]:
        """Ancestors from the top down to the parent."""
        above: list[str] = []
        place = self.by_code.get(code)
        while (
            place is not None and place.parent and place.parent in self.by_code and place.parent not in above
        ):
            above.append(place.parent)
            place = self.by_code[place.parent]
        return above[::-1]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that pages are made from. Tables are guarded; records hold the run's own period unless said."""

    manifest: Mapping[str, Any]
    programme: Programme
    tables: Mapping[str, pa.Table]
    contract: Contract | None
    period: Period
    places: Places
    lines: tuple[ScoredLine, ...]
    figures: Mapping[str, Mapping[str, Figure]]
    """Unit → indicator → its total (no breakdown) in the run's period."""
    counted: Mapping[str, Mapping[str, Counted]]
    scores: Mapping[str, Mapping[tuple[str, str], Score]]
    """Unit → (contract, line) → its score."""
    totals: Mapping[str, Total]
    """Unit → total of the run's contract."""
    strand_totals: Mapping[str, list[Total]]
    ranks: Mapping[str, Rank]
    """Unit → its rank by the run's contract."""
    groups: Mapping[str, Sequence[Rank]]
    """Peer group → its ranks, best first; one group named "" when there are no peers."""
    moved: Mapping[str, Sequence[Moved]]
    """Peer group → its units under other weights, best first."""
    composites: Mapping[str, Sequence[Composed]]
    """Composite → its units, best first."""
    compared: tuple[str, ...]
    """The units that pages set side by side: those of the contract's level, else those below the top."""
    goals: Mapping[str, float]
    """Indicator → the value that earns all points on its line."""
    gaps: Mapping[str, list[Gap]]
    findings: tuple[Found, ...]
    due: Mapping[str, list[Due]]
    """Unit → its reports by dataset."""
    batches: Mapping[int, Batch]
    delivered: Mapping[str, list[Delivered]]
    """Unit → what its data of the run's period came in."""
    differences: Mapping[str, Mapping[str, Sequence[Difference]]]
    """Unit → indicator → its change from a year before and its gaps between groups."""

    withheld: pa.Table | None = None
    """Of a release: how much of every count of people is withheld."""
    flows: tuple[Flows, ...] = ()
    """Linkages shown with the run."""

    @property
    def release(self) -> str:
        """The release's id; empty where this is a run as it is."""
        return str(self.manifest.get("release", ""))

    @property
    def internal(self) -> bool:
        """Whether every figure stands here in full, for the office only."""
        return bool(self.manifest.get("internal"))

    def total_is_withheld(self, unit: str) -> bool:
        """Whether a unit has no public total because a figure behind it is withheld."""
        total = self.totals.get(unit)
        return (
            total is not None
            and math.isnan(total.total)
            and any(score.basis == "suppressed" for score in self.scores.get(unit, {}).values())
        )

    @property
    def rehearsal(self) -> bool:
        return str(self.manifest.get("mode", "official")) != "official"

    @property
    def scored(self) -> tuple[str, ...]:
        """Units with a total, best first; those without a total last."""
        return tuple(sorted(self.totals, key=lambda unit: (-known(self.totals[unit].total, -math.inf), unit)))

    def reports_due(self, unit: str) -> list[Due]:
        """The reports that a unit, or those below it, had to hand in; what inspectors bring is nobody's duty."""
        theirs = self.programme.of_inspections
        return [row for row in self.due.get(unit, ()) if row.dataset not in theirs and row.expected > 0]

    def level(self, code: str) -> Level:
        return next(level for level in self.programme.levels if level.code == code)

    @property
    def top(self) -> str | None:
        """The unit at the top with most units below it."""
        return self.places.top


def read_facts(run: PublishableRun, *, office: bool = False) -> Facts:
    """The facts of a run, guarded; `office` with its findings in full, for those who hear the units."""
    programme, manifest = run.programme, run.manifest
    present = manifest.get("tables", TABLES)
    raw = {
        name: run.table(name) if name in present else spec.schema.empty_table()
        for name, spec in TABLES.items()
    }
    tables = guarded(raw, programme, office=office)
    contract = programme.contracts.get(str(manifest.get("contract") or ""))
    period = programme.calendar.parse(str(manifest["period"]))
    now: dict[str, str | Sequence[str]] = {"period": period.code, "breakdown": "", "category": ""}
    code = contract.code if contract else ""
    totals = records(tables["totals"], Total)
    ranks = [row for row in records(tables["ranks"], Rank) if row.contract == code]
    places = _places(tables["units"], programme, period)
    shown = {"unit": list(places.by_code)[:MOST_SHOWN]} if len(places.by_code) > MOST_SHOWN else {}
    lines = contract_lines(contract) if contract else ()
    return Facts(
        manifest=manifest,
        programme=programme,
        tables=tables,
        contract=contract,
        period=period,
        places=places,
        lines=lines,
        figures=_nested(records(totals_of(tables["indicators"], now | shown), Figure), "indicator"),
        counted=_nested(records(totals_of(tables["measures"], now | shown), Counted), "measure"),
        scores=_scores(records(tables["scores"], Score)),
        totals={row.unit: row for row in totals if row.contract == code},
        strand_totals=by([row for row in totals if row.contract != code], "unit"),
        ranks={row.unit: row for row in ranks},
        groups=by(sorted(ranks, key=lambda r: (r.peer_group, known(r.rank, math.inf), r.unit)), "peer_group"),
        moved=by(
            sorted(
                [row for row in records(tables["sensitivity"], Moved) if row.contract == code],
                key=lambda row: (row.peer_group, known(row.rank, math.inf), row.unit),
            ),
            "peer_group",
        ),
        composites=_composites(only(tables["composites"], period=period.code)),
        compared=_compared(contract, places, {row.unit for row in totals}),
        goals=goals(lines),
        gaps={
            unit: sorted(rows, key=lambda gap: known(gap.order, math.inf))
            for unit, rows in by(
                [gap for gap in records(tables["gaps"], Gap) if gap.lost != 0], "unit"
            ).items()
        },
        findings=tuple(records(tables["findings"], Found)),
        due=by(records(only(tables["reports"], period=period.code), Due), "unit"),
        batches={int(row.batch): row for row in records(tables["batches"], Batch)},
        delivered=by(records(tables["lineage"], Delivered), "unit"),
        withheld=run.table("withheld") if "release" in manifest else None,
        differences={
            unit: by(rows, "indicator")
            for unit, rows in by(records(only(tables["differences"], **shown), Difference), "unit").items()
        },
    )


def _composites(table: pa.Table) -> dict[str, list[Composed]]:
    ordered = sorted(records(table, Composed), key=lambda row: (known(row.rank, math.inf), row.unit))
    return by(ordered, "composite")


def totals_of(table: pa.Table, now: Mapping[str, str | Sequence[str]]) -> pa.Table:
    """The rows that have the wanted values, where NULL groups count as none."""
    for column in ("breakdown", "category"):
        at = table.column_names.index(column)
        table = table.set_column(at, table.schema.field(at), pc.fill_null(table.column(column), ""))
    return only(table, **now)


def known(value: float, otherwise: float) -> float:
    """The value, or `otherwise` where it is NaN."""
    return otherwise if math.isnan(value) else value


def _compared(contract: Contract | None, places: Places, assessed: Set[str]) -> tuple[str, ...]:
    if contract is None:
        return places.children.get(places.top or "", ())
    signed = frozenset(contract.units or ())
    return tuple(
        code
        for code, place in places.by_code.items()
        if place.level == contract.level.code and (not signed or code in signed or code in assessed)
    )


def _nested(rows: list[R], key: str) -> dict[str, dict[str, R]]:
    nested: dict[str, dict[str, R]] = {}
    for row in rows:
        nested.setdefault(row.unit, {})[getattr(row, key)] = row  # type: ignore[attr-defined]
    return nested


def _scores(rows: list[Score]) -> dict[str, dict[tuple[str, str], Score]]:
    nested: dict[str, dict[tuple[str, str], Score]] = {}
    for row in rows:
        nested.setdefault(row.unit, {})[row.contract, row.line] = row
    return nested


def _places(units: pa.Table, programme: Programme, period: Period) -> Places:
    """The units that stood at some time in the period; one that ceased in it keeps its last parent."""
    depth = {level.code: level.depth for level in programme.levels}
    rows = [
        row
        for row in units.to_pylist()
        if (row["closed"] is None or row["closed"] > period.start)
        and (row["opened"] is None or row["opened"] <= period.end)
    ]
    rows.sort(key=lambda row: (depth.get(row["level"], 99), row["unit"]))
    places = {
        row["unit"]: Place(
            row["unit"],
            Text(row["name_en"] or "", row["name_zh"] or ""),
            row["level"],
            row["parent"] or _last_parent(row["unit"], row["closed"], programme.units),
        )
        for row in rows
    }
    children: dict[str, list[str]] = {}
    for place in places.values():
        if place.parent in places:
            children.setdefault(place.parent or "", []).append(place.code)
    roots = tuple(place.code for place in places.values() if place.parent not in places)
    found = Places(places, {unit: tuple(codes) for unit, codes in children.items()}, roots, None, depth)
    return replace(found, top=max(roots, key=lambda code: (len(found.below(code)), code), default=None))


def _last_parent(unit: str, closed: dt.date | None, units: Units) -> str | None:
    return units.parent_on(unit, closed - dt.timedelta(days=1)) if closed and unit in units.index else None
