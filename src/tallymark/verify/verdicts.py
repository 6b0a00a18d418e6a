"""A verdict for every value: accepted, corrected, recounted, estimated, disputed or missing, with reason and evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan

from tallymark.verify.recounts import Factor, Nature, Pair, differs

RULINGS = ("upheld", "explained", "error", "falsification")
ANSWERS = ("accepts", "explains", "contests")
REASONS = {
    "not_reported": "Nothing was reported; missing is not zero.",
    "nothing_against": "Nothing speaks against the value.",
    "recount_agrees": "A recount found the same, within the tolerance.",
    "corrected_in_time": "The unit put the value right itself before it was due or recounted; this costs nothing.",
    "corrected_when_heard": "A recount differed; the unit put the value right before its days to answer were over; "
    "this costs nothing.",
    "corrected_late": "The unit put the value right itself after it was due or its days to answer were over.",
    "recount_differs": "A recount found another value, and the unit accepted it or did not answer in time.",
    "ruled": "A recount found another value, and the ruling upheld it.",
    "explained": "A recount or a check differed; the unit explained it and the ruling agreed.",
    "awaiting_answer": "A recount found another value; the unit may still answer.",
    "contested": "The unit contests the recount and no ruling has been made.",
    "check_open": "A check at severity error does not hold and was not explained.",
    "factor": "The unit was not visited; recounts elsewhere in its stratum differ from reports beyond chance.",
}
"""Why a verdict is what it is."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it stands in the store."""

    unit: str
    period: str
    item: str
    reported: float | None
    stratum: str = ""
    corrected_at: dt.date | None = None
    """When the unit itself put it right."""
    due: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit said to a difference, and what was ruled."""

    answer: str | None = None
    ruling: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided about a value."""

    value: Value
    verdict: str
    basis: str
    reason: str
    use: float | None
    """The value to go on with."""
    recounted: float | None = None
    low: float | None = None
    high: float | None = None
    nature: str = "none"
    evidence: Mapping[str, object] = field(default_factory=dict)
    counts: str = ""
    """What a contract may count it as once the unit was heard: `recounted`, `falsified`, or nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that verdicts are made from, by unit, period and item."""

    recounts: Mapping[tuple[str, str, str], tuple[Pair, dt.date]]
    """With the day on which the recount was received."""
    answers: Mapping[tuple[str, str, str], Answer]
    checks: Mapping[tuple[str, str, str], tuple[str, ...]]
    """Codes of checks at severity error that do not hold."""
    factors: Mapping[tuple[str, str], Factor]
    """By item and stratum, from units enough; empty where none may correct others."""
    natures: Mapping[tuple[str, str], Nature]
    evident: frozenset[tuple[str, str]] = frozenset()
    """Unit and item whose differences met every declared evidence rule, as values stood when they were recounted."""


def decide(value: Value, known: Known, *, tolerance: float, answer_days: int, today: dt.date) -> Verdict:
    """The verdict of one value; `today` is the day up to which the data were received."""
    key = (value.unit, value.period, value.item)
    answer = known.answers.get(key, Answer())
    if key in known.recounts:
        return _recounted(value, known, answer, tolerance=tolerance, answer_days=answer_days, today=today)
    if value.reported is None:
        return Verdict(value, "missing", "missing", "not_reported", None)
    if value.corrected_at is not None:
        late = value.due is not None and value.corrected_at > value.due
        evidence = {"corrected_at": value.corrected_at.isoformat()}
        reason = "corrected_late" if late else "corrected_in_time"
        return Verdict(value, "corrected", "corrected", reason, value.reported, evidence=evidence)
    checks = known.checks.get(key, ())
    if checks and answer.ruling != "explained":
        return Verdict(
            value, "disputed", "reported", "check_open", value.reported, evidence={"checks": list(checks)}
        )
    if checks:
        return Verdict(
            value, "accepted", "reported", "explained", value.reported, evidence={"checks": list(checks)}
        )
    factor = known.factors.get((value.item, value.stratum)) or known.factors.get((value.item, ""))
    if factor is not None and not factor.low <= 1 <= factor.high:
        return _estimated(value, factor)
    return Verdict(value, "accepted", "reported", "nothing_against", value.reported)


