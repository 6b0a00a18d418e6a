"""Figures by period: those that an earlier run made of the same rows, and the others measured.

Says the same as `measure` for all periods at once (docs/decisions/0049).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from tallymark.engine.interface import Engine
from tallymark.measure.again import measure_verified
from tallymark.measure.comparisons import SAME, with_given
from tallymark.measure.histogram import ENOUGH
from tallymark.measure.measuring import Measured, measure
from tallymark.measure.plan import compared_with, plan
from tallymark.measure.reaching import Reach, Rested, rested
from tallymark.measure.tally import Sources
from tallymark.model.periods import Period, month_number
from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Programme
from tallymark.store import Store
from tallymark.store.partials import Partials, digest
from tallymark.store.period_files import PeriodFile, find, keep

NAMES = ("measures", "indicators", "reports")
MANY = 500_000
"""Rows of results from which they are kept by period; fewer are made as quickly as found."""


Pieces = Mapping[str, Mapping[str, pa.Table]]
"""Table → period → its rows; without periods that have none."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some periods: what was made now, and files of what is kept."""

    periods: Mapping[str, Period]
    """Those asked for, by code, in order of their codes."""
    made: Pieces
    files: Mapping[str, Mapping[str, PeriodFile]] = field(default_factory=dict)
    """Period → table → file, of the periods that are kept."""
    rests: Rested | None = None
    """What the figures rest on, where they may be kept."""

    def table(self, name: str, periods: Collection[str] | None = None) -> pa.Table:
        """A table of some of the periods, of all when None."""
        parts = [TABLES[name].schema.empty_table()]
        for code in self.periods:
            if periods is not None and code not in periods:
                continue
            if code in self.made[name]:
                parts.append(self.made[name][code])
            elif code in self.files and self.files[code][name].rows:
                parts.append(self.files[code][name].table())
        return pa.concat_tables(parts)

    def of(self, periods: Collection[str] | None = None) -> Measured:
        """All tables of some of the periods."""
        return Measured(**{name: self.table(name, periods) for name in NAMES})

    def pieces(self, name: str) -> dict[str, PeriodFile | pa.Table]:
        """A table by period, each as a file where it is kept; only periods that have rows."""
        found = {code: files[name] for code, files in self.files.items() if files[name].rows}
        every = dict(self.made[name]) | found
        return {code: every[code] for code in self.periods if code in every}

    def rows(self, name: str) -> int:
        """How many rows a table has over all periods."""
        pieces = self.pieces(name).values()
        return sum(one.rows if isinstance(one, PeriodFile) else one.num_rows for one in pieces)


def figures(
    programme: Programme, store: Store, *, periods: Sequence[Period], version: int, engine: Engine,
    partials: Partials | None,
) -> Figures:  # fmt: skip
    """All measures and indicators for these periods; where there are many, each period is kept, or found again.

    partials: of the store, where what was counted before may be used.
    """
    known = {period.code: period for period in sorted(periods, key=lambda one: one.code)}

    def measured(codes: Iterable[str], given: Collection[str] = ()) -> Pieces:
        return _split(
            measure(
                programme, store, periods=[known[code] for code in codes], version=version, engine=engine,
                partials=partials, given=given,
            )
        )  # fmt: skip

    if partials is None or engine.near is None:
        return Figures(known, measured(known))
    mark = partials.key("many", programme.hash)
    if next(partials.packs(mark), None) is None:
        whole = Figures(known, measured(known))
        if whole.rows("measures") + whole.rows("indicators") < MANY:
            return whole
        partials.keep(mark, pa.table({"many": [True]}))
        rests = _rested(programme, store, version, engine, partials, known.values())
        return _kept(Figures(known, whole.made, {}, rests), programme, partials)
    rests = _rested(programme, store, version, engine, partials, known.values())
    found = {} if rests is None else _found(rests, programme, partials)
    missing = [code for code in known if code not in found]
    made = measured(missing, found) if missing else _NOTHING
    return _kept(_compared(programme, Figures(known, made, found, rests)), programme, partials)


