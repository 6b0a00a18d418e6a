"""Numbers as people write them: one text → its value and a verdict. Called once for every distinct spelling."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

from tallymark.sources.spellings import fold
from tallymark.sources.verdicts import Verdict
from tallymark.sources.words import COUNTED, MISSING, UNCLEAR, ZERO

Parsed = tuple[float, Verdict]

PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?")
SPACED = re.compile(r"[+-]?[1-9]\d{0,2}( \d{3})+([.,]\d+)?")
QUOTED = re.compile(r"[+-]?[1-9]\d{0,2}('\d{3})+([.,]\d+)?")
COMMAS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
INDIAN = re.compile(r"[+-]?\d{1,2}(,\d{2})+,\d{3}(\.\d+)?")
COMMA_DECIMAL = re.compile(r"[+-]?\d+,\d+")
SHEET_ERROR = re.compile(r"#(div/0!|ref!|value!|name\?|num!|null!|getting_data|spill!|calc!)|err:\d+")
CURRENCY = "¥￥$€£"
SIGNS = str.maketrans({"−": "-", "﹣": "-", "－": "-", "＋": "+", "’": "'", "‘": "'", "＇": "'", "`": "'"})
TAIL = re.compile(
    r"(?P<number>.*?\d[万亿千百]?|[一二三四五六七八九十百千万亿两零〇]+)\s*(?P<word>[^\W\d_][^\d]*)"
)
DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
SCALES = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}
NUMERALS = re.compile(f"[{''.join([*DIGITS, *SCALES, *MYRIADS])}]+")
SCALED = re.compile(r"(?P<number>[+-]?[\d.,]+)(?P<scale>[万亿千百])")
DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}( .*)?")
LOOKALIKE = re.compile(r"[\doOlI]+")
APPROXIMATE = re.compile(r"[<>≤≥~≈约大]|以上|以下|左右|\?|approx|about|circa|\bca\b|environ", re.IGNORECASE)
SEVERAL = re.compile(r"\d[\d.,]*\s*(?:[-–—/+~至到]|or|to|和|或|ou|à)\s*\d")


def parse_number(text: str, *, decimal: str, whole: bool) -> Parsed:
    """The number a text means, NaN where it means none.

    `decimal` is the column's decimal mark; `whole` says that a count is expected, so that `1.234` is not guessed.
    """
    plain = _plain(text)
    word = fold(plain)
    if not word or word in MISSING:
        return math.nan, Verdict.MISSING if word else Verdict.BLANK
    if word in UNCLEAR:
        return math.nan, Verdict.UNCLEAR_NONE
    if word in ZERO:
        return 0.0, Verdict.NUMERAL
    if SHEET_ERROR.fullmatch(word):
        return math.nan, Verdict.SHEET_ERROR
    value, verdict = _marked(plain, decimal=decimal, whole=whole)
    if verdict is Verdict.OK and plain != text:
        return value, Verdict.CLEANED
    return value, verdict


def decimal_mark(texts: Iterable[str]) -> str | None:
    """The decimal mark that a column's spellings prove; None when they prove nothing or both."""
    comma = point = False
    for text in texts:
        plain = _plain(text).replace(" ", "").replace("'", "")
        if plain.count(",") == 1 and re.search(r",\d+$", plain):
            decimals = len(plain) - plain.index(",") - 1
            comma |= decimals != 3 or plain.startswith(("0,", "-0,")) or "." in plain
        elif plain.count(".") == 1 and re.search(r"\.\d+$", plain):
            decimals = len(plain) - plain.index(".") - 1
            point |= decimals != 3 or plain.startswith(("0.", "-0.")) or "," in plain
        elif POINTS.fullmatch(plain) and plain.count(".") > 1:
            comma = True
        elif COMMAS.fullmatch(plain) and plain.count(",") > 1:
            point = True
    return None if comma == point else "," if comma else "."


