"""What of a contract or an indicator can be changed in a form, each as one field with the place of its value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tallymark.model.text import Text
from tallymark.programme.rewriting import Add, Drop, Edit, Put
from tallymark_web.words import later

Path_ = tuple[str | int, ...]
CONTRACTS, INDICATORS = "contracts", "indicators"
NEW = "-new"
"""Instead of a name: an indicator that is not there yet."""

LABELS = {
    "title": later("Title"),
    "title.en": later("Title in English"),
    "title.zh": later("Title in Chinese"),
    "description": later("Description"),
    "description.en": later("Description in English"),
    "description.zh": later("Description in Chinese"),
    "points": later("Points"),
    "missing": later("When a figure is missing"),
    "uncertain": later("Which end of the interval earns"),
    "indicator": later("Indicator"),
    "when": later("For whom, or under which condition"),
    "floor": later("Nothing up to"),
    "target": later("All points from"),
    "keep_at": later("All points at or beyond"),
    "out_of": later("Best mark"),
    "each": later("Points for each case"),
    "allowed": later("Cases that cost nothing"),
    "least": later("Never below"),
    "most": later("At most"),
    "bound": later("From"),
    "share": later("Share of the points"),
    "by": later("Last day"),
    "grace_days": later("Days of grace"),
    "late_share": later("Share within the days of grace"),
    "over": later("Improved on"),
    "cap": later("Cap"),
    "commend": later("How many of the best are named"),
    "numerator": later("Numerator"),
    "denominator": later("Denominator"),
    "factor": later("Factor"),
    "unit": later("Unit of measure"),
    "unit.en": later("Unit in English"),
    "unit.zh": later("Unit in Chinese"),
    "decimals": later("Decimals"),
    "direction": later("Which way is better"),
    "concerns": later("What it is about"),
    "interval": later("Interval"),
    "min_completeness": later("Least share of reports"),
    "benchmark": later("Benchmark"),
    "source": later("Where the definition comes from"),
    "legal_reference": later("Law or document"),
    "kind": later("Kind of award"),
    "code": later("Code"),
}
MISSING = ("no_points", "set_aside", "refuse")
UNCERTAIN = ("point", "benefit_of_doubt", "confirmed")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "missing": MISSING,
    "uncertain": UNCERTAIN,
    "direction": ("higher", "lower", "none"),
    "over": ("previous", "last_year", "three_year_mean"),
    "interval": ("none", "wilson", "clopper-pearson", "jeffreys", "ratio", "poisson", "byar"),
}
CHOICE_NAMES = {
    "no_points": later("no points"),
    "set_aside": later("set aside; the other lines count up"),
    "refuse": later("refuse: no total"),
    "point": later("the value itself"),
    "benefit_of_doubt": later("the better end"),
    "confirmed": later("the worse end"),
    "higher": later("higher is better"),
    "lower": later("lower is better"),
    "previous": later("the period before"),
    "last_year": later("last year"),
    "three_year_mean": later("the mean of three years"),
    "partial": later("show what there is"),
    "estimate": later("estimate"),
    "wilson": later("share (Wilson)"),
    "clopper-pearson": later("share (Clopper–Pearson)"),
    "jeffreys": later("share (Jeffreys)"),
    "ratio": later("ratio of two counts"),
    "poisson": later("count (Poisson)"),
    "byar": later("count (Byar)"),
    "none": later("none"),
    "all_or_nothing": later("all or nothing"),
    "proportional": later("in proportion"),
    "bands": later("by steps"),
    "per_incident": later("points off for each case"),
    "checklist": later("checklist"),
    "mark": later("an inspector's mark"),
    "deadline": later("by a day"),
    "improvement": later("improvement"),
}
"""What the files' words for a choice mean."""
OF_CONTRACT = ("title", "description", "points", "missing", "uncertain", "commend")
OF_LINE = ("title", "points", "indicator", "missing", "uncertain", "when")
OF_INDICATOR = (
    "title", "description", "numerator", "denominator", "factor", "unit", "decimals", "direction", "concerns",
    "interval", "missing", "min_completeness", "benchmark", "source", "legal_reference",
)  # fmt: skip
REQUIRED = frozenset({"title", "points", "numerator", "direction", "concerns", "code"})
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Field:
    """One value as a form shows it. `name` is its place, and what the form calls it."""

    path: Path_
    key: str
    value: Any
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The path as one word."""
        return "/".join(map(str, self.path))

    @property
    def text(self) -> str:
        """The value as it stands in its box."""
        return text_of(self.value)

    @property
    def label(self) -> str:
        """What the value is, in words."""
        return str(LABELS[self.key])

    @property
    def number(self) -> bool:
        """Whether it is a number."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)

    @property
    def long(self) -> bool:
        """Whether it needs the whole width."""
        return self.key.partition(".")[0] in ("description", "numerator", "denominator", "when")


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together: a line, a grade, the head of a contract. `path` when it can be taken out."""

    code: str
    title: Any
    fields: tuple[Field, ...]
    path: Path_ | None = None
    kind: str = ""

    @property
    def name(self) -> str:
        """The path as one word; empty for what cannot be taken out."""
        return "/".join(map(str, self.path)) if self.path else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the form: a section with its lines, or the grades. `lines` is where a line can be added."""

    code: str
    title: Any
    groups: tuple[Group, ...]
    lines: Path_ | None = None


