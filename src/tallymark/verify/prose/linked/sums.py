"""Lists of counts and the whole they make, wherever in the paragraph the whole is told."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.judging import Candidate, digits, slipped, wrong
from tallymark.verify.prose.linked.quantities import SIGN, Quantity, alike_units, levels, near
from tallymark.verify.prose.rounding import half_unit

HINT = "the total or one part is wrong, or a part is left out; the smallest repairs: {repairs}"
CUT = re.compile(
    r"其中|包括|含|比|较|同比|由|从|增(?!加值)|减|共|合计|总计|[:：]|每|均|约|上年|去年|of which|of whom|of these|of them|includ|compared|against|than|from|namely|average|total|in all|\bof\b|\bto\b|\bper\b|\bat\b|[。！？!?]|\.\s",
    re.I,
)
"""Words between two figures after which the second is no further part of the same list."""
CUT_SHARES = re.compile(CUT.pattern.replace(r"|\bof\b", ""), re.I)
GROWN = re.compile(
    r"[，,、]\s*(?:同比|比上年|较上年|较去年)?(?:增长|下降|增加|减少|提高)(?:了)?\s*Ⓟ|[，,]\s*占[^，,。；;]{0,10}Ⓟ|[（(][^（()）]*[)）]"
)
"""What stands beside a part and is none: its growth, its share, what is in brackets."""
JOINED = re.compile(r"[，,、；;]|和|及|与|\band\b|\+", re.I)
FARTHEST = 34
CLOSED = re.compile(
    r"^[^，,、；;。.]{0,30}(?:[。；;.)）]|$)|^[^，,、；;。.]{0,10}[，,]\s*(?:合计|共|总|[一二两三四五六七八九]\S{1,3}(?:合计|共|总))"
)
REST = re.compile(r"其他|其它|其余|\b(?:others?|the rest|elsewhere|remaining|other\b.*)", re.I)
FIRST = re.compile(r"followed by|highest|largest|\bmost\b|最高|最多|其次|居首|为首|第[一#]", re.I)
"""What stands at the head of a list is its largest part, not its whole."""
SOME = re.compile(r"主要|多为|例如|\b(?:mainly|chiefly|mostly|such as|for example)\b", re.I)
"""The list names some parts only."""
PAIRS = (
    ("男", "女"), ("城", "农"), ("集中", "分散"), ("门诊", "住院"), ("公办", "民办"), ("重大", "一般"), ("专职", "兼职"), ("户籍", "流动"), ("货币", "实物"),
    ("基本支出", "项目支出"), ("调解", "撤诉"), ("个人", "单位"), ("线上", "线下"), ("women", "men"), ("boys", "girls"), ("male", "female"),
    ("public", "private"), ("day", "inpatient"), ("rural", "urban"), ("new", "repeat"), ("medical", "surgical"), ("positive", "negative"), ("passed", "failed"),
)  # fmt: skip
TIGHT = 20
"""A list that is off by less than a twentieth of its whole, and by one digit, is no list of some of its parts."""
MOST_PARTS = 12
MOST_LISTED = 40


def sum_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Lists that miss the whole told near them by a slip of one digit."""
    for run in runs(levels(told)):
        if len(run) <= MOST_LISTED:
            yield from _judged(told, run)


def runs(told: Sequence[Quantity], cut: re.Pattern[str] = CUT) -> Iterator[list[Quantity]]:
    """Stretches of a sentence in which counts of one unit follow each other as a list."""
    held: list[Quantity] = []
    for each in _by_unit(told):
        if held and held[-1].sentence is each.sentence and _in_one_bracket(held[-1], each):
            continue  # (137 cases and 2 deaths): the second is of another kind
        if held and not _goes_on(held, each, cut):
            if len(held) > 1:
                yield held
            held = []
        held.append(each)
    if len(held) > 1:
        yield held


def _by_unit(told: Sequence[Quantity]) -> list[Quantity]:
    """Quantities sentence by sentence, and in each unit by unit: 716户1,104人，4,146户7,231人 are two lists."""
    first: dict[tuple[int, str, str], int] = {}
    for each in told:
        first.setdefault((id(each.sentence), each.unit, each.figure.kind), each.order)
    return sorted(
        told, key=lambda each: (first[(id(each.sentence), each.unit, each.figure.kind)], each.order)
    )


def _goes_on(held: Sequence[Quantity], each: Quantity, cut: re.Pattern[str]) -> bool:
    last = held[-1]
    if last.sentence is not each.sentence or last.unit != each.unit or last.figure.kind != each.figure.kind:
        return False
    between = _between(last, each)
    if len(held) > 1 and _all_enumerate(held) and not _enumerates(between):
        return False  # a list with 、 is over where a comma follows
    return len(between) <= FARTHEST and bool(JOINED.search(between)) and not cut.search(between)


def _all_enumerate(held: Sequence[Quantity]) -> bool:
    return all(_enumerates(_between(one, other)) for one, other in itertools.pairwise(held))


def _in_one_bracket(last: Quantity, each: Quantity) -> bool:
    before, between = (
        last.sentence.skeleton[: last.place],
        last.sentence.skeleton[last.place + 1 : each.place],
    )
    opened = max(before.rfind("("), before.rfind("（")) > max(before.rfind(")"), before.rfind("）"))
    return opened and not re.search("[)），,、；;]", between)


def _between(last: Quantity, each: Quantity) -> str:
    return re.sub(rf"[{SIGN}]", "", GROWN.sub("", last.sentence.skeleton[last.place + 1 : each.place]))


def _enumerates(between: str) -> bool:
    return bool(re.search("[、和及]", between))


