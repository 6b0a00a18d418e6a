"""Shares and rates whose count stands beside them and whose base was told anywhere near."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.linked.judging import Candidate, apart, decided, explained, quoted
from tallymark.verify.prose.linked.quantities import Quantity, alike_units, levels, near
from tallymark.verify.prose.linked.sums import added, runs
from tallymark.verify.prose.ratios import repairs

BRACKET = re.compile(
    r"^[^，,。；;（(]{0,60}[（(\[]\s*(?:[^，,。；;（(]{0,14}?(?:率|占比?|比例|linkage|rate|CFR|coverage|efficiency|=|:)\s*(?:为|of|was)?)?\s*$",
    re.I,
)
SHARE = re.compile(r"(?:占|率|比例|比重|占比|总(?:人口|户数|数|量)的)[^，,。；;]{0,14}$")
NAMED = re.compile(r"(?:占|^)(?P<name>[一-鿿]{2,10}?)(?:总数|总量|总额|数)?的(?:比例|比重)?(?:为|达)?\s*$")
OF_WHAT = re.compile(r"(?P<name>[一-鿿]{2,8}?)(?:人数|数)?占比?(?:为|达)?\s*$|^(?P<name2>[一-鿿]{2,8}?)占")
OF_ALL = re.compile(
    r"^\s*of (?:the|all) (?:total|all|cases|visits|births|deaths|deliveries|admissions|[a-z]+)\b", re.I
)
ENGLISH = re.compile(
    r"\b(?:rate|coverage|proportion|share|positivity|percentage|efficiency|performance|completeness|utili[sz]ation|account(?:s|ed)? for|made up|make up|represent\w*|equal\w*|or|i\.e\.,?|that is,?|therefore|ratio|amounts to)\b[^.;]{0,44}$|=\s*$",
    re.I,
)
TOGETHER = re.compile(r"account(?:s|ed)? for|together|combined|合计占|共占|合计|三者|make up|made up", re.I)
BESIDE = re.compile(r"^\s*[（(]\s*$")
AIM = re.compile(r"目标|指标|力争|以上|预计|\b(?:target|goal|standard|threshold|benchmark)\b", re.I)
CRUDE = re.compile(
    r"出生率|(?<!婴儿)(?<!产妇)(?<!儿童)(?<!新生儿)死亡率|增长率|\b(?:birth|death|mortality) rate\b"
)
QUALIFIED = re.compile(r"按期|按时|及时|满意|准确|合格|达标|规范|有效|新增")
FAR = 6
CLOSE = Fraction(1, 8)
TIGHT = Fraction(1, 10)
SIBLINGS = 2


def share_claims(told: Sequence[Quantity]) -> Iterator[Claim]:
    """Every share of which a count stands beside it, set against every base near it."""
    pairs = [(k, r) for r in told if _is_share(r) and (k := counted(told, r)) is not None]
    pairs = _nearest(pairs)
    lists = {run[-1].order: run for run in runs(levels(told))}
    for k, r in pairs:
        yield from _judged(told, k, r, _shared_bases(pairs, r))
    for r in told:
        before = lists.get(r.order - 1)
        if before and _is_share(r) and len(before) > 1 and TOGETHER.search(r.lead):
            yield from _of_run(told, before, r)


def _nearest(pairs: Sequence[tuple[Quantity, Quantity]]) -> list[tuple[Quantity, Quantity]]:
    """One share for each count: the nearest; the next rate of a list is of a count that is not told."""
    best: dict[int, tuple[Quantity, Quantity]] = {}
    for k, r in pairs:
        held = best.get(k.order)
        if held is None or abs(r.order - k.order) < abs(held[1].order - k.order):
            best[k.order] = (k, r)
    return list(best.values())


def _is_share(r: Quantity) -> bool:
    if r.figure.kind not in ("percent", "rate") or not r.sure or r.grown or r.figure.value <= 0:
        return False
    return not AIM.search(r.label[-12:]) and not AIM.search(r.tail[:24])


def counted(told: Sequence[Quantity], r: Quantity) -> Quantity | None:
    """The count that a share is told of: in front of its bracket, before 占 or its rate's name, or in the bracket behind."""
    before = [each for each in told[max(0, r.order - 4) : r.order] if each.sentence is r.sentence]
    last = before[-1] if before else None
    behind = told[r.order + 1] if r.order + 1 < len(told) else None
    if last and BRACKET.match(r.lead) and last.figure.kind in ("count", "money"):
        return last if last.sure else None
    if (
        behind
        and behind.sentence is r.sentence
        and BESIDE.match(behind.lead)
        and behind.figure.kind == "count"
    ):
        closing = re.match(r"\s?[a-z]{0,12}\s?[;)）]", behind.sentence.skeleton[behind.place + 1 :])
        return behind if closing and behind.sure else None
    if (r.chinese and not SHARE.search(r.label)) or (
        not r.chinese and not (ENGLISH.search(r.lead) or OF_ALL.match(r.tail))
    ):
        return None
    named = _of_name(told, r)
    counts = levels(before)
    if r.chinese and counts and (unit := _unit_named(r.label)):
        counts = [each for each in counts if each.unit == unit] or counts
    return named or (counts[-1] if counts else None)


