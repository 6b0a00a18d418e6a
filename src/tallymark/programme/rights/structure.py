"""What is counted, whatever it is called: from an indicator through its measures to items, columns and conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tallymark.programme.rights.declared import Declared, Path, Thing, Words
from tallymark.programme.rights.expressions import counted, divided_by, names
from tallymark.programme.rights.judge import Hit, Judge
from tallymark.programme.written.figures import SCOREABLE, STATISTICS_ONLY

_SEX = re.compile(r"\b(?:male|males|boy|boys|m|garcons?)\b|男")
_OTHER_SEX = re.compile(r"\b(?:female|females|girl|girls|f|filles?)\b|女")
_SEX_COLUMN = re.compile(r"\bsex\b|\bgender\b|性别", re.IGNORECASE)
# What an item counts when its own words do not say of what.
_GENERIC = re.compile(
    r"[\W\d_]*(?:(?:clients?|users?|cases?|numbers?|totals?|women|men|couples|people|persons|counts?|done|new|value|sum|n|i|of|all)[\W\d_]*)+"
    r"|[a-z]{1,2}\d*|人数|例数|数量?|人次|对象数?|合计|总数|完成数",
    re.IGNORECASE,
)
_KEEPING = re.compile(
    r"regist\w*|records?|certificat\w*|登记[册簿表]?|档案|台账|统计|通报|报告", re.IGNORECASE
)
_PEOPLE = re.compile(
    r"population|residents?|inhabitants|people|women|households?|人口|居民|妇女|户数|人数", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """What one measure counts: the words of its dataset, item, columns and condition; its own title may only support."""

    measure: str
    words: tuple[Words, ...]
    own: tuple[Words, ...]
    filtered: bool


@dataclass(slots=True)
class Structure:
    """Answers about a declared programme's indicators and measures."""

    programme: Declared
    judge: Judge
    _indicators: dict[str, list[Hit]] = field(default_factory=dict)
    _leaves: dict[str, Leaf] = field(default_factory=dict)

    def concern(self, name: str) -> str | None:
        """What the indicator says it concerns."""
        thing = self.programme.indicators.get(name)
        concern = thing.node.get("concerns") if thing else None
        return concern if isinstance(concern, str) else None

    def indicator(self, name: str) -> list[Hit]:
        """What an indicator may not be when it is scored: by its words, or by what it counts."""
        if name not in self._indicators:
            thing = self.programme.indicators[name]
            hits = [*self.judge.scored(thing), *self.judge.anywhere(thing), *self._counts(thing)]
            self._indicators[name] = hits
        return self._indicators[name]

    def measure(self, name: str) -> list[Hit]:
        """What a measure may not be when it is scored by itself."""
        thing = self.programme.measures.get(name)
        hits = [*self.judge.scored(thing), *self.judge.anywhere(thing)] if thing else []
        return [*hits, *self._leaf_hits(self.leaf(name))]

    def any_name(self, name: str) -> list[Hit]:
        """What an indicator or measure may not be when it is scored."""
        return self.indicator(name) if name in self.programme.indicators else self.measure(name)

    def leaf(self, name: str) -> Leaf:
        """What a measure counts; an undeclared one counts what its name says."""
        if name not in self._leaves:
            self._leaves[name] = self._leaf(name)
        return self._leaves[name]

    def _leaf(self, name: str) -> Leaf:
        thing = self.programme.measures.get(name)
        if thing is None:
            return Leaf(name, (Words(("measures", name), name, "name"),), (), False)
        dataset, item = str(thing.node.get("dataset")), str(thing.node.get("item") or "")
        words = [*self._subject(thing, dataset, item)]
        for key in ("where", "of"):
            words.extend(self._condition(thing, dataset, key))
        filtered = isinstance(thing.node.get("where"), str)
        return Leaf(name, tuple(words), thing.of("name", "title"), filtered)

    def is_statistic(self, name: str) -> bool:
        """Whether the indicator says of itself that it is a statistic only."""
        return self.concern(name) in STATISTICS_ONLY

    def claims_service(self, name: str) -> bool:
        """Whether the indicator says that it may be scored."""
        return self.concern(name) in SCOREABLE

    def _subject(self, measure: Thing, dataset: str, item: str) -> Iterator[Words]:
        declared = self.programme.items.get((dataset, item))
        if declared is not None:
            told = (
                *declared.of("name", "title", "description"),
                *self.programme.spelled.get((dataset, item), ()),
            )
            yield from told
            if not all(_GENERIC.fullmatch(word.text) for word in told):
                return
        if item and declared is None:
            yield Words((*measure.path, "item"), item, "name")
        thing = self.programme.datasets.get(dataset)
        if thing is not None:
            # That births stand in a register does not make counting them a service.
            told = thing.of("name", "title", "description")
            yield from (Words(word.path, _KEEPING.sub(" ", word.text), word.role) for word in told)
        else:
            yield Words((*measure.path, "dataset"), dataset, "name")

    def _condition(self, measure: Thing, dataset: str, key: str) -> Iterator[Words]:
        text = measure.node.get(key)
        if not isinstance(text, str):
            return
        yield Words((*measure.path, key), text, "name")
        for name in names(text):
            column = self.programme.columns.get((dataset, name))
            if column is not None:
                yield from column.of("title", "description")
                yield from self.programme.spelled.get((dataset, name), ())

    def _counts(self, thing: Thing) -> list[Hit]:
        over, under = self._sides(thing.node)
        concern = thing.node.get("concerns")
        hits = [hit for leaf in over for hit in (*self._leaf_hits(leaf), *self._own_words(leaf))]
        if concern in ("accuracy", "completeness") and _two_sources(self, over, under):
            hits = [hit for hit in hits if hit.rule != "birth_quota"]
        hits.extend(self.sexes_apart(over, under, (*thing.path, "numerator")))
        hits.extend(self._births_per_people(over, under, (*thing.path, "numerator")))
        if not names(thing.node.get("numerator")) or (over and all(self.people(leaf) for leaf in over)):
            hits.extend(self._upside_down(under, thing.path))
        hits.extend(self._steered(under))
        return hits

    def _sides(self, node: Mapping[str, Any]) -> tuple[list[Leaf], list[Leaf]]:
        over, under = node.get("numerator"), node.get("denominator")
        above = [self.leaf(name) for name in counted(over) if "." not in name]
        below = [*names(under), *divided_by(over)]
        return above, [self.leaf(name) for name in below if "." not in name]

    def _leaf_hits(self, leaf: Leaf) -> list[Hit]:
        hits = [hit for hit in self.judge.counted(leaf.words) if not _only_says_married(hit)]
        if not leaf.filtered:
            return hits
        # A condition on an unnamed column may be the service that the measure's own title names.
        softened = {hit.rule for hit in self.judge.counted(leaf.words, leaf.own)}
        steered = any(hit.rule in ("parity_steering", "conditional_benefit") for hit in hits)
        return [hit for hit in hits if hit.rule != "birth_quota" or hit.rule in softened or steered]

    def _own_words(self, leaf: Leaf) -> list[Hit]:
        thing = self.programme.measures.get(leaf.measure)
        return [*self.judge.scored(thing), *self.judge.anywhere(thing)] if thing else []

    def counts_births(self, leaf: Leaf) -> bool:
        """Whether the measure counts births, under whatever condition."""
        told = (word for word in (*leaf.words, *leaf.own) if word.role != "description")
        return any("births" in self.judge.reader.spoken(word.text) for word in told)

    def sexes_apart(self, over: Iterable[Leaf], under: Iterable[Leaf], path: Path) -> Iterator[Hit]:
        """Births of one sex set against others: a sex ratio, whatever it is called."""
        above = [leaf for leaf in over if self.counts_births(leaf)]
        below = [leaf for leaf in under if self.counts_births(leaf)]
        if above and _sexes(above) != _sexes(below) and (below or _sexes(above)):
            yield Hit("sex_ratio", tuple(leaf.measure for leaf in (*above, *below)), path)

    def people(self, leaf: Leaf) -> bool:
        """Whether the measure is a stock of people, such as a population."""
        thing = self.programme.measures.get(leaf.measure)
        dataset = self.programme.datasets.get(str(thing.node.get("dataset"))) if thing else None
        stock = dataset is not None and dataset.node.get("kind") == "stocks"
        return stock and any(_PEOPLE.search(word.text) for word in leaf.words)

    def _births_per_people(self, over: Iterable[Leaf], under: list[Leaf], path: Path) -> Iterator[Hit]:
        """Births of any kind per head are a birth rate: services to newborns are set against births."""
        if under and all(self.people(leaf) for leaf in under):
            for leaf in over:
                if self.counts_births(leaf):
                    yield Hit("birth_quota", (leaf.measure, *(one.measure for one in under)), path)

    def _upside_down(self, under: Iterable[Leaf], path: Path) -> Iterator[Hit]:
        """People per birth, women per method: the same target, turned over."""
        for leaf in under:
            for hit in self.judge.counted(leaf.words):
                yield Hit(hit.rule, hit.words, (*path, "denominator"))

    def _steered(self, under: Iterable[Leaf]) -> Iterator[Hit]:
        for leaf in under:
            for hit in self.judge.counted(leaf.words):
                if hit.rule in ("parity_steering", "conditional_benefit"):
                    yield hit