def text_of(value: Any) -> str:
    """A value as text: numbers without needless digits, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def value_of(text: str) -> Any:
    """What a box says: a number, a day or a text."""
    if _NUMBER.fullmatch(text):
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    if _DAY.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return text
    return text


def parts_of(sections: Mapping[str, Any], kind: str, name: str) -> list[Part]:
    """The form of a contract or an indicator, from what the files say."""
    declared = sections.get(kind, {}).get(name)
    if not isinstance(declared, Mapping):
        return []
    path: Path_ = (kind, name)
    if kind == INDICATORS:
        fields = tuple(_fields(declared, path, OF_INDICATOR))
        return [Part("head", None, (Group("", _titled(declared), fields),))]
    return list(_contract(declared, path))


def _contract(declared: Mapping[str, Any], path: Path_) -> Iterator[Part]:
    head = Group("", _titled(declared), tuple(_fields(declared, path, OF_CONTRACT)))
    yield Part("head", None, (head,))
    for at, section in enumerate(_listed(declared.get("sections"))):
        place = (*path, "sections", at, "lines")
        lines = [_line(one, (*place, order)) for order, one in enumerate(_listed(section.get("lines")))]
        yield Part(str(section.get("code", at)), _titled(section), tuple(lines), place)
    bonus = declared.get("bonus")
    if isinstance(bonus, Mapping):
        place = (*path, "bonus", "lines")
        cap = Group("", None, (Field((*path, "bonus", "cap"), "cap", bonus.get("cap")),))
        lines = [_line(one, (*place, order)) for order, one in enumerate(_listed(bonus.get("lines")))]
        yield Part("bonus", later("Bonus"), (cap, *lines), place)
    for key, title, keys in (
        ("deductions", later("Deductions"), ("title", "indicator", "each", "most")),
        ("gates", later("Gates"), ("title", "when", "cap")),
        ("grades", later("Grades"), ("title", "bound")),
    ):
        found = [
            Group(
                str(one.get("code", at)),
                _titled(one),
                tuple(_fields(one, (*path, key, at), keys)),
                (*path, key, at) if len(declared[key]) > 1 else None,
            )
            for at, one in enumerate(_listed(declared.get(key)))
        ]
        if found:
            yield Part(key, title, tuple(found))


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _titled(one: Mapping[str, Any]) -> Text:
    """The title as both languages read it."""
    title = one.get("title")
    if isinstance(title, Mapping):
        return Text(
            str(title.get("en") or title.get("zh") or ""), str(title.get("zh") or title.get("en") or "")
        )
    return Text(str(title or one.get("code", "")))


def _line(one: Mapping[str, Any], path: Path_) -> Group:
    award = one.get("award")
    fields = list(_fields(one, path, OF_LINE))
    if isinstance(award, Mapping):
        fields[-3:-3] = _award(award, (*path, "award"))
    return Group(str(one.get("code", "")), _titled(one), tuple(fields), path, _kind(award))


def _kind(award: Any) -> str:
    return str(award.get("kind", "")) if isinstance(award, Mapping) else ""


def _award(award: Mapping[str, Any], path: Path_) -> Iterator[Field]:
    for key, value in award.items():
        if key == "kind":
            continue
        if key == "bands":
            for at, band in enumerate(_listed(value)):
                yield from _fields(band, (*path, "bands", at), ("bound", "share"))
        elif key in LABELS:
            yield Field((*path, key), key, value, CHOICES.get(key, ()))


def _fields(declared: Mapping[str, Any], path: Path_, keys: tuple[str, ...]) -> Iterator[Field]:
    for key in keys:
        value = declared.get(key)
        if key == "when" and "verdict" in declared:
            continue
        if isinstance(value, Mapping):
            for language in ("en", "zh"):
                yield Field((*path, key, language), f"{key}.{language}", value.get(language))
        else:
            choices = CHOICES.get(key, ())
            if key == "missing" and path[0] == INDICATORS:
                choices = ("refuse", "partial", "estimate")
            yield Field((*path, key), key, value, choices)


def edits_of(
    parts: list[Part], said: Mapping[str, str], dropped: list[str], added: Sequence[Edit] = ()
) -> list[Edit]:
    """What a form asks for beside what stands; places that are not in the form are not changed, whoever asks.

    Values first, then what is new, then what is taken out from the end on: places stay right meanwhile.
    """
    puts: list[Edit] = []
    groups = [group for part in parts for group in part.groups]
    gone = sorted((group.path for group in groups if group.name and group.name in dropped and group.path),
                  key=_place, reverse=True)  # fmt: skip
    for field in (field for group in groups if group.path not in gone for field in group.fields):
        text = said.get(field.name)
        if text is None or text.strip().replace("\r\n", "\n") == field.text:
            continue
        text = text.strip().replace("\r\n", "\n")
        if text or field.key in REQUIRED or "." in field.key:
            puts.append(Put(field.path, value_of(text) if "." not in field.key else text))
        else:
            puts.append(Drop(field.path))
    return [*puts, *added, *(Drop(path) for path in gone)]


def _place(path: Path_) -> tuple[str, ...]:
    """Paths in order, entries of a list by number."""
    return tuple(f"{step:06d}" if isinstance(step, int) else step for step in path)


def new_line(parts: list[Part], said: Mapping[str, str]) -> list[Edit]:
    """A line that the form adds; nothing when its code is empty."""
    code = said.get("new.code", "").strip()
    place = next((part.lines for part in parts if part.lines and part.code == said.get("new.section")), None)
    if not code or place is None:
        return []
    award: dict[str, Any] = {"kind": said.get("new.kind", "").strip()}
    for key in ("floor", "target", "keep_at", "out_of", "each", "allowed", "least"):
        if text := said.get(f"new.{key}", "").strip():
            award[key] = value_of(text)
    if bands := said.get("new.bands", "").strip():
        award["bands"] = [
            {"bound": value_of(bound.strip()), "share": value_of(share.strip())}
            for bound, _, share in (pair.partition(":") for pair in bands.split(",") if pair.strip())
        ]
    line: dict[str, Any] = {
        "code": code,
        "title": _both(said, "new"),
        "points": value_of(said.get("new.points", "").strip()),
    }
    if indicator := said.get("new.indicator", "").strip():
        line["indicator"] = indicator
    line["award"] = award
    for key in ("missing", "uncertain"):
        if text := said.get(f"new.{key}", "").strip():
            line[key] = text
    return [Add(place, line)]


def new_indicator(said: Mapping[str, str]) -> tuple[str, list[Edit]]:
    """The name of an indicator that the form declares, and the edit that does."""
    name = said.get("name", "").strip()
    declared: dict[str, Any] = {"title": _both(said, "new")}
    for key in OF_INDICATOR:
        text = said.get(f"new.{key}", "").strip()
        if key not in ("title", "description") and text:
            declared[key] = (
                value_of(text) if key in ("factor", "decimals", "benchmark", "min_completeness") else text
            )
    return name, [Put((INDICATORS, name), declared)]


def _both(said: Mapping[str, str], prefix: str) -> dict[str, str]:
    found = {language: said.get(f"{prefix}.title.{language}", "").strip() for language in ("en", "zh")}
    return {language: text for language, text in found.items() if text}
