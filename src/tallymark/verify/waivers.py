"""Waived findings: stored as notes that say why, by whom and until when; a waiver that ran out is itself a finding.

A waiver is declared in the programme, or it is delivered among the answers, as a ruling on one finding. Both need a
reason, a name and a last day.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.engine.interface import Engine, tuples
from tallymark.engine.sql import among, select
from tallymark.findings import Finding, Severity, Where
from tallymark.model.periods import PeriodError
from tallymark.programme.resolved import Dataset, Programme, Waiver
from tallymark.programme.written.patterns import KINDS
from tallymark.store import Store, stored

Mask = npt.NDArray[np.bool_]
WAIVED, REOPENED = "waived", "reopened"
"""Rulings that waive a finding, and that end it before its day."""
COLUMNS = ("code", "period", "dataset", "item", "ruling", "reason", "waived_by", "waived_until")
"""What a dataset of answers needs to hold waivers."""
LOOKED = "looked_waivers"
Where_ = tuple[str, str, str | None, str | None, str | None]
"""Code, unit, period, dataset, item of one finding."""


def holds_waivers(said: Dataset | None) -> bool:
    """Whether waivers can be delivered among these answers."""
    if said is None or not set(COLUMNS) <= set(said.columns):
        return False
    values = said.columns["ruling"].values
    return said.columns["waived_until"].type == "date" and (not values or {WAIVED, REOPENED} <= set(values))


def waivable(programme: Programme, code: str) -> bool:
    """Whether a kind of finding can be waived: checks and patterns; what recounts found asks for a ruling."""
    if code.startswith("check."):
        return code.removeprefix("check.") in programme.checks
    return code.removeprefix("verify.") in KINDS


def delivered(
    programme: Programme, store: Store, *, version: int, engine: Engine
) -> tuple[tuple[Waiver, ...], tuple[Finding, ...]]:
    """Waivers among the answers, the last ruling on a finding counting, and what those lack that waive nothing."""
    said = programme.hearing.answers
    if said is None or not holds_waivers(said):
        return (), ()
    engine.relation(LOOKED, stored(store, said, version))
    query = (
        select("_unit", *COLUMNS).from_(LOOKED).where(among("ruling", (WAIVED, REOPENED))).order_by("_batch", "_row")
    )  # fmt: skip
    rows = tuples(engine.rows(query))
    engine.drop([LOOKED])
    last: dict[Where_, tuple[str, str | None, str | None, dt.date | None]] = {}
    for unit, code, period, dataset, item, ruling, reason, by, until in rows:
        last[code or "", unit, period or None, dataset or None, item or None] = ruling, reason, by, until
    standing = {key: row for key, row in last.items() if row[0] == WAIVED and waivable(programme, key[0])}
    return (
        tuple(
            Waiver(code, reason, by, until, dataset=dataset, unit=unit, period=period, item=item, one=True)
            for (code, unit, period, dataset, item), (_, reason, by, until) in standing.items()
            if reason and by and until
        ),
        tuple(_lacking(key) for key, row in standing.items() if not all(row)),
    )


def _lacking(key: Where_) -> Finding:
    code, unit, period, dataset, item = key
    return Finding(
        "verify.waiver_incomplete", Severity.WARNING,
        "the waiver for {what} lacks a reason, a name or a last day; it waives nothing",
        "deliver it again with waived_until, waived_by and reason",
        values={"what": code}, where=Where(dataset=dataset, unit=unit, period=period, item=item),
    )  # fmt: skip


def waive(programme: Programme, waivers: Sequence[Waiver], findings: pa.Table, *, today: dt.date) -> pa.Table:
    """The findings, those that a waiver in force covers as notes with `waived` (JSON: reason, by, until, severity).

    Nothing is left out. Of several waivers the first one counts; one that ran out before `today` covers nothing.
    """
    free = np.asarray(pc.is_null(findings.column("waived")).to_numpy(zero_copy_only=False), dtype=np.bool_)
    said = findings.column("waived").to_pylist()
    severities = findings.column("severity").to_pylist()
    for waiver in waivers:
        if waiver.until < today:
            continue
        covered = free & _covers(programme, waiver, findings)
        free &= ~covered
        told = {"reason": waiver.reason, "by": waiver.by, "until": waiver.until.isoformat()}
        for at in np.flatnonzero(covered).tolist():
            said[at] = json.dumps(told | {"severity": severities[at]}, ensure_ascii=False, sort_keys=True)
            severities[at] = Severity.NOTE.value
    for name, values in (("waived", said), ("severity", severities)):
        at = findings.schema.get_field_index(name)
        findings = findings.set_column(at, findings.schema.field(name), pa.array(values, pa.string()))
    return findings


def ran_out(waivers: Sequence[Waiver], *, today: dt.date) -> Iterator[Finding]:
    """A warning for every declared waiver whose day is over; of a delivered one the finding itself returns."""
    for one in waivers:
        if one.until < today and not one.one:
            yield Finding(
                "verify.waiver_expired", Severity.WARNING, "the waiver for {what} ran out on {until} ({reason})",
                "take it out, or give it a new day and say why",
                values={"what": _what(one), "until": one.until.isoformat(), "reason": one.reason},
            )  # fmt: skip


def _what(one: Waiver) -> str:
    name = one.code.removeprefix("check.").removeprefix("verify.")
    return ", ".join(str(part) for part in (name, one.dataset, one.unit, one.period, one.item) if part)


def _covers(programme: Programme, waiver: Waiver, findings: pa.Table) -> Mask:
    mask = _where(pc.equal(findings.column("code"), waiver.code))
    if waiver.one:
        for name in ("dataset", "unit", "period", "item"):
            mask &= _is(findings.column(name), getattr(waiver, name))
        return mask
    for name in ("dataset", "unit"):
        if getattr(waiver, name) is not None:
            mask &= _is(findings.column(name), getattr(waiver, name))
    if waiver.period is not None:
        inside = [
            one for one in pc.unique(findings.column("period")).to_pylist() if _inside(programme, one, waiver.period)
        ]  # fmt: skip
        mask &= _where(pc.is_in(findings.column("period"), pa.array(inside, pa.string())))
    if waiver.item is not None and waiver.code.startswith("check."):
        check = programme.checks[waiver.code.removeprefix("check.")]
        read = {programme.measures[name].item for name in check.reads if name in programme.measures}
        mask &= waiver.item in read
    elif waiver.item is not None:
        mask &= _is(findings.column("item"), waiver.item)
    return mask


def of_one(programme: Programme, waiver: Waiver, told: Where_) -> bool:
    """Whether a waiver names the unit of one pattern (code, unit, period, dataset, item) and covers it."""
    code, unit, period, dataset, item = told
    if (waiver.code, waiver.unit) != (code, unit):
        return False
    if waiver.one:
        return (waiver.period, waiver.dataset, waiver.item) == (period, dataset, item)
    return (
        waiver.dataset in (None, dataset) and waiver.item in (None, item)
        and (waiver.period is None or _inside(programme, period, waiver.period))
    )  # fmt: skip


def _is(column: pa.ChunkedArray, value: str | None) -> Mask:
    """Where a column has the value; where it has none, for None."""
    return _where(pc.is_null(column) if value is None else pc.equal(column, value))


def _inside(programme: Programme, code: str | None, whole: str) -> bool:
    if code is None:
        return False
    try:
        one, other = programme.calendar.parse(code), programme.calendar.parse(whole)
    except PeriodError:
        return code == whole
    return other.start <= one.start and one.end <= other.end


def _where(condition: pa.ChunkedArray) -> Mask:
    return np.asarray(pc.fill_null(condition, False).to_numpy(zero_copy_only=False), dtype=np.bool_)
