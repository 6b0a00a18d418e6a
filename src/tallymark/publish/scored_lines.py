"""What a contract scores: its lines, bonus lines and deductions, strand by strand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallymark.model.text import Text
from tallymark.programme.resolved import Contract, Deduction, Line


@dataclass(frozen=True, slots=True)
class ScoredLine:
    """A line, bonus line or deduction of the contract (or of one of its strands), in the contract's order."""

    contract: str
    section: str
    section_title: Text
    kind: str
    declared: Line | Deduction

    @property
    def code(self) -> str:
        return self.declared.code

    @property
    def key(self) -> tuple[str, str]:
        return self.contract, self.declared.code


def contract_lines(contract: Contract) -> tuple[ScoredLine, ...]:
    """Everything that a contract scores, strand by strand: its lines, its bonus lines, its deductions."""
    found = [
        ScoredLine(contract.code, section.code, section.title, "line", line)
        for section in contract.sections
        for line in section.lines
    ]
    found += [
        ScoredLine(contract.code, "bonus", Text("Bonus", "加分"), "bonus", line) for line in contract.bonus
    ]
    found += [
        ScoredLine(contract.code, "deductions", Text("Deductions", "扣分"), "deduction", deduction)
        for deduction in contract.deductions
    ]
    for strand, _ in contract.bundle:
        found += contract_lines(strand)
    return tuple(found)


def goals(lines: Sequence[ScoredLine]) -> dict[str, float]:
    """Indicator → the value that earns all points on its line, for awards that have one."""
    found: dict[str, float] = {}
    for line in lines:
        if isinstance(line.declared, Line) and line.declared.indicator is not None:
            award = line.declared.award
            if award.kind in ("all_or_nothing", "proportional"):
                found.setdefault(line.declared.indicator.name, award.target)
    return found


def strand_worth(contract: Contract | None) -> dict[str, float]:
    """Contract of a bundle → what one of its points is worth in the bundle's total; empty without a bundle."""
    if contract is None:
        return {}
    whole = sum(weight for _, weight in contract.bundle)
    return {
        strand.code: weight / whole * contract.points / strand.points for strand, weight in contract.bundle
    }
