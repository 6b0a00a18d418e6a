"""Waived findings: stored as notes that say why, by whom and until when; a waiver that ran out is itself a finding."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tallymark.findings import Finding, Severity
from tallymark.model.periods import PeriodError
from tallymark.programme.resolved import Programme
from tallymark.programme.written.waivers import WrittenFindingWaiver

Mask = npt.NDArray[np.bool_]


def waive(programme: Programme, findings: pa.Table, *, today: dt.date) -> pa.Table:
    """The findings, those that a waiver in force covers as notes with `waived` (JSON: reason, by, until, severity).

    Nothing is left out. Of several waivers the first one counts; one that ran out before `today` covers nothing.
    """
    free = np.asarray(pc.is_null(findings.column("waived")).to_numpy(zero_copy_only=False), dtype=np.bool_)
    said = findings.column("waived").to_pylist()
    severities = findings.column("severity").to_pylist()
    for waiver in programme.waivers:
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


def ran_out(waivers: Sequence[WrittenFindingWaiver], *, today: dt.date) -> list[Finding]:
    """A warning for every waiver whose day is over."""
    return [
        Finding(
            "verify.waiver_expired", Severity.WARNING, "the waiver for {what} ran out on {until} ({reason})",
            "take it out, or give it a new day and say why",
            values={"what": _what(one), "until": one.until.isoformat(), "reason": one.reason},
        )
        for one in waivers if one.until < today
    ]  # fmt: skip


def _what(one: WrittenFindingWaiver) -> str:
    return ", ".join(str(part) for part in (one.check, one.pattern, one.unit, one.period, one.item) if part)


def _covers(programme: Programme, waiver: WrittenFindingWaiver, findings: pa.Table) -> Mask:
    code = f"check.{waiver.check}" if waiver.check else f"verify.{waiver.pattern}"
    mask = _where(pc.equal(findings.column("code"), code))
    if waiver.unit is not None:
        mask &= _where(pc.equal(findings.column("unit"), waiver.unit))
    if waiver.period is not None:
        inside = [
            one for one in pc.unique(findings.column("period")).to_pylist() if _inside(programme, one, waiver.period)
        ]  # fmt: skip
        mask &= _where(pc.is_in(findings.column("period"), pa.array(inside, pa.string())))
    if waiver.item is not None and waiver.check is not None:
        check = programme.checks[waiver.check]
        read = {programme.measures[name].item for name in check.reads if name in programme.measures}
        mask &= waiver.item in read
    elif waiver.item is not None:
        mask &= _where(pc.equal(findings.column("item"), waiver.item))
    return mask


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
