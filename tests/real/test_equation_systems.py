"""Four real systems of equations of results-based-financing contracts, against the answers of their own engine."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import pytest

from tallymark.score.equations import solve

LIBERIA = Path(__file__).parents[3] / "shared" / "data" / "liberia"
pytestmark = pytest.mark.skipif(not LIBERIA.is_dir(), reason="../shared/data/liberia is not here")
SYSTEMS = [
    ("hesabu_nonzero_problem_30581", "hesabu_nonzero_expected_30581", 30_581, 11),
    ("sigl_problem", "sigl_solution", 288, 0),
    ("nigeria_problem", "nigeria_solution", 44, 0),
    ("quarterly_problem", "quarterly_solution", 41, 0),
]


def read(name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((LIBERIA / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize(("problem", "expected", "size", "unknown"), SYSTEMS)
def test_every_answer_is_the_same(problem: str, expected: str, size: int, unknown: int) -> None:
    """Exactly, in the engine's way to divide; in our own the same but for what is divided by nothing."""
    equations, want = read(problem), read(expected)
    assert len(equations) == len(want) == size
    assert solve(equations, division="engine") == want
    own = solve(equations)
    assert sum(math.isnan(value) for value in own.values()) == unknown
    assert all(math.isnan(value) or value == want[name] for name, value in own.items())


def test_thirty_thousand_variables_take_well_under_a_second() -> None:
    equations = read(SYSTEMS[0][0])
    started = time.process_time()
    solve(equations, division="engine")
    assert time.process_time() - started < 0.5
