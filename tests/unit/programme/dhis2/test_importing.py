"""A small made-up DHIS2 export, to a programme folder that loads; what cannot be said is said so."""

from __future__ import annotations

import ast
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tallymark.errors import ProgrammeError, ReceiveError
from tallymark.findings import errors_among
from tallymark.programme.dhis2 import Imported, import_dhis2, importing
from tallymark.programme.dhis2.names import slug, unique_names
from tallymark.programme.dhis2.translate import WHY_NOT
from tallymark.programme.load import lint, load
from tallymark.texts import translate


def element(uid: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": uid, "name": name, "domainType": "AGGREGATE", "valueType": "NUMBER", "aggregationType": "SUM",
        "categoryCombo": {"id": "ageCombo" if more.pop("by_age", False) else "defaultCC"}, **more,
    }  # fmt: skip


def indicator(uid: str, name: str, numerator: str, denominator: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "id": uid, "name": name, "numerator": numerator, "denominator": denominator,
        "indicatorType": {"id": "percent"}, **more,
    }  # fmt: skip


METADATA: dict[str, Any] = {
    "organisationUnitLevels": [{"level": 2, "name": "Health post"}, {"level": 1, "name": "Land"}],
    "dataElements": [
        element("doses", "Doses given", by_age=True),
        element("kids", "Children (target)", aggregationType="LAST", translations=[
            {"property": "NAME", "locale": "zh", "value": "儿童数"}]),
        element("stock", "Average stock", aggregationType="AVERAGE"),
        element("spread", "Spread", aggregationType="STDDEV"),
        element("note", "Remarks", valueType="TEXT"),
        element("lost", "In no data set"),
        element("event", "Of persons", domainType="TRACKER"),
    ],
    "categories": [
        {"id": "default", "name": "default", "categoryOptions": [{"id": "defaultO"}]},
        {"id": "age", "name": "Age group", "categoryOptions": [{"id": "young"}, {"id": "old"}]},
    ],
    "categoryOptions": [
        {"id": "defaultO", "name": "default"}, {"id": "young", "name": "<1 year's"}, {"id": "old", "name": "1+"},
    ],
    "categoryCombos": [
        {"id": "defaultCC", "name": "default", "categories": [{"id": "default"}]},
        {"id": "ageCombo", "name": "Age", "categories": [{"id": "age"}]},
    ],
    "categoryOptionCombos": [
        {"id": "cocDefault", "name": "default", "categoryCombo": {"id": "defaultCC"}, "categoryOptions": [{"id": "defaultO"}]},
        {"id": "cocYoung", "name": "<1", "categoryCombo": {"id": "ageCombo"}, "categoryOptions": [{"id": "young"}]},
        {"id": "cocOld", "name": "1+", "categoryCombo": {"id": "ageCombo"}, "categoryOptions": [{"id": "old"}]},
    ],
    "dataSets": [
        {"id": "ds", "name": "EPI", "periodType": "Monthly", "timelyDays": 10, "organisationUnits": [{"id": "post1"}],
         "dataSetElements": [{"dataElement": {"id": uid}} for uid in ("doses", "kids", "stock", "spread", "note")]},
        {"id": "odd", "name": "Odd", "periodType": "BiMonthly", "dataSetElements": []},
    ],
    "constants": [{"id": "half", "name": "Half", "value": 0.5}],
    "indicatorTypes": [{"id": "percent", "factor": 100}],
    "indicators": [
        indicator("i1", "Coverage", "#{doses.cocYoung}", "#{kids} * C{half}", annualized=True, decimals=2),
        indicator("i2", "Reporting rate", "R{ds.ACTUAL_REPORTS}", "R{ds.EXPECTED_REPORTS}"),
        indicator("i3", "Twice coverage", "2 * N{i1}"),
        indicator("i4", "Per facility", "#{doses}", "OUG{grp}"),
        indicator("i5", "Coverage", "#{doses}", "#{kids}"),
    ],
    "programIndicators": [{"id": "p1", "name": "Visits", "expression": "V{event_count}"}],
    "organisationUnitGroups": [
        {"id": "town", "name": "Urban", "organisationUnits": [{"id": "post1"}]},
        {"id": "wild", "name": "Rural", "organisationUnits": [{"id": "post1"}, {"id": "post2"}]},
        {"id": "solar", "name": "Has solar power", "organisationUnits": [{"id": "post2"}]},
    ],
    "organisationUnitGroupSets": [
        {"id": "where", "name": "Setting", "organisationUnitGroups": [{"id": "town"}, {"id": "wild"}]},
    ],
}  # fmt: skip
UNITS = [
    {"id": "land", "name": "Land", "path": "/land", "openingDate": "1990-01-01T00:00:00.000"},
    {"id": "post1", "name": "Post  one", "path": "/land/post1", "parent": {"id": "land"}, "openingDate": "1990-01-01"},
    {"id": "post2", "name": "Post two", "path": "/land/post2", "parent": {"id": "land"}, "openingDate": "1990-01-01",
     "closedDate": "2024-06-30"},
]  # fmt: skip


