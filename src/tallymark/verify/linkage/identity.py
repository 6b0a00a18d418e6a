"""Identity numbers: folded, their check digits tried (GB 11643-1999), permits of Hong Kong, Macau and Taiwan known.

A number with a wrong check digit is still compared, as one wrong digit is the commonest error; it only weighs less.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

from tallymark.verify.linkage.names import folded

Kind = Literal["resident", "permit", "wrong", "other"]

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""2^(17 − i) mod 11, GB 11643-1999 §4."""
CHECK = "10X98765432"
RESIDENT = re.compile(r"[1-9]\d{16}[\dX]")
OLD = re.compile(r"[1-9]\d{14}")
PERMIT = re.compile(r"[HM](?:\d{8}|\d{10})|\d{8}|8[123]\d{15}[\dX]")
"""Travel permits of Hong Kong and Macau (H or M) and Taiwan (8 digits); residence permits of the three (81, 82, 83)."""


def identity_key(text: str) -> str:
    """The number in ASCII capitals without spaces or marks; 15 digits of the old form become 18."""
    plain = "".join(each for each in folded(text).upper() if each.isascii() and each.isalnum())
    if OLD.fullmatch(plain):
        longer = f"{plain[:6]}19{plain[6:]}"
        return longer + check_digit(longer)
    return plain


def check_digit(seventeen: str) -> str:
    """The 18th character: 12 − Σ aᵢ·2^(17 − i) mod 11, ten written X."""
    return CHECK[sum(int(digit) * weight for digit, weight in zip(seventeen, WEIGHTS, strict=True)) % 11]


def identity_kind(key: str) -> Kind:
    """What a folded number is: `resident` or `permit` (valid), `wrong` (18 places that fail their check), `other`."""
    if RESIDENT.fullmatch(key):
        if check_digit(key[:17]) != key[17] or not _is_date(key[6:14]):
            return "wrong"
        return "permit" if key[:2] in ("81", "82", "83") else "resident"
    if PERMIT.fullmatch(key):
        return "permit"
    return "wrong" if len(key) == 18 and key[:17].isdigit() else "other"


def _is_date(digits: str) -> bool:
    try:
        dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True
