"""Methods, written from the declarations: what is counted, what earns points, how to recompute, how to challenge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallymark.programme.gates import condition
from tallymark.programme.resolved import Amendment, Contract, Gate, Measure
from tallymark.publish.awards import rule
from tallymark.publish.edition import Edition
from tallymark.publish.explaining import BASES, INTERVALS, WHEN_MISSING, WHEN_UNCERTAIN, interval_method
from tallymark.publish.facts import Facts
from tallymark.publish.html import Pages
from tallymark.publish.numbers import day_text, plain, stretch
from tallymark.publish.pages.ranks import ranking_method
from tallymark.publish.pages.totals import gate_text
from tallymark.publish.plan import BUDGET, packed
from tallymark.publish.scored_lines import ScoredLine
from tallymark.publish.slugs import anchor

FRAME, LINE, MEASURE, CHECK, DATASET = 30_000, 1_100, 520, 620, 520
"""Bytes: the page's fixed part, and one item of each list."""

RIGHTS = (
    "No target, quota, gate, rank, alert, bonus or pay is set on births, pregnancies, abortions, contraceptive use, "
    "a method, sterilisation or the sex ratio at birth. Such figures are statistics for everyone and nobody’s duty.",
    "Services are voluntary. Nothing here depends on how many children anyone has, on marital status, on a method "
    "used or on a permit.",
    "No figure on this site is about a person. Registers stay with the offices that keep them; what is published "
    "are counts.",
    "Complaining costs nobody anything: offices are judged by how they answer, never by how few complain.",
    "Falsified data and proven coercion void an office’s total. Every decision can be appealed.",
)
BASIS_OF_RIGHTS = (
    "Bases: ICPD Programme of Action 7.12; WHO (2014) on human rights in contraceptive services; CEDAW General "
    "Recommendation 24; UN Fundamental Principles of Official Statistics, principle 6."
)


def method_pages(facts: Facts) -> dict[tuple[str, str], int]:
    """(list, code) → on which of the pages about methods an item stands."""
    items = _items(facts)
    weights = {"line": LINE, "measure": MEASURE, "check": CHECK, "dataset": DATASET}
    numbers = packed([FRAME, *(weights[kind] for kind, _ in items)], BUDGET)[1:]
    return dict(zip(items, numbers, strict=True))


def _items(facts: Facts) -> list[tuple[str, str]]:
    programme = facts.programme
    return [
        *(("line", anchor(*line.key)) for line in facts.lines),
        *(("dataset", name) for name in programme.datasets),
        *(("measure", name) for name in programme.measures),
        *(("check", name) for name in programme.checks),
    ]


def page_path(number: int) -> str:
    """The file of one of the pages about methods."""
    return "methods.html" if number == 1 else f"methods.{number}.html"


def write_methods(pages: Pages) -> None:
    """The pages about methods."""
    edition, words, facts = pages.edition, pages.edition.words, pages.edition.facts
    where = method_pages(facts)
    last = max(where.values(), default=1)
    for number in range(1, last + 1):
        pages.write(
            page_path(number),
            "methods.html",
            page_title=words("Methods"),
            section="methods.html",
            number=number,
            pager=[(page_path(n), str(n), n == number) for n in range(1, last + 1)],
            sections=_sections(
                edition, [line for line in facts.lines if where["line", anchor(*line.key)] == number]
            ),
            datasets=[
                _dataset(edition, name)
                for name in facts.programme.datasets
                if where["dataset", name] == number
            ],
            measures=[
                _measure(edition, m)
                for m in facts.programme.measures.values()
                if where["measure", m.name] == number
            ],
            checks=[
                _check(edition, name) for name in facts.programme.checks if where["check", name] == number
            ],
            **_front(edition),
        )


