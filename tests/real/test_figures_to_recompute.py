"""Every case of ../shared/reference/figures_to_recompute.md: said in a sentence, and answered as the file answers it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tallymark.verify.prose import check_text

FILE = Path(__file__).parents[2].parent / "shared" / "reference" / "figures_to_recompute.md"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="needs ../shared/reference")

WRONG: dict[str, tuple[str, str, tuple[str, ...]]] = {  # words of the row → sentence, code, what is said
    "72.92%**": ("应落实336例，已落实307例，落实率72.92%。", "prose.ratio", ("91.37", "245/336", "307/421")),
    "7.92 pp above": ("落实率为72.92%（307/336），比目标65%高7.92个百分点。", "prose.follows", ("26.37",)),
    "overall SRB 124.54": ("全年出生571人，出生人口性别比为124.54。", "prose.sex_ratio", ("317/254 = 124.80", "316/255 = 123.92")),
    "second-and-higher SRB": ("全年出生571人，性别比124.54；二孩及以上出生人口性别比210.19。", "prose.sex_ratios_together", ("227/108", "330/157")),
    "checked 8,367": ("开展检查8,367人次，入户走访8,367户。", "prose.used_twice", ("8,367",)),
    "informants 16,000": ("对举报属实的每例奖励1—3万元，已兑现举报奖金16,000元，查处典型案件3例。", "prose.payments", ("30,000",)),
    "training \"69 people": ("参加培训69人，参训率超过100%。", "prose.over_100", ()),
}  # fmt: skip
MARKS = (
    "wrong",
    "impossible",
    "implausible**",
    "suspicious",
    "inconsistent unless",
    "invalid",
    "follows from",
)


def cases() -> list[tuple[str, str]]:
    """Rows of the table: what is quoted (with the counts), and the verdict."""
    rows = [
        line.split("|")[1:-1]
        for line in FILE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| 0")
    ]
    return [(" | ".join(cells[:-1]), cells[-1].strip()) for cells in rows]


def _row(words: str) -> tuple[str, str]:
    bare = words.replace("**", "")
    (found,) = [case for case in cases() if bare in case[0].replace("**", "")]
    return found


def test_every_fault_that_the_file_tells_is_asked_here() -> None:
    told = {quoted for quoted, verdict in cases() if any(mark in verdict for mark in MARKS)}
    assert told == {_row(words)[0] for words in WRONG}


@pytest.mark.parametrize("words", WRONG)
def test_it_is_found_with_its_answer(words: str) -> None:
    text, code, said = WRONG[words]
    found = [finding for finding in check_text(text).findings if finding.code == code]
    assert len(found) == 1
    assert all(word in str(found[0]) for word in said), str(found[0])


def test_ratios_that_the_file_finds_right_are_left_alone() -> None:
    counted = [
        (re.search(r"(\d+\.\d+)%[^|]*\| *(\d+) / (\d+) *\|", quoted), verdict) for quoted, verdict in cases()
    ]
    right = [found for found, verdict in counted if found and verdict.startswith("ok")]
    assert len(right) >= 2
    for found in right:
        rate, k, n = found.groups()
        assert not check_text(f"应查{n}例，已查{k}例，检查率{rate}%。").findings
