"""The 30,581-variable Liberian system of equations: same answers, CPU beside its own engine's 0.22 s.

Run: python bench/equations.py
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from tallymark.score.equations import solve

LIBERIA = Path(__file__).parents[2] / "shared" / "data" / "liberia"
ENGINE_SECONDS = 0.22
RUNS = 5


def run() -> list[dict[str, Any]]:
    """Rows of the results table; none where the data are not here."""
    problem, expected = (LIBERIA / f"hesabu_nonzero_{name}_30581.json" for name in ("problem", "expected"))
    if not problem.is_file():
        return []
    want = json.loads(expected.read_text())
    solved, whole = [], []
    for _ in range(RUNS):
        started = time.process_time()
        equations = json.loads(problem.read_text())
        read = time.process_time()
        found = solve(equations, division="engine")
        done = time.process_time()
        json.dumps(found)
        solved.append(done - read)
        whole.append(time.process_time() - started)
    same = sum(found[name] == value for name, value in want.items())
    return [
        {
            "what": f"solve {len(want):,} equations ({same:,} answers the same)",
            "cpu_seconds": round(min(solved), 3),
            "cpu_seconds_with_json": round(min(whole), 3),
            "aim": f"beside {ENGINE_SECONDS} s of its own engine",
            "met": same == len(want) and min(whole) < ENGINE_SECONDS,
        }
    ]


if __name__ == "__main__":
    for row in run():
        print(row)