def _front(edition: Edition) -> dict[str, Any]:
    facts, words = edition.facts, edition.words
    manifest, contract = facts.manifest, facts.contract
    return {
        "facts_of_run": [
            (words("Run"), str(manifest["run"])),
            (words("Kind"), words("rehearsal") if facts.rehearsal else words("official")),
            (
                words("Period"),
                f"{edition.period(facts.period.code)} ({stretch(facts.period, edition.language)})",
            ),
            (words("Made at"), str(manifest.get("made_at", ""))),
            (words("Engine"), str(manifest.get("engine", ""))),
            (words("Data version"), str(manifest["data_version"])),
            (words("Hash of the data"), str(manifest.get("data_hash", ""))),
            (words("Hash of the declared rules"), str(manifest["programme"]["hash"])),
            (words("Program version"), str(manifest["code_version"])),
        ],
        "kinds": [(sign, css, words(name), words(said)) for sign, css, name, said in FOUR_KINDS],
        "bases": [(words(name), words(said)) for name, said in BASES.items()],
        "intervals": _intervals(edition),
        "contract": _contract(edition, contract) if contract else None,
        "ranking": ranking_method(edition),
        "rights": [words(said) for said in RIGHTS],
        "rights_basis": words(BASIS_OF_RIGHTS),
        "recompute": f"tallymark recompute {manifest['run']}",
    }


FOUR_KINDS = (
    ("0", "z", "zero", "Reported, and the answer is none."),
    ("—", "m", "missing", "A report was due and nothing usable came. Missing is never counted as zero."),
    (
        "·",
        "u",
        "not expected",
        "Nothing was due: the unit was not open, or the line does not apply to it.",
    ),
    (
        "✱",
        "s",
        "suppressed",
        "Known but withheld, because few people are behind it, or because it would give such a figure away.",
    ),
)


def _intervals(edition: Edition) -> list[str]:
    used = {interval_method(indicator) for indicator in edition.facts.programme.indicators.values()}
    return [edition.words(said) for name, said in INTERVALS.items() if said in used and name != "none"]


def _contract(edition: Edition, contract: Contract) -> dict[str, Any]:
    words, language = edition.words, edition.language
    ranking = contract.ranking
    return {
        "title": contract.title[language],
        "description": contract.description[language],
        "parties": contract.parties[language],
        "period": stretch(contract.period, language),
        "points": plain(contract.points),
        "legal": contract.legal_reference or "",
        "bonus_cap": plain(contract.bonus_cap) if contract.bonus else "",
        "gates": [_gate(edition, gate) for gate in contract.gates],
        "grades": [(grade.title[language], plain(grade.bound)) for grade in contract.grades],
        "commend": contract.commend,
        "amendments": [_amendment(edition, one) for one in contract.amendments],
        "bundle": [(strand.title[language], plain(100 * weight, 1)) for strand, weight in _weights(contract)],
        "ties": words(TIES[ranking.ties]) if ranking else "",
        "round_to": ranking.round_to if ranking else 0,
        "peers": contract.peers or "",
        "watch": words(
            "Watch list: {bottom} lowest on {lines} in {n} periods running ({frequency}). Help comes first.",
            bottom=contract.watch.bottom,
            lines=words.names([line.title[language] for line in contract.watch.lines], 6),
            n=contract.watch.periods,
            frequency=words(contract.watch.frequency),
        )
        if contract.watch
        else "",
    }


TIES = {
    "min": "Equal totals share the better rank (1, 1, 3).",
    "dense": "Equal totals share a rank and none is left out (1, 1, 2).",
    "average": "Equal totals share the mean of their ranks (1.5, 1.5, 3).",
}


def _weights(contract: Contract) -> list[tuple[Contract, float]]:
    whole = sum(weight for _, weight in contract.bundle) or 1.0
    return [(strand, weight / whole) for strand, weight in contract.bundle]


def _gate(edition: Edition, gate: Gate) -> dict[str, str]:
    language = edition.language
    return {
        "title": gate.title[language],
        "when": condition(gate, edition.titles, language),
        "said": gate_text(edition, gate),
    }


def _amendment(edition: Edition, one: Amendment) -> dict[str, str]:
    """A change while the contract was in force: when, of which lines, why."""
    words, language = edition.words, edition.language
    day = day_text(one.on, language)
    lines = words.names(list(one.lines), 12)
    return {
        "said": words("Changed on {day}, lines {lines}", day=day, lines=lines)
        if one.lines
        else words("Changed on {day}", day=day),
        "reason": one.reason[language],
    }


