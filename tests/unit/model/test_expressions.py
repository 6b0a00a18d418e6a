"""Expressions by hand: SQL, values, words, refusals."""

from __future__ import annotations

import datetime as dt
import math
import time
from typing import Any

import numpy as np
import pytest

from tallymark.model.expressions import FUNCTIONS, ExpressionError, parse_expression
from tallymark.model.text import Text

NAMES = {
    "births": "number", "women": "number", "monthly.expected": "number", "remote": "boolean",
    "sex": "text", "born": "date", "seen": "date",
}  # fmt: skip
SQL = {name: name.replace(".", "_") for name in NAMES}
NAN = math.nan

AS_SQL = [
    ("births", "births"),
    ("births + women", "births + women"),
    ("births / women", "births / NULLIF(women, 0)"),
    ("births / nullif(women, 0)", "births / NULLIF(women, 0)"),
    ("births % 7", "births % NULLIF(7e0, 0)"),
    ("100 * births / (women - births)", "100e0 * births / NULLIF(women - births, 0)"),
    ("births - (women - births)", "births - (women - births)"),
    ("births - -1", "births - -1e0"),
    ("- - births", "-(-births)"),
    ("monthly.expected * 2", "monthly_expected * 2e0"),
    ("women >= 15 and not sex = 'f'", "women >= 15 AND NOT sex = 'f'"),
    ("(births = 1 or women = 2) and remote", "(births = 1 OR women = 2) AND remote"),
    ("sex in ('f', 'it''s')", "sex IN ('f', 'it''s')"),
    ("births not between 1 and 2.5", "NOT births BETWEEN 1 AND 2.5e0"),
    ("sex is not null", "NOT sex IS NULL"),
    ("case sex when 'f' then 1 end", "CASE WHEN sex = 'f' THEN 1e0 ELSE NULL END"),
    ("date_diff('day', born, date '2025-03-14')", "DATE_DIFF('day', born, DATE '2025-03-14')"),
    ("YEAR(born) = 2025", "YEAR(born) = 2025"),
    ("coalesce(births, .5)", "COALESCE(births, 0.5e0)"),
    ("births != 1e3", "births <> 1e3"),
    ("9999999999999999999 > births", "9999999999999999999e0 > births"),
]


@pytest.mark.parametrize(("text", "sql"), AS_SQL, ids=[text for text, _ in AS_SQL])
def test_sql(text: str, sql: str) -> None:
    assert parse_expression(text, NAMES).sql(SQL) == sql


def test_what_stands_for_a_name_is_kept_apart() -> None:
    expression = parse_expression("births / women", NAMES)
    assert expression.sql({"births": "a + b", "women": '"t"."x"'}) == '(a + b) / NULLIF("t"."x", 0)'


def test_spark_gets_its_own_names() -> None:
    sql = parse_expression("date_diff('day', born, seen) <= 7 and starts_with(sex, 'f')", NAMES).sql(
        SQL, "spark"
    )
    assert sql == "DATEDIFF(DAY, born, seen) <= 7 AND STARTSWITH(sex, 'f')"


