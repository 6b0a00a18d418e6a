"""A programme's folder → the programme, or everything that is wrong with it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path

from tallymark.errors import ProgrammeError
from tallymark.findings import Finding, errors_among
from tallymark.programme.files import read_folder
from tallymark.programme.linting.allocations import check_allocations
from tallymark.programme.linting.composites import check_composites
from tallymark.programme.linting.contracts import check_contracts
from tallymark.programme.linting.datasets import check_datasets
from tallymark.programme.linting.disclosure import check_disclosure
from tallymark.programme.linting.examples import check_examples
from tallymark.programme.linting.figures import check_checks, check_indicators, check_measures, check_unused
from tallymark.programme.linting.hearing import check_hearing
from tallymark.programme.linting.languages import check_languages
from tallymark.programme.linting.linkages import check_linkages
from tallymark.programme.linting.patterns import check_patterns
from tallymark.programme.linting.place import attribute_kinds, read_calendar, read_levels, read_units
from tallymark.programme.linting.review import check_review
from tallymark.programme.linting.scope import Scope
from tallymark.programme.linting.sources import check_sources
from tallymark.programme.linting.vaulted import check_vaulted
from tallymark.programme.linting.verifications import check_verifications
from tallymark.programme.linting.waivers import check_waivers
from tallymark.programme.resolve import resolve
from tallymark.programme.resolved import Programme
from tallymark.programme.rights import rights_findings_raw
from tallymark.programme.shape import read_shape

CHECKS: tuple[Callable[[Scope], None], ...] = (
    check_datasets,
    check_sources,
    check_measures,
    check_vaulted,
    check_indicators,
    check_composites,
    check_checks,
    check_verifications,
    check_patterns,
    check_disclosure,
    check_hearing,
    check_waivers,
    check_review,
    check_contracts,
    check_allocations,
    check_linkages,
    check_examples,
    check_unused,
    check_languages,
)
"""Run in this order; the unused are found last, when everything that uses is known."""


def lint(path: str | Path) -> list[Finding]:
    """Everything wrong with a programme's folder, in order of file and line."""
    return in_order(examine(Path(path)))


def load(path: str | Path) -> Programme:
    """The programme declared in a folder.

    Errors: ProgrammeError carries every finding when any is an error.
    """
    scope = examine(Path(path))
    findings = in_order(scope)
    errors = errors_among(findings)
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ProgrammeError(f"{errors[0]}{more}", findings)
    return resolve(scope)


def examine(path: Path) -> Scope:
    """A programme read and checked; what was found is in its folder."""
    # Reading makes many small values and no garbage: collecting in between would take 40 % of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _examine(path)
    finally:
        if collecting:
            gc.enable()


def _examine(path: Path) -> Scope:
    folder = read_folder(path)
    shape = read_shape(folder)
    written = shape.folder
    programme, units = shape.sections.get("programme"), shape.sections.get("units")
    levels = read_levels(folder, programme)
    tree = read_units(folder, units, levels)
    scope = Scope(
        folder=folder,
        shape=shape,
        calendar=read_calendar(folder, programme),
        units=tree,
        written=written,
        levels=levels,
        attributes=attribute_kinds(tree, units),
    )
    if folder.sections:
        for check in CHECKS:
            check(scope)
        folder.findings.extend(rights_findings_raw(folder.sections, folder.positions.raw))
    return scope


def in_order(scope: Scope) -> list[Finding]:
    """What was found in a programme, in order of file and line."""
    return sorted(
        scope.folder.findings, key=lambda one: (one.where.file or "", one.where.line or 0, one.code)
    )
