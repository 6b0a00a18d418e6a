"""DHIS2 expressions as expressions of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallymark.model.expressions import parse_expression
from tallymark.programme.dhis2 import Known, NotSupported, dhis2_arithmetic, translate

MEASURES = {("a", None): "doses", ("a", "fixed"): "doses_fixed", ("b", None): "children"}
KNOWN = Known(
    measure=lambda element, combination: MEASURES.get((element, combination)),
    constants={"k": 0.04},
    datasets={"ds": "monthly"},
    indicators={"i": ("#{a}", "#{b}", 100.0), "loop": ("N{loop}", "1", 1.0)},
)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("#{a}", "doses"),
        ("#{a.fixed}", "doses_fixed"),
        ("#{a.*}", "doses"),
        ("#{a.fixed.*}", "doses_fixed"),
        ("#{a}+#{b}-#{a}", "doses + children - doses"),
        ("#{a}-(#{b}-#{a})", "doses - (children - doses)"),
        ("(#{a}+#{b})*C{k}", "(doses + children) * 0.04"),
        ("#{a}/#{b}/2", "doses / children / 2"),
        ("#{a}^2", "doses * doses"),
        ("(#{a}+1)^2", "(doses + 1) * (doses + 1)"),
        ("-#{a}", "-doses"),
        ("!(#{a} > 1 && #{b} == 2)", "not (doses > 1 and children = 2)"),
        ("#{a} > 1 == (#{b} != 2)", "(doses > 1) = (children <> 2)"),
        ("if(isNull(#{a}), 0, #{a})", "case when doses is null then 0 else doses end"),
        ("firstNonNull(#{a}, #{b}, 0)", "coalesce(doses, children, 0)"),
        ("greatest(#{a}, 0) + least(#{b}, 5)", "greatest(doses, 0) + least(children, 5)"),
        ("R{ds.REPORTING_RATE}", "100 * monthly.received / monthly.expected"),
        ("R{ds.ACTUAL_REPORTS_ON_TIME} / 2", "(monthly.on_time) / 2"),
        ("N{i} - 1", "(100 * (doses) / (children)) - 1"),
    ],
)
def test_translated(text: str, ours: str) -> None:
    names = {"doses", "doses_fixed", "children", "monthly.received", "monthly.expected", "monthly.on_time"}
    assert translate(text, KNOWN) == ours
    parse_expression(ours, names)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#{zzz}", "not among the aggregate data elements"),
        ("#{a.other}", "not among"),
        ("#{a.*.aoc}", "attribute option combination"),
        ("#{a&b}", "several data elements"),
        ("C{none}", "constant"),
        ("R{none.REPORTING_RATE}", "data set"),
        ("OUG{tDZVQ1WtwpA}", "units of a group"),
        ("#{a} / [days]", "annualise"),
        ("I{p}", "individual events"),
        ("D{p.d}", "individual events"),
        ("A{p.t}", "tracked persons"),
        ("V{event_count}", "individual events"),
        ("N{none}", "not in the file"),
        ("N{loop}", "refers to itself"),
        ("log(#{a})", "log()"),
        ("2^0.5", "power"),
        ("#{a}^#{b}", "power"),
        ("PS_EVENTDATE{x}", "date of individual events"),
    ],
)
def test_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(NotSupported) as caught:
        translate(text, KNOWN)
    assert why in str(caught.value)


expressions = st.recursive(
    st.sampled_from(["#{a}", "#{b}", "1", "2.5", "7"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda p: f"{p[0]} {p[1]} {p[2]}"),
        inner.map(lambda part: f"({part})"),
        inner.map(lambda part: f"-{part}"),
        inner.map(lambda part: f"({part})^2"),
        st.tuples(inner, inner, inner, inner).map(lambda p: f"if({p[0]} < {p[1]}, {p[2]}, {p[3]})"),
        st.tuples(inner, inner).map(lambda p: f"greatest({p[0]}, {p[1]})"),
    ),
    max_leaves=8,
)


@given(expressions, st.integers(-9, 9), st.integers(-9, 9))
def test_the_translation_gives_what_dhis2_gives(text: str, a: int, b: int) -> None:
    expected = dhis2_arithmetic(text, {"#{a}": float(a), "#{b}": float(b)})
    ours = parse_expression(translate(text, KNOWN), {"doses", "children"})
    values = {"doses": [float(a)], "children": [float(b)]}
    found = ours.evaluate({name: values[name] for name in ours.names})
    assert float(found.ravel()[0]) == pytest.approx(expected, rel=1e-9, abs=1e-9)
