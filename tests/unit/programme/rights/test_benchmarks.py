"""A benchmark is a target: what may not have one may not have the other."""

from __future__ import annotations

import pytest
from tests.oracle.rights.declare import NOWHERE, indicator, programme

from tallymark.findings import Severity
from tallymark.programme.rights import rights_findings_raw


def refused(**indicators: object) -> set[str]:
    found = rights_findings_raw(programme(indicators=indicators), NOWHERE)
    return {one.code for one in found if one.severity is Severity.ERROR}


@pytest.mark.parametrize(
    "concerns", ["births", "deaths", "fertility", "sex_ratio", "method_mix", "pregnancy", "population"]
)
def test_a_statistic_has_no_benchmark(concerns: str) -> None:
    plain = indicator("Done of due", concerns)
    assert "rights.statistics_only" not in refused(share_done=plain)
    assert "rights.statistics_only" in refused(share_done=plain | {"benchmark": 90})
    assert "rights.statistics_only" in refused(share_done=plain | {"benchmark": 0})
    assert "rights.statistics_only" not in refused(share_done=plain | {"benchmark": None})


def test_a_relabelled_quota_is_still_one() -> None:
    quota = indicator("Births in plan per hundred women 计划内生育率")
    assert refused(share_done=quota | {"benchmark": 90})


def test_a_service_may_have_one() -> None:
    assert not refused(share_done=indicator("Newborns visited at home within 7 days", benchmark=90))
