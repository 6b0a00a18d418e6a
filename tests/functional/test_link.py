"""`tallymark link` as an office uses it: two lists in, groups of record numbers out, and not a name in them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest
from tests.functional.conftest import Call

from tallymark.simulate.lists import simulate_lists

DECLARED = """
linkages:
  births:
    title: {en: Births at hospital and registry, zh: 医院与户籍登记的出生}
    purpose: birth_registration
    lists:
      hospital: {record: record, columns: {mother: mother, mother_id: mother_id, born: born, sex: sex, village: village}}
      registry: {record: record, columns: {mother: mother, mother_id: mother_id, born: born, sex: sex, village: village}}
    fields:
      mother: {kind: name}
      mother_id: {kind: identity}
      born: {kind: date}
      sex: {kind: category, telling: true}
      village: {kind: category}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> Path:
    monkeypatch.chdir(tmp_path)
    assert call("new", "clinic").code == 0
    Path("clinic/linkages.yaml").write_text(DECLARED, encoding="utf-8")
    for name, table in simulate_lists(800, seed=2, error=0.05).tables.items():
        arrow_csv.write_csv(table, f"{name}.csv")
    return tmp_path


LISTS = ("--list", "hospital=hospital.csv", "--list", "registry=registry.csv")


def test_lists_are_linked_and_no_name_is_kept(place: Path, call: Call) -> None:
    made = call("link", "clinic", "births", "linked", *LISTS, "--json")
    assert made.code == 0, made.err
    said = json.loads(made.out)
    assert said["records"]["hospital"]["matched"] > 500
    assert (
        said["completeness"]["events_in_all"]["low"] <= 800 <= said["completeness"]["events_in_all"]["high"]
    )
    kept = "".join(path.read_text(encoding="utf-8-sig") for path in Path("linked").iterdir())
    names = {row["mother"] for row in arrow_csv.read_csv("hospital.csv").to_pylist() if row["mother"]}
    assert not any(name in kept for name in names)
    assert {path.name for path in Path("linked").iterdir()} == {"pairs.csv", "records.csv", "summary.json"}


def test_pairs_that_contradict_each_other_are_counted_by_field(place: Path, call: Call) -> None:
    """One matched mother is given another village at the registry: the pair is still one, and says where it differs."""
    rows = arrow_csv.read_csv("hospital.csv").to_pylist()
    here = {row["mother_id"]: row["record"] for row in rows if row["mother_id"] and row["mother"]}
    registry = arrow_csv.read_csv("registry.csv").to_pylist()
    changed = next(row for row in registry if row["mother_id"] in here and row["village"] and row["born"])
    before = json.loads(call("link", "clinic", "births", "before", *LISTS, "--json").out)["contradictory"]
    changed["village"] = "Faraway"
    arrow_csv.write_csv(pa.Table.from_pylist(registry), "registry.csv")
    said = json.loads(call("link", "clinic", "births", "linked", *LISTS, "--json").out)["contradictory"]
    pairs = arrow_csv.read_csv("linked/pairs.csv").to_pylist()
    odd = [row for row in pairs if row["contradicts"]]
    assert len(odd) == said["pairs"]
    assert all(row["taken"] for row in odd)
    assert any(changed["record"] in (row["record_l"], row["record_r"]) for row in odd)
    assert said["fields"]["village"] == before["fields"].get("village", 0) + 1


def test_it_speaks_chinese(place: Path, call: Call) -> None:
    made = call("link", "clinic", "births", "linked", *LISTS, "--lang", "zh", "--review", "10")
    assert made.code == 0
    assert "事件总数" in made.out
    assert "mother" in Path("linked/review.csv").read_text(encoding="utf-8-sig").splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("births", "linked", "--list", "hospital=hospital.csv"), "list 'registry' was not given"),
        (("births", "linked", "--list", "hospital"), "NAME=FILE"),
        (("births", "linked", "--list", "hospitl=hospital.csv"), "did you mean hospital"),
        (("birth", "linked", *LISTS), "did you mean births"),
        (("births", "clinic", *LISTS), "not empty"),
        (("births", "linked", "--list", "hospital=nowhere.csv"), "there is no nowhere.csv"),
    ],
)
def test_mistakes_are_told_in_a_line(place: Path, call: Call, arguments: tuple[str, ...], says: str) -> None:
    made = call("link", "clinic", *arguments)
    assert made.code == 2
    assert says in made.err
    assert len(made.err.splitlines()) == 1
    assert not Path("linked").exists()


def test_nothing_else_may_be_linked(place: Path, call: Call) -> None:
    Path("clinic/linkages.yaml").write_text(
        DECLARED.replace("birth_registration", "find_people"), encoding="utf-8"
    )
    assert call("lint", "clinic").code == 1
    other = DECLARED.replace("Births at hospital and registry", "Women pregnant outside the plan").replace(
        "医院与户籍登记的出生", "计划外怀孕妇女排查"
    )
    Path("clinic/linkages.yaml").write_text(other, encoding="utf-8")
    made = call("lint", "clinic")
    assert made.code == 1
    assert "rights." in made.out + made.err


def test_a_check_sample_is_drawn_filled_in_and_read(place: Path, call: Call) -> None:
    assert call("link", "clinic", "births", "linked", *LISTS, "--check", "20").code == 0
    drawn = arrow_csv.read_csv("linked/check.csv")
    assert len(drawn) == 20
    answers = pa.array(["none"] * len(drawn))
    arrow_csv.write_csv(drawn.set_column(drawn.column_names.index("found"), "found", answers), "checked.csv")
    made = call("link", "clinic", "births", "again", *LISTS, "--checked", "checked.csv", "--json")
    assert made.code == 0, made.err
    said = json.loads(made.out)["completeness"]
    assert said["known"]
    assert said["standard_error"]["blocking"] == 0
    blank = call("link", "clinic", "births", "third", *LISTS, "--checked", "linked/check.csv")
    assert blank.code == 2
    assert "nobody has looked" in blank.err


def test_three_lists_say_each_total_in_words(place: Path, call: Call) -> None:
    declared = DECLARED.replace(
        "    fields:\n",
        DECLARED.split("lists:\n")[1].splitlines()[1].replace("registry", "household") + "\n    fields:\n",
    )
    Path("clinic/linkages.yaml").write_text(declared, encoding="utf-8")
    names = ("hospital", "registry", "household")
    for name, table in simulate_lists(300, seed=2, error=0.05, lists=names).tables.items():
        arrow_csv.write_csv(table, f"{name}.csv")
    made = call(
        "link", "clinic", "births", "linked", *LISTS, "--list", "household=household.csv", "--lang", "zh"
    )
    assert made.code == 0, made.err
    assert made.out.count("事件总数") == 3
    assert "据 hospital, registry：" in made.out
