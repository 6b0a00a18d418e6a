"""Quantities: the figures of a text with the words, units and places by which one is linked to another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tallymark.verify.prose.figures import Figure
from tallymark.verify.prose.sentences import Sentence
from tallymark.verify.prose.tables import SPACED

SIGN = r"ⒸⓂⓅⓇⒹⒼ"
EDGE = re.compile(rf"[，,。；;：:、（()）\n\t{SIGN}]")
MEASURED = re.compile(
    r"\s?(人天|户次|件次|人次|台次|车次|册次|批次|例次|[一-鿿]{0,1}立方米|平方米|公里|公顷|公斤|千克|个?小时|个?工作日|分钟|天|亩|吨|升|米|分(?!之|别)|册|宗|通|辆|名|人|户|例|件|家|所|条|个|次|份|起|座|台|场|批|处|篇|头|株|盏|枚|票)"
)
FOLDED = {"名": "人", "例": "人", "台次": "台", "个小时": "小时", "户次": "户次"}
"""Units by which the same things are counted."""
POINTS = re.compile(
    r"\s*(?:percentage )?points?\b(?=\s*(?:from|above|below|up|down|on|more|lower|higher|,|\.|$))", re.I
)
MOST = 40
"""Farther figures are not linked to a figure."""
GROWTH = re.compile(
    r"(?:增长(?!率)|上升|提高|提升|下降|降低|减少|增加(?!值)|增幅|降幅|同比|环比|回落|涨|跌|增速|升(?![学级])|降|偏多|偏少|加快|扩大|收窄)[^，。；ⓅⓇⒹ]{0,6}(?<![到至])$|"
    r"\b(?:increase[ds]?|rise|rose|risen|grew|growth|gain\w*|drop\w*|decrease[ds]?|decline[ds]?|fell|fall\w*|reduction|reduced|up|down|more|fewer|less|by|improve\w*|over|above|below|[+−-])\s*(?:of|by|a)?\s*$|[+＋]\s*$",
    re.I,
)
GROWTH_AFTER = re.compile(
    r"^\s?(?:的?(?:增长|增幅|涨幅|降幅|速度))|^\s*(?:increase|decrease|rise|fall|drop|growth|decline|reduction|more|fewer|less|higher|lower|over|above|below|up|down|points?|increases?)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure with what stands before it (from the figure before) and after it (to the next edge)."""

    sentence: Sentence
    figure: Figure
    place: int
    """In the skeleton of its sentence."""
    order: int
    """Among the quantities of the document."""
    lead: str
    label: str
    """The words of its own clause before it."""
    tail: str
    unit: str
    sure: bool
    grown: bool = field(default=False)
    """Whether it is growth or a difference rather than a level."""
    segment: str = field(default="", compare=False)
    """The words before it, as far as the last figure of its unit, and after it."""

    @property
    def words(self) -> str:
        """What it is said to be of: the words around it."""
        return f"{self.label} {self.tail}"

    @property
    def exact(self) -> bool:
        """Whether it is neither about so much nor a bound nor a range; it may be a plan."""
        return not (self.figure.approximate or self.figure.bound or self.figure.high)

    @property
    def chinese(self) -> bool:
        """Whether its clause is Chinese."""
        return bool(
            re.search(r"[一-鿿]", self.lead[-40:] + self.tail[:40] + self.figure.raw + self.unit.strip("元"))
        )


def quantities_of(sentences: Sequence[Sentence]) -> list[Quantity]:
    """Every figure of running text, in order; cells of tables are none."""
    found: list[Quantity] = []
    for sentence in sentences:
        if not in_table(sentence):
            found.extend(each for each in _of_sentence(sentence, len(found)) if not _in_row(each))
    return [replace(each, order=order) for order, each in enumerate(found)]


def _in_row(each: Quantity) -> bool:
    """Whether a figure stands in a printed row: a label and numbers."""
    block, place = each.sentence.block, each.sentence.start + each.figure.start
    edges = [0, *block.breaks, len(block.text)]
    start = max(edge for edge in edges if edge <= place)
    end = min(edge for edge in edges if edge > place)
    return len(edges) > 2 and bool(SPACED.match(block.text[start:end]))


def in_table(sentence: Sentence) -> bool:
    """Whether a sentence is a cell."""
    text, end = sentence.block.text, sentence.start + len(sentence.text)
    return bool(re.search(r"[\t|｜]", text[max(0, sentence.start - 1) : end + 1]))


def _of_sentence(sentence: Sentence, order: int) -> Iterator[Quantity]:
    last, before, units = 0, "", dict[str, int]()
    places = sorted(sentence.at)
    for at, place in enumerate(places):
        figure = sentence.at[place]
        lead = sentence.skeleton[last:place]
        until = places[at + 1] if at + 1 < len(places) else len(sentence.skeleton)
        after = sentence.skeleton[place + 1 : until]
        tail = EDGE.split(after)[0] if not re.match(r"\s*[（(]", after) else ""
        label = EDGE.split(lead)[-1].strip()
        if at and MEASURED.fullmatch(lead):
            label = before  # 4,862户8,317人
        unit = _unit(figure, after)
        segment = sentence.skeleton[units.get(unit + figure.kind, 0) : place] + " " + tail
        last, before, units[unit + figure.kind] = place + 1, label, place + 1
        if figure.kind == "count" and POINTS.match(tail):
            figure = replace(figure, kind="points", per=100)
        yield Quantity(
            sentence, figure, place, order + at, lead, label, tail.strip(), unit,
            not (figure.approximate or figure.bound or figure.high or figure.aimed),
            bool(GROWTH.search(label) or GROWTH_AFTER.match(tail)), segment,
        )  # fmt: skip


def _unit(figure: Figure, after: str) -> str:
    if figure.kind == "money":
        return "元"
    found = MEASURED.match(after)
    unit = found.group(1) if found else figure.unit
    return FOLDED.get(unit, unit)


def near(all_of: Sequence[Quantity], of: Quantity, reach: int = 3) -> list[Quantity]:
    """The other quantities of its paragraph, and of the sentences just before it in others, nearest first."""
    window = all_of[max(0, of.order - MOST) : of.order + MOST]
    first = next(each.order for each in window if each.sentence.block is of.sentence.block)
    earlier = [each for each in window if each.order < first]
    sentences = list(dict.fromkeys(id(each.sentence) for each in reversed(earlier)))[:reach]
    kept = [
        each for each in window
        if each is not of and (each.sentence.block is of.sentence.block or id(each.sentence) in sentences)
    ]  # fmt: skip
    return sorted(kept, key=lambda each: (abs(each.order - of.order), each.order > of.order))[:MOST]


def paragraph(all_of: Sequence[Quantity], of: Quantity) -> list[Quantity]:
    """The other quantities of its paragraph, nearest first."""
    return [each for each in near(all_of, of, reach=0) if each.sentence.block is of.sentence.block]


def alike_units(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities can be counts of the same things (English words tell no unit)."""
    if (one.figure.kind == "money") != (other.figure.kind == "money"):
        return False
    return one.unit == other.unit or not (one.unit and other.unit) or {one.unit, other.unit} == {"份", "人"}


def levels(among: Sequence[Quantity], *, planned: bool = False) -> list[Quantity]:
    """Counts and amounts that are levels, exactly told; those that are planned only where asked for."""
    counts = [each for each in among if each.figure.kind in ("count", "money") and not each.grown]
    return [each for each in counts if each.sure or (planned and each.exact)]
