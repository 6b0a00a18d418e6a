"""A unit's page says what recounts found, how each value stands, and what the contract's gates count."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.functional.test_verdict_gates import GATE
from tests.functional.test_verdicts import DECLARED


def test_recounts_on_the_page_of_a_unit(
    undone: Path, signed_in: Callable[..., Any], settings_with: Any, tmp_path: Path
) -> None:
    import tallymark as tm
    from tallymark_web.workplace import programme, store

    for name in ("programme", "store"):
        shutil.copytree(undone / name, tmp_path / name)
    (tmp_path / "programme" / "verification.yaml").write_text(DECLARED, encoding="utf-8")
    contract = tmp_path / "programme" / "contract.yaml"
    contract.write_text(
        contract.read_text("utf-8").replace("    grades:\n", GATE + "    grades:\n"), encoding="utf-8"
    )
    with settings_with(workplace=tmp_path):
        items = [["C1", f"2025-0{month}", 1 + month] for month in (1, 2, 3)]
        file = tmp_path / "recounts.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([["unit", "period", "visits_reported"], *items])
        tm.receive(
            programme(), store(), "recounts", file, received_at=dt.datetime(2025, 10, 10, tzinfo=dt.UTC)
        )
        tm.assess(programme(), store(), contract="services-2025")
        client = signed_in("leader")
        shown = client.get("/scores/unit/C1").context["recounted"]
        assert "3 values were recounted; 0 agree." in shown["sentence"]
        (row,) = shown["rows"]
        assert (row["periods"], row["recounted"], row["false"]) == ("2025-01, 2025-02, 2025-03", "9", False)
        assert row["stands"] == "may still be answered, until 2025-11-09; nothing counts before"
        assert [said.partition(":")[0] for said in shown["gates"]] == [
            "Figures ruled falsified",
            "Recounts differ",
        ]
        assert all("does not bite" in said and "0 of 0" in said for said in shown["gates"])
        assert client.get("/scores/unit/C2").context["recounted"] is None
