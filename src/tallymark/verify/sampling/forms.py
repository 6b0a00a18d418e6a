"""What is asked on a visit: figures recounted blind, things checked, people interviewed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tallymark.errors import ProgrammeError, TallymarkError
from tallymark.findings import Finding, Where, known_words
from tallymark.model.text import Text
from tallymark.programme.rights import rights_findings_raw

KINDS = ("recount", "check", "ask", "note")
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
OUTCOMES = (
    ("visited", Text("visited", "已查")),
    ("closed", Text("closed or away", "无人")),
    ("refused", Text("refused", "拒绝")),
    ("not_found", Text("not found", "未找到")),
)
"""What may come of a visit."""


NONE = Text("", "")


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the form: `recount` takes a whole number, `check` yes or no, `ask` one of its choices, `note` words."""

    name: str
    kind: str
    title: Text
    hint: Text = NONE
    choices: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """The questions of a visit, with title and purpose."""

    title: Text
    purpose: Text
    questions: tuple[Question, ...]


def read_form(told: object, name: str) -> Form:
    """The form in a mapping; TallymarkError says what is wrong, ProgrammeError what the rights gate refuses."""
    if not isinstance(told, Mapping) or not isinstance(told.get("questions"), list):
        raise TallymarkError(
            "{file} declares no form: it needs title, purpose and a list of questions", file=name
        )
    unknown = next((key for key in told if key not in ("title", "purpose", "questions")), None)
    if unknown is not None:
        raise TallymarkError(
            "{file}: a form has no '{key}'; {known}",
            file=name,
            key=unknown,
            known=known_words(str(unknown), ("title", "purpose", "questions")),
        )
    questions = tuple(_question(each, name) for each in told["questions"])
    names = [question.name for question in questions]
    if not questions or len(set(names)) < len(names):
        raise TallymarkError("{file}: a form needs questions, each with a name of its own", file=name)
    form = Form(_text(told.get("title"), "Visit"), _text(told.get("purpose"), ""), questions)
    refused = _refused(form, name)
    if refused:
        raise ProgrammeError("the form asks what may not be asked", refused)
    return form


def _question(told: object, file: str) -> Question:
    if not isinstance(told, Mapping):
        raise TallymarkError("{file}: each question is a mapping with name, kind and title", file=file)
    name, kind = str(told.get("name", "")), str(told.get("kind", ""))
    if not NAME.fullmatch(name) or name in ("unit", "period", "outcome", "visited_on", "visitor"):
        raise TallymarkError(
            "{file}: '{name}' is no name for a question; use small letters, digits and _",
            file=file,
            name=name,
        )
    if kind not in KINDS:
        raise TallymarkError(
            "{file}: question {name} is of no known kind '{kind}'; {known}",
            file=file,
            name=name,
            kind=kind,
            known=known_words(kind, KINDS),
        )
    choices = told.get("choices") or {}
    if not isinstance(choices, Mapping) or (kind == "ask") != bool(choices):
        raise TallymarkError(
            "{file}: question {name}: choices belong to `ask`, as a mapping of name to title",
            file=file,
            name=name,
        )
    return Question(
        name,
        kind,
        _text(told.get("title"), name),
        _text(told.get("hint"), ""),
        tuple((str(code), _text(title, str(code))) for code, title in choices.items()),
    )


def _text(told: object, default: str) -> Text:
    if isinstance(told, Mapping):
        en, zh = (
            str(told.get("en") or told.get("zh") or default),
            str(told.get("zh") or told.get("en") or default),
        )
        return Text(en, zh)
    return Text(str(told or default), str(told or default))


def _refused(form: Form, name: str) -> list[Finding]:
    """What the rights gate says of the form, read as a dataset with a column for each question."""
    columns: dict[str, Any] = {
        question.name: {
            "type": "text",
            "title": {
                "en": " ".join([question.title.en, question.hint.en, *(t.en for _, t in question.choices)]),
                "zh": "，".join(
                    part
                    for part in [question.title.zh, question.hint.zh, *(t.zh for _, t in question.choices)]
                    if part
                ),
            },
        }
        for question in form.questions
    }
    dataset = {
        "kind": "events",
        "title": {"en": form.title.en, "zh": form.title.zh},
        "purpose": form.purpose.en,
        "columns": columns,
    }
    found = rights_findings_raw({"datasets": {"visit": dataset}}, {})
    return [
        Finding(
            each.code,
            each.severity,
            each.template,
            each.hint_template,
            each.values,
            Where(file=name),
            each.evidence,
        )
        for each in found
    ]
