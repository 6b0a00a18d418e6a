"""The budgets of the house style, counted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
MODULE_LINES, FUNCTION_LINES, CLASS_LINES, METHODS, POSITIONAL = 500, 60, 200, 10, 4
FORBIDDEN = {
    "utils",
    "util",
    "misc",
    "helpers",
    "helper",
    "common",
    "base",
    "manager",
    "handler",
    "processor",
}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Lines of a body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_module_keeps_its_budget(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    over = [f"{len(text.splitlines())} lines"] if len(text.splitlines()) > MODULE_LINES else []
    over += [
        f"{node.name}: {body_lines(node)} lines"
        for node in functions(tree)
        if body_lines(node) > FUNCTION_LINES
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            public = [item.name for item in functions(node) if not item.name.startswith("_")]
            if body_lines(node) > CLASS_LINES or len(public) > METHODS:
                over.append(f"class {node.name}: {body_lines(node)} lines, {len(public)} public methods")
    assert not over, f"{path.name}: {over}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_public_functions_take_few_positional_arguments(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    over = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and len(node.args.args) > POSITIONAL
        and not node.decorator_list
    ]
    assert not over, f"{path.name}: more than {POSITIONAL} positional arguments in {over}"


def test_no_module_is_a_drawer() -> None:
    assert not [path for path in MODULES if FORBIDDEN & {*path.with_suffix("").parts[-2:]}]


def test_median_module_is_short() -> None:
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES)
    assert lengths[len(lengths) // 2] <= 200


def test_public_things_have_docstrings() -> None:
    bare = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if ast.get_docstring(tree) is None:
            bare.append(path.relative_to(SOURCE).as_posix())
        bare += [
            f"{path.name}: {node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and ast.get_docstring(node) is None
        ]
    assert not bare


def test_no_broad_excepts_and_no_eval() -> None:
    wrong = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            broad = isinstance(node, ast.ExceptHandler) and (
                node.type is None
                or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
            )
            evaluates = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("eval", "exec")
            )
            if broad or evaluates:
                wrong.append(f"{path.name}:{node.lineno}")
    assert not wrong
