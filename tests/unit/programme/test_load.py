"""A loaded programme: defaults filled in, references bound, the same bytes the same hash."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tallymark.errors import ProgrammeError
from tallymark.findings import Severity
from tallymark.model.text import Text
from tallymark.programme.load import lint, load
from tallymark.programme.resolved import Programme
from tallymark.programme.starter import new

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "programmes" / "demo"

PROGRAMME = """
programme:
  code: here
  title: 此处
  levels:
    - {code: district, title: {en: District, zh: 区}}
    - {code: clinic, title: 站}
  calendar: {years: {SY: {start_month: 10}}, frequencies: [month, SY]}
units:
  attributes: [size, beds]
  rows:
    - {unit: D, level: district}
    - {unit: C1, name: 河畔, level: clinic, parent: D, size: large, beds: 12}
    - {unit: 007, name: Bond, level: clinic, parent: D, opened: 2024-01-01}
datasets:
  visits:
    kind: events
    level: clinic
    unit: place
    date: day
    columns: {wait: {type: integer}, sex: {type: category, values: [f, m]}}
    breakdowns: [sex]
  monthly:
    kind: reports
    level: clinic
    frequency: month
    due: {days: 5}
    items: {seen: {title: {en: Seen, zh: 就诊}}, closed: {}}
    reporters: size = 'large'
  people: {kind: stocks, items: {people: {}}}
measures:
  visits: {dataset: visits}
  quick: {dataset: visits, where: wait <= 7 and sex = 'f'}
  waited: {dataset: visits, aggregate: sum, of: wait / 7}
  places: {dataset: visits, aggregate: distinct, of: place}
  seen: {dataset: monthly, item: seen}
  open: {dataset: monthly, item: closed, over_time: last}
  people: {dataset: people, item: people}
indicators:
  rate:
    {title: Rate, numerator: visits, denominator: people, factor: 1000, direction: higher, concerns: service_coverage}
  on_time:
    title: {en: In time}
    numerator: monthly.on_time
    denominator: monthly.expected
    direction: higher
    concerns: timeliness
checks:
  c: {title: C, expect: seen = visits, at: month, level: clinic}
contracts:
  parts:
    title: Parts
    level: clinic
    period: SY2025
    missing: set_aside
    uncertain: confirmed
    bundle: [{contract: own, weight: 2}, {contract: other, weight: 1}]
  own:
    title: Own
    level: clinic
    period: SY2025
    missing: set_aside
    sections:
      - code: s
        title: S
        lines:
          - code: a
            title: A
            points: 60
            indicator: rate
            award: {kind: proportional, floor: 1, target: 2}
            when: beds > 3
          - {code: b, title: B, points: 40, missing: refuse, award: {kind: checklist, things: {seen: 1, on_time: 2}}}
    bonus: {cap: 3, lines: [{code: z, title: Z, points: 3, indicator: on_time, award: {kind: all_or_nothing, target: 1}}]}
    gates: [{code: g, title: G, when: on_time < 0.5, effect: cap, cap: 60, reason: R}]
    grades: [{code: C, title: C, bound: 0}, {code: A, title: A, bound: 80}, {code: B, title: B, bound: 60}]
    watch: {lines: [a], frequency: month, periods: 2}
  other:
    title: Other
    level: clinic
    period: SY2025
    sections:
      - {code: s, title: S, lines: [{code: a, title: A, points: 100, indicator: rate, award: {kind: mark, out_of: 9}}]}
allocations:
  grant: {title: Grant, total: 100, level: clinic, period: SY2025, by: measure, measure: people}
tests:
  - name: one
    given: {monthly: [{unit: C1, period: 2025-03, item: seen, value: 3}]}
    expect: [{measure: seen, unit: C1, period: 2025-03, value: 3}]