def _sections(edition: Edition, lines: Sequence[ScoredLine]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in lines:
        title = line.section_title[edition.language]
        if not found or found[-1]["title"] != title:
            found.append({"title": title, "lines": []})
        found[-1]["lines"].append(_line(edition, line))
    return found


def _line(edition: Edition, line: ScoredLine) -> dict[str, str]:
    words, declared = edition.words, line.declared
    indicator = getattr(declared, "indicator", None)
    missing, uncertain = getattr(declared, "missing", None), getattr(declared, "uncertain", None)
    when = getattr(declared, "when", None)
    description = getattr(declared, "description", None)
    return {
        "id": anchor("line", *line.key),
        "title": declared.title[edition.language],
        "points": plain(getattr(declared, "points", None)),
        "said": words.sentences(
            [
                description[edition.language] if description else "",
                rule(declared, words, edition.titles),
                words(WHEN_UNCERTAIN[uncertain]) if uncertain else "",
                words("Missing: {rule}", rule=words(WHEN_MISSING[missing])) if missing else "",
                words("Only where {condition}.", condition=when.in_words(edition.titles, edition.language))
                if when
                else "",
            ]
        ),
        "indicator": indicator.title[edition.language] if indicator else "",
        "href": edition.plan.indicator(indicator.name) if indicator else "",
    }


def _dataset(edition: Edition, name: str) -> dict[str, str]:
    dataset = edition.facts.programme.datasets[name]
    words = edition.words
    return {
        "id": anchor("d", name),
        "title": dataset.title[edition.language] or name,
        "name": name,
        "said": words.series(
            [
                words(KINDS[dataset.kind]),
                *([dataset.level.title[edition.language]] if dataset.level else []),
                *(
                    [words("due {n} days after the period ends", n=dataset.due_days)]
                    if dataset.due_days is not None
                    else []
                ),
                words(
                    ABSENCES.get(
                        dataset.absence,
                        "where nothing stands, the monthly report says whether the unit reported",
                    )
                ),
            ]
        ),
    }


KINDS = {
    "events": "register: a row an event",
    "reports": "reports: a number a unit and period",
    "stocks": "stocks: a level at a date",
}
ABSENCES = {
    "missing": "where nothing stands, it is missing",
    "zero": "where nothing stands, it is zero: the register is complete",
}
COUNTS = {
    "count": "rows counted",
    "sum": "added up",
    "distinct": "different values counted",
    "stock": "level",
}
OVER_TIME = {
    "sum": "added over time",
    "last": "the last of the period",
    "first": "the first of the period",
    "average": "the mean over the period",
    "mid_period": "the mean of the levels at start and end",
}


def _measure(edition: Edition, measure: Measure) -> dict[str, str]:
    words, language = edition.words, edition.language
    columns = {name: column.title for name, column in measure.dataset.columns.items() if column.title}
    items = {name: item.title for name, item in measure.dataset.items.items() if item.title}
    titles: Mapping[str, Any] = columns | items
    of = measure.item or (measure.of.in_words(titles, language) if measure.of else "")
    if measure.item in items:
        of = items[measure.item][language]
    return {
        "id": anchor("m", measure.name),
        "title": measure.title[language] or measure.name,
        "name": measure.name,
        "description": measure.description[language],
        "said": words.series(
            [
                measure.dataset.title[language] or measure.dataset.name,
                words(COUNTS[measure.aggregate]),
                *([of] if of else []),
                *(
                    [words("where {condition}", condition=measure.where.in_words(titles, language))]
                    if measure.where
                    else []
                ),
                *([words(OVER_TIME[measure.over_time])] if measure.over_time != "sum" else []),
            ]
        ),
    }


def _check(edition: Edition, name: str) -> dict[str, str]:
    check = edition.facts.programme.checks[name]
    return {
        "id": anchor("check", name),
        "title": check.title[edition.language] or name,
        "name": name,
        "expect": check.in_words(edition.titles, edition.language),
        "severity": check.severity,
        "said": edition.words(check.severity),
        "hint": check.hint[edition.language],
    }
