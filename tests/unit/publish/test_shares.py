"""100 says that every report came and 0 that none did: neither is what others are rounded to."""

from __future__ import annotations

import pytest

from tallymark.publish.pages.verification import share_text


@pytest.mark.parametrize(
    ("due", "came", "said"),
    [
        (0, 0, ""),
        (12, 12, "100"),
        (600, 599, "99"),
        (600, 600, "100"),
        (600, 0, "0"),
        (600, 1, "1"),
        (200, 175, "88"),
    ],
)
def test_only_all_is_100_and_only_none_is_0(due: int, came: int, said: str) -> None:
    assert share_text(due, came) == said
