"""What is generated from the rights gate is up to date."""

from __future__ import annotations

from tallymark.programme.rights.rules import gate
from tests.shape.compile_texts import compiled
from tests.shape.write_rights import CATALOGUE, PAGE, catalogue, page

REMEDY = "run `python -m tests.shape.write_rights` and `python tests/shape/compile_texts.py`"


def test_the_chinese_texts_are_those_of_the_rules() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == catalogue(), REMEDY
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled(CATALOGUE), REMEDY


def test_the_published_page_is_that_of_the_rules_and_the_tests() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), REMEDY


def test_every_rule_has_a_basis_and_a_way_out_in_both_languages() -> None:
    for rule in gate().rules.values():
        assert rule.basis, rule.id
        assert {"en", "zh"} <= {k for k, v in rule.title.items() if v} & {
            k for k, v in rule.instead.items() if v
        }
        assert rule.template("en").count("{place}") == rule.template("zh").count("{place}") == 1


def test_every_word_list_is_used() -> None:
    declared = set(gate().lexicon.en)
    used = {
        name
        for rule in gate().rules.values()
        for name in (
            *rule.anywhere,
            *rule.scored,
            *rule.leaf,
            *rule.excused_by,
            *rule.but_not,
            *rule.firm,
            *rule.statutory,
        )
    }
    by_code = {
        "identifier",
        "reproductive_record",
        "maternity_word",
        "tracing",
        "care_purpose",
        "consent_record",
        "maternity_register",
        "planned",
    }
    assert declared == used | by_code, declared ^ (used | by_code)
