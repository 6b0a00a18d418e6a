"""Keys of names, identity numbers and dates: what clerks write for the same person comes to the same key."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.verify.linkage.identity import check_digit, identity_key, identity_kind
from tallymark.verify.linkage.keys import read_date
from tallymark.verify.linkage.names import MOST_READINGS, name_keys


def read(text: str) -> tuple[str, ...]:
    keys = name_keys(text)
    assert keys is not None
    return keys.readings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张伟", "張偉"),  # traditional characters
        ("王 芳", "王芳"),  # a space
        ("单小明", "Shan Xiaoming"),  # the surname is not read dan
        ("仇晓丽", "Qiu Xiaoli"),
        ("解丽", "Xie Li"),
        ("曾国藩", "Zeng Guofan"),
        ("José María", "JOSE MARIA"),
        ("O’Brien", "o brien"),
        ("Ｗａｎｇ　Ｆａｎｇ", "wang fang"),  # full width
        ("Müller", "Muller"),
    ],
)
def test_the_same_name_shares_a_reading(one: str, other: str) -> None:
    assert set(read(one)) & set(read(other))


def test_order_of_names_does_not_change_the_letters() -> None:
    one, other = name_keys("Zhang Wei"), name_keys("Wei Zhang")
    assert one is not None
    assert other is not None
    assert one.letters == other.letters
    assert one.key != other.key


@pytest.mark.parametrize("text", ["", "  ", "王芳之子", "李静之女", "未取名", "--", "Baby"])
def test_a_child_without_a_name_has_none(text: str) -> None:
    assert name_keys(text) is None


@given(st.text(max_size=12))
def test_keys_are_ascii_and_few(text: str) -> None:
    keys = name_keys(text)
    if keys is not None:
        assert len(keys.readings) <= MOST_READINGS
        assert all(each.isascii() and each.isalnum() for each in keys.readings)
        assert sorted(keys.letters) == sorted(keys.key)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("11010519491231002X", "resident"),  # GB 11643-1999, annex
        ("440524188001010014", "resident"),  # the same
        ("1101051949 1231002x", "resident"),
        ("110105194912310021", "wrong"),  # check digit
        ("110105194913310020", "wrong"),  # month 13
        ("H12345678", "permit"),
        ("12345678", "permit"),  # Taiwan
        ("E12345678", "other"),  # passport
    ],
)
def test_identity_numbers(text: str, kind: str) -> None:
    assert identity_kind(identity_key(text)) == kind


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_any_one_wrong_digit_is_seen(seventeen: str, place: int, more: int) -> None:
    right = seventeen + check_digit(seventeen)
    digit = str((int(right[place]) + more) % 10)
    assert check_digit(right[:place] + digit + right[place + 1 : 17]) != right[17]


def test_numbers_of_the_old_form_become_new_ones() -> None:
    assert identity_key("110105491231002") == "11010519491231002X"


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-14",
        "2025/3/14",
        "20250314",
        "2025年3月14日",
        "14.03.2025",
        "2025-03-14 00:00:00",
        "2025-14-03",
    ],
)
def test_dates_as_people_write_them(text: str) -> None:
    assert read_date(text) == dt.date(2025, 3, 14)


@pytest.mark.parametrize("text", ["", "soon", "2025-02-30", "99", "2025-03"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None
