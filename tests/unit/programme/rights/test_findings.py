"""What a refusal says: rule, place, words, basis, way out; and the one exception the law may make."""

from __future__ import annotations

from pathlib import Path

from tests.oracle.rights.allowed import ALLOWED
from tests.oracle.rights.declare import contract, line, programme, refusals, scored_line

from tallymark.findings import Severity
from tallymark.programme.load import lint
from tallymark.programme.rights import rights_findings, rights_findings_raw
from tallymark.programme.written import WrittenFolder

FILES = """\
programme:
  code: p
  title: P
  levels: [{code: top, title: Top}]
units:
  rows: [{unit: A, level: top}]
datasets:
  d:
    kind: reports
    frequency: month
    items: {done: {}, due: {}}
measures:
  done: {dataset: d, item: done}
  due: {dataset: d, item: due}
indicators:
  share:
    {title: Share, numerator: done, denominator: due, direction: higher, concerns: service_coverage}
contracts:
  c:
    title: C
    level: top
    period: "2025"
    points: 5
    sections:
      - code: s
        title: S
        lines:
          - code: l1
            title: {en: Follow-up, zh: 长效节育措施落实率}
            points: 5
            indicator: share
            award: {kind: all_or_nothing, target: 75}
            unknown_key: 3
"""


def test_a_refusal_names_the_line_of_the_file_even_when_the_file_has_other_mistakes(tmp_path: Path) -> None:
    (tmp_path / "programme.yaml").write_text(FILES, encoding="utf-8")
    findings = lint(tmp_path)
    assert any(finding.code.startswith("programme.") for finding in findings)
    [refusal] = [finding for finding in findings if finding.code.startswith("rights.")]
    assert (refusal.code, refusal.severity) == ("rights.method_uptake", Severity.ERROR)
    assert (refusal.where.file, refusal.where.line) == ("programme.yaml", 29)
    assert "长效节育" in refusal.message("en")
    assert "contracts.c.sections.0.lines.l1" in refusal.message("en")
    assert "ICPD" in refusal.message("en")
    assert "依据" in refusal.message("zh")
    assert "知情选择" in refusal.hint("zh")
    assert refusal.evidence["path"] == "contracts.c.sections.0.lines.0.title.zh"
    assert refusal.evidence["how_sure"] == "V"


def test_positions_may_be_a_mapping_and_fall_back_to_what_is_around() -> None:
    raw = programme(contracts={"c": contract(line("Vasectomies"))})
    [refusal] = rights_findings_raw(raw, {("contracts", "c"): ("a.yaml", 7)})
    assert (refusal.where.file, refusal.where.line) == ("a.yaml", 7)
    assert rights_findings_raw(raw, {})[0].where.file is None


def test_a_validated_programme_is_judged_as_the_raw_one() -> None:
    raw = programme(contracts={"c": contract(line("Vasectomies"), line("Births", code="l2"), points=10)})
    valid = rights_findings(WrittenFolder.model_validate(raw), {})
    assert [(f.code, f.evidence["path"]) for f in valid] == [
        (f.code, f.evidence["path"]) for f in rights_findings_raw(raw, {})
    ]


def test_one_finding_a_rule_and_place() -> None:
    findings = refusals(scored_line({"en": "IUD uptake and implants", "zh": "上环率、皮埋率"}))
    assert [finding.code for finding in findings] == ["rights.method_uptake"]
    assert len(findings[0].evidence["matched"]) > 2


def test_a_statutory_condition_is_shown_as_the_laws_choice() -> None:
    findings = rights_findings_raw(ALLOWED["vested support"], {})
    assert {(f.code, f.severity) for f in findings} == {("rights.statutory_condition", Severity.NOTE)}
    assert "人口与计划生育法第三十一条" in findings[0].message("zh")
    assert "法定待遇" in findings[0].message("zh")
