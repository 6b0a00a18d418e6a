"""Tokens → tree, with DHIS2's own precedence.

From tightest: `^` (to the right), unary `+ - ! not`, `* / %`, `+ -`, `< > <= >=`, `== !=`, `&& and`, `|| or`.
So `-2 ^ 2` is −4. Source: grammar Expression.g4 of dhis2-core (order of the alternatives of `expr`).
"""

from __future__ import annotations

from tallymark.programme.dhis2.tokens import Token, tokens
from tallymark.programme.dhis2.tree import Call, Item, Node, NotSupported, Number, Word

LEVELS: tuple[dict[str, str], ...] = (
    {"||": "or", "or": "or"},
    {"&&": "and", "and": "and"},
    {"==": "==", "!=": "!="},
    {"<": "<", ">": ">", "<=": "<=", ">=": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)
"""Binary operators, loosest first, as written → as named in the tree."""
FUNCTIONS = {
    "if": (3, 3), "isNull": (1, 1), "isNotNull": (1, 1), "firstNonNull": (1, 99), "greatest": (1, 99),
    "least": (1, 99), "log": (1, 2), "log10": (1, 1),
}  # fmt: skip
"""Functions that are understood → fewest and most arguments."""
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
MOST_NESTING = 40


def parse(text: str) -> Node:
    """The tree of a DHIS2 expression; NotSupported says what in it is not understood."""
    reader = _Reader(tokens(text))
    tree = reader.level(0)
    reader.expect("end")
    return tree


class _Reader:
    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.position = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.found[self.position]

    def take(self) -> Token:
        token = self.now
        self.position += 1
        return token

    def expect(self, text: str) -> None:
        if (self.now.text or self.now.kind) != text:
            raise self.surprise()
        self.position += 1

    def surprise(self) -> NotSupported:
        if self.now.kind == "end":
            return NotSupported("the expression ends too early")
        if self.now.text == ".":
            after = self.found[self.position + 1].text
            return NotSupported("'.{name}' after an expression is not supported", {"name": after})
        return NotSupported(
            "'{text}' at character {at} is out of place", {"text": self.now.text, "at": self.now.at}
        )

    def level(self, at: int) -> Node:
        """A chain of the operators of that level, read from the left."""
        if at == len(LEVELS):
            return self.unary()
        tree = self.level(at + 1)
        while self.now.kind in ("op", "word") and self.now.text in LEVELS[at]:
            op = LEVELS[at][self.take().text]
            tree = Call(op, (tree, self.level(at + 1)))
        return tree

    def unary(self) -> Node:
        if self.now.text in ("-", "+", "!", "not") and self.now.kind in ("op", "word"):
            op = self.take().text
            self.deeper()
            operand = self.unary()
            self.depth -= 1
            if op == "+":
                return operand
            return Call("neg" if op == "-" else "!", (operand,))
        return self.power()

    def power(self) -> Node:
        base = self.primary()
        if self.now.text == "^":
            self.take()
            self.deeper()
            # A sign may stand before the exponent; the exponent's own powers bind first.
            tree = Call("^", (base, self.unary()))
            self.depth -= 1
            return tree
        return base

    def primary(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return Number(token.text)
        if token.kind == "string":
            return Word(token.text[1:-1].replace("\\'", "'").replace('\\"', '"'))
        if token.kind == "days":
            return Item("[days]", ())
        if token.kind == "item":
            kind, _, rest = token.text[:-1].partition("{")
            return Item(kind, tuple(part.strip() for part in rest.split(".")))
        if token.text == "(":
            self.deeper()
            tree = self.level(0)
            self.depth -= 1
            self.expect(")")
            return tree
        if token.kind == "word":
            return self.word(token)
        self.position -= 1
        raise self.surprise()

    def word(self, token: Token) -> Node:
        if self.now.text != "(":
            if token.text in WORDS:
                return Word(WORDS[token.text])
            self.position -= 1
            raise self.surprise()
        if token.text not in FUNCTIONS:
            raise NotSupported("the function {name}() is not supported", {"name": token.text})
        self.take()
        args = [self.level(0)]
        while self.now.text == ",":
            self.take()
            args.append(self.level(0))
        self.expect(")")
        fewest, most = FUNCTIONS[token.text]
        if not fewest <= len(args) <= most:
            raise NotSupported(
                "{name}() takes {fewest} to {most} arguments, not {count}",
                {"name": token.text, "fewest": fewest, "most": most, "count": len(args)},
            )
        return Call(token.text, tuple(args))

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MOST_NESTING:
            raise NotSupported("the expression is nested too deeply")
