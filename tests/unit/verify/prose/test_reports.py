"""Whole reports in many styles (bench/prose_reports): those without errors yield none, and errors are found where they are."""

from __future__ import annotations

import pytest
from bench.prose import FILES, LAST, LATER, LINKED, measured

from tallymark.verify.prose import check_text


def test_reports_without_errors_yield_none_and_errors_are_found() -> None:
    planted, found, missed, false = measured((*FILES, *LATER, *LAST))
    assert false == []
    assert found >= planted - 6, missed


@pytest.mark.parametrize(("file", "least"), zip(LINKED, (111, 68, 29), strict=True))
def test_what_was_found_stays_found(file: str, least: int) -> None:
    planted, found, missed, false = measured((file,))
    assert false == []
    assert found >= least, (planted, missed)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("托育机构由9家增加到36家，增长3倍。", ""),
        ("托育机构由9家增加到36家，增长4倍。", "3"),
        ("A total of 3,412 women came, up from 3,015 in Q2, an increase of 13.2%.", ""),
        ("总投资800万元，其中省级480万元，占60%，县级320万元，占40%。", ""),
        ("总投资800万元，其中省级480万元，占60%，县级320万元，占45%。", "40"),
        ("完成筛查8,640人，任务9,000人，完成率96%。", ""),
        ("Prevalence was 23.4% (95% CI 21.1-25.9).", ""),
        ("Prevalence was 23.4% (95% CI 24.1-28.0).", "24.1"),
        ("The visit was on 24.1.2024 and lasted two days.", ""),
    ],
)
def test_sentences_that_reports_taught(text: str, wrong: str) -> None:
    findings = check_text(text).findings
    assert bool(findings) == bool(wrong), findings
    assert all(wrong in finding.message("en") + str(finding.evidence) for finding in findings)
