"""A unit's total: how it came about, which gates bite, where it stands among its equals."""

from __future__ import annotations

from tallymark.programme.resolved import Gate
from tallymark.publish.charts.caterpillar import Bar, caterpillar
from tallymark.publish.edition import Edition
from tallymark.publish.headlines import apart_sentence, rank_words
from tallymark.publish.numbers import absent, decimal, plain, spread
from tallymark.publish.pages.ranks import grade_title


def total_view(edition: Edition, unit: str) -> dict[str, object] | None:
    """How the unit's total came about."""
    facts, words = edition.facts, edition.words
    total = facts.totals.get(unit)
    if total is None or facts.contract is None:
        return None
    rank = facts.ranks.get(unit)
    group = facts.groups.get(rank.peer_group, []) if rank else []
    gates = {gate.code: gate for gate in facts.contract.gates}
    bite = [gates[code.strip()] for code in total.gates.split(",") if code.strip() in gates]
    return {
        "points": words("withheld")
        if facts.total_is_withheld(unit)
        else words("no total")
        if absent(total.total)
        else plain(total.total),
        "full": plain(facts.contract.points),
        "interval": spread(total.low, total.high, 1, edition.language),
        "rank": rank_words(edition, rank) if rank and not absent(rank.rank) else "",
        "peer": words("in the peer group {name}", name=rank.peer_group) if rank and rank.peer_group else "",
        "apart": apart_sentence(edition, rank, group) if rank else "",
        "sum": "" if facts.contract.bundle else _sum(edition, unit),
        "before": ""
        if absent(total.total_before_gates) or total.total_before_gates == total.total
        else plain(total.total_before_gates),
        "gates": [{"title": gate.title[edition.language], "said": gate_text(edition, gate)} for gate in bite],
        "gate_titles": gate_titles(edition, total.gates) if total.gates else "",
        "grade": grade_title(edition, total),
        "commended": bool(total.commended),
        "watch": _watched(edition, total.watch),
        "strands": _strands(edition, unit),
    }


def gate_text(edition: Edition, gate: Gate) -> str:
    """What a gate does, why, and how to appeal."""
    words, language = edition.words, edition.language
    effect = (
        words("The total is void.")
        if gate.effect == "void"
        else words("The total is capped at {cap}.", cap=plain(gate.cap))
    )
    return words.sentences([effect, gate.reason[language], gate.appeal[language]])


def _sum(edition: Edition, unit: str) -> str:
    """`81.2 + 1.5 − 0.5 = 82.2`: lines, bonus, deductions."""
    total = edition.facts.totals[unit]
    if absent(total.base):
        return ""
    words, said = edition.words, [edition.words("lines {points}", points=plain(total.base))]
    if total.bonus > 0:
        said.append(words("+ bonus {points}", points=plain(total.bonus)))
    if total.deductions > 0:
        said.append(words("− deductions {points}", points=plain(total.deductions)))
    return " ".join(said)


def _strands(edition: Edition, unit: str) -> list[str]:
    contract = edition.facts.contract
    if contract is None:
        return []
    totals = {total.contract: total for total in edition.facts.strand_totals.get(unit, ())}
    whole = sum(weight for _, weight in contract.bundle)
    return [
        edition.words(
            "{strand}: {points} of {full} points, weight {weight}",
            strand=strand.title,
            points=plain(totals[strand.code].total),
            full=plain(strand.points),
            weight=f"{plain(100 * weight / whole, 1)}%",
        )
        for strand, weight in contract.bundle
        if strand.code in totals
    ]


def _watched(edition: Edition, codes: str) -> str:
    titles = {line.code: line.declared.title[edition.language] for line in edition.facts.lines}
    return edition.words.names(
        [titles.get(code.strip(), code.strip()) for code in codes.split(",") if code.strip()], 5
    )


def total_strip(edition: Edition, unit: str) -> object:
    """This unit's total among the others of its group."""
    facts, words = edition.facts, edition.words
    rank = facts.ranks.get(unit)
    if rank is None:
        return None
    group = [r for r in facts.groups[rank.peer_group] if r.unit in facts.totals and not absent(r.total)]
    at = next((i for i, r in enumerate(group) if r.unit == unit), 0)
    near = group if len(group) <= 20 else group[max(at - 10, 0) : max(at - 10, 0) + 21]
    if len(near) < 2:
        return None
    bars = [
        Bar(
            label=edition.name(r.unit),
            at=r.total,
            low=facts.totals[r.unit].low,
            high=facts.totals[r.unit].high,
            note=decimal(r.total, 1) if r.unit == unit else "",
            href=f"../{edition.plan.page(r.unit)}" if edition.plan.page(r.unit) and r.unit != unit else "",
            kind="self" if r.unit == unit else "",
        )
        for r in near
    ]
    return caterpillar(
        bars,
        name="strip",
        title=words("{name} among its equals", name=edition.name(unit)),
        description=words("Totals with 95% intervals; the same figures stand on the page about ranks."),
        axis=words("points"),
    )


def gate_titles(edition: Edition, codes: str) -> str:
    """Titles of the gates in a comma-separated list of codes."""
    contract = edition.facts.contract
    gates = {gate.code: gate.title[edition.language] for gate in contract.gates} if contract else {}
    return edition.words.names(
        [gates.get(code.strip(), code.strip()) for code in codes.split(",") if code.strip()]
    )
