"""Names read in columns against the same names read one by one."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tallymark.verify.linkage.chinese import chinese_keys
from tallymark.verify.linkage.names import UNNAMED, name_keys

COMMON = "王李张張刘陈杨单仇曾解华长重乐朴盖尉迟查西安仙行还朝参差子女婴儿"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(COMMON, min_size=1, max_size=4), min_size=1, max_size=40))
@example(["西安", "单仇曾解", "长重乐行", "王芳之子", "婴儿", "不详", "无"])
@example(["不详"])
def test_columns_say_what_single_names_say(names: list[str]) -> None:
    nothing = ["不详", "无"]
    columns = [column.to_pylist() for column in chinese_keys(pa.array(names), nothing)]
    for at, name in enumerate(names):
        written, key, readings, many, letters = (column[at] for column in columns)
        slow = None if name in nothing else name_keys(name)
        if slow is None:
            assert name in nothing or name.endswith(UNNAMED)
            assert (written, key, readings, many, letters) == (None,) * 5
        else:
            assert (written, key, tuple(readings), letters) == slow
            assert many == len(slow.readings)
