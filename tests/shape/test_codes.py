"""Every code that a finding can have is documented, and every documented code can be found."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from tallymark.model import unit_codes
from tallymark.programme import codes as programme_codes
from tallymark.programme.dhis2 import codes as dhis2_codes
from tallymark.score import codes as score_codes
from tallymark.sources import codes as receive_codes
from tallymark.sources.verdicts import PROBLEMS
from tallymark.verify import codes as verify_codes
from tallymark.verify.prose import codes as prose_codes

SOURCE = Path(__file__).parents[2] / "src" / "tallymark"
LISTS = {
    "programme": programme_codes.CODES,
    "units": unit_codes.CODES,
    "receive": receive_codes.CODES,
    "score": score_codes.CODES,
    "dhis2": dhis2_codes.CODES,
    "prose": prose_codes.CODES,
    "verify": verify_codes.CODES,
}
CODE = re.compile(rf"({'|'.join(LISTS)})\.(?!csv|html|yaml|yml|json|po|md)[a-z0-9_]+")
SHORT = {"model": "units", "programme": "programme"}
"""Folders in which `wrong("code", …)` adds the first part of the code itself."""


def strings() -> Iterator[tuple[Path, ast.AST, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if path.name in ("codes.py", "unit_codes.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path, node, node.value


def written_out() -> set[str]:
    return {text for _, _, text in strings() if CODE.fullmatch(text)}


def given_to_wrong() -> set[str]:
    """First arguments of `wrong(…)` and its kin, with the part that those add."""
    found = set()
    for path in sorted(SOURCE.rglob("*.py")):
        kind = SHORT.get(path.relative_to(SOURCE).parts[0])
        if kind is None or "dhis2" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "func", None)
            called = getattr(name, "attr", getattr(name, "id", ""))
            if isinstance(node, ast.Call) and called in ("wrong", "_Refused", "Sentence") and node.args:
                first = node.args[0]
                choices = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                found |= {
                    f"{kind}.{choice.value}"
                    for choice in choices
                    if isinstance(choice, ast.Constant) and isinstance(choice.value, str)
                }
    return found


def test_every_code_is_documented() -> None:
    known = {code for codes in LISTS.values() for code in codes}
    assert not (written_out() | given_to_wrong()) - known


def test_every_documented_code_can_be_found() -> None:
    anywhere = {text for _, _, text in strings()}
    for kind, codes in LISTS.items():
        assert not [
            code for code in codes if code not in anywhere and code.removeprefix(f"{kind}.") not in anywhere
        ]


def test_verdicts_are_documented() -> None:
    assert {problem.code for problem in PROBLEMS.values()} <= receive_codes.CODES.keys()


def test_meanings_are_sentences() -> None:
    for kind, codes in LISTS.items():
        for code, meaning in codes.items():
            assert code.startswith(f"{kind}.")
            assert re.fullmatch(r"[A-Z“].*[.)]", meaning), code


def test_rights_rules_have_titles() -> None:
    rules = yaml.safe_load((SOURCE / "programme" / "rights.yaml").read_text(encoding="utf-8"))["rules"]
    assert all(rule["title"]["en"] and rule["title"]["zh"] for rule in rules.values())
