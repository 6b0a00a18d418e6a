"""Blanks of a template that nobody filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.sentences import Sentence

BLANK = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (
            r"(?:凡|自|从|于|到|至|在|截至|截止|截止到|截至到|定于|限于|务必于|须于|应于)\s*年?\s*月\s*日?\s*(?=以来|以前|之前|以后|之后|前|起|底前|止|后|，|,|间|至|到|（)(?<=[月日])(?<!年底)(?<!于月)(?<!在月)(?<!到月)(?<!至月)",
            0,
        ),
        (r"(?:凡|自|从|于|到|至|在|截至|截止|截止到|定于|须于|应于)\s*年\s*月", 0),
        (r"(?:于|自|从|在|至|到|凡)\s*月\s*日", 0),
        (r"(?:19|20)\d\d\s?年[ 　_＿]+月(?!份?[^，。]{0,2}均)", 0),
        (r"(?<=[^\d一-鿿])[ 　_＿]{1,}年[ 　_＿]{1,}月(?:[ 　_＿]{1,}日)?", 0),
        (
            r"(?<![A-Za-z_`])[_＿]{2,}(?![A-Za-z_`])\s*(?:年|月|日|人|元|户|例|个|份|名|次|%|％|‰|万元|村|镇)?",
            0,
        ),
        (
            r"(?:[×Xx]{1,4}|某某|[ＸＯ○〇]{2,})(?:年|月|日|%|％|‰|万元|个百分点|人次|场次|[场次人户例件份名家](?![民口均员])|个(?!人|体))(?!级)",
            0,
        ),
        (
            r"[\[【](?:[A-Z]+ ){0,3}(?:NAME|DATE|DISTRICT|COUNTY|VILLAGE|FACILITY|NUMBER|AMOUNT|FIGURE|YEAR|MONTH|TITLE|POSITION|ADDRESS)(?: [A-Z]+){0,4}[\]】](?!\()",
            0,
        ),
        (r"[：:][ 　]{3,}(?=[，。,；;])", 0),
        (r"(?:达到|达|提高到|下降到|比例为|率为|占比为|比例是)\s*(?:[%％‰]|个百分点)", 0),
        (
            r"(?:上升|下降|增加|减少|提高|降低|增长|回落)了?\s*个(?:百分点|千分点)|(?:出生|死亡|增长)率为?\s*[‰%％]",
            0,
        ),
        (r"(?:共有?|合计|总计|共计)[ 　]+(?:人|户|例|件|份|元|万元|名|次|个)(?=[，。；、,;])", 0),
        (r"【\s*】|〔\s*〕(?!号?第)|［\s*］|[（(][ 　]{2,}[）)]\s*(?:年|月|日|人|元|%|％|户)?", 0),
        (
            r"[\[【]\s*(?:(?:insert|enter|tbd|tbc|to be (?:filled|completed|confirmed|added)|填写|待填|待补|请填)[^\]】]{0,40}|date|name|number|amount|figure|日期|数字|姓名|单位名称|地名|xx+)\s*[\]】](?!\()",
            re.I,
        ),
        (r"\b(?:TBD|TBC|TODO|FIXME)\b", 0),
        (r"\b[Xx]{2,}\s*(?:%|per\s?cent|people|births|women|households|yuan|cases|villages)", 0),
        (
            r"(?:\bon|\bby|\bsince|\bbefore|\bfrom|\bof|\bto|\buntil)\s+(?:the\s+)?[_…]{2,}|(?<![A-Za-z_`])_{3,}(?![A-Za-z_`])|\.{6,}\s*(?:%|per\s?cent|people|births)",
            re.I,
        ),
        (
            r"\b(?:since|from|by|before|until|on|in)\s+(?:the\s+)?(?:day|month|year)\s*,?\s+(?:month|year)\b(?!s|ly|\s*[-–])",
            re.I,
        ),
        (r"\b(?:was|were|is|reached|of)\s+(?:%|per\s?cent)(?=[\s,.;])", re.I),
    )
)
SIGNED = re.compile(r"签字|签名|盖章|签章|（章）|\(章\)|填表人|负责人[:：]|审核人|signature|signed|stamp|填报日期|日期[:：]\s*$|name:\s*_", re.I)  # fmt: skip
WORDS = re.compile(r"出生年月|年月日|生卒年月|具体年月|何年何月|某年某月|逐年逐月|年月份|长年累月|成年累月")


def blank_claims(sentence: Sentence) -> Iterator[Claim]:
    """Places where a number, a day or a name should stand; lines to be signed are none."""
    if SIGNED.search(sentence.text):
        return
    taken: list[range] = []
    known = [range(*found.span()) for found in WORDS.finditer(sentence.text)]
    for pattern in BLANK:
        for found in pattern.finditer(sentence.text):
            span = range(*found.span())
            if any(span.start < other.stop and other.start < span.stop for other in taken + known):
                continue
            taken.append(span)
            yield Claim(
                "prose.blank", sentence, found.start(), _around(sentence.text, span), False, "–",
                template="“{quote}”: a blank was not filled in", hint="put in what belongs there, or take the phrase out",
            )  # fmt: skip


def _around(text: str, span: range) -> str:
    return " ".join(text[max(0, span.start - 12) : span.stop + 16].split())
