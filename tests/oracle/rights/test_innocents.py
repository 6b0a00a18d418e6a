"""False alarms: an innocent programme is not refused for sharing words with a refused one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.oracle.rights.allowed import ALLOWED
from tests.oracle.rights.declare import FORMS, rules, scored_throughout, shown, statistic

WRITTEN = yaml.safe_load((Path(__file__).parent / "innocents.yaml").read_text(encoding="utf-8"))


def each(key: str) -> list[tuple[str, str]]:
    """(first column, text) in Chinese and in English."""
    return [(row[0], text) for row in WRITTEN[key] for text in row[1:]]


@pytest.mark.parametrize(("concerns", "text"), each("throughout"))
def test_services_are_scored_under_their_own_names(concerns: str, text: str) -> None:
    raw = scored_throughout(text, concerns)
    assert not rules(raw), shown(raw)


@pytest.mark.parametrize("text", WRITTEN["held_out"])
def test_services_written_afterwards_load(text: str) -> None:
    raw = scored_throughout(text)
    assert not rules(raw), shown(raw)


@pytest.mark.parametrize(("zh", "en"), [row[1:] for row in WRITTEN["throughout"]])
def test_both_languages_together(zh: str, en: str) -> None:
    raw = scored_throughout({"zh": zh, "en": en})
    assert not rules(raw), shown(raw)


@pytest.mark.parametrize(("concerns", "text"), each("statistics"))
def test_statistics_load_outside_contracts(concerns: str, text: str) -> None:
    raw = statistic(text, concerns)
    assert not rules(raw), shown(raw)


@pytest.mark.parametrize(("form", "text"), each("data"))
def test_data_are_reported(form: str, text: str) -> None:
    raw = FORMS[form](text)
    assert not rules(raw), shown(raw)


@pytest.mark.parametrize("name", ALLOWED)
def test_whole_programmes_load(name: str) -> None:
    assert not rules(ALLOWED[name]), shown(ALLOWED[name])


def test_there_are_enough_of_them() -> None:
    assert sum(map(len, WRITTEN.values())) + len(ALLOWED) >= 150
