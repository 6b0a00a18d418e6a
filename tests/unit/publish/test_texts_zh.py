"""Every sentence of the site exists in Chinese, with the same places; a Chinese page has no English left in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from tests.unit.publish.reading_html import read_page

import tallymark.publish
from tallymark.texts import CATALOGUES, catalogue

SOURCE = Path(tallymark.publish.__file__).parent
PLACE = re.compile(r"{(\w+)}")
SPEAKING = {"words", "some", "TallymarkError"}
TABLES_OF_TEXT = re.compile(
    r"^(KINDS|HEARD|BASES|INTERVALS|STATUSES|WHEN_\w+|CONCERNS|DIRECTIONS|METHODS|TIES|ABSENCES|COUNTS|OVER_TIME|REASONS"
    r"|PHRASES|RIGHTS|BASIS_OF_RIGHTS|FOUR_KINDS|NAVIGATION|NOTES|_OVER|PROVEN|RISE|MORE|WITHHELD)$"
)
NOT_WORDS = re.compile(r"^[a-z0-9.]{0,2}$|\.html$|^[—·✱]$|^÷0$")


def messages() -> Iterator[tuple[str, str]]:
    """(message, where it stands) of everything that the code or a template says."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield from ((text, path.name) for text in _said(node))
    for path in sorted((SOURCE / "templates").glob("*.html")):
        for call in re.finditer(
            r'\bt(?:\.some)?\(((?:[^()"]|"(?:[^"\\]|\\.)*")*)', path.read_text(encoding="utf-8")
        ):
            yield from ((text, path.name) for text in re.findall(r'"((?:[^"\\]|\\.)*)"', call.group(1)))


def _said(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in SPEAKING:
            for argument in node.args[: 3 if name == "some" else 1]:
                chosen = (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,)
                for part in chosen:
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
        if any(TABLES_OF_TEXT.match(name) for name in names):
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            for value in values:
                for part in ast.walk(value):
                    if (
                        isinstance(part, ast.Constant)
                        and isinstance(part.value, str)
                        and not NOT_WORDS.search(part.value)
                    ):
                        yield part.value


def test_every_message_is_translated() -> None:
    chinese = catalogue("zh")
    missing = sorted(
        {f"{where}: {text}" for text, where in messages() if text and chinese.gettext(text) == text}
    )
    assert not missing


def test_translations_have_the_same_places() -> None:
    with (CATALOGUES / "zh" / "publish.po").open("rb") as file:
        entries = [entry for entry in read_po(file) if entry.id]
    assert len(entries) > 400
    wrong = [
        entry.id
        for entry in entries
        if set(PLACE.findall(str(entry.id))) != set(PLACE.findall(str(entry.string)))
    ]
    assert not wrong


def test_nothing_is_translated_that_nobody_says() -> None:
    with (CATALOGUES / "zh" / "publish.po").open("rb") as file:
        translated = {str(entry.id) for entry in read_po(file) if entry.id}
    said = {text for text, _ in messages()}
    for path in SOURCE.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        said |= {
            node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    words_of_tables = {"reported", "corrected", "recounted", "partial", "estimated", "error", "warning", "note",
                       "text", "number", "date", "yes or no", "month", "quarter", "half", "year", "week", "day"}  # fmt: skip
    unsaid = sorted(translated - said - words_of_tables)
    assert not unsaid


@pytest.mark.parametrize(
    "page",
    [
        "index",
        "scorecard",
        "ranks",
        "units",
        "indicators",
        "findings",
        "methods",
        "data",
        "units/T10-f7ef0de3",
    ],
)
def test_a_chinese_page_reads_as_chinese(site: Path, page: str) -> None:
    """Latin words left on a Chinese page are codes, names of people and methods, or what the programme itself says."""
    text = read_page(site / "zh" / f"{page}.html").text
    text = re.sub(
        r'<script>alert\("x"\)</script>|small-2025\S*|Town \w|\bT\d+\b|Village \S+|[\w.-]+\.(csv|parquet|xlsx|json|zip)',
        " ",
        text,
    )
    left = set(re.findall(r"[A-Za-z]{4,}", text))
    allowed = {
        "English", "Wilson", "Mogstad", "Romano", "Shaikh", "Wilhelm", "Poisson", "Tukey", "SHA", "SUMS", "Parquet", "tallymark",
        "recompute", "duckdb", "data", "rehearsal", "sha256", "ICPD", "CEDAW", "period",
    }  # fmt: skip
    codes = re.compile(r"[a-z]+(_[a-z0-9]+)*$")
    assert not {word for word in left - allowed if not codes.match(word)}, left
