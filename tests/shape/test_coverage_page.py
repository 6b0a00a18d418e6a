"""The published coverage of intervals: its enumerated tables are those that the kernels give today."""

from __future__ import annotations

from bench.coverage import PAGE, markdown
from bench.coverage_counts import counts, proportions


def test_enumerated_tables_are_up_to_date() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for make in (proportions, counts):
        assert markdown(make()) in text, "run `python -m bench.coverage`"