def from_numerals(text: str) -> float | None:
    """The value of a number in Chinese numerals (三百二十 = 320, 一万二 = 12000); None when it is none."""
    if not NUMERALS.fullmatch(text):
        return None
    if all(sign in DIGITS for sign in text):
        return float(int("".join(str(DIGITS[sign]) for sign in text)))
    total = section = digit = 0
    last = 1
    for sign in text:
        if sign in DIGITS:
            digit = DIGITS[sign]
            last = 1 if sign in "零〇" else last
        elif sign in SCALES:
            section += (digit or 1) * SCALES[sign]
            digit, last = 0, SCALES[sign]
        else:
            below = section + digit
            total = (
                total + below * MYRIADS[sign] if sign == "万" and below else (total + below) * MYRIADS[sign]
            )
            section, digit, last = 0, 0, MYRIADS[sign]
    # 一万二 means 12000: a digit after a scale, without 零, counts tenths of that scale.
    value = total + section + (digit * last // 10 if last > 10 else digit)
    return float(value) if value or set(text) <= set("零〇") else None


def _plain(text: str) -> str:
    """The text with ordinary digits, signs and spaces, without the apostrophe that marks text in spreadsheets."""
    flat = unicodedata.normalize("NFKC", text).translate(SIGNS)
    flat = re.sub(r"[\s\u200b\ufeff]+", " ", flat).replace("。", ".").replace("、", ",").strip().strip('"')
    return flat.removeprefix("'").strip()


def _marked(plain: str, *, decimal: str, whole: bool) -> Parsed:
    """A number perhaps in parentheses, with a currency, percent sign, scale, numerals or a word behind it."""
    if plain.startswith("(") and plain.endswith(")"):
        value, verdict = _marked(plain[1:-1].strip(), decimal=decimal, whole=whole)
        return (-value, Verdict.CLEANED) if verdict < Verdict.NOT_A_NUMBER and value > 0 else _refused(plain)
    bare = plain.strip(CURRENCY).strip()
    value, verdict = _separated(bare, decimal=decimal, whole=whole)
    if verdict is not Verdict.NOT_A_NUMBER:
        return value, (Verdict.CLEANED if verdict is Verdict.OK and bare != plain else verdict)
    if bare.endswith("%"):
        value, verdict = _separated(bare[:-1].strip(), decimal=decimal, whole=False)
        return (value, Verdict.PERCENT) if verdict < Verdict.NOT_A_NUMBER else (value, verdict)
    value, verdict = _chinese(bare, decimal)
    if verdict is not Verdict.NOT_A_NUMBER:
        return value, verdict
    return _with_word(bare, decimal=decimal, whole=whole)


def _with_word(bare: str, *, decimal: str, whole: bool) -> Parsed:
    match = TAIL.fullmatch(bare)
    if match and match["word"].strip().rstrip(".").casefold() in COUNTED:
        number = match["number"].strip()
        value, verdict = _separated(number, decimal=decimal, whole=whole)
        if verdict is Verdict.NOT_A_NUMBER:
            value, verdict = _chinese(number, decimal)
        if verdict < Verdict.NOT_A_NUMBER:
            return value, Verdict.WITH_UNIT
        if verdict is not Verdict.NOT_A_NUMBER:
            return value, verdict
    return _refused(bare)


def _chinese(bare: str, decimal: str) -> Parsed:
    if match := SCALED.fullmatch(bare):
        value, verdict = _separated(match["number"], decimal=decimal, whole=False)
        scale = (SCALES | MYRIADS)[match["scale"]]
        if verdict < Verdict.NOT_A_NUMBER:
            return float(round(value * scale, 6)), Verdict.NUMERAL
    value_of = from_numerals(bare)
    return (math.nan, Verdict.NOT_A_NUMBER) if value_of is None else (value_of, Verdict.NUMERAL)


def _separated(bare: str, *, decimal: str, whole: bool) -> Parsed:
    """A number with or without separators; NOT_A_NUMBER when it is none."""
    lower = bare.lower()
    if PLAIN.fullmatch(lower):
        if POINTS.fullmatch(bare) and (decimal == "," or whole):
            return _grouped(bare, ".", sure=decimal == ",")
        return _finite(lower, Verdict.OK)
    if SPACED.fullmatch(bare) or QUOTED.fullmatch(bare):
        return _finite(bare.replace(" ", "").replace("'", "").replace(",", "."), Verdict.CLEANED)
    if COMMAS.fullmatch(bare) or INDIAN.fullmatch(bare):
        single = bare.count(",") == 1 and "." not in bare
        if not (single and decimal == ","):
            return _finite(bare.replace(",", ""), Verdict.CLEANED)
        return (
            (math.nan, Verdict.UNCLEAR_NUMBER) if whole else _finite(bare.replace(",", "."), Verdict.CLEANED)
        )
    if POINTS.fullmatch(bare):
        return _grouped(bare, ".", sure=True)
    if COMMA_DECIMAL.fullmatch(bare):
        return _finite(bare.replace(",", "."), Verdict.CLEANED)
    return math.nan, Verdict.NOT_A_NUMBER


def _grouped(bare: str, mark: str, *, sure: bool) -> Parsed:
    if not sure:
        return math.nan, Verdict.UNCLEAR_NUMBER
    return _finite(bare.replace(mark, "").replace(",", "."), Verdict.CLEANED)


def _finite(text: str, verdict: Verdict) -> Parsed:
    value = float(text)
    return (value, verdict) if math.isfinite(value) else (math.nan, Verdict.NOT_A_NUMBER)


def _refused(plain: str) -> Parsed:
    """Why a text is no number, as nearly as can be said."""
    if DATE.fullmatch(plain):
        return math.nan, Verdict.DATE_FOR_NUMBER
    if LOOKALIKE.fullmatch(plain) and re.search(r"\d", plain) and re.search(r"[^\W\d]", plain):
        return math.nan, Verdict.LETTER_FOR_DIGIT
    if SEVERAL.search(plain) or (APPROXIMATE.search(plain) and re.search(r"\d", plain)):
        return math.nan, Verdict.NOT_EXACT
    return math.nan, Verdict.NOT_A_NUMBER
