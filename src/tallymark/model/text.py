"""A text in English and Chinese, as declared programmes carry it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A bilingual text; a language that was not written falls back to the one that was."""

    en: str = ""
    zh: str = ""

    def __getitem__(self, language: str) -> str:
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)

    def __str__(self) -> str:
        return self["en"]

    def __bool__(self) -> bool:
        return bool(self.en or self.zh)
