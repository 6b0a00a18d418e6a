"""Ways of projecting that scenario files declare: moves, change ratios, five-year steps, events, histories."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from tests.unit.projection.test_scenario import changed, county, findings

from tallymark.planning import plan_ahead, planning_of
from tallymark.population import life_table, project
from tallymark.projection import load_plan, run_scenarios

__all__ = ["county"]
AGES = np.arange(101)


def written(path: Path, heads: str, rows: list[tuple[object, ...]]) -> None:
    lines = [heads, *(",".join(str(cell) for cell in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_who_moves_arrives_elsewhere(county: Path) -> None:
    """Half of the young men of T1 go to T3: all together nobody is lost but by birth and death."""
    rows = [
        ("T1", "T3", "male", "20-24", 0.5),
        ("T1", "T3", "male", "25+", 0),
        ("T1", "T3", "male", "0-19", 0),
    ]
    written(county.parent / "moves.csv", "unit,to,sex,age,share", rows)
    plain = run_scenarios(load_plan(county))
    moving = run_scenarios(
        load_plan(changed(county, "  sex_ratio", "  moves: {file: moves.csv}\n  sex_ratio"))
    )
    units = moving.plan.units
    one, other = [result.scenarios["main"].populations for result in (plain, moving)]
    np.testing.assert_allclose(one[:, 1].sum(axis=0), other[:, 1].sum(axis=0), rtol=1e-12)
    gone = (one - other)[units.index("T1"), 1, 0, 20:25].sum()
    assert gone == pytest.approx(one[units.index("T1"), 1, 0, 20:25].sum() / 2, rel=0.1)
    assert (other - one)[units.index("T3"), 1, 0, 20:25].sum() == pytest.approx(gone, rel=1e-9)
    # futures go around the course with moves
    low, high = moving.futures.quantiles[:, 1:, 0, 0], moving.futures.quantiles[:, 1:, 0, -1]
    middle = moving.sums["main"][:, 1:, 0]
    assert ((low < middle) & (middle < high)).all()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("T1", "T9", "male", "0-99", 0.1)], "no unit is called 'T9'"),
        (
            [("T1", "T2", "male", "0+", 0.6), ("T1", "T3", "male", "0+", 0.6)],
            "more than all leave 'T1' at age 0",
        ),
    ],
)
def test_moves_that_cannot_be(county: Path, rows: list[tuple[object, ...]], words: str) -> None:
    written(county.parent / "moves.csv", "unit,to,sex,age,share", rows)
    found = findings(changed(county, "  sex_ratio", "  moves: {file: moves.csv}\n  sex_ratio"))
    assert any(words in one for one in found), found


def ratios(path: Path) -> Path:
    text = path.read_text(encoding="utf-8")
    head, tail = text.split("  uncertainty:")
    groups = tail[tail.index("  groups:") :]
    path.write_text(head + groups, encoding="utf-8")
    return changed(path, "  years: 20", "  years: 20\n  method: hamilton_perry")


def test_change_ratios_need_no_rates(county: Path, tmp_path: Path) -> None:
    plan = load_plan(ratios(county))
    result = run_scenarios(plan)
    assert list(result.scenarios) == ["main"]
    assert result.futures is None
    made = result.scenarios["main"].populations
    early, late = (people.reshape(6, 2, -1) for people in (plan.ratios, plan.population))
    # men of 30–39 ten years on: those of 20–29 now × what became of 20–29 of 2014
    expected = late[:, :, 20:30].sum(-1) * late[:, :, 30:40].sum(-1) / early[:, :, 20:30].sum(-1)
    np.testing.assert_allclose(made[:, 10, :, 30:40].sum(-1), expected, rtol=1e-9)
    np.testing.assert_allclose(made[:, 5].sum(), (made[:, 0].sum() + made[:, 10].sum()) / 2, rtol=1e-9)
    assert plan_ahead(county, tmp_path / "out").pages == 14
    assert not (tmp_path / "out" / "expected.csv").exists()
    page = (tmp_path / "out" / "zh" / "index.html").read_text(encoding="utf-8")
    assert "队列变化比法" in page
    assert "当年出生" not in page


def test_what_change_ratios_cannot_do(county: Path) -> None:
    assert any(
        "takes no `uncertainty:`" in one
        for one in findings(changed(county, "  years: 20", "  years: 20\n  method: hamilton_perry"))
    )
    text = county.read_text(encoding="utf-8")
    county.write_text(
        "\n".join(line for line in text.splitlines() if "earlier:" not in line), encoding="utf-8"
    )
    assert any("needs an `earlier:` census" in one for one in findings(county))


def test_five_year_steps_come_close_to_single_years(county: Path) -> None:
    one = run_scenarios(load_plan(county))
    five = run_scenarios(load_plan(changed(county, "  years: 20", "  years: 20\n  step: 5")))
    for name in one.sums:
        np.testing.assert_allclose(five.sums[name][:, :, 0].sum(0), one.sums[name][:, :, 0].sum(0), rtol=0.01)
        births = [result.sums[name][:, 1:, -2].sum() for result in (one, five)]
        assert births[1] == pytest.approx(births[0], rel=0.03)


def test_events_of_few_are_drawn_to_the_whole(county: Path) -> None:
    """Six towns with the same true mortality, deaths by chance: drawn together they lie nearer to it than they are seen."""
    plan = load_plan(county)
    random, ages = np.random.default_rng(5), [0, 1, *range(5, 90, 5)]
    rates = np.array([0.005, 0.0004, *np.geomspace(0.0004, 0.12, 17)])
    with (county.parent / "census.csv").open(encoding="utf-8") as file:
        counted = {
            (row["unit"], row["sex"], row["age"].split("-")[0].rstrip("+")): float(row["population"])
            for row in csv.DictReader(file)
        }
    first = sorted({int(key[2]) for key in counted})
    rows = []
    ages = [age for age in ages if age in first]
    for unit in plan.units:
        for sex in ("male", "female"):
            for age in ages:
                people = counted[unit, sex, str(age)]
                rows.append(
                    (unit, sex, age, random.poisson(3 * people * rates[min(len(rates) - 1, 1 + age // 5)]))
                )
    written(county.parent / "deaths.csv", "unit,sex,age,deaths", rows)
    spread = {}
    for toward in ("none", "together"):
        text = (county.parent / "county.yaml").read_text(encoding="utf-8")
        declared = text.replace(
            "mortality: {file: mortality.csv}",
            f"mortality: {{file: deaths.csv, events: {{years: 3, toward: {toward}}}}}",
        )
        (county.parent / "try.yaml").write_text(declared, encoding="utf-8")
        mx = load_plan(county.parent / "try.yaml").courses["main"].mortality[:, 0]
        assert np.isfinite(mx).all()
        e0 = life_table(mx, sex=("male", "female")).e0
        spread[toward] = e0.std(axis=0).max()
        truth = life_table(rates[np.minimum(len(rates) - 1, 1 + AGES // 5)], sex="male").e0
        assert np.abs(e0.mean() - truth) < 3
    assert spread["together"] < spread["none"] / 2


def test_neighbours_have_to_be_units(county: Path) -> None:
    rows = [
        (unit, sex, age, 1)
        for unit in ("T1", "T2", "T3", "T4", "T5", "T6")
        for sex in ("male", "female")
        for age in range(0, 90, 5)
    ]
    written(county.parent / "deaths.csv", "unit,sex,age,deaths", rows)
    written(county.parent / "beside.csv", "unit,neighbour", [("T1", "T2"), ("T2", "T7")])
    declared = "mortality: {file: deaths.csv, events: {years: 1, toward: neighbours, neighbours: {file: beside.csv}}}"
    found = findings(changed(county, "mortality: {file: mortality.csv}", declared))
    assert any("no unit is called 'T7'" in one for one in found), found
    written(
        county.parent / "beside.csv",
        "unit,neighbour",
        [("T1", "T2"), ("T2", "T3"), ("T4", "T5"), ("T5", "T6")],
    )
    assert load_plan(county).courses["main"].mortality.shape == (6, 20, 2, 101)


def past(folder: Path, years: int = 16) -> Path:
    """Two units with a history of constant rates and noise, as a scenario folder."""
    random = np.random.default_rng(9)
    mx = np.minimum(0.0004 + 3e-5 * np.exp(0.1 * AGES), 0.8)
    births = 0.09 * np.exp(-(((AGES - 29) / 6) ** 2)) * ((AGES >= 15) & (AGES < 50))
    people, deaths, fertility, moved = [], [], [], []
    for unit, size in (("A", 1000.0), ("B", 400.0)):
        level = np.cumsum(random.normal(0, 0.02, years))
        rates = (
            mx
            * np.exp(-0.01 * np.arange(years) + random.normal(0, 0.02, years))[:, None, None]
            * np.ones((2, 1))
        )
        born = births * np.exp(level)[:, None]
        net = random.normal(5, 3, years)[:, None, None] * np.exp(-(((AGES - 25) / 8) ** 2)) * np.ones((2, 1))
        made = project(
            size * np.linspace(1, 0.05, 101) * np.ones((2, 1)),
            life_table(rates, sex=("male", "female")).survival(),
            born,
            1.05,
            net,
        )
        for sex, word in enumerate(("male", "female")):
            people += [
                (unit, 2008 + y, word, age, made.populations[y, sex, age])
                for y in range(years + 1)
                for age in AGES
            ]
            deaths += [(unit, 2009 + y, word, age, rates[y, sex, age]) for y in range(years) for age in AGES]
            moved += [(unit, 2009 + y, word, age, net[y, sex, age]) for y in range(years) for age in AGES]
        fertility += [(unit, 2009 + y, age, born[y, age]) for y in range(years) for age in range(15, 50)]
    written(folder / "people.csv", "unit,year,sex,age,population", people)
    written(
        folder / "now.csv",
        "unit,sex,age,population",
        [(row[0], *row[2:]) for row in people if row[1] == 2008 + years],
    )
    written(folder / "mx.csv", "unit,year,sex,age,rate", deaths)
    written(folder / "asfr.csv", "unit,year,age,rate", fertility)
    written(folder / "net.csv", "unit,year,sex,age,migrants", moved)
    (folder / "past.yaml").write_text(f"""projection:
  start: {2008 + years}-12-31
  years: 10
  population: {{file: now.csv}}
  history:
    population: {{file: people.csv}}
    mortality: {{file: mx.csv}}
    fertility: {{file: asfr.csv}}
    migration: {{file: net.csv}}
    method: usual
  main: {{fertility: {{factor: {{2034: 0.9}}}}}}
