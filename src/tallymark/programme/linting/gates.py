"""Gates of contracts: conditions over figures, or verdicts that stand — never a finding, a pattern or a suspicion."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallymark.findings import Severity
from tallymark.programme.files import Path_
from tallymark.programme.linting.figures import check_ambiguous
from tallymark.programme.linting.scope import Scope
from tallymark.programme.written.contract import WrittenContract, WrittenGate
from tallymark.programme.written.patterns import KINDS

VERDICTS = ("falsified", "recounted")
"""What a gate may count: both stand only when the unit was heard."""
OPEN = ("disputed", "contested", "inquiry", "suspected", "suspicion", "error", "finding", "findings")
"""What is not settled."""
FREE = ("accepted", "corrected", "estimated", "missing")
"""What costs a unit nothing."""
PARTS = ("check", "checks", "verify", "findings", "verdicts")
"""What codes of findings begin with."""
_WORD = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


def check_gate(scope: Scope, contract: WrittenContract, gate: WrittenGate, path: Path_) -> None:
    """Finds what is wrong with a gate."""
    if (gate.when is None) == (gate.verdict is None) and scope.sound(path):
        scope.wrong("missing_key", path, "gate '{gate}' needs either `when:` (a condition over figures) or `verdict:`",
                    gate=gate.code)  # fmt: skip
    if gate.verdict is not None:
        _check_verdict(scope, gate, gate.verdict, path)
    elif gate.when is not None:
        _check_when(scope, gate.when, path)
    _check_effect(scope, contract, gate, path)


def _check_when(scope: Scope, text: str, path: Path_) -> None:
    names = scope.figures() | dict.fromkeys(scope.names("indicators"), "number")
    odd = [word for word in _WORD.findall(text) if word not in names and _is_finding(scope, word)]
    for word in odd:
        _suspicion(scope, (*path, "when"), word)
    if odd:
        return
    when = scope.expression((*path, "when"), text, names, "boolean")
    if when:
        scope.used |= when.names
        check_ambiguous(scope, (*path, "when"), when.names)


def _is_finding(scope: Scope, word: str) -> bool:
    first, _, rest = word.partition(".")
    return word in (*KINDS, *OPEN, *scope.names("checks")) or (first in PARTS and bool(rest))


def _suspicion(scope: Scope, path: Path_, word: str) -> None:
    scope.wrong(
        "suspicion",
        path,
        "'{word}' is a finding: it says what is odd, not what is so, and no gate rests on it",
        "write `verdict: falsified` or `verdict: recounted` with `verification:`; those stand only after a recount, "
        "the declared evidence and the unit's answer",
        word=word,
    )


def _check_verdict(scope: Scope, gate: WrittenGate, verdict: str, path: Path_) -> None:
    place = (*path, "verdict")
    if verdict in FREE:
        scope.wrong("wrong_value", place, "'{verdict}' costs a unit nothing and no gate counts it",
                    "gates count `falsified` and `recounted`; for missing reports write `when:` over an indicator",
                    verdict=verdict)  # fmt: skip
    elif verdict not in VERDICTS and _is_finding(scope, verdict):
        _suspicion(scope, place, verdict)
    elif scope.known(verdict, VERDICTS, place, "verdict"):
        for key in _verifications(scope, gate, path):
            _check_heard(scope, key, gate, path)
    if gate.appeal is None:
        scope.wrong("missing_key", path, "gate '{gate}' rests on a verdict and needs `appeal:`",
                    "say before whom and within how many days the unit can contest it", gate=gate.code)  # fmt: skip


def _verifications(scope: Scope, gate: WrittenGate, path: Path_) -> Iterator[str]:
    """The verifications whose verdicts the gate counts."""
    declared = scope.names("verifications")
    if gate.verification is not None:
        if scope.known(gate.verification, declared, (*path, "verification"), "verification"):
            yield gate.verification
    elif not declared and not scope.folder.unread:
        scope.wrong("unknown_name", (*path, "verdict"), "nothing is verified, so there are no verdicts",
                    "declare `verifications:` (what is recounted, and how units answer)")  # fmt: skip
    else:
        yield from declared


def _check_heard(scope: Scope, name: str, gate: WrittenGate, path: Path_) -> None:
    """A verdict counts against a unit only where the unit can answer."""
    one = scope.written.verifications.get(name)
    if one is None:
        return
    if one.answers is None or one.answer_days < 1:
        scope.wrong(
            "suspicion",
            (*path, "verdict"),
            "in '{verification}' units cannot answer, so its verdicts count against nobody",
            "add `answers:` (a dataset of events) and `answer_days:` of at least 1 to the verification",
            verification=name,
        )
    if gate.verdict == "falsified" and not one.helps:
        scope.wrong(
            "no_effect",
            (*path, "verdict"),
            "in '{verification}' no item says which way a wrong value helps, so its evidence rules are never met",
            "add `helps:` (item → higher or lower) to the verification",
            severity=Severity.WARNING,
            verification=name,
        )
    for at, item in enumerate(gate.items):
        dataset = scope.written.datasets.get(one.of)
        if dataset is not None and gate.verification is not None:
            scope.known(item, list(dataset.items), (*path, "items", at), "item")


def _check_effect(scope: Scope, contract: WrittenContract, gate: WrittenGate, path: Path_) -> None:
    if gate.effect == "cap" and gate.cap is None:
        scope.wrong("missing_key", path, "a gate that caps the total needs `cap:`")
    elif gate.effect == "void" and gate.cap is not None:
        scope.wrong("no_effect", (*path, "cap"), "a gate that voids the total has no use for `cap`",
                    severity=Severity.WARNING)  # fmt: skip
    most = contract.points + (contract.bonus.cap if contract.bonus else 0)
    if gate.effect == "cap" and gate.cap is not None and gate.cap >= most:
        scope.wrong("grade", (*path, "cap"), "a cap of {cap} never bites: no total is above {most}",
                    cap=f"{gate.cap:g}", most=f"{most:g}")  # fmt: skip