def _of_name(told: Sequence[Quantity], r: Quantity) -> Quantity | None:
    """学生占38.0%: the count told of 学生 in this paragraph."""
    found = OF_WHAT.search(r.label)
    name = (found["name"] or found["name2"]).removeprefix("其中") if found else ""
    if len(name) < 2:
        return None
    here = [
        each
        for each in levels(told[max(0, r.order - 40) : r.order])
        if each.sentence.block is r.sentence.block
    ]
    return next((each for each in reversed(here) if each.label.endswith(name)), None)


def _unit_named(label: str) -> str:
    return (
        "户" if re.search(r"户(?:数)?的$", label) else "人" if re.search(r"人(?:口|数|员)?的$", label) else ""
    )


def _shared_bases(pairs: Sequence[tuple[Quantity, Quantity]], r: Quantity) -> list[tuple[Quantity, Quantity]]:
    """The other counts with shares of its sentence, or of its paragraph where the sentence has too few."""
    others = [pair for pair in pairs if pair[1] is not r and pair[1].sentence is r.sentence]
    if len(others) >= SIBLINGS:
        return others
    return [pair for pair in pairs if pair[1] is not r and pair[1].sentence.block is r.sentence.block]


def _judged(
    told: Sequence[Quantity], k: Quantity, r: Quantity, others: Sequence[tuple[Quantity, Quantity]]
) -> Iterator[Claim]:
    around = levels([each for each in near(told, r) if each is not k])
    wholes = [each for each in around if each.figure.value >= k.figure.value and alike_units(each, k)]
    candidates = [_ratio(k, each, r, strong=_strong(k, each, r, wholes, others)) for each in wholes]
    crude = r.figure.kind == "rate" and CRUDE.search(r.label + r.lead)
    strong = any(_named_base(each, r, wholes) for each in wholes)
    if crude or explained(r.figure, candidates) or _otherwise(told, k, r, [] if strong else around):
        return
    best = decided(r.figure, sorted(candidates, key=lambda each: not each.strong), reach=FAR)
    if best is not None:
        yield _claim(best, r)


def _strong(
    k: Quantity,
    n: Quantity,
    r: Quantity,
    wholes: Sequence[Quantity],
    others: Sequence[tuple[Quantity, Quantity]],
) -> bool:
    """Whether the words, the place or the shares beside leave no doubt that n is the base."""
    if _named_base(n, r, wholes):
        return True
    off = apart(k.figure.value * r.figure.per / n.figure.value, r.figure.value)
    fitting = sum(one is not n and _fits(one.figure.value, n.figure.value, share) for one, share in others)
    if fitting >= SIBLINGS and fitting * 2 > len(others) and off <= Fraction(3, 10):
        return True
    left = [each for each in wholes if each.sentence is k.sentence and each is not n]
    if (
        n.sentence is k.sentence
        and off <= CLOSE
        and any(n.figure.value - each.figure.value == k.figure.value for each in left)
    ):
        return True  # what is left of the whole
    beside = n.order == k.order - 1 and n.sentence is k.sentence and r.order == k.order + 1
    if r.chinese:
        mixed = QUALIFIED.search(r.label) and not QUALIFIED.search(k.label)
        last = r.label.rstrip("为达是 ")
        return (
            beside
            and off <= TIGHT
            and last.endswith("率")
            and not mixed
            and n.unit == k.unit
            and _shares_sign(k.label, last)
        )
    noun = re.match(r"[a-z-]+", n.tail, re.I)
    if OF_ALL.match(r.tail) and noun and k.tail.startswith(noun.group()) and off <= CLOSE * 2:
        return True
    ahead = [each for each in wholes if each.sentence is k.sentence and each.order < k.order]
    told_of = BRACKET.match(r.lead) or ENGLISH.search(r.lead)
    return beside and off <= TIGHT and bool(told_of) and len(ahead) == 1


