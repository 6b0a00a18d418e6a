"""A run as the pages see it: who stands where, what is set side by side."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.publish.fabricate import MadeUp, made_up

from tallymark.model.tables import TABLES
from tallymark.programme.resolved import Programme
from tallymark.publish import facts as reading
from tallymark.publish import publish
from tallymark.publish.facts import Facts, read_facts
from tallymark.publish.records import Found
from tallymark.publish.scored_lines import strand_worth
from tallymark.publish.site import in_period


def with_unit(run: MadeUp, unit: str, **change: object) -> Facts:
    rows = [row | (change if row["unit"] == unit else {}) for row in run.tables["units"].to_pylist()]
    tables = dict(run.tables) | {"units": pa.Table.from_pylist(rows, schema=TABLES["units"].schema)}
    return read_facts(replace(run, tables=tables))


def test_places(facts: Facts) -> None:
    assert facts.top == "top"
    assert facts.places.path("T10|v0") == ["top", "T10"]
    assert len(facts.places.below("top")) == 11 * 4
    assert set(facts.compared) == set(facts.places.children["top"])


def test_a_unit_that_ceased_in_the_period_keeps_its_last_parent(run: MadeUp) -> None:
    facts = with_unit(run, "T10|v0", closed=dt.date(2025, 3, 1), parent=None)
    assert facts.places.path("T10|v0") == ["top", "T10"]
    assert facts.top == "top"


def test_a_unit_that_ceased_before_or_opens_later_is_left_out(run: MadeUp) -> None:
    assert "T10|v0" not in with_unit(run, "T10|v0", closed=dt.date(2024, 10, 1)).places.by_code
    assert "T10|v0" not in with_unit(run, "T10|v0", opened=dt.date(2025, 10, 1)).places.by_code
    assert "T10|v0" in with_unit(run, "T10|v0", opened=dt.date(2025, 9, 30)).places.by_code


@pytest.mark.parametrize(
    ("period", "inside"),
    [("", True), ("2025-03", True), ("2025-Q1", True), ("2024-09", False), ("2025", False), ("Marhc", False)],
)
def test_findings_of_the_period(facts: Facts, period: str, inside: bool) -> None:
    found = Found._make([""] * len(Found._fields))._replace(period=period)
    assert in_period(found, facts) is inside


def test_points_of_bundled_contracts_are_weighed(programme: Programme, tmp_path: Path) -> None:
    one = programme.contracts["small-2025"]
    half = replace(one, code="half", points=50.0, bundle=(), gates=())
    both = replace(
        one, code="both", sections=(), bonus=(), deductions=(), gates=(), bundle=((one, 3.0), (half, 1.0))
    )
    together = replace(programme, contracts={"both": both, "small-2025": one, "half": half})
    run = made_up(together, "both", months=False)
    facts = read_facts(run)
    assert strand_worth(facts.contract) == {"small-2025": 0.75, "half": 0.5}
    site = publish(run, tmp_path / "site", languages=["en"]).path
    text = "".join(path.read_text(encoding="utf-8") for path in (site / "en" / "units").glob("*.html"))
    assert "Small contract 2025" in text
    assert re.search(r"of 100 points, weight 75%", text)
    assert "In order of what they are worth in the total" in text


def test_of_very_many_units_the_upper_ones_are_shown(
    run: MadeUp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_SHOWN", 13)
    facts = read_facts(run)
    assert set(facts.figures) == {
        "top",
        *facts.compared,
        facts.places.by_code[list(facts.places.by_code)[12]].code,
    }
    site = publish(run, tmp_path / "site", languages=["en"]).path
    rows = pq.read_table(site / "data" / "indicators.parquet").num_rows
    assert rows == run.tables["indicators"].num_rows
