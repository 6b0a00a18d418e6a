"""Everything that the web app says has Chinese: templates, views, forms, names of recorded actions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tallymark.texts import translate
from tests.shape.test_translations import ERRORS, FIRST, called, has_words, literals, messages

WEB = Path(__file__).parents[2] / "src" / "tallymark_web"
IN_TEMPLATES = re.compile(r"""{%\s*t\s+"([^"]*)\"""")
LISTED = {"around.py": "PAGES"}
"""Modules with a list whose texts are shown, and its name."""


SHOWN = (
    "draft", "submitted", "returned", "accepted", "received", "none", "queued", "running", "done", "failed", "cancelled",
    "deliver", "assess", "submit", "return", "accept", "error", "warning", "note",
    "open", "answered", "recount", "settled", "waived", "explain", "corrected", "dispute", "recounted", "settle",
    "late", "due", "upheld", "partly", "rejected", "clerk", "reviewer", "inspector", "statistician", "leader", "auditor", "administrator", "ask for a recount", "waive", "reopen", "official", "rehearsal",
    "closed", "checked and closed", "dropped", "gap", "finding", "meeting", "order", "help", "remark", "report", "confirm", "send back", "drop",
    "escalate", "proposed", "approved", "refused", "withdrawn", "try", "events", "reports", "stocks",
    "programme change approved", "programme change refused", "programme change withdrawn",
    "it broke; the service's log says how", "its worker died several times",
)  # fmt: skip
"""Values that templates show with `{% t value %}`: states, kinds, acts."""


def said() -> Iterator[str]:
    """Every message of the web app."""
    yield from SHOWN
    for path in sorted(WEB.rglob("*.html")):
        yield from IN_TEMPLATES.findall(path.read_text(encoding="utf-8"))
    for path in sorted(WEB.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from messages(tree, FIRST | ERRORS | {"later"})
        yield from recorded(tree)
        if path.name in LISTED:
            yield from listed(tree, LISTED[path.name])


def recorded(tree: ast.AST) -> Iterator[str]:
    """The actions that are recorded in the audit log: it shows them in the reader's language."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) == "record" and len(node.args) > 1:
            yield from literals(node.args[1])


def listed(tree: ast.AST, name: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in node.targets
        ):
            for row in ast.walk(node.value):
                if (
                    isinstance(row, ast.Tuple)
                    and len(row.elts) == 3
                    and isinstance(row.elts[1], ast.Constant)
                ):
                    yield str(row.elts[1].value)


def test_everything_said_has_chinese() -> None:
    found = {message for message in said() if has_words(message) and not message.startswith("/")}
    assert len(found) > 80
    assert not sorted(message for message in found if translate(message, "zh") == message)


def test_no_text_of_a_template_goes_around_the_catalogue() -> None:
    """Words in templates stand inside `{% t %}` or come from values; none is written into the page itself."""
    wrong = []
    for path in sorted(WEB.rglob("*.html")):
        text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = re.sub(
            r"<(script|style|code)\b.*?</\1>|<!doctype[^>]*>|<[^>]*>", "", text, flags=re.DOTALL | re.I
        )
        words = [word for word in re.findall(r"[A-Za-z]{3,}", text) if word not in ("English", "OpenAPI")]
        wrong += [f"{path.name}: {word}" for word in words]
    assert not wrong
