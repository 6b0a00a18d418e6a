"""A release from a register of people to the published folder, attacked by somebody who has only that folder."""

from __future__ import annotations

import csv
import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import tallymark as tm
from tallymark.cli import tallymark
from tallymark.publish.disclose import attack, cells_of
from tallymark.releasing import releases_in
from tallymark.store.runs import Run

PROGRAMME = """
programme:
  code: small
  title: {en: Births of a small county, zh: 小县出生}
  publisher: {en: Office, zh: 办公室}
  contact: {en: Write to the window., zh: 请到窗口反映。}
  levels: [{code: county, title: {en: County, zh: 县}}, {code: town, title: {en: Town, zh: 乡镇}}, {code: village, title: {en: Village, zh: 村}}]
  calendar: {frequencies: [month, quarter]}
units: {file: units.csv, columns: {name: name}}
disclosure: {fewest: 5, people: [asked]}
hearing: {answer_days: 1}
datasets:
  births:
    title: {en: Register of births, zh: 出生登记}
    kind: events
    level: village
    date: born_on
    key: [number]
    purpose: Registering newborns.
    absence: zero
    breakdowns: [sex]
    columns:
      number: {type: text, required: true, sensitivity: personal}
      unit: {type: unit, required: true}
      born_on: {type: date, required: true, sensitivity: personal}
      sex: {type: category, values: [female, male], required: true, title: {en: Sex, zh: 性别}}
      skilled: {type: boolean, title: {en: Attended, zh: 专业接生}}
  monthly:
    title: {en: Monthly report, zh: 月报}
    kind: reports
    level: village
    frequency: month
    items:
      asked: {title: {en: People who asked, zh: 申请人数}}
      leaflets: {title: {en: Leaflets handed out, zh: 宣传单}}
      talks: {title: {en: Talks given, zh: 讲座}}
      on_time: {title: {en: Talks begun on time, zh: 准时讲座}}
measures:
  births: {dataset: births, title: {en: Births, zh: 出生}}
  boys: {dataset: births, where: "sex = 'male'", title: {en: Boys, zh: 男婴}}
  skilled: {dataset: births, where: skilled, title: {en: Attended births, zh: 专业接生数}}
  asked: {dataset: monthly, item: asked, title: {en: People who asked, zh: 申请人数}}
  leaflets: {dataset: monthly, item: leaflets, title: {en: Leaflets, zh: 宣传单}}
  talks: {dataset: monthly, item: talks, title: {en: Talks, zh: 讲座}}
  on_time: {dataset: monthly, item: on_time, title: {en: On time, zh: 准时}}
indicators:
  attendance: {title: {en: Attended births, zh: 专业接生率}, numerator: skilled, denominator: births, factor: 100, unit: "%",
    direction: higher, concerns: service_coverage, interval: wilson}
  boys_share: {title: {en: Boys among births, zh: 男婴占比}, numerator: boys, denominator: births, factor: 100, unit: "%", direction: none, concerns: sex_ratio}
  asked_count: {title: {en: People who asked, zh: 申请人数}, numerator: asked, direction: none, concerns: participation}
  leaflets_count: {title: {en: Leaflets, zh: 宣传单}, numerator: leaflets, direction: higher, concerns: knowledge}
  punctuality: {title: {en: Talks begun on time, zh: 准时开讲率}, numerator: on_time, denominator: talks, factor: 100, unit: "%",
    direction: higher, concerns: timeliness, interval: wilson, too_small: {cases: 20}}
checks:
  asked_something: {title: {en: Somebody asked, zh: 有人申请}, expect: asked >= 3, at: month, level: village}
contracts:
  q1:
    title: {en: First quarter, zh: 一季度}
    level: town
    period: 2025-Q1
    points: 10
    ranking: {intervals: none}
    sections:
      - {code: s, title: {en: Services, zh: 服务}, lines: [
          {code: A, title: {en: Attended births, zh: 专业接生}, points: 6, indicator: attendance, award: {kind: proportional, floor: 0, target: 100}},
          {code: L, title: {en: Leaflets, zh: 宣传单}, points: 4, indicator: leaflets_count, award: {kind: proportional, floor: 0, target: 90}}]}
"""
MONTHS = ("2025-01", "2025-02", "2025-03")
TOWNS = ("T1", "T2", "T3", "T4", "T5", "T6")
VILLAGES = tuple(f"{town}V{at}" for town in TOWNS for at in (1, 2, 3))
ODD = 7919
"""Births of one town in one month: all but two attended, so that 7917 must stand nowhere."""
WHEN = dt.datetime(2025, 5, 1, 8, tzinfo=dt.UTC)