def _only_says_married(hit: Hit) -> bool:
    """Whether a title mentions married people without any condition on rows, as survey tables do."""
    return set(hit.concepts) == {"marital"} and not {"where", "columns"} & set(hit.path)


def _sexes(leaves: Iterable[Leaf]) -> frozenset[str]:
    """Which sexes are counted apart; both together are as none."""
    found = set()
    for leaf in leaves:
        text = " ".join(
            re.sub(r"[^\w\u3400-\u9fff]+|_", " ", word.text.lower()) for word in (*leaf.words, *leaf.own)
        )
        sexes = {sex for sex, pattern in (("m", _SEX), ("f", _OTHER_SEX)) if pattern.search(text)}
        conditions = [word.text for word in leaf.words if word.path[-1] == "where"]
        by_code = (
            leaf.filtered
            and not sexes
            and any(_SEX_COLUMN.search(w.text) for w in leaf.words if "columns" in w.path)
        )
        found |= {*sexes, *(conditions if by_code else ())}
    return frozenset(found) if found != {"m", "f"} else frozenset()


def _two_sources(structure: Structure, over: list[Leaf], under: list[Leaf]) -> bool:
    """Whether births of one source are set against births of another, neither of them a plan."""
    told = [word.text for leaf in (*over, *under) for word in (*leaf.words, *leaf.own)]
    planned = any(structure.judge.reader.words("planned", text) for text in told)
    return not planned and any(structure.counts_births(leaf) for leaf in under)
