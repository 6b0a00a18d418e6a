"""Texts as written → bilingual texts."""

from __future__ import annotations

import re

from tallymark.model.text import Text
from tallymark.programme.written.parts import Bilingual, WrittenText

CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


def text_of(written: WrittenText | None, fallback: str | Text = "") -> Text:
    """The text in both languages; one string is Chinese when it has Chinese characters, else English."""
    if isinstance(written, Bilingual) and (written.en or written.zh):
        return Text(written.en, written.zh)
    if isinstance(written, str) and written:
        return Text(zh=written) if CHINESE.search(written) else Text(written)
    return Text(fallback) if isinstance(fallback, str) else fallback
