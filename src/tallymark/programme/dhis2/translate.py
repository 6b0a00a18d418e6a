"""Tree of a DHIS2 expression → an expression of ours over measures, or the reason why there is none.

Two things mean something else here, on purpose: an item that was not reported is unknown (DHIS2 counts it as 0),
and what is divided by zero is unknown (DHIS2 shows nothing, but compares it as larger than any number).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tallymark.programme.dhis2.grammar import parse
from tallymark.programme.dhis2.tree import Call, Item, Node, NotSupported, Number, Word

OPERATORS = {
    "+": "+", "-": "-", "*": "*", "/": "/", "%": "%", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
    "==": "=", "!=": "<>", "and": "and", "or": "or",
}  # fmt: skip
FUNCTIONS = {"greatest": "greatest", "least": "least", "firstNonNull": "coalesce"}
TIGHT = 9
BINDS = {
    "or": 1, "and": 2, "!": 3, "isNull": 4, "isNotNull": 4, "if": TIGHT,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4),
    **dict.fromkeys("+-", 5), **dict.fromkeys("*/%", 6), "neg": 7, "^": 6,
}  # fmt: skip
"""How tightly an operator holds its parts in our expressions; a power becomes a product."""
MOST_POWER = 6
"""Powers up to this are written out as products."""
RATES = {
    "REPORTING_RATE": "100 * {dataset}.received / {dataset}.expected",
    "REPORTING_RATE_ON_TIME": "100 * {dataset}.on_time / {dataset}.expected",
    "ACTUAL_REPORTS": "{dataset}.received",
    "ACTUAL_REPORTS_ON_TIME": "{dataset}.on_time",
    "EXPECTED_REPORTS": "{dataset}.expected",
}
WHY_NOT = {
    "OUG": "{item} counts the units of a group; declare it as a stock and measure it",
    "[days]": "[days] is the length of the period; use `annualise: true`",
    "I": "{item} is a program indicator: it counts individual events, which this file does not carry",
    "D": "{item} is a value of individual events, which this file does not carry",
    "A": "{item} is an attribute of tracked persons, which this file does not carry",
    "V": "{item} is a variable of individual events",
    "PS_EVENTDATE": "{item} is a date of individual events",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What references stand for.

    measure: gives the measure of a data element and category option combination (None: all of them), or None.
    constants: uid → number. datasets: uid → our name. indicators: uid → numerator, denominator, factor as DHIS2 has them.
    """

    measure: Callable[[str, str | None], str | None]
    constants: Mapping[str, float] = field(default_factory=dict)
    datasets: Mapping[str, str] = field(default_factory=dict)
    indicators: Mapping[str, tuple[str, str, float]] = field(default_factory=dict)


def translate(text: str, known: Known) -> str:
    """Our expression for a DHIS2 expression; NotSupported says what cannot be translated and why."""
    return _Writer(known, ()).write(parse(text))


