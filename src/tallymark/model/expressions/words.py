"""Tree → the formula as people read it: symbols, titles instead of codes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from tallymark.model.expressions.sql import AND, COMPARE, LOOSE, NOT, PRODUCT, STRENGTH, SUM, TIGHT
from tallymark.model.expressions.tree import COMPARISONS, Call, Name, Node, Number, Value
from tallymark.texts import translate

SYMBOLS = {"-": "−", "*": "×", "/": "÷", "%": "mod", "<>": "≠", "<=": "≤", ">=": "≥"}
_AMBIGUOUS = re.compile(r"[-+*/×÷−=<>(),，（）]")
_FUNCTIONS = {
    "greatest": "the greatest of ({list})",
    "least": "the least of ({list})",
    "date_diff": "days from {first} to {second}",
    "year": "year of {first}",
    "quarter": "quarter of {first}",
    "month": "month of {first}",
    "day": "day of the month of {first}",
    "lower": "{first} in small letters",
    "upper": "{first} in capitals",
    "length": "number of characters of {first}",
    "starts_with": "{first} starts with {second}",
    "is null": "{first} is missing",
    "between": "{first} from {second} to {third}",
    "in": "{first} is one of ({others})",
    "not": "not {first}",
    "not in": "{first} is not one of ({others})",
    "not is null": "{first} is not missing",
    "not starts_with": "{first} does not start with {second}",
    "not between": "{first} not from {second} to {third}",
    "coalesce": "{first} (where missing: {others})",
    "nullif": "{first} (missing where it is {second})",
}


def to_words(node: Node, title: Callable[[str], str], language: str) -> str:
    """The formula in symbols and words of `language`; `title` gives what people call a name."""
    return _Speaker(title, language).say(node, LOOSE)


class _Speaker:
    def __init__(self, title: Callable[[str], str], language: str) -> None:
        self.title = title
        self.language = language

    def word(self, message: str) -> str:
        return translate(message, self.language)

    def say(self, node: Node, strength: int) -> str:
        if isinstance(node, Name):
            title = self.title(node.name)
            return f"“{title}”" if _AMBIGUOUS.search(title) else title
        if isinstance(node, Number):
            return node.text
        if isinstance(node, Value):
            return self.value(node)
        text = self.call(node)
        return f"({text})" if STRENGTH.get(node.op, TIGHT) < strength else text

    def value(self, node: Value) -> str:
        if node.value is None:
            return self.word("missing")
        if isinstance(node.value, bool):
            return self.word("yes") if node.value else self.word("no")
        return node.value.isoformat() if isinstance(node.value, dt.date) else f"“{node.value}”"

    def call(self, node: Call) -> str:
        op, args = node.op, node.args
        if op in ("and", "or"):
            strength = AND if op == "or" else NOT
            return f" {self.word(op)} ".join(self.say(arg, strength) for arg in args)
        if op in ("+", "*"):
            mine = STRENGTH[op]
            symbol = SYMBOLS.get(op, op)
            return f" {symbol} ".join(
                self.say(arg, mine if i == 0 else mine + 1) for i, arg in enumerate(args)
            )
        if op in ("-", "/", "%"):
            mine = STRENGTH[op]
            return f"{self.say(args[0], mine)} {SYMBOLS[op]} {self.say(args[1], mine + 1)}"
        if op in COMPARISONS:
            return f"{self.say(args[0], SUM)} {SYMBOLS.get(op, op)} {self.say(args[1], SUM)}"
        if op == "neg":
            return f"−{self.say(args[0], TIGHT)}"
        if op == "abs":
            return f"|{self.say(args[0], LOOSE)}|"
        return self.case(args) if op == "case" else self.function(op, args)

    def function(self, op: str, args: tuple[Node, ...]) -> str:
        if op == "not" and isinstance(args[0], Call) and f"not {args[0].op}" in _FUNCTIONS:
            op, args = f"not {args[0].op}", args[0].args
        strength = LOOSE if op in ("greatest", "least") else COMPARE if op == "not" else PRODUCT
        said = [self.say(arg, strength) for arg in args]
        places = dict(zip(("first", "second", "third"), said, strict=False))
        template = self.word(_FUNCTIONS[op])
        return template.format(list=", ".join(said), others=", ".join(said[1:]), **places)

    def case(self, args: tuple[Node, ...]) -> str:
        parts = [
            self.word("if {condition}: {value}").format(
                condition=self.say(when, LOOSE), value=self.say(then, LOOSE)
            )
            for when, then in zip(args[:-1:2], args[1::2], strict=True)
        ]
        parts.append(self.word("otherwise: {value}").format(value=self.say(args[-1], LOOSE)))
        return "[" + "; ".join(parts) + "]"
