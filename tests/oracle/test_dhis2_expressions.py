"""DHIS2's own parser against ours: 5,000 arithmetic expressions with the value that DHIS2 gives."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tallymark.model.expressions import parse_expression
from tallymark.programme.dhis2 import Known, NotSupported, dhis2_arithmetic, translate

GOLDEN = Path(__file__).parents[2].parent / "shared/data/oracles/dhis2_expressions/golden_5000_seed42.tsv"
pytestmark = pytest.mark.skipif(
    not GOLDEN.exists(), reason=f"no oracle at {GOLDEN.name} (../shared/data absent)"
)
LAST_BITS = 1e-14
"""log10 differs in the last bit between mathematical libraries; everything else is equal to the last bit."""
REMAINDERS = 1e-7
"""Our own expressions work in doubles, DHIS2 in decimals: remainders of long products keep fewer digits."""


@pytest.fixture(scope="module")
def golden() -> list[tuple[str, str]]:
    return [tuple(line.split("\t")) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


def test_arithmetic_agrees_with_every_expression(golden: list[tuple[str, str]]) -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for expression, answer in golden:
        found = dhis2_arithmetic(expression)
        if isinstance(found, bool):
            kind = "equal" if answer == str(found).lower() else "wrong"
        else:
            expected = float(answer)
            same = found == expected or (math.isnan(found) and math.isnan(expected))
            near = math.isclose(found, expected, rel_tol=LAST_BITS, abs_tol=1e-300)
            kind = "equal" if same else "last bits" if near else "wrong"
        counts[kind] += 1
        if kind == "wrong":
            wrong.append((expression, answer, found))
    assert not wrong
    assert sum(counts.values()) == 5000
    assert counts["last bits"] <= 150, "more than log10's last bits differ"


def test_translated_expressions_agree_or_say_not_supported(golden: list[tuple[str, str]]) -> None:
    """What we translate gives the same in NumPy and in DuckDB, but for comparing what was divided by zero."""
    known = Known(measure=lambda element, combination: None)
    translated = []
    refused: Counter[str] = Counter()
    for expression, answer in golden:
        try:
            translated.append((expression, answer, parse_expression(translate(expression, known), {})))
        except NotSupported as error:
            refused[error.template] += 1
    selected = ", ".join(f"({one.sql({})})::double" for _, _, one in translated)
    rows = duckdb.connect().execute(f"select {selected}").fetchone()
    assert rows is not None
    unknown = 0
    for (expression, answer, one), in_sql in zip(translated, rows, strict=True):
        in_numpy = float(one.evaluate({}))
        expected = {"true": 1.0, "false": 0.0}.get(answer) if answer in ("true", "false") else float(answer)
        assert expected is not None
        for found in (in_numpy, math.nan if in_sql is None else in_sql):
            if math.isnan(found) and not math.isnan(expected):
                assert "/" in expression or "%" in expression
                assert answer in ("true", "false"), "a number became unknown"
                unknown += 1
            else:
                assert math.isclose(found, expected, rel_tol=REMAINDERS, abs_tol=REMAINDERS) or (
                    math.isnan(found) and math.isnan(expected)
                ), expression
    assert len(translated) == 3774
    assert unknown == 2 * 11
    assert set(refused) == {
        "the function {name}() is not supported",
        "a power other than 1 to {most} is not supported",
    }
