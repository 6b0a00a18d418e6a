"""Which language is spoken."""

from __future__ import annotations

import pytest

from tallymark.cli.speak import asked_language, shown_language


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["lint", "x", "--lang", "zh"], "zh"),
        (["--lang=zh", "lint"], "zh"),
        (["lint", "--lang", "zh", "--help"], "zh"),
        (["lint", "--lang", "en", "--lang", "zh"], "zh"),
        (["lint", "--lang"], "en"),
        (["lint", "--lang", "fr"], "en"),
        (["lint", "--", "--lang", "zh"], "en"),
        ([], "en"),
    ],
)
def test_the_language_asked_for_anywhere(
    arguments: list[str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert asked_language(arguments) == language


@pytest.mark.parametrize(
    ("system", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_systems_language(system: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in system.items():
        monkeypatch.setenv(name, value)
    assert shown_language(None) == language
    assert shown_language("en") == "en"
