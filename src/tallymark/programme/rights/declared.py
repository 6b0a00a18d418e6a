"""What a programme's files declare, as the gate needs it: things with their words, and what counts what.

Works on the raw mapping that the YAML files hold, so that a contract with other mistakes still shows its refusals;
whatever has an unexpected shape is read for its words all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Path = tuple[str | int, ...]
Role = Literal["name", "title", "description", "expression", "other"]

_ROLES: Mapping[str, Role] = {
    "code": "name", "title": "title", "description": "description", "numerator": "expression",
    "denominator": "expression", "denominator_sd": "expression", "denominator_variance": "expression",
    "expect": "expression", "indicator": "expression", "measure": "expression",
    "dataset": "expression", "item": "expression", "where": "expression", "of": "expression",
}  # fmt: skip
# Keys whose values name files, spellings of places, or columns left out on purpose: nothing is declared there.
_SILENT = frozenset(
    {
        "ignore", "aliases", "rows", "changes", "changes_file", "file", "geometry", "geometry_key",
        "tests", "kind", "concerns", "direction", "type", "sensitivity", "interval", "format",
        "layout", "frequency", "level", "period", "units", "contract",
    }
)  # fmt: skip
# Keys whose values are lists or mappings of declared things of their own.
_PARTS = frozenset(
    {"sections", "lines", "deductions", "gates", "bundle", "grades", "columns", "items", "tables", "parts"}
)
_SINGLE_PARTS = frozenset({"bonus", "watch"})
_TEXT_KEYS = frozenset({"en", "zh", "fr"})


@dataclass(frozen=True, slots=True)
class Words:
    """A text that stands in a file."""

    path: Path
    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Thing:
    """One declared thing: where it stands, its own words, and the words of the part it stands in."""

    path: Path
    kind: str
    words: tuple[Words, ...]
    node: Mapping[str, Any]
    context: tuple[Words, ...] = ()

    def of(self, *roles: Role) -> tuple[Words, ...]:
        """The words in these roles."""
        return tuple(word for word in self.words if word.role in roles)


@dataclass(frozen=True, slots=True)
class Declared:
    """All things by section; `scored` is a flat list of everything that is scored, ranked or given out."""

    frame: tuple[Thing, ...]
    datasets: Mapping[str, Thing]
    columns: Mapping[tuple[str, str], Thing]
    items: Mapping[tuple[str, str], Thing]
    sources: tuple[Thing, ...]
    measures: Mapping[str, Thing]
    indicators: Mapping[str, Thing]
    checks: tuple[Thing, ...]
    scored: tuple[Thing, ...]
    spelled: Mapping[tuple[str, str], tuple[Words, ...]] = field(default_factory=dict)
    """(dataset, item or column) → how files that people send spell it."""

    def everything(self) -> Iterator[Thing]:
        """Every declared thing, in no meaningful order."""
        yield from self.frame
        for named in (self.datasets, self.columns, self.items, self.measures, self.indicators):
            yield from named.values()
        yield from self.sources
        yield from self.checks
        yield from self.scored


def declared(raw: Mapping[str, Any]) -> Declared:
    """The things of a raw programme."""
    datasets = _named(raw, "datasets", "dataset")
    known = {
        "datasets",
        "measures",
        "indicators",
        "checks",
        "sources",
        "contracts",
        "allocations",
        "composites",
        "tests",
    }
    frame = [thing for key in raw if key not in known for thing in _walk(raw[key], (str(key),), str(key))]
    sources = [
        t
        for name, node in _mapping(raw.get("sources")).items()
        for t in _walk(node, ("sources", name), "source")
    ]
    return Declared(
        frame=tuple(frame),
        datasets=datasets,
        columns=_inside(datasets, "columns", "column"),
        items=_inside(datasets, "items", "item"),
        sources=tuple(sources),
        measures=_named(raw, "measures", "measure"),
        indicators=_named(raw, "indicators", "indicator"),
        checks=tuple(_named(raw, "checks", "check").values()),
        scored=tuple(_scored(raw)),
        spelled=_spelled(sources),
    )


def _scored(raw: Mapping[str, Any]) -> Iterator[Thing]:
    for name, node in _mapping(raw.get("contracts")).items():
        yield from _walk(node, ("contracts", name), "contract")
    for name, node in _mapping(raw.get("composites")).items():
        yield from _walk(node, ("composites", name), "composite")
    for name, node in _mapping(raw.get("allocations")).items():
        yield from _walk(node, ("allocations", name), "allocation")


def _named(raw: Mapping[str, Any], section: str, kind: str) -> dict[str, Thing]:
    return {name: _thing(node, (section, name), kind) for name, node in _mapping(raw.get(section)).items()}


def _inside(datasets: Mapping[str, Thing], key: str, kind: str) -> dict[tuple[str, str], Thing]:
    return {
        (dataset, name): _thing(node, (*thing.path, key, name), kind)
        for dataset, thing in datasets.items()
        for name, node in _mapping(thing.node.get(key)).items()
    }


def _mapping(node: Any) -> dict[str, Any]:
    return {str(key): value for key, value in node.items()} if isinstance(node, Mapping) else {}


def _thing(node: Any, path: Path, kind: str, context: tuple[Words, ...] = ()) -> Thing:
    own = _mapping(node)
    words = [Words(path, str(path[-1]), "name")] if isinstance(path[-1], str) and len(path) > 1 else []
    if isinstance(node, Mapping):
        for key, value in node.items():
            if str(key) not in _SILENT and not _is_part(str(key), value):
                words.extend(_texts(value, (*path, key), _ROLES.get(str(key), "other"), own_key=str(key)))
    elif node is not None:
        words.extend(_texts(node, path, "other", own_key=""))
    return Thing(path, kind, tuple(words), own, context)


def _is_part(key: str, value: Any) -> bool:
    """Whether a key holds things of their own: a list or mapping of mappings, or one of the two single parts."""
    if key in _SINGLE_PARTS:
        return isinstance(value, Mapping)
    parts = list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else []
    return key in _PARTS and any(isinstance(part, Mapping) for part in parts)


def _texts(value: Any, path: Path, role: Role, *, own_key: str) -> Iterator[Words]:
    """Every text in a value, keys that users chose included."""
    if isinstance(value, str):
        yield Words(path, value, role)
    elif isinstance(value, Mapping):
        bilingual = bool(value) and {str(key) for key in value} <= _TEXT_KEYS
        for key, inner in value.items():
            if not bilingual and own_key in ("things", "classes", "categories", "items", "columns", ""):
                yield Words((*path, key), str(key), "name")
            if str(key) not in _SILENT:
                yield from _texts(inner, (*path, key), role, own_key=own_key)
    elif isinstance(value, (list, tuple)):
        for at, inner in enumerate(value):
            yield from _texts(inner, (*path, at), role, own_key=own_key)


def _walk(node: Any, path: Path, kind: str, context: tuple[Words, ...] = ()) -> Iterator[Thing]:
    """A node and the things inside it: sections, lines, gates, tables…"""
    thing = _thing(node, path, kind, context)
    yield thing
    if not isinstance(node, Mapping):
        return
    inner = thing.of("title") if kind in ("section", "contract") else context
    for key, value in node.items():
        if not _is_part(str(key), value):
            continue
        if str(key) in _SINGLE_PARTS:
            yield from _walk(value, (*path, key), str(key), inner)
            continue
        for at, part in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _walk(part, (*path, key, at), _singular(str(key), kind), inner)


def _singular(key: str, parent: str) -> str:
    if key == "lines":
        return "bonus line" if parent == "bonus" else "line"
    return {"bundle": "strand"}.get(key, key.removesuffix("s"))


def _spelled(sources: Iterable[Thing]) -> dict[tuple[str, str], tuple[Words, ...]]:
    found: dict[tuple[str, str], tuple[Words, ...]] = {}
    for table in sources:
        dataset = str(table.node.get("dataset"))
        for key in ("items", "columns"):
            for spelling, name in _mapping(table.node.get(key)).items():
                words = Words((*table.path, key, spelling), spelling, "name")
                found[dataset, str(name)] = (*found.get((dataset, str(name)), ()), words)
    return found
