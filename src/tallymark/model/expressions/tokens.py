"""Text → tokens of an expression; anything that no expression has is refused here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tallymark.model.expressions.errors import ExpressionError

KEYWORDS = frozenset(
    {
        "and",
        "or",
        "not",
        "in",
        "between",
        "is",
        "null",
        "case",
        "when",
        "then",
        "else",
        "end",
        "true",
        "false",
    }
)
"""Words that cannot be names."""
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<word>[^\W\d]\w*)
    | '(?P<text>(?:[^']|'')*)'
    | "(?P<quoted>(?:[^"\n]|"")+)"
    | (?P<sign><>|!=|<=|>=|==|[-+*/%=<>(),.])
    )""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")
_SAME = {"==": "=", "!=": "<>"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, keyword, number, text, sign or the end; `at` is its place in the text, from 0."""

    kind: str
    text: str
    at: int


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text, an end token last."""
    if "--" in text or "/*" in text:
        _refuse_comments(text)
    found: list[Token] = []
    at, length = 0, len(text.rstrip())
    while at < length:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _stranger(text, _SPACE.match(text, at).end())  # type: ignore[union-attr]
        found.append(_token(match))
        at = match.end()
    found.append(Token("end", "", length))
    return found


def _token(match: re.Match[str]) -> Token:
    kind = str(match.lastgroup)
    text = match[kind]
    at = match.start(kind)
    if kind == "word":
        lower = text.lower()
        return Token("keyword", lower, at) if lower in KEYWORDS else Token("word", text, at)
    if kind == "text":
        return Token(kind, text.replace("''", "'"), at)
    if kind == "quoted":
        return Token(kind, text.replace('""', '"'), at)
    return Token(kind, _SAME.get(text, text), at)


def _refuse_comments(text: str) -> None:
    """Comments outside of texts: `a --b` would silently be `a`."""
    bare = re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"", "''", text)
    if "--" in bare or "/*" in bare:
        raise ExpressionError(
            "comments (-- or /* */) are not allowed in an expression",
            hint="for a double negative write - (-x); put remarks behind # in the file",
        )


_STRANGERS = {
    ";": ("';' is not allowed: an expression is one formula", ""),
    "|": ("'|' is not allowed", "write `or` between conditions"),
    "&": ("'&' is not allowed", "write `and` between conditions"),
    "'": ("a text is not closed: a ' is missing", "a ' inside a text is written twice"),
    '"': ('a name in quotes is not closed: a " is missing', "texts go in single quotes"),
    "!": ("'!' is not allowed", "write `not`, or <> for different from"),
    "^": ("powers (^) are not allowed", "multiply: x * x"),
    ":": ("':' is not allowed: types cannot be changed in an expression", ""),
    "[": ("lists are not allowed", "for one of several values write x in (1, 2)"),
    "{": ("curly brackets are not allowed", ""),
    "?": ("parameters are not allowed", ""),
    "$": ("parameters are not allowed", ""),
}


def _stranger(text: str, at: int) -> ExpressionError:
    sign = text[at]
    if sign in _STRANGERS:
        template, hint = _STRANGERS[sign]
        return ExpressionError(template.replace("{", "{{"), hint=hint)
    word = re.match(r"[\w.]+", text[at:])
    return ExpressionError(
        "'{sign}' (character {column}) is not understood",
        {"sign": word[0] if word else sign, "column": at + 1},
        "a name that starts with a digit or has signs goes in double quotes" if word else "",
    )