"""


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    (tmp_path / "p.yaml").write_text(PROGRAMME, encoding="utf-8")
    assert [str(finding) for finding in lint(tmp_path) if finding.severity is not Severity.NOTE] == []
    return load(tmp_path)


def test_defaults_follow_the_kind_of_dataset(programme: Programme) -> None:
    ways = {name: (measure.aggregate, measure.over_time) for name, measure in programme.measures.items()}
    assert ways == {
        "visits": ("count", "sum"), "quick": ("count", "sum"), "waited": ("sum", "sum"),
        "places": ("distinct", "sum"), "seen": ("sum", "sum"), "open": ("sum", "last"),
        "people": ("stock", "mid_period"),
    }  # fmt: skip


def test_references_are_bound(programme: Programme) -> None:
    assert programme.measures["seen"].dataset is programme.datasets["monthly"]
    assert programme.datasets["visits"].level is programme.levels[1]
    own = programme.contracts["own"]
    assert own.lines[0].indicator is programme.indicators["rate"]
    assert [contract.code for contract, _ in programme.contracts["parts"].bundle] == ["own", "other"]
    assert programme.contracts["parts"].bundle[0][0] is own
    assert own.watch is not None
    assert own.watch.lines == (own.lines[0],)
    assert programme.allocations["grant"].measure is programme.measures["people"]
    assert own.period.code == "SY2025"


def test_expressions_are_parsed(programme: Programme) -> None:
    quick = programme.measures["quick"].where
    assert quick is not None
    assert quick.sql({"wait": "w", "sex": "s"}) == "w <= 7 AND s = 'f'"
    waited = programme.measures["waited"].of
    assert waited is not None
    assert waited.names == {"wait"}
    assert programme.indicators["on_time"].names == {"monthly.on_time", "monthly.expected"}
    reporters = programme.datasets["monthly"].reporters
    assert reporters is not None
    assert reporters.kind == "boolean"
    assert programme.checks["c"].show == ("seen", "visits")
    when = programme.contracts["own"].lines[0].when
    assert when is not None
    assert when.names == {"beds"}


def test_lines_take_what_the_contract_says_unless_they_say_otherwise(programme: Programme) -> None:
    first, second = programme.contracts["own"].lines
    assert (first.missing, first.uncertain, second.missing) == ("set_aside", "point", "refuse")
    assert programme.contracts["own"].bonus[0].section == "bonus"
    assert [grade.code for grade in programme.contracts["own"].grades] == ["A", "B", "C"]


def test_texts(programme: Programme) -> None:
    assert programme.title == Text("", "此处")
    assert programme.title["en"] == "此处"
    assert programme.levels[1].title == Text("", "站")
    assert programme.measures["seen"].title == Text("Seen", "就诊")
    assert programme.measures["visits"].title == Text("visits")
    assert programme.indicators["on_time"].title == Text("In time", "")
    assert programme.units.names[1] == Text("", "河畔")


def test_the_unit_and_date_columns_of_events_are_there(programme: Programme) -> None:
    columns = programme.datasets["visits"].columns
    assert {name: column.type for name, column in columns.items()} == {
        "wait": "integer", "sex": "category", "place": "unit", "day": "date",
    }  # fmt: skip
    assert columns["day"].required


def test_codes_that_look_like_numbers_keep_their_zeros(programme: Programme) -> None:
    assert programme.units.codes == ("D", "C1", "007")
    assert programme.units.attributes["beds"] == (None, "12", None)


def test_a_test_of_the_programme_s_own_knows_where_it_stands(programme: Programme) -> None:
    (example,) = programme.examples
    assert (example.file, example.line) == ("p.yaml", PROGRAMME.split("tests:")[0].count("\n") + 2)


def test_a_programme_travels_between_processes(programme: Programme) -> None:
    assert pickle.loads(pickle.dumps(programme.contracts)) == programme.contracts
    assert pickle.loads(pickle.dumps(programme)).hash == programme.hash


def test_one_file_is_a_programme_too(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(PROGRAMME, encoding="utf-8")
    (tmp_path / "other.yaml").write_text("nonsense: 1\n")
    assert load(tmp_path / "p.yaml").files == ("p.yaml",)


def test_errors_come_all_at_once(tmp_path: Path) -> None:
    text = PROGRAMME.replace("item: closed", "item: close").replace("numerator: visits", "numerator: visit")
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProgrammeError) as caught:
        load(tmp_path)
    codes = [finding.code for finding in caught.value.findings if finding.severity is Severity.ERROR]
    assert codes == ["programme.unknown_name", "programme.expression"]
    assert "(and 1 more)" in str(caught.value)


def test_the_rights_gate_has_no_way_around(tmp_path: Path) -> None:
    text = PROGRAMME.replace("title: Rate,", "title: {en: Births within the plan, zh: 出生政策符合率},")
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProgrammeError) as caught:
        load(tmp_path)
    assert any(finding.code.startswith("rights.") for finding in caught.value.findings)


def test_the_shipped_programme_is_clean() -> None:
    assert [str(finding) for finding in lint(DEMO)] == []
    assert load(DEMO).hash == load(DEMO).hash


def test_the_same_files_elsewhere_have_the_same_hash(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "copy")
    assert load(tmp_path / "copy").hash == load(DEMO).hash
    with (tmp_path / "copy" / "units.csv").open("a") as file:
        file.write("\n")
    assert load(tmp_path / "copy").hash != load(DEMO).hash


def test_lint_imports_no_engine(tmp_path: Path) -> None:
    new(tmp_path / "p", "p")
    code = (
        "import sys, tallymark.cli.lint; from tallymark.programme.load import lint; found = lint(sys.argv[1]); "
        "heavy = {'duckdb', 'scipy', 'sqlglot', 'numba', 'deltalake', 'pandas', 'polars'} & set(sys.modules); "
        "print(found, heavy); sys.exit(bool(found or heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "p")], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