@pytest.fixture
def done(tmp_path: Path) -> Imported:
    (tmp_path / "metadata.json").write_text(json.dumps(METADATA), encoding="utf-8")
    (tmp_path / "units.json").write_text(json.dumps({"organisationUnits": UNITS}), encoding="utf-8")
    return import_dhis2(
        tmp_path / "metadata.json",
        tmp_path / "units.json",
        tmp_path / "out",
        code="land",
        title="Land: a test",
    )


def test_the_folder_loads(done: Imported) -> None:
    assert not errors_among(lint(done.folder)), [str(f) for f in lint(done.folder)]
    programme = load(done.folder)
    assert [level.code for level in programme.levels] == ["land", "health-post"]
    dataset = programme.datasets["epi"]
    assert (dataset.frequency, dataset.due_days, dataset.breakdowns) == ("month", 10, ("age_group",))
    assert dataset.columns["age_group"].values == ("<1 year's", "1+")
    assert programme.measures["children_target"].over_time == "last"
    assert programme.measures["children_target"].title.zh == "儿童数"


def test_indicators_are_translated(done: Imported) -> None:
    programme = load(done.folder)
    coverage = programme.indicators["coverage"]
    assert coverage.numerator.text == "doses_given_under_1"
    assert programme.measures["doses_given_under_1"].where is not None
    assert coverage.denominator is not None
    assert coverage.denominator.text == "children_target * 0.5"
    assert (coverage.annualise, coverage.decimals, coverage.factor, coverage.direction) == (
        True,
        2,
        100,
        "none",
    )
    assert programme.indicators["reporting_rate"].numerator.text == "epi.received"
    nested = programme.indicators["twice_coverage"].numerator.text
    assert nested == "2 * (100 * (doses_given_under_1) / (children_target * 0.5))"
    assert "coverage_2" in programme.indicators


def test_what_is_left_out_is_said(done: Imported) -> None:
    assert done.refused == ("Per facility", "Visits")
    said = {finding.code: finding.message() for finding in done.findings}
    assert said.keys() == {
        "dhis2.unit_in_two_groups", "dhis2.period_type", "dhis2.value_type", "dhis2.no_data_set", "dhis2.aggregation",
        "dhis2.average", "dhis2.not_supported", "dhis2.tracker_left_out",
    }  # fmt: skip
    assert "BiMonthly" in said["dhis2.period_type"]
    assert "Spread" in said["dhis2.aggregation"]
    zh = {finding.code: finding.message("zh") for finding in done.findings}
    assert all(zh[code] != said[code] for code in said)
    assert "# not supported: Per facility (indicator i4)" in (done.folder / "indicators.yaml").read_text(
        encoding="utf-8"
    )