VALUES: dict[str, Any] = {
    "births": np.array([1.0, 0.0, NAN, 4.0]),
    "women": np.array([0.0, 0.0, 2.0, NAN]),
    "monthly.expected": np.array([3, 3, 3, 3]),
    "remote": np.array([True, False, True, False]),
    "sex": np.array(["f", None, "m", NAN], dtype=object),
    "born": np.array(["2024-02-29", "NaT", "2025-01-01", "1969-12-31"], dtype="datetime64[D]"),
    "seen": np.array(["2024-03-01", "2025-01-01", "NaT", "1970-01-02"], dtype="datetime64[D]"),
}
AS_VALUES: list[tuple[str, list[Any]]] = [
    ("births / women", [NAN, NAN, NAN, NAN]),
    ("women / births", [0, NAN, NAN, NAN]),
    ("births > 0 or women = 0", [1, 1, NAN, 1]),
    ("births > 0 and women > 0", [0, 0, NAN, NAN]),
    ("not births > 0", [0, 1, NAN, 0]),
    ("births is null", [0, 0, 1, 0]),
    ("coalesce(births, women, 9)", [1, 0, 2, 4]),
    ("nullif(births, 0)", [1, NAN, NAN, 4]),
    ("greatest(births, women)", [1, 0, 2, 4]),
    ("least(births, women)", [0, 0, 2, 4]),
    ("births in (1, 4)", [1, 0, NAN, 1]),
    ("births in (0, null)", [NAN, 1, NAN, NAN]),
    ("case when births > 0 then 1 when women = 0 then 2 else 3 end", [1, 2, 3, 1]),
    ("monthly.expected * 2", [6, 6, 6, 6]),
    ("sex = 'f'", [1, NAN, 0, NAN]),
    ("sex <> 'f'", [0, NAN, 1, NAN]),
    ("length(sex)", [1, NAN, 1, NAN]),
    ("upper(sex)", ["F", None, "M", None]),
    ("case when sex = 'f' then 'girl' else sex end", ["girl", None, "m", None]),
    ("date_diff('day', born, seen)", [1, NAN, NAN, 2]),
    ("year(born) * 100 + month(born)", [202402, NAN, 202501, 196912]),
    ("quarter(born)", [1, NAN, 1, 4]),
    ("day(born)", [29, NAN, 1, 31]),
    ("born >= date '2024-03-01'", [0, NAN, 1, 0]),
    ("remote and births > 0", [1, 0, NAN, 0]),
    ("1 + 1", [2, 2, 2, 2]),
    ("null + births", [NAN, NAN, NAN, NAN]),
    ("7 % -4", [3, 3, 3, 3]),
]


@pytest.mark.parametrize(("text", "wanted"), AS_VALUES, ids=[text for text, _ in AS_VALUES])
def test_values(text: str, wanted: list[Any]) -> None:
    expression = parse_expression(text, NAMES)
    found = np.broadcast_to(expression.evaluate(VALUES), (4,))
    if found.dtype.kind == "O":
        assert found.tolist() == wanted
    else:
        np.testing.assert_allclose(found, np.array(wanted, dtype=float))


def test_a_scalar_goes_with_arrays_and_only_the_names_used_are_needed() -> None:
    expression = parse_expression("births * women", NAMES)
    found = expression.evaluate({"births": np.float64(3), "women": np.arange(6.0).reshape(2, 3)})
    assert found.tolist() == [[0, 3, 6], [9, 12, 15]]


def test_a_unit_s_attribute_is_compared_as_a_number_where_one_is_asked_for() -> None:
    expression = parse_expression("beds >= 10 and size = 'large'", {"beds": "any", "size": "text"})
    values = {
        "beds": np.array(["12", "4", None], dtype=object),
        "size": np.array(["large"] * 3, dtype=object),
    }
    np.testing.assert_array_equal(expression.evaluate(values), [1, 0, NAN])


TITLES = {
    "births": Text("Births", "出生数"),
    "women": Text("Women (15–49)", "妇女（15–49岁）"),
    "sex": Text("Sex", "性别"),
    "born": Text("Date of birth", "出生日期"),
    "remote": Text("Remote", "边远"),
}
IN_WORDS = [
    ("1000 * births / women", "1000 × Births ÷ “Women (15–49)”", "1000 × 出生数 ÷ “妇女（15–49岁）”"),
    ("(births + 1) * 2 - births", "(Births + 1) × 2 − Births", "(出生数 + 1) × 2 − 出生数"),
    ("births <= 2 and sex is not null", "Births ≤ 2 and Sex is not missing", "出生数 ≤ 2 且 性别未缺失"),
    ("not (births = 1 or remote)", "not (Births = 1 or Remote)", "非 (出生数 = 1 或 边远)"),
    ("coalesce(births, 0)", "Births (where missing: 0)", "出生数（缺失时取 0）"),
    ("abs(births - 1)", "|Births − 1|", "|出生数 − 1|"),
    ("monthly.expected", "monthly.expected", "monthly.expected"),
    (
        "case when sex = 'f' then births else 0 end",
        "[if Sex = “f”: Births; otherwise: 0]",
        "[若 性别 = “f”：出生数; 否则：0]",
    ),
    (
        "date_diff('day', born, date '2025-01-01')",
        "days from Date of birth to 2025-01-01",
        "出生日期至2025-01-01的天数",
    ),
]