class _Writer:
    def __init__(self, known: Known, within: tuple[str, ...]) -> None:
        self.known = known
        self.within = within
        """Indicators being written out, so that a circle is noticed."""

    def write(self, node: Node) -> str:
        if isinstance(node, Number):
            return node.text
        if isinstance(node, Word):
            return _word(node)
        if isinstance(node, Item):
            return self.item(node)
        return self.call(node)

    def call(self, node: Call) -> str:
        if node.op in OPERATORS:
            return self._chain(node)
        if node.op in ("neg", "!"):
            return f"{'-' if node.op == 'neg' else 'not '}{self._beside(node, node.args[0], right=True)}"
        if node.op == "^":
            return self.power(node)
        if node.op in ("isNull", "isNotNull"):
            return f"{self._beside(node, node.args[0])} is {'not ' if node.op == 'isNotNull' else ''}null"
        if node.op == "if":
            test, then, otherwise = (self.write(arg) for arg in node.args)
            return f"case when {test} then {then} else {otherwise} end"
        if node.op in FUNCTIONS:
            return f"{FUNCTIONS[node.op]}({', '.join(self.write(arg) for arg in node.args)})"
        raise NotSupported("the function {name}() is not supported", {"name": node.op})

    def _chain(self, node: Call) -> str:
        """Operators from the innermost outwards, so that a long sum needs no stack."""
        calls: list[Call] = []
        inner: Node = node
        while isinstance(inner, Call) and inner.op in OPERATORS:
            calls.append(inner)
            inner = inner.args[0]
        calls.reverse()
        text = self._beside(calls[0], inner)
        for at, call in enumerate(calls):
            if at and self._loose(call, calls[at - 1]):
                text = f"({text})"
            text = f"{text} {OPERATORS[call.op]} {self._beside(call, call.args[1], right=True)}"
        return text

    def _beside(self, node: Call, part: Node, *, right: bool = False) -> str:
        """A part of a call, in brackets where it would be read otherwise without."""
        return f"({self.write(part)})" if self._loose(node, part, right=right) else self.write(part)

    def _loose(self, node: Call, part: Node, *, right: bool = False) -> bool:
        own, inside = BINDS[node.op], self._binds(part)
        return inside < own or (inside == own and (right or own == BINDS["=="]))

    def _binds(self, node: Node) -> int:
        if isinstance(node, Call):
            return BINDS.get(node.op, TIGHT)
        # A reference may become a formula of its own (a rate, another indicator).
        return 0 if isinstance(node, Item) and node.kind in ("R", "N") else TIGHT

    def power(self, node: Call) -> str:
        base, exponent = node.args
        if not isinstance(exponent, Number) or exponent.value not in range(1, MOST_POWER + 1):
            raise NotSupported("a power other than 1 to {most} is not supported", {"most": MOST_POWER})
        one = self._beside(node, base)
        return " * ".join([one] * int(exponent.value))

    def item(self, node: Item) -> str:
        if node.kind == "#":
            return self.element(node)
        if node.kind == "C":
            if node.parts[0] not in self.known.constants:
                raise NotSupported("the constant {item} is not in the file", {"item": str(node)})
            return f"{self.known.constants[node.parts[0]]:.15g}"
        if node.kind == "R":
            return self.rate(node)
        if node.kind == "N":
            return self.indicator(node)
        raise NotSupported(WHY_NOT.get(node.kind, "{item} is not supported"), {"item": str(node)})

    def element(self, node: Item) -> str:
        element, combination, *rest = (*node.parts, "*")[:3] if len(node.parts) < 3 else node.parts
        if len(node.parts) > 3 or any(part != "*" for part in rest):
            raise NotSupported(
                "{item} asks for one attribute option combination; figures are added up over them",
                {"item": str(node)},
            )
        if any(mark in part for part in node.parts for mark in ("&", ":", "deGroup", "coGroup")):
            raise NotSupported("{item} refers to several data elements at once", {"item": str(node)})
        measure = self.known.measure(element, None if combination == "*" else combination)
        if measure is None:
            raise NotSupported(
                "{item} is not among the aggregate data elements of the file", {"item": str(node)}
            )
        return measure

    def rate(self, node: Item) -> str:
        dataset, kind = (*node.parts, "REPORTING_RATE")[:2]
        if dataset not in self.known.datasets or kind not in RATES:
            raise NotSupported(
                "{item} names a data set or a rate that is not in the file", {"item": str(node)}
            )
        return RATES[kind].format(dataset=self.known.datasets[dataset])

    def indicator(self, node: Item) -> str:
        uid = node.parts[0]
        if uid not in self.known.indicators:
            raise NotSupported("the indicator {item} is not in the file", {"item": str(node)})
        if uid in self.within:
            raise NotSupported("the indicator {item} refers to itself", {"item": str(node)})
        numerator, denominator, factor = self.known.indicators[uid]
        writer = _Writer(self.known, (*self.within, uid))
        above, below = (writer.write(parse(part)) for part in (numerator, denominator))
        return f"{factor:.15g} * ({above}) / ({below})"


def _word(node: Word) -> str:
    if node.value is None:
        return "null"
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    return "'" + node.value.replace("'", "''") + "'"