def test_units_carry_groups_dates_and_what_they_report(done: Imported) -> None:
    with (done.folder / "units.csv").open(encoding="utf-8") as file:
        rows = {row["unit"]: row for row in csv.DictReader(file)}
    assert rows["post1"]["name_en"] == "Post one"
    assert (rows["post1"]["setting"], rows["post2"]["setting"]) == ("Urban", "Rural")
    assert rows["post2"]["group_has_solar_power"] == "yes"
    assert rows["post2"]["closed"] == "2024-06-30"
    assert (rows["post1"]["reports_epi"], rows["post2"]["reports_epi"]) == ("yes", "")


def test_the_same_export_gives_the_same_bytes(done: Imported, tmp_path: Path) -> None:
    again = import_dhis2(
        tmp_path / "metadata.json",
        tmp_path / "units.json",
        tmp_path / "twice",
        code="land",
        title="Land: a test",
    )
    for path in done.folder.iterdir():
        assert path.read_bytes() == (again.folder / path.name).read_bytes()


def test_words_lay_chinese_over_the_export(done: Imported, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("en,zh\nCoverage,覆盖率\nPost one,一号站\nCoverrage,覆盖\n", encoding="utf-8")
    again = import_dhis2(
        tmp_path / "metadata.json",
        tmp_path / "units.json",
        tmp_path / "both",
        code="land",
        title="Land: a test",
        words=words,
    )
    programme = load(again.folder)
    assert programme.indicators["coverage"].title.zh == "覆盖率"
    names = dict(zip(programme.units.codes, programme.units.names, strict=True))
    assert names["post1"]["zh"] == "一号站"
    (idle,) = (one for one in again.findings if one.code == "dhis2.word_unused")
    assert "Coverrage" in idle.message()
    assert "Coverage" in idle.hint()


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "", "\xff\xfe"])
def test_words_that_are_none_are_one_sentence(done: Imported, text: str, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_bytes(text.encode("latin-1"))
    with pytest.raises(ProgrammeError, match=r"words\.csv"):
        import_dhis2(
            tmp_path / "metadata.json",
            tmp_path / "units.json",
            tmp_path / "x",
            code="x",
            title="x",
            words=words,
        )
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("metadata", "units", "says"),
    [
        (None, "[]", "cannot be read"),
        ("{", "[]", "not JSON"),
        ("[]", "[]", "is not a DHIS2"),
        ("{}", "{}", "no list"),
    ],
)
def test_a_file_that_is_none_is_one_sentence(
    metadata: str | None, units: str, says: str, tmp_path: Path
) -> None:
    if metadata is not None:
        (tmp_path / "m.json").write_text(metadata)
    (tmp_path / "u.json").write_text(units)
    with pytest.raises(ReceiveError, match=says):
        import_dhis2(tmp_path / "m.json", tmp_path / "u.json", tmp_path / "out", code="x", title="x")
    assert not (tmp_path / "out").exists()


def test_every_message_reads_in_chinese() -> None:
    """Each template in the package's source has its translation."""
    package = Path(importing.__file__).parent
    calls = [
        node
        for path in package.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    raised = [
        node.args[0] for node in calls if node.func.id in ("NotSupported", "ReceiveError") and node.args
    ]  # type: ignore[attr-defined]
    said = [part.value for part in raised if isinstance(part, ast.Constant)]
    assert len(said) > 15
    assert not [text for text in (*said, *WHY_NOT.values()) if translate(text, "zh") == text]


def test_names() -> None:
    assert slug("Penta1 doses <1y (%)") == "penta1_doses_under_1y_percent"
    assert slug("1st visit") == "x_1st_visit"
    assert slug("疫苗").isidentifier()
    assert unique_names([("a", "BCG"), ("b", "bcg"), ("c", "BCG ")], ["bcg"]) == {
        "a": "bcg_2",
        "b": "bcg_3",
        "c": "bcg_4",
    }
