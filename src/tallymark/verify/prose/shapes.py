"""What has digits and is no figure: dates, times, articles, numbers of documents and telephones, codes, ages, durations."""

from __future__ import annotations

import re

NUMERAL = "〇零一二三四五六七八九十百千万亿两"
MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
YEAR = r"(?:1[89]|20)\d\d"
BARE = r"(?:19[4-9]\d|20[0-4]\d)"
"""What may be a year although nothing says so."""
LABELS = (
    "Tables?|Figures?|Figs?\\.?|Sections?|Chapters?|Articles?|Arts?\\.|Nos?\\.|№|Numbers?|Annex(?:es)?|Appendix|Parts?|Pages?|pp?\\.|"
    "Steps?|Items?|Phases?|Rounds?|Grades?|Class(?:es)?|Versions?|Vol\\.|Volume|Issue|Weeks?|Days?|Wards?|Zones?|Rooms?|"
    "Forms?|Groups?|Goals?|SDGs?|Indicators?|Objectives?|ICD-?|Clauses?|Paragraphs?|Para\\.|Rules?|Acts?|Regulations?|"
    "Resolutions?|Decrees?|Circulars?|Orders?|Lines?|Box(?:es)?|Boards?|Blocks?|Questions?|Levels?|Type|Stage|Quarters?|Cap\\.|"
    "Districts?|Clusters?|Lots?|Strata|Stratum|Villages?|Schedule|Notes?|Footnotes?|Equations?|Years?|FY|SY|Model|Room|Tel\\.?|Ext\\.?|Fax"
)
NOT_FIGURES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"(?:https?://|www\.)[^\s，。）)]+|[\w.+-]+@[\w-]+\.[\w.]+", 0),
        # dates and times
        (rf"{YEAR}\s*[-–—~～至到]\s*(?:{YEAR}|\d\d(?!\d|,))\s*(?:年度|年代|年)?", 0),
        (rf"(?<![\d.,]){YEAR}[-./]\d{{1,2}}(?:[-./]\d{{1,2}})?(?![\d%])", 0),
        (rf"(?<!\d)\d{{1,2}}([-./])\d{{1,2}}\1(?:{YEAR}|\d\d)(?!\d)", 0),
        (rf"(?<!\d){BARE}\s*/\s*(?:{BARE}|\d\d)(?!\d|\s*[=＝)）,，(（])", 0),
        (r"(?<!\d)\d{2}(?:\d{2})?\s*年(?:度|代|初|底|末|中)?(?!\d)", 0),
        (r"(?<!\d)\d{1,2}\s*[-–—~～至、到]\s*\d{1,2}\s*(?:月份?|日|号|时|点)", 0),
        (r"(?<!\d)\d{1,2}\s*月(?:份|底|初|末|中旬|上旬|下旬)?(?:\s*\d{1,2}\s*[日号])?", 0),
        (r"(?<!\d)\d{1,2}\s*日(?!常)", 0),
        (rf"\b{MONTHS}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[-–]\s*\d{{1,2}})?(?:,?\s+{YEAR})?(?![\d%,])", 0),
        (
            rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[-–]\s*\d{{1,2}})?\s+(?:of\s+)?{MONTHS}(?:,?\s+{YEAR})?\b",
            0,
        ),
        (rf"\b{MONTHS},?\s+{YEAR}\b", 0),
        (r"(?<!\d)\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?:\s*(?:am|pm|a\.m\.|p\.m\.|时))", re.I),
        (
            r"(?<![\d:：])(?:[01]?\d|2[0-3])[:：][0-5]\d(?=\s*(?:[-–—至到~]|on\b|[。，,;；\s]|$))(?![:：]\d)",
            0,
        ),
        (r"\b\d{1,2}\s*(?:am|pm|a\.m\.|p\.m\.|o'clock)\b", re.I),
        # numbers that are names
        (rf"第\s*[\d{NUMERAL}]{{1,12}}(?:\.\d+)*(?:\s*[-–—至到、]\s*第?\s*[\d{NUMERAL}]{{1,12}})?", 0),
        (r"[〔\[［【（(]\s*(?:19|20)\d\d\s*[〕\]］】）)]\s*(?:第?\s*\d+\s*号)?", 0),
        (r"\d+\s*号(?:文件?|令|公告|楼|院|线|室)?", 0),
        (rf"\b(?:{LABELS})\s?\d+(?:[.\-–/]\d+)*[a-z]?\b(?!\s*%|\s*per\s?cent|,\d{{3}}|\.\d|\s+of\b)", re.I),
        (
            rf"\b(?:{LABELS})\s?\d+(?:[.\-–]\d+)*(?:\s*(?:,|and|to|–|-|or)\s*\d+(?:[.\-–]\d+)*)+\b(?!\s*%|,\d{{3}})",
            re.I,
        ),
        (
            r"(?:附?图|(?<![代报列])附?表|附件|[章节])\s?\d+(?:[-.–]\d+)*(?![\d%‰]|,\d{3}|\s*[人例名户个件份次元万亿])",
            0,
        ),
        (r"\b\d+(?:st|nd|rd|th)\b", re.I),
        (r"(?m)^\s*[(（\[]?\d{1,3}(?:\.\d{1,3})*\s*[.)、．）\]](?=\s|[^\d\s])", 0),
        (r"(?m)^\s*\d{1,2}(?:\.\d{1,2})+\s+(?=[^\d\s%‰])", 0),
        (r"(?<=[；;。：:，,])\s*[(（]\d{1,2}[)）]", 0),
        (r"\d+(?:\.\d+){2,}", 0),
        (
            r"(?:电话|手机|热线|传真|邮编|举报|咨询|联系方式|QQ|Tel|Phone|Hotline|Fax|Call|toll-free)[^\d\n。；]{0,8}[+(（]?\d[\d\s()（）-]{2,}(?![\d,.]*\s?[万亿件个人名例次家宗条起户份份%‰])",
            re.I,
        ),
        (r"(?<![\d.,])1?\d{2,4}(?=\s?(?:热线|平台|便民|政务服务|急救|hotline))", 0),
        (r"(?<!\d)\+\d[\d\s()-]{6,}\d", 0),
        (r"(?<!\d)0\d{2,3}[-—–]\d{7,8}(?!\d)", 0),
        (r"(?<!\d)\d{3,4}-\d{3,4}(?:-\d{3,4})+", 0),
        (r"(?<![\d.,])\d{11,}[Xx]?(?![\d.,]\d)", 0),
        (r"(?<![A-Za-z\d$€£¥])[A-Za-z]+[-_/]?\d[\w.]*(?:[-–]\d+)?(?<![kKmM元])", 0),
        (r"(?<![\d.,])\d{1,3}[A-Z][A-Za-z0-9]*\b", 0),
        (r"[“\"'‘]\d+(?:[·.]\d+)?[”\"'’]", 0),
        (r"\b(?:aged?|ages|grades?|under|over|above|below)\s+\d{1,2}\s*(?:[-–]|to|and)\s*\d{1,2}\b", re.I),
        (r"\b(?:aged|age|under)\s+\d{1,2}\b(?!\s*(?:%|per\s?cent|,\d))", re.I),
        (r"\b\d{1,2}\s*(?:[-–]|to)\s*\d{1,2}[-\s]year", re.I),
        (r"(?:pH|p|P|χ2|χ²|r|R²|n|N|OR|RR|HR|z|t)\s*[<>=≤≥]\s*0?\.\d+", 0),
        (r"[<>≤≥]\s*0\.\d+", 0),
        # bare years
        (rf"\b(?:from|between)\s+{BARE}\s+(?:to|and|until)\s+{BARE}\b", re.I),
        (
            rf"\b(?:in|since|by|from|until|till|during|before|after|year|between|through|FY|census|early|late|mid-?|end-?|census of|law of|act of|survey of|half of|quarter of|end of|year of|spring of|summer of|autumn of|winter of|start of|beginning of)\s+{BARE}\b(?!\s*%|,\d|\.\d|\s*[/+×=])",
            re.I,
        ),
        (
            rf"\b(?:than|with|against|vs\.?)\s+{BARE}(?=\s*(?:[.;:)]|,(?!\d)|$|levels?\b|figures?\b))(?!\.\d)",
            re.I,
        ),
        (
            rf"(?<![\d.,$€£¥/=+−×])(?<![/=+−×]\s)(?<!\bof\s)(?<!\bis\s)(?<!\band\s)(?<!\bwith\s){BARE}(?=\s*(?:[-–]\s*[\d#]|[)\]:;]|,(?!\d)|\.(?:\s|$)|$)|\s+(?:census|survey|plan|report|edition|budget|target|round|annual|review|guideline|law|was|had|has|saw|data|figures?|level|baseline|assessment|contract)\b)(?!,\d{{3}})",
            0,
        ),
    )
)


