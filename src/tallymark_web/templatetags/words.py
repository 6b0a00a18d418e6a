"""Words in templates: `{% t "message" n=3 %}` says a message; `|said` reads a bilingual text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone

from tallymark.model.text import Text
from tallymark.publish.numbers import day_text
from tallymark_web.declared.fields import CHOICE_NAMES, LABELS
from tallymark_web.words import language, say

register = template.Library()

SPOKEN = {"ask_recount": "ask for a recount"}
"""Acts whose name is not what people say."""


@register.simple_tag(name="t")
def t(message: str, **values: Any) -> str:
    """The message in the reader's language; escaped by the template like any value."""
    return say(message, **values)


@register.filter
def said(text: object) -> str:
    """A bilingual text in the reader's language."""
    return text[language()] if isinstance(text, Text) else say(str(text))


@register.filter
def day(value: dt.date | dt.datetime | str | None) -> str:
    """A day in words."""
    if not value:
        return ""
    when = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    on: dt.date = timezone.localtime(when).date() if isinstance(when, dt.datetime) else when
    return day_text(on, language())


@register.filter
def moment(value: dt.datetime | str | None) -> str:
    """A day and a time of day."""
    if not value:
        return ""
    when = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{day(when)} {timezone.localtime(when):%H:%M}"


@register.filter
def of(values: Any, key: str) -> Any:
    """The value of a key; empty when there is none."""
    return values.get(key, "")


@register.filter
def labelled(key: str) -> str:
    """What a declared key is called; the key itself where it has no name."""
    return str(LABELS.get(key, key))


@register.filter
def chosen(word: str) -> str:
    """What a word for a choice means; the word itself where it says so already."""
    return str(CHOICE_NAMES.get(word, word))


@register.filter
def spoken(act: str) -> str:
    """What people call an act, in the reader's language."""
    return say(SPOKEN.get(act, act))


@register.filter
def signed(value: float | None, places: int = 1) -> str:
    """A difference with its sign; nothing for none."""
    if value is None:
        return "–"
    text = f"{value:+.{places}f}"
    return "0" if float(text) == 0 else text.replace("-", "−")