def _recounted(
    value: Value, known: Known, answer: Answer, *, tolerance: float, answer_days: int, today: dt.date
) -> Verdict:
    pair, received = known.recounts[value.unit, value.period, value.item]
    until = received + dt.timedelta(days=answer_days)
    heard = answer.answer is not None or today > until
    evidence: dict[str, object] = {"recounted": pair.recounted, "received": received.isoformat()}
    if value.reported is None:
        return Verdict(
            value, "recounted", "recounted", "recount_differs", pair.recounted, pair.recounted, evidence=evidence
        )  # fmt: skip
    false = answer.ruling == "falsification" and heard and (value.unit, value.item) in known.evident
    if not differs(pair, tolerance):
        # What was ruled falsification stays that, also where the figure was put right afterwards.
        counts, nature = ("falsified", "falsification") if false else ("", "none")
        fixed = value.corrected_at
        if fixed is not None and fixed >= received and not false:
            reason = "corrected_when_heard" if fixed <= until else "corrected_late"
            evidence |= {"corrected_at": fixed.isoformat(), "until": until.isoformat()} | _seen(None, answer)
            return Verdict(
                value, "corrected", "corrected", reason, value.reported, pair.recounted, evidence=evidence
            )  # fmt: skip
        return Verdict(
            value, "accepted", "reported", "recount_agrees", value.reported, pair.recounted,
            evidence=evidence, nature=nature, counts=counts,
        )  # fmt: skip
    evidence |= _seen(known.natures.get((value.unit, value.item)), answer)
    verdict, reason = _heard(answer, heard)
    if reason == "awaiting_answer":
        evidence["until"] = until.isoformat()
    decided = verdict == "recounted"
    return Verdict(
        value,
        verdict,
        "recounted" if decided else "reported",
        reason,
        pair.recounted if decided else value.reported,
        pair.recounted,
        nature=_nature(known.natures.get((value.unit, value.item)), answer, reason),
        evidence=evidence,
        counts="falsified" if false and decided else "recounted" if decided else "",
    )


def _heard(answer: Answer, heard: bool) -> tuple[str, str]:
    """Verdict and reason where a recount differs: nothing counts against a unit that was not heard."""
    if answer.ruling == "explained":
        return "accepted", "explained"
    if answer.ruling in RULINGS and heard:
        return "recounted", "ruled"
    if answer.answer in ("contests", "explains"):
        return "disputed", "contested"
    return ("recounted", "recount_differs") if heard else ("disputed", "awaiting_answer")


def _nature(nature: Nature | None, answer: Answer, reason: str) -> str:
    if reason == "explained":
        return "none"
    if reason == "ruled" and answer.ruling == "falsification":
        return "falsification"
    return nature.kind if nature else "error"


def _seen(nature: Nature | None, answer: Answer) -> dict[str, object]:
    """What differences look like together, and what was said to them."""
    seen: dict[str, object] = {}
    if nature is not None:
        seen |= {"differing": nature.differing, "compared": nature.compared, "size": _plain(nature.size)}
        seen |= {"helping": _plain(nature.helping), "chance": _plain(nature.chance)}
    if answer.answer:
        seen["answer"] = answer.answer
    if answer.ruling:
        seen["ruling"] = answer.ruling
    return seen


def _estimated(value: Value, factor: Factor) -> Verdict:
    reported = value.reported or 0.0
    evidence = {
        "factor": factor.factor,
        "low": factor.low,
        "high": factor.high,
        "stratum": factor.stratum,
        "units": factor.units,
    }
    return Verdict(
        value,
        "estimated",
        "estimated",
        "factor",
        reported * factor.factor,
        low=reported * factor.low,
        high=reported * factor.high,
        evidence=evidence,
    )


def _plain(number: float) -> float | None:
    return None if isnan(number) else round(number, 6)


def correcting(found: Sequence[Factor], *, least: int) -> dict[tuple[str, str], Factor]:
    """The factors that rest on units enough to correct others; they do where their interval excludes 1."""
    return {(each.item, each.stratum): each for each in found if each.units >= least and not isnan(each.low)}


def decide_all(
    values: Sequence[Value], known: Known, *, tolerance: float, answer_days: int, today: dt.date
) -> list[Verdict]:
    """A verdict for every value, in the order of unit, period and item."""
    ordered = sorted(values, key=lambda each: (each.unit, each.period, each.item))
    return [
        decide(each, known, tolerance=tolerance, answer_days=answer_days, today=today) for each in ordered
    ]