def _judged(told: Sequence[Quantity], run: Sequence[Quantity]) -> Iterator[Claim]:
    around = [
        each for each in levels(near(told, run[0], reach=6)) if each not in run and alike_units(each, run[0])
    ]
    wholes = [
        each
        for each in around
        if each.figure.value > max(part.figure.value for part in run) and _can_tell(each, run, around)
    ]
    stretches = [run[a:b] for a in range(len(run)) for b in range(a + 2, min(len(run), a + MOST_PARTS) + 1)]
    everything = [*(each for each in levels(near(told, run[0]), planned=True) if each not in run), *run]
    if any(
        _gives(stretch, whole)
        for stretch in stretches
        for whole in everything
        if whole not in stretch and _tells(whole, run)
    ):
        return
    for parts in (run, run[1:]):
        others = wholes if parts is run else [*wholes, run[0]]
        whole = next((each for each in others if len(parts) > 1 and _missed(parts, each)), None)
        if whole is not None:
            yield sum_claim(parts, whole)
            return


def _can_tell(whole: Quantity, run: Sequence[Quantity], around: Sequence[Quantity]) -> bool:
    """Whether a whole is told in the same paragraph, or right before one that begins with its parts."""
    if whole.sentence.block is run[0].sentence.block:
        return True
    own = [
        each for each in around if each.sentence.block is run[0].sentence.block and each.order < run[0].order
    ]
    head = re.sub(r"(?:分别)?[为是]$", "", run[0].label)[-4:]
    named = len(head) == 4 and whole.label.endswith(head)
    return (not own or named) and whole.order < run[0].order and whole.chinese == run[0].chinese


def _tells(whole: Quantity, run: Sequence[Quantity]) -> bool:
    """Whether a sum that is met says something: one of small counts of the list itself is chance."""
    return whole is run[0] or whole not in run or whole.figure.value >= 20


def added(parts: Sequence[Quantity]) -> Fraction:
    """The sum of quantities."""
    return sum((each.figure.value for each in parts), Fraction(0))


def _gives(parts: Sequence[Quantity], whole: Quantity) -> bool:
    slack = sum((_loose(each) for each in parts), _loose(whole))
    return abs(added(parts) - whole.figure.value) <= slack


def _loose(each: Quantity) -> Fraction:
    """How far a part may be off: large amounts in 亿 and 万 are rounded also without decimals."""
    rounded = each.figure.times > 1 and each.figure.printed >= 1000
    return max(
        each.figure.slack, half_unit(each.figure.decimals) * each.figure.times if rounded else Fraction(0)
    )


def _missed(parts: Sequence[Quantity], whole: Quantity) -> bool:
    """Whether the parts are all, and one digit of one of them or of the whole would make them add up."""
    off = whole.figure.value - added(parts)
    if whole.figure.decimals != parts[0].figure.decimals or whole.figure.times != parts[0].figure.times:
        return False
    if not _complete(parts, whole, abs(off)) or _heads(whole, parts[0]):
        return False
    return slipped(whole.figure, added(parts), 2) or any(
        slipped(part.figure, part.figure.value + off, 1) or _one_more(part, off)
        for part in parts
        if part.figure.value + off > 0
    )


def _heads(whole: Quantity, first: Quantity) -> bool:
    """Whether what looks like a whole is the largest of the list."""
    between = whole.sentence.skeleton[whole.place : first.place] if whole.sentence is first.sentence else ""
    return whole.order < first.order and bool(
        FIRST.search(whole.segment[-60:] + between) or SOME.search(between)
    )


def _one_more(part: Quantity, off: Fraction) -> bool:
    """A count under ten: any other is a slip of it."""
    return (
        part.figure.value + off < 10 > part.figure.value and len(digits(part.figure.value, part.figure)) == 1
    )


def _complete(parts: Sequence[Quantity], whole: Quantity, off: Fraction) -> bool:
    """Whether nothing says that the parts are only some, and little says that they are not all."""
    last = parts[-1]
    after = re.sub(rf"[{SIGN}]", "", GROWN.sub("", last.sentence.skeleton[last.place + 1 :]))
    closed = bool(CLOSED.match(after)) or (
        _all_enumerate(parts) and not after[len(last.unit) :].startswith("、")
    )
    size = whole.figure.value
    told_before = whole.order < parts[0].order
    if not closed or (
        not told_before and not re.search(r"共|合计|总|total|all|together", whole.lead[-24:], re.I)
    ):
        return False
    if len(parts) == 2:
        words = [each.segment.lower() for each in parts]
        paired = any((a in words[0] and b in words[1]) or (b in words[0] and a in words[1]) for a, b in PAIRS)
        return (paired and off * 4 <= size) or (bool(REST.search(last.words)) and off * 10 <= size)
    if REST.search(last.segment) or (re.search(r"\band\b", last.lead) and not last.chinese):
        return off * 4 <= size or off <= 2
    return off * TIGHT <= size or off <= 1


def sum_claim(parts: Sequence[Quantity], whole: Quantity) -> Claim:
    """A claim that parts make another whole than is told, with the repairs of each."""
    total, off = added(parts), whole.figure.value - added(parts)
    text = " + ".join(each.figure.raw.strip() for each in parts) + f" = {whole.figure.like(total)}"
    place = parts[-1] if parts[-1].order > whole.order and parts[-1].sentence is not whole.sentence else whole
    repairs = [
        f"{each.figure.raw.strip()} ↔ {each.figure.like(each.figure.value + off)}"
        for each in parts
        if each.figure.value + off > 0
    ]
    claim = wrong("prose.total", place, Candidate(total, total, total, text, ()), HINT)
    first = f"{whole.figure.raw.strip()} ↔ {whole.figure.like(total)}"
    return replace(claim, values={"stated": whole.figure.raw.strip()}, repairs=(first, *repairs[:4]))
