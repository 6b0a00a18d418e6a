"""Totals that name how many parts they are of, or which; things told batch by batch; shares of one whole."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.judging import Candidate, slipped, wrong
from tallymark.verify.prose.linked.quantities import Quantity, levels
from tallymark.verify.prose.linked.sums import CUT_SHARES, REST, added, runs, sum_claim

TOGETHER = re.compile(
    r"(?P<n>[两二三四五六七八九十])(?:种\S{0,2}|项|类|病|者|个\S{0,2}|家|镇|县|区|村|乡|月|季度|年|批|期)\s*(?:累计|合计|共计|总计|共)[^，。]{0,6}$"
)
NUMBERS = {"两": 2, **{sign: at for at, sign in enumerate("一二三四五六七八九十", 1)}}
NAMED = re.compile(
    r"^(?P<a>[一-鿿]{2,8})(?:和|与|及|、)(?P<b>[一-鿿]{2,8}?)(?:两项|两类|的)?(?:合计|共计|共|总计|总数)(?:为|有)?$"
)
TOTAL_OF_YEARS = re.compile(
    r"\b(?:three|two|four|five|2|3|4|5)-(?:year|month|quarter|week) total\b[^.;]{0,12}$|\b[Ss]ince\b", re.I
)
ORDINAL = re.compile(
    r"第#|第[一二三四五六]|[首上下]半年|[一二三四]季度|\b(?:first|second|third|fourth|January|February|March|April|May|June|July|August|September|October|November|December|in Q)\b"
)
MOST = 24
MULTIPLE = re.compile(r"多选|multiple|more than one|overlap|both|同时|百分点|率")


def whole_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Totals of so many parts, of named parts, and of batches."""
    counts = levels(told)
    for at, whole in enumerate(counts):
        before = [
            each for each in counts[max(0, at - MOST) : at]
            if each.sentence.block is whole.sentence.block and each.unit == whole.unit
        ]  # fmt: skip
        if found := TOGETHER.search(whole.label):
            parts = before[-NUMBERS[found["n"]] :]
            if len(parts) == NUMBERS[found["n"]] and not _any_gives(before, whole) and _near(parts, whole):
                yield sum_claim(parts, whole)
        elif found := NAMED.match(whole.label):
            parts = [each for name in (found["a"], found["b"]) for each in before if _is_named(each, name)]
            if len(parts) == 2 and not _any_gives(before, whole) and _near(parts, whole):
                yield sum_claim(parts, whole)
    yield from _batches(counts)


def _is_named(each: Quantity, name: str) -> bool:
    label = re.sub(r"[“”\"的‘’]", "", each.label)
    return (
        label.endswith(name)
        and not label.endswith(("不" + name, "未" + name))
        and not (label != name and label.endswith("基本" + name))
    )


def _near(parts: Sequence[Quantity], whole: Quantity) -> bool:
    return abs(added(parts) - whole.figure.value) * 4 <= whole.figure.value


def _any_gives(before: Sequence[Quantity], whole: Quantity) -> bool:
    """Whether some stretch of what was told before makes the whole."""
    for start in range(len(before)):
        for end in range(start + 2, len(before) + 1):
            slack = sum((each.figure.slack for each in before[start:end]), whole.figure.slack)
            if abs(added(before[start:end]) - whole.figure.value) <= slack:
                return True
    return False


def _batches(counts: Sequence[Quantity]) -> Iterator[Claim]:
    """共发现482条…第一批…发现263条；第二批…发现229条: the same words batch by batch."""
    groups: dict[tuple[str, str], list[Quantity]] = defaultdict(list)
    for each in counts:
        if each.label and each.unit:
            groups[(re.sub(r"^共|共$", "", each.label), each.unit)].append(each)
    for members in groups.values():
        whole, parts = members[0], members[1:]
        spoken = all(ORDINAL.search(_clause(each)) for each in parts)
        together = len({id(each.sentence.block) for each in parts}) == 1
        if (
            len(parts) > 1
            and spoken
            and together
            and not ORDINAL.search(_clause(whole))
            and _slips(parts, whole)
        ):
            yield sum_claim(parts, whole)


def _clause(each: Quantity) -> str:
    return re.split(r"[。；;]", each.sentence.skeleton[max(0, each.place - 40) : each.place])[-1]


def _slips(parts: Sequence[Quantity], whole: Quantity) -> bool:
    off = whole.figure.value - added(parts)
    slack = sum((each.figure.slack for each in parts), whole.figure.slack)
    return abs(off) > slack and (
        slipped(whole.figure, added(parts), 2)
        or any(
            each.figure.value + off > 0 and slipped(each.figure, each.figure.value + off, 2) for each in parts
        )
    )


def hundred_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Shares of one whole that are said to be all of it and do not make a hundred."""
    shares = [each for each in told if each.figure.kind == "percent" and each.sure and not each.grown]
    for run in runs(shares, CUT_SHARES):
        total = added(run)
        slack = sum((each.figure.slack for each in run), Fraction(0))
        rest = REST.search(run[-1].segment) or re.search(r"\band\b", run[-1].lead)
        if (
            len(run) < 4 - bool(REST.search(run[-1].segment))
            or abs(total - 100) < slack
            or total == 100
            or not 90 <= total <= 110
            or not rest
        ):
            continue
        off = 100 - total
        single = any(
            each.figure.value + off > 0 and slipped(each.figure, each.figure.value + off, 1) for each in run
        )
        if MULTIPLE.search(run[0].sentence.text) or not single:
            continue
        text = " + ".join(each.figure.raw.strip() for each in run) + f" = {run[0].figure.like(total)}"
        claim = wrong(
            "prose.total",
            run[-1],
            Candidate(total, total, total, text, ()),
            "one of the shares is wrong, or one is left out",
        )
        yield replace(claim, values={"stated": "100 %"}, repairs=())
