"""Contracts and allocations as written → as stages see them."""

from __future__ import annotations

from collections.abc import Mapping

from tallymark.programme.files import Path_
from tallymark.programme.linting.scope import Scope
from tallymark.programme.resolved import (
    Allocation,
    Amendment,
    Contract,
    Deduction,
    Gate,
    Grade,
    Indicator,
    Level,
    Line,
    Measure,
    Section,
    VerdictGate,
    Watch,
)
from tallymark.programme.texts import text_of
from tallymark.programme.written.contract import (
    WrittenContract,
    WrittenDeduction,
    WrittenGate,
    WrittenLine,
)


def resolve_contracts(
    scope: Scope, levels: Mapping[str, Level], indicators: Mapping[str, Indicator]
) -> dict[str, Contract]:
    """All contracts in the order written, bundled ones bound (no circles: the check found none)."""
    done: dict[str, Contract] = {}

    def resolved(code: str) -> Contract:
        if code not in done:
            done[code] = _Resolver(scope, levels, indicators, code).contract(
                tuple(
                    (resolved(strand.contract), strand.weight)
                    for strand in scope.written.contracts[code].bundle
                )
            )
        return done[code]

    return {code: resolved(code) for code in scope.written.contracts}


class _Resolver:
    def __init__(
        self, scope: Scope, levels: Mapping[str, Level], indicators: Mapping[str, Indicator], code: str
    ) -> None:
        self.scope = scope
        self.levels = levels
        self.indicators = indicators
        self.code = code
        self.written: WrittenContract = scope.written.contracts[code]
        self.path: Path_ = ("contracts", code)

    def contract(self, bundle: tuple[tuple[Contract, float], ...]) -> Contract:
        one = self.written
        sections = self.sections()
        bonus = self.bonus()
        lines = {
            line.code: line for line in (*(part for section in sections for part in section.lines), *bonus)
        }
        return Contract(
            code=self.code,
            title=text_of(one.title, self.code),
            description=text_of(one.description),
            parties=text_of(one.parties),
            level=self.levels[one.level],
            period=self.scope.calendar.parse(one.period),
            points=one.points,
            units=tuple(one.units) if one.units is not None else None,
            peers=one.peers,
            sections=sections,
            bonus_cap=one.bonus.cap if one.bonus else 0.0,
            bonus=bonus,
            deductions=tuple(map(self.deduction, one.deductions)),
            gates=tuple(self.gate(gate, (*self.path, "gates", at)) for at, gate in enumerate(one.gates)),
            bundle=bundle,
            ranking=one.ranking,
            grades=self.grades(),
            commend=one.commend,
            watch=self.watch(lines),
            legal_reference=one.legal_reference,
            amendments=tuple(
                Amendment(part.on, text_of(part.reason), tuple(part.lines)) for part in one.amendments
            ),
            signed=one.signed,
        )

    def sections(self) -> tuple[Section, ...]:
        found = []
        for at, section in enumerate(self.written.sections):
            lines = tuple(
                self.line(line, section.code, (*self.path, "sections", at, "lines", order))
                for order, line in enumerate(section.lines)
            )
            found.append(Section(section.code, text_of(section.title, section.code), lines))
        return tuple(found)

    def bonus(self) -> tuple[Line, ...]:
        written = self.written.bonus.lines if self.written.bonus else ()
        return tuple(
            self.line(line, "bonus", (*self.path, "bonus", "lines", at)) for at, line in enumerate(written)
        )

    def line(self, one: WrittenLine, section: str, path: Path_) -> Line:
        return Line(
            code=one.code,
            section=section,
            title=text_of(one.title, one.code),
            description=text_of(one.description),
            points=one.points,
            indicator=self.indicators[one.indicator] if one.indicator else None,
            award=one.award,
            missing=one.missing or self.written.missing,
            uncertain=one.uncertain or self.written.uncertain,
            when=self.scope.expressions.get((*path, "when")),
        )

    def deduction(self, one: WrittenDeduction) -> Deduction:
        return Deduction(
            one.code, text_of(one.title, one.code), self.indicators[one.indicator], one.each, one.most
        )

    def gate(self, one: WrittenGate, path: Path_) -> Gate:
        return Gate(
            code=one.code,
            title=text_of(one.title, one.code),
            when=self.scope.expressions[*path, "when"] if one.when is not None else None,
            effect=one.effect,
            cap=one.cap,
            reason=text_of(one.reason),
            appeal=text_of(one.appeal),
            verdict=VerdictGate(
                one.verdict,
                (one.verification,) if one.verification else (),
                tuple(one.items),
                one.least,
                one.share,
            )
            if one.verdict is not None
            else None,
        )

    def grades(self) -> tuple[Grade, ...]:
        found = [Grade(one.code, text_of(one.title, one.code), one.bound) for one in self.written.grades]
        return tuple(sorted(found, key=lambda grade: -grade.bound))

    def watch(self, lines: Mapping[str, Line]) -> Watch | None:
        one = self.written.watch
        if one is None:
            return None
        return Watch(tuple(lines[code] for code in one.lines), one.frequency, one.bottom, one.periods)


def resolve_allocation(
    scope: Scope, code: str, *, levels: Mapping[str, Level], measures: Mapping[str, Measure]
) -> Allocation:
    """An allocation with its level, period and measure bound."""
    one = scope.written.allocations[code]
    return Allocation(
        code=code,
        title=text_of(one.title, code),
        total=one.total,
        level=levels[one.level],
        period=scope.calendar.parse(one.period) if one.period else None,
        by=one.by,
        measure=measures[one.measure] if one.measure else None,
        attribute=one.attribute,
        classes=dict(one.classes),
        least=one.least,
        step=one.step,
    )
