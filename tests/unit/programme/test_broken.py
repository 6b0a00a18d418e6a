"""Broken programmes: each file says behind `# !` what must be found in which line, and nothing else may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallymark.errors import ProgrammeError
from tallymark.findings import errors_among
from tallymark.programme.codes import CODES
from tallymark.programme.load import lint, load

BROKEN = Path(__file__).parent / "broken"
FILES = sorted(BROKEN.glob("*.yaml"))


def expected(path: Path) -> list[tuple[int, str]]:
    found = []
    for line, text in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        found += [(line, said.strip()) for said in text.split("# ! ")[1:]]
    return sorted(found)


def found_in(path: Path) -> list[tuple[int, str]]:
    return sorted(
        (
            finding.where.line or 0,
            f"{finding.severity} {finding.code}: {finding.message()}"
            + (f" => {finding.hint()}" if finding.hint() else ""),
        )
        for finding in lint(path)
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_problem_is_found_at_its_line_and_nothing_else(path: Path) -> None:
    assert found_in(path) == expected(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_findings_come_in_order_with_the_file_s_name(path: Path) -> None:
    findings = lint(path)
    assert [finding.where.line for finding in findings] == sorted(
        finding.where.line or 0 for finding in findings
    )
    assert {finding.where.file for finding in findings} == {path.name}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_finding_reads_in_both_languages_and_has_a_documented_code(path: Path) -> None:
    for finding in lint(path):
        assert finding.code in CODES or not finding.code.startswith("programme.")
        for language in ("en", "zh"):
            assert "{" not in finding.message(language) + finding.hint(language)
        assert finding.message("zh") != finding.message("en"), finding.template


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_broken_programme_does_not_load(path: Path) -> None:
    if not errors_among(lint(path)):
        assert load(path).code == "broken"
        return
    with pytest.raises(ProgrammeError) as caught:
        load(path)
    assert list(caught.value.findings) == lint(path)
    assert str(caught.value).startswith(str(errors_among(caught.value.findings)[0]))


def test_the_broken_files_meet_most_codes() -> None:
    met = {finding.code for path in FILES for finding in lint(path)}
    elsewhere = {"programme.absent", "programme.unreadable", "programme.encoding", "programme.geometry",
                 "programme.example", "programme.unused", "programme.suspicion"}  # fmt: skip
    assert set(CODES) - met - elsewhere == set()