def with_verified(
    whole: Figures, programme: Programme, store: Store, verified: Mapping[str, pa.Table], *, version: int,
    engine: Engine, partials: Partials | None,
) -> Figures:  # fmt: skip
    """The figures with verified values in place of reported ones (`measure.verified.SCHEMA`, by dataset of reports)."""

    def again(codes: Collection[str], given: Collection[str] = ()) -> Pieces:
        return _split(
            measure_verified(
                programme, store, whole.of(codes), verified, periods=[whole.periods[code] for code in codes],
                version=version, engine=engine, partials=partials, given=given,
            )
        )  # fmt: skip

    if partials is None or whole.rests is None:
        return Figures(whole.periods, again(whole.periods.keys()))
    others = _named(programme, verified, whole.rests.reaches)
    names = {code: digest(whole.rests.names[code], others[code]) for code in others}
    rests = Rested({**whole.rests.names, **names}, whole.rests.reaches)
    same = {code: files for code, files in whole.files.items() if code not in others}
    found = same | _found(Rested(names, {}), programme, partials)
    missing = [code for code in whole.periods if code not in found]
    made = again(missing, found) if missing else _NOTHING
    return _kept(_compared(programme, Figures(whole.periods, made, found, rests)), programme, partials)


def by_period(table: pa.Table) -> dict[str, pa.Table]:
    """The rows of each period of a table in the order of its keys, of which the period is the first."""
    codes = table.column("period").combine_chunks().dictionary_encode()
    starts = np.flatnonzero(np.diff(codes.indices.to_numpy(), prepend=-1)).tolist()
    ends = [*starts[1:], table.num_rows][: len(starts)]
    named = codes.dictionary.to_pylist()
    return {name: table.slice(low, high - low) for name, low, high in zip(named, starts, ends, strict=True)}


def _split(measured: Measured) -> Pieces:
    return {name: by_period(getattr(measured, name)) for name in NAMES}


_NOTHING: Pieces = {name: {} for name in NAMES}


def _rested(
    programme: Programme, store: Store, version: int, engine: Engine, partials: Partials, periods: Iterable[Period]
) -> Rested | None:  # fmt: skip
    spans = [*periods]
    planned = plan(programme, spans)
    sources = Sources.of(planned, store, version, partials).large(planned, ENOUGH)
    return rested(engine, programme, store, sources, periods=spans, version=version)


def _found(rests: Rested, programme: Programme, partials: Partials) -> dict[str, Mapping[str, PeriodFile]]:
    found = {
        code: find(partials, _key(programme, partials, name), NAMES) for code, name in rests.names.items()
    }
    return {code: files for code, files in found.items() if files is not None}


def _compared(programme: Programme, whole: Figures) -> Figures:
    """The same, with what was made compared with what is kept."""
    made = dict(whole.made["indicators"])
    for code, rows in made.items():
        others = {
            word: compared_with(programme.calendar, whole.periods[code], word)
            for word in {word for one in programme.indicators.values() for word in one.compare}
        }
        kept = {
            word: tuple(whole.files[one.code]["indicators"].table((*SAME, "value")) for one in periods)
            for word, periods in others.items()
            if all(one.code in whole.files for one in periods)
        }
        made[code] = with_given(rows, programme.indicators, kept)
    return Figures(whole.periods, {**whole.made, "indicators": made}, whole.files, whole.rests)


def _kept(whole: Figures, programme: Programme, partials: Partials) -> Figures:
    """The same; what was made is kept."""
    if whole.rests is None:
        return whole
    files = dict(whole.files)
    for code, name in whole.rests.names.items():
        if code not in files:
            tables = {
                table: whole.made[table].get(code, TABLES[table].schema.empty_table()) for table in NAMES
            }
            kept = keep(partials, _key(programme, partials, name), tables)
            if kept is not None:
                files[code] = kept
    return Figures(whole.periods, whole.made, files, whole.rests)


def _key(programme: Programme, partials: Partials, name: str) -> str:
    return partials.key("period", programme.hash, name)


def _named(
    programme: Programme, verified: Mapping[str, pa.Table], reaches: Mapping[str, Reach]
) -> dict[str, str]:
    """Period → a hash of the verified values that its figures reach into; without periods that reach into none."""
    held = [
        (name, _months(programme, code), digest(name, code, *(one.to_pylist() for one in rows.columns)))
        for name, table in sorted(verified.items())
        for code, rows in by_period(
            table.sort_by([(key, "ascending") for key in ("period", "unit", "item")])
        ).items()
    ]
    found = {
        period: [named for name, months, named in held if not months.isdisjoint(reach.get(name, ()))]
        for period, reach in reaches.items()
    }
    return {period: digest(ones) for period, ones in found.items() if ones}


def _months(programme: Programme, code: str) -> frozenset[int]:
    period = programme.calendar.parse(code)
    return frozenset(range(month_number(period.start), month_number(period.end) + 1))
