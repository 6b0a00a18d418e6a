"""Changes and shares told in words: doubled, 三倍, 翻一番, two thirds, 六成, 缺席, 完成任务的: recomputed like any other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from tallymark.verify.prose.claims import Claim, matches, place_of
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.numerals import chinese_number
from tallymark.verify.prose.ratios import compared
from tallymark.verify.prose.rounding import exact, half_up, written
from tallymark.verify.prose.sentences import Sentence

W = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n]"
N = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n，,、:：（(]"
A, B = r"(?P<a>[ⒸⓂⓅⓇ])", r"(?P<b>[ⒸⓂⓅⓇ])"
LOOSE = Fraction(1, 10)
"""What is told in words may be off by a tenth; “more than doubled” only has to be more."""
DOUBLED = {
    "doubled": Fraction(2), "tripled": Fraction(3), "trebled": Fraction(3), "quadrupled": Fraction(4), "halved": Fraction(1, 2),
}  # fmt: skip
GROWN = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?P<more>more than |almost |nearly )?\b(?P<word>doubled|tripled|trebled|quadrupled|halved){W}{{0,30}}?\bfrom\s+{A}\s+(?:{W}{{0,24}}?\s)?to\s+{B}",
        rf"\bfrom\s+{A}{W}{{0,30}}?\bto\s+{B}{W}{{0,20}}?[,(—–]\s*(?:it |they |which )?(?:has |have |had )?(?P<more>more than |almost |nearly )?(?P<word>doubled|tripled|trebled|quadrupled|halved)",
        rf"(?:由|从){N}{{0,14}}{A}{W}{{0,10}}?(?:增加|增长|上升|提高|扩大|增)?(?:到|至){N}{{0,14}}{B}{N}{{0,6}}[，,]\s*(?:已|实现|就)?(?P<more>近|将近|接近)?翻了?(?P<zh>[一二两三])番",
    )
)
TIMES = re.compile(
    rf"{A}{N}{{0,6}}(?:[，,（(]\s*)?(?:是|为|相当于){N}{{0,14}}{B}{N}{{0,6}}的\s*(?P<more>近|将近|约)?(?P<t>Ⓒ)倍"
)
FRACTIONS = {
    "half": Fraction(1, 2), "a third": Fraction(1, 3), "one third": Fraction(1, 3), "two thirds": Fraction(2, 3),
    "a quarter": Fraction(1, 4), "one quarter": Fraction(1, 4), "three quarters": Fraction(3, 4),
    "a fifth": Fraction(1, 5), "one fifth": Fraction(1, 5), "two fifths": Fraction(2, 5), "three fifths": Fraction(3, 5),
    "four fifths": Fraction(4, 5),
}  # fmt: skip
_WORD = r"(?P<word>half|(?:a|one|two|three|four)[ -](?:thirds?|quarters?|fifths?))"
FRACTION = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b{_WORD}\s+of\s+(?:the\s+|all\s+|our\s+|its\s+)*(?P<n>Ⓒ){N}{{0,40}}[（(]\s*(?P<k>Ⓒ)\s*[)）]",
        rf"\b{_WORD}\s*[（(]\s*(?P<k>Ⓒ)\s*[)）]\s*of\s+(?:the\s+|all\s+|our\s+|its\s+)*(?P<n>Ⓒ)",
    )
)
TENTHS = re.compile(
    rf"(?P<n>Ⓒ){N}{{0,6}}(?:之中|中){N}{{0,4}}?(?P<k>Ⓒ){W}{{0,14}}?[，,]{N}{{0,12}}?(?P<way>不到|不足|低于|超过|达到?|近|约)?\s*(?P<r>Ⓟ)(?P<after>以上|以下)?"
)
CHANGED = re.compile(
    rf"(?P<way>增加|增|多|减少|减|少)了?\s*(?P<d>[ⒸⓂ]){N}{{0,6}}[，,、（(]\s*(?:同比|比上年|较上年)?(?:增长|上升|提高|增幅|下降|降低|降幅|减少)(?:了|为)?\s*(?P<r>Ⓟ)[)）]?[，,；]\s*{N}{{0,10}}?(?:仅|共|达到?|为|降至|增至|降到|增到)\s*(?P<v>[ⒸⓂ])"
)
PRESENT = re.compile(
    rf"应(?P<what>到|参加|出席|报到){N}{{0,6}}?(?P<n>Ⓒ){N}{{0,4}}[，,]\s*实(?:到|际参加|际到会){N}{{0,6}}?(?P<k>Ⓒ){N}{{0,4}}[，,]\s*(?:缺席|缺勤|请假|未到){N}{{0,4}}?(?P<c>Ⓒ)(?P<more>{N}{{0,4}}[，,、]\s*{N}{{0,4}}(?:缺席|缺勤|请假|未到|旷会))?"
)
DONE = re.compile(
    rf"(?:任务|计划|目标)(?:数|为|是)?{N}{{0,6}}?(?P<n>[ⒸⓂ]){N}{{0,6}}[，,；]\s*(?:实际|已|现已|全年)?{N}{{0,4}}?完成{N}{{0,6}}?(?P<k>[ⒸⓂ]){N}{{0,6}}[，,]\s*(?:占|完成|达到?|为){N}{{0,6}}?(?:任务|计划|目标)(?:数|量)?的\s*(?P<r>Ⓟ)"
)
SAMPLED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:随机)?抽(?:查|样|取|检|测|验)了?{N}{{0,10}}?(?P<n>Ⓒ)(?P<unit>{N}{{0,4}})[，,]\s*(?P<what>{N}{{0,6}}率)(?:达到?|为|是)?\s*(?P<r>Ⓟ)",
        rf"(?<!参)对(?P<n>Ⓒ)(?P<unit>{N}{{0,10}}?)(?:进行|开展|实施|组织){N}{{0,14}}[，,]\s*(?P<what>{N}{{0,8}}率)(?:达到?|为|是)?\s*(?P<r>Ⓟ)",
        rf"(?P<n>Ⓒ)(?P<unit>{N}{{1,10}}?)(?:之中|中)[，,]?\s*(?P<what>{N}{{0,6}}率)(?:达到?|为|是)\s*(?P<r>Ⓟ)",
    )
)
PASSED = re.compile(
    rf"(?P<n>Ⓒ){N}{{0,6}}(?:[，,]|中[，,]?)\s*{N}{{0,8}}?(?:通过|合格|达标|完成|及格|整改){N}{{0,4}}?(?P<k>Ⓒ){N}{{0,3}}[，,]\s*(?:{N}{{0,10}}率(?:达到?|为|是)?\s*Ⓟ[，,]\s*)?(?:未|不){N}{{0,4}}?(?P<k2>通过|合格|达标|完成|及格|整改){N}{{0,6}}?(?P<c>Ⓒ)"
)
STOCK_EN = re.compile(
    rf"\b(?:opening|initial|starting)\s+(?:stock|balance){W}{{0,40}}?(?P<o>[ⒸⓂ])[^ⒸⓂⓅⓇⒹⒼ.|\n]{{0,40}}?(?P<i>[ⒸⓂ])\s+(?:were |was )?(?:received|delivered|added)[^ⒸⓂⓅⓇⒹⒼ.|\n]{{0,24}}?(?P<u>[ⒸⓂ])\s+(?:were |was )?(?:issued|used|dispensed|distributed|consumed){W}{{0,20}}?[,;]?\s*(?:leaving|so that|closing (?:stock|balance)(?: was| of)?|with)\s+(?P<c>[ⒸⓂ])",
    re.I,
)
PART_OF = re.compile(
    rf"(?P<k>[ⒸⓂ]){W}{{0,24}}?\b(?:was|is|were|made up|makes up|represent(?:s|ed)|accounts? for|accounted for|equals)\s+(?P<r>Ⓟ)\s+of\s+{W}{{0,36}}?(?P<n>[ⒸⓂ])",
    re.I,
)
COURSES = re.compile(
    rf"(?<!#)(?P<days>#{{1,3}})\s*(?P<cls>[期届]){W}{{0,14}}?(?P<m>Ⓒ){N}{{0,4}}[，,（(]\s*(?:平均每(?P<each>[期届])|(?P<each2>[期届])均|每(?P<each3>[期届])平均)(?:培训|参加|为|达|有)*\s*(?P<a>Ⓒ)"
)
STOCK = re.compile(
    rf"(?:年初|月初|期初|上年|上月){N}{{0,4}}?(?:结存|库存|结余){N}{{0,3}}?(?P<o>[ⒸⓂ]){N}{{0,4}}[，,；]\s*{N}{{0,6}}?(?:购入|调入|入库|领入|接收|收入){N}{{0,4}}?(?P<i>[ⒸⓂ]){N}{{0,4}}[，,；]\s*{N}{{0,6}}?(?:发放|出库|消耗|支出|使用|领用){N}{{0,4}}?(?P<u>[ⒸⓂ]){N}{{0,4}}[，,；]\s*(?:年末|月末|期末|现|目前){N}{{0,4}}?(?:结存|库存|结余){N}{{0,3}}?(?P<c>[ⒸⓂ])"
)
MEAN = re.compile(
    r"(?P<m>[ⒸⓂ])\s+(?:[a-z-]+\s+){0,4}?(?:in|over|at|across)\s+(?P<days>#{1,3}\s+(?:months|weeks|days|years)|(?P<n>Ⓒ)\s+[a-z-]+(?:\s[a-z-]+)?),?\s*(?:or|an average of|on average|averaging|that is)\s+(?P<a>[ⒸⓂ])\s+(?:a|an|per|each|every)\s+(?P<each>[a-z]+)",
    re.I,
)


def spoken_claims(sentence: Sentence) -> Iterator[Claim]:
    """Everything that a sentence tells in words of figures that it also tells."""
    yield from _grown(sentence)
    yield from _times(sentence)
    yield from _fractions(sentence)
    yield from _tenths(sentence)
    yield from _changed(sentence)
    yield from _sums(sentence)
    yield from _done(sentence)
    yield from _means(sentence)
    yield from _courses(sentence)
    yield from _failed(sentence)


def _sure(*figures: Figure) -> bool:
    return not any(figure.approximate or figure.bound or figure.high for figure in figures)


def _said(
    sentence: Sentence, found: re.Match[str], holds: bool, arithmetic: str, word: str, stated: Figure,
    code: str = "prose.growth", repairs: tuple[str, ...] = (),
) -> Claim:  # fmt: skip
    return Claim(
        code, sentence, place_of(sentence, found), sentence.quote(found), holds, arithmetic,
        template="“{quote}”: {arithmetic}, not {stated}", hint="one of the three is wrong; the smallest repairs: {repairs}",
        values={"stated": word}, repairs=() if holds else repairs or (arithmetic,), stated=stated,
    )  # fmt: skip


def _near(right: Fraction, meant: Fraction, more: str) -> bool:
    """Whether a multiple is what a word says: more than, nearly, or about so."""
    if "more" in more.lower():
        return right >= meant if meant > 1 else right <= meant
    low, high = meant * (1 - 2 * LOOSE if more else 1 - LOOSE), meant * (1 + LOOSE)
    return low <= right <= high


def _grown(sentence: Sentence) -> Iterator[Claim]:
    for pattern in GROWN:
        for found in matches(pattern, sentence):
            a, b = sentence.figure(found, "a"), sentence.figure(found, "b")
            if a.kind != b.kind or not a.value or a.approximate or b.approximate:
                continue
            groups = found.groupdict()
            turns = chinese_number(groups["zh"]) if groups.get("zh") else None
            meant = Fraction(2) ** int(turns) if turns else DOUBLED[found["word"].lower()]
            right = b.value / a.value
            word = f"翻{found['zh']}番" if turns else found["word"]
            yield _said(
                sentence, found, _near(right, meant, groups["more"] or ""),
                f"{b.raw.strip()} ÷ {a.raw.strip()} = {written(right, 2)}", word, b,
            )  # fmt: skip


def _times(sentence: Sentence) -> Iterator[Claim]:
    for found in matches(TIMES, sentence):
        a, b, t = (sentence.figure(found, name) for name in "abt")
        if a.kind != b.kind or not b.value or not _sure(a, b) or found["more"] or t.approximate or t.bound:
            continue
        right = a.value / b.value
        holds = abs(right - t.value) <= t.slack + (Fraction(1, 10) if not t.decimals else 0)
        yield _said(
            sentence, found, holds, f"{a.raw.strip()} ÷ {b.raw.strip()} = {written(right, max(t.decimals, 1))}",
            f"{t.raw.strip()}倍", t,
        )  # fmt: skip


def _fractions(sentence: Sentence) -> Iterator[Claim]:
    for pattern in FRACTION:
        for found in matches(pattern, sentence):
            k, n = sentence.figure(found, "k"), sentence.figure(found, "n")
            word = " ".join(re.split(r"[ -]", found["word"].lower()))
            meant = FRACTIONS.get(word)
            if meant is None or not n.value or k.value > n.value or not _sure(k, n):
                continue
            if re.search(
                r"\b(?:about|almost|nearly|over|more than|less than|under|some|around)\s*$",
                sentence.skeleton[: found.start()],
                re.I,
            ):
                continue
            right = k.value / n.value
            holds = abs(right - meant) <= meant * LOOSE / 2 or abs(k.value - meant * n.value) < 1
            yield _said(
                sentence, found, holds, f"{k.raw.strip()} ÷ {n.raw.strip()} = {written(right * 100, 0)} %", found["word"], k,
                code="prose.ratio", repairs=(f"{written(meant * n.value, 0)} / {n.raw.strip()}",),
            )  # fmt: skip


def _tenths(sentence: Sentence) -> Iterator[Claim]:
    """280户中有210户参保，参保率不到六成."""
    for found in matches(TENTHS, sentence):
        k, n, r = (sentence.figure(found, name) for name in "knr")
        if "成" not in r.raw or not n.value or k.value > n.value or not _sure(k, n):
            continue
        right, way = k.value * 100 / n.value, (found["way"] or "") + (found["after"] or "")
        if re.search(r"不到|不足|低于|以下", way):
            holds = r.value - 10 <= right <= r.value
        elif re.search(r"超过|以上|达", way):
            holds = r.value <= right < r.value + 10
        else:
            holds = abs(right - r.value) <= 5
        yield _said(
            sentence, found, holds, f"{k.raw.strip()} ÷ {n.raw.strip()} = {written(right, 1)} %",
            way + r.raw.strip(), r, code="prose.ratio",
        )  # fmt: skip


def _changed(sentence: Sentence) -> Iterator[Claim]:
    """比上年减少24人，下降10.0%，全年仅198人: what was before is what is now and what was added or taken."""
    for found in matches(CHANGED, sentence):
        d, r, v = (sentence.figure(found, name) for name in "drv")
        if d.kind != v.kind or d.unit != v.unit or not _sure(d, r, v):
            continue
        before = v.value + d.value if found["way"][0] in "减少" else v.value - d.value
        if before <= 0:
            continue
        right = d.value * 100 / before
        slack = (d.slack + right / 100 * (v.slack + d.slack)) * 100 / before
        yield _said(
            sentence, found, abs(right - r.value) <= r.slack + slack,
            f"{d.raw.strip()} ÷ {exact(before / v.times)} = {r.like(right)}", r.raw.strip(), r,
        )  # fmt: skip


def _sums(sentence: Sentence) -> Iterator[Claim]:
    """Who is due, there and missing; what was in stock, came, went and is left."""
    for found in matches(PRESENT, sentence):
        n, k, c = (sentence.figure(found, name) for name in "nkc")
        if found["more"] or not _sure(n, k, c):
            continue
        yield _said(
            sentence, found, n.value - k.value == c.value, f"{n.raw.strip()} − {k.raw.strip()} = {exact(n.value - k.value)}",
            c.raw.strip(), c, code="prose.total",
        )  # fmt: skip
    for found in [each for pattern in (STOCK, STOCK_EN) for each in matches(pattern, sentence)]:
        o, i, u, c = (sentence.figure(found, name) for name in "oiuc")
        if not _sure(o, i, u, c):
            continue
        left = o.value + i.value - u.value
        yield _said(
            sentence, found, abs(left - c.value) <= o.slack + i.slack + u.slack + c.slack,
            f"{o.raw.strip()} + {i.raw.strip()} − {u.raw.strip()} = {exact(left / c.times)}", c.raw.strip(), c,
            code="prose.total",
        )  # fmt: skip


def _done(sentence: Sentence) -> Iterator[Claim]:
    """完成任务的96%, 92 % of the budget of 2.3 million: rates in which a target or a budget is the base."""
    for found in [each for pattern in (DONE, PART_OF) for each in matches(pattern, sentence)]:
        if found.re is PART_OF and re.search(
            r"Ⓒ[^Ⓒ.;]{0,24}(?:,|\band)\s[^Ⓒ.;]{0,24}$", sentence.skeleton[: found.start("k")]
        ):
            continue  # the last of several that are told together
        k, n, r = (sentence.figure(found, name) for name in "knr")
        if not n.value or k.approximate or r.approximate or r.bound or k.kind != n.kind:
            continue
        right = k.value * 100 / n.value
        yield _said(
            sentence, found, abs(right - r.value) <= r.slack + right * (k.slack / max(k.value, Fraction(1)) + n.slack / n.value),
            f"{k.raw.strip()} ÷ {n.raw.strip()} = {r.like(right)}", r.raw.strip(), r, code="prose.ratio",
        )  # fmt: skip


def _means(sentence: Sentence) -> Iterator[Claim]:
    """1,440 visits in 12 months, an average of 140 a month."""
    for found in matches(MEAN, sentence):
        m, a = sentence.figure(found, "m"), sentence.figure(found, "a")
        if found["n"] is not None:
            n = sentence.figure(found, "n").value
        else:
            digits = re.match(r"\d+", sentence.text[sentence.origin[found.start("days")] :])
            n = Fraction(digits.group()) if digits else Fraction(0)
        things = found["days"].split()[-1].lower()
        each = found["each"].lower()
        if n < 2 or m.kind != a.kind or not _sure(m, a) or not things.startswith(each[:4]):
            continue
        right = m.value / n
        holds = abs(right - a.value) <= max(a.slack, Fraction(1, 2), right / 50)
        yield _said(
            sentence, found, holds, f"{m.raw.strip()} ÷ {exact(n)} = {exact(half_up(right, max(a.decimals, 1)))}",
            a.raw.strip(), a, code="prose.average",
        )  # fmt: skip


def _failed(sentence: Sentence) -> Iterator[Claim]:
    """14个村中，验收合格12个，未通过验收3个: those who passed and those who did not are all."""
    for found in matches(PASSED, sentence):
        n, k, c = (sentence.figure(found, name) for name in "nkc")
        if len({n.unit, k.unit, c.unit}) > 1 or not _sure(n, k, c) or found["k2"] not in ("通过", "合格", "达标", "完成", "及格", "整改"):  # fmt: skip
            continue
        yield _said(
            sentence, found, n.value - k.value == c.value, f"{n.raw.strip()} − {k.raw.strip()} = {exact(n.value - k.value)}",
            c.raw.strip(), c, code="prose.total",
        )  # fmt: skip


def _courses(sentence: Sentence) -> Iterator[Claim]:
    """培训班6期，共培训412人次，平均每期78人次: whole numbers may be rounded either way."""
    for found in matches(COURSES, sentence):
        m, a = sentence.figure(found, "m"), sentence.figure(found, "a")
        digits = re.match(r"\d+", sentence.text[sentence.origin[found.start("days")] :])
        n = Fraction(digits.group()) if digits else Fraction(0)
        each = found["each"] or found["each2"] or found["each3"]
        if n < 2 or each != found["cls"] or m.unit != a.unit or not _sure(m, a):
            continue
        right = m.value / n
        yield _said(
            sentence, found, abs(right - a.value) < max(a.slack * 2, Fraction(1) if not a.decimals else a.slack),
            f"{m.raw.strip()} ÷ {exact(n)} = {exact(half_up(right, max(a.decimals, 1)))}", a.raw.strip(), a, code="prose.average",
        )  # fmt: skip


def sampled_claims(sentence: Sentence) -> Iterator[Claim]:
    """抽查档案40份，合格率92.3%: some whole number of those looked at has to give the rate."""
    for pattern in SAMPLED:
        for found in matches(pattern, sentence):
            n, r = sentence.figure(found, "n"), sentence.figure(found, "r")
            if n.whole and r.decimals and _sure(r) and not r.aimed and n.value >= 2 and r.value <= 100:
                yield _possible_rate(sentence, found, n, r)


def _possible_rate(sentence: Sentence, found: re.Match[str], n: Figure, r: Figure) -> Claim:
    base = int(n.value)
    below = int(r.printed * base / r.per)
    near = tuple(
        f"{each:,}/{base:,} = {r.like(Fraction(each * r.per, base))}"
        for each in (below, below + 1)
        if each <= base
    )
    holds = any(half_up(Fraction(each * r.per, base), r.decimals) == r.printed for each in (below, below + 1))
    return Claim(
        "prose.no_counts", sentence, place_of(sentence, found), sentence.quote(found), holds, " · ".join(near),
        template="“{quote}”: no whole number of {denominator} is {stated}",
        hint="the nearest are {repairs}; or the base is another one",
        values={"denominator": n.raw.strip(), "stated": r.raw.strip()}, repairs=() if holds else near, stated=r,
    )  # fmt: skip


LISTS = re.compile(
    rf"(?P<list>Ⓒ{N}{{0,12}}(?:[、，,和及]\s*{N}{{0,14}}Ⓒ{N}{{0,12}})+)[，,；]\s*(?:各)?分别占{N}{{0,14}}?(?P<base>Ⓒ)?{N}{{0,6}}?(?P<shares>Ⓟ(?:\s*[、，,和及]\s*Ⓟ)+)"
)
TOLD = re.compile(r"其中|包括|共|总")


def listed_shares(sentence: Sentence) -> Iterator[Claim]:
    """A家252、B家126、C家42，分别占60%、30%和15%: each count with its share, of the whole told before or of their sum."""
    for found in matches(LISTS, sentence):
        counts, shares = (
            [sentence.at[at] for at in range(*found.span(name)) if at in sentence.at]
            for name in ("list", "shares")
        )
        earlier = [
            each for each in sentence.figures if each.kind == "count" and each.start <= counts[-1].start
        ]
        if len(shares) < 2 or len(earlier) < len(shares):
            continue
        counts = [each for each in earlier if each.end <= shares[0].start][-len(shares) :]
        total = sum((each.value for each in counts), Fraction(0))
        known = (
            [sentence.figure(found, "base")]
            if found["base"]
            else [each for each in earlier if each not in counts]
        )
        bases = {each.value for each in known if each.value >= max(one.value for one in counts)} | {total}
        fits = {
            base: [abs(k.value * 100 / base - r.value) <= r.slack + k.slack * 100 / base for k, r in zip(counts, shares, strict=True)]
            for base in bases if base
        }  # fmt: skip
        base = max(fits, key=lambda each: sum(fits[each]), default=Fraction(0))
        if not base or not _sure(*counts, *shares) or sum(fits[base]) * 2 < len(shares):
            continue
        for k, r, right in zip(counts, shares, fits[base], strict=True):
            yield _said(
                sentence, found, right, f"{k.raw.strip()} ÷ {exact(base)} = {r.like(k.value * 100 / base)}", r.raw.strip(), r,
                code="prose.ratio",
            )  # fmt: skip


SHARED = re.compile(
    rf"(?:\b(?:came|comes|come) from|\b(?:consist\w*|made up|compos\w+) of|\bcauses of {W}{{1,30}}? (?:were|are)|\b(?:split|divided|distributed) (?:between|among|into)){W}{{0,30}}?(?P<list>[（(]?Ⓟ[)）]?(?:{W}{{1,30}}?[（(]?Ⓟ[)）]?)+)|\b(?:causes|reasons|sources)\b{W}{{0,24}}?:(?P<list2>{W}{{0,20}}?[（(]?Ⓟ[)）]?(?:{W}{{1,30}}?[（(]?Ⓟ[)）]?)+)",
    re.I,
)
MOST = 120
TOOK = re.compile(
    rf"\b(?:took|takes|absorbed|made up|account(?:s|ed) for|received)\s+(?P<list>Ⓟ\s+of\s+{N}{{2,40}}(?:,\s*(?:and\s+)?{N}{{1,30}}Ⓟ)+\s*,?\s*and\s+{N}{{1,30}}Ⓟ)",
    re.I,
)
"""Fuel took 41 % of the budget, salaries 38 % …: one verb for all parts, which are not more than the whole."""
REST = re.compile(r"其他|其它|其余|\bothers?\b", re.I)
OTHERS = re.compile(
    rf"(?P<t>[ⒸⓂ]){N}{{0,8}}[，,：:（(；]\s*(?:其中|包括|分别为|分别是)?[：:，,]?(?P<list>{N}{{0,20}}[ⒸⓂ]{N}{{0,8}}(?:[，,、和及；]\s*{N}{{0,20}}[ⒸⓂ]{N}{{0,8}})*[，,、和及；]\s*(?:其他|其它|其余){N}{{0,12}}[ⒸⓂ])"
)
OTHERS_EN = re.compile(
    rf"(?P<t>[ⒸⓂ]){N}{{0,30}}[:：—–]\s*(?P<list>{N}{{1,40}}[ⒸⓂ](?:\s*,\s*(?:and\s+)?{N}{{1,40}}[ⒸⓂ])+\s*,?\s*and\s+(?:all\s+)?others?\b{N}{{0,30}}[ⒸⓂ])",
    re.I,
)
FOR_OTHERS = re.compile(
    rf"(?P<t>Ⓒ)\s+[a-z-]+(?:\s[a-z-]+)?,\s*(?P<list>Ⓒ\s+{N}{{1,40}}(?:,\s*(?:and\s+)?Ⓒ\s+{N}{{1,40}})+\s*,?\s*and\s+Ⓒ\s+(?:for\s+|in\s+|to\s+)?(?:all\s+)?others?\b)",
    re.I,
)
NAMED_ALL = re.compile(
    rf"(?P<t>Ⓜ)(?P<list>[，,：:（(；]\s*其中[：:，,]?{N}{{0,6}}中央{N}{{0,8}}Ⓜ[，,、]\s*{N}{{0,4}}省{N}{{0,8}}Ⓜ[，,、]\s*{N}{{0,4}}(?:市|县){N}{{0,8}}Ⓜ)"
)
INCLUDE = re.compile(
    rf"(?P<t>Ⓒ)\s+(?:[a-z-]+\s+){{1,4}}?(?:compris\w+|include[sd]?|consist\w* of|were made up of)\s+(?P<list>{N}{{0,24}}Ⓒ{N}{{0,30}}(?:,\s*(?:and\s+)?{N}{{0,20}}Ⓒ{N}{{0,30}})+\s*(?:,\s*)?and\s+Ⓒ\s+(?:others?|other [a-z]+|[a-z]+))",
    re.I,
)


def whole_claims(sentence: Sentence) -> Iterator[Claim]:
    """Parts that leave nothing out (其他, others, 中央、省、县): they make the whole; shares of it make 100 %."""
    for pattern in (OTHERS, OTHERS_EN, FOR_OTHERS, NAMED_ALL, INCLUDE):
        for found in matches(pattern, sentence):
            t = sentence.figure(found, "t")
            parts = [sentence.at[at] for at in range(*found.span("list")) if at in sentence.at]
            kinds = {each.kind for each in parts}
            bare = t.kind == "money" and kinds == {"count"} and not any(each.unit for each in parts)
            if not (kinds == {t.kind} or bare) or not _sure(t, *parts) or len(parts) < 2:
                continue
            if (
                pattern is INCLUDE
                and not REST.search(found["list"])
                and not re.search(r"compris|consist|made", found.group(), re.I)
            ):
                continue
            if any(each.unit and t.unit and each.unit != t.unit for each in parts):
                continue
            added = sum((each.value for each in parts), Fraction(0))
            slack = sum((each.slack for each in parts), t.slack)
            named = re.search(r"其中|包括|[：:（(]", found.group()) or pattern not in (OTHERS, FOR_OTHERS)
            ahead = [each for each in sentence.figures if each.end <= t.start]
            if not named and ahead and ahead[-1].unit == t.unit and ahead[-1].kind == t.kind:
                continue  # t is one of the list
            if not named and not Fraction(4, 5) <= added / max(t.value, Fraction(1)) <= Fraction(5, 4):
                continue  # the first of the list is no whole of the others
            yield _said(
                sentence, found, abs(added - t.value) <= slack,
                " + ".join(each.raw.strip() for each in parts) + f" = {exact(added / t.times)}", t.raw.strip(), t, code="prose.total",
            )  # fmt: skip
    for found in TOOK.finditer(sentence.skeleton):
        shares = [sentence.at[at] for at in range(*found.span("list")) if at in sentence.at]
        added = sum((each.value for each in shares), Fraction(0))
        if (
            len(shares) >= 3
            and _sure(*shares)
            and 100 + sum((each.slack for each in shares), Fraction(0)) < added <= MOST
        ):
            yield _said(
                sentence, found, False, " + ".join(each.raw.strip() for each in shares) + f" = {exact(added)} %", "100 %",
                shares[-1], code="prose.total",
            )  # fmt: skip
    for found in SHARED.finditer(sentence.skeleton):
        name = "list" if found["list"] else "list2"
        shares = [sentence.at[at] for at in range(*found.span(name)) if at in sentence.at]
        added = sum((each.value for each in shares), Fraction(0))
        slack = sum((each.slack for each in shares), Fraction(0))
        closed = bool(REST.search(found.group()))
        if len(shares) < 3 or not _sure(*shares) or added > MOST or (added < 100 and not closed):
            continue
        yield _said(
            sentence, found, abs(added - 100) <= slack,
            " + ".join(each.raw.strip() for each in shares) + f" = {exact(added)} %", "100 %", shares[-1], code="prose.total",
        )  # fmt: skip


def two_bases(sentence: Sentence) -> Iterator[Claim]:
    """21个行政村中23个村: a part that is larger than what it is part of."""
    for found in matches(
        re.compile(rf"(?P<n>Ⓒ)(?P<thing>{N}{{1,8}}?)(?:之中|当中|中)[，,]?(?:有)?(?P<k>Ⓒ)"), sentence
    ):
        n, k = sentence.figure(found, "n"), sentence.figure(found, "k")
        if n.unit and n.unit == k.unit and _sure(n, k) and k.value > n.value:
            yield Claim(
                "prose.part", sentence, place_of(sentence, found), sentence.quote(found), False, f"{k.raw.strip()} > {n.raw.strip()}",
                template="“{quote}”: the part is larger than the whole, {arithmetic}",
                hint="one of the two is wrong, or they count different things (people, contacts)", stated=k,
            )  # fmt: skip


def fatality_claims(sentence: Sentence) -> Iterator[Claim]:
    """112 cases and 7 deaths (CFR 7.3%)."""
    for found in matches(
        re.compile(
            rf"(?P<n>Ⓒ)\s+(?:[a-z-]+\s+){{0,2}}?cases\s+(?:and|with|,)\s*(?P<k>Ⓒ)\s+deaths{W}{{0,60}}?[（(,]\s*(?:with\s+)?(?:a\s+)?(?:CFR|case[- ]fatality{W}{{0,12}}?)\s*(?:of\s*)?[:=]?\s*(?P<r>Ⓟ)",
            re.I,
        ),
        sentence,
    ):
        claim = compared(
            sentence,
            found,
            (sentence.figure(found, "k"), sentence.figure(found, "n"), sentence.figure(found, "r")),
        )
        if claim:
            yield claim
