"""Digests: the standard's own MAC, equal where they have to be and nowhere else."""

from __future__ import annotations

import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from tallymark.vault.cmac import Cmac
from tallymark.vault.digests import Digests

KEY = bytes(range(32))


@given(st.lists(st.text(max_size=70), min_size=1, max_size=20))
def test_many_at_once_are_what_the_library_says_of_each(texts: list[str]) -> None:
    found = Cmac(KEY).of(pa.array(["left out", *texts]).slice(1))
    for text, tag in zip(texts, found, strict=True):
        one = CMAC(AES(KEY))
        one.update(text.encode())
        assert tag.tobytes() == one.finalize()


def test_the_standard_s_own_examples() -> None:
    """NIST SP 800-38B, appendix D.3, as far as texts can say them: AES-256, the empty message."""
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    assert Cmac(key).of(pa.array([""]))[0].tobytes().hex() == "028962f61b7bf89efc6b551f4667d983"


def test_pseudonyms_are_equal_for_equal_values_of_a_column_only() -> None:
    digests = Digests(KEY)
    first, second, again, none = digests.whole(
        "births", "mother", pa.array(["王芳", "李娜", "王芳", None])
    ).to_pylist()
    assert first == again != second
    assert none is None
    assert digests.whole("births", "child", pa.array(["王芳"]))[0].as_py() != first
    assert digests.whole("visits", "mother", pa.array(["王芳"]))[0].as_py() != first
    assert Digests(bytes(32)).whole("births", "mother", pa.array(["王芳"]))[0].as_py() != first
    assert len(first) == 16
    assert first.isascii()


def test_digests_within_a_day_do_not_show_how_often_a_name_occurs() -> None:
    unit, day = pa.array(["U1", "U1", "U1"]), pa.array([1, 1, 2])
    same, too, other = (
        Digests(KEY).within("births", "mother", pa.array(["王芳"] * 3), [unit, day]).to_pylist()
    )
    assert same == too != other
    assert same.startswith("~")
