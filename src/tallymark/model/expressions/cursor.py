"""A place among the tokens of an expression, and what to say when the next one does not fit."""

from __future__ import annotations

from collections.abc import Callable

from tallymark.model.expressions.errors import ExpressionError
from tallymark.model.expressions.tokens import Token
from tallymark.model.expressions.tree import COMPARISONS, Node

MOST_NESTING = 30


def too_deep() -> ExpressionError:
    """What is said of brackets within brackets within brackets."""
    return ExpressionError("the expression is nested too deeply", hint="split it into measures or indicators")


class Cursor:
    """Reads on token by token; `next` is the one that comes."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.nesting = 0
        self.next = tokens[0]

    def advance(self) -> Token:
        token = self.next
        self.at += 1
        self.next = self.tokens[min(self.at, len(self.tokens) - 1)]
        return token

    def takes(self, kind: str, *texts: str) -> Token | None:
        """The next token when it is one of these, which is then read."""
        if self.next.kind == kind and self.next.text in texts:
            return self.advance()
        return None

    def needs(self, kind: str, text: str) -> None:
        if not self.takes(kind, text):
            raise self.unexpected(text)

    def unexpected(self, wanted: str = "") -> ExpressionError:
        token = self.next
        before = self.tokens[self.at - 1].text.lower() if self.at else ""
        if before == "select" or token.text.lower() == "select":
            return ExpressionError("a query (select …) is not allowed in an expression")
        values = {"found": token.text, "wanted": wanted, "column": token.at + 1}
        if token.kind == "end":
            template = (
                "the expression ends too early: '{wanted}' is missing"
                if wanted
                else "the expression ends too early"
            )
            return ExpressionError(template, values, "look for an operator or bracket without its partner")
        if token.kind == "sign" and token.text in COMPARISONS:
            return ExpressionError("'{found}' (character {column}) is one comparison too many", values,
                                   "write a < b and b < c; >= and <= have the = behind")  # fmt: skip
        template = (
            "'{wanted}' is expected before '{found}' (character {column})"
            if wanted
            else "'{found}' (character {column}) is not expected here"
        )
        return ExpressionError(template, values, "look for an operator or bracket without its partner")

    def inside(self, part: Callable[[], Node]) -> Node:
        """A part one level further in."""
        self.nesting += 1
        if self.nesting > MOST_NESTING:
            raise too_deep()
        found = part()
        self.nesting -= 1
        return found
