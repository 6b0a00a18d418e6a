"""Whatever is done to a programme's files, lint answers with findings at real lines, never with a crash."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tallymark.errors import ProgrammeError
from tallymark.findings import errors_among
from tallymark.programme.load import lint, load
from tallymark.programme.starter import new
from tests.drawing import drawn

FILES = (
    "programme.yaml",
    "units.csv",
    "datasets.yaml",
    "figures.yaml",
    "contract.yaml",
    "sources.yaml",
    "tests.yaml",
)
JUNK = st.sampled_from(
    [
        "", "null", "[]", "{}", "- x", "nonsense", "12", "-1", "true", "2025-03-14", "'", "{", "]", "a: b: c", "*x",
        "&y z", "[1, {a: b}]", "{kind: 3}", "x > ", "monthly", "visits.expected", "😀", "\t", "9e999", "'''", "<<: 1", "? x", "|",
    ]
)  # fmt: skip
CHANGE = st.tuples(
    st.sampled_from(FILES),
    st.integers(0, 200),
    st.sampled_from(["drop", "double", "value", "key", "indent", "line", "cut"]),
    JUNK,
)


@pytest.fixture(scope="module")
def clean() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        yield new(Path(folder) / "p", "p")


def changed(lines: list[str], at: int, how: str, junk: str) -> list[str]:
    at %= len(lines)
    line = lines[at]
    key, colon, _ = line.partition(":")
    new_lines = {
        "drop": [],
        "double": [line, line],
        "value": [f"{key}{colon} {junk}"],
        "key": [line.replace(key.strip(), junk, 1) if key.strip() else junk],
        "indent": [f"  {line}"],
        "line": [line, junk],
        "cut": [line[: len(line) // 2]],
    }[how]
    return [*lines[:at], *new_lines, *lines[at + 1 :]]


@settings(max_examples=drawn(250), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGE, min_size=1, max_size=4))
def test_lint_survives_any_change(clean: Path, changes: list[tuple[str, int, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "p"
        shutil.copytree(clean, folder)
        for name, at, how, junk in changes:
            path = folder / name
            lines = path.read_text(encoding="utf-8").split("\n")
            path.write_text("\n".join(changed(lines, at, how, junk)), encoding="utf-8")
        _answers(folder)


def _answers(folder: Path) -> None:
    findings = lint(folder)
    for finding in findings:
        assert finding.message("en")
        assert finding.message("zh")
        finding.hint("zh")
        assert finding.where.file is not None, finding
        path = folder / finding.where.file
        if path.is_file() and finding.where.line is not None:
            assert 1 <= finding.where.line <= len(path.read_text(encoding="utf-8").split("\n")) + 1
    if errors_among(findings):
        with pytest.raises(ProgrammeError):
            load(folder)
    else:
        assert load(folder).hash


DEEP = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["x", "visits", "kind", "events", "a > 1"])),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["kind", "title", "level", "x"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
SECTIONS = (
    "programme",
    "units",
    "datasets",
    "sources",
    "measures",
    "indicators",
    "checks",
    "contracts",
    "allocations",
    "tests",
)


@settings(max_examples=drawn(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(section=st.sampled_from(SECTIONS), name=st.sampled_from(["x", "title", "rows", "level"]), content=DEEP)
def test_lint_survives_any_shape(clean: Path, section: str, name: str, content: Any) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "p"
        shutil.copytree(clean, folder)
        (folder / "zz.yaml").write_text(json.dumps({section: {name: content}}), encoding="utf-8")
        _answers(folder)
        (folder / "zz.yaml").write_text(json.dumps({section: content}), encoding="utf-8")
        _answers(folder)
