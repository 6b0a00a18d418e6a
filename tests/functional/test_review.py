"""A data quality review taken by a word: in the run, on the page, in open data."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.functional.conftest import CONTRACT, Call

from tallymark.store.runs import runs_in

DECLARED = """
review:
  use: who_dqr
  level: clinic
  values: [visits_reported]
"""


def test_it_is_in_the_run_on_the_page_and_in_open_data(office: Path, call: Call) -> None:
    Path("clinic/review.yaml").write_text(DECLARED, encoding="utf-8")
    assert call("lint", "clinic").code == 0, call("lint", "clinic").out
    assert call("assess", "clinic", "store", "--contract", CONTRACT).code in (0, 1)
    run = runs_in(Path("store/runs"))[-1]
    quality = {row["metric"]: row for row in run.table("quality").to_pylist()}
    assert quality["reporting"]["subject"] == "monthly"
    due = [row for row in run.table("reports").to_pylist()
           if row["dataset"] == "monthly" and row["period"] == "SY2025" and row["level"] == "clinic"]  # fmt: skip
    share = 100 * sum(row["received"] for row in due) / sum(row["expected"] for row in due)
    assert abs(quality["reporting"]["value"] - share) < 1e-9
    assert quality["reporting"]["flagged"] == sum(row["received"] / row["expected"] < 0.9 for row in due)
    assert quality["over_time"]["units"] == 0  # one year of data: not known, not zero
    assert call("recompute", "store").code == 0
    assert call("publish", "store", "site").code == 0
    page = Path("site/en/verification.html").read_text("utf-8")
    assert "Data quality review" in page
    assert "Values with a modified z above 3.5" in page
    assert "数据质量评审" in Path("site/zh/verification.html").read_text("utf-8")
    (path,) = Path("site").rglob("quality.csv")
    rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    assert {row["metric"] for row in rows} == set(quality)
    assert {row["missed"] for row in rows} == {""}
    assert "<details>" not in page.partition("Data quality review")[2]
    assert quality["timeliness"]["missed"] != "[]"
    assert call("publish", "store", "inside", "--internal").code == 0
    (path,) = Path("inside").rglob("*quality.csv")
    inside = {row["metric"]: row for row in csv.DictReader(path.read_text("utf-8-sig").splitlines())}
    assert inside["timeliness"]["missed"] == quality["timeliness"]["missed"]
    (page,) = [each.read_text("utf-8") for each in Path("inside").rglob("en/verification.html")]
    assert "<details><summary>" in page.partition("Data quality review")[2]