@pytest.mark.parametrize(("text", "english", "chinese"), IN_WORDS, ids=[text for text, *_ in IN_WORDS])
def test_words(text: str, english: str, chinese: str) -> None:
    expression = parse_expression(text, NAMES)
    assert expression.in_words(TITLES, "en") == english
    assert expression.in_words(TITLES, "zh") == chinese


PARTNER = " — look for an operator or bracket without its partner"
COMMENT = (
    "comments (-- or /* */) are not allowed in an expression — for a double negative write - "
    "(-x); put remarks behind # in the file"
)
COUNTING = (
    "() is not allowed: expressions work within one row or figure — counting and adding up is "
    "what measures do; for the larger of two values use greatest(a, b)"
)
DEEP = "the expression is nested too deeply — split it into measures or indicators"
CASE = " — write case when … then 1 else 0 end for a number, x > 0 for a condition"
REFUSED = [
    ("", "the expression is empty"),
    ("   ", "the expression is empty"),
    ("brths", "'brths' is not known here — did you mean births?"),
    ("Births", "'Births' is not known here — did you mean births?"),
    ("monthly.expect", "'monthly.expect' is not known here — did you mean monthly.expected?"),
    ("births; drop table births", "';' is not allowed: an expression is one formula"),
    ("births --1", COMMENT),
    ("births /* x */", COMMENT),
    ("(select 1)", "a query (select …) is not allowed in an expression"),
    ("select births from t", "a query (select …) is not allowed in an expression"),
    ("births in (select 1)", "a query (select …) is not allowed in an expression"),
    ("exists (births)", "exists() is not allowed in an expression — functions are " + ", ".join(FUNCTIONS)),
    ("sum(births)", "sum" + COUNTING),
    ("max(births, women)", "max" + COUNTING),
    ("round(births)", "round() is not allowed in an expression — figures are rounded when they are shown: `decimals:`"),
    ("if(remote, 1, 2)", "if() is not allowed in an expression — write case when condition then value else other end"),
    ("births over ()", "'over' (character 8) is not expected here" + PARTNER),
    ("births::int", "':' is not allowed: types cannot be changed in an expression"),
    ("cast(births as int)", "cast() is not allowed in an expression — declare the column with the type it has"),
    ("births ^ 2", "powers (^) are not allowed — multiply: x * x"),
    ("births || women", "'|' is not allowed — write `or` between conditions"),
    ("births && women", "'&' is not allowed — write `and` between conditions"),
    ("births => 3", "'>' (character 9) is one comparison too many — write a < b and b < c; >= and <= have the = behind"),
    ("1 < births < 3",
     "'<' (character 12) is one comparison too many"
     " — write a < b and b < c; >= and <= have the = behind"),
    ("(births + 1", "the expression ends too early: ')' is missing" + PARTNER),
    ("births +", "the expression ends too early" + PARTNER),
    ("births women", "'women' (character 8) is not expected here" + PARTNER),
    ("(births, women)", "')' is expected before ',' (character 8)" + PARTNER),
    ("sex = 'f", "a text is not closed: a ' is missing — a ' inside a text is written twice"),
    ("5x", "'5x' (character 1) is not understood — a name that starts with a digit or has signs goes in double quotes"),
    ("a.births.c", "'.' (character 9) is not expected here" + PARTNER),
    ("case births end", "'when' is expected before 'end' (character 13)" + PARTNER),
    ("coalesce(births)", "coalesce() needs at least 2 arguments"),
    ("abs(births, women)", "abs() takes 1 arguments, not 2"),
    ("date_diff('month', born, seen)",
     "date_diff counts days here, nothing else"
     " — write date_diff('day', earlier, later); engines disagree on months and years"),
    ("born > date '2025-02-30'", "'2025-02-30' is not a day — write it as date '2025-03-14'"),
    ("births + (women > 1)", "'+' needs number values, but women > 1 is a boolean value" + CASE),
    ("sex > 3",
     "'>' puts a text value (sex) beside a number value (3)"
     " — text goes in single quotes, numbers without; codes such as 01 are text"),
    ("born = '2025-01-01'",
     "'=' puts a date value (born) beside a text value (“2025-01-01”)"
     " — a day is written date '2025-03-14'"),
    ("seen - born",
     "'-' needs number values, but seen is a date value"
     " — days between two dates are date_diff('day', earlier, later)"),
    ("remote = 'yes'",
     "'=' puts a boolean value (remote) beside a text value (“yes”)"
     " — a true/false value is a condition by itself: write x, or not x"),
    ("case when births then 1 end", "'case when' needs boolean values, but births is a number value" + CASE),
    ("(" * 31 + "births" + ")" * 31, DEEP),
    ("births - " * 200 + "births", DEEP),
    ("not " * 60 + "remote", DEEP),
    ("births + " * 3000 + "births",
     "the expression has 27006 characters; at most 20000 are read"
     " — split it into measures or indicators"),
    ("births [1]", "lists are not allowed — for one of several values write x in (1, 2)"),
    ("births -> 1", "'>' (character 9) is one comparison too many — write a < b and b < c; >= and <= have the = behind"),
    ("$1", "parameters are not allowed"),
    (":births", "':' is not allowed: types cannot be changed in an expression"),
    ("births\x00", "'\x00' (character 7) is not understood"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[text[:30] for text, _ in REFUSED])
def test_refusals_say_what_and_what_to_do(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, NAMES)
    assert str(caught.value) == message


def test_names_are_found_wherever_they_stand() -> None:
    expression = parse_expression(
        "case when births > 1 then monthly.expected else coalesce(women, 1) end", NAMES
    )
    assert expression.names == {"births", "monthly.expected", "women"}
    assert expression.kind == "number"


def test_names_may_be_in_quotes_or_in_chinese() -> None:
    expression = parse_expression("\"size class\" = '大' and 年龄 > 3", {"size class", "年龄"})
    assert (
        expression.sql({"size class": '"size class"', "年龄": '"年龄"'})
        == '"size class" = \'大\' AND "年龄" > 3'
    )


def test_long_sums_stay_shallow() -> None:
    text = " + ".join(["births"] * 500)
    expression = parse_expression(text, NAMES)
    assert expression.evaluate({"births": np.array([1.0, NAN])}).tolist()[0] == 500
    assert expression.sql(SQL) == text


def test_reading_is_fast() -> None:
    texts = [f"greatest(births - {at}, 0) / (monthly.expected + coalesce(women, {at}))" for at in range(1000)]
    start = time.process_time()
    for text in texts:
        parse_expression(text, NAMES)
    assert time.process_time() - start < 0.5


def test_dates_beside_dates() -> None:
    expression = parse_expression("greatest(born, seen)", NAMES)
    found = expression.evaluate({"born": VALUES["born"], "seen": VALUES["seen"]})
    assert found.tolist() == [
        dt.date(2024, 3, 1),
        dt.date(2025, 1, 1),
        dt.date(2025, 1, 1),
        dt.date(1970, 1, 2),
    ]
