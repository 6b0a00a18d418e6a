"""Gates on verdicts: by hand, against a slow twin, along the tree, and open where verdicts are not known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.score.contracts import CALENDAR, TOWN, contract, figures, line, table, towns

from tallymark.model.tables import TABLES
from tallymark.model.text import Text
from tallymark.model.units import Units, build_units
from tallymark.programme.gates import condition
from tallymark.programme.resolved import Gate, VerdictGate
from tallymark.score import score
from tallymark.score.scoring import Scored

AWARD = {"kind": "proportional", "floor": 0, "target": 100}


def on_verdict(word: str = "falsified", *, cap: float | None = None, **more: Any) -> Gate:
    effect = "void" if cap is None else "cap"
    return Gate("G", Text("G"), None, effect, cap, Text("why"), Text("appeal"), VerdictGate(word, **more))


def row(
    unit: str, counts: str = "", *, verdict: str = "recounted", item: str = "x", of: str = "v"
) -> dict[str, Any]:
    return {"verification": of, "dataset": "d", "unit": unit, "period": "2025-01", "item": item, "reported": 9.0,
            "recounted": 5.0, "verdict": verdict, "counts": counts}  # fmt: skip


def verdicts(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=TABLES["verdicts"].schema)


def scored(gate: Gate, found: pa.Table | None, units: Units | None = None) -> Scored:
    whole = contract([line("A", AWARD)], gates=(gate,), level=TOWN)
    values = figures({"a": {"a": 80.0}, "b": {"a": 60.0}})
    return score(
        whole, units or towns(["a", "b"]), values, table("measures", []), calendar=CALENDAR, verdicts=found
    )


def totals(found: Scored) -> list[float]:
    values: list[float] = found.totals["total"].to_pylist()
    return values


def test_a_value_ruled_falsified_voids() -> None:
    found = scored(on_verdict(), verdicts(row("a", "falsified"), row("b", "recounted")))
    assert totals(found) == [0.0, pytest.approx(6.0)]
    assert found.totals["gates"].to_pylist() == ["G", ""]
    assert found.totals["total_before_gates"].to_pylist() == [pytest.approx(8.0), pytest.approx(6.0)]


def test_what_is_disputed_or_only_odd_counts_nothing() -> None:
    odd = row("a", verdict="disputed") | {"nature": "inquiry"}
    assert totals(scored(on_verdict(), verdicts(odd))) == [pytest.approx(8.0), pytest.approx(6.0)]
    assert totals(scored(on_verdict("recounted"), verdicts(odd))) == [pytest.approx(8.0), pytest.approx(6.0)]


def test_least_and_share() -> None:
    """Two of five values: not a half; a share of 0.4 is reached exactly."""
    rows = [row("a", "recounted"), row("a", "recounted"), *[row("a", verdict="accepted")] * 3]
    assert totals(scored(on_verdict("recounted", share=0.5, cap=5), verdicts(*rows)))[0] == pytest.approx(8.0)
    assert totals(scored(on_verdict("recounted", share=0.4, cap=5), verdicts(*rows)))[0] == pytest.approx(5.0)
    assert totals(scored(on_verdict("recounted", least=3, cap=5), verdicts(*rows)))[0] == pytest.approx(8.0)


def test_only_the_verification_and_items_that_are_named() -> None:
    found = verdicts(row("a", "falsified", item="y"), row("b", "falsified", of="w"))
    assert totals(scored(on_verdict(items=("x",)), found)) == [pytest.approx(8.0), 0.0]
    assert totals(scored(on_verdict(verifications=("v",)), found)) == [0.0, pytest.approx(6.0)]


def test_values_of_villages_count_for_their_town() -> None:
    rows = [
        {"unit": "a", "level": "town", "name": "a"}, {"unit": "b", "level": "town", "name": "b"},
        {"unit": "v", "level": "village", "name": "v", "parent": "a"},
    ]  # fmt: skip
    units, problems = build_units(rows, [], ["town", "village"])
    assert not problems
    assert totals(scored(on_verdict(), verdicts(row("v", "falsified")), units)) == [0.0, pytest.approx(6.0)]


def test_where_verdicts_are_not_known_the_gate_stays_open_and_says_so() -> None:
    found = scored(on_verdict(), None)
    assert totals(found) == [pytest.approx(8.0), pytest.approx(6.0)]
    assert [each.code for each in found.findings] == ["score.gate_unknown"] * 2


def test_no_verdicts_at_all_is_known() -> None:
    found = scored(on_verdict(), verdicts())
    assert totals(found) == [pytest.approx(8.0), pytest.approx(6.0)]
    assert not found.findings


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["a", "b"]),
        st.sampled_from(["", "recounted", "falsified"]),
        verdict=st.sampled_from(["accepted", "recounted", "disputed", "missing"]),
        item=st.sampled_from(["x", "y"]),
        of=st.sampled_from(["v", "w"]),
    ),
    max_size=12,
)


@given(ROWS, st.sampled_from(["recounted", "falsified"]), st.integers(1, 3), st.sampled_from([0.0, 0.3, 1.0]))
def test_like_a_slow_twin(rows: list[dict[str, Any]], word: str, least: int, share: float) -> None:
    found = scored(on_verdict(word, items=("x",), least=least, share=share), verdicts(*rows))
    bites = []
    for unit in ("a", "b"):
        own = [each for each in rows if each["unit"] == unit and each["item"] == "x"]
        against = sum(each["counts"] == word for each in own)
        settled = sum(each["verdict"] in ("accepted", "recounted") for each in own)
        bites.append(against >= least and against >= share * settled)
    assert [bool(codes) for codes in found.totals["gates"].to_pylist()] == bites
    assert np.array_equal(np.array(totals(found)) == 0, bites)


def test_the_condition_in_words() -> None:
    gate = on_verdict(least=2, share=0.05)
    assert condition(gate, {}, "en") == (
        "values ruled falsification, the declared evidence met and the unit heard: 2 or more, and at least 5 % of "
        "those recounted"
    )
    assert "造假" in condition(gate, {}, "zh")
    assert "5%" in condition(gate, {}, "zh")
