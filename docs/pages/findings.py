"""Every code that a finding can have, stage by stage."""

from __future__ import annotations

from collections.abc import Mapping

from docs.pages.markdown import code, page, table

from tallymark.findings import Severity
from tallymark.model.unit_codes import CODES as UNITS
from tallymark.programme.codes import CODES as PROGRAMME
from tallymark.programme.dhis2.codes import CODES as DHIS2
from tallymark.programme.rights.rules import gate
from tallymark.score.codes import CODES as SCORE
from tallymark.sources.codes import CODES as RECEIVE
from tallymark.verify.codes import CODES as VERIFY
from tallymark.verify.prose.codes import CODES as PROSE

SEVERITIES = ", ".join(code(severity.value) for severity in Severity)
INTRO = f"""A finding is something wrong with a programme or its data: a value with a stable code, a severity
({SEVERITIES}), a place, a message, a hint and evidence. An error makes `tallymark` exit 1. Findings of
receipt and of checks stand in the run's table [`findings`](tables.md)."""
STAGES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("Programme", "Found by `tallymark lint` and on loading.", PROGRAMME),
    ("Units", "Found on loading.", UNITS),
    ("Import from DHIS2", "Found by `tallymark import-dhis2`.", DHIS2),
    (
        "Receipt",
        "Found by `tallymark receive`; what is refused is kept and counted in the receipt.",
        RECEIVE,
    ),
    ("Scoring", "Found by `tallymark assess`.", SCORE),
    ("Recounts", "Found by `tallymark assess`; see [verdicts](../verdicts.md).", VERIFY),
    ("Prose", "Found by `tallymark check-text`; [check-text](../check-text.md) shows each.", PROSE),
)


def findings_page() -> str:
    """docs/reference/findings.md."""
    parts = [INTRO]
    for title, text, codes in STAGES:
        parts += [f"## {title}", text, _codes(codes)]
    rules = {f"rights.{rule.id}": rule.title["en"] for rule in gate().rules.values()}
    rules["rights.statutory_condition"] = (
        "A condition that a law in force makes; allowed, and shown as the law's choice."
    )
    parts += [
        "## Rights gate",
        "Found by `tallymark lint` and on loading; [the rights gate](../rights-gate.md) says what each looks for, "
        "what it rests on and what to declare instead.",
        _codes(rules),
        "## Checks",
        "`check.<name>`: a check of that name, declared under `checks:`, does not hold. Severity, hint and the "
        "figures quoted are declared with it.",
    ]
    return page("Findings", *parts)


def _codes(codes: Mapping[str, str]) -> str:
    return table(("code", "meaning"), [(code(name), meaning) for name, meaning in sorted(codes.items())])
