"""The value of a DHIS2 expression as DHIS2's own parser computes it.

Numbers are doubles, but + - * and % are done exactly on their shortest decimals and / to 16 digits, so that
0.1 + 0.2 is 0.3. Anything divided by zero is NaN; NaN compares as larger than every number (as in Java).
Source: BinaryOperator of dhis2/expression-parser; proved by tests/oracle/test_dhis2_expressions.py.
"""

from __future__ import annotations

import decimal
import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal

from tallymark.programme.dhis2.grammar import parse
from tallymark.programme.dhis2.tree import BINARY, Call, Item, Node, NotSupported, Number, Word, spine

Value = float | bool | str | None
EXACT = decimal.Context(prec=800, rounding=decimal.ROUND_HALF_EVEN)
SIXTEEN = decimal.Context(prec=16, rounding=decimal.ROUND_HALF_EVEN)
MOST_EXPONENT = 10_000
Binary = Callable[[float, float], float]
Order = tuple[bool, float]


def dhis2_arithmetic(text: str, values: Mapping[str, float | None] | None = None) -> Value:
    """What the expression gives: a number, true or false, or None where an item it needs is missing.

    values: item as written (`#{abc}`, `C{x}`) → its value. NaN is what DHIS2 shows as no value.
    NotSupported says which syntax is not understood.
    """
    return _value(parse(text), values or {})


def _value(node: Node, values: Mapping[str, float | None]) -> Value:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Word):
        return node.value
    if isinstance(node, Item):
        if str(node) not in values:
            raise NotSupported("no value is given for {item}", {"item": str(node)})
        return values[str(node)]
    return _call(node, values)


def _call(node: Call, values: Mapping[str, float | None]) -> Value:
    if node.op == "if":
        test = _truth(_value(node.args[0], values), "if")
        return _value(node.args[1 if test else 2], values)  # an unknown test takes the second way
    if node.op in BINARY:
        first, calls = spine(node)
        value = _value(first, values)
        for call in calls:
            value = _binary(call, value, values)
        return value
    found = [_value(arg, values) for arg in node.args]
    if node.op in ("isNull", "isNotNull"):
        return (found[0] is None) == (node.op == "isNull")
    if node.op == "firstNonNull":
        return next((value for value in found if value is not None), None)
    if node.op in ("greatest", "least"):
        known = [_number(value, node.op) for value in found if value is not None]
        return (max if node.op == "greatest" else min)(known) if known else None
    if any(value is None for value in found):
        return None
    return _OPERATIONS[node.op](*found)


def _binary(node: Call, found: Value, values: Mapping[str, float | None]) -> Value:
    """An operator whose left side is known."""
    if node.op in ("and", "or"):
        return _logic(node, found, values)
    other = _value(node.args[1], values)
    return None if found is None or other is None else _OPERATIONS[node.op](found, other)


def _logic(node: Call, found: Value, values: Mapping[str, float | None]) -> Value:
    """Three-valued, left before right: a decided left side leaves the right unread."""
    decides = node.op == "or"
    left = _truth(found, node.op)
    if left is decides:
        return decides
    right = _truth(_value(node.args[1], values), node.op)
    if right is decides:
        return decides
    return None if left is None or right is None else not decides


def _truth(value: Value, op: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise NotSupported("'{op}' needs true or false, not {value}", {"op": op, "value": value})


def _number(value: Value, op: str) -> float:
    if isinstance(value, bool) or not isinstance(value, float | int):
        raise NotSupported("'{op}' needs a number, not {value}", {"op": op, "value": value})
    return float(value)


def _decimal(
    operation: Callable[[Decimal, Decimal], Decimal], plain: Callable[[float, float], float]
) -> Binary:
    """An operation done on decimals, or on doubles when one of them is not a number."""

    def done(left: float, right: float) -> float:
        if not (math.isfinite(left) and math.isfinite(right)):
            return plain(left, right)
        return float(operation(Decimal(repr(left)), Decimal(repr(right))))

    return done


def _divide(left: float, right: float) -> float:
    if right == 0 or not (math.isfinite(left) and math.isfinite(right)):
        return math.nan if right == 0 else left / right
    return float(SIXTEEN.divide(Decimal(repr(left)), Decimal(repr(right))))


def _remainder(left: float, right: float) -> float:
    """The sign of the dividend; NaN by zero or of infinity."""
    if right == 0 or not math.isfinite(left) or math.isnan(right):
        return math.nan
    if math.isinf(right):
        return left
    return float(EXACT.remainder(Decimal(repr(left)), Decimal(repr(right))))


def _power(base: float, exponent: float) -> float:
    if not (math.isfinite(base) and math.isfinite(exponent)):
        return float(base**exponent)
    if exponent != int(exponent) or abs(exponent) > MOST_EXPONENT:
        # DHIS2 drops the fraction of an exponent: 4 ^ 0.5 is 1 there. Nobody means that.
        raise NotSupported("the exponent {exponent} is not a whole number", {"exponent": exponent})
    if base == 0 and exponent < 0:
        return math.nan
    return float(EXACT.power(Decimal(repr(base)), int(exponent)))


def _log10(value: float) -> float:
    return math.log10(value) if value > 0 else (-math.inf if value == 0 else math.nan)


def _ln(value: float) -> float:
    return math.log(value) if value > 0 else (-math.inf if value == 0 else math.nan)


def _log(value: float, base: float | None = None) -> float:
    if base is None:
        return _ln(value)
    below = _ln(base)
    return _ln(value) / below if below else math.nan


def _numeric(op: str, function: Callable[..., float]) -> Callable[..., Value]:
    return lambda *found: function(*(_number(value, op) for value in found))


def _compare(op: str, test: Callable[[Order, Order], bool]) -> Callable[..., Value]:
    return lambda left, right: test(_order(_number(left, op)), _order(_number(right, op)))


def _order(value: float) -> Order:
    return (True, 0.0) if math.isnan(value) else (False, value)


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return _order(left) == _order(right)
    return left == right


_OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": _numeric("+", _decimal(EXACT.add, operator.add)),
    "-": _numeric("-", _decimal(EXACT.subtract, operator.sub)),
    "*": _numeric("*", _decimal(EXACT.multiply, operator.mul)),
    "/": _numeric("/", _divide),
    "%": _numeric("%", _remainder),
    "^": _numeric("^", _power),
    "neg": _numeric("-", operator.neg),
    "!": lambda value: not _truth(value, "!"),
    "<": _compare("<", operator.lt),
    "<=": _compare("<=", operator.le),
    ">": _compare(">", operator.gt),
    ">=": _compare(">=", operator.ge),
    "==": _same,
    "!=": lambda left, right: not _same(left, right),
    "log": _numeric("log", _log),
    "log10": _numeric("log10", _log10),
}
