"""A stated figure set against what quantities linked to it give: explained, a slip, or strongly linked and wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tallymark.verify.prose.claims import Claim
from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.linked.quantities import Quantity
from tallymark.verify.prose.rounding import exact, half_up
from tallymark.verify.prose.sentences import shortened

FEWEST_DIGITS = 3
"""With fewer digits a third of all figures are slips of each other."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What two or more quantities give: the value in the stated figure's own terms, from the least to the most, and how."""

    right: Fraction
    low: Fraction
    high: Fraction
    arithmetic: str
    operands: tuple[Figure, ...]
    strong: bool = False
    """Whether the words leave no doubt that these are meant."""
    slips: bool = True
    """Whether a slip of one digit is reason enough."""


def digits(value: Fraction, figure: Figure) -> str:
    """The digits of a value printed as a figure is."""
    return str(int(half_up(abs(value) / figure.times, figure.decimals) * 10**figure.decimals))


def slipped(figure: Figure, value: Fraction, fewest: int = FEWEST_DIGITS) -> bool:
    """Whether a figure and a value differ in one digit, or in two digits that changed places."""
    a, b = digits(figure.value, figure), digits(value, figure)
    if len(a) != len(b) or len(a) < fewest or a == b:
        return False
    places = [at for at in range(len(a)) if a[at] != b[at]]
    return len(places) == 1 or (
        len(places) == 2 and a[places[0]] == b[places[1]] and a[places[1]] == b[places[0]]
    )


def explained(stated: Figure, candidates: Iterable[Candidate]) -> Candidate | None:
    """A candidate that gives the stated figure, printed as it is."""
    low, high = stated.value - stated.slack, stated.value + stated.slack
    return next((each for each in candidates if each.low <= high and each.high >= low), None)


def decided(stated: Figure, candidates: Sequence[Candidate], reach: int = 4) -> Candidate | None:
    """The candidate that shows a stated figure to be wrong: the first strong one, else the first that it slips from."""
    if explained(stated, candidates):
        return None
    slips = [each for each in candidates[:reach] if each.slips and slipped(stated, each.right)]
    return next((each for each in slips if each.strong), None) or next(
        iter(slips), next((each for each in candidates if each.strong), None)
    )


HINT = "one of the three is wrong; the smallest repairs: {repairs}"


def wrong(code: str, stated: Quantity, candidate: Candidate, hint: str = HINT) -> Claim:
    """A claim that a stated figure is not what others give."""
    figure = stated.figure
    shown = figure.like(candidate.right)
    return Claim(
        code, stated.sentence, figure.start, quoted(stated), False, candidate.arithmetic,
        template="“{quote}”: {arithmetic}, not {stated}", hint=hint,
        values={"stated": figure.raw.strip()}, repairs=(f"{figure.raw.strip()} ↔ {shown}",),
        stated=figure, right=candidate.right,
    )  # fmt: skip


def turned(stated: Quantity, then: Figure, now: Figure) -> Claim:
    """A claim that a movement goes the other way than its words say."""
    text = f"{then.raw.strip()} → {now.raw.strip()}"
    return Claim(
        "prose.difference", stated.sentence, stated.figure.start, stated.sentence.quote(), False, text,
        template="“{quote}”: the direction is wrong, {arithmetic}", hint="put right what is wrong: {repairs}",
        repairs=(text,), stated=stated.figure,
    )  # fmt: skip


def apart(right: Fraction, stated: Fraction) -> Fraction:
    """How far two numbers are apart, as a share of the larger."""
    return abs(right - stated) / max(abs(right), abs(stated), Fraction(1, 10**6))


def quoted(stated: Quantity) -> str:
    """The sentence, or the stretch of it that ends a little after the figure when it is long."""
    text, end = stated.sentence.text, stated.figure.end + 24
    return shortened(text.strip()) if len(text) <= 160 else shortened("…" + text[max(0, end - 150) : end])


def shown(figure: Figure, unit: str = "") -> str:
    """A figure as an equation shows it."""
    return figure.raw.strip() + unit


def plain(value: Fraction) -> str:
    """A number of an equation."""
    return exact(value)
