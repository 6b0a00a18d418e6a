"""Contracts: references, points that add up, gates, grades, bundles, the watch list."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.awards import check_award
from tallymark.programme.linting.gates import check_gate
from tallymark.programme.linting.noise import check_ranking
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.contract import (
    Checklist,
    WrittenContract,
    WrittenDeduction,
    WrittenLine,
)
from tallymark.programme.written.figures import STATISTICS_ONLY, WrittenIndicator


def check_contracts(scope: Scope) -> None:
    """Finds what is wrong with each contract."""
    for code, contract in scope.written.contracts.items():
        path: Path_ = ("contracts", code)
        _check_frame(scope, path, contract)
        for line, place, _ in lines_of(contract, path):
            _check_line(scope, contract, line, place)
        _check_codes(scope, path, contract)
        _check_points(scope, path, contract)
        for at, deduction in enumerate(contract.deductions):
            _check_deduction(scope, deduction, (*path, "deductions", at))
        for at, gate in enumerate(contract.gates):
            check_gate(scope, contract, gate, (*path, "gates", at))
        _check_grades(scope, path, contract)
        _check_watch(scope, path, contract)
        check_ranking(scope, path, contract)
    _check_bundles(scope)


def lines_of(contract: WrittenContract, path: Path_) -> Iterator[tuple[WrittenLine, Path_, bool]]:
    """Every line of a contract with its path, and whether it is a bonus line."""
    for at, section in enumerate(contract.sections):
        for order, line in enumerate(section.lines):
            yield line, (*path, "sections", at, "lines", order), False
    for order, line in enumerate(contract.bonus.lines if contract.bonus else ()):
        yield line, (*path, "bonus", "lines", order), True


def _check_frame(scope: Scope, path: Path_, contract: WrittenContract) -> None:
    scope.known(contract.level, scope.levels, (*path, "level"), "level")
    period = scope.period(contract.period, (*path, "period"))
    if period is not None:
        scope.frequency(period.frequency, (*path, "period"), computed=True)
    if contract.peers is not None:
        scope.known(contract.peers, scope.attributes, (*path, "peers"), "attribute")
    if scope.units is not None:
        for at, unit in enumerate(contract.units or ()):
            if not scope.known(unit, scope.units.index, (*path, "units", at), "unit"):
                continue
            level = scope.units.levels[scope.units.index[unit]]
            if level != contract.level:
                scope.wrong("level", (*path, "units", at), "'{unit}' is of level '{level}', not '{wanted}'",
                            unit=unit, level=level, wanted=contract.level)  # fmt: skip
    if not contract.sections and not contract.bundle and scope.sound(path):
        scope.wrong("missing_key", path, "a contract needs `sections:` (or `bundle:`)")
    if contract.sections and contract.bundle:
        scope.wrong("bundle", (*path, "bundle"), "a contract has sections or bundles others, not both",
                    "move the sections into a contract of their own and bundle it")  # fmt: skip


def _check_line(scope: Scope, contract: WrittenContract, line: WrittenLine, path: Path_) -> None:
    indicator = None
    if line.indicator is not None:
        indicator = _indicator(scope, line.indicator, (*path, "indicator"))
    elif not isinstance(line.award, Checklist):
        scope.wrong("missing_key", path, "line '{line}' needs `indicator:`", line=line.code)
    check_award(scope, path, line, contract=contract, indicator=indicator)
    if line.when is not None:
        scope.expression((*path, "when"), line.when, scope.attributes, "boolean")
    if indicator is not None and line.uncertain not in (None, "point") and indicator.interval == "none":
        scope.wrong(
            "interval",
            (*path, "uncertain"),
            "'{indicator}' has no interval, so `uncertain` changes nothing",
            "declare an `interval:` for the indicator",
            severity=Severity.WARNING,
            indicator=line.indicator,
        )


def _indicator(scope: Scope, name: str, path: Path_) -> WrittenIndicator | None:
    """The indicator that is scored at a path; findings when it is unknown or cannot be scored."""
    if not scope.known(name, scope.names("indicators"), path, "indicator"):
        return None
    indicator = scope.written.indicators.get(name)
    # Statistics-only indicators are for the rights gate to refuse, with its reason.
    if indicator and indicator.direction == "none" and indicator.concerns not in STATISTICS_ONLY:
        scope.wrong("direction", path, "'{indicator}' has no better direction and cannot be scored",
                    "say `direction: higher` or `lower`, or score another indicator", indicator=name)  # fmt: skip
    return indicator


def _check_codes(scope: Scope, path: Path_, contract: WrittenContract) -> None:
    seen: dict[str, Path_] = {}
    places = [((*place, "code"), line.code) for line, place, _ in lines_of(contract, path)]
    places += [((*path, "deductions", at, "code"), part.code) for at, part in enumerate(contract.deductions)]
    places += [((*path, "gates", at, "code"), part.code) for at, part in enumerate(contract.gates)]
    for place, code in places:
        first = seen.setdefault(code, place)
        if first != place:
            scope.wrong("duplicate", place, "code '{code}' stands twice in the contract, first at {first}",
                        "give every line, deduction and gate a code of its own", code=code,
                        first=str(scope.folder.positions.where(*first)))  # fmt: skip
    sections = [section.code for section in contract.sections]
    for at, code in enumerate(sections):
        if code in sections[:at]:
            scope.wrong(
                "duplicate", (*path, "sections", at, "code"), "section '{code}' stands twice", code=code
            )


def _check_points(scope: Scope, path: Path_, contract: WrittenContract) -> None:
    if not contract.sections or not scope.sound(path):
        return
    total = math.fsum(line.points for line, _, bonus in lines_of(contract, path) if not bonus)
    if abs(total - contract.points) > 1e-6:
        parts = ", ".join(
            f"{section.code} {math.fsum(line.points for line in section.lines):g}"
            for section in contract.sections
        )
        scope.wrong(
            "points",
            (*path, "points"),
            "the lines have {total} points together, not {points} ({parts})",
            "correct the lines' points, or `points:`",
            total=f"{total:g}",
            points=f"{contract.points:g}",
            parts=parts,
        )
    if contract.bonus:
        most = math.fsum(line.points for line in contract.bonus.lines)
        if contract.bonus.cap > most:
            scope.wrong(
                "points",
                (*path, "bonus", "cap"),
                "the cap ({cap}) is above all bonus points together ({most})",
                severity=Severity.NOTE,
                cap=f"{contract.bonus.cap:g}",
                most=f"{most:g}",
            )


def _check_deduction(scope: Scope, deduction: WrittenDeduction, path: Path_) -> None:
    indicator = _indicator(scope, deduction.indicator, (*path, "indicator"))
    if indicator is not None and indicator.direction == "higher":
        scope.wrong(
            "award",
            (*path, "indicator"),
            "points are taken off for '{indicator}', of which more is better",
            "deduct for incidents: an indicator with direction: lower",
            indicator=deduction.indicator,
        )
    if deduction.most is not None and deduction.most < deduction.each:
        scope.wrong(
            "award",
            (*path, "most"),
            "at most {most} points are taken off, less than for one incident ({each})",
            severity=Severity.WARNING,
            most=f"{deduction.most:g}",
            each=f"{deduction.each:g}",
        )


def _check_grades(scope: Scope, path: Path_, contract: WrittenContract) -> None:
    most = contract.points + (contract.bonus.cap if contract.bonus else 0)
    bounds = [grade.bound for grade in contract.grades]
    for at, grade in enumerate(contract.grades):
        if grade.bound > most:
            scope.wrong(
                "grade",
                (*path, "grades", at, "bound"),
                "no total can reach {bound}; the most is {most}",
                bound=f"{grade.bound:g}",
                most=f"{most:g}",
            )
        if grade.bound in bounds[:at]:
            scope.wrong("grade", (*path, "grades", at, "bound"), "two grades begin at {bound}",
                        bound=f"{grade.bound:g}")  # fmt: skip
        if grade.code in [other.code for other in contract.grades[:at]]:
            scope.wrong(
                "duplicate", (*path, "grades", at, "code"), "grade '{code}' stands twice", code=grade.code
            )


def _check_watch(scope: Scope, path: Path_, contract: WrittenContract) -> None:
    if contract.watch is None:
        return
    codes = [line.code for line, _, _ in lines_of(contract, path)]
    for at, code in enumerate(contract.watch.lines):
        scope.known(code, codes, (*path, "watch", "lines", at), "line")
    scope.frequency(contract.watch.frequency, (*path, "watch", "frequency"), computed=True)


def _check_bundles(scope: Scope) -> None:
    contracts = scope.written.contracts
    for code, contract in contracts.items():
        for at, strand in enumerate(contract.bundle):
            path: Path_ = ("contracts", code, "bundle", at, "contract")
            if not scope.known(strand.contract, scope.names("contracts"), path, "contract"):
                continue
            other = contracts.get(strand.contract)
            if other is not None and other.level != contract.level:
                scope.wrong("level", path, "'{contract}' is for level '{other}', not '{level}'",
                            contract=strand.contract, other=other.level, level=contract.level)  # fmt: skip
        ring = _ring(scope, code)
        if ring and min(ring) == code:
            scope.wrong(
                "bundle",
                ("contracts", code, "bundle"),
                "contracts bundle each other in a circle: {ring}",
                "take one of them out",
                ring=" → ".join([*ring, code]),
            )


def _ring(scope: Scope, start: str) -> list[str]:
    """The contracts on the way from one back to itself; empty when there is no way back."""
    pending: list[list[str]] = [[start]]
    seen = set()
    while pending:
        way = pending.pop()
        contract = scope.written.contracts.get(way[-1])
        for strand in contract.bundle if contract else ():
            if strand.contract == start:
                return way
            if strand.contract not in seen:
                seen.add(strand.contract)
                pending.append([*way, strand.contract])
    return []
