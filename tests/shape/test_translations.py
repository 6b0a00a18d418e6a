"""Everything that people read has Chinese: every literal that is said, every template, every line of help."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Container, Iterator
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po
from pydantic import BaseModel

from tallymark.cli import draw, tallymark, vault
from tallymark.cli.commands import COMMANDS, Commands
from tallymark.flow import STAGES
from tallymark.model.tables import TABLES
from tallymark.programme.shape import parts_of
from tallymark.programme.written import WrittenFolder
from tallymark.texts import LANGUAGES, translate

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "tallymark"
MODULES = sorted(SOURCE.rglob("*.py"))
CATALOGUES = sorted((SOURCE / "locale" / "zh").glob("*.po"))

FIRST = {"say", "translate", "progress", "Message"}
"""Functions whose first argument is a message."""
IN_PAGES = {"words", "html"}
"""The same in the pages."""
ERRORS = {"TallymarkError", "ProgrammeError", "ReceiveError", "StoreError", "AssessmentError"}
ANY = {
    "Finding", "Problem", "wrong", "problem", "Sentence", "NotSupported", "PeriodError", "ExpressionError", "some",
    "_Refused", "_nothing",
}  # fmt: skip
"""Functions among whose arguments are messages; those are the arguments with a space in them."""
PLACE = re.compile(r"\{[a-z_]+(?::[^{}]*)?\}")
NO_MESSAGE = {
    "programme/dhis2/translate.py": "expressions that are written into a programme",
    "programme/starter.py": "YAML that is written into a programme",
}
"""Modules with strings that have `{places}` and are no messages."""


def literals(node: ast.expr) -> Iterator[str]:
    """The strings that an argument may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def messages(tree: ast.AST, first: Container[str] = FIRST | ERRORS) -> Iterator[str]:
    """What calls say, and every plain string with `{places}`, wherever it stands."""
    inside = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    }
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = called(node)
            if name in first and node.args:
                yield from literals(node.args[0])
            if name in ANY:
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                yield from (
                    text for argument in arguments for text in literals(argument) if " " in text.strip()
                )
        plain = isinstance(node, ast.Constant) and id(node) not in inside | docstrings
        if plain and isinstance(node.value, str) and PLACE.search(node.value):
            yield node.value


def has_words(message: str) -> bool:
    bare = re.sub("<[^>]*>", "", PLACE.sub("", message))
    return any(sign.isalpha() and sign.isascii() for sign in bare)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_message_has_chinese(path: Path) -> None:
    if path.relative_to(SOURCE).as_posix() in NO_MESSAGE:
        return
    first = FIRST | ERRORS | (IN_PAGES if "publish" in path.parts else set())
    found = messages(ast.parse(path.read_text(encoding="utf-8")), first)
    said = {text for text in found if has_words(text)}
    assert not sorted(text for text in said if translate(text, "zh") == text)


FINISHED = {
    "model/restating.py", "programme/load.py", "programme/shipped.py", "programme/starter.py", "publish/site.py", "score/allocating.py",
    "score/rbf/project.py", "score/rbf/system.py",
}  # fmt: skip
"""Modules that still raise finished sentences (f-strings), which nobody can translate. Take out what is mended."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_errors_are_templates(path: Path) -> None:
    calls = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    finished = [
        node.lineno
        for node in calls
        if called(node) in ERRORS and node.args and isinstance(node.args[0], ast.JoinedStr)
    ]
    assert not finished or path.relative_to(SOURCE).as_posix() in FINISHED, finished


def test_the_search_finds_what_is_said() -> None:
    code = (
        "def f(n):\n    'doc {string}'\n    say('one' if n else 'two')\n    translate(message='no')\n"
        "    x = {'a': 'has {places}'}\n    y = f'not {n}'\n    Finding('a.b', Severity.ERROR, 'three four', '')\n"
        "    raise AssessmentError('five', n=n)\n"
    )
    assert set(messages(ast.parse(code))) == {"one", "two", "has {places}", "three four", "five"}


def commands() -> Iterator[click.Command]:
    context = click.Context(tallymark)
    yield tallymark
    for name in COMMANDS:
        command = tallymark.get_command(context, name)
        assert command is not None
        yield command
        if isinstance(command, Commands):
            yield from (step for name in command.known if (step := command.get_command(context, name)))


def test_every_line_of_help_has_chinese() -> None:
    lines = set(COMMANDS.values()) | {
        line for part in (draw, vault) for line in (*part.STEPS.values(), part.Steps.heading)
    }
    for command in commands():
        lines.add(" ".join((command.help or "").split()))
        lines |= {
            option.help or f"{command.name} {option.name}: no help"
            for option in command.get_params(click.Context(command))
            if isinstance(option, click.Option)
        }
    assert not sorted(line for line in lines if translate(line, "zh") == line)


def models(model: type[BaseModel], seen: dict[str, type[BaseModel]]) -> dict[str, type[BaseModel]]:
    """A model and every model that its fields hold."""
    if model.__name__ not in seen:
        seen[model.__name__] = model
        for field in model.model_fields.values():
            for part in parts_of(field.annotation):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    models(part, seen)
    return seen


def test_what_a_missing_key_is_for_has_chinese() -> None:
    """The linter's hint where a required key is missing is the key's description."""
    descriptions = {
        field.description
        for model in models(WrittenFolder, {}).values()
        for field in model.model_fields.values()
        if field.is_required() and field.description
    }
    assert len(descriptions) > 40
    assert not sorted(text for text in descriptions if translate(text, "zh") == text)


def test_stages_and_tables_read_in_both_languages() -> None:
    texts = [text for stage in STAGES for text in (stage.title, stage.takes, stage.yields)]
    texts += [table.meaning for table in TABLES.values()]
    texts += [column.meaning for table in TABLES.values() for column in table.columns]
    assert all(text.en and text.zh and text.en != text.zh for text in texts)


def test_catalogues_do_not_contradict_each_other() -> None:
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for po in CATALOGUES:
        with po.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    said[str(message.id)][str(message.string)].append(po.stem)
    assert not {text: dict(ways) for text, ways in said.items() if len(ways) > 1}


def test_chinese_is_chinese() -> None:
    """No translation without a Chinese character, and no half-width punctuation between Chinese characters."""
    wrong = []
    for po in CATALOGUES:
        with po.open("rb") as file:
            for message in read_po(file):
                text = str(message.string)
                if message.id and has_words(text) and not re.search("[一-鿿]", text):
                    wrong.append(f"{po.stem}: {text}")
                if message.id and re.search("[一-鿿][,;:?!][一-鿿]", text):
                    wrong.append(f"{po.stem}: {text}")
    assert not wrong
    assert LANGUAGES == ("en", "zh")