""", encoding="utf-8")  # fmt: skip
    return folder / "past.yaml"


def test_a_history_tells_rates_and_how_far_they_wander(tmp_path: Path) -> None:
    path = past(tmp_path)
    result = run_scenarios(load_plan(path))
    assert set(result.plan.paths) == {"fertility", "mortality", "migration"}
    assert 0.005 < float(np.max(result.plan.paths["fertility"].sd)) < 0.05
    spread = result.futures.deviation[:, -1, 0]
    assert (spread > 0).all()
    assert [one.horizon for one in result.tried] == [5, 10]
    notes = " ".join(text["en"] for text in planning_of(result).notes)
    assert "made from 16 years of history" in notes
    assert "Back-test over 10 years" in notes
    # what the balance leaves over is what was declared
    text = path.read_text(encoding="utf-8").replace("    migration: {file: net.csv}\n", "")
    path.write_text(text, encoding="utf-8")
    left = load_plan(path).history.migration
    np.testing.assert_allclose(left, result.plan.history.migration, atol=1e-6)


def test_a_history_without_gaps(tmp_path: Path) -> None:
    path = past(tmp_path, years=4)
    text = (tmp_path / "people.csv").read_text(encoding="utf-8")
    (tmp_path / "people.csv").write_text(
        "\n".join(line for line in text.splitlines() if ",2010," not in line), encoding="utf-8"
    )
    assert any("a history needs people of each year until 2012" in one for one in findings(path))
