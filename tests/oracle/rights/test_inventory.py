"""More than two hundred cases of the field: every coercive one is refused, every service passes, in Chinese and in English."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.oracle.rights.declare import FORMS, rules, shown

CASES = yaml.safe_load((Path(__file__).parent / "inventory.yaml").read_text(encoding="utf-8"))
BOTH = [
    (*case[:4], language, text) for case in CASES for language, text in (("zh", case[4]), ("en", case[5]))
]


def names(case: tuple[str, ...]) -> str:
    return f"{case[0]}-{case[1]}-{case[4]}"


@pytest.mark.parametrize("case", [c for c in BOTH if c[1] == "C"], ids=names)
def test_coercive_cases_are_refused(case: tuple[str, ...]) -> None:
    _, _, form, rule, _, text = case
    assert set(rule.split("|")) & rules(FORMS[form](text)), f"{text}: {shown(FORMS[form](text))}"


@pytest.mark.parametrize("case", [c for c in BOTH if c[1] != "C"], ids=names)
def test_services_and_changed_forms_load(case: tuple[str, ...]) -> None:
    _, _, form, _, _, text = case
    assert not rules(FORMS[form](text)), f"{text}: {shown(FORMS[form](text))}"


def test_every_case_of_the_documents_is_here() -> None:
    assert len(CASES) > 200
    assert len({case[0] for case in CASES}) >= 200
