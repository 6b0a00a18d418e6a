"""Sex ratios at birth: boys and girls are whole, so on few births most ratios cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from tallymark.findings import Severity
from tallymark.verify.prose.claims import Claim, place_of
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.rounding import half_up, nearest_splits, splits, splits_up_to, written
from tallymark.verify.prose.sentences import Sentence

W = r"[^ⒸⓂⓅⓇⒹⒼ。；;|\n]"
RATIO = re.compile(
    rf"(?P<of>[^ⒸⓂⓅⓇⒹⒼ。；;，,|\n]{{0,16}}?)(?:性别比|sex ratio)(?P<words>(?:(?!目标|正常|高于|偏离|以内|target|normal|range){W}){{0,40}}?)(?P<r>Ⓒ)(?:\s*[:：∶]\s*(?P<to>Ⓒ))?(?!\s*[-–—])|"
    rf"(?P<r2>Ⓒ)\s+(?:boys|males)\s+(?:per|for every|to(?: every)?|to each)\s+(?:100|Ⓒ)\s+(?:girls|females)",
    re.I,
)
BIRTHS = re.compile(rf"(?:出生|分娩|新生儿|活产|births?\b|born\b|newborns?\b|babies\b)(?:(?!率|比|ratio|rate|缺陷){W}){{0,6}}?(?P<n>Ⓒ)|(?P<n2>Ⓒ)(?:人|名|例|个)?(?:新生儿|活产|婴儿|出生)|(?P<n3>Ⓒ)\s+(?:live |registered |recorded |new )?(?:births?|newborns?|babies|children were born)\b", re.I)  # fmt: skip
BOYS_GIRLS = re.compile(rf"男(?:孩|婴|性|童)?{W}{{0,3}}?(?P<b>Ⓒ){W}{{0,4}}?[、，,和；]\s*女(?:孩|婴|性|童)?{W}{{0,3}}?(?P<g>Ⓒ)|(?P<b2>Ⓒ)\s+(?:boys|males){W}{{0,10}}?(?P<g2>Ⓒ)\s+(?:girls|females)", re.I)  # fmt: skip
NARROWER = re.compile(r"政策外|政策内|二孩|多孩|一孩|三孩|二胎|男|女|其中|月份|上月|当月|流动|out-of-policy|within|outside|second|third|first|last month|last year|上年|去年|同期|previous", re.I)  # fmt: skip
PART = re.compile(r"二孩|多孩|三孩|一孩|二胎|以上|second|third|higher[- ]order|first|later", re.I)
CHANGE = re.compile(
    r"比|较|由|从|下降|上升|降低|升高|回落|高出|减少|fell|rose|down|up|below|above|points?|by\s*$|change",
    re.I,
)
PLAUSIBLE = (70, 160)
SEARCHED = 2000


def sex_ratio_claims(sentence: Sentence) -> Iterator[Claim]:
    """Every sex ratio of a sentence, set against the births told in it or before it in the paragraph."""
    scope = (*sentence.before, sentence)
    births = _births(scope)
    pairs = [pair for one in scope for pair in _pairs(one)]
    overall: tuple[Figure, int] | None = None
    for found in RATIO.finditer(sentence.skeleton):
        ratio = _quoted(sentence, found)
        words = (found["of"] or "") + (found["words"] or "")
        if ratio is None or CHANGE.search(found["words"] or "") or not _firm(ratio):
            continue
        part = bool(PART.search(words))
        if pairs and not part and len(pairs) == 1:
            yield _of_pair(sentence, found, ratio, pairs[0])
        elif births and not part:
            overall = (ratio, max(births))
            yield _of_births(sentence, found, ratio, births)
        elif births:
            yield from _of_part(sentence, found, ratio, births, overall)


def _firm(ratio: Figure) -> bool:
    """Whether a figure is said to be the ratio, not about it, a target or a count."""
    return not (ratio.unit or ratio.approximate or ratio.bound or ratio.aimed) and 40 <= ratio.value <= 400


def _quoted(sentence: Sentence, found: re.Match[str]) -> Figure | None:
    """The boys per hundred girls, told as 124.54, 100:124.54 or 124.54:100."""
    first = sentence.figure(found, "r" if found["r"] else "r2")
    if not found["to"]:
        return first
    second = sentence.figure(found, "to")
    return second if first.value == 100 else first if second.value == 100 else None


def _births(scope: Sequence[Sentence]) -> list[int]:
    """The whole numbers of births told, those of a narrower group left out."""
    found = []
    for sentence in scope:
        for match in BIRTHS.finditer(sentence.skeleton):
            figure = sentence.figure(match, next(name for name in ("n", "n2", "n3") if match[name]))
            before = sentence.skeleton[max(0, match.start() - 6) : match.end()]
            if (
                figure.whole
                and not NARROWER.search(before)
                and figure.value >= 20
                and figure.unit in ("", "人", "名", "例", "个")
            ):
                found.append(int(figure.value))
    return found


def _pairs(sentence: Sentence) -> Iterator[tuple[Figure, Figure]]:
    for match in BOYS_GIRLS.finditer(sentence.skeleton):
        b, g = ("b", "g") if match["b"] else ("b2", "g2")
        boys, girls = sentence.figure(match, b), sentence.figure(match, g)
        if boys.whole and girls.whole and girls.value:
            yield boys, girls


def _of_pair(sentence: Sentence, found: re.Match[str], ratio: Figure, pair: tuple[Figure, Figure]) -> Claim:
    boys, girls = pair
    right = boys.value * 100 / girls.value
    return _claim(
        sentence, found, half_up(right, ratio.decimals) == ratio.printed,
        f"{boys.raw.strip()} ÷ {girls.raw.strip()} × 100 = {written(right, ratio.decimals)}", ratio,
        "“{quote}”: {arithmetic}, not {stated}", "one of the three is wrong; the smallest repairs: {repairs}",
        (f"{ratio.raw.strip()} ↔ {written(right, ratio.decimals)}", f"{boys.raw.strip()} ↔ {written(girls.value * ratio.value / 100, 0)}",
         f"{girls.raw.strip()} ↔ {written(boys.value * 100 / ratio.value, 0)}"),
    )  # fmt: skip


def _of_births(sentence: Sentence, found: re.Match[str], ratio: Figure, births: Sequence[int]) -> Claim:
    fitting = [pair for total in births for pair in splits(ratio.printed, ratio.decimals, total=total)]
    near = [
        _shown(pair, ratio)
        for total in dict.fromkeys(births[-1:])
        for pair in nearest_splits(ratio.printed, total=total)
    ]
    return _claim(
        sentence, found, bool(fitting), _shown(fitting[0], ratio) if fitting else " · ".join(near), ratio,
        "“{quote}”: no split of {births} births gives {stated}",
        "the nearest are {repairs}; or the ratio is of other births: say of how many", tuple(near), births=births[-1],
    )  # fmt: skip


def _of_part(
    sentence: Sentence,
    found: re.Match[str],
    ratio: Figure,
    births: Sequence[int],
    overall: tuple[Figure, int] | None,
) -> Iterator[Claim]:
    """A ratio among some of the births: pairs that fit at all, and what they leave of the others."""
    total = max(births)
    if total > SEARCHED or not ratio.decimals:
        return
    pairs = list(splits_up_to(ratio.printed, ratio.decimals, most=total))
    if not pairs:
        yield _claim(
            sentence, found, False, "–", ratio, "“{quote}”: no whole numbers among {births} births give {stated}",
            "the ratio is of other births, or wrong: say of how many", (), births=total,
        )  # fmt: skip
        return
    if overall is None:
        return
    whole = (
        splits(overall[0].printed, overall[0].decimals, total=overall[1])
        or nearest_splits(overall[0].printed, total=overall[1])
    )[0]
    rests = [(pair, _rest(pair, whole)) for pair in pairs]
    holds = any(rest is None or PLAUSIBLE[0] <= rest <= PLAUSIBLE[1] for _, rest in rests)
    shown = " · ".join(_told(pair, whole, ratio) for pair, _ in rests[:3])
    yield Claim(
        "prose.sex_ratios_together", sentence, place_of(sentence, found), sentence.quote(found), holds, shown,
        template="“{quote}”: with {births} births and {overall} overall, {stated} leaves no plausible rest ({arithmetic})",
        hint="say how many births each ratio is of; one of the two is wrong or of other births",
        values={"births": total, "overall": overall[0].raw.strip(), "stated": ratio.raw.strip()},
        severity=Severity.WARNING, stated=ratio,
    )  # fmt: skip


def _rest(pair: tuple[int, int], whole: tuple[int, int]) -> Fraction | None:
    """The sex ratio of the other births; None when there are too few to tell, −1 when there would be fewer than none."""
    boys, girls = whole[0] - pair[0], whole[1] - pair[1]
    if boys < 0 or girls < 0:
        return Fraction(-1)
    return None if boys + girls < 40 or not girls else Fraction(boys * 100, girls)


def _told(pair: tuple[int, int], whole: tuple[int, int], ratio: Figure) -> str:
    boys, girls = whole[0] - pair[0], whole[1] - pair[1]
    rest = f"{boys}/{girls}" + (
        f" = {written(Fraction(boys * 100, girls), 0)}" if girls > 0 and boys >= 0 else ""
    )
    return f"{_shown(pair, ratio)} → {rest}"


def _shown(pair: tuple[int, int], ratio: Figure) -> str:
    return f"{pair[0]:,}/{pair[1]:,} = {written(Fraction(pair[0] * 100, pair[1]), ratio.decimals)}"


def _claim(
    sentence: Sentence,
    found: re.Match[str],
    holds: bool,
    arithmetic: str,
    ratio: Figure,
    template: str,
    hint: str,
    repairs: tuple[str, ...],
    **values: object,
) -> Claim:
    return Claim(
        "prose.sex_ratio", sentence, place_of(sentence, found), sentence.quote(found), holds, arithmetic,
        template=template, hint=hint, values={"stated": ratio.raw.strip(), **values},
        repairs=() if holds else repairs, stated=ratio,
    )  # fmt: skip
