"""Scenario files: what they come to, and what is said of those that cannot stand."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tallymark.errors import ProgrammeError
from tallymark.projection import load_plan, run_scenarios, write_result

EXAMPLE = Path(__file__).parents[3] / "docs" / "population"
TABLES = ("census.csv", "census2014.csv", "mortality.csv", "fertility.csv", "migration.csv")


@pytest.fixture
def county(tmp_path: Path) -> Path:
    for name in (*TABLES, "county.yaml"):
        (tmp_path / name).write_bytes((EXAMPLE / name).read_bytes())
    return tmp_path / "county.yaml"


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def findings(path: Path) -> list[str]:
    with pytest.raises(ProgrammeError) as caught:
        load_plan(path)
    return [str(finding) for finding in caught.value.findings]


def test_people_of_the_census_are_kept_whole(county: Path) -> None:
    plan = load_plan(county)
    assert plan.population.shape == (6, 2, 101)
    with (county.parent / "census.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for at, unit in enumerate(plan.units):
        counted = sum(int(row["population"]) for row in rows if row["unit"] == unit)
        np.testing.assert_allclose(plan.population[at].sum(), counted)
    assert (plan.population >= 0).all()
    assert plan.dates[0].isoformat() == "2024-12-31"
    assert (plan.years[0], plan.years[-1], plan.dates[-1].year) == (2025, 2044, 2044)


def test_rates_keep_their_levels(county: Path) -> None:
    plan = load_plan(county)
    main, women = plan.courses["main"], plan.population[:, 1].sum(0)
    np.testing.assert_allclose(main.fertility[:, 0].sum(-1), 5 * 0.29781, rtol=4e-3)
    with (county.parent / "fertility.csv").open(encoding="utf-8") as file:
        rates = [float(row["rate"]) for row in csv.DictReader(file)]
    births = [(main.fertility[0, 0] * women)[at : at + 5].sum() for at in range(15, 50, 5)]
    known = [rate * women[at : at + 5].sum() for rate, at in zip(rates, range(15, 50, 5), strict=True)]
    np.testing.assert_allclose(
        births, known, rtol=1e-9
    )  # as many as the groups' rates say of the women counted
    with (county.parent / "migration.csv").open(encoding="utf-8") as file:
        moved = sum(int(row["migrants"]) for row in csv.DictReader(file))
    np.testing.assert_allclose(main.migration[:, 0].sum(), moved * 0.975)  # a twentieth of the way to a half
    np.testing.assert_allclose(main.migration[:, -1].sum(), moved * 0.5)
    np.testing.assert_allclose(main.mortality[0, 4] / main.mortality[0, 3], 0.988)


def test_scenarios_do_what_they_declare(county: Path) -> None:
    plan = load_plan(county)
    low, high, railway = (plan.courses[name] for name in ("low_births", "high_births", "railway"))
    at_2034 = plan.years.index(2034)
    np.testing.assert_allclose(low.fertility[:, at_2034:].sum(-1), 1.2)
    np.testing.assert_allclose(high.fertility[0, at_2034].sum(), 1.8)
    before, after = plan.years.index(2028), plan.years.index(2029)
    np.testing.assert_allclose(railway.migration[:, after], 1.5 * railway.migration[:, before])
    result = run_scenarios(plan)
    births = {name: sums[:, -1, -2].sum() for name, sums in result.sums.items()}
    assert births["low_births"] < births["main"] < births["high_births"]


def test_futures_surround_the_main_scenario(county: Path) -> None:
    result = run_scenarios(load_plan(county))
    low, high = result.futures.quantiles[:, 1:, 0, 0], result.futures.quantiles[:, 1:, 0, -1]
    middle = result.sums["main"][:, 1:, 0]
    assert ((low < middle) & (middle < high)).all()
    again = run_scenarios(load_plan(county))
    np.testing.assert_array_equal(result.futures.quantiles, again.futures.quantiles)


def test_files_can_be_read_back(county: Path, tmp_path: Path) -> None:
    result = run_scenarios(load_plan(county))
    files = write_result(result, tmp_path / "out")
    names = ["stocks.csv", "expected.csv", "ages.parquet", "quantiles.csv", "projection.json"]
    assert [path.name for path in files] == names
    with files[0].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6 * 21
    last = next(row for row in rows if row["unit"] == "T3" and row["date"] == "2044-12-31")
    at = result.plan.units.index("T3")
    assert float(last["total"]) == pytest.approx(result.sums["main"][at, -1, 0], abs=0.006)
    assert float(last["total_sd"]) > 0
    with files[1].open(encoding="utf-8") as file:
        expected = list(csv.DictReader(file))
    births = sum(float(row["births"]) for row in expected if row["year"] == "2025")
    assert births == pytest.approx(result.sums["main"][:, 1, -2].sum(), abs=0.1)
    assert len(expected) == 6 * 20


def test_brought_to_a_whole(county: Path) -> None:
    lines = ["year,sex,age,population"]
    for year, people in ((2024, 3000), (2044, 2400)):
        lines += [f"{year},{sex},{age},{people / 2}" for sex in ("male", "female") for age in range(101)]
    (county.parent / "whole.csv").write_text("\n".join(lines), encoding="utf-8")
    changed(county, "  sex_ratio_at_birth", "  whole: {file: whole.csv}\n  sex_ratio_at_birth")
    result = run_scenarios(load_plan(county))
    total = result.scenarios["main"].populations.sum((0, 2, 3))
    np.testing.assert_allclose(total, 101 * np.linspace(3000, 2400, 21))
    np.testing.assert_allclose(result.sums["main"][:, -1, 0].sum(), total[-1])
    np.testing.assert_allclose(result.futures.total_mean[-1, 0], total[-1], rtol=0.02)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  years: 20", "  years: 0", "years"),
        ("  years: 20", "  yeras: 20", "there is no key 'yeras' here"),
        ("file: mortality.csv", "file: mortalty.csv", "did you mean mortality.csv"),
        ("graduate: monotone", "graduate: spline", "graduate"),
        ("ages: [3, 5]", "ages: [9, 5]", "nobody is aged 9 to 5"),
        ("projection:", "projections:", "does not declare `projection:`"),
        ("sd: 0.03", "sd: -0.03", "sd"),
        ("date: 2014-12-31", "date: 2014-07-01", "whole years before the start"),
    ],
)
def test_a_scenario_that_cannot_stand(county: Path, old: str, new: str, words: str) -> None:
    found = findings(changed(county, old, new))
    assert any(words in one for one in found), found
    assert any("county.yaml" in one for one in found)


@pytest.mark.parametrize(
    ("table", "old", "new", "words"),
    [
        ("census.csv", "unit,sex,age,population", "unit,sex,years,population", "no column 'age'"),
        ("census.csv", "T1,male,0-4,", "T1,male,0-4,x", "is no number"),
        ("census.csv", "T1,male,0-4,", "T1,boy,0-4,", "'boy' is no sex"),
        ("census.csv", "T1,male,5-9,", "T1,male,five,", "'five' is no age"),
        ("census.csv", "T2,male,0-4,", "T1,male,0-4,", "stand in row 2, too"),
        ("mortality.csv", "male,0,", "male,2,", "a missing value is not zero"),
        ("mortality.csv", "male,0,0", "male,0,-0", "from 0 on"),
    ],
)
def test_a_table_that_cannot_stand(county: Path, table: str, old: str, new: str, words: str) -> None:
    changed(county.parent / table, old, new)
    found = findings(county)
    assert any(words in one and table in one for one in found), found


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no file" in findings(tmp_path / "none.yaml")[0]


def test_words_that_set_quotas_are_refused(county: Path) -> None:
    """A projection says what may come. One that is titled as a quota of births does not load."""
    text = "{en: Birth quota for each town, zh: 各乡镇生育指标}"
    found = findings(changed(county, "{en: Six towns to 2044, zh: 六乡镇人口预测至2044年}", text))
    assert any("rights." in one for one in found), found


def test_a_change_that_is_a_quota_is_refused(county: Path) -> None:
    old = "{en: Railway opens, zh: 铁路通车}, from"
    found = findings(changed(county, old, "{en: Fines for third births, zh: 征收社会抚养费}, from"))
    assert any("rights." in one for one in found), found


def test_an_earlier_census_tests_the_rates(county: Path) -> None:
    plan = load_plan(county)
    result = run_scenarios(plan)
    counted = plan.population.sum((1, 2))
    assert result.said.shape == (6,)
    assert (np.abs(result.said / counted - 1) < 0.12).all()
    assert run_scenarios(load_plan(changed(county, "  earlier:", "  #"))).said is None


def test_a_refusal_says_where(county: Path) -> None:
    old = "low_births:\n      title: {en: Fewer births, zh: 出生偏少}"
    found = findings(changed(county, old, "birth_quota:\n      title: {en: Fewer births, zh: 出生偏少}"))
    (refusal,) = [one for one in found if "rights." in one and "quota" in one][:1]
    line = county.read_text(encoding="utf-8").splitlines().index("    birth_quota:") + 1
    assert refusal.startswith((f"county.yaml:{line}:", f"county.yaml:{line + 1}:")), refusal
