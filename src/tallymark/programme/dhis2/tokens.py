"""Text of a DHIS2 expression → tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tallymark.programme.dhis2.tree import NotSupported

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?)
      | (?P<item>(?:\#|[A-Z][A-Za-z_]*)\{[^{}]*\})
      | (?P<days>\[days\])
      | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?::[A-Za-z0-9_]+)?)
      | (?P<op>&&|\|\||==|!=|<=|>=|[-+*/%^<>!(),.])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """kind: number, item, days, string, word, op or end; at: position in the text, from 1."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """The tokens of an expression, an `end` last; NotSupported at a character that no token starts with."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise NotSupported(
                "'{character}' at character {at} is not understood",
                {"character": text[position], "at": position + 1},
            )
        if match["space"] is None:
            kind = next(name for name, value in match.groupdict().items() if value is not None)
            found.append(Token(kind, match.group(), position + 1))
        position = match.end()
    found.append(Token("end", "", len(text) + 1))
    return found