def register(seed: int = 3) -> list[dict[str, str]]:
    """One row a birth: villages differ much in size, so that small and large numbers stand side by side."""
    dice = np.random.default_rng(seed)
    rows = []
    for at, village in enumerate(VILLAGES):
        for month in MONTHS:
            for _ in range(dice.poisson((2, 9, 30)[at % 3])):
                rows.append(
                    {
                        "unit": village,
                        "born_on": f"{month}-{dice.integers(1, 28):02d}",
                        "sex": "male" if dice.random() < 0.52 else "female",
                        "skilled": "true" if dice.random() < 0.9 else "false",
                    }
                )
    for number in range(ODD):
        rows.append(
            {
                "unit": "T6V1",
                "born_on": "2025-02-11",
                "sex": "male" if number % 2 else "female",
                "skilled": "false" if number < 2 else "true",
            }
        )
    attended = [row for row in rows if row["unit"][:2] == "T1"]
    for number, row in enumerate(attended):
        row["skilled"] = "false" if number < 3 else "true"
    rows = [row for row in rows if not (row["unit"][:2] == "T6" and row["born_on"][:7] == "2025-02")] + rows[
        -ODD:
    ]
    return [{"number": str(at), **row} for at, row in enumerate(rows)]


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("small")
    (folder / "programme").mkdir()
    (folder / "programme" / "small.yaml").write_text(PROGRAMME, encoding="utf-8")
    units = [{"unit": "C", "name": "County", "parent": "", "level": "county"}]
    units += [{"unit": town, "name": town, "parent": "C", "level": "town"} for town in TOWNS]
    units += [{"unit": one, "name": one, "parent": one[:2], "level": "village"} for one in VILLAGES]
    write(folder / "programme" / "units.csv", units)
    programme, store = tm.load(folder / "programme"), tm.open_store(folder / "store")
    births = write(folder / "births.csv", register())
    reports = write(
        folder / "monthly.csv",
        [
            {"unit": one, "period": month, "asked": str((at * 7 + len(month)) % 9), "leaflets": str(at % 4)}
            | {"talks": str(at + 1), "on_time": str(at)}
            for at, one in enumerate(VILLAGES)
            for month in MONTHS
        ],
    )
    earlier = WHEN - dt.timedelta(days=2)  # so that who had a day to answer is named
    tm.receive(programme, store, "monthly", reports, received_at=earlier)
    tm.receive(programme, store, "births", births, received_at=WHEN)
    return tm.assess(programme, store, contract="q1", made_at=WHEN)


