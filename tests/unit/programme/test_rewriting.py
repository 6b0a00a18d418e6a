"""Declared files changed in place: the new text says what was asked, and every comment is still there."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tallymark.errors import TallymarkError
from tallymark.programme.rewriting import Add, Drop, Edit, Put, rewrite
from tallymark.programme.yaml_text import read_yaml

DEMO = Path(__file__).parents[3] / "programmes" / "demo"
TEXT = """\
# head
contracts:
  a:                 # the first
    title: {en: One, zh: 一}   # both
    points: 100
    note: |
      kept
      as it is
    sections:
      - code: S
        lines:
          - {code: S1, points: 4, award: {kind: mark, out_of: 100}}  # beside
          # above the second
          - code: S2
            points: 2.5
            award: {kind: bands, bands: [{bound: 95, share: 1}, {bound: 80, share: 0.4}]}
    missing:
# tail
"""


def value(text: str) -> Any:
    found = read_yaml("f.yaml", text)
    assert not found.findings
    return found.value


@pytest.mark.parametrize(
    ("edit", "line", "after"),
    [
        (Put(("contracts", "a", "points"), 90), "    points: 100", "    points: 90"),
        (Put(("contracts", "a", "title", "zh"), "一、二"), "{en: One, zh: 一}", "{en: One, zh: 一、二}"),
        (Put(("contracts", "a", "title", "en"), "One: two"), "{en: One,", '{en: "One: two",'),
        (Put(("contracts", "a", "sections", 0, "lines", 0, "uncertain"), "point"), "out_of: 100}}", "out_of: 100}, uncertain: point}"),
        (Put(("contracts", "a", "sections", 0, "lines", 1, "missing"), "refuse"), "share: 0.4}]}\n", "share: 0.4}]}\n            missing: refuse\n"),
        (Put(("contracts", "a", "missing"), "refuse"), "    missing:\n", "    missing: refuse\n"),
        (Put(("contracts", "a", "note"), "short"), "note: |\n      kept\n      as it is\n", "note: short\n"),
        (Put(("contracts", "a", "sections", 0, "lines", 1, "award", "bands", 1, "share"), 0.5), "share: 0.4}", "share: 0.5}"),
        (Add(("contracts", "a", "sections", 0, "lines"), {"code": "S3", "points": 1}), "    missing:\n", "          - {code: S3, points: 1}\n    missing:\n"),
        (Drop(("contracts", "a", "sections", 0, "lines", 0)), "          - {code: S1, points: 4, award: {kind: mark, out_of: 100}}  # beside\n", ""),
        (Drop(("contracts", "a", "sections", 0, "lines", 1, "award", "bands", 0)), "{bound: 95, share: 1}, ", ""),
        (Drop(("contracts", "a", "note")), "    note: |\n      kept\n      as it is\n", ""),
    ],
)  # fmt: skip
def test_one_place_changes_and_nothing_else(edit: Edit, line: str, after: str) -> None:
    assert TEXT.count(line) == 1
    assert rewrite("f.yaml", TEXT, [edit]) == TEXT.replace(line, after)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("a: &x {points: 1}\nb: *x\n", Put(("b", "points"), 2)),
        ("a: &x {points: 1}\nb:\n  <<: *x\n  more: 1\n", Put(("b", "points"), 2)),
        ("a: {points: 1}\n", Put(("c", "points"), 2)),
        ("a: [1]\n", Drop(("a", 0))),
        ("a: [1]\n", Add(("a", 0), 1)),
    ],
)
def test_what_would_change_more_is_refused(text: str, edit: Edit) -> None:
    if "<<" in text:
        # A key of its own beside a merged mapping is just that, and allowed.
        assert value(rewrite("f.yaml", text, [edit]))["b"]["points"] == 2
        assert value(rewrite("f.yaml", text, [edit]))["a"]["points"] == 1
        return
    with pytest.raises(TallymarkError):
        rewrite("f.yaml", text, [edit])


def paths(node: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at] * bool(at) + [path for step, part in parts for path in paths(part, (*at, step))]


FILES = {
    name: (DEMO / name).read_text("utf-8") for name in ("contract.yaml", "indicators.yaml", "checks.yaml")
}
PATHS = {name: paths(value(text)) for name, text in FILES.items()}
VALUES = st.one_of(
    st.integers(-1000, 1000), st.floats(-1e6, 1e6, allow_nan=False), st.booleans(), st.text(max_size=12), st.sampled_from(["乡镇 90%", "yes", "null", "a: b", "# no", "- x", "2024-01-01", "1:30"]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_edit_says_what_plain_values_say_and_keeps_every_comment(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FILES)))
    path = data.draw(st.sampled_from(PATHS[name]))
    there: Any = value(FILES[name])
    expected = copy.deepcopy(there)
    *above, last = path
    parent, twin = there, expected
    for step in above:
        parent, twin = parent[step], twin[step]
    edit: Edit
    if data.draw(st.booleans()) and not isinstance(parent[last], dict | list):
        new = data.draw(VALUES)
        edit, twin[last] = Put(path, new), new
    elif isinstance(parent[last], list):
        edit = Add(path, {"code": "X", "points": 1})
        twin[last].append({"code": "X", "points": 1})
    else:
        edit = Drop(path)
        del twin[last]
    try:
        fresh = rewrite(name, FILES[name], [edit])
    except TallymarkError:
        assert isinstance(edit, Drop)  # the last entry of a mapping or list
        assert len(parent) == 1
        return
    assert value(fresh) == expected
    # PyYAML of its own reads the file, too, and the comments are those of before.
    yaml.compose(fresh)
    notes = [line.strip() for line in FILES[name].splitlines() if line.strip().startswith("#")]
    assert [line.strip() for line in fresh.splitlines() if line.strip().startswith("#")] == notes
