"""A composite orders units: what may not be scored or ranked may not be put into one."""

from __future__ import annotations

import pytest
from tests.oracle.rights.declare import NOWHERE, indicator, programme

from tallymark.findings import Severity
from tallymark.programme.rights import rights_findings_raw

VISITED = indicator("Newborns visited at home within 7 days")
SUPPLIED = indicator("Requests for counselling met")


def refused(indicators: dict[str, object], title: str = "Care") -> set[str]:
    parts = [{"indicator": name, "weight": 1} for name in indicators]
    made = programme(indicators=indicators) | {
        "composites": {"care": {"title": title, "parts": parts, "normalise": "z"}}
    }
    found = rights_findings_raw(made, NOWHERE)
    return {one.code for one in found if one.severity is Severity.ERROR}


def test_services_may_be_put_together() -> None:
    assert not refused({"visited": VISITED, "supplied": SUPPLIED})


@pytest.mark.parametrize(
    "concerns", ["births", "deaths", "fertility", "sex_ratio", "method_mix", "pregnancy", "population"]
)
def test_a_statistic_is_no_part(concerns: str) -> None:
    statistic = indicator("Done of due", concerns)
    assert "rights.statistics_only" in refused({"visited": VISITED, "done": statistic})


def test_a_relabelled_quota_is_no_part() -> None:
    quota = indicator("Births in plan per hundred women 计划内生育率")
    assert refused({"visited": VISITED, "quota": quota})


def test_the_name_of_the_composite_is_read() -> None:
    assert refused({"visited": VISITED, "supplied": SUPPLIED}, title="Index of births in plan 计划生育率指数")
