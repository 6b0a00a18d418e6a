"""The figures that a text quotes: value, printed precision, kind, unit and place; dates and numbers of articles are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from tallymark.verify.prose.numerals import SIGNS, chinese_number
from tallymark.verify.prose.rounding import exact, half_unit, written
from tallymark.verify.prose.shapes import covered

COUNT, MONEY, PERCENT, RATE, POINTS, RANGE, RATIO = "ⒸⓂⓅⓇⒹⒼⒷ"
KINDS = {COUNT: "count", MONEY: "money", PERCENT: "percent", RATE: "rate", POINTS: "points", RANGE: "range"}
WIDE = str.maketrans("０１２３４５６７８９％．＋＝－／：", "0123456789%.+=-/:")
SCALES = {"万": 10**4, "亿": 10**8, "千": 10**3, "百": 100, "百万": 10**6, "千万": 10**7, "万亿": 10**12} | {
    "million": 10**6, "billion": 10**9, "thousand": 10**3, "lakh": 10**5, "crore": 10**7, "m": 10**6, "bn": 10**9, "k": 10**3,
}  # fmt: skip
WORDS = {
    word: number
    for number, word in enumerate(
        (
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ),
        2,
    )
}
PER = {"百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6}
NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:[\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?"
SCALE = r"(?:\s?(?:百万|千万|万亿|万|亿|千(?!米|克|分|瓦)|百(?!分)|(?:million|billion|thousand|lakh|crore|bn)\b|[mk](?![a-z])))"
UNITS = (
    "人次|件次|例次|户次|场次|车次|个项目|人|名|例|户|个|件|份|对|起|所|处|村|镇|乡|县|市|街道|条|次|台|辆|篇|场|套|本|册|张|块|栋|间|家|项|批|位|盒|"
    "组|类|种|站|幅|分|只|瓶|支|袋|期|面|堂|枚|孩|岗|床|妇女|育龄妇女|新生儿|婴儿|儿童|产妇|孕妇|家庭|群众|居民|干部"
)
MONEY_UNITS = (
    r"元|圆|块钱|(?:yuan|RMB|CNY|USD|dollars?|euros?|pounds?|shillings?|KES|KSh|francs?|FCFA|CFA|kwacha|MWK|naira|NGN|"
    r"rupees?|INR|leones?|birr|cedis?|rand)\b"
)
FIGURE = re.compile(
    rf"""
    (?P<zhper>(?:百|千|万|十万|百万)分之)(?P<zhpervalue>{NUMBER}|[{SIGNS}点]{{1,16}})
    | (?P<tenth>[一二三四五六七八九两])成(?P<half>[半一二三四五六七八九])?(?=[以左多的，。、；]|$)
    | (?P<fraction>[二三四五六七八九十]分之[一二三四五六七八九十])
    | (?<![A-Za-z\d_.,])(?P<prefix>(?:[$€£¥]|\b(?:RMB|USD|CNY|KES|KSh|Ksh|MWK|NGN|INR|Rs\.?|FCFA|EUR)\s?))?
      (?P<sign>[-−](?=\d))?
      (?P<number>{NUMBER})(?P<scale>{SCALE})?(?P<tail>
        \s?个?百分点 | \s?个?千分点 | \s?个?万分点
      | \s?%\s?points?\b | \s?(?:percentage[\s-]points?|per\ cent\ points?|pct\.?\ points?|pp\b|p\.p\.)
      | \s?% | \s?(?:percent|per\ cent|pct)\b
      | \s?‰ | \s?‱ | \s?/\s?(?:10|百|十)?万 | \s?/\s?千
      | \s?per\s(?:mille|hundred(?!\s\w)|thousand|1[,\s]?000\b|10[,\s]?000\b|100[,\s]?000\b|million\b)
      | \s?(?:{MONEY_UNITS})
      )?
    | \b(?P<word>[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Ee]ight|[Nn]ine|[Tt]en|[Ee]leven|[Tt]welve|[Tt]hirteen|[Ff]ourteen|[Ff]ifteen|[Ss]ixteen|[Ss]eventeen|[Ee]ighteen|[Nn]ineteen|[Tt]wenty)\b(?=\s[a-z(])(?!\s(?:per|percent|or|to|and|thirds?|quarters?|fifths?|times|weeks?|months?|years?|days?|hours?|minutes?|more)\b)
    | (?<![一-鿿])(?P<zhbare>[{SIGNS}]{{2,12}})(?=[{UNITS[:1]}名例户件份]) | (?<=[共计为有约])(?P<zhnumber>[{SIGNS}]{{2,12}})(?=(?:{UNITS}))
    """,
    re.VERBOSE,
)
APPROXIMATE_BEFORE = re.compile(
    r"(?:(?<![签预节合公条契履守誓特和])约|大约|(?<![最附临邻就])近|将近|接近|大概|几乎|估计|预计|左右|\b(?:about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|ca\.|close to|an estimated|estimated(?: at)?|just under|just over|~))\s*(?:为|有|在|a\s|the\s)?$|[~≈]\s*$",
    re.I,
)
APPROXIMATE_AFTER = re.compile(r"^\s?(?:多|余|左右|上下|来|几|\+(?!\s*\d)|or so\b|-odd\b|plus\b)")
BOUND_BEFORE = re.compile(
    r"(?:超过|突破|高于|大于|多于|不低于|不少于|不足|不到|低于|小于|少于|不超过|至少|最多|不高于|≥|≤|>|<|超|"
    r"\b(?:over|more than|at least|at most|above|below|less than|fewer than|under|no more than|not more than|no fewer than|not less than|no less than|up to|exceed(?:s|ed|ing)?|a minimum of|a maximum of|minimum|maximum|short of))\s*(?:the\s|a\s|了)?$",
    re.I,
)
BOUND_AFTER = re.compile(
    r"^\s?(?:[人名例户个件份]?(?:以上|以下|以内|之内|及以上)|or (?:more|less|fewer|above|higher|over)\b)"
)
AIMED_BEFORE = re.compile(
    r"(?:目标|指标|任务|要求|标准|规定|计划|确保|力争|应达|争取|达标线|底线|不低于|不少于|控制在|应在|提高到|"
    r"\b(?:targets?|goals?|aim(?:s|ed|ing)?|thresholds?|benchmarks?|standards?|required?|requirement|should|must|plan(?:s|ned)?|at least|cut-?off|need(?:s|ed)? to|expected to|limit|ceiling|quota))"
    r"[^。；;，,]{0,24}$",
    re.I,
)
AIMED_AFTER = re.compile(
    r"^\s?(?:的)?(?:省定|市定|县定|年度|既定|规定|预期)?(?:目标|指标|任务|要求|标准|底线)|^\s?(?:national |county |annual |district |agreed |yearly |provincial )?(?:target|goal|threshold|benchmark|standard|requirement|mark|line|cut-?off|quota)\b",
    re.I,
)
RANGE_SIGN = re.compile(r"^\s?(?:[-–—~～―]{1,2}|至|到)\s?$")


@dataclass(frozen=True, slots=True)
class Figure:
    """A quoted figure: `value` as printed × `scale_up` is the number meant; `per` is 100 for per cent, 1,000 for per mille."""

    kind: str
    start: int
    end: int
    raw: str
    printed: Fraction
    decimals: int
    times: int = 1
    per: int = 1
    unit: str = ""
    approximate: bool = False
    bound: bool = False
    aimed: bool = False
    high: Fraction | None = None
    """The upper end of a range."""
    extra: dict[str, str] = field(default_factory=dict, compare=False, hash=False)

    @property
    def value(self) -> Fraction:
        """The number meant."""
        return self.printed if self.times == 1 else self.printed * self.times

    @property
    def whole(self) -> bool:
        """Whether it can be an exact count."""
        return self.times == 1 and not self.decimals and not self.approximate and not self.bound

    @property
    def slack(self) -> Fraction:
        """How far the true number may lie from the printed one."""
        if self.kind == "money" and not self.decimals:
            return Fraction(0)
        if self.kind == "count" and self.times == 1 and not self.decimals:
            zeros = (
                len(str(int(self.printed))) - len(str(int(self.printed)).rstrip("0")) if self.printed else 0
            )
            return Fraction(10**zeros, 2) if zeros >= 4 else Fraction(0)
        return half_unit(self.decimals) * self.times

    def limits(self, *, exactly: bool = False) -> tuple[Fraction, Fraction]:
        """The least and the largest number that is printed so."""
        slack = Fraction(0) if exactly else self.slack
        return self.value - slack, self.value + slack

    def like(self, value: Fraction) -> str:
        """Another number as this one is printed."""
        if self.per == 1 and not self.decimals and self.times == 1:
            return exact(value)
        return written(value / self.times, self.decimals) + self.mark

    @property
    def mark(self) -> str:
        """What follows the number in print."""
        return {100: " %", 1000: " ‰"}.get(self.per, f" per {self.per:,}" if self.per > 1 else "")


def figures_in(text: str, *, measured: bool = False) -> list[Figure]:
    """The figures of a sentence, in order; a range (1—3) is one figure; measures (tonnes, hours) where asked for."""
    plain = text.translate(WIDE)
    bare = covered(plain, measured=measured)
    return list(
        _ranged([figure for found in FIGURE.finditer(bare) if (figure := _figure(found, bare))], bare)
    )


def _figure(found: re.Match[str], text: str) -> Figure | None:
    part = found.groupdict()
    if part["number"]:
        return _numeric(found, text)
    start, end, raw = found.start(), found.end(), found.group()
    if part["zhper"]:
        number = part["zhpervalue"]
        value = Fraction(number.replace(",", "")) if number[0].isdigit() else chinese_number(number)
        per, places = PER[part["zhper"][:-2]], len(number.replace("点", ".").partition(".")[2])
        return (
            value is not None
            and _flagged(_ratio_kind(per), start, end, text, printed=value, decimals=places, per=per)
        ) or None
    if part["tenth"]:
        tens = chinese_number(part["tenth"]) or Fraction(0)
        half = part["half"]
        value = tens * 10 + (0 if not half else 5 if half == "半" else chinese_number(half) or 0)
        return Figure("percent", start, end, raw, value, 0, per=100, approximate=True)
    if part["fraction"]:
        return None
    if part["word"]:
        return _flagged("count", start, end, text, printed=Fraction(WORDS[part["word"].lower()]), decimals=0)
    value = chinese_number(part["zhbare"] or part["zhnumber"])
    unit = _unit(text, end)
    return (
        _flagged("count", start, end, text, printed=value, decimals=0, unit=unit) if value and unit else None
    )


def _numeric(found: re.Match[str], text: str) -> Figure | None:
    number, scale, tail = found["number"], (found["scale"] or "").strip(), (found["tail"] or "").strip()
    printed = Fraction(re.sub(r"[,\s]", "", number)) * (-1 if found["sign"] else 1)
    decimals = len(number.partition(".")[2])
    times = SCALES.get(scale.lower(), 1)
    start, end = found.start(), found.end()
    if found["scale"] and scale in ("m", "k") and not found["prefix"] and not tail:
        return None
    kind, per = _kind(tail, bool(found["prefix"]))
    if kind == "count":
        unit = _unit(text, end)
        if not unit and not found["scale"] and _glued(text, end):
            return None
        return _flagged("count", start, end, text, printed=printed, decimals=decimals, times=times, unit=unit)
    return _flagged(kind, start, end, text, printed=printed, decimals=decimals, times=times, per=per)


def _glued(text: str, end: int) -> bool:
    """A number that goes on into a word (3M, 5km) is a name."""
    return bool(re.match(r"[A-Za-z_]", text[end:]))


def _kind(tail: str, prefixed: bool) -> tuple[str, int]:
    low = tail.lower()
    if "点" in tail or "point" in low or low in ("pp", "p.p."):
        return "points", 1000 if "千" in tail else 10**4 if "万" in tail else 100
    if low in ("%", "percent", "per cent", "pct") or low == "per hundred":
        return "percent", 100
    if (
        tail == "‰"
        or "mille" in low
        or "thousand" in low
        or low.endswith("千")
        or low in ("per 1,000", "per 1000", "per 1 000")
    ):
        return "rate", 1000
    if tail.startswith("/") or low.startswith("per "):
        digits = re.sub(r"\D", "", low)
        return "rate", int(digits) if low.startswith("per ") and digits else _slash(tail) if tail.startswith(
            "/"
        ) else 10**6
    if tail == "‱":
        return "rate", 10**4
    return ("money", 1) if tail or prefixed else ("count", 1)


def _slash(tail: str) -> int:
    return 10**5 if "10" in tail or "十" in tail else 10**6 if "百" in tail else 10**4


def _ratio_kind(per: int) -> str:
    return "percent" if per == 100 else "rate"


def _unit(text: str, end: int) -> str:
    found = re.match(rf"\s?(?:{UNITS})", text[end : end + 8])
    return found.group().strip() if found else ""


def _flagged(
    kind: str,
    start: int,
    end: int,
    text: str,
    *,
    printed: Fraction,
    decimals: int,
    times: int = 1,
    per: int = 1,
    unit: str = "",
) -> Figure:
    before, after = text[max(0, start - 40) : start], text[end : end + 24]
    after_unit = after.removeprefix(unit)
    return Figure(
        kind,
        start,
        end,
        text[start:end],
        printed,
        decimals,
        times=times,
        per=per,
        unit=unit,
        approximate=bool(
            APPROXIMATE_BEFORE.search(before)
            or APPROXIMATE_AFTER.match(after)
            or APPROXIMATE_AFTER.match(after_unit)
        ),
        bound=bool(BOUND_BEFORE.search(before) or BOUND_AFTER.match(after) or BOUND_AFTER.match(after_unit)),
        aimed=bool(AIMED_BEFORE.search(before) or AIMED_AFTER.match(after)),
    )


def _ranged(figures: list[Figure], text: str) -> Iterator[Figure]:
    """Figures, with each pair around a dash made one; `从60%到72%` and `from 60 to 72` stay two."""
    held: Figure | None = None
    for figure in figures:
        if held is None:
            held = figure
            continue
        between = text[held.end : figure.start].removeprefix(held.unit)
        opened = re.search(r"[从由]\s*[^，。；]{0,12}$", text[: held.start])
        verb = between.strip() in ("至", "到")
        spoken = between.strip() == "to" and held.kind == "count" and not held.unit and figure.kind == "money"
        spoken = spoken and held.value < figure.value and not re.search(r"\bfrom\s*$", text[: held.start])
        if (
            (RANGE_SIGN.match(between) or spoken)
            and not (verb and opened)
            and (figure.kind == held.kind or held.kind == "count")
        ):
            held = _range(held, figure, text)
            continue
        yield held
        held = figure
    if held is not None:
        yield held


def _range(low: Figure, high: Figure, text: str) -> Figure:
    times = high.times if low.times == 1 else low.times
    return Figure(
        "range", low.start, high.end, text[low.start : high.end], low.printed, high.decimals,
        times=times, per=high.per, unit=high.unit, high=high.printed * high.times, extra={"of": high.kind},
    )  # fmt: skip
