"""Every message about units and periods has its Chinese one, with the same places."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import tallymark.model.units
from tallymark.texts import translate

MODEL = Path(tallymark.model.units.__file__).parent
MODULES = ("changes", "unit_rows", "unit_lives", "unit_parents", "periods", "dhis2_periods")
MESSAGES_AT = {"wrong": (2, 3), "_Refused": (2, 3), "PeriodError": (0,)}
"""Function → places of its arguments that are messages."""


def messages() -> set[str]:
    found = set()
    for module in MODULES:
        for node in ast.walk(ast.parse((MODEL / f"{module}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for place in MESSAGES_AT.get(node.func.id, ()):
                    found |= texts(node.args[place]) if place < len(node.args) else set()
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_TEMPLATES":
                found |= set().union(*(texts(value) for value in node.value.values))  # type: ignore[attr-defined]
    return found


def texts(node: ast.expr) -> set[str]:
    """The texts an argument may be; keys by which one is looked up are none."""
    if isinstance(node, ast.Constant):
        return {str(node.value)} - {""}
    return texts(node.body) | texts(node.orelse) if isinstance(node, ast.IfExp) else set()


def places(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


@pytest.mark.parametrize("message", sorted(messages()))
def test_message_is_translated(message: str) -> None:
    chinese = translate(message, "zh")
    assert chinese != message
    assert places(chinese) == places(message)


def test_messages_were_found() -> None:
    assert len(messages()) > 50
