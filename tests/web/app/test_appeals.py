"""Appeals: beside the score, decided once, by somebody for the unit above, with reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.web.app.conftest import moved_to


@pytest.fixture
def run_id(office: Any) -> str:
    from tallymark_web.workplace import newest_run

    run = newest_run()
    assert run is not None
    return run.id


def test_appealed_and_decided_with_reasons(signed_in: Callable[..., Any], run_id: str) -> None:
    from tallymark_web.appeals.models import Appeal

    clerk, leader = signed_in("village-clerk"), signed_in("leader")
    said = {"run": run_id, "line": "S1", "text": "three visits were entered twice"}
    assert clerk.get("/scores/unit/C1").context["may_appeal"]
    assert clerk.post("/scores/unit/C1/appeal", said).status_code == 302
    assert clerk.post("/scores/unit/C1/appeal", said).status_code == 302  # said in a message
    assert Appeal.objects.count() == 1
    number = Appeal.objects.get().pk
    assert any("appeals wait" in task.title for task in leader.get("/").context["tasks"])
    assert leader.get("/appeals").context["rows"][0]["may_decide"]
    assert clerk.post(f"/appeals/{number}/act", {"act": "upheld", "reasons": "x"}).status_code == 403
    leader.post(f"/appeals/{number}/act", {"act": "upheld", "reasons": " "})
    leader.post(f"/appeals/{number}/act", {"act": "nonsense", "reasons": "x"})
    assert Appeal.objects.get().state == "open"
    leader.post(f"/appeals/{number}/act", {"act": "partly", "reasons": "two of the three"})
    leader.post(f"/appeals/{number}/act", {"act": "rejected", "reasons": "changed my mind"})
    decided = Appeal.objects.get()
    assert (decided.state, decided.reasons) == ("partly", "two of the three")
    assert "two of the three" in clerk.get("/appeals").content.decode()


def test_the_units_own_leader_does_not_decide(signed_in: Callable[..., Any], run_id: str) -> None:
    from tallymark_web.appeals.models import Appeal

    signed_in("village-clerk").post("/scores/unit/C1/appeal", {"run": run_id, "line": "", "text": "x"})
    moved_to("leader", "C1")
    assert (
        signed_in("leader")
        .post(f"/appeals/{Appeal.objects.get().pk}/act", {"act": "upheld", "reasons": "x"})
        .status_code
        == 404
    )


@pytest.mark.parametrize(
    ("unit", "change"), [("C2", {}), ("C1", {"run": "nothing"}), ("C1", {"line": "nothing"})]
)
def test_nothing_outside(
    signed_in: Callable[..., Any], run_id: str, unit: str, change: dict[str, str]
) -> None:
    from tallymark_web.appeals.models import Appeal

    said = {"run": run_id, "line": "S1", "text": "x"} | change
    assert signed_in("village-clerk").post(f"/scores/unit/{unit}/appeal", said).status_code == 404
    assert not Appeal.objects.exists()
    assert signed_in("village-clerk").get("/appeals").context["rows"] == []
