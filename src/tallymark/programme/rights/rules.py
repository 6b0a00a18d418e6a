"""The declared gate: rules, bases and word lists of `rights.yaml`, compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES_FILE = Path(__file__).parents[1] / "rights.yaml"
_PART = re.compile(r"~(\w+)~")
_SURENESS = ("V", "V-sec", "G", "judgement")


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rule rests on, and how sure that is: V read at the source, V-sec second-hand, G general knowledge."""

    id: str
    short: Mapping[str, str]
    title: str
    sure: str
    source: str

    def __str__(self) -> str:
        return f"{self.id} [{self.sure}] {self.title} ({self.source})"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may not be declared: the concepts that reveal it, what excuses a word, the way out."""

    id: str
    title: Mapping[str, str]
    instead: Mapping[str, str]
    basis: tuple[Basis, ...]
    statistic: str | None
    """What an indicator that counts this concerns; None when there is no such statistic."""
    anywhere: tuple[str, ...]
    """Concepts refused wherever they are declared."""
    scored: tuple[str, ...]
    """Concepts refused in what is scored or claims to be a service."""
    leaf: tuple[str, ...]
    """Concepts refused in what a numerator counts."""
    excused_by: tuple[str, ...]
    but_not: tuple[str, ...]
    firm: tuple[str, ...]
    statutory: tuple[str, ...]

    def template(self, language: str) -> str:
        """The message of a refusal, with places for where and which words."""
        basis = "；" if language == "zh" else "; "
        named = basis.join(one.short[language] for one in self.basis)
        if language == "zh":
            return f"{self.title['zh']}：{{place}}——“{{matched}}”。依据：{named}"
        return f"{self.title['en']}: {{place}} — “{{matched}}”. Basis: {named}"

    @property
    def how_sure(self) -> str:
        """The surest of the bases."""
        return min((basis.sure for basis in self.basis), key=_SURENESS.index)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How words that were run together or misspelt are read."""

    joined: re.Pattern[str]
    parts: re.Pattern[str]
    telling: re.Pattern[str]
    keywords: tuple[str, ...]
    known: frozenset[str]


class Patterns(Mapping[str, re.Pattern[str]]):
    """Patterns by name, each compiled when it is first asked for: most programmes speak of few concepts."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = written
        self._compiled: dict[str, re.Pattern[str]] = {}

    def __getitem__(self, name: str) -> re.Pattern[str]:
        if name not in self._compiled:
            self._compiled[name] = re.compile(self._written[name])
        return self._compiled[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Concepts and permitting words as patterns, one a language."""

    en: Mapping[str, re.Pattern[str]]
    zh: Mapping[str, re.Pattern[str]]
    needs_en: Mapping[str, re.Pattern[str]]
    needs_zh: Mapping[str, frozenset[str]]
    """Concept → words (characters) of which a text must have one before the concept's pattern is worth trying."""
    needing: Mapping[str, tuple[str, ...]]
    """Chinese character → the concepts that need it."""
    blanks: frozenset[str]
    """Concepts whose patterns look for a blanked compound."""
    concepts: tuple[str, ...]
    """What is refused; the other keys permit, or take a permission back."""
    innocent_en: re.Pattern[str]
    innocent_zh: re.Pattern[str]
    spelling: Spelling


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything `rights.yaml` declares."""

    rules: Mapping[str, Rule]
    bases: Mapping[str, Basis]
    lexicon: Lexicon
    anywhere: Mapping[str, tuple[Rule, ...]]
    scored: Mapping[str, tuple[Rule, ...]]
    leaf: Mapping[str, tuple[Rule, ...]]
    """Concept → the rules it breaks, by context."""


@cache
def gate() -> Gate:
    """The gate as shipped; there is one, and no way to ask for another."""
    with RULES_FILE.open(encoding="utf-8") as file:
        written = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    bases = {key: Basis(key, **row) for key, row in written["bases"].items()}
    rules = {key: _rule(key, row, bases) for key, row in written["rules"].items()}
    anywhere: dict[str, tuple[Rule, ...]] = {}
    scored: dict[str, tuple[Rule, ...]] = {}
    leaf: dict[str, tuple[Rule, ...]] = {}
    for rule in rules.values():
        for index, concepts in ((anywhere, rule.anywhere), (scored, rule.scored), (leaf, rule.leaf)):
            for concept in concepts:
                index[concept] = (*index.get(concept, ()), rule)
    return Gate(rules, bases, _lexicon(written), anywhere, scored, leaf)


def _rule(key: str, row: Mapping[str, Any], bases: Mapping[str, Basis]) -> Rule:
    def names(word: str) -> tuple[str, ...]:
        return tuple(row.get(word) or ())

    return Rule(
        id=key,
        title=row["title"],
        instead=row["instead"],
        basis=tuple(bases[b] for b in row["basis"]),
        statistic=row.get("statistic"),
        anywhere=names("anywhere"),
        scored=names("scored"),
        leaf=names("leaf"),
        excused_by=names("excused_by"),
        but_not=names("but_not"),
        firm=names("firm"),
        statutory=names("statutory"),
    )


def _lexicon(written: Mapping[str, Any]) -> Lexicon:
    parts, concepts = written["parts"], written["concepts"]
    words = {**concepts, **written["recognised"], **written["records"], **written["cancelling"]}
    needs_zh = {key: frozenset(row["needs"]["zh"]) for key, row in concepts.items()}
    characters = frozenset().union(*needs_zh.values())
    return Lexicon(
        en=Patterns({key: _english(row["en"], parts) for key, row in words.items()}),
        zh=Patterns({key: _chinese(row["zh"], parts) for key, row in words.items()}),
        needs_en={key: re.compile(row["needs"]["en"]) for key, row in concepts.items()},
        needs_zh=needs_zh,
        needing={c: tuple(key for key, needs in needs_zh.items() if c in needs) for c in characters},
        blanks=frozenset(
            key for key, row in concepts.items() if any("|_" in p or "_ " in p for p in row["en"])
        ),
        concepts=tuple(concepts),
        innocent_en=re.compile(_english(written["innocent"]["en"], parts)),
        innocent_zh=re.compile(_chinese(written["innocent"]["zh"], parts)),
        spelling=_spelling(written["spelling"]),
    )


def _spelling(row: Mapping[str, Any]) -> Spelling:
    either = f"{row['telling']}|{row['joined']}"
    return Spelling(
        joined=re.compile(f"(?:{either})+"),
        parts=re.compile(f"({either})(?=(?:{either})*$)"),
        telling=re.compile(row["telling"]),
        keywords=tuple(row["keywords"]),
        known=frozenset(row["known"]) | frozenset(row["keywords"]),
    )


def _expanded(pattern: str, parts: Mapping[str, str]) -> str:
    while _PART.search(pattern):
        pattern = _PART.sub(lambda match: parts[match.group(1)], pattern)
    return pattern


def _english(patterns: list[str], parts: Mapping[str, str]) -> str:
    return r"\b(?:" + "|".join(_expanded(p, parts) for p in patterns) + r")(?!\w)"


def _chinese(patterns: list[str], parts: Mapping[str, str]) -> str:
    return "|".join(_expanded(p, parts) for p in patterns)