MEASURES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        # ages and lengths of time, space and weight
        (
            rf"(?:(?<![\d.,])\d[\d,]*(?:\.\d+)?\s?[{NUMERAL}]{{0,3}}|[{NUMERAL}]{{1,12}})\s*(?:[-–—~～至到、或]\s*[\d{NUMERAL}]{{1,12}}\s*)?(?:多|余|几)?\s*(?:周岁|岁|个?小时|分钟|秒|个?工作日|天|周(?![边围密到])|个?星期|个?月|个?季度|年|学时|课时|公里|千米|厘米|毫米|平方公里|平方米|米(?!脂)|亩|公顷|吨|公斤|千克|毫克|微克|克|毫升|升(?=[，。、；）)]|$)|℃|度(?=[，。、]|$)|寸|楼|层|周年|期|届|号|点(?:[钟半前后整])|时(?=[前后至到，。]))",
            0,
        ),
        (
            r"(?<![\d.,])\d[\d,]*(?:\.\d+)?(?:\s*(?:[-–]|to|or|and)\s*\d+(?:\.\d+)?)?[-\s](?:calendar |working |full |consecutive |further |more |school |financial |whole )?(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|hrs?|mins?|yrs?|quarters?|km|kilomet\w+|met(?:re|er)s?|cm|mm|m|kg|g|mg|ml|litres?|liters?|hectares?|ha|acres?|°C|degrees?|square (?:kilomet\w+|met\w+)|km2|km²)(?:[-\s]old)?\b(?!\s*(?:in|out) (?:ten|five))",
            re.I,
        ),
    )
)
"""Lengths of time, space and weight, and ages: no figures to most readers."""
KEPT = re.compile(
    r"(?:个?小时|分钟|个?工作日|天|学时|课时|公里|千米|平方米|立方米|米|亩|公顷|吨|公斤|千克|毫升|升|毫米)$|"
    r"(?:hours?|minutes?|days?|hrs?|mins?|km|kilomet\w+|m|kg|litres?|liters?|hectares?|ha|acres?|tonnes?)$",
    re.I,
)
"""Measures that are figures to readers of measures."""


def covered(text: str, *, measured: bool = False) -> str:
    """The text with everything that is no figure covered by `#`, every character in its place."""
    for pattern in NOT_FIGURES:
        text = pattern.sub(_cover, text)
    for pattern in MEASURES:
        text = pattern.sub(_cover_unkept if measured else _cover, text)
    return text


def _cover_unkept(found: re.Match[str]) -> str:
    return found.group() if KEPT.search(found.group()) else _cover(found)


def _cover(found: re.Match[str]) -> str:
    return re.sub(rf"[\d.,{NUMERAL}](?=[^A-Za-z]|$)|\d", "#", found.group())