def _named_base(n: Quantity, r: Quantity, wholes: Sequence[Quantity]) -> bool:
    """Whether a share says of what it is: 占活产数的, 占总支出的."""
    named = NAMED.search(r.label)
    if named is None:
        return False
    name = re.sub(r"^[总全]", "", named["name"])
    largest = n.figure.value == max(each.figure.value for each in wholes)
    return n.label.endswith(named["name"]) or (len(name) > 1 and n.label.endswith(name) and largest)


def _shares_sign(count: str, rate: str) -> bool:
    return bool(
        set(re.sub(r"[^一-鿿]|[已实共有人数率]", "", count)) & set(re.sub(r"[^一-鿿]|[率人数]", "", rate))
    )


def _otherwise(told: Sequence[Quantity], k: Quantity, r: Quantity, around: Sequence[Quantity]) -> bool:
    """Whether other counts give the rate: a base told anywhere, a rest, two parts together, or another count than k."""
    count = k.figure.value
    every = [
        each.figure.value for each in levels(told, planned=True) if each is not k and alike_units(each, k)
    ]
    if any(_fits(count, each, r) for each in every):
        return True
    alike = [each for each in around if each.order < r.order + 4 and alike_units(each, k)]
    here = [each.figure.value for each in alike][:5]
    for whole in here:
        if _fits(whole - count, whole, r) or _fits(count, count + whole, r):
            return True
        for part in (each for each in here if each <= whole):
            pairs = (
                (part, whole),
                (whole - part, whole),
                (part + count, whole),
                (count, part + whole),
                (count, whole - part),
            )
            if part is not whole and any(_fits(*pair, r) for pair in pairs):
                return True
    return False


def _fits(part: Fraction, whole: Fraction, r: Quantity) -> bool:
    return whole > 0 and abs(part * r.figure.per / whole - r.figure.value) <= r.figure.slack


def _ratio(k: Quantity, n: Quantity, r: Quantity, *, strong: bool) -> Candidate:
    per = r.figure.per
    (a, b), (c, d) = k.figure.limits(), n.figure.limits()
    right = k.figure.value * per / n.figure.value
    text = f"{k.figure.raw.strip()} ÷ {n.figure.raw.strip()} = {r.figure.like(right)}"
    return Candidate(right, a * per / d, b * per / c if c > 0 else right, text, (k.figure, n.figure), strong)


def _of_run(told: Sequence[Quantity], run: Sequence[Quantity], r: Quantity) -> Iterator[Claim]:
    """A (612), B (388) and C (241) account for 70 % of all cases."""
    total = added(run)
    around = levels([each for each in near(told, r) if each not in run])
    wholes = [each for each in around if each.figure.value >= total and alike_units(each, run[0])]
    rights = [(each, total * r.figure.per / each.figure.value) for each in wholes]
    if any(abs(right - r.figure.value) <= r.figure.slack for _, right in rights):
        return
    whole, right = next(
        ((each, right) for each, right in rights if apart(right, r.figure.value) <= CLOSE),
        (None, Fraction(0)),
    )
    if whole is not None:
        parts = " + ".join(each.figure.raw.strip() for each in run)
        text = f"({parts}) ÷ {whole.figure.raw.strip()} = {r.figure.like(right)}"
        best = Candidate(right, right, right, text, (run[-1].figure, whole.figure))
        claim = _claim(best, r)
        yield replace(
            claim,
            values={**claim.values, "numerator": parts},
            repairs=(f"{r.figure.raw.strip()} ↔ {r.figure.like(right)}",),
        )


def _claim(best: Candidate, r: Quantity) -> Claim:
    part, whole = best.operands
    return Claim(
        "prose.ratio", r.sentence, r.figure.start, quoted(r), False, best.arithmetic,
        template="“{quote}”: {numerator} of {denominator} is {right}, not {stated}",
        hint="one of the three is wrong; the smallest repairs: {repairs}",
        values={
            "numerator": part.raw.strip(), "denominator": whole.raw.strip(),
            "right": r.figure.like(best.right), "stated": r.figure.raw.strip(),
        },
        repairs=repairs(part, whole, r.figure), stated=r.figure, right=best.right,
    )  # fmt: skip
