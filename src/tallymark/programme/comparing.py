"""What a check compares a unit's figure with, and how far apart the two may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tallymark.model.expressions import Expression
from tallymark.model.expressions.tree import COMPARISONS, Call, Node, Number
from tallymark.model.text import Text
from tallymark.texts import translate

RELATIVES = {
    "previous": "{title} in the period before",
    "last_year": "{title} a year before",
    "past": "median of {title} in the year before",
    "parent": "{title} of the unit above",
    "children": "sum of {title} over the units directly below",
    "siblings": "median of {title} among the units of the same level below the same parent",
    "siblings_spread": "spread (1.4826 × MAD) of {title} among the units of the same level below the same parent",
}
"""`previous.x`: what x is compared with → what is said of it."""
WITHIN = "{expect}, within {tolerance}"


def base_of(name: str) -> str:
    """The figure that a name of a check reads: `x` of `previous.x`."""
    first, dot, rest = name.partition(".")
    return rest if dot and first in RELATIVES else name


def relatives(names: Iterable[str]) -> list[str]:
    """Everything that figures can be compared with, by these names."""
    return [f"{relative}.{name}" for name in names for relative in RELATIVES]


def sides(expression: Expression) -> tuple[str, Node, Node] | None:
    """Sign, left and right of a comparison; None where the expression is none."""
    tree = expression.tree
    if isinstance(tree, Call) and tree.op in COMPARISONS and tree.op != "<>" and len(tree.args) == 2:
        return tree.op, tree.args[0], tree.args[1]
    return None


def tolerant(expression: Expression, tolerance: Mapping[str, float]) -> Expression:
    """The comparison, also true where its sides differ by no more than the largest tolerance.

    absolute: t; relative: t × |right|; scaled: t × √(|left| + |right|), the standard deviation of the difference of two
    Poisson counts: it lets a village of 5 miss by 6 and a county of 50,000 by 600 where t is 2.
    """
    found = sides(expression)
    if found is None or not tolerance:
        return expression
    sign, left, right = found
    apart = Call("-", (right, left) if sign in (">", ">=") else (left, right))
    size = Call("abs", (apart,)) if sign == "=" else apart
    within: list[Node] = [expression.tree]
    for kind, much in tolerance.items():
        number = Number(f"{much:.12g}")
        if kind == "absolute":
            within.append(Call("<=", (size, number)))
        elif kind == "relative":
            within.append(Call("<=", (size, Call("*", (number, Call("abs", (right,)))))))
        else:
            both = Call("+", (Call("abs", (left,)), Call("abs", (right,))))
            square = Call("*", (Number(f"{much * much:.12g}"), both))
            within.append(Call("<=", (Call("*", (apart, apart)), square)))
    return Expression(expression.text, Call("or", tuple(within)), expression.names, "boolean")


def in_words(
    written: Expression, tolerance: Mapping[str, float], titles: Mapping[str, Text], language: str
) -> str:
    """What must hold, as it was written, with the tolerance."""
    known = dict(titles)
    for name in written.names:
        base = base_of(name)
        if base != name:
            title = (titles.get(base) or Text(base))[language] or base
            said = translate(RELATIVES[name.partition(".")[0]], language).format(title=title)
            known[name] = Text(said, said)
    expect = written.in_words(known, language)
    if not tolerance:
        return expect
    shown: dict[str, Callable[[float], str]] = {
        "absolute": lambda much: f"{much:g}",
        "relative": lambda much: f"{100 * much:.4g} %",
        "scaled": lambda much: f"{much:g} × √n",
    }
    said = " / ".join(shown[kind](much) for kind, much in tolerance.items())
    return translate(WITHIN, language).format(expect=expect, tolerance=said)
