"""Directions told between two figures (升至, rose from … to …) and shares of a share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.judging import slipped, turned
from tallymark.verify.prose.linked.quantities import Quantity
from tallymark.verify.prose.linked.sums import CUT_SHARES, added, runs, sum_claim

UP = re.compile(
    r"(?:升至|升到|上升到|上升至|提高到|提高至|提升到|提升至|增加到|增加至|增至|增长到|增长至|扩大到)"
)
DOWN = re.compile(r"(?:降至|降到|下降到|下降至|降低到|降低至|减少到|减少至|减至|缩短至|缩短到|缩小到|回落至)")
FROM = re.compile(r"[由从][^，。；]{0,16}$")
ROSE = re.compile(
    r"\b(?:rose|increased|grew|climbed|improved|went up|up)\b[^ⒸⓂⓅⓇ.;,]{0,24}\bfrom\b[^ⒸⓂⓅⓇ.;]{0,16}$", re.I
)
FELL = re.compile(
    r"\b(?:fell|decreased|declined|dropped|went down|down)\b[^ⒸⓂⓅⓇ.;,]{0,24}\bfrom\b[^ⒸⓂⓅⓇ.;]{0,16}$", re.I
)
TO = re.compile(r"^[^ⒸⓂⓅⓇ,.;，。；]{0,24}\bto\b[^,.;]{0,12}$", re.I)
OF_THESE = re.compile(r"其中|of which|of whom", re.I)


def turn_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Figures that are said to rise and fall, or to fall and rise."""
    for a, b in pairwise(told):
        if (
            a.sentence is not b.sentence
            or a.figure.kind != b.figure.kind
            or a.unit.strip("升") != b.unit.strip("升")
        ):
            continue
        if not (a.exact and b.exact) or a.figure.value == b.figure.value:
            continue
        before = a.sentence.skeleton[: a.place]
        spoken = bool(FROM.search(before))
        up = (spoken and UP.search(b.lead)) or (ROSE.search(before) and TO.search(b.lead))
        down = (spoken and DOWN.search(b.lead)) or (FELL.search(before) and TO.search(b.lead))
        if bool(up) != bool(down) and bool(up) != (b.figure.value > a.figure.value):
            yield turned(b, a.figure, b.figure)


def nested_share_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """93.2%，其中升学18.4%、就业74.8%、灵活就业2.0%: shares that make up a share."""
    shares = [each for each in told if each.figure.kind == "percent" and each.sure and not each.grown]
    for run in runs(shares, CUT_SHARES):
        whole = told[run[0].order - 1] if run[0].order else None
        if whole is None or whole not in shares or len(run) < 3 or not OF_THESE.search(run[0].lead):
            continue
        off = whole.figure.value - added(run)
        slack = sum((each.figure.slack for each in run), whole.figure.slack)
        near = [each for each in (whole, *run) if each.figure.value + off > 0]
        if (
            abs(off) > slack
            and abs(off) <= Fraction(10)
            and any(slipped(each.figure, each.figure.value + off, 2) for each in near)
        ):
            yield sum_claim(run, whole)
