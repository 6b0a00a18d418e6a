"""The shape of an equation (its text with names and numbers taken out) and the program that evaluates a shape.

Thousands of equations share a few dozen shapes, so that each shape is read once. Nothing is ever executed as
code: a shape becomes a tree of the functions and operators in `functions.py`, or an EquationError.

    or → and → not → comparison → sum → product → sign → power → number, name, call, ( … )
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tallymark.findings import did_you_mean
from tallymark.score.equations.errors import EquationError
from tallymark.score.equations.functions import FUNCTIONS, OPERATORS, Floats, Function, Way, negated

SLOT = "@"
"""Stands for a name or number in a shape."""
LEAF = re.compile(
    r"(?<![\w.@])("
    r"(?!(?i:and|or|not|true|false)\b)[A-Za-z_]\w*+(?:\.\w++)*+(?!\s*\()"
    r"|(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?+(?!\w)"
    r")"
)
"""A name that is not called, or a number."""
NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*")
TOKEN = re.compile(r"\s*(?:(@)|([A-Za-z_]\w*)|(&&|\|\||[<>=!]=|<>|\*\*|[-+*/%^<>=!(),]))")
SAME = {"==": "=", "<>": "!=", "**": "^", "&&": "and", "||": "or", "!": "not"}
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
DEEPEST = 50
"""Most brackets, calls and signs inside each other: what is deeper is a mistake, and would exhaust the stack."""

Program = Callable[[Way, tuple[Floats, ...]], Floats]
Part = TypeVar("Part")


def shape_of(text: str) -> tuple[str, list[str]]:
    """An equation's shape and the names and numbers taken out of it, in order."""
    parts = LEAF.split(text)
    return SLOT.join(parts[::2]), parts[1::2]


@lru_cache(maxsize=4096)
def program(shape: str) -> Program:
    """The function (way, columns of the slots in order) → column that evaluates a shape.

    Errors: EquationError says what is wrong with the shape.
    """
    return _Reader(_tokens(shape)).whole()


def _tokens(shape: str) -> list[str]:
    found, at = [], 0
    while at < len(shape.rstrip()):
        match = TOKEN.match(shape, at)
        if match is None:
            raise EquationError(f"'{shape[at:].strip()[0]}' has no meaning in an equation")
        word = match.group(1) or (match.group(2) or match.group(3)).lower()
        found.append(SAME.get(word, word))
        at = match.end()
    return found


class _Reader:
    """Reads the tokens of a shape from left to right, one method a level of the grammar."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.slots = 0
        self.depth = 0

    def whole(self) -> Program:
        if not self.tokens:
            raise EquationError("the equation is empty; write 0 when nothing is meant")
        found = self._either()
        if self.at < len(self.tokens):
            raise EquationError(f"nothing was expected at '{self.tokens[self.at]}'")
        return found

    def _next(self, *wanted: str) -> str | None:
        """The token here, gone past, when it is one of the wanted."""
        if self.at < len(self.tokens) and self.tokens[self.at] in wanted:
            self.at += 1
            return self.tokens[self.at - 1]
        return None

    def _need(self, wanted: str) -> None:
        if self._next(wanted) is None:
            here = f"at '{self.tokens[self.at]}'" if self.at < len(self.tokens) else "at the end"
            raise EquationError(f"'{wanted}' is missing {here}")

    def _chain(self, part: Callable[[], Program], *signs: str) -> Program:
        """Parts joined by operators of one rank, from left to right."""
        first, rest = part(), list[tuple[Function, Program]]()
        while sign := self._next(*signs):
            rest.append((OPERATORS[sign], part()))
        return _folded(first, rest) if rest else first

    def _either(self) -> Program:
        return self._chain(self._both, "or")

    def _both(self) -> Program:
        return self._chain(self._negation, "and")

    def _negation(self) -> Program:
        if self._next("not"):
            return _joined(negated, self._deeper(self._negation))
        return self._comparison()

    def _comparison(self) -> Program:
        return self._chain(self._sum, *COMPARISONS)

    def _sum(self) -> Program:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Program:
        return self._chain(self._sign, "*", "/", "%")

    def _sign(self) -> Program:
        if self._next("-"):
            part = self._deeper(self._sign)
            return lambda way, columns: -part(way, columns)
        if self._next("+"):
            return self._deeper(self._sign)
        return self._power()

    def _power(self) -> Program:
        found = self._leaf()
        return _joined(OPERATORS["^"], found, self._deeper(self._sign)) if self._next("^") else found

    def _leaf(self) -> Program:
        if self._next(SLOT):
            slot = self.slots
            self.slots += 1
            return lambda way, columns: columns[slot]
        if self._next("("):
            found = self._deeper(self._either)
            self._need(")")
            return found
        if word := self._next("true", "false"):
            return _constant(float(word == "true"))
        return self._call()

    def _call(self) -> Program:
        if self.at >= len(self.tokens):
            raise EquationError("it stops in the middle: a number, name or function is missing at the end")
        name = self.tokens[self.at]
        if not (name[0].isalpha() or name[0] == "_"):
            raise EquationError(f"a number, name or function is missing at '{name}'")
        self.at += 1
        args = tuple(self._arguments())
        if name not in FUNCTIONS:
            near = did_you_mean(name, FUNCTIONS)
            more = f"did you mean {near[0]}?" if near else f"there are: array, {', '.join(FUNCTIONS)}"
            raise EquationError(f"there is no function '{name}'; {more}")
        function = FUNCTIONS[name]
        if not function.least <= len(args) <= function.most:
            takes = str(function.least) if function.least == function.most else f"{function.least} or more"
            raise EquationError(f"{name}() takes {takes} arguments, not {len(args)}")
        return _joined(function.run, *args)

    def _arguments(self) -> list[Program]:
        """What is between the brackets of a call; an `array(…)` among them is its parts."""
        self._need("(")
        found: list[Program] = []
        while True:
            if self._next("array"):
                found += self._deeper(self._arguments)
            else:
                found.append(self._deeper(self._either))
            if not self._next(","):
                break
        self._need(")")
        return found

    def _deeper(self, part: Callable[[], Part]) -> Part:
        self.depth += 1
        if self.depth > DEEPEST:
            raise EquationError(f"more than {DEEPEST} brackets or signs are inside each other")
        found = part()
        self.depth -= 1
        return found


def _joined(run: Program, *parts: Program) -> Program:
    return lambda way, columns: run(way, tuple(part(way, columns) for part in parts))


def _folded(first: Program, rest: list[tuple[Function, Program]]) -> Program:
    """Operators of one rank from left to right, in a loop: a sum of thousands must not exhaust the stack."""

    def run(way: Way, columns: tuple[Floats, ...]) -> Floats:
        found = first(way, columns)
        for operator, part in rest:
            found = operator(way, (found, part(way, columns)))
        return found

    return run


def _constant(value: float) -> Program:
    def run(way: Way, columns: tuple[Floats, ...]) -> Floats:
        size = len(columns[0]) if columns else 1
        constant: NDArray[np.float64] = np.full(size, value)
        return constant

    return run
