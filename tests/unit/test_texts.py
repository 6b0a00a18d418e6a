"""Messages and errors that remember their templates."""

from __future__ import annotations

import pytest

from tallymark import texts
from tallymark.errors import AssessmentError, ProgrammeError
from tallymark.model.expressions.errors import ExpressionError
from tallymark.texts import Message, told


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"no {what} in {place}": "{place}中没有{what}", "cake": "蛋糕", "eat {n}": "吃{n}"}
    monkeypatch.setattr(texts, "translate", lambda message, language: words.get(message, message))


def test_an_error_is_told_in_both_languages_with_the_messages_inside_it() -> None:
    error = AssessmentError("no {what} in {place}", what=Message("cake"), place="{tin}")
    assert str(error) == told(error) == "no cake in {tin}"
    assert told(error, "zh") == "{tin}中没有蛋糕"


def test_a_message_is_a_plain_string_for_who_does_not_ask() -> None:
    message = Message("no {what} in {place}", what="tea", place="pot")
    assert message == "no tea in pot"
    assert told(message, "zh") == "pot中没有tea"


def test_braces_in_a_message_without_values_stay() -> None:
    assert str(AssessmentError("a {b} c")) == told(AssessmentError("a {b} c"), "zh") == "a {b} c"
    assert told("plain", "zh") == "plain"


def test_findings_stay_with_a_programme_error() -> None:
    error = ProgrammeError("eat {n}", (), n=2)
    assert (str(error), told(error, "zh"), error.findings) == ("eat 2", "吃2", ())


def test_an_expression_error_tells_its_hint() -> None:
    error = ExpressionError("eat {n}", {"n": 2}, "cake")
    assert (str(error), told(error, "zh")) == ("eat 2 — cake", "吃2 — 蛋糕")
