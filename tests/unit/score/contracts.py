"""Small contracts, units and result tables for tests, written briefly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter

from tallymark.model.expressions import Expression, parse_expression
from tallymark.model.periods import Calendar, DeclaredYear
from tallymark.model.tables import TABLES
from tallymark.model.text import Text
from tallymark.model.units import Units, build_units
from tallymark.programme.resolved import (
    Contract,
    Deduction,
    Gate,
    Grade,
    Indicator,
    Level,
    Line,
    Section,
    Watch,
)
from tallymark.programme.written.contract import WrittenAward, WrittenRanking
from tallymark.programme.written.figures import WrittenEstimate

CALENDAR = Calendar({"SY": DeclaredYear(10, "end", Text("statistical year"))})
PERIOD = CALENDAR.parse("2025")
TOWN = Level("town", Text("town"), 1)
AWARD: TypeAdapter[Any] = TypeAdapter(WrittenAward)


def expression(text: str) -> Expression:
    """An expression over whatever names it uses."""
    names = {"a", "b", "c", "d", "remote", "size", "falsified", "x"}
    return parse_expression(text, names | {f"i{n}" for n in range(100)})


def indicator(
    name: str, direction: str = "higher", *, factor: float = 100.0, ratio: bool = True
) -> Indicator:
    """A ratio (or, without a denominator, a count)."""
    one = parse_expression("x", {"x"})
    return Indicator(
        name=name, title=Text(name), description=Text(), numerator=one, denominator=one if ratio else None,
        factor=factor, unit=Text("%"), decimals=1, direction=direction, concerns="service_coverage",
        interval="none", annualise=False, missing="partial", min_completeness=0.0, estimate=WrittenEstimate(),
        compare=(), source=None,
    )  # fmt: skip


def line(code: str, award: Mapping[str, Any], points: float = 10.0, **more: Any) -> Line:
    """A line on an indicator named as the code in lower case, unless given one."""
    options: dict[str, Any] = {"missing": "no_points", "uncertain": "point", "when": None} | more
    when = options.pop("when")
    on = options.pop("indicator", None) or indicator(code.lower(), options.pop("direction", "higher"))
    if award["kind"] == "checklist":
        on = None
    return Line(
        code=code, section="s", title=Text(code), description=Text(), points=points, indicator=on,
        award=AWARD.validate_python(dict(award)), when=expression(when) if when else None, **options,
    )  # fmt: skip


def deduction(code: str, each: float = 1.0, most: float | None = None) -> Deduction:
    """A deduction on an indicator named as the code in lower case."""
    count = indicator(code.lower(), "lower", factor=1.0, ratio=False)
    return Deduction(code, Text(code), count, each, most)


def gate(code: str, when: str, cap: float | None = None) -> Gate:
    """A cap, or without one a voiding gate."""
    effect = "void" if cap is None else "cap"
    return Gate(code, Text(code), expression(when), effect, cap, Text("because"), Text("appeal"))


def contract(lines: Sequence[Line] = (), **more: Any) -> Contract:
    """A contract of one section; its points are those of its lines unless given."""
    ranking = more.pop("ranking", {"intervals": "none"})
    grades = tuple(Grade(code, Text(code), bound) for code, bound in more.pop("grades", {}).items())
    watch = more.pop("watch", None)
    fields: dict[str, Any] = {
        "code": "c", "title": Text("c"), "description": Text(), "parties": Text(), "level": TOWN, "period": PERIOD,
        "points": sum(each.points for each in lines) or 100.0, "units": None, "peers": None,
        "sections": (Section("s", Text("s"), tuple(lines)),) if lines else (),
        "bonus_cap": 0.0, "bonus": (), "deductions": (), "gates": (), "bundle": (), "commend": None,
        "legal_reference": None, "grades": grades,
        "ranking": WrittenRanking(**ranking) if ranking is not None else None,
        "watch": Watch(*watch) if watch else None,
    }  # fmt: skip
    return Contract(**(fields | more))


def towns(rows: Mapping[str, Mapping[str, str | None]] | Iterable[str]) -> Units:
    """Units of the one level, with attributes where a mapping gives them."""
    attributes = rows if isinstance(rows, Mapping) else {code: {} for code in rows}
    made = [{"unit": code, "level": "town", "name": code, **more} for code, more in attributes.items()]
    units, problems = build_units(made, [], ["town"])
    assert not problems
    return units


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of a result table, NULL where a column is not given, for 2025 unless said."""
    schema = TABLES[name].schema
    usual = {"period": "2025", "frequency": "year", "level": "town", "breakdown": "", "category": ""}
    full = [
        {field.name: None for field in schema} | usual | {"basis": "reported"} | dict(row) for row in rows
    ]
    keep = [{field.name: row[field.name] for field in schema} for row in full]
    return pa.Table.from_pylist(keep, schema=schema)


def figures(values: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """Indicators table from unit → indicator → value (or a mapping of columns)."""
    return table(
        "indicators",
        [
            {"unit": unit, "indicator": name, **(value if isinstance(value, Mapping) else {"value": value})}
            for unit, named in values.items()
            for name, value in named.items()
        ],
    )


def day(text: str) -> float:
    """A date as an indicator carries it."""
    return float((dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days)
