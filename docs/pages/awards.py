"""How points are earned: each award's rule, and a table of figures and points that scoring gives."""

from __future__ import annotations

import datetime as dt
import inspect
import json
from collections import defaultdict
from typing import Any, get_args

from docs.pages.markdown import code, page, table
from tests.spec.test_score_spec import points, run, test_awards, test_checklists
from tests.unit.score.contracts import contract, line

from tallymark.programme.written.contract import WrittenAward
from tallymark.score.awards import AWARDS, EPOCH

INTRO = """A line of a contract has points, an indicator and an award. Below, every line is worth 8 points; the tables are
the specification that the tests check by hand (`tests/spec/test_score_spec.py`), with the points that the
scoring code gives.

A figure reaches a bound when it is within a billionth of it. A missing figure follows the line's `missing`:
`no_points`, `set_aside` (the line is left out and the others count up to the full total) or `refuse` (no
total). With `uncertain: benefit_of_doubt` the better end of the indicator's interval earns, with `confirmed`
the worse end."""
CHECKLIST = """A thing is done from 1 on. With `things: {a: 1, b: 2, c: 1}`:"""


def awards_page() -> str:
    """docs/reference/awards.md."""
    union, *_ = get_args(WrittenAward)
    specs = _specs()
    parts = [INTRO]
    told = set()
    for model in get_args(union):
        (kind,) = get_args(model.model_fields["kind"].annotation)
        told.add(kind)
        parts += [f"## `{kind}`", inspect.cleandoc(model.__doc__ or "")]
        if kind in specs:
            parts.append(table(("award", "direction", "figure", "points"), specs[kind]))
        else:
            parts += [CHECKLIST, table(("`missing`", "done", "points"), _checklists())]
    assert told == set(AWARDS), "an award is not explained"
    return page("Awards", *parts)


def _specs() -> dict[str, list[tuple[str, str, str, str]]]:
    found: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    for award, direction, figure, want in _cases(test_awards):
        given = points(award, figure, direction)
        assert given is not None, (award, figure)
        assert abs(given - want) < 1e-9, (award, figure, given)
        declared = {key: value for key, value in award.items() if key != "kind"}
        row = (code(_yaml(declared)), direction, _figure(award["kind"], figure), f"{given:.4g}")
        if row not in found[award["kind"]]:
            found[award["kind"]].append(row)
    return found


def _cases(test: Any) -> list[tuple[Any, ...]]:
    """What a test is run with."""
    (cases,) = [mark.args[1] for mark in test.pytestmark if mark.name == "parametrize"]
    return list(cases)


def _checklists() -> list[tuple[str, str, str]]:
    things = {"kind": "checklist", "things": {"a": 1, "b": 2, "c": 1}}
    found = []
    for missing, done, want, _ in _cases(test_checklists):
        (row,) = run(contract([line("A", things, 8, missing=missing)]), {"u": done}).scores.to_pylist()
        assert row["points"] == want, (missing, done)
        told = ", ".join(
            f"{name}: {'not known' if value is None else f'{value:g}'}" for name, value in done.items()
        )
        found.append((code(missing), told or "nothing known", "none" if want is None else f"{want:g}"))
    return found


def _yaml(declared: dict[str, Any]) -> str:
    return json.dumps(declared, ensure_ascii=False).replace('"', "")


def _figure(kind: str, figure: Any) -> str:
    if isinstance(figure, dict):
        past = figure["last_year"]
        return f"{figure['value']:g}, last year {'missing' if past is None else f'{past:g}'}"
    return str(EPOCH + dt.timedelta(days=int(figure))) if kind == "deadline" else f"{figure:.6g}"
