"""How figures stand to a benchmark, on the site."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from tallymark.model.tables import TABLES
from tallymark.publish.edition import Edition
from tallymark.publish.guard import guarded
from tallymark.publish.pages.benchmark import against_said, benchmark_said
from tallymark.publish.records import Figure

NAN = float("nan")


def figure(side: str, sure: str = "similar") -> Figure:
    numbers = (1.0, 2.0, 50.0, 40.0, 60.0, 1.0, 1.0, 1.0)
    return Figure(
        "U", "2025", "i", "", "", *numbers, "reported", NAN, NAN, NAN, against_95=side, against_998=sure
    )


def test_sides_in_words(english: Edition, chinese: Edition) -> None:
    assert against_said(english, figure("better")) == "better"
    assert against_said(english, figure("worse", "worse")) == "worse, beyond doubt"
    assert against_said(chinese, figure("worse", "worse")) == "更差（确凿）"
    assert against_said(english, figure("")) == ""
    assert against_said(english, None) == ""


def test_the_benchmark_counts_units(english: Edition) -> None:
    indicator = next(iter(english.facts.programme.indicators.values()))
    assert benchmark_said(english, indicator, [figure("better")]) == ""
    held = replace(indicator, benchmark=90.0)
    said = benchmark_said(english, held, [figure("better"), figure("worse"), figure("worse"), figure("")])
    assert said.endswith("1 better, 0 similar, 2 worse.")


def test_a_suppressed_figure_does_not_say_on_which_side_it_was(english: Edition) -> None:
    schema = TABLES["indicators"].schema
    row = {field.name: None for field in schema} | {
        "unit": "U", "period": "2025", "indicator": "i", "basis": "suppressed", "value": 50.0, "benchmark": 90.0,
        "against_95": "worse", "against_998": "worse",
    }  # fmt: skip
    tables = {name: spec.schema.empty_table() for name, spec in TABLES.items()}
    tables["indicators"] = pa.Table.from_pylist([row], schema=schema)
    got = guarded(tables, english.facts.programme)["indicators"].to_pylist()[0]
    assert (got["value"], got["against_95"], got["against_998"]) == (None, None, None)
