"""What a gate of a contract asks, in words: a condition over figures, or verdicts that stand."""

from __future__ import annotations

from collections.abc import Mapping

from tallymark.model.text import Text
from tallymark.programme.resolved import Gate, VerdictGate
from tallymark.texts import Message, told

ASKED = {
    "falsified": "values ruled falsification, the declared evidence met and the unit heard: {least} or more",
    "recounted": "values that a recount put right, the unit heard: {least} or more",
}
SHARE = "{asked}, and at least {share} % of those recounted"


def condition(gate: Gate, titles: Mapping[str, Text], language: str) -> str:
    """The condition of a gate in words."""
    if gate.verdict is not None:
        return _asked(gate.verdict, language)
    return gate.when.in_words(titles, language) if gate.when is not None else ""


def _asked(one: VerdictGate, language: str) -> str:
    asked = Message(ASKED[one.verdict], least=one.least)
    if one.share:
        asked = Message(SHARE, asked=asked, share=f"{100 * one.share:g}")
    return told(asked, language)
