"""What else of a run would tell of few people: findings that quote figures, rows counted by delivery, sums recounted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from tallymark.programme.comparing import base_of
from tallymark.programme.resolved import Programme
from tallymark.publish.release.cells import Mask
from tallymark.publish.release.figures import hide, put, words
from tallymark.texts import translate

QUOTED = "What was found quotes counts of people; the office sees the figures."
OF_REPORTS = ("receive.late", "verify.late_reports", "verify.missing_reports")
"""Findings on whether reports came, which say nothing of what is in them."""
CHECK = "check."


def without_counts(
    tables: Mapping[str, pa.Table], programme: Programme, people: frozenset[str], withheld: Mask
) -> dict[str, pa.Table]:
    """Findings, deliveries, factors and allocations as they may be published."""
    datasets = {programme.measures[name].dataset.name for name in people}
    return {
        "findings": _findings(tables["findings"], programme, people, datasets),
        "batches": _batches(tables["batches"], programme, datasets),
        "lineage": hide(
            tables["lineage"], ("rows", "corrected"), words(tables["lineage"], "dataset", datasets)
        ),
        "factors": _factors(tables["factors"], programme, datasets),
        "allocations": _allocations(tables["allocations"], programme, tables["measures"], withheld),
    }


def _findings(
    findings: pa.Table, programme: Programme, people: frozenset[str], datasets: set[str]
) -> pa.Table:
    checks = {
        f"{CHECK}{name}"
        for name, check in programme.checks.items()
        if _reads(programme, {*check.reads, *map(base_of, check.show)}) & people
    }
    mask = words(findings, "dataset", datasets) & ~words(findings, "code", OF_REPORTS)
    mask |= words(findings, "code", checks)
    findings = hide(findings, ("period", "item", "sheet", "cell", "row", "hint", "hint_zh", "evidence"), mask)
    for column, language in (("message", "en"), ("message_zh", "zh")):
        findings = put(findings, column, mask, translate(QUOTED, language))
    return findings


def _reads(programme: Programme, names: set[str]) -> set[str]:
    """The measures that names stand for, those of indicators among them."""
    found = set(names)
    for name in names:
        if name in programme.indicators:
            found |= programme.indicators[name].names
    return found


def _batches(batches: pa.Table, programme: Programme, datasets: set[str]) -> pa.Table:
    """Rows of a delivery are rows of its register: of those that hold people they are counts of people."""
    sources = {
        name
        for name, source in programme.sources.items()
        if datasets & {table.dataset for table in source.tables}
    }
    mask = words(batches, "source", sources | datasets)
    return hide(batches, ("taken", "corrected", "refused"), mask)


def _factors(factors: pa.Table, programme: Programme, datasets: set[str]) -> pa.Table:
    of = {name for name, one in programme.verifications.items() if one.of.name in datasets}
    columns = ("reported", "recounted", "factor", "low", "high", "others_reported", "others_expected")
    return hide(factors, columns, words(factors, "verification", of))


def _allocations(allocations: pa.Table, programme: Programme, measures: pa.Table, withheld: Mask) -> pa.Table:
    """All of an allocation by a measure of which some figure is withheld: its shares add up."""
    gone = set(measures.column("measure").filter(pa.array(withheld)).to_pylist())
    levels = {
        code
        for code, one in programme.allocations.items()
        if one.measure is not None and one.measure.name in gone and _at_its_level(one, measures, withheld)
    }
    return hide(allocations, ("basis_value", "share", "amount"), words(allocations, "allocation", levels))


def _at_its_level(one: object, measures: pa.Table, withheld: Mask) -> bool:
    level, measure, period = one.level.code, one.measure.name, one.period  # type: ignore[attr-defined]
    rows = withheld & words(measures, "measure", [measure]) & words(measures, "level", [level])
    if period is not None:
        rows &= words(measures, "period", [period.code])
    return bool(np.any(rows))
