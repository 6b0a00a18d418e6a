"""What a DHIS2 expression consists of, and the refusal of what we do not support."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tallymark.errors import TallymarkError


class NotSupported(TallymarkError):
    """Syntax that DHIS2 knows and we do not (or that nobody knows); `template` and `values` say which."""

    def __init__(self, template: str, values: Mapping[str, object] | None = None) -> None:
        super().__init__(template, **(values or {}))


@dataclass(frozen=True, slots=True)
class Number:
    text: str

    @property
    def value(self) -> float:
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Word:
    """A text literal, or true, false, null."""

    value: str | bool | None


@dataclass(frozen=True, slots=True)
class Item:
    """A reference in braces: kind (`#`, `C`, `OUG`, `R`, `N`, …) and its dotted parts, or `[days]`."""

    kind: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "[days]" if self.kind == "[days]" else f"{self.kind}{{{'.'.join(self.parts)}}}"


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function with its arguments; unary minus is `neg`, not is `!`."""

    op: str
    args: tuple[Node, ...]


Node = Number | Word | Item | Call
BINARY = frozenset({"^", "*", "/", "%", "+", "-", "<", ">", "<=", ">=", "==", "!=", "and", "or"})


def spine(node: Call) -> tuple[Node, list[Call]]:
    """The leftmost operand of a chain of binary operators, and the calls from the innermost outwards.

    Long sums are nested to the left; going along the chain keeps them from filling the stack.
    """
    calls: list[Call] = []
    inner: Node = node
    while isinstance(inner, Call) and inner.op in BINARY:
        calls.append(inner)
        inner = inner.args[0]
    return inner, calls[::-1]
