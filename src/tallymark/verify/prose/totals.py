"""Parts and wholes: parts that name everything add up to the whole, no part is larger, written equations hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from tallymark.verify.prose.claims import Claim, matches, place_of
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.rounding import exact, half_unit
from tallymark.verify.prose.sentences import Sentence

W = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n]"
N = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n，,、:：（(]"
EXHAUSTIVE = (
    (("男",), ("女",)), (("boys?", "males?", "men"), ("girls?", "females?", "women")),
    (("girls?", "females?", "women"), ("boys?", "males?", "men")), (("城镇", "城市"), ("农村", "乡村")),
    (("urban",), ("rural",)), (("政策内",), ("政策外",)), (("一孩", "一胎"), ("二孩", "二胎"), ("多孩", "三孩及以上", "多胎")),
    (("一孩", "一胎"), ("二孩及以上", "二孩以上", "二胎及以上")), (("户籍",), ("流动",)), (("first births?",), ("second and (?:higher|later|further) births?",)),
    (("合格",), ("不合格",)), (("public",), ("private",)), (("门诊",), ("急诊",)), (("中医",), ("西医",)), (("汉族",), ("少数民族",)),
    (("公立",), ("民营", "私立", "社会办")),
)  # fmt: skip
COUNTED = r"Ⓒ(?:人次|[一-鿿]{1,2}?)?"
FURTHER = re.compile(r"(?:\s+[a-z-]+){0,2}\s*(?:,\s*(?:and\s+)?|\s+and\s+)Ⓒ\s+[a-z]", re.I)
"""One more part after those that a pattern caught."""
EQUATION = re.compile(r"(?P<left>[ⒸⓂⓅⓇⒹ](?:[^ⒸⓂⓅⓇⒹⒼ=＝。;；,，]{0,8}?\s*[+＋\-−–×xX*÷/]\s*[ⒸⓂⓅⓇⒹ][^ⒸⓂⓅⓇⒹⒼ=＝。;；,，]{0,8}?){1,8})\s*[=＝]\s*(?P<right>[ⒸⓂⓅⓇⒹ])")  # fmt: skip
OPERATORS = re.compile(r"\s*([+＋\-−–×xX*÷/])\s*$")
AFTER = re.compile(rf"(?P<list>Ⓒ{N}{{0,14}}(?:[，,、]\s*(?:and\s+)?{N}{{0,20}}Ⓒ{N}{{0,14}}|\s+and\s+{N}{{0,20}}Ⓒ{N}{{0,14}})+)[，,；;]?\s*(?:两项|三项|以上|全年|全镇|全县|全市|全街|两者|三者)?(?:合计|共计|总计|总共|共(?=Ⓒ)|total(?:ling|s)?|(?:making |giving )?a total of|in total|in all|altogether|together making)\s*(?:为|是|:|：)?\s*(?P<t>Ⓒ)|(?P<list2>Ⓒ{N}{{0,45}}(?:,\s*(?:and\s+)?{N}{{0,20}}Ⓒ{N}{{0,20}}|\s+and\s+{N}{{0,20}}Ⓒ{N}{{0,40}})+),?\s*(?:or\s+)?(?P<t2>Ⓒ)(?:\s+[a-z-]+){{0,3}}\s+(?:in total|in all|altogether)", re.I)  # fmt: skip
TOGETHER = re.compile(
    r"(?P<a>Ⓒ)[^ⒸⓂⓅⓇⒹⒼ.;|\n,]{0,50}\band\s+(?P<b>Ⓒ)[^ⒸⓂⓅⓇⒹⒼ.;|\n,]{0,60},?\s*(?:together|in all|combined|altogether|jointly)\s+(?:making\s+)?(?P<t>Ⓒ)",
    re.I,
)
"""113 had severe and 451 moderate malnutrition, together 584."""
ELLIPTIC = re.compile(
    rf"\b(?:of|among)\s+(?:the\s+|these\s+|all\s+|its\s+)*(?P<t>Ⓒ){N}{{0,40}},\s*(?P<list>Ⓒ\s+(?:were|are|was|came|had)\s+{N}{{1,24}}(?:,\s*(?:and\s+)?Ⓒ\s+(?!were|are|had|was|of){N}{{1,24}})+\s*,?\s*and\s+Ⓒ\s+(?!were|are|had|was|of){N}{{1,24}})",
    re.I,
)
"""Of the 42, 30 were public, 9 faith-based and 4 private: one verb for all parts, so that they are kinds of one thing."""
BY = re.compile(
    rf"(?:\b(?:By|according to)\s+[a-z]+(?:\s[a-z]+)?,\s*|按[^ⒸⓂⓅⓇⒹⒼ。；，,]{{1,8}}分(?:类|组|布)?[，,：:]\s*)(?P<list>{N}{{0,16}}Ⓒ{N}{{0,30}}(?:(?:[，,、；]\s*(?:and\s+)?|\s+and\s+){N}{{0,24}}Ⓒ{N}{{0,30}})+)",
    re.I,
)
"""按年龄分，… and By age, …: a classification leaves nothing out."""
OF_THE = re.compile(r"(?<!out )(?<![\w-])(?P<p>Ⓒ)\s+of\s+(?:the|all|its|our|these|those)\s+(?P<t>Ⓒ)", re.I)
OF_KINDS = re.compile(
    rf"(?P<t>Ⓒ){N}{{0,6}}[，,：:（(；]\s*(?:其中|包括|分别为)?[：:，,]?(?P<list>{N}{{1,14}}Ⓒ{N}{{0,4}}(?:[，,、和；]\s*{N}{{1,14}}Ⓒ{N}{{0,4}})+)"
)
"""57个，其中管理类21个、医疗质量类19个、药品类12个: kinds by the same word exclude each other."""
AFTER_MONEY = re.compile(
    rf"(?P<list>Ⓜ{N}{{0,14}}(?:[，,、]\s*{N}{{0,20}}Ⓜ{N}{{0,14}})+)[，,；;]?\s*(?:三项|两项|各项|以上)?(?:合计|共计|总计)\s*(?:为|是|:|：)?\s*(?P<t>Ⓜ)"
)
LISTED = re.compile(rf"(?P<t>Ⓒ)(?P<unit>{N}{{0,30}})\s*(?:[：:（(]|\bcompris(?:ed|ing|es)\b|\b(?:made up|consist(?:ed|ing|s)) of\b|, namely\b)\s*(?P<list>{N}{{0,20}}Ⓒ{N}{{0,26}}(?:(?:[，,、；]\s*(?:and\s+)?|\s+and\s+){N}{{0,20}}Ⓒ{N}{{0,26}})+)(?=[。）);；]|\.?\s*$|\.\s)", re.I)  # fmt: skip
TOTAL_BEFORE = re.compile(
    r"(?:共|合计|总计|总数|总共|共计|全年|总分|\ball|\btotal|\bthe|\ba|\bof|\bwere|\bhad|\bthere|^)\s*[^ⒸⓂⓅⓇⒹⒼ。；;]{0,12}$",
    re.I,
)
PART = re.compile(
    rf"(?P<t>Ⓒ)(?P<unit>人次|[一-鿿]{{1,2}}?)?{W}{{0,6}}?[，,、（(：:]?\s*其中[：:，,]?{W}{{0,20}}?(?P<p>Ⓒ)"
)
OF_WHOM = re.compile(rf"(?P<t>Ⓒ){W}{{0,40}}?,?\s*of whom\s+(?P<p>Ⓒ)", re.I)
MONEY_PARTS = re.compile(
    rf"(?P<t>Ⓜ){W}{{0,8}}?[，,：:（(；]\s*(?:其中|of which)[：:，,]?(?P<list>{N}{{0,20}}Ⓜ(?:[，,、和；]\s*{N}{{0,20}}Ⓜ)+)",
    re.I,
)
SHARES = re.compile(rf"(?:分别占|占比分别为|比例分别为|\bshares? (?:were|are|of)|\b(?:of (?:the )?(?:respondents|births|women|people|households)))(?P<list>{W}{{0,60}}?Ⓟ(?:{W}{{1,60}}?Ⓟ){{2,}})", re.I)  # fmt: skip


def total_claims(sentence: Sentence) -> Iterator[Claim]:
    """Totals with their parts, parts with their whole, equations, shares that make up everything."""
    seen: set[int] = set()
    yield from _equations(sentence)
    for claim, key in (*_groups(sentence), *_lists(sentence)):
        if key not in seen:
            seen.add(key)
            yield claim
    yield from _parts(sentence)
    yield from _money_parts(sentence)
    yield from _kinds(sentence)
    yield from _shares(sentence)


def _groups(sentence: Sentence) -> Iterator[tuple[Claim, int]]:
    for group in EXHAUSTIVE:
        for pattern in _group_patterns(group):
            for found in matches(pattern, sentence):
                total = sentence.figure(found, "t")
                if group[0] == ("门诊",) and "门急诊" not in sentence.text[: total.start]:
                    continue  # other visits may be part of the whole
                parts = [sentence.figure(found, f"p{each}") for each in range(len(group))]
                if FURTHER.match(sentence.skeleton[found.end() :]):
                    continue  # the two are not all
                if _same_unit(parts) and (not total.unit or not parts[0].unit or total.unit == parts[0].unit):
                    yield _sum(sentence, found, total, parts), total.start


def _group_patterns(group: Sequence[tuple[str, ...]]) -> Iterator[re.Pattern[str]]:
    words = ["(?:" + "|".join(names) + ")" for names in group]
    if words[0][3].isascii():
        head = rf"(?P<t>Ⓒ){W}{{0,48}}?\s*(?:[:：（(,，—–]|of (?:which|whom)|comprising|made up of|consisting of|including|,\s*of (?:which|whom))\s*"
        parts = [
            rf"(?P<p{at}>Ⓒ)\s+(?:were |are |live |was )?(?:[a-z]+ )?{word}\b" for at, word in enumerate(words)
        ]
        yield re.compile(head + rf"{W}{{0,12}}?(?:\s|and\b|,)*".join(parts), re.I)
    else:
        head = r"(?P<t>Ⓒ)[一-鿿]{0,4}?\s*[：:（(，,、]?\s*(?:其中[：:，,]?)?\s*"
        parts = [
            rf"{word}(?:孩|婴|性|童|生|方|户|区|户口|出生|人口)?[^ⒸⓂⓅⓇⒹⒼ。；，,、]{{0,4}}?(?P<p{at}>Ⓒ)[一-鿿]{{0,3}}?"
            for at, word in enumerate(words)
        ]
        yield re.compile(head + r"(?:[（(]Ⓟ[）)])?\s*[，,、；和及]\s*(?:占Ⓟ[，,、；])?".join(parts))


def _lists(sentence: Sentence) -> Iterator[tuple[Claim, int]]:
    for found in matches(AFTER, sentence):
        last = "" if found["t"] else "2"
        total, parts = sentence.figure(found, "t" + last), _inside(sentence, found, "list" + last)
        head = re.split(r"[，,。；;：:、]", sentence.skeleton[: found.start()])[-1]
        if re.search(r"每|各|\beach\b", head + found.group()):
            continue  # what each has is no part
        if not _same_unit([*parts, total]) or not all(part.whole for part in (*parts, total)):
            continue
        tails = [parts[at:] for at in range(len(parts) - 1)]
        if any(sum(part.value for part in tail) == total.value for tail in tails):
            yield (
                _sum(
                    sentence, found, total, next(t for t in tails if sum(p.value for p in t) == total.value)
                ),
                total.start,
            )
        elif total.value > max(part.value for part in parts):
            yield _sum(sentence, found, total, parts), total.start
    for found in matches(AFTER_MONEY, sentence):
        total, parts = sentence.figure(found, "t"), _inside(sentence, found, "list")
        if _same_unit([*parts, total]) and total.value > max(part.value for part in parts):
            yield _sum(sentence, found, total, parts), total.start
    for found in matches(LISTED, sentence):
        total, parts = sentence.figure(found, "t"), _inside(sentence, found, "list")
        words = found["list"]
        if re.search(
            r"其中|including|such as|例如|包括|mainly|主要|above all|分别(?!是|为)|\bof (?:the|which|whom|these|all|Ⓒ)\b|\bfrom\b|人均|each",
            words,
        ):
            continue
        if (
            "Ⓟ" in words
            or len(parts) < 2
            or not _same_unit([*parts, total])
            or total.approximate
            or total.bound
        ):
            continue
        bracket = re.search(r"[（(]\s*$", sentence.skeleton[: found.start("list")])
        some = sum((part.value for part in parts), Fraction(0)) * 5 < total.value * 4
        if some and sum((part.value for part in parts), Fraction(0)) * 2 < total.value and not bracket:
            continue  # what came and went is no part
        if bracket and (some or re.search("[)）]", words)):
            continue  # some of them, or the list goes on behind the bracket
        closed = sentence.skeleton[: found.start()]
        colon = ":" in sentence.skeleton[found.start() : found.start("list")] and " and " in words
        if not total.unit and not colon and not TOTAL_BEFORE.search(closed):
            continue
        if not total.unit and max(part.value for part in parts) > total.value:
            continue
        yield _sum(sentence, found, total, parts), total.start


def _inside(sentence: Sentence, found: re.Match[str], group: str) -> list[Figure]:
    return [sentence.at[place] for place in range(*found.span(group)) if place in sentence.at]


def _same_unit(figures: Sequence[Figure]) -> bool:
    units = {figure.unit for figure in figures}
    return len(units) == 1 and not any(
        figure.approximate or figure.bound or figure.high for figure in figures
    )


def _sum(sentence: Sentence, found: re.Match[str], total: Figure, parts: Sequence[Figure]) -> Claim:
    added = sum((part.value for part in parts), Fraction(0))
    slack = sum((_rounded(part) for part in parts), _rounded(total))
    holds = abs(added - total.value) <= slack
    arithmetic = " + ".join(part.raw.strip() for part in parts) + f" = {exact(added)}"
    missing = total.value - added
    repairs = [f"{total.raw.strip()} ↔ {exact(added)}"]
    repairs += [
        f"{part.raw.strip()} ↔ {exact(part.value + missing)}" for part in parts if part.value + missing >= 0
    ][:4]
    return Claim(
        "prose.total", sentence, place_of(sentence, found), sentence.quote(found), holds, arithmetic,
        template="“{quote}”: {arithmetic}, not {stated}",
        hint="the total or one part is wrong, or a part is left out; the smallest repairs: {repairs}",
        values={"stated": total.raw.strip()}, repairs=() if holds else tuple(repairs), stated=total,
    )  # fmt: skip


def _rounded(figure: Figure) -> Fraction:
    """How far a printed number may be off: 744127亿元 is rounded, 62万元 is not."""
    large = figure.times > 1 and figure.printed >= ROUNDED
    return max(figure.slack, half_unit(figure.decimals) * figure.times if large else Fraction(0))


def _is_change(sentence: Sentence, found: re.Match[str]) -> bool:
    """Whether the figure before `其中` is a difference (比上年增加48万人), so that the whole is told before it."""
    clause = re.split(r"[，,。；;（(]", sentence.skeleton[: found.start()])[-1]
    return bool(re.search(r"比|较|增|减|上升|下降|多|少|超|\bmore\b|\bfewer\b|\bby\s*$", clause))


def _money_parts(sentence: Sentence) -> Iterator[Claim]:
    """120万元，其中县级70万元，乡镇60万元: parts of money do not overlap, so they are not more than the whole."""
    for found in matches(MONEY_PARTS, sentence):
        total, parts = sentence.figure(found, "t"), _inside(sentence, found, "list")
        if len(parts) < 2 or any(each.approximate or each.bound for each in (total, *parts)):
            continue
        added = sum((part.value for part in parts), Fraction(0))
        if added > total.value + sum((part.slack for part in parts), total.slack):
            yield _sum(sentence, found, total, parts)


ROUNDED = 1000
"""So many 万 or 亿 are rounded, although no decimals are printed."""
MOST_OVER = Fraction(5, 4)
"""Parts that are kinds of one thing and together exceed it by no more than this; farther off they may be something else."""


HAIR = Fraction(1, 50)
"""Three parts or more that exceed their whole by so little hardly overlap: a digit is wrong."""
SLIPPED = 10
"""A sum of all kinds nearer to a total told before than a tenth of it, and not it, has a slip."""


def _kinds(sentence: Sentence) -> Iterator[Claim]:
    """Parts that exclude each other, although nobody says that they are all: two added up, or more than the whole."""
    for found in matches(TOGETHER, sentence):
        a, b, total = (sentence.figure(found, name) for name in "abt")
        if _same_unit([a, b]) and total.value > max(a.value, b.value) and not total.approximate:
            yield _sum(sentence, found, total, [a, b])
    for found in BY.finditer(sentence.skeleton):
        parts = _inside(sentence, found, "list")
        if len(parts) < 2 or not _same_unit(parts) or "Ⓟ" in found["list"]:
            continue
        before = [
            each for one in (*sentence.before, sentence) for each in one.figures if each.kind == "count"
        ]
        wholes = [
            each for each in before if each not in parts and _sure(each) and each.unit in ("", parts[0].unit)
        ]
        added = sum((part.value for part in parts), Fraction(0))
        near = [each for each in wholes if abs(each.value - added) * SLIPPED <= each.value]
        if near and all(each.value != added for each in wholes):
            yield _sum(sentence, found, near[-1], parts)
    for found in matches(ELLIPTIC, sentence):
        total, parts = sentence.figure(found, "t"), _inside(sentence, found, "list")
        if total.value < sum(part.value for part in parts) <= MOST_OVER * total.value and _sure(
            total, *parts
        ):
            yield _sum(sentence, found, total, parts)
    for found in matches(OF_KINDS, sentence):
        total, parts = sentence.figure(found, "t"), _inside(sentence, found, "list")
        over = sum((part.value for part in parts), Fraction(0)) - total.value
        sure = (
            _sure(total, *parts)
            and _same_unit([total, *parts])
            and all(each.whole for each in (total, *parts))
        )
        hair = max(total.value * HAIR, Fraction(1)) if re.search("其中|包括", found.group()) else Fraction(0)
        if len(parts) >= 3 and sure and 0 < over <= hair and total.value >= 10:
            yield _sum(sentence, found, total, parts)
            continue
        ends = set(re.findall(r"([类级型科岁])\s*Ⓒ", found["list"]))
        if (
            len(ends) != 1
            or len(re.findall(rf"{ends.pop()}\s*Ⓒ", found["list"])) < len(parts)
            or len(parts) < 3
        ):
            continue
        if (
            _sure(total, *parts)
            and _same_unit(parts)
            and total.value < sum(p.value for p in parts) <= MOST_OVER * total.value
        ):
            yield _sum(sentence, found, total, parts)


def _sure(*figures: Figure) -> bool:
    return not any(each.approximate or each.bound or each.high for each in figures)


def _parts(sentence: Sentence) -> Iterator[Claim]:
    for pattern in (PART, OF_WHOM, OF_THE):
        for found in matches(pattern, sentence):
            total, part = sentence.figure(found, "t"), sentence.figure(found, "p")
            same = total.unit == part.unit and (bool(total.unit) or pattern is not PART)
            if (
                not same
                or total.approximate
                or part.approximate
                or total.bound
                or _is_change(sentence, found)
            ):
                continue
            holds = part.value <= total.value + total.slack + part.slack
            yield Claim(
                "prose.part", sentence, place_of(sentence, found), sentence.quote(found), holds,
                f"{part.raw.strip()} {'≤' if holds else '>'} {total.raw.strip()}",
                template="“{quote}”: the part is larger than the whole, {arithmetic}",
                hint="one of the two is wrong, or they count different things (people, contacts)", stated=part,
            )  # fmt: skip


def _equations(sentence: Sentence) -> Iterator[Claim]:
    for found in EQUATION.finditer(sentence.skeleton):
        before = sentence.skeleton[: found.start()]
        if OPERATORS.search(before) or re.search(r"[A-Za-z]\s*$|[=＝]\s*$", before):
            continue
        left = [place for place in range(*found.span("left")) if place in sentence.at]
        signs = [OPERATORS.search(sentence.skeleton[one + 1 : other]) for one, other in pairwise(left)]
        if not all(signs):
            continue
        value = _evaluated(
            [sentence.at[place].value / sentence.at[place].per for place in left],
            [sign[1] for sign in signs if sign],
        )
        right = sentence.figure(found, "right")
        if value is None or any(sentence.at[place].approximate for place in left) or right.approximate:
            continue
        if len(left) == 2 and signs[0] and signs[0][1] == "/" and right.per > 1:
            continue
        meant, stated = value * right.per, right.value
        implied = len(left) == 2 and signs[0] is not None and signs[0][1] in "/÷" and right.per == 1
        if implied and any(abs(meant * per - stated) <= right.slack for per in (100, 1000, 10**4, 10**5)):
            continue  # a rate written without its sign
        holds = abs(meant - stated) <= max(
            right.slack, half_unit(right.decimals) if right.decimals else Fraction(0)
        )
        shown = found["left"]
        for at, place in enumerate(left):
            shown = shown.replace(sentence.skeleton[place], f"\0{at}\0", 1)
        for at, place in enumerate(left):
            shown = shown.replace(f"\0{at}\0", sentence.at[place].raw.strip(), 1)
        yield Claim(
            "prose.equation", sentence, place_of(sentence, found), sentence.quote(found), holds, f"{shown.strip()} = {right.like(meant)}",
            template="“{quote}”: {arithmetic}, not {stated}", hint="put right what is wrong: {repairs}",
            values={"stated": right.raw.strip()}, repairs=() if holds else (f"{right.raw.strip()} ↔ {right.like(meant)}",), stated=right,
        )  # fmt: skip


def _evaluated(numbers: list[Fraction], signs: list[str]) -> Fraction | None:
    """Products and quotients first, then sums, from the left."""
    terms, current = [], numbers[0]
    for sign, number in zip(signs, numbers[1:], strict=True):
        if sign in "×xX*":
            current *= number
        elif sign in "÷/":
            if not number:
                return None
            current /= number
        else:
            terms.append(current)
            current = number if sign in "+＋" else -number
    return sum(terms, current)


def _shares(sentence: Sentence) -> Iterator[Claim]:
    """Three or more shares told together that miss 100 by more than rounding can, but not by much."""
    for found in SHARES.finditer(sentence.skeleton):
        parts = _inside(sentence, found, "list")
        if any(part.approximate or part.bound or part.aimed for part in parts):
            continue
        added = sum((part.value for part in parts), Fraction(0))
        slack = sum((part.slack for part in parts), Fraction(0))
        if abs(added - 100) > 3:
            continue
        holds = abs(added - 100) <= slack
        yield Claim(
            "prose.total", sentence, place_of(sentence, found), sentence.quote(found), holds,
            " + ".join(part.raw.strip() for part in parts) + f" = {exact(added)} %",
            template="“{quote}”: {arithmetic}, not {stated}", hint="one of the shares is wrong, or one is left out",
            values={"stated": "100 %"}, stated=parts[-1],
        )  # fmt: skip
