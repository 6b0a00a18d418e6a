"""Chinese numerals as people write them: 二十七, 一百零五, 三万六千, 两千万, 九十一点二四, 〇."""

from __future__ import annotations

from fractions import Fraction

DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
SCALES = {"万": 10**4, "亿": 10**8}
SIGNS = "".join(DIGITS) + "".join(TENS) + "".join(SCALES)


def chinese_number(text: str) -> Fraction | None:
    """The number that Chinese numerals spell, None when they spell none (二〇一一 is a year, 三三两两 a saying)."""
    whole, _, after = text.partition("点")
    integer = _integer(whole)
    if integer is None or (after and not all(sign in DIGITS for sign in after)):
        return None
    places = "".join(str(DIGITS[sign]) for sign in after)
    return integer + (Fraction(int(places), 10 ** len(places)) if places else 0)


def _integer(text: str) -> Fraction | None:
    """Hundreds within ten-thousands within hundred-millions; a digit may stand only before a ten or at the end."""
    total = section = digit = 0
    last = 10**9
    seen = ""
    for sign in text:
        if sign in DIGITS:
            if seen == "digit" and digit:
                return None
            digit, seen = DIGITS[sign], "digit"
        elif sign in TENS:
            if TENS[sign] >= last:
                return None
            section += (digit or (1 if seen != "digit" else 0)) * TENS[sign]
            last, digit, seen = TENS[sign], 0, "ten"
        elif sign in SCALES:
            total = (
                (total + section + digit) * SCALES[sign]
                if sign == "亿"
                else total + (section + digit) * SCALES[sign]
            )
            section, digit, last, seen = 0, 0, 10**9, "scale"
        else:
            return None
    return Fraction(total + section + digit) if text and seen else None
