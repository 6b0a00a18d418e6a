"""Reading DHIS2 expressions: precedence, references, and what is refused."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.programme.dhis2 import Known, NotSupported, dhis2_arithmetic, translate
from tallymark.programme.dhis2.grammar import parse
from tallymark.programme.dhis2.tree import Call, Item, Number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("10 - 3 - 2", 5.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ -1", 0.5),
        ("2 * -3", -6.0),
        ("--2", 2.0),
        ("+ 5 % 3", 2.0),
        ("-7 % 3", -1.0),
        ("0.1 + 0.2", 0.3),
        ("2 / 3", 0.6666666666666667),
        ("log(8, 2)", 3.0),
        ("log10(1000)", 3.0),
        ("if(1 < 2, 10, 20)", 10.0),
        ("if(1 > 2, 10, 20)", 20.0),
        ("greatest(1, 5, 3)", 5.0),
        ("least(4, 2, 3)", 2.0),
        ("1.5e2", 150.0),
        (".5 * 2", 1.0),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert dhis2_arithmetic(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 < 2 == true", True),
        ("!(1 > 2) and 2 >= 2", True),
        ("not 1 > 2", NotSupported),
        ("true or 1 / 0 > 2", True),
        ("1 == 1 && 2 != 2 || 3 <= 3", True),
        ("1 / 0 > 1000", True),  # NaN is larger than every number, as in Java
        ("0 / 0 == 0 / 0", True),
        ("isNull(null)", True),
        ("isNotNull(null)", False),
    ],
)
def test_truth(text: str, value: object) -> None:
    if value is NotSupported:
        with pytest.raises(NotSupported):  # `not` binds to the 1, as in DHIS2's grammar
            dhis2_arithmetic(text)
    else:
        assert dhis2_arithmetic(text) is value


@pytest.mark.parametrize("text", ["5 / 0", "5 % 0", "3 + 1 / 0", "0 ^ -1", "log(5, 1)"])
def test_dividing_by_zero_is_not_a_number(text: str) -> None:
    found = dhis2_arithmetic(text)
    assert isinstance(found, float)
    assert math.isnan(found)


def test_a_missing_item_makes_the_value_missing() -> None:
    values = {"#{abc}": None, "#{xyz}": 3.0}
    assert dhis2_arithmetic("#{abc} + #{xyz}", values) is None
    assert dhis2_arithmetic("firstNonNull(#{abc}, #{xyz})", values) == 3.0
    assert dhis2_arithmetic("greatest(#{abc}, #{xyz}, 1)", values) == 3.0
    assert dhis2_arithmetic("isNull(#{abc}) or #{abc} > 1", values) is True
    assert dhis2_arithmetic("#{xyz} > 1 and #{abc} > 1", values) is None
    assert dhis2_arithmetic("if(#{abc} > 1, 1, 2)", values) == 2.0


def test_a_long_sum_is_no_deep_nesting() -> None:
    text = " + ".join(["1"] * 5000)
    assert dhis2_arithmetic(text) == 5000.0
    assert translate(text, Known(measure=lambda element, combination: None)) == text


def test_references() -> None:
    assert parse("#{FTINmL2lehN.Prlt0C1RF0s}") == Item("#", ("FTINmL2lehN", "Prlt0C1RF0s"))
    assert parse("R{BfMAe6Itzgt.REPORTING_RATE}") == Item("R", ("BfMAe6Itzgt", "REPORTING_RATE"))
    assert parse("OUG{tDZVQ1WtwpA}*2") == Call("*", (Item("OUG", ("tDZVQ1WtwpA",)), Number("2")))
    assert str(parse("[days]")) == "[days]"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "too early"),
        ("1 +", "too early"),
        ("(1 + 2", "too early"),
        ("1 2", "'2' at character 3"),
        ("1 + )", "')' at character 5"),
        ("d2:condition('x', 1, 2)", "d2:condition"),
        ("avg(#{a})", "avg()"),
        ("#{a}.periodOffset(-1)", ".periodOffset"),
        ("1 ? 2", "'?' at character 3"),
        ("log(1, 2, 3)", "1 to 2 arguments, not 3"),
        ("foo", "'foo' at character 1"),
        ("'a' + 1", "needs a number"),
        ("1 and 2", "needs true or false"),
        ("2 ^ 0.5", "not a whole number"),
        ("#{a}", "no value is given for #{a}"),
        ("(" * 200 + "1" + ")" * 200, "too deeply"),
        ("-" * 5000 + "1", "too deeply"),
        ("2" + "^2" * 5000, "too deeply"),
    ],
)
def test_what_is_not_understood_says_so(text: str, says: str) -> None:
    with pytest.raises(NotSupported) as caught:
        dhis2_arithmetic(text)
    assert says in str(caught.value)


@given(st.text(alphabet="0123456789.+-*/%^()<>=!&| andornt{}#[]'\"if,", max_size=60))
def test_nonsense_is_refused_and_never_crashes(text: str) -> None:
    with contextlib.suppress(NotSupported):
        dhis2_arithmetic(text)


numbers = st.integers(-50, 50).map(float)


@given(numbers, numbers, numbers)
def test_precedence_against_python(a: float, b: float, c: float) -> None:
    values = {"#{a}": a, "#{b}": b, "#{c}": c}
    assert dhis2_arithmetic("#{a} + #{b} * #{c} - #{a}", values) == a + b * c - a
    assert dhis2_arithmetic("-#{a} * #{b} < #{c} == (#{c} > -#{a} * #{b})", values) is True