@pytest.fixture(scope="module")
def site(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("public") / "site"
    return tm.publish_run(run, out, released_at=WHEN).path


@pytest.fixture(scope="module")
def inside(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tm.publish_run(run, tmp_path_factory.mktemp("inside") / "site", internal=True).path


def table(site: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO((site / "data" / f"{name}.csv").read_text(encoding="utf-8-sig"))))


def test_nothing_small_is_in_the_published_data(site: Path) -> None:
    rows = table(site, "measures")
    people = [row for row in rows if row["measure"] not in ("leaflets", "talks", "on_time")]
    values = [float(row["value"]) for row in people if row["value"]]
    assert len(values) > 60
    assert min(value for value in values if value) >= 5
    assert {row["basis"] for row in people if not row["value"]} <= {"suppressed", "missing"}
    leaflets = [float(row["value"]) for row in rows if row["measure"] == "leaflets" and row["value"]]
    assert any(0 < value < 5 for value in leaflets)


def test_figures_too_small_to_judge_are_withheld_though_they_count_nobody(site: Path, run: Run) -> None:
    """`too_small: {cases: 20}` over talks: the programme's own rule, not disclosure control, keeps them back."""
    judged = [row for row in run.table("indicators").to_pylist() if row["indicator"] == "punctuality"]
    small = {(row["unit"], row["period"]) for row in judged if row["small"]}
    plain = {(row["unit"], row["period"]) for row in judged if not row["small"]}
    assert small
    assert plain
    assert all(row["denominator"] < 20 for row in judged if row["small"])
    public = {
        (row["unit"], row["period"]): row
        for row in table(site, "indicators")
        if row["indicator"] == "punctuality"
    }
    assert {public[key]["basis"] for key in small} == {"suppressed"}
    assert not any(public[key][column] for key in small for column in ("value", "numerator", "low", "high"))
    assert any(public[key]["value"] for key in plain)


def test_what_is_published_of_births_gives_no_small_count_away(site: Path, run: Run) -> None:
    """The slow, obvious attack: inner cells are villages × months × sex × attended, of which anything may be true."""
    counts: dict[tuple[str, str, str, str], int] = {}
    for row in register():
        at = (row["unit"], row["born_on"][:7], row["sex"], row["skilled"])
        counts[at] = counts.get(at, 0) + 1
    places = [
        (v, m, s, k) for v in VILLAGES for m in MONTHS for s in ("male", "female") for k in ("true", "false")
    ]
    inner = [{"unit": v, "month": m, "sex": s, "skilled": k} for v, m, s, k in places]
    amounts = np.array([float(counts.get(place, 0)) for place in places])
    rows = [row for row in table(site, "measures") if row["measure"] in ("births", "boys", "skilled")]
    rows = [row for row in rows if row["period"] in (*MONTHS, "2025-Q1") and row["basis"] != "missing"]
    full = {place(row): row["value"] for row in run.table("measures").to_pylist()}
    cells = cells_of(inner, [spanned(row) for row in rows])
    values = np.asarray(cells @ amounts)
    assert values.tolist() == [full[place(row)] for row in rows]
    hidden = np.array([not row["value"] for row in rows])
    assert [float(row["value"]) for row in rows if row["value"]] == values[~hidden].tolist()
    targets = hidden & (values > 0) & (values < 5)
    # Unlike ours this attack sees the villages' months: they are no table, so that the county's sums bind nothing more.
    chosen = np.flatnonzero(targets)[::4]
    some = np.zeros(len(rows), np.bool_)
    some[chosen] = True
    low, high = attack(cells, values, hidden, some)
    assert len(chosen) > 20
    assert (high - low)[some].min() >= 2 - 1e-5
    # All but a few of the births are as telling: nobody works out either how many were not attended.
    both = {place(row): at for at, row in enumerate(rows)}
    few = [
        (at, both[("births", *place(row)[1:])])
        for at, row in enumerate(rows)
        if row["measure"] == "skilled"
        and 0 < values[both[("births", *place(row)[1:])]] - values[at] < 5
        and values[at] > 0
    ]
    assert few
    assert all(hidden[at] for at, _ in few)


def place(row: dict[str, str]) -> tuple[str, ...]:
    return row["measure"], row["unit"], row["period"], row["breakdown"] or "", row["category"] or ""


def spanned(row: dict[str, str]) -> dict[str, str]:
    found = (
        {}
        if row["unit"] == "C"
        else {"unit": "|".join(one for one in VILLAGES if one.startswith(row["unit"]))}
    )
    if row["period"] != "2025-Q1":
        found["month"] = row["period"]
    if row["measure"] == "boys":
        found["sex"] = "male"
    if row["measure"] == "skilled":
        found["skilled"] = "true"
    if row["breakdown"] and row["measure"] == "boys" and row["category"] == "female":
        return {"sex": "nobody"}
    return found | ({"sex": row["category"]} if row["breakdown"] else {})


def test_no_file_holds_a_withheld_number(site: Path, inside: Path) -> None:
    """7917 of 7919 births were attended: neither the number nor the share may stand anywhere, in no kind of file."""
    marks = re.compile(r"(?<![\d.])(7,?917|99\.97\d*|0\.9997\d*)(?!\d)")
    assert [name for name, text in texts(inside) if marks.search(text)]
    assert not [name for name, text in texts(site) if marks.search(text)]


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            yield path.name, "\n".join(repr(row) for row in pq.read_table(path).to_pylist())
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield path.name, "\n".join(book.read(name).decode() for name in book.namelist())
        elif path.is_file():
            yield path.name, path.read_text(encoding="utf-8-sig")


def test_a_town_with_a_withheld_line_has_no_total_and_the_others_are_ranked(site: Path, inside: Path) -> None:
    lines = {(row["unit"], row["line"]): row for row in table(site, "scores")}
    hidden = {unit for unit, line in lines if line == "A" and lines[unit, line]["basis"] == "suppressed"}
    assert hidden
    assert hidden != set(TOWNS)
    totals = {row["unit"]: row for row in table(site, "totals")}
    assert {unit for unit, row in totals.items() if not row["total"]} == hidden
    ranks = {row["unit"]: row for row in table(site, "ranks")}
    assert sorted(float(row["rank"]) for row in ranks.values() if row["rank"])[0] == 1
    assert {row["of"] for row in ranks.values()} == {str(len(TOWNS) - len(hidden))}
    assert {unit for unit, row in ranks.items() if not row["rank"]} == hidden
    gaps = [row for row in table(site, "gaps") if row["unit"] in hidden]
    assert not [row for row in gaps if row["line"] == "A"]
    assert {row["order"] for row in gaps} <= {"1"}
    full = (inside / "data" / "internal-totals.csv").read_text(encoding="utf-8-sig")
    assert all(row["total"] for row in csv.DictReader(StringIO(full)))


def test_findings_quote_no_counts_of_people(site: Path, run: Run) -> None:
    quoted = [row for row in run.table("findings").to_pylist() if row["code"] == "check.asked_something"]
    assert quoted
    assert any("does not hold" in row["message"] for row in quoted)
    public = [row for row in table(site, "findings") if row["code"] == "check.asked_something"]
    assert len(public) == len(quoted)
    assert not [
        row for row in public if row["period"] or row["evidence"] or "does not hold" in row["message"]
    ]


def test_rows_of_deliveries_are_not_counted_in_public(site: Path) -> None:
    lineage = {row["dataset"]: row["rows"] for row in table(site, "lineage")}
    assert lineage["births"] == ""
    assert lineage["monthly"] == ""
    assert {row["taken"] for row in table(site, "batches")} == {""}


def test_the_pages_say_what_is_withheld_and_how_to_complain(site: Path) -> None:
    english = (site / "en" / "withheld.html").read_text(encoding="utf-8")
    chinese = (site / "zh" / "withheld.html").read_text(encoding="utf-8")
    assert "Write to the window." in english
    assert "How to complain" in english
    assert "请到窗口反映。" in chinese
    assert "如何投诉" in chinese
    assert "INTERNAL" not in english


def test_the_internal_site_is_marked_on_every_page_and_in_every_name(inside: Path) -> None:
    pages = [path for path in inside.rglob("*.html") if path.parent != inside]
    assert all(">INTERNAL<" in path.read_text(encoding="utf-8") for path in pages if path.parts[-2] == "en")
    assert not (inside / "en" / "withheld.html").exists()
    assert {path.name.split("-")[0] for path in (inside / "data").glob("*.parquet")} == {"internal"}


def test_a_release_is_kept_and_made_once(run: Run, site: Path, tmp_path: Path) -> None:
    kept = releases_in(run.path.parent.parent / "releases")
    assert len(kept) == 1
    assert not kept[0].altered()
    assert kept[0].manifest["attacked"]["exposed"] == 0
    assert "tables" not in str(kept[0].manifest["programme"])
    tm.publish_run(run, tmp_path / "again", released_at=WHEN + dt.timedelta(days=9))
    assert len(releases_in(run.path.parent.parent / "releases")) == 1
    assert (tmp_path / "again" / "data" / "SHA256SUMS").read_bytes() == (
        site / "data" / "SHA256SUMS"
    ).read_bytes()


def test_the_command_releases_unless_told_otherwise(run: Run, tmp_path: Path, site: Path) -> None:
    done = CliRunner().invoke(tallymark, ["publish", str(run.path), str(tmp_path / "a"), "--internal"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "a" / "data" / "internal-measures.csv").exists()
    done = CliRunner().invoke(tallymark, ["publish", str(run.path), str(tmp_path / "b")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "b" / "data" / "withheld.csv").exists()
